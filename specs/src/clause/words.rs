//! What rules say, in words.

use super::Rule;
use serde_json::Value;

/// What a rule of these schemas says, e.g. `at most 99 characters`.
pub(super) fn says(rule: Rule, schemas: &[&Value]) -> String {
    let bound = |name: &str| schemas.iter().find_map(|s| s.get(name)).map(Value::to_string);
    let between = |least: Option<String>, most: Option<String>, unit: &str| match (least, most) {
        (Some(least), Some(most)) if unit.is_empty() => format!("{least} to {most}"),
        (Some(least), Some(most)) => format!("{least} to {most} {unit}s"),
        (Some(least), None) if least == "1" && !unit.is_empty() => format!("at least one {unit}"),
        (Some(least), None) if unit.is_empty() => format!("{least} or more"),
        (Some(least), None) => format!("at least {least} {unit}s"),
        (None, Some(most)) if unit.is_empty() => format!("{most} or less"),
        (None, Some(most)) => format!("at most {most} {unit}s"),
        (None, None) => String::new(),
    };
    match rule {
        Rule::Required => "there".to_owned(),
        Rule::Type => kinds(schemas).join(" or "),
        Rule::Enum => {
            let values = schemas
                .iter()
                .find_map(|s| s.get("enum").and_then(Value::as_array));
            let words = values.into_iter().flatten().map(|v| match v {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            });
            let words: Vec<String> = words.collect();
            let shown = words.len().min(12);
            let more = if words.len() > shown {
                format!(" … ({} in all)", words.len())
            } else {
                String::new()
            };
            format!("one of {}{more}", words[..shown].join(", "))
        }
        Rule::Length => between(bound("minLength"), bound("maxLength"), "character"),
        Rule::Range => between(bound("minimum"), bound("maximum"), ""),
        Rule::Items => between(bound("minItems"), bound("maxItems"), "item"),
        Rule::Pattern => {
            let pattern = schemas
                .iter()
                .find_map(|s| s.get("pattern").and_then(Value::as_str));
            format!("of the form {}", pattern.unwrap_or_default())
        }
        Rule::Format => {
            let mut formats: Vec<&str> = schemas
                .iter()
                .filter_map(|s| s.get("format").and_then(Value::as_str))
                .map(|format| match format {
                    "date-time" => "a date and time with a zone (ISO 8601)",
                    "date" => "a date (ISO 8601)",
                    "email" => "an e-mail address",
                    "uri" => "a URI",
                    "uuid" => "a UUID",
                    other => other,
                })
                .collect();
            formats.dedup();
            formats.join(" or ")
        }
    }
}

/// The JSON types that the schemas name, in words.
pub(super) fn kinds(schemas: &[&Value]) -> Vec<&'static str> {
    let named: Vec<&str> = schemas
        .iter()
        .flat_map(|s| match s.get("type") {
            Some(Value::String(kind)) => vec![kind.as_str()],
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        })
        .collect();
    [
        ("object", "an object"),
        ("array", "a list"),
        ("string", "a text"),
        ("integer", "a whole number"),
        ("number", "a number"),
        ("boolean", "true or false"),
        ("null", "null"),
    ]
    .into_iter()
    .filter(|(kind, _)| named.contains(kind))
    .map(|(_, word)| word)
    .collect()
}
