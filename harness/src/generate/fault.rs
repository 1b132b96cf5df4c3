//! Requests with one fault: named operators, one for each keyword of the schema at each member.

use super::schema::merge;
use proptest::prelude::*;
use serde_json::{Value, json};
use specs::schema::Schema;
use std::borrow::Cow;

/// One way to spoil one member.
#[derive(Debug, Clone)]
pub struct Fault {
    /// JSON pointer of the member.
    pub pointer: String,
    /// The schema keyword that is violated.
    pub rule: &'static str,
    /// What is done, in a few words: `a digit for a letter`.
    pub operator: String,
    /// What an honest request holds there.
    pub honest: Option<Value>,
    /// What to put there instead; `None` leaves the member out.
    pub values: BoxedStrategy<Option<Value>>,
}

/// Every fault that the schema names for the members of an honest body.
pub fn faults(schema: &Schema, honest: &Value) -> Vec<Fault> {
    faults_of(schema.value(), honest)
}

/// The same for a schema that need not stand by itself.
pub fn faults_of(schema: &Value, honest: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    at(schema, honest, "", &mut faults);
    faults
}

fn at(schema: &Value, honest: &Value, pointer: &str, faults: &mut Vec<Fault>) {
    let schema = &*branch(schema, honest);
    let mut add = |rule: &'static str, operator: &str, values: BoxedStrategy<Option<Value>>| {
        faults.push(Fault {
            pointer: pointer.to_owned(),
            rule,
            operator: operator.to_owned(),
            honest: Some(honest.clone()),
            values,
        });
    };
    if !pointer.is_empty() {
        own(schema, honest, &mut add);
    }
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    match honest {
        Value::Object(members) => {
            for (name, value) in members {
                let below = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                if required.contains(&name.as_str()) {
                    faults.push(Fault {
                        pointer: below.clone(),
                        rule: "required",
                        operator: "the member left out".to_owned(),
                        honest: Some(value.clone()),
                        values: Just(None).boxed(),
                    });
                }
                if let Some(property) =
                    schema.pointer(&format!("/properties/{}", &below[pointer.len() + 1..]))
                {
                    at(property, value, &below, faults);
                }
            }
        }
        Value::Array(items) => {
            if let (Some(first), Some(schema)) = (items.first(), schema.get("items")) {
                at(schema, first, &format!("{pointer}/0"), faults);
            }
        }
        _ => {}
    }
}

/// The branch of an alternative that the honest value follows, with what holds beside the alternative.
fn branch<'a>(schema: &'a Value, honest: &Value) -> Cow<'a, Value> {
    for keyword in ["oneOf", "anyOf"] {
        let branches = schema.get(keyword).and_then(Value::as_array);
        let fitting = branches.into_iter().flatten().find(|branch| {
            branch
                .get("required")
                .is_none_or(|_| branch.get("properties").is_some())
                && Schema::compile(branch).is_ok_and(|compiled| compiled.is_valid(honest))
        });
        let Some(fitting) = fitting else { continue };
        if schema.get("properties").is_none() {
            return Cow::Borrowed(branch_of_many(schema, fitting));
        }
        if fitting.get("properties").is_some() {
            return Cow::Owned(merge(schema, fitting, ""));
        }
    }
    Cow::Borrowed(schema)
}

/// A scalar alternative (text or number) is not narrowed: a fault must miss all of its branches.
fn branch_of_many<'a>(schema: &'a Value, fitting: &'a Value) -> &'a Value {
    if fitting.get("properties").is_some() || fitting.get("items").is_some() {
        fitting
    } else {
        schema
    }
}

