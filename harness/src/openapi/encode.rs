//! How the values of a request travel: in the path, the query, header fields, or the body.

use bytes::Bytes;
use serde_json::{Map, Value};
use specs::document::ParameterDoc;

/// No parameter is sent in more characters than this; servers bound addresses and header fields.
const LONGEST: usize = 2000;

/// The text of a scalar; none where a value is no scalar.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// Scalars joined by a separator that none of them holds.
fn joined(items: impl Iterator<Item = Option<String>>, separator: &str) -> Option<String> {
    let items: Vec<String> = items.collect::<Option<_>>()?;
    (items.len() < 2 || !items.iter().any(|item| item.contains(separator))).then(|| items.join(separator))
}

fn flattened(members: &Map<String, Value>) -> impl Iterator<Item = Option<String>> {
    members
        .iter()
        .flat_map(|(name, value)| [Some(name.clone()), scalar(value)])
}

/// The value of a path or header parameter as text; none where it cannot be sent.
pub(super) fn simple(parameter: &ParameterDoc, value: &Value) -> Option<String> {
    if parameter.media_type.is_some() {
        return Some(value.to_string());
    }
    match value {
        Value::Array(items) => joined(items.iter().map(scalar), ","),
        Value::Object(members) if parameter.explode => joined(
            members
                .iter()
                .map(|(name, value)| Some(format!("{name}={}", scalar(value)?))),
            ",",
        ),
        Value::Object(members) => joined(flattened(members), ","),
        other => scalar(other),
    }
}

/// The value of a query or cookie parameter as names and texts; none where it cannot be sent.
pub(super) fn pairs(parameter: &ParameterDoc, value: &Value) -> Option<Vec<(String, String)>> {
    let name = &parameter.name;
    if parameter.media_type.is_some() {
        return Some(vec![(name.clone(), value.to_string())]);
    }
    let separator = match parameter.style.as_str() {
        "spaceDelimited" => " ",
        "pipeDelimited" => "|",
        _ => ",",
    };
    Some(match value {
        Value::Array(items) if parameter.explode => items
            .iter()
            .map(|item| Some((name.clone(), scalar(item)?)))
            .collect::<Option<_>>()?,
        Value::Array(items) if items.is_empty() => Vec::new(),
        Value::Array(items) => vec![(name.clone(), joined(items.iter().map(scalar), separator)?)],
        Value::Object(members) if parameter.style == "deepObject" => members
            .iter()
            .map(|(member, value)| Some((format!("{name}[{member}]"), scalar(value)?)))
            .collect::<Option<_>>()?,
        Value::Object(members) if parameter.explode => members
            .iter()
            .map(|(member, value)| Some((member.clone(), scalar(value)?)))
            .collect::<Option<_>>()?,
        Value::Object(members) => vec![(name.clone(), joined(flattened(members), separator)?)],
        other => vec![(name.clone(), scalar(other)?)],
    })
}

/// A form-encoded body; none where the value is no object of scalars and lists of scalars.
pub(super) fn form(value: &Value) -> Option<Bytes> {
    let mut fields: Vec<(&str, String)> = Vec::new();
    for (name, value) in value.as_object()? {
        match value {
            Value::Array(items) => {
                for item in items {
                    fields.push((name, scalar(item)?));
                }
            }
            Value::Object(_) => fields.push((name, value.to_string())),
            other => fields.push((name, scalar(other)?)),
        }
    }
    serde_urlencoded::to_string(&fields).ok().map(Bytes::from)
}

/// Whether a parameter can be sent so that it arrives as what it is.
pub(super) fn sendable(parameter: &ParameterDoc, value: &Value, honest: bool) -> bool {
    let plain = |text: &str| text.len() <= LONGEST && text.chars().all(|c| c == ' ' || c.is_ascii_graphic());
    match parameter.location.as_str() {
        "path" => simple(parameter, value).is_some_and(|text| {
            let steps = text.is_empty() || text == "." || text == "..";
            !steps && text.len() <= LONGEST && !text.contains(|c: char| "/\\".contains(c) || c.is_control())
        }),
        "header" => simple(parameter, value)
            .is_some_and(|text| !text.is_empty() && plain(&text) && text.trim() == text),
        "cookie" => pairs(parameter, value).is_some_and(|pairs| {
            pairs
                .iter()
                .all(|(_, text)| plain(text) && !text.contains([' ', ';', ',', '"', '\\']))
        }),
        // A parameter without a value is not the same as one whose value is empty, and few servers tell
        // them apart.
        _ => pairs(parameter, value).is_some_and(|pairs| {
            pairs
                .iter()
                .all(|(_, text)| text.len() <= LONGEST && !(honest && text.is_empty()))
        }),
    }
}

