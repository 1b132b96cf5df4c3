//! What a document says of one operation, with every schema standing by itself.

use indexmap::IndexMap;
use serde_json::Value;

/// One operation.
#[derive(Debug, Clone, PartialEq)]
pub struct OperationDoc {
    /// HTTP method in upper case.
    pub method: String,
    /// Path as the document writes it.
    pub path: String,
    /// `operationId`, where it has one.
    pub operation_id: Option<String>,
    /// `summary`, where it has one.
    pub summary: Option<String>,
    /// Whether any security requirement applies, its own or the document's.
    pub secured: bool,
    /// Parameters, those of its path included.
    pub parameters: Vec<ParameterDoc>,
    /// The request body, where it takes one.
    pub request: Option<BodyDoc>,
    /// Status code or `default` → response.
    pub responses: IndexMap<String, ResponseDoc>,
}

/// One parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterDoc {
    /// Its name.
    pub name: String,
    /// Where it travels: `query`, `header`, `path` or `cookie`.
    pub location: String,
    /// Whether it must be present.
    pub required: bool,
    /// Its resolved schema.
    pub schema: Value,
}

/// A request body.
#[derive(Debug, Clone, PartialEq)]
pub struct BodyDoc {
    /// Whether it must be present.
    pub required: bool,
    /// Media type → resolved schema.
    pub content: IndexMap<String, Value>,
}

/// A response.
#[derive(Debug, Clone, PartialEq)]
pub struct ResponseDoc {
    /// Its description.
    pub description: String,
    /// Media type → resolved schema.
    pub content: IndexMap<String, Value>,
}
