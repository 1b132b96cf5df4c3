//! The published editions, and what they literally demand where ours depart from them.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A published edition of the documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edition {
    /// Stable id, the stem of its file, e.g. `2025-01`.
    #[serde(default)]
    pub id: String,
    /// What it is.
    pub title: String,
    /// Our documents that it has, by name without extension.
    pub documents: Vec<String>,
    /// Documents that it does not have → the one that stands for it there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub elsewhere: BTreeMap<String, String>,
}

/// What published editions demand where an erratum departs from them: a change to our files that gives
/// their rule back. Changes are made from the root of a file to its leaves, those with `**` last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Literal {
    /// The editions that it holds for.
    pub editions: Vec<String>,
    /// The documents that it holds for, by name without extension; all, where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<String>,
    /// The places that change, as `FILE#POINTER`. `*` stands for any text within a segment of the pointer
    /// or within the file's name, `**` for any number of segments.
    pub at: Vec<String>,
    /// What stands there, as YAML; `{was: true}` within it is what stood there before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Whether nothing stands there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub absent: bool,
}

impl Literal {
    /// Whether it holds for a document of an edition.
    pub fn holds(&self, document: &str, edition: &str) -> bool {
        let documents = &self.documents;
        self.editions.iter().any(|e| e == edition)
            && (documents.is_empty() || documents.iter().any(|d| d == document))
    }
}
