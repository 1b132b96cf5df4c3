//! Any resolved schema as a strategy. Where keywords interact in ways that no strategy foresees, a value is
//! drawn again until it fits; what it yields is checked once more against the whole schema by its user.

mod fitting;
mod merge;
mod number;
mod object;
mod text;

pub(super) use merge::merge;
pub use object::small_object;

use fitting::fitting;
use proptest::prelude::*;
use proptest::strategy::Union;
use serde_json::{Value, json};

/// How deep optional members nest.
const DEPTH: u32 = 4;

/// How many references are followed one within the other; only schemas that contain themselves keep any.
const REFERENCES: u32 = 6;

/// How much further a value may grow.
#[derive(Debug, Clone, Copy)]
struct Room<'s> {
    /// What references lead into.
    root: &'s Value,
    depth: u32,
    references: u32,
}

impl Room<'_> {
    /// The room within a member or an item.
    fn below(self) -> Self {
        Self {
            depth: self.depth.saturating_sub(1),
            ..self
        }
    }

    /// The room behind the references among these schemas; none where enough have been followed.
    fn for_all(self, schemas: &[Value]) -> Option<Self> {
        if schemas.iter().all(|schema| reference(schema).is_none()) {
            return Some(self);
        }
        let references = self.references.checked_sub(1)?;
        Some(Self { references, ..self })
    }

    fn is_full(self) -> bool {
        self.depth == 0
    }
}

/// A strategy for a resolved schema.
pub fn strategy(schema: &Value) -> BoxedStrategy<Value> {
    let room = Room {
        root: schema,
        depth: DEPTH,
        references: REFERENCES,
    };
    of(schema, room)
}

fn of(schema: &Value, room: Room<'_>) -> BoxedStrategy<Value> {
    if let Some(reference) = reference(schema) {
        let target = target(reference, room);
        return match target {
            Some(target) if room.references > 0 => {
                let references = room.references - 1;
                of(target, Room { references, ..room })
            }
            _ => Just(Value::Null).boxed(),
        };
    }
    let strategy = plain(schema, room);
    if needs_fitting(schema) {
        return fitting(strategy, schema, room.root);
    }
    strategy
}

/// A strategy by the keywords that say how a value is made.
fn plain(schema: &Value, room: Room<'_>) -> BoxedStrategy<Value> {
    // Alternatives first: a part may have some of its own.
    for keyword in ["oneOf", "anyOf"] {
        let Some(branches) = list(schema, keyword) else {
            continue;
        };
        // What contains itself has to end somewhere.
        let ends = |branch: &&Value| reference(branch).is_none();
        let ending: Vec<&Value> = branches.iter().filter(ends).collect();
        let chosen = if room.is_full() && !ending.is_empty() {
            ending
        } else {
            branches.iter().collect()
        };
        let merged = chosen.into_iter().filter_map(|branch| {
            let room = room.for_all(std::slice::from_ref(branch))?;
            Some(of(&merge(schema, followed(branch, room), keyword), room))
        });
        let merged: Vec<BoxedStrategy<Value>> = merged.collect();
        if merged.is_empty() {
            return Just(Value::Null).boxed();
        }
        return Union::new(merged).boxed();
    }
    if let Some(parts) = list(schema, "allOf") {
        let Some(room) = room.for_all(parts) else {
            return Just(Value::Null).boxed();
        };
        let whole = merge::without(schema, "allOf");
        let merged = parts
            .iter()
            .fold(whole, |whole, part| merge(&whole, followed(part, room), ""));
        return of(&merged, room);
    }
    if let Some(values) = list(schema, "enum") {
        return proptest::sample::select(values.clone()).boxed();
    }
    let kinds = kinds(schema);
    if kinds.is_empty() {
        return anything();
    }
    Union::new(kinds.into_iter().map(|kind| of_kind(kind, schema, room))).boxed()
}

fn of_kind(kind: &str, schema: &Value, room: Room<'_>) -> BoxedStrategy<Value> {
    match kind {
        "object" => object::object(schema, room),
        "array" => array(schema, room),
        "string" => text::text(schema),
        "integer" => number::integer(schema),
        "number" => number::number(schema),
        "boolean" => any::<bool>().prop_map(Value::Bool).boxed(),
        _ => Just(Value::Null).boxed(),
    }
}

fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref").and_then(Value::as_str)
}

