//! The deterministic phase: from an accepted body, bodies that differ from it in one thing each. Every optional
//! member is once present and once absent; every value of an enumeration and every bound is met once.

use super::schema;
use super::{body, runner};
use proptest::num::usize::BinarySearch;
use proptest::strategy::{Strategy, ValueTree};
use serde_json::{Value, json};
use specs::schema::Schema;

/// A body, and in what it differs from the one that it was made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Varied {
    /// JSON pointer of the member.
    pub pointer: String,
    /// What it is, in a few words.
    pub what: String,
    /// The body.
    pub body: Value,
}

/// Texts and lists whose bound is beyond this are not made that long.
const LONGEST: usize = 4096;

/// How deep members are looked into.
const DEPTH: usize = 16;

/// How often a value is drawn until one fits.
const DRAWS: usize = 40;

/// How many simpler values are tried for a member.
const SIMPLER: usize = 200;

/// The values of a member at its bounds, and each of its enumeration; `honest` is what a list is made of.
pub fn values(schema: &Value, honest: Option<&Value>) -> Vec<(String, Value)> {
    let mut values: Vec<(String, Value)> = Vec::new();
    if let Some(listed) = schema.get("enum").and_then(Value::as_array) {
        values.extend(
            listed
                .iter()
                .map(|value| (format!("the value {value}"), value.clone())),
        );
        return values;
    }
    let bound = |name: &str| {
        let bound = schema.get(name).and_then(Value::as_u64);
        bound
            .and_then(|n| usize::try_from(n).ok())
            .filter(|n| *n <= LONGEST)
    };
    let may_be = |kind: &str| match schema.get("type") {
        Some(Value::String(one)) => one == kind,
        Some(Value::Array(kinds)) => kinds.iter().any(|one| one == kind),
        _ => false,
    };
    if may_be("boolean") {
        values.extend([true, false].map(|value| (format!("the value {value}"), json!(value))));
    }
    if may_be("string") && schema.get("pattern").is_none() && schema.get("format").is_none() {
        for (name, what) in [
            ("minLength", "the shortest text"),
            ("maxLength", "the longest text"),
        ] {
            values.extend(bound(name).map(|n| (what.to_owned(), json!("a".repeat(n)))));
        }
    }
    if may_be("integer") || may_be("number") {
        for (name, what) in [
            ("minimum", "the smallest number"),
            ("maximum", "the largest number"),
        ] {
            values.extend(schema.get(name).map(|n| (what.to_owned(), n.clone())));
        }
    }
    if let Some(Value::Array(items)) = honest.filter(|items| *items != &json!([])) {
        for (name, what) in [
            ("minItems", "the shortest list"),
            ("maxItems", "the longest list"),
        ] {
            let list = |n: usize| items.iter().cycle().take(n).cloned().collect::<Value>();
            values.extend(bound(name).map(|n| (what.to_owned(), list(n))));
        }
    }
    if may_be("null") {
        values.push(("null".to_owned(), Value::Null));
    }
    values
}

/// The simplest value of a schema that a strategy for it finds.
pub fn simplest(schema: &Value) -> Option<Value> {
    let compiled = Schema::compile(schema).ok()?;
    let strategy = schema::strategy(schema);
    let mut runner = runner(0, "simplest");
    let mut tree = (0..DRAWS)
        .filter_map(|_| strategy.new_tree(&mut runner).ok())
        .find(|tree| compiled.is_valid(&tree.current()))?;
    let mut found = tree.current();
    for _ in 0..SIMPLER {
        if !tree.simplify() {
            break;
        }
        while !compiled.is_valid(&tree.current()) {
            if !tree.complicate() {
                return Some(found);
            }
        }
        found = tree.current();
    }
    Some(found)
}

/// Every body that differs from an honest one in one thing that its schema names. The schema is flat along it
/// (see [`super::flat`]); whether the whole is valid is for the caller to see.
pub fn covering(schema: &Value, honest: &Value) -> Vec<Varied> {
    let mut found = Vec::new();
    at(schema, honest, "", honest, &mut found);
    found
}

fn at(schema: &Value, value: &Value, pointer: &str, whole: &Value, found: &mut Vec<Varied>) {
    if pointer.matches('/').count() > DEPTH {
        return;
    }
    let mut vary = |pointer: &str, what: String, value: Option<Value>| {
        let mut varied = whole.clone();
        body::set(&mut varied, pointer, value, whole);
        // What was met once need not be met again.
        let known = |earlier: &Varied| earlier.body == varied;
        if varied != *whole && !found.iter().any(known) {
            found.push(Varied {
                pointer: pointer.to_owned(),
                what,
                body: varied,
            });
        }
    };
    if !pointer.is_empty() {
        for (what, value) in values(schema, Some(value)) {
            vary(pointer, what, Some(value));
        }
    }
    let below = |name: &str| format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
    match (value, schema.get("properties").and_then(Value::as_object)) {
        (Value::Object(members), Some(properties)) => {
            let required = schema.get("required").and_then(Value::as_array);
            let is_required = |name: &String| required.is_some_and(|r| r.iter().any(|n| n == name));
            for (name, property) in properties {
                match members.get(name) {
                    None => {
                        if let Some(value) = simplest(property) {
                            vary(&below(name), "present".to_owned(), Some(value));
                        }
                        for (what, value) in values(property, None) {
                            vary(&below(name), what, Some(value));
                        }
                    }
                    Some(_) if !is_required(name) => vary(&below(name), "absent".to_owned(), None),
                    Some(_) => {}
                }
            }
            for (name, value) in members {
                if let Some(property) = properties.get(name) {
                    at(property, value, &below(name), whole, found);
                }
            }
        }
        (Value::Array(items), _) => {
            if let (Some(first), Some(schema)) = (items.first(), schema.get("items")) {
                at(schema, first, &below("0"), whole, found);
            }
        }
        _ => {}
    }
}

