//! Schemas without a type, and keywords and formats that do not belong to the type they have.

use crate::document::library::Place;
use crate::lint::code::LintCode;
use crate::lint::context::Context;
use crate::lint::{Found, Sink};
use crate::shape::{ALL, Shape, Type, Types};
use serde_json::Value;

/// Keywords that apply to one type of value.
const APPLY: [(&str, Type); 12] = [
    ("items", Type::Array),
    ("minItems", Type::Array),
    ("maxItems", Type::Array),
    ("uniqueItems", Type::Array),
    ("properties", Type::Object),
    ("required", Type::Object),
    ("additionalProperties", Type::Object),
    ("minProperties", Type::Object),
    ("maxProperties", Type::Object),
    ("pattern", Type::String),
    ("minLength", Type::String),
    ("maxLength", Type::String),
];

/// Each merged schema.
pub(in crate::lint) fn run(context: &Context<'_>, sink: &mut Sink<'_>) {
    for seen in &context.shapes {
        let shape = &seen.shape;
        for part in &shape.parts {
            for (name, of) in APPLY {
                if part.value.get(name).is_none() {
                    continue;
                }
                let place = part.place.below(name);
                let message = if shape.typed && !shape.types.has(of) {
                    let types = shape.types.names().join(", ");
                    let message = format!("`{name}` is for values of type {}; this is {types}", of.name());
                    sink.add(Found::new(LintCode::KeywordOfOtherType, &place, message));
                    continue;
                } else if !shape.typed && !is_typed_by_branches(context, shape, of) {
                    format!("`{name}` without `type: {}`", of.name())
                } else {
                    continue;
                };
                let found = Found::new(LintCode::MissingType, &place, message);
                sink.add(found.remedy(format!("Add `type: {}`.", of.name())));
            }
        }
    }
}

/// Whether values of other types are kept out by other means.
fn is_typed_by_branches<'l>(context: &Context<'l>, shape: &Shape<'l>, of: Type) -> bool {
    let parts = &shape.parts;
    ALL.each()
        .filter(|other| *other != of)
        .all(|other| context.analyser.is_empty(parts, other))
}

/// Formats and the types they belong to.
const FORMATS: [(&str, &[Type]); 14] = [
    ("int32", &[Type::Integer]),
    ("int64", &[Type::Integer]),
    ("float", &[Type::Integer, Type::Fraction]),
    ("double", &[Type::Integer, Type::Fraction]),
    ("date", &[Type::String]),
    ("date-time", &[Type::String]),
    ("time", &[Type::String]),
    ("uri", &[Type::String]),
    ("uuid", &[Type::String]),
    ("email", &[Type::String]),
    ("byte", &[Type::String]),
    ("binary", &[Type::String]),
    ("password", &[Type::String]),
    ("hostname", &[Type::String]),
];

/// Each format.
pub(in crate::lint) fn formats(context: &Context<'_>, sink: &mut Sink<'_>) {
    for seen in &context.shapes {
        let shape = &seen.shape;
        for part in &shape.parts {
            let Some(format) = part.value.get("format").and_then(Value::as_str) else {
                continue;
            };
            let place = part.place.below("format");
            if format.starts_with('^') || format.contains("[a-z") || format.contains("\\d") {
                let message = format!("`{format}` is a regular expression");
                sink.add(Found::new(LintCode::PatternAsFormat, &place, message));
            } else if let Some((_, types)) = FORMATS.iter().find(|(name, _)| *name == format)
                && shape.typed
            {
                mismatch(format, types, shape.types, &place, sink);
            }
        }
    }
}

fn mismatch(format: &str, types: &[Type], found: Types, place: &Place, sink: &mut Sink<'_>) {
    let allowed = types
        .iter()
        .fold(Types::of(Type::Null), |all, one| all.or(Types::of(*one)));
    if found.each().all(|one| allowed.has(one)) {
        return;
    }
    let is = found.names().join(", ");
    let effect = if found.has(Type::Fraction) {
        "The format is ignored: numbers with a fraction pass where whole ones were meant."
    } else if found.has(Type::String) {
        "The format is ignored: texts that are no number pass, and a number is refused."
    } else {
        "The format is ignored: it is for texts."
    };
    let message = format!("the format `{format}` does not belong to type {is}");
    sink.add(Found::new(LintCode::FormatTypeMismatch, place, message).effect(effect));
}
