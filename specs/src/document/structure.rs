//! Proves that a document has the structure of OpenAPI 3.0.
//!
//! Each object is given to `openapiv3` by itself, with what it contains replaced by the smallest thing of
//! its kind. So an error names the very object at fault, and no nesting can multiply the work (matching a
//! nested untagged enum as a whole takes time exponential in its depth).

use super::DocumentError;
use super::dialect::{self, Member, Shape};
use super::kind::{COMPONENTS, Kind, Slot, may_be_reference, slot, smallest};
use super::library::{Library, Place, reference};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use serde_path_to_error::Segment;

const REMEDY: &str = "correct the document at this place; the OpenAPI 3.0.3 specification names the members";

/// Proves an object and everything within it, up to references. Returns what was let pass although
/// OpenAPI does not allow it.
pub(crate) fn prove(
    library: &Library,
    kind: Kind,
    value: &Value,
    place: &Place,
    oddities: &mut Vec<DocumentError>,
) -> Result<(), DocumentError> {
    if reference(value).is_some() && may_be_reference(kind) {
        return Ok(());
    }
    let Some(members) = value.as_object() else {
        return Err(library.error(
            place,
            format!("expected an object, found {}", kind_of(value)),
            REMEDY,
        ));
    };
    if kind == Kind::Schema {
        return prove_schema(library, members, place, oddities);
    }
    if kind == Kind::Callback {
        for (name, item) in members.iter().filter(|(name, _)| !name.starts_with("x-")) {
            prove(library, Kind::PathItem, item, &place.below(name), oddities)?;
        }
        return Ok(());
    }
    let mut copy = Map::new();
    for (name, member) in members {
        let at = place.below(name);
        let shallow = match slot(kind, name) {
            None => member.clone(),
            Some(Slot::Omit) => continue,
            Some(_) if member.is_null() => Value::Null,
            Some(Slot::One(inner)) => {
                prove(library, inner, member, &at, oddities)?;
                smallest(inner)
            }
            Some(Slot::List(inner)) => {
                let items = list(library, member, &at)?;
                for (index, item) in items.iter().enumerate() {
                    prove(library, inner, item, &at.below(&index.to_string()), oddities)?;
                }
                Value::Array(vec![smallest(inner); items.len()])
            }
            Some(Slot::Map(inner)) => {
                let named = map(library, member, &at)?;
                let mut shallow = Map::new();
                for (key, item) in named.iter().filter(|(key, _)| !key.starts_with("x-")) {
                    prove(library, inner, item, &at.below(key), oddities)?;
                    shallow.insert(key.clone(), smallest(inner));
                }
                Value::Object(shallow)
            }
        };
        if !(shallow.is_null() && slot(kind, name).is_some()) {
            copy.insert(name.clone(), shallow);
        }
    }
    tolerate(library, kind, members, &mut copy, place, oddities);
    check(library, kind, &Value::Object(copy), place)
}

/// What is wrong with one object that is no schema, whatever it contains.
pub(crate) fn examine(library: &Library, kind: Kind, value: &Value, place: &Place) -> Vec<DocumentError> {
    let mut faults = Vec::new();
    let Some(members) = value.as_object() else {
        let message = format!("expected an object, found {}", kind_of(value));
        return vec![library.error(place, message, REMEDY)];
    };
    if kind == Kind::Callback {
        return faults;
    }
    let mut copy = Map::new();
    for (name, member) in members {
        let at = place.below(name);
        let shallow = match (slot(kind, name), member) {
            (None, member) => member.clone(),
            (Some(Slot::Omit), _) | (Some(_), Value::Null) => continue,
            (Some(Slot::One(inner)), _) => smallest(inner),
            (Some(Slot::List(inner)), _) => match list(library, member, &at) {
                Ok(items) => Value::Array(vec![smallest(inner); items.len().min(1)]),
                Err(fault) => {
                    faults.push(fault);
                    continue;
                }
            },
            (Some(Slot::Map(inner)), _) => match map(library, member, &at) {
                Ok(named) => {
                    let keys = named.keys().filter(|key| !key.starts_with("x-"));
                    Value::Object(keys.map(|key| (key.clone(), smallest(inner))).collect())
                }
                Err(fault) => {
                    faults.push(fault);
                    continue;
                }
            },
        };
        copy.insert(name.clone(), shallow);
    }
    tolerate(library, kind, members, &mut copy, place, &mut faults);
    // What is said in the words of another rule; the structure is judged as if it were right.
    faults.extend(check(library, kind, &Value::Object(copy), place).err());
    faults
}