/// A text with everything but letters, digits and `-._~` in percent encoding.
pub(super) fn percent(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// What a receiver may take a value for that travels as text: the text itself, the scalar or the list that
/// it spells, or nothing at all.
pub(super) fn readings(sent: Option<&Value>) -> Vec<Option<Value>> {
    let mut readings = vec![sent.cloned()];
    let text = match sent {
        None => return readings,
        Some(Value::Array(items)) if items.is_empty() => {
            readings.push(None);
            return readings;
        }
        Some(Value::Array(items)) => {
            readings.extend(items.iter().flat_map(readings_of_scalar).map(Some));
            joined(items.iter().map(scalar), ",").unwrap_or_default()
        }
        Some(value @ Value::Object(members)) => {
            // Within a form an object travels as its JSON text, elsewhere member by member.
            if members.is_empty() {
                readings.push(None);
            }
            value.to_string()
        }
        Some(value) => scalar(value).unwrap_or_default(),
    };
    if text.is_empty() {
        readings.push(None);
    }
    let parts: Vec<Value> = text.split(',').map(Value::from).collect();
    let numbers = text.split(',').map(|part| {
        serde_json::from_str::<serde_json::Number>(part)
            .ok()
            .map(Value::Number)
    });
    readings.push(Some(Value::Array(parts)));
    if let Some(numbers) = numbers.collect::<Option<Vec<_>>>() {
        readings.push(Some(Value::Array(numbers)));
    }
    readings.extend(readings_of_scalar(&Value::String(text)).into_iter().map(Some));
    readings
}

fn readings_of_scalar(value: &Value) -> Vec<Value> {
    let text = scalar(value).unwrap_or_default();
    let mut readings = Vec::new();
    if let Ok(spelt @ (Value::Number(_) | Value::Bool(_) | Value::Null)) = serde_json::from_str(text.trim()) {
        readings.push(spelt);
    }
    if text.is_empty() {
        readings.push(Value::Null);
    }
    readings.push(Value::String(text));
    readings
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parameter(location: &str, style: &str, explode: bool) -> ParameterDoc {
        ParameterDoc {
            name: "p".to_owned(),
            location: location.to_owned(),
            required: true,
            style: style.to_owned(),
            explode,
            media_type: None,
            schema: json!({}),
            example: None,
        }
    }

    #[test]
    fn styles_are_those_of_the_specification() {
        let list = json!(["a", "b"]);
        let object = json!({"R": 100, "G": 200});
        let query = |style, explode, value| {
            serde_urlencoded::to_string(pairs(&parameter("query", style, explode), value).unwrap()).unwrap()
        };
        assert_eq!(query("form", true, &list), "p=a&p=b");
        assert_eq!(query("form", false, &list), "p=a%2Cb");
        assert_eq!(query("pipeDelimited", false, &list), "p=a%7Cb");
        assert_eq!(query("form", true, &object), "R=100&G=200");
        assert_eq!(query("form", false, &object), "p=R%2C100%2CG%2C200");
        assert_eq!(query("deepObject", true, &object), "p%5BR%5D=100&p%5BG%5D=200");
        assert_eq!(
            simple(&parameter("path", "simple", false), &object).unwrap(),
            "R,100,G,200"
        );
        assert_eq!(
            simple(&parameter("path", "simple", true), &object).unwrap(),
            "R=100,G=200"
        );
    }

    #[test]
    fn what_would_not_arrive_is_not_sendable() {
        let path = parameter("path", "simple", false);
        for text in ["", ".", "..", "a/b", "a\nb"] {
            assert!(!sendable(&path, &json!(text), true), "{text:?}");
        }
        assert!(sendable(&path, &json!("é b"), true));
        assert!(!sendable(
            &parameter("header", "simple", false),
            &json!("é"),
            true
        ));
        assert!(!sendable(&parameter("query", "form", true), &json!(null), false));
        assert!(sendable(&parameter("query", "form", true), &json!(""), false));
    }

    #[test]
    fn a_text_may_be_read_as_what_it_spells() {
        assert!(readings(Some(&json!("12"))).contains(&Some(json!(12))));
        assert!(readings(Some(&json!(12))).contains(&Some(json!("12"))));
        assert!(readings(Some(&json!("a,b"))).contains(&Some(json!(["a", "b"]))));
        assert!(readings(Some(&json!([]))).contains(&None));
        assert!(readings(Some(&json!({}))).contains(&None));
        assert!(readings(Some(&json!({}))).contains(&Some(json!("{}"))));
        assert!(readings(Some(&json!(""))).contains(&None));
    }
}
