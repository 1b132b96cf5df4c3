//! Any resolved schema as a strategy. What it yields is checked against the compiled schema by its user:
//! where keywords interact in ways that no strategy foresees, a value is drawn again.

use proptest::prelude::*;
use serde_json::{Map, Number, Value, json};

/// How deep generated values nest where the schema sets no bound.
const DEPTH: u32 = 4;

/// A strategy for a resolved schema.
pub fn strategy(schema: &Value) -> BoxedStrategy<Value> {
    of(schema, schema, DEPTH)
}

fn of(schema: &Value, root: &Value, depth: u32) -> BoxedStrategy<Value> {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let target = reference
            .strip_prefix('#')
            .and_then(|pointer| root.pointer(pointer));
        return match target {
            Some(target) if depth > 0 => of(target, root, depth - 1),
            _ => Just(Value::Null).boxed(),
        };
    }
    if let Some(values) = schema
        .get("enum")
        .and_then(Value::as_array)
        .filter(|v| !v.is_empty())
    {
        return proptest::sample::select(values.clone()).boxed();
    }
    for keyword in ["oneOf", "anyOf"] {
        if let Some(branches) = schema
            .get(keyword)
            .and_then(Value::as_array)
            .filter(|b| !b.is_empty())
        {
            let merged: Vec<BoxedStrategy<Value>> = branches
                .iter()
                .map(|branch| of(&merge(schema, branch, keyword), root, depth))
                .collect();
            return proptest::strategy::Union::new(merged).boxed();
        }
    }
    if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
        let merged = parts.iter().fold(without(schema, "allOf"), |whole, part| {
            let part = part
                .get("$ref")
                .and_then(Value::as_str)
                .map_or(part, |reference| {
                    reference
                        .strip_prefix('#')
                        .and_then(|p| root.pointer(p))
                        .unwrap_or(part)
                });
            merge(&whole, part, "")
        });
        return of(&merged, root, depth);
    }
    match kind(schema) {
        "object" => object(schema, root, depth),
        "array" => array(schema, root, depth),
        "string" => string(schema),
        "integer" => integer(schema),
        "number" => number(schema),
        "boolean" => any::<bool>().prop_map(Value::Bool).boxed(),
        "null" => Just(Value::Null).boxed(),
        _ => anything(),
    }
}

/// The type of a schema, as it says or as its keywords suggest.
fn kind(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => kinds.iter().find_map(Value::as_str).unwrap_or(""),
        _ if schema.get("properties").is_some() || schema.get("required").is_some() => "object",
        _ if schema.get("items").is_some() => "array",
        _ if schema.get("pattern").is_some() || schema.get("minLength").is_some() => "string",
        _ if schema.get("minimum").is_some() || schema.get("maximum").is_some() => "number",
        _ => "",
    }
}

fn without(schema: &Value, keyword: &str) -> Value {
    let mut copy = schema.clone();
    if let Value::Object(members) = &mut copy {
        members.shift_remove(keyword);
    }
    copy
}

/// Both schemas in one: properties and required lists are joined, other keywords of the second win.
pub(super) fn merge(left: &Value, right: &Value, drop: &str) -> Value {
    let mut merged = without(left, drop);
    let (Value::Object(whole), Value::Object(part)) = (&mut merged, right) else {
        return right.clone();
    };
    for (name, value) in part {
        match (name.as_str(), whole.get_mut(name)) {
            ("properties", Some(Value::Object(have))) => {
                for (property, schema) in value.as_object().into_iter().flatten() {
                    let joined = have
                        .get(property)
                        .map_or_else(|| schema.clone(), |old| merge(old, schema, ""));
                    have.insert(property.clone(), joined);
                }
            }
            ("required" | "allOf", Some(Value::Array(have))) => {
                have.extend(value.as_array().into_iter().flatten().cloned());
            }
            _ => {
                whole.insert(name.clone(), value.clone());
            }
        }
    }
    merged
}

fn object(schema: &Value, root: &Value, depth: u32) -> BoxedStrategy<Value> {
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let empty = Map::new();
    let properties = schema
        .get("properties")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    if properties.is_empty() && required.is_empty() {
        return small_object();
    }
    let mut members: Vec<BoxedStrategy<Option<(String, Value)>>> = Vec::new();
    for (name, property) in properties {
        let name = name.clone();
        let value = of(property, root, depth.saturating_sub(1));
        if required.contains(&name.as_str()) {
            members.push(value.prop_map(move |v| Some((name.clone(), v))).boxed());
        } else if depth > 0 {
            let optional = proptest::option::weighted(0.4, value);
            members.push(optional.prop_map(move |v| v.map(|v| (name.clone(), v))).boxed());
        }
    }
    for name in required
        .into_iter()
        .filter(|name| !properties.contains_key(*name))
    {
        let name = name.to_owned();
        members.push(anything().prop_map(move |v| Some((name.clone(), v))).boxed());
    }
    members
        .prop_map(|members| Value::Object(members.into_iter().flatten().collect()))
        .boxed()
}

