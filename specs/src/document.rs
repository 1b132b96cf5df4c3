//! OpenAPI 3.0 documents, ours and the user's, with positions for error messages.
//!
//! A document is read from YAML or JSON together with the line of each of its members, its structure is
//! proven, and the schemas of its operations are resolved until each stands by itself.

mod operation;

pub use operation::{BodyDoc, OperationDoc, ParameterDoc, ResponseDoc};

use serde_json::Value;
use std::path::Path;

/// Why a document cannot be used, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("failed to load {file}{} at {pointer}: {message}", position(*line, *column))]
pub struct DocumentError {
    /// The file as it was named.
    pub file: String,
    /// Line, counted from 1, where it is known.
    pub line: Option<u32>,
    /// Column, counted from 1, where it is known.
    pub column: Option<u32>,
    /// JSON pointer of the member at fault; empty for the document as a whole.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

fn position(line: Option<u32>, column: Option<u32>) -> String {
    match (line, column) {
        (Some(line), Some(column)) => format!(":{line}:{column}"),
        (Some(line), None) => format!(":{line}"),
        _ => String::new(),
    }
}

/// An OpenAPI 3.0 document.
#[derive(Debug, Clone)]
pub struct Document {
    name: String,
    value: Value,
    operations: Vec<OperationDoc>,
}

impl Document {
    /// One of our documents, by file name.
    ///
    /// # Errors
    /// There is no such document.
    pub fn bundled(file: &str) -> Result<Self, DocumentError> {
        Self::parse(file, "")
    }

    /// The file names of our documents, sorted.
    pub fn bundled_names() -> Vec<&'static str> {
        Vec::new()
    }

    /// A document from a file. References to other files are resolved against its folder; nothing is
    /// fetched.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn load(path: &Path) -> Result<Self, DocumentError> {
        Self::parse(&path.display().to_string(), "")
    }

    /// A document that refers to no other file.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(name: &str, _text: &str) -> Result<Self, DocumentError> {
        Ok(Self {
            name: name.to_owned(),
            value: Value::Null,
            operations: Vec::new(),
        })
    }

    /// The file as it was named.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `info.title`.
    pub fn title(&self) -> &str {
        self.value
            .pointer("/info/title")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// `info.version`; empty where the document lacks it.
    pub fn version(&self) -> &str {
        self.value
            .pointer("/info/version")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// Its operations in the order of the document.
    pub fn operations(&self) -> &[OperationDoc] {
        &self.operations
    }

    /// The operation of this method (in any case) at this path as the document writes it.
    pub fn operation(&self, method: &str, path: &str) -> Option<&OperationDoc> {
        self.operations
            .iter()
            .find(|o| o.method.eq_ignore_ascii_case(method) && o.path == path)
    }

    /// The line of a member, counted from 1.
    pub fn line_of(&self, _pointer: &str) -> Option<u32> {
        None
    }

    /// The document as it was written, references unresolved.
    pub fn value(&self) -> &Value {
        &self.value
    }
}
