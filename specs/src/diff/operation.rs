//! Comparing two operations.

use super::pairs::Operation;
use super::{Differ, DifferenceKind as Kind, Side, below};
use crate::document::library::Place;
use crate::shape::Part;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The parameters of an operation: location, name, the parameter and its place.
type Parameters<'l> = Vec<(&'l str, &'l str, &'l Value, Place)>;

impl<'a, 'b> Differ<'a, 'b> {
    pub(super) fn operation(&mut self, at: &str, left: &Operation<'a>, right: &Operation<'b>) {
        let (ours, theirs) = (
            security(&self.left, left.value),
            security(&self.right, right.value),
        );
        if ours != theirs {
            self.add(&below(at, "security"), Kind::SecurityChanged, ours, theirs);
        }
        self.parameters(&below(at, "parameters"), left, right);
        self.request(&below(at, "request"), left, right);
        self.responses(at, left, right);
        self.callbacks(&below(at, "callbacks"), left, right);
    }

    fn parameters(&mut self, at: &str, left: &Operation<'a>, right: &Operation<'b>) {
        let (ours, theirs) = (parameters(&self.left, left), parameters(&self.right, right));
        let pointer = |location: &str, name: &str| below(&below(at, location), name);
        for (location, name, value, place) in &ours {
            let at = pointer(location, name);
            let same = theirs
                .iter()
                .find(|(l, n, ..)| l == location && same_name(location, n, name));
            let Some((_, _, other, elsewhere)) = same else {
                self.add(
                    &at,
                    Kind::ParameterRemoved,
                    json!({"required": required(value)}),
                    Value::Null,
                );
                continue;
            };
            self.required_flag(&at, value, other);
            if let (Some(l), Some(r)) = (value.get("schema"), other.get("schema")) {
                let (l, r) = (
                    Part::new(l, place.below("schema")),
                    Part::new(r, elsewhere.below("schema")),
                );
                self.schemas(&at, &[l], &[r]);
            }
        }
        for (location, name, value, _) in &theirs {
            if !ours
                .iter()
                .any(|(l, n, ..)| l == location && same_name(location, n, name))
            {
                let said = json!({"required": required(value)});
                self.add(&pointer(location, name), Kind::ParameterAdded, Value::Null, said);
            }
        }
    }

    fn required_flag(&mut self, at: &str, left: &Value, right: &Value) {
        match (required(left), required(right)) {
            (true, false) => self.add(at, Kind::RequiredRemoved, json!(true), json!(false)),
            (false, true) => self.add(at, Kind::RequiredAdded, json!(false), json!(true)),
            _ => {}
        }
    }

    fn request(&mut self, at: &str, left: &Operation<'a>, right: &Operation<'b>) {
        let body = |value: Option<&Value>| json!({"required": value.is_some_and(required)});
        let (ours, theirs) = (left.value.get("requestBody"), right.value.get("requestBody"));
        match (ours, theirs) {
            (None, None) => {}
            (None, right) => self.add(at, Kind::BodyAdded, Value::Null, body(right)),
            (left, None) => self.add(at, Kind::BodyRemoved, body(left), Value::Null),
            (Some(l), Some(r)) => {
                let l = self.left.settle(l, left.place.below("requestBody"));
                let r = self.right.settle(r, right.place.below("requestBody"));
                self.required_flag(at, l.0, r.0);
                self.content(at, (l.0, &l.1), (r.0, &r.1));
            }
        }
    }

    fn responses(&mut self, at: &str, left: &Operation<'a>, right: &Operation<'b>) {
        let statuses = |value: &Value| -> Vec<String> {
            let all = value
                .get("responses")
                .and_then(Value::as_object)
                .into_iter()
                .flat_map(|r| r.keys());
            all.filter(|status| !status.starts_with("x-")).cloned().collect()
        };
        let (ours, theirs) = (statuses(left.value), statuses(right.value));
        for status in &ours {
            let at = below(at, status);
            let found = |value: Option<&'a Value>| value?.get(status);
            let Some(l) = found(left.value.get("responses")) else {
                continue;
            };
            let Some(r) = right.value.get("responses").and_then(|all| all.get(status)) else {
                self.add(&at, Kind::StatusRemoved, json!(status), Value::Null);
                continue;
            };
            let l = self.left.settle(l, left.place.below("responses").below(status));
            let r = self.right.settle(r, right.place.below("responses").below(status));
            self.content(&at, (l.0, &l.1), (r.0, &r.1));
        }
        for status in theirs.iter().filter(|status| !ours.contains(status)) {
            self.add(&below(at, status), Kind::StatusAdded, Value::Null, json!(status));
        }
    }

