//! What a violation says, in words.

use super::{Violation, branch};
use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

/// How much of a value is shown.
const SHOWN: usize = 80;
/// How many of the allowed values are shown.
const LISTED: usize = 20;

/// Adds what one error says; for members that should not be there, one violation each.
pub(super) fn describe(error: &ValidationError<'_>, violations: &mut Vec<Violation>) {
    let pointer = error.instance_path().as_str();
    let instance: &Value = error.instance();
    let mut add = |pointer: String, keyword: &str, expected: String, actual: String| {
        violations.push(Violation {
            pointer,
            keyword: keyword.to_owned(),
            expected,
            actual,
        });
    };
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            add(
                below(pointer, name),
                "required",
                format!("the member `{name}`"),
                "it is missing".to_owned(),
            );
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            for name in unexpected {
                let actual = instance
                    .get(name)
                    .map_or_else(|| "it is there".to_owned(), value_in_words);
                add(
                    below(pointer, name),
                    "additionalProperties",
                    format!("no member `{name}`"),
                    actual,
                );
            }
        }
        ValidationErrorKind::Type { kind } => {
            violations.push(wrong_type(pointer, instance, &branch::type_names(kind)));
        }
        kind => {
            add(
                pointer.to_owned(),
                kind.keyword(),
                expectation(kind, error),
                observed(kind, instance),
            );
        }
    }
}

/// A value of a type that is not allowed.
pub(super) fn wrong_type(pointer: &str, instance: &Value, types: &[String]) -> Violation {
    let mut named: Vec<String> = types.iter().map(|t| type_in_words(t).to_owned()).collect();
    named.sort_by_key(|name| name == "null");
    Violation {
        pointer: pointer.to_owned(),
        keyword: "type".to_owned(),
        expected: listed(&named),
        actual: value_in_words(instance),
    }
}

fn expectation(kind: &ValidationErrorKind, error: &ValidationError<'_>) -> String {
    match kind {
        ValidationErrorKind::Enum { options } => match options.as_array() {
            Some(values) => listed(&values.iter().map(shown).collect::<Vec<_>>()),
            None => shown(options),
        },
        ValidationErrorKind::Constant { expected_value } => shown(expected_value),
        ValidationErrorKind::Pattern { pattern } => {
            format!("a string that matches `{}`", shorten(pattern, SHOWN))
        }
        ValidationErrorKind::Format { format } => format_in_words(format),
        ValidationErrorKind::MinLength { limit } => format!("at least {}", counted(*limit, "character")),
        ValidationErrorKind::MaxLength { limit } => format!("at most {}", counted(*limit, "character")),
        ValidationErrorKind::MinItems { limit } => format!("at least {}", counted(*limit, "item")),
        ValidationErrorKind::MaxItems { limit } => format!("at most {}", counted(*limit, "item")),
        ValidationErrorKind::MinProperties { limit } => format!("at least {}", counted(*limit, "member")),
        ValidationErrorKind::MaxProperties { limit } => format!("at most {}", counted(*limit, "member")),
        ValidationErrorKind::Minimum { limit } => format!("{limit} or more"),
        ValidationErrorKind::Maximum { limit } => format!("{limit} or less"),
        ValidationErrorKind::ExclusiveMinimum { limit } => format!("more than {limit}"),
        ValidationErrorKind::ExclusiveMaximum { limit } => format!("less than {limit}"),
        ValidationErrorKind::MultipleOf { multiple_of } => format!("a multiple of {multiple_of}"),
        ValidationErrorKind::UniqueItems => "items that all differ".to_owned(),
        ValidationErrorKind::OneOfMultipleValid { context } => {
            let fitting = context.iter().filter(|errors| errors.is_empty()).count();
            let all = context.len();
            format!("exactly one of {all} alternatives to fit; {fitting} do")
        }
        ValidationErrorKind::AnyOf { .. } | ValidationErrorKind::OneOfNotValid { .. } => {
            "one of several alternatives to fit; none does".to_owned()
        }
        ValidationErrorKind::Not { .. } => "anything but what the schema excludes".to_owned(),
        ValidationErrorKind::FalseSchema => "nothing here".to_owned(),
        ValidationErrorKind::BacktrackLimitExceeded { .. }
        | ValidationErrorKind::RegexEngineFailure { .. } => {
            "a string that its pattern can be tried on within reason".to_owned()
        }
        _ => shorten(&error.masked().to_string(), SHOWN),
    }
}

fn observed(kind: &ValidationErrorKind, instance: &Value) -> String {
    match (kind, instance) {
        (
            ValidationErrorKind::MinLength { .. } | ValidationErrorKind::MaxLength { .. },
            Value::String(text),
        ) => {
            format!(
                "{}: {}",
                counted(text.chars().count() as u64, "character"),
                shown(instance)
            )
        }
        (
            ValidationErrorKind::MinItems { .. } | ValidationErrorKind::MaxItems { .. },
            Value::Array(items),
        ) => counted(items.len() as u64, "item"),
        (
            ValidationErrorKind::MinProperties { .. } | ValidationErrorKind::MaxProperties { .. },
            Value::Object(members),
        ) => counted(members.len() as u64, "member"),
        _ => value_in_words(instance),
    }
}

fn format_in_words(format: &str) -> String {
    match format {
        "date-time" => "a date and time with a zone (RFC 3339), e.g. `2025-01-31T09:30:00Z`".to_owned(),
        "date" => "a date, e.g. `2025-01-31`".to_owned(),
        "uri" => "an absolute URI, e.g. `https://example.org/path`".to_owned(),
        "uuid" => "a UUID, e.g. `123e4567-e89b-12d3-a456-426614174000`".to_owned(),
        "email" => "an e-mail address".to_owned(),
        other => format!("the format `{}`", shorten(other, SHOWN)),
    }
}

fn type_in_words(name: &str) -> &str {
    match name {
        "string" => "a string",
        "integer" => "an integer",
        "number" => "a number",
        "boolean" => "a boolean",
        "array" => "an array",
        "object" => "an object",
        other => other,
    }
}

fn value_in_words(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => format!("the boolean {value}"),
        Value::Number(_) => format!("the number {}", shown(value)),
        Value::String(_) => format!("the string {}", shown(value)),
        Value::Array(_) => format!("an array: {}", shown(value)),
        Value::Object(_) => format!("an object: {}", shown(value)),
    }
}

fn shown(value: &Value) -> String {
    shorten(&value.to_string(), SHOWN)
}

/// At most so many characters of a text.
pub(super) fn shorten(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

fn counted(number: u64, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// `a`, `a or b`, `a, b or c`; cut where there are too many.
fn listed(words: &[String]) -> String {
    match words {
        [] => "nothing".to_owned(),
        [single] => single.clone(),
        words if words.len() > LISTED => {
            format!("{}, … ({} in all)", words[..LISTED].join(", "), words.len())
        }
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

fn below(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}