fn target<'s>(reference: &str, room: Room<'s>) -> Option<&'s Value> {
    let pointer = reference.strip_prefix('#')?;
    room.root.pointer(pointer)
}

/// The schema that a branch or a part leads to.
fn followed<'b>(branch: &'b Value, room: Room<'b>) -> &'b Value {
    let mut found = branch;
    for _ in 0..REFERENCES {
        match reference(found).and_then(|reference| target(reference, room)) {
            Some(target) => found = target,
            None => break,
        }
    }
    found
}

fn list<'s>(schema: &'s Value, keyword: &str) -> Option<&'s Vec<Value>> {
    let list = schema.get(keyword).and_then(Value::as_array);
    list.filter(|list| !list.is_empty())
}

/// A bound that is a count.
fn count(schema: &Value, name: &str) -> Option<usize> {
    let bound = schema.get(name).and_then(Value::as_u64);
    bound.and_then(|n| usize::try_from(n).ok())
}

/// Whether keywords stand together of which the strategies heed only some.
fn needs_fitting(schema: &Value) -> bool {
    let has = |name: &str| schema.get(name).is_some();
    let alone = [
        "not",
        "oneOf",
        "uniqueItems",
        "minProperties",
        "maxProperties",
        "multipleOf",
    ];
    let bounded = ["minLength", "maxLength"].iter().any(|name| has(name));
    let exclusive = ["exclusiveMinimum", "exclusiveMaximum"]
        .iter()
        .any(|name| has(name));
    let alternatives = has("anyOf") || has("allOf");
    let enumerated = has("enum") && schema.as_object().is_some_and(|members| members.len() > 2);
    alone.iter().any(|name| has(name))
        || exclusive
        || alternatives
        || enumerated
        || (bounded && (has("pattern") || has("format")))
        || (has("pattern") && has("format"))
}

/// The types of a schema, as it says or as its keywords suggest.
fn kinds(schema: &Value) -> Vec<&str> {
    let has = |names: &[&str]| names.iter().any(|name| schema.get(name).is_some());
    match schema.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ if has(&["properties", "required", "additionalProperties", "minProperties"]) => vec!["object"],
        _ if has(&["items", "minItems", "maxItems", "uniqueItems"]) => vec!["array"],
        _ if has(&["pattern", "minLength", "maxLength", "format"]) => vec!["string"],
        _ if has(&["minimum", "maximum", "multipleOf"]) => vec!["number"],
        _ => Vec::new(),
    }
}

fn array(schema: &Value, room: Room<'_>) -> BoxedStrategy<Value> {
    let least = count(schema, "minItems").unwrap_or(0).min(64);
    let most = count(schema, "maxItems")
        .unwrap_or(least + 3)
        .clamp(least, least + 16);
    let most = if room.is_full() { least } else { most };
    if most == 0 {
        return Just(json!([])).boxed();
    }
    let items = schema
        .get("items")
        .map_or_else(anything, |items| of(items, room.below()));
    if schema.get("uniqueItems") != Some(&Value::Bool(true)) {
        let items = proptest::collection::vec(items, least..=most);
        return items.prop_map(Value::Array).boxed();
    }
    // More than wanted, since those that are drawn twice count once.
    proptest::collection::vec(items, least * 3..=most * 3)
        .prop_map(move |items| {
            let mut unique: Vec<Value> = Vec::new();
            for item in items {
                if unique.len() < most && !unique.contains(&item) {
                    unique.push(item);
                }
            }
            Value::Array(unique)
        })
        .boxed()
}