/// A body of which one member becomes shorter: a text, a list, or how far a number is from zero.
#[derive(Debug)]
pub struct Shorter {
    varied: Varied,
    size: BinarySearch,
}

impl Shorter {
    /// The body as it is; none where its member is not one that can become shorter.
    pub fn of(varied: Varied) -> Option<Self> {
        let size = match varied.body.pointer(&varied.pointer)? {
            Value::String(text) => text.chars().count(),
            Value::Array(items) => items.len(),
            Value::Number(number) => usize::try_from(number.as_i64()?.unsigned_abs()).ok()?,
            _ => return None,
        };
        let size = BinarySearch::new(size);
        Some(Self { varied, size })
    }
}

impl ValueTree for Shorter {
    type Value = Value;

    fn current(&self) -> Value {
        let mut body = self.varied.body.clone();
        let size = self.size.current();
        match body.pointer_mut(&self.varied.pointer) {
            Some(Value::String(text)) => *text = text.chars().take(size).collect(),
            Some(Value::Array(items)) => items.truncate(size),
            Some(number) => {
                let sign = number.as_i64().unwrap_or_default().signum();
                *number = json!(sign * i64::try_from(size).unwrap_or(i64::MAX));
            }
            None => {}
        }
        body
    }

    fn simplify(&mut self) -> bool {
        self.size.simplify()
    }

    fn complicate(&mut self) -> bool {
        self.size.complicate()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_too_long_becomes_as_short_as_it_still_fails() {
        let shorter = |value: Value| {
            let (pointer, what) = ("/a".to_owned(), "the longest".to_owned());
            let body = json!({"a": value, "b": 1});
            Shorter::of(Varied { pointer, what, body })
        };
        let mut text = shorter(json!("x".repeat(99))).unwrap();
        let fails = async |body: &Value| body["a"].as_str().unwrap().len() > 36;
        let smallest = crate::generate::shrink::smallest(&mut text, 60, |_| true, fails).await;
        assert_eq!(smallest, json!({"a": "x".repeat(37), "b": 1}));
        let mut number = shorter(json!(-900)).unwrap();
        let fails = async |body: &Value| body["a"].as_i64() < Some(-12);
        let smallest = crate::generate::shrink::smallest(&mut number, 60, |_| true, fails).await;
        assert_eq!(smallest["a"], json!(-13));
        assert!(shorter(json!({})).is_none());
    }

    #[test]
    fn each_member_value_and_bound_is_met_once() {
        let schema = json!({"type": "object", "required": ["kind", "name"], "properties": {
            "kind": {"type": "string", "enum": ["a", "b"]},
            "name": {"type": "string", "minLength": 2, "maxLength": 4},
            "note": {"type": "string"},
            "size": {"type": "integer", "minimum": 1, "maximum": 9},
            "tags": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "boolean"}},
            "more": {"type": "object", "required": ["x"], "properties": {"x": {"type": ["integer", "null"]}}},
        }});
        let honest = json!({"kind": "a", "name": "abc", "note": "x", "tags": [true, false]});
        let compiled = Schema::compile(&schema).unwrap();
        let found: Vec<String> = covering(&schema, &honest)
            .into_iter()
            .filter(|varied| compiled.is_valid(&varied.body))
            .map(|v| {
                format!(
                    "{} {} {}",
                    v.pointer,
                    v.what,
                    v.body.pointer(&v.pointer).unwrap_or(&json!("-"))
                )
            })
            .collect();
        let expected = [
            r#"/note absent "-""#,
            "/size present 1",
            "/size the largest number 9",
            r#"/tags absent "-""#,
            r#"/more present {"x":0}"#,
            r#"/kind the value "b" "b""#,
            r#"/name the shortest text "aa""#,
            r#"/name the longest text "aaaa""#,
            "/tags the shortest list [true]",
            "/tags the longest list [true,false,true]",
            "/tags/0 the value false false",
        ];
        for expected in expected {
            assert!(
                found.iter().any(|f| f == expected),
                "{expected} is not among {found:#?}"
            );
        }
        let mut distinct: Vec<&String> = found.iter().collect();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), found.len(), "{found:#?}");
    }
}