/// Completes what OpenAPI demands and nobody needs in order to understand the document.
fn tolerate(
    library: &Library,
    kind: Kind,
    members: &Map<String, Value>,
    copy: &mut Map<String, Value>,
    place: &Place,
    oddities: &mut Vec<DocumentError>,
) {
    let mut note =
        |at: &Place, message: &str, remedy: &str| oddities.push(library.error(at, message, remedy));
    match kind {
        Kind::Document => {
            if let Some(Value::Object(info)) = copy.get_mut("info")
                && !info.contains_key("version")
            {
                note(
                    &place.below("info"),
                    "the member `version` is missing",
                    "add `version` to `info`",
                );
                info.insert("version".to_owned(), json!(""));
            }
        }
        Kind::Components => {
            for name in members
                .keys()
                .filter(|n| !n.starts_with("x-") && !COMPONENTS.contains(&n.as_str()))
            {
                note(
                    &place.below(name),
                    &format!("`{name}` is no kind of component"),
                    "correct its name",
                );
            }
        }
        Kind::Operation if !copy.contains_key("responses") => {
            note(
                place,
                "the member `responses` is missing",
                "add `responses` to the operation",
            );
            copy.insert("responses".to_owned(), json!({}));
        }
        Kind::Response if !copy.contains_key("description") => {
            let is_schema = ["type", "properties", "allOf", "anyOf", "oneOf"];
            let message = if is_schema.iter().any(|m| members.contains_key(*m)) {
                "a schema stands where a response belongs; it is ignored"
            } else {
                "the member `description` is missing"
            };
            note(
                place,
                message,
                "write a response: `description`, and the schema in `content`",
            );
            copy.insert("description".to_owned(), json!(""));
        }
        _ => {}
    }
}

fn check(library: &Library, kind: Kind, copy: &Value, place: &Place) -> Result<(), DocumentError> {
    if matches!(kind, Kind::Parameter | Kind::Header)
        && copy.get("schema").is_none()
        && copy.get("content").is_none()
    {
        return Err(library.error(place, "the member `schema` is missing", REMEDY));
    }
    match kind {
        Kind::Document => deserialise::<openapiv3::OpenAPI>(library, copy, place),
        Kind::Components => deserialise::<openapiv3::Components>(library, copy, place),
        Kind::PathItem => deserialise::<openapiv3::PathItem>(library, copy, place),
        Kind::Operation => deserialise::<openapiv3::Operation>(library, copy, place),
        Kind::Parameter => deserialise::<openapiv3::Parameter>(library, copy, place),
        Kind::Body => deserialise::<openapiv3::RequestBody>(library, copy, place),
        Kind::Response => deserialise::<openapiv3::Response>(library, copy, place),
        Kind::Header => deserialise::<openapiv3::Header>(library, copy, place),
        Kind::MediaType => deserialise::<openapiv3::MediaType>(library, copy, place),
        Kind::Schema => deserialise::<openapiv3::Schema>(library, copy, place),
        Kind::Callback => Ok(()),
    }
}

fn deserialise<T: DeserializeOwned>(
    library: &Library,
    copy: &Value,
    place: &Place,
) -> Result<(), DocumentError> {
    let Err(error) = serde_path_to_error::deserialize::<_, T>(copy) else {
        return Ok(());
    };
    let mut at = place.clone();
    let mut value = copy;
    for segment in error.path() {
        let (name, next) = match segment {
            Segment::Seq { index } => (index.to_string(), value.get(index)),
            Segment::Map { key } => (key.clone(), value.get(key)),
            Segment::Enum { .. } | Segment::Unknown => break,
        };
        let Some(next) = next else { break };
        at = at.below(&name);
        value = next;
    }
    let message = error.into_inner().to_string();
    Err(library.error(&at, in_openapi_words(&message), REMEDY))
}