fn array(schema: &Value, root: &Value, depth: u32) -> BoxedStrategy<Value> {
    let bound = |name: &str| {
        schema
            .get(name)
            .and_then(Value::as_u64)
            .and_then(|n| usize::try_from(n).ok())
    };
    let least = bound("minItems").unwrap_or(0).min(64);
    let most = bound("maxItems").unwrap_or(least + 3).clamp(least, least + 16);
    let items = schema
        .get("items")
        .map_or_else(anything, |items| of(items, root, depth.saturating_sub(1)));
    let most = if depth == 0 { least } else { most };
    proptest::collection::vec(items, least..=most)
        .prop_map(Value::Array)
        .boxed()
}

fn string(schema: &Value) -> BoxedStrategy<Value> {
    let text = |name: &str| schema.get(name).and_then(Value::as_str);
    if let Some(pattern) = text("pattern")
        && let Ok(strategy) = proptest::string::string_regex(&unanchored(pattern))
    {
        return strategy.prop_map(Value::String).boxed();
    }
    match text("format") {
        Some("date-time") => {
            return (1990..2035i32, 1..=12u8, 1..=28u8, 0..24u8, 0..60u8)
                .prop_map(|(y, m, d, h, min)| json!(format!("{y:04}-{m:02}-{d:02}T{h:02}:{min:02}:00Z")))
                .boxed();
        }
        Some("date") => {
            return (1930..2035i32, 1..=12u8, 1..=28u8)
                .prop_map(|(y, m, d)| json!(format!("{y:04}-{m:02}-{d:02}")))
                .boxed();
        }
        Some("uri" | "url") => {
            return "https://[a-z]{3,8}\\.example\\.org/[a-z]{0,8}"
                .prop_map(Value::String)
                .boxed();
        }
        Some("email") => {
            return "[a-z]{1,8}@[a-z]{3,8}\\.example\\.org"
                .prop_map(Value::String)
                .boxed();
        }
        Some("uuid") => {
            return "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}"
                .prop_map(Value::String)
                .boxed();
        }
        _ => {}
    }
    let bound = |name: &str| {
        schema
            .get(name)
            .and_then(Value::as_u64)
            .and_then(|n| usize::try_from(n).ok())
    };
    let least = bound("minLength").unwrap_or(0).min(10_000);
    let most = bound("maxLength").unwrap_or(least + 12).clamp(least, least + 120);
    let character = prop_oneof![
        8 => proptest::char::range('a', 'z'),
        2 => proptest::char::range('0', '9'),
        1 => proptest::sample::select(vec!['A', ' ', '-', '_', '.', 'é', '中', 'ق', '"', '\\', '\u{1F33E}']),
    ];
    proptest::collection::vec(character, least..=most)
        .prop_map(|characters| Value::String(characters.into_iter().collect()))
        .boxed()
}

/// A pattern without its anchors: a generated string is matched as a whole anyway.
fn unanchored(pattern: &str) -> String {
    let pattern = pattern.strip_prefix('^').unwrap_or(pattern);
    pattern.strip_suffix('$').unwrap_or(pattern).to_owned()
}

fn integer(schema: &Value) -> BoxedStrategy<Value> {
    let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
    // Bounds beyond 2^53 are no use to a JSON number.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "clamped to the range of exact integers first"
    )]
    let whole = |x: f64| x.clamp(-9e15, 9e15) as i64;
    let exclusive = |name: &str| schema.get(name) == Some(&Value::Bool(true));
    let least = bound("minimum").map_or(0, |x| whole(x.ceil()) + i64::from(exclusive("exclusiveMinimum")));
    let most = bound("maximum").map_or(least.saturating_add(1000), |x| {
        whole(x.floor()) - i64::from(exclusive("exclusiveMaximum"))
    });
    let step = bound("multipleOf").map_or(1, whole).max(1);
    let (low, high) = (least.div_euclid(step), most.max(least).div_euclid(step));
    let low = if low * step < least { low + 1 } else { low };
    (low..=high.max(low)).prop_map(move |n| json!(n * step)).boxed()
}

fn number(schema: &Value) -> BoxedStrategy<Value> {
    let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
    let least = bound("minimum").unwrap_or(0.0);
    let most = bound("maximum").unwrap_or(least + 1000.0).max(least);
    (0..=100u32)
        .prop_map(move |share| {
            let x = least + (most - least) * f64::from(share) / 100.0;
            Number::from_f64(x).map_or(json!(0), Value::Number)
        })
        .boxed()
}

/// A small object such as a deployment might add.
pub fn small_object() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        "[a-z]{0,6}".prop_map(Value::String),
        (0..100i32).prop_map(|n| json!(n)),
        any::<bool>().prop_map(Value::Bool),
    ];
    proptest::collection::vec(("[a-z]{1,6}", leaf), 0..3)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
        .boxed()
}

fn anything() -> BoxedStrategy<Value> {
    prop_oneof![
        "[a-z]{0,6}".prop_map(Value::String),
        (0..100i32).prop_map(|n| json!(n)),
        any::<bool>().prop_map(Value::Bool),
        small_object(),
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