/// A value about which nothing is said.
fn anything() -> BoxedStrategy<Value> {
    prop_oneof![
        4 => "[a-z]{0,6}".prop_map(Value::String),
        2 => (0..100i32).prop_map(|n| json!(n)),
        2 => any::<bool>().prop_map(Value::Bool),
        2 => small_object(),
        1 => proptest::collection::vec((0..9i32).prop_map(|n| json!(n)), 0..3).prop_map(Value::Array),
    ]
    .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::runner;
    use proptest::strategy::ValueTree;
    use specs::schema::Schema;

    fn mostly_valid(schema: &Value) {
        let compiled = Schema::compile(schema).unwrap();
        let mut runner = runner(1, "test");
        let strategy = strategy(schema);
        for _ in 0..200 {
            let value = strategy.new_tree(&mut runner).unwrap().current();
            assert!(compiled.is_valid(&value), "{value} is not valid by {schema}");
        }
    }

    #[test]
    fn what_is_generated_is_valid() {
        mostly_valid(&json!({"type": "string", "pattern": "^[a-z]{3,3}$"}));
        mostly_valid(&json!({"type": "integer", "minimum": 5, "maximum": 9}));
        mostly_valid(&json!({"type": "integer", "minimum": 5, "exclusiveMinimum": true, "multipleOf": 3}));
        mostly_valid(&json!({"type": "string", "format": "date-time"}));
        mostly_valid(&json!({"type": "array", "minItems": 2, "items": {"type": "number", "minimum": 1}}));
        mostly_valid(&json!({"allOf": [
            {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}},
            {"properties": {"a": {"enum": ["x", "y"]}}, "required": ["b"]},
        ]}));
        mostly_valid(
            &json!({"type": "object", "required": ["k"], "properties": {"k": {"type": "string"}},
            "oneOf": [{"properties": {"k": {"enum": ["x"]}}}, {"properties": {"k": {"enum": ["y"]}}}]}),
        );
    }

    #[test]
    fn keywords_that_stand_together_are_all_heeded() {
        let text = json!({"type": "string"});
        for schema in [
            json!({"type": ["string", "null"], "maxLength": 2}),
            json!({"type": "string", "pattern": "^\\d{1,9}$", "minLength": 5, "maxLength": 6}),
            json!({"type": "string", "pattern": "^(a+|b+)$|^[\\w-]{3}$"}),
            json!({"type": "string", "pattern": "x", "maxLength": 3}),
            json!({"type": "string", "not": {"enum": ["a", "b"]}, "maxLength": 1}),
            json!({"not": {"type": "object"}}),
            json!({"type": "integer", "maximum": -5}),
            json!({"type": "number", "minimum": 1, "exclusiveMinimum": true, "maximum": 2}),
            json!({"type": "number", "multipleOf": 0.25, "minimum": 3, "maximum": 4}),
            json!({"type": "array", "uniqueItems": true, "minItems": 3, "items": {"enum": [1, 2, 3, 4]}}),
            json!({"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 2}),
            json!({"type": "object", "maxProperties": 1, "properties": {"a": text, "b": text, "c": text}}),
            json!({"oneOf": [{"type": "integer"}, {"type": "number", "minimum": 500}]}),
            json!({"anyOf": [{"required": ["a"]}, {"required": ["b"]}], "type": "object",
                "properties": {"a": text, "b": text}, "additionalProperties": false}),
            json!({"allOf": [{"type": "integer", "minimum": 3}, {"minimum": 5, "maximum": 20}, {"maximum": 7}]}),
            json!({"allOf": [{"enum": ["a", "b"]}, {"enum": ["b", "c"]}]}),
            json!({"allOf": [{"anyOf": [{"type": "string"}, {"type": "integer"}]},
                {"anyOf": [{"type": "integer"}, {"type": "boolean"}]}]}),
            json!({"type": "string", "format": "ipv4"}),
            json!({"type": "string", "format": "ipv6"}),
            json!({"type": "string", "format": "hostname"}),
            json!({"type": "string", "format": "email", "maxLength": 24}),
            json!({"type": "string", "format": "uuid"}),
            json!({"oneOf": [{"$ref": "#/definitions/a"}, {"$ref": "#/definitions/b"}], "required": ["k"],
                "definitions": {
                    "a": {"type": "object", "required": ["x"], "properties": {"x": text, "k": {"enum": [1]}}},
                    "b": {"$ref": "#/definitions/c"},
                    "c": {"type": "object", "properties": {"k": {"enum": [2]}}}}}),
            json!({"$ref": "#/definitions/t", "definitions": {"t": {"type": "object", "required": ["op"],
                "properties": {"op": {"type": "string"}, "not": {"$ref": "#/definitions/t"},
                    "all": {"type": "array", "items": {"$ref": "#/definitions/t"}}}}}}),
        ] {
            mostly_valid(&schema);
        }
    }

    #[test]
    fn a_recursive_schema_ends() {
        let tree = json!({"$ref": "#/definitions/t", "definitions": {"t": {"type": "object", "properties": {
            "children": {"type": "array", "items": {"$ref": "#/definitions/t"}}}}}});
        let value = strategy(&tree)
            .new_tree(&mut runner(1, "tree"))
            .unwrap()
            .current();
        assert!(value.is_object());
    }
}