/// The faults of one member by the keywords of its own schema.
fn own(
    schema: &Value,
    honest: &Value,
    add: &mut impl FnMut(&'static str, &str, BoxedStrategy<Option<Value>>),
) {
    let kinds = kinds(schema);
    if !kinds.is_empty() {
        for (name, values) in wrong_types(&kinds) {
            add(
                "type",
                &format!("{name} where {} is expected", kinds.join(" or ")),
                values,
            );
        }
    }
    if schema.get("enum").is_some() {
        add(
            "enum",
            "a value outside the list",
            some("dcx-[a-z]{1,6}".prop_map(Value::String)),
        );
    }
    let text = honest.as_str().unwrap_or_default();
    if schema.get("pattern").is_some() && !text.is_empty() && !text.starts_with("${") {
        for (name, values) in spoilt_text(text) {
            add("pattern", name, values);
        }
    } else if pattern_within(schema) {
        add(
            "pattern",
            "text that is no number",
            some("[a-z]{1,6}".prop_map(Value::String)),
        );
        add(
            "pattern",
            "a fraction",
            some((1..9u32).prop_map(|n| json!(format!("{n}.5")))),
        );
    }
    if schema.get("format").and_then(Value::as_str) == Some("date-time") {
        add(
            "format",
            "a time without a zone",
            some((1990..2030u32).prop_map(|y| json!(format!("{y}-01-01T00:00:00")))),
        );
        add(
            "format",
            "a date without a time",
            some((1990..2030u32).prop_map(|y| json!(format!("{y}-01-01")))),
        );
        add(
            "format",
            "a month that does not exist",
            some((13..20u32).prop_map(|m| json!(format!("2024-{m}-01T00:00:00Z")))),
        );
        add(
            "format",
            "text that is no time",
            some("[a-z]{1,6}".prop_map(Value::String)),
        );
    }
    // A value of several types may be bounded as one of them.
    let branches = || {
        schema
            .get("anyOf")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    let bound = |name: &str| {
        let bound = |schema: &Value| schema.get(name).and_then(Value::as_i64);
        bound(schema).or_else(|| branches().find_map(bound))
    };
    if bound("minLength").is_some_and(|n| n > 0) {
        add("minLength", "an empty text", some(Just(json!(""))));
    }
    if let Some(most) = bound("maxLength")
        .and_then(|n| usize::try_from(n).ok())
        .filter(|n| *n < 100_000)
    {
        add(
            "maxLength",
            "a text that is too long",
            some((1..20usize).prop_map(move |n| json!("a".repeat(most + n)))),
        );
    }
    if let Some(least) = bound("minimum") {
        add(
            "minimum",
            "a number that is too small",
            some((1..100i64).prop_map(move |n| json!(least - n))),
        );
    }
    if let Some(most) = bound("maximum") {
        add(
            "maximum",
            "a number that is too large",
            some((1..100i64).prop_map(move |n| json!(most + n))),
        );
    }
    if bound("minItems").is_some_and(|n| n > 0) {
        add("minItems", "an empty list", some(Just(json!([]))));
    }
}

fn some(values: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Option<Value>> {
    values.prop_map(Some).boxed()
}

/// The JSON types that a schema admits, where it says.
fn kinds(schema: &Value) -> Vec<&str> {
    let own = |schema: &'_ Value| match schema.get("type") {
        Some(Value::String(kind)) => vec![kind.clone()],
        Some(Value::Array(kinds)) => kinds
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    };
    let mut found = own(schema);
    for keyword in ["oneOf", "anyOf"] {
        for branch in schema
            .get(keyword)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let kinds = own(branch);
            if kinds.is_empty() && branch.get("required").is_none() {
                return Vec::new();
            }
            found.extend(kinds);
        }
    }
    let known = [
        "object", "array", "string", "integer", "number", "boolean", "null",
    ];
    known
        .into_iter()
        .filter(|kind| found.iter().any(|k| k == kind))
        .collect()
}

/// Values of the types that a schema does not admit.
fn wrong_types(kinds: &[&str]) -> Vec<(&'static str, BoxedStrategy<Option<Value>>)> {
    let has = |kind: &str| kinds.contains(&kind);
    let mut wrong: Vec<(&'static str, BoxedStrategy<Option<Value>>)> = Vec::new();
    if !has("integer") && !has("number") {
        wrong.push(("a number", some((0..100u32).prop_map(|n| json!(n)))));
    }
    if !has("string") {
        wrong.push(("a text", some("[a-z]{1,6}".prop_map(Value::String))));
    }
    if !has("boolean") {
        wrong.push(("a boolean", some(any::<bool>().prop_map(Value::Bool))));
    }
    if !has("array") {
        wrong.push(("a list", some(Just(json!([])))));
    }
    if !has("object") {
        wrong.push(("an object", some(Just(json!({})))));
    }
    if !has("null") {
        wrong.push(("null", some(Just(Value::Null))));
    }
    wrong
}

/// Whether one of several scalar branches has a pattern.
fn pattern_within(schema: &Value) -> bool {
    schema
        .get("anyOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .any(|b| b.get("pattern").is_some())
}

/// Texts that are almost the honest one.
fn spoilt_text(honest: &str) -> Vec<(&'static str, BoxedStrategy<Option<Value>>)> {
    let characters: Vec<char> = honest.chars().collect();
    let n = characters.len();
    let at_each = |replace: fn(char, u32) -> char| {
        let characters = characters.clone();
        some((0..n, 0..10u32).prop_map(move |(i, k)| {
            let mut spoilt = characters.clone();
            spoilt[i] = replace(spoilt[i], k);
            Value::String(spoilt.into_iter().collect())
        }))
    };
    let shorter: String = characters[..n - 1].iter().collect();
    let longer = honest.to_owned();
    vec![
        (
            "a digit for a letter",
            at_each(|_, k| char::from_digit(k, 10).unwrap_or('0')),
        ),
        (
            "a capital for a small letter",
            at_each(|c, _| c.to_ascii_uppercase()),
        ),
        ("a letter beyond ASCII", at_each(|_, _| 'é')),
        ("one character too few", some(Just(Value::String(shorter)))),
        (
            "one character too many",
            some(proptest::char::range('a', 'z').prop_map(move |c| json!(format!("{longer}{c}")))),
        ),
    ]
}
