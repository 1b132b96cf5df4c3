//! The keywords of schemas: unknown ones, those of later versions, values of the wrong form.

use crate::document::dialect::{self, Member, TYPES};
use crate::document::kind::Kind;
use crate::document::structure::{fits, kind_of, words};
use crate::lint::code::LintCode;
use crate::lint::context::Context;
use crate::lint::near::nearest;
use crate::lint::sites::Site;
use crate::lint::{Found, Sink};
use serde_json::Value;

/// What OpenAPI 3.0 adds to schemas, and what says nothing to a validator.
const OTHER: [&str; 9] = [
    "nullable",
    "discriminator",
    "readOnly",
    "writeOnly",
    "xml",
    "externalDocs",
    "example",
    "deprecated",
    "$ref",
];

/// Keywords of JSON Schema and of OpenAPI 3.1.
const LATER: [&str; 29] = [
    "const",
    "examples",
    "patternProperties",
    "propertyNames",
    "contains",
    "minContains",
    "maxContains",
    "if",
    "then",
    "else",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "prefixItems",
    "additionalItems",
    "unevaluatedProperties",
    "unevaluatedItems",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "definitions",
    "id",
    "$id",
    "$schema",
    "$defs",
    "$anchor",
    "$dynamicRef",
    "$dynamicAnchor",
    "$comment",
];

/// Each schema.
pub(in crate::lint) fn run(context: &Context<'_>, sink: &mut Sink<'_>) {
    for site in context.of_kind(Kind::Schema) {
        match site.value.as_object() {
            None => {
                let message = format!("a schema is an object, found {}", kind_of(site.value));
                sink.add(Found::new(LintCode::InvalidKeywordValue, &site.place, message));
            }
            Some(members) => members
                .iter()
                .for_each(|(name, member)| keyword(site, name, member, sink)),
        }
    }
}

fn keyword(site: &Site<'_>, name: &str, member: &Value, sink: &mut Sink<'_>) {
    let place = site.place.below(name);
    let Some(holds) = dialect::member(name) else {
        if LATER.contains(&name) {
            let message = format!("`{name}` is no keyword of OpenAPI 3.0");
            sink.add(Found::new(LintCode::LaterKeyword, &place, message));
        } else if !name.starts_with("x-") && !OTHER.contains(&name) {
            let message = format!("`{name}` is no keyword of a schema");
            let found = Found::new(LintCode::UnknownKeyword, &place, message);
            sink.add(match nearest(name, KNOWN.into_iter()) {
                Some(near) => found.remedy(format!("Did you mean `{near}`?")),
                None => found,
            });
        }
        return;
    };
    let expected = match holds {
        Member::Type => return types(member, &place, sink),
        Member::Data(shape) if !fits(member, shape) => words(shape),
        Member::SameList if member.as_array().is_none_or(Vec::is_empty) => "an array of schemas",
        Member::InnerMap if !member.is_object() => "an object of schemas",
        Member::InnerOrBool if !member.is_object() && !member.is_boolean() => "a schema or a boolean",
        _ => return,
    };
    let message = format!("`{name}` must be {expected}, found {}", kind_of(member));
    sink.add(Found::new(LintCode::InvalidKeywordValue, &place, message));
}

fn types(member: &Value, place: &crate::document::library::Place, sink: &mut Sink<'_>) {
    if member.as_str().is_some_and(|name| TYPES.contains(&name)) {
        return;
    }
    let message = format!("`type: {member}` is no type of OpenAPI 3.0");
    sink.add(Found::new(LintCode::InvalidType, place, message));
}

/// The keywords that a mistyped one may stand for.
const KNOWN: [&str; 24] = [
    "type",
    "properties",
    "items",
    "additionalProperties",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "title",
    "description",
    "format",
    "pattern",
    "required",
    "enum",
    "default",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "nullable",
    "example",
    "deprecated",
];
