//! Makes a schema stand by itself: references replaced by what they lead to, in the dialect of JSON
//! Schema Draft 4. A schema that contains itself becomes a definition.

use super::DocumentError;
use super::dialect::{self, Member};
use super::graph::Graph;
use super::library::{Library, Place, reference};
use serde_json::{Map, Value, json};
use std::collections::{BTreeSet, HashMap};

/// How many values one schema may hold before references are kept as such.
const MAX_NODES: usize = 200_000;
/// How deep it may nest before references are kept as such.
const MAX_DEPTH: usize = 96;

/// Resolves the schemas of one document.
pub(crate) struct Resolver<'l> {
    library: &'l Library,
    graph: Graph<'l>,
}

impl<'l> Resolver<'l> {
    pub(crate) fn new(library: &'l Library) -> Self {
        Self {
            library,
            graph: Graph::new(library),
        }
    }

    /// The schema at a place, standing by itself.
    pub(crate) fn resolve(&mut self, schema: &'l Value, place: Place) -> Result<Value, DocumentError> {
        let site = place.clone();
        let root = self.graph.add(schema, place)?;
        let inlined = Writer::new(&self.graph, false).write(root);
        let written = inlined.or_else(|TooLarge| Writer::new(&self.graph, true).write(root));
        written.map_err(|TooLarge| {
            self.library.error(
                &site,
                format!("the schema holds more than {MAX_NODES} values when references are followed"),
                "split the schema",
            )
        })
    }
}

/// The schema would be too large in this way of writing it.
struct TooLarge;

/// Writes one schema.
struct Writer<'g, 'l> {
    graph: &'g Graph<'l>,
    /// Whether every reference becomes a definition, not only the recursive ones.
    keep_all: bool,
    names: HashMap<usize, String>,
    taken: BTreeSet<String>,
    pending: Vec<usize>,
    nodes: usize,
}

impl<'g, 'l> Writer<'g, 'l> {
    fn new(graph: &'g Graph<'l>, keep_all: bool) -> Self {
        let (names, taken, pending) = (HashMap::new(), BTreeSet::new(), Vec::new());
        Self {
            graph,
            keep_all,
            names,
            taken,
            pending,
            nodes: 0,
        }
    }

    fn write(mut self, root: usize) -> Result<Value, TooLarge> {
        let node = &self.graph.nodes[root];
        let mut schema = self.schema(node.value, &node.place, 0)?;
        let mut definitions = Map::new();
        while let Some(next) = self.pending.pop() {
            let node = &self.graph.nodes[next];
            let definition = self.schema(node.value, &node.place, 0)?;
            definitions.insert(self.names[&next].clone(), definition);
        }
        definitions.sort_keys();
        if let Value::Object(members) = &mut schema
            && !definitions.is_empty()
        {
            members.insert("definitions".to_owned(), Value::Object(definitions));
        }
        Ok(schema)
    }

    fn schema(&mut self, schema: &Value, place: &Place, depth: usize) -> Result<Value, TooLarge> {
        self.count(1)?;
        if reference(schema).is_some() {
            let Some(target) = self.graph.targets.get(place).copied() else {
                return Ok(json!({}));
            };
            let node = &self.graph.nodes[target];
            if self.keep_all || node.recursive {
                return Ok(json!({"$ref": format!("#/definitions/{}", self.name(target))}));
            }
            return self.schema(node.value, &node.place, depth + 1);
        }
        if depth > MAX_DEPTH && !self.keep_all {
            return Err(TooLarge);
        }
        let mut written = Map::new();
        for (name, member) in schema.as_object().into_iter().flatten() {
            let at = place.below(name);
            let member = match dialect::member(name) {
                None => continue,
                Some(Member::InnerOrBool) if member.is_boolean() => member.clone(),
                Some(Member::Same | Member::Inner | Member::InnerOrBool) => {
                    self.schema(member, &at, depth + 1)?
                }
                Some(Member::SameList) => {
                    let mut schemas = Vec::new();
                    for (index, item) in member.as_array().into_iter().flatten().enumerate() {
                        schemas.push(self.schema(item, &at.below(&index.to_string()), depth + 1)?);
                    }
                    if schemas.is_empty() {
                        continue;
                    }
                    Value::Array(schemas)
                }
                Some(Member::InnerMap) => {
                    let mut schemas = Map::new();
                    for (key, item) in member.as_object().into_iter().flatten() {
                        schemas.insert(key.clone(), self.schema(item, &at.below(key), depth + 1)?);
                    }
                    Value::Object(schemas)
                }
                Some(Member::Type) => draft4_type(member),
                Some(Member::Data(_)) => {
                    self.count(size(member))?;
                    match (name.as_str(), member) {
                        // Draft 4 wants neither empty nor repeated entries here.
                        ("required" | "enum", Value::Array(items)) => Value::Array(distinct(items)),
                        _ => member.clone(),
                    }
                }
            };
            if name == "required" && member.as_array().is_some_and(Vec::is_empty) {
                continue;
            }
            written.insert(name.clone(), member);
        }
        if schema.get("nullable") == Some(&Value::Bool(true)) {
            allow_null(&mut written);
        }
        Ok(Value::Object(written))
    }

    fn count(&mut self, nodes: usize) -> Result<(), TooLarge> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MAX_NODES {
            Err(TooLarge)
        } else {
            Ok(())
        }
    }

    /// The name of a definition, which is thereby due to be written.
    fn name(&mut self, target: usize) -> String {
        if let Some(name) = self.names.get(&target) {
            return name.clone();
        }
        let last = self.graph.nodes[target]
            .place
            .pointer
            .rsplit('/')
            .next()
            .unwrap_or_default();
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() || "_-.".contains(c) {
                c
            } else {
                '_'
            }
        };
        let base: String = if last.is_empty() {
            "root".to_owned()
        } else {
            last.chars().map(plain).collect()
        };
        let mut name = base.clone();
        let mut number = 2;
        while !self.taken.insert(name.clone()) {
            name = format!("{base}-{number}");
            number += 1;
        }
        self.names.insert(target, name.clone());
        self.pending.push(target);
        name
    }
}

/// A type, or the types of a list, with null as a name.
fn draft4_type(member: &Value) -> Value {
    match member {
        Value::Array(types) => {
            let named = types
                .iter()
                .map(|t| if t.is_null() { json!("null") } else { t.clone() });
            Value::Array(distinct(&named.collect::<Vec<_>>()))
        }
        other => other.clone(),
    }
}

/// What `nullable: true` means: null is one of the types, and one of the values.
fn allow_null(schema: &mut Map<String, Value>) {
    match schema.get_mut("type") {
        Some(Value::Array(types)) if !types.contains(&json!("null")) => types.push(json!("null")),
        Some(Value::Array(_)) | None => {}
        Some(single) => *single = json!([single.clone(), "null"]),
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
}

fn distinct(items: &[Value]) -> Vec<Value> {
    let mut kept: Vec<Value> = Vec::with_capacity(items.len());
    let mut seen = BTreeSet::new();
    for item in items {
        if seen.insert(item.to_string()) {
            kept.push(item.clone());
        }
    }
    kept
}

fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(members) => 1 + members.values().map(size).sum::<usize>(),
        _ => 1,
    }
}
