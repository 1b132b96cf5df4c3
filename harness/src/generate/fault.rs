//! Requests with one fault: named operators, one for each keyword of the schema at each member.

mod values;

use super::schema::merge;
use proptest::prelude::*;
use serde_json::{Value, json};
use specs::schema::Schema;
use std::borrow::Cow;
use values::{kinds, pattern_within, spoilt_format, spoilt_list, spoilt_number, spoilt_text, wrong_types};

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

/// The name of a member that no document has.
const UNKNOWN: &str = "dcxUnknown";

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
            if schema.get("additionalProperties") == Some(&Value::Bool(false)) {
                faults.push(Fault {
                    pointer: format!("{pointer}/{UNKNOWN}"),
                    rule: "additionalProperties",
                    operator: "a member that the document does not know".to_owned(),
                    honest: None,
                    values: some("[a-z]{1,6}".prop_map(Value::String)),
                });
            }
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
            some("[a-z]{0,8}".prop_map(Value::String)),
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
    let format = schema.get("format").and_then(Value::as_str);
    for (name, values) in format.map(spoilt_format).unwrap_or_default() {
        add("format", name, values);
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
    if let Some(least) = bound("minLength").and_then(|n| usize::try_from(n).ok()) {
        if least > 0 {
            add("minLength", "an empty text", some(Just(json!(""))));
        }
        let short: String = text.chars().take(least.saturating_sub(1)).collect();
        if !short.is_empty() {
            add("minLength", "a text that is too short", some(Just(json!(short))));
        }
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
    let lists = match honest {
        Value::Array(items) => spoilt_list(schema, items),
        _ if bound("minItems").is_some_and(|n| n > 0) => spoilt_list(schema, &[]),
        _ => Vec::new(),
    };
    for (rule, name, value) in lists.into_iter().chain(spoilt_number(schema)) {
        add(rule, name, some(Just(value)));
    }
    if schema
        .get("minProperties")
        .and_then(Value::as_u64)
        .is_some_and(|n| n > 0)
    {
        add(
            "minProperties",
            "an object without members",
            some(Just(json!({}))),
        );
    }
}

fn some(values: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Option<Value>> {
    values.prop_map(Some).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::runner;
    use proptest::strategy::ValueTree;

    #[test]
    fn each_keyword_has_a_fault_and_each_fault_violates_its_keyword() {
        let schema = json!({"type": "object", "required": ["name"], "additionalProperties": false, "properties": {
            "name": {"type": "string", "minLength": 3, "maxLength": 8},
            "code": {"type": "string", "pattern": "^[a-z]{3}$"},
            "born": {"type": "string", "format": "date"},
            "seen": {"type": "string", "format": "date-time"},
            "id": {"type": "string", "format": "uuid"},
            "mail": {"type": "string", "format": "email"},
            "host": {"type": "string", "format": "ipv4"},
            "host6": {"type": "string", "format": "ipv6"},
            "kind": {"enum": ["a", "b"]},
            "even": {"type": "integer", "multipleOf": 2, "minimum": 2, "maximum": 100},
            "above": {"type": "number", "minimum": 1, "exclusiveMinimum": true},
            "below": {"type": "number", "maximum": 9, "exclusiveMaximum": true},
            "tags": {"type": "array", "minItems": 2, "maxItems": 3, "uniqueItems": true,
                "items": {"type": "string"}},
            "map": {"type": "object", "minProperties": 1, "additionalProperties": {"type": "integer"}},
        }});
        let honest = json!({"name": "abcd", "code": "eng", "born": "2000-01-01", "seen": "2000-01-01T00:00:00Z",
            "id": "0f8fad5b-d9cb-469f-a165-708677289501", "mail": "a@example.org", "host": "192.0.2.1",
            "host6": "2001:db8::1", "kind": "a", "even": 4, "above": 2, "below": 2, "tags": ["a", "b"],
            "map": {"n": 1}});
        let compiled = Schema::compile(&schema).unwrap();
        assert!(compiled.is_valid(&honest));
        let mut rules = std::collections::BTreeSet::new();
        for fault in faults(&compiled, &honest) {
            let mut runner = runner(1, &fault.operator);
            let drawn = (0..20).map(|_| fault.values.new_tree(&mut runner).unwrap().current());
            let mut spoilt = drawn.map(|bad| {
                let mut body = honest.clone();
                crate::generate::body::set(&mut body, &fault.pointer, bad, &honest);
                body
            });
            let invalid = spoilt.find(|body| {
                let violations = compiled.violations(body);
                // An excluded bound is one for the validator, and the same rule to us.
                violations.iter().any(|v| {
                    v.keyword == fault.rule || v.keyword.to_lowercase().ends_with(&fault.rule.to_lowercase())
                })
            });
            assert!(
                invalid.is_some(),
                "{} at {} never violates {}",
                fault.operator,
                fault.pointer,
                fault.rule
            );
            rules.insert(fault.rule);
        }
        let expected = [
            "additionalProperties",
            "enum",
            "format",
            "maxItems",
            "maxLength",
            "maximum",
            "minItems",
            "minLength",
            "minProperties",
            "minimum",
            "multipleOf",
            "pattern",
            "required",
            "type",
            "uniqueItems",
        ];
        assert_eq!(rules.into_iter().collect::<Vec<_>>(), expected);
    }
}
