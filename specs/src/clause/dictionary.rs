//! The record dictionary as a graph: which component holds which members, and which of them are records
//! of other components.

use crate::document::Document;
use indexmap::IndexMap;
use serde_json::{Map, Value, json};
use std::sync::OnceLock;

/// The record dictionary.
pub(super) const DOCUMENT: &str = "dci-records.yaml";

/// One component.
#[derive(Debug, Default)]
pub(super) struct Component {
    /// A schema of its own members alone: where a record of another component stands, any object will do.
    pub(super) schema: Value,
    /// The components whose members it has too.
    pub(super) parents: Vec<String>,
    /// Generalised pointer → the component whose record stands there.
    pub(super) children: Vec<(String, String)>,
}

/// Component → what it holds.
pub(super) type Dictionary = IndexMap<String, Component>;

/// The dictionary that is built in.
pub(super) fn bundled() -> &'static Dictionary {
    static READ: OnceLock<Dictionary> = OnceLock::new();
    READ.get_or_init(|| {
        let document = Document::bundled(DOCUMENT).expect("a test loads the dictionary");
        let names: Vec<&str> = document.component_names().collect();
        let components = names
            .iter()
            .filter(|name| is_record(&document, name))
            .map(|name| ((*name).to_owned(), component(&document, name)));
        components.collect()
    })
}

/// A component as the document writes it.
fn written<'d>(document: &'d Document, name: &str) -> &'d Value {
    document
        .value()
        .pointer("/components/schemas")
        .and_then(|schemas| schemas.get(name))
        .unwrap_or(&Value::Null)
}

fn is_record(document: &Document, name: &str) -> bool {
    let schema = written(document, name);
    schema.get("properties").is_some() || schema.get("allOf").is_some()
}

/// The component that a reference leads to.
fn target(schema: &Value) -> Option<&str> {
    schema
        .get("$ref")?
        .as_str()?
        .strip_prefix("#/components/schemas/")
}

fn component(document: &Document, name: &str) -> Component {
    let mut component = Component::default();
    let mut properties = Map::new();
    let mut required = Vec::new();
    let schema = written(document, name);
    let mut parts = vec![schema];
    parts.extend(
        schema
            .get("allOf")
            .and_then(Value::as_array)
            .into_iter()
            .flatten(),
    );
    for part in parts {
        component.parents.extend(target(part).map(str::to_owned));
        for (member, schema) in part
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let pointer = format!("/{}", member.replace('~', "~0").replace('/', "~1"));
            let own = own(document, schema, &pointer, &mut component.children);
            properties.insert(member.clone(), own);
        }
        required.extend(
            part.get("required")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .cloned(),
        );
    }
    component.schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        component.schema["required"] = Value::Array(required);
    }
    component
}

/// A member's schema, with any object in the place of a record of a component.
fn own(document: &Document, schema: &Value, pointer: &str, children: &mut Vec<(String, String)>) -> Value {
    if let Some(name) = target(schema) {
        if is_record(document, name) {
            children.push((pointer.to_owned(), name.to_owned()));
            return json!({"type": "object"});
        }
        return own(document, written(document, name), pointer, children);
    }
    match schema {
        Value::Object(members) => members
            .iter()
            .map(|(keyword, value)| {
                let value = match (keyword.as_str(), value) {
                    ("items", items) => own(document, items, &format!("{pointer}/[]"), children),
                    ("anyOf" | "oneOf", Value::Array(branches)) => branches
                        .iter()
                        .map(|branch| own(document, branch, pointer, children))
                        .collect(),
                    (_, value) => value.clone(),
                };
                (keyword.clone(), value)
            })
            .collect(),
        other => other.clone(),
    }
}

/// A component and those whose members it has.
pub(super) fn lineage(name: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    let mut waiting = vec![name.to_owned()];
    while let Some(name) = waiting.pop() {
        if let Some((_, known, component)) = bundled().get_full(&name)
            && !found.contains(&known.as_str())
        {
            found.push(known.as_str());
            waiting.extend(component.parents.iter().cloned());
        }
    }
    found
}

/// Every component whose record can stand within a record of this one, itself included.
pub(super) fn reachable(root: &str) -> Vec<&'static str> {
    let mut found: Vec<&'static str> = Vec::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(name) = waiting.pop() {
        for component in lineage(&name) {
            if !found.contains(&component) {
                found.push(component);
                waiting.extend(
                    bundled()[component]
                        .children
                        .iter()
                        .map(|(_, child)| child.clone()),
                );
            }
        }
    }
    found
}