    fn content(&mut self, at: &str, left: (&'a Value, &Place), right: (&'b Value, &Place)) {
        let types = |value: &Value| -> Vec<String> {
            let all = value
                .get("content")
                .and_then(Value::as_object)
                .into_iter()
                .flat_map(|c| c.keys());
            all.cloned().collect()
        };
        let (ours, theirs) = (types(left.0), types(right.0));
        for name in &ours {
            let at = below(at, name);
            if !theirs.contains(name) {
                self.add(&at, Kind::MediaTypeRemoved, json!(name), Value::Null);
                continue;
            }
            let l = schema_of(left.0, left.1, name);
            let r = schema_of(right.0, right.1, name);
            match (l, r) {
                (Some(l), Some(r)) => self.schemas(&at, &[l], &[r]),
                (None, Some(_)) => self.add(&at, Kind::TypeChanged, json!("any"), json!("described")),
                (Some(_), None) => self.add(&at, Kind::TypeChanged, json!("described"), json!("any")),
                (None, None) => {}
            }
        }
        for name in theirs.iter().filter(|name| !ours.contains(name)) {
            self.add(&below(at, name), Kind::MediaTypeAdded, Value::Null, json!(name));
        }
    }

    fn callbacks(&mut self, at: &str, left: &Operation<'a>, right: &Operation<'b>) {
        let names = |value: &Value| -> BTreeSet<String> {
            let all = value
                .get("callbacks")
                .and_then(Value::as_object)
                .into_iter()
                .flat_map(|c| c.keys());
            all.cloned().collect()
        };
        let (ours, theirs) = (names(left.value), names(right.value));
        for name in ours.difference(&theirs) {
            self.add(&below(at, name), Kind::CallbackRemoved, json!(name), Value::Null);
        }
        for name in theirs.difference(&ours) {
            self.add(&below(at, name), Kind::CallbackAdded, Value::Null, json!(name));
        }
    }
}

fn required(value: &Value) -> bool {
    value.get("required") == Some(&Value::Bool(true))
}

/// Names of headers do not depend on case.
fn same_name(location: &str, left: &str, right: &str) -> bool {
    left == right || (location == "header" && left.eq_ignore_ascii_case(right))
}

fn schema_of<'l>(holder: &'l Value, place: &Place, media_type: &str) -> Option<Part<'l>> {
    let schema = holder.get("content")?.get(media_type)?.get("schema")?;
    let at = place.below("content").below(media_type).below("schema");
    Some(Part::new(schema, at))
}

fn parameters<'l>(side: &Side<'l>, operation: &Operation<'l>) -> Parameters<'l> {
    let mut all: Parameters<'l> = Vec::new();
    let holders = [
        (operation.value, &operation.place),
        (operation.item, &operation.item_place),
    ];
    for (holder, place) in holders {
        let at = place.below("parameters");
        let list = holder
            .get("parameters")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        for (index, parameter) in list.enumerate() {
            let (parameter, place) = side.settle(parameter, at.below(&index.to_string()));
            let text = |name: &str| parameter.get(name).and_then(Value::as_str).unwrap_or_default();
            let (location, name) = (text("in"), text("name"));
            // What an operation says of a parameter replaces what its path says.
            if !all
                .iter()
                .any(|(l, n, ..)| *l == location && same_name(location, n, name))
            {
                all.push((location, name, parameter, place));
            }
        }
    }
    all
}

/// Who may call: each way of authenticating, by kind; scopes included, names and descriptions not.
fn security(side: &Side<'_>, operation: &Value) -> Value {
    let root = side.library.root(0);
    let list = operation.get("security").or_else(|| root.get("security"));
    let ways = list.and_then(Value::as_array).into_iter().flatten();
    let described: Vec<Value> = ways
        .map(|way| {
            let schemes = way.as_object().into_iter().flatten().map(|(name, scopes)| {
                let scheme = root
                    .pointer("/components/securitySchemes")
                    .and_then(|all| all.get(name));
                match scheme {
                    Some(scheme) => {
                        let kept = ["type", "scheme", "in", "name", "openIdConnectUrl"];
                        let rules = kept
                            .iter()
                            .filter_map(|k| Some(((*k).to_owned(), scheme.get(k)?.clone())));
                        let mut rules: serde_json::Map<String, Value> = rules.collect();
                        if scopes.as_array().is_some_and(|s| !s.is_empty()) {
                            rules.insert("scopes".to_owned(), scopes.clone());
                        }
                        Value::Object(rules)
                    }
                    None => json!({"undefined": name}),
                }
            });
            Value::Array(schemes.collect())
        })
        .collect();
    json!(described)
}