/// Replaces serde's words by those that OpenAPI uses.
fn in_openapi_words(message: &str) -> String {
    let words = [
        ("missing field", "missing member"),
        ("unknown field", "unknown member"),
        ("expected a sequence", "expected an array"),
        ("expected a map", "expected an object"),
        ("invalid type: sequence", "invalid type: array"),
        ("invalid type: map", "invalid type: object"),
    ];
    words
        .iter()
        .fold(message.to_owned(), |message, (serde, openapi)| {
            message.replace(serde, openapi)
        })
}

fn prove_schema(
    library: &Library,
    members: &Map<String, Value>,
    place: &Place,
    oddities: &mut Vec<DocumentError>,
) -> Result<(), DocumentError> {
    let mut copy = members.clone();
    copy.retain(|name, _| dialect::member(name).is_none());
    for (name, member) in members {
        let at = place.below(name);
        let mut inner = |value: &Value, at: &Place| prove(library, Kind::Schema, value, at, oddities);
        match dialect::member(name) {
            None => {}
            Some(Member::InnerOrBool) if member.is_boolean() => {}
            Some(Member::Same | Member::Inner | Member::InnerOrBool) => inner(member, &at)?,
            Some(Member::SameList) => {
                for (index, item) in list(library, member, &at)?.iter().enumerate() {
                    inner(item, &at.below(&index.to_string()))?;
                }
            }
            Some(Member::InnerMap) => {
                for (key, item) in map(library, member, &at)? {
                    inner(item, &at.below(key))?;
                }
            }
            Some(Member::Type) => prove_type(library, member, &at, oddities)?,
            Some(Member::Data(shape)) => {
                if !fits(member, shape) {
                    let message = format!("`{name}` must be {}, found {}", words(shape), kind_of(member));
                    return Err(library.error(&at, message, REMEDY));
                }
                copy.insert(name.clone(), member.clone());
            }
        }
    }
    check(library, Kind::Schema, &Value::Object(copy), place)
}

fn prove_type(
    library: &Library,
    member: &Value,
    place: &Place,
    oddities: &mut Vec<DocumentError>,
) -> Result<(), DocumentError> {
    let known = |v: &Value| {
        v.is_null()
            || v.as_str()
                .is_some_and(|t| t == "null" || dialect::TYPES.contains(&t))
    };
    let plain = member.as_str().is_some_and(|t| dialect::TYPES.contains(&t));
    let several = member
        .as_array()
        .is_some_and(|types| !types.is_empty() && types.iter().all(known));
    if plain {
        return Ok(());
    }
    if several || member.as_str() == Some("null") {
        let remedy = "write one type, and `nullable: true` for null";
        oddities.push(library.error(
            place,
            "OpenAPI 3.0 knows neither a list of types nor the type null",
            remedy,
        ));
        return Ok(());
    }
    let message = format!("{member} is no type");
    Err(library.error(
        place,
        message,
        format!("write one of {}", dialect::TYPES.join(", ")),
    ))
}

fn list<'v>(library: &Library, value: &'v Value, place: &Place) -> Result<&'v Vec<Value>, DocumentError> {
    let message = || format!("expected an array, found {}", kind_of(value));
    value
        .as_array()
        .ok_or_else(|| library.error(place, message(), REMEDY))
}

fn map<'v>(
    library: &Library,
    value: &'v Value,
    place: &Place,
) -> Result<&'v Map<String, Value>, DocumentError> {
    let message = || format!("expected an object, found {}", kind_of(value));
    value
        .as_object()
        .ok_or_else(|| library.error(place, message(), REMEDY))
}

pub(crate) fn fits(value: &Value, shape: Shape) -> bool {
    match shape {
        Shape::Any => true,
        Shape::Text => value.is_string(),
        Shape::Flag => value.is_boolean(),
        Shape::Number => value.is_number(),
        Shape::Count => value.is_u64(),
        Shape::List => value.is_array(),
        Shape::Names => value
            .as_array()
            .is_some_and(|names| names.iter().all(Value::is_string)),
    }
}

pub(crate) fn words(shape: Shape) -> &'static str {
    match shape {
        Shape::Any => "anything",
        Shape::Text => "a string",
        Shape::Flag => "a boolean",
        Shape::Number => "a number",
        Shape::Count => "a whole number that is not negative",
        Shape::List => "an array",
        Shape::Names => "an array of strings",
    }
}

pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
