//! What is put in the place of an honest value, by the kind of fault.

use super::some;
use proptest::prelude::*;
use serde_json::{Value, json};

/// The JSON types that a schema admits, where it says.
pub(super) fn kinds(schema: &Value) -> Vec<&str> {
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
pub(super) fn wrong_types(kinds: &[&str]) -> Vec<(&'static str, BoxedStrategy<Option<Value>>)> {
    let has = |kind: &str| kinds.contains(&kind);
    let mut wrong: Vec<(&'static str, BoxedStrategy<Option<Value>>)> = Vec::new();
    if !has("integer") && !has("number") {
        wrong.push(("a number", some((0..100u32).prop_map(|n| json!(n)))));
    }
    if !has("string") {
        wrong.push(("a text", some("[a-z]{0,6}".prop_map(Value::String))));
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
pub(super) fn pattern_within(schema: &Value) -> bool {
    schema
        .get("anyOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .any(|b| b.get("pattern").is_some())
}

/// Texts that are almost the honest one.
pub(super) fn spoilt_text(honest: &str) -> Vec<(&'static str, BoxedStrategy<Option<Value>>)> {
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

/// Texts that are almost of a format, each with what is wrong with it. Only formats about which validators
/// agree: what is no e-mail address is a matter of taste but for a few.
pub(super) fn spoilt_format(format: &str) -> Vec<(&'static str, BoxedStrategy<Option<Value>>)> {
    let word = || some("[a-z]{1,6}".prop_map(Value::String));
    let just = |text: &str| some(Just(json!(text)));
    match format {
        "date-time" => vec![
            (
                "a time without a zone",
                some((1990..2030u32).prop_map(|y| json!(format!("{y}-01-01T00:00:00")))),
            ),
            (
                "a date without a time",
                some((1990..2030u32).prop_map(|y| json!(format!("{y}-01-01")))),
            ),
            (
                "a month that does not exist",
                some((13..20u32).prop_map(|m| json!(format!("2024-{m}-01T00:00:00Z")))),
            ),
            ("text that is no time", word()),
        ],
        "date" => vec![
            (
                "a day that does not exist",
                some((1990..2030u32).prop_map(|y| json!(format!("{y}-02-30")))),
            ),
            (
                "a time where a date is expected",
                some((1990..2030u32).prop_map(|y| json!(format!("{y}-01-01T00:00:00Z")))),
            ),
            (
                "a date that begins with the day",
                some((10..28u32).prop_map(|d| json!(format!("{d}-01-2024")))),
            ),
            ("text that is no date", word()),
        ],
        "uuid" => vec![
            ("a UUID cut short", just("0f8fad5b-d9cb-469f-a165-70867728950")),
            ("text that is no UUID", word()),
        ],
        "email" => vec![("an e-mail address without an @", word())],
        "ipv4" => vec![("an address with a number beyond 255", just("192.0.2.256"))],
        "ipv6" => vec![("an address with a letter beyond f", just("2001:db8::g"))],
        _ => Vec::new(),
    }
}

/// Lists that are too short, too long, or hold an item twice, made of an honest one.
pub(super) fn spoilt_list(schema: &Value, items: &[Value]) -> Vec<(&'static str, &'static str, Value)> {
    let bound = |name: &str| {
        let bound = schema.get(name).and_then(Value::as_u64);
        bound.and_then(|n| usize::try_from(n).ok())
    };
    let times = |n: usize| items.iter().cycle().take(n).cloned().collect::<Value>();
    let mut spoilt = Vec::new();
    let least = bound("minItems").unwrap_or(0);
    if least > 0 {
        spoilt.push(("minItems", "an empty list", json!([])));
    }
    if let Some(fewer) = least.checked_sub(1).filter(|n| *n > 0 && !items.is_empty()) {
        spoilt.push(("minItems", "a list that is too short", times(fewer)));
    }
    if let Some(most) = bound("maxItems").filter(|n| *n < MOST_ITEMS && !items.is_empty()) {
        spoilt.push(("maxItems", "a list that is too long", times(most + 1)));
    }
    let unique = schema.get("uniqueItems") == Some(&Value::Bool(true));
    if let Some(first) = items.first().filter(|_| unique) {
        spoilt.push(("uniqueItems", "the same item twice", json!([first, first])));
    }
    spoilt
}

/// Lists that may be longer are not made too long.
const MOST_ITEMS: usize = 1000;

/// Numbers on an excluded bound, or between the steps that are allowed.
pub(super) fn spoilt_number(schema: &Value) -> Vec<(&'static str, &'static str, Value)> {
    let mut spoilt = Vec::new();
    for (keyword, exclusive, what) in [
        ("minimum", "exclusiveMinimum", "the bound that is excluded below"),
        ("maximum", "exclusiveMaximum", "the bound that is excluded above"),
    ] {
        let bound = match schema.get(exclusive) {
            Some(Value::Bool(true)) => schema.get(keyword),
            Some(bound @ Value::Number(_)) => Some(bound),
            _ => None,
        };
        spoilt.extend(bound.map(|bound| (keyword, what, bound.clone())));
    }
    if let Some(step) = schema.get("multipleOf").and_then(Value::as_f64) {
        let base = schema.get("minimum").and_then(Value::as_f64).unwrap_or_default();
        let between = (base / step).ceil() * step + step / 2.0;
        let whole = between.fract() == 0.0 && between.abs() < 9e15;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it has no fraction and is small enough"
        )]
        let between = if whole {
            json!(between as i64)
        } else {
            json!(between)
        };
        spoilt.push(("multipleOf", "a number between the steps", between));
    }
    spoilt
}
