//! The kinds of objects of which OpenAPI 3.0 composes a document, and which contains which.

use serde_json::{Value, json};

/// The kinds of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Document,
    Components,
    PathItem,
    Operation,
    Parameter,
    Body,
    Response,
    Header,
    MediaType,
    Callback,
    Schema,
}

/// How a member holds objects.
pub(crate) enum Slot {
    One(Kind),
    List(Kind),
    Map(Kind),
    /// Left out of the proof.
    Omit,
}

/// The kinds of components.
pub(crate) const COMPONENTS: [&str; 9] = [
    "schemas",
    "responses",
    "parameters",
    "examples",
    "requestBodies",
    "headers",
    "securitySchemes",
    "links",
    "callbacks",
];

/// Whether a reference may stand in for an object of a kind.
pub(crate) fn may_be_reference(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::Document | Kind::Components | Kind::Operation | Kind::MediaType
    )
}

/// What a member of an object of a kind contains, if that is objects.
pub(crate) fn slot(kind: Kind, name: &str) -> Option<Slot> {
    Some(match (kind, name) {
        (Kind::Document, "paths") => Slot::Map(Kind::PathItem),
        (Kind::Document, "components") => Slot::One(Kind::Components),
        (Kind::Components, "schemas") => Slot::Map(Kind::Schema),
        (Kind::Components | Kind::Operation, "responses") => Slot::Map(Kind::Response),
        (Kind::Components, "parameters") => Slot::Map(Kind::Parameter),
        (Kind::Components, "requestBodies") => Slot::Map(Kind::Body),
        (Kind::Components | Kind::Response, "headers") => Slot::Map(Kind::Header),
        (Kind::Components | Kind::Operation, "callbacks") => Slot::Map(Kind::Callback),
        (Kind::PathItem, "get" | "put" | "post" | "delete" | "options" | "head" | "patch" | "trace") => {
            Slot::One(Kind::Operation)
        }
        (Kind::PathItem | Kind::Operation, "parameters") => Slot::List(Kind::Parameter),
        (Kind::Operation, "requestBody") => Slot::One(Kind::Body),
        (Kind::Body | Kind::Response | Kind::Parameter | Kind::Header, "content") => {
            Slot::Map(Kind::MediaType)
        }
        (Kind::Parameter | Kind::Header | Kind::MediaType, "schema") => Slot::One(Kind::Schema),
        (Kind::MediaType, "encoding") => Slot::Omit,
        _ => return None,
    })
}

/// The least that `openapiv3` takes for an object of a kind.
pub(crate) fn smallest(kind: Kind) -> Value {
    match kind {
        Kind::Document => json!({"openapi": "3.0.3", "info": {"title": "", "version": ""}, "paths": {}}),
        Kind::Operation => json!({"responses": {}}),
        Kind::Parameter => json!({"in": "query", "name": "", "schema": {}}),
        Kind::Body => json!({"content": {}}),
        Kind::Response => json!({"description": ""}),
        Kind::Header => json!({"schema": {}}),
        Kind::Components | Kind::PathItem | Kind::MediaType | Kind::Callback | Kind::Schema => json!({}),
    }
}
