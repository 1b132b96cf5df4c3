//! Clauses: the rules of our documents' schemas, one for each member and rule of a message, each with a
//! requirement of its own.
//!
//! The table is derived from the documents by [`derive()`] and kept in `specs/clauses.json`, so that a
//! change of a document shows as a change of requirements. What stands there is enough to say which
//! clauses a body exercises ([`Form::exercised`]) and which one a violation is about ([`Form::clause_of`]).

mod bad;
mod derive;
mod dictionary;
mod form;
mod message;
mod place;
mod record;
mod requirement;
mod walk;
mod words;

pub use derive::derive;
pub use form::Form;
pub use message::{Message, Part};
pub use place::{generalised, places};
pub(crate) use requirement::requirement;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::OnceLock;

/// What a clause says about its member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// It is there.
    Required,
    /// Its JSON type.
    Type,
    /// It is one of the listed values.
    Enum,
    /// How many characters it has.
    Length,
    /// Its least and greatest value.
    Range,
    /// How many items it has.
    Items,
    /// Its pattern.
    Pattern,
    /// Its format, e.g. a date and time with a zone.
    Format,
}

impl Rule {
    /// The word at the end of a clause's id.
    pub fn word(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Type => "type",
            Self::Enum => "enum",
            Self::Length => "length",
            Self::Range => "range",
            Self::Items => "items",
            Self::Pattern => "pattern",
            Self::Format => "format",
        }
    }

    /// The rule that a schema keyword belongs to.
    pub fn of_keyword(keyword: &str) -> Option<Self> {
        Some(match keyword {
            "required" => Self::Required,
            "type" => Self::Type,
            "enum" | "const" => Self::Enum,
            "minLength" | "maxLength" => Self::Length,
            "minimum" | "maximum" => Self::Range,
            "minItems" | "maxItems" => Self::Items,
            "pattern" => Self::Pattern,
            "format" => Self::Format,
            _ => return None,
        })
    }

    /// The schema keywords that express it.
    pub fn keywords(self) -> &'static [&'static str] {
        match self {
            Self::Required => &["required"],
            Self::Type => &["type"],
            Self::Enum => &["enum"],
            Self::Length => &["minLength", "maxLength"],
            Self::Range => &["minimum", "maximum"],
            Self::Items => &["minItems", "maxItems"],
            Self::Pattern => &["pattern"],
            Self::Format => &["format"],
        }
    }
}

/// One rule for one member.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// Its requirement's id.
    pub id: String,
    /// What it says about the member.
    pub rule: Rule,
    /// What that is in words, e.g. `at most 99 characters`.
    pub says: String,
    /// A value that breaks it; null where it is broken by leaving the member out.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub bad: Value,
    /// Our documents that contain it, by file name.
    pub documents: Vec<String>,
    /// Where in which messages; empty for a member of a record.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub at: Vec<Site>,
    /// Where in which record of the dictionary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordSite>,
    /// The errata that explain why the published documents do not contain it, where they do not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errata: Vec<String>,
}

/// A member of a message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// The message.
    pub message: Message,
    /// JSON pointer; `[]` stands for every item of a list.
    pub pointer: String,
    /// What the message must hold for the clause to apply.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<When>,
}

/// A member of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordSite {
    /// The component of the record dictionary.
    pub component: String,
    /// JSON pointer within it; `[]` stands for every item of a list.
    pub pointer: String,
}

/// A member that tells alternatives apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// Its pointer.
    pub at: String,
    /// The values under which the clause applies.
    pub is: Vec<String>,
}

/// Every clause, sorted by id.
pub fn clauses() -> &'static [Clause] {
    static READ: OnceLock<Vec<Clause>> = OnceLock::new();
    READ.get_or_init(|| {
        serde_json::from_str(include_str!("../clauses.json")).expect("a test proves that the table is fresh")
    })
}

/// The clause of this id.
pub fn clause(id: &str) -> Option<&'static Clause> {
    let all = clauses();
    all.binary_search_by(|c| c.id.as_str().cmp(id))
        .ok()
        .map(|i| &all[i])
}

/// The table as it is kept in `clauses.json`: one clause a line.
pub fn table(clauses: &[Clause]) -> String {
    let lines: Vec<String> = clauses
        .iter()
        .map(|clause| serde_json::to_string(clause).expect("a clause is plain data"))
        .collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}
