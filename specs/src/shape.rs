//! What a schema accepts, in a normal form: references followed, `allOf` merged, alternatives kept apart.
//!
//! Works on the raw files of a document, also on those that cannot be loaded: what makes no sense counts
//! as no restriction, and is remembered as such.

mod contain;
mod merge;
mod types;

pub(crate) use contain::{Analyser, Key};
pub(crate) use types::{ALL, Type, Types};

use crate::document::library::Place;
use indexmap::IndexMap;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// One schema among those that together describe a value.
#[derive(Debug, Clone)]
pub(crate) struct Part<'l> {
    pub(crate) value: &'l Value,
    pub(crate) place: Place,
    /// Whether only its own rules count, and not those of `allOf`, `anyOf` and `oneOf` in it.
    pub(crate) bare: bool,
}

impl<'l> Part<'l> {
    pub(crate) fn new(value: &'l Value, place: Place) -> Self {
        Self {
            value,
            place,
            bare: false,
        }
    }
}

/// How several schemas are alternatives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Combinator {
    OneOf,
    AnyOf,
}

impl Combinator {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::OneOf => "oneOf",
            Self::AnyOf => "anyOf",
        }
    }
}

/// Alternatives.
#[derive(Debug, Clone)]
pub(crate) struct Group<'l> {
    pub(crate) combinator: Combinator,
    pub(crate) place: Place,
    pub(crate) branches: Vec<Part<'l>>,
}

/// What holds for members that are not named.
#[derive(Debug, Clone, Default)]
pub(crate) enum Additional<'l> {
    #[default]
    Allowed,
    Forbidden,
    Schema(Vec<Part<'l>>),
}

/// Several schemas for the same value, merged.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a keyword that is there or not"
)]
#[derive(Debug, Clone, Default)]
pub(crate) struct Shape<'l> {
    /// What was merged, each by itself.
    pub(crate) parts: Vec<Part<'l>>,
    pub(crate) types: Types,
    /// Whether any part names a type.
    pub(crate) typed: bool,
    /// Whether any part says `nullable: true`.
    pub(crate) nullable: bool,
    /// The values that every `enum` lists, and where the lists stand.
    pub(crate) listed: Option<Vec<&'l Value>>,
    pub(crate) lists: Vec<(Place, &'l Vec<Value>)>,
    pub(crate) patterns: BTreeSet<&'l str>,
    pub(crate) formats: BTreeSet<&'l str>,
    /// Keyword → the tightest of its values.
    pub(crate) bounds: BTreeMap<&'static str, f64>,
    pub(crate) unique: bool,
    /// Name → where it is required.
    pub(crate) required: BTreeMap<&'l str, Place>,
    pub(crate) properties: IndexMap<&'l str, Vec<Part<'l>>>,
    pub(crate) additional: Additional<'l>,
    pub(crate) items: Vec<Part<'l>>,
    pub(crate) groups: Vec<Group<'l>>,
    pub(crate) not: Vec<Part<'l>>,
    /// Whether something in it cannot be understood, so that nothing can be proven about it.
    pub(crate) opaque: bool,
}

impl<'l> Shape<'l> {
    /// Its parts without their alternatives.
    pub(crate) fn bare(&self) -> Vec<Part<'l>> {
        let bare = |part: &Part<'l>| Part {
            bare: true,
            ..part.clone()
        };
        self.parts.iter().map(bare).collect()
    }

    /// What is accepted when this alternative is taken.
    pub(crate) fn with(&self, branch: &Part<'l>) -> Vec<Part<'l>> {
        let mut parts = self.bare();
        parts.push(branch.clone());
        parts
    }

    /// Whether a member must be there.
    pub(crate) fn requires(&self, name: &str) -> bool {
        self.required.contains_key(name)
    }

    /// Whether it restricts nothing.
    pub(crate) fn is_free(&self) -> bool {
        self.types == ALL
            && self.listed.is_none()
            && self.patterns.is_empty()
            && self.formats.is_empty()
            && self.bounds.is_empty()
            && !self.unique
            && self.required.is_empty()
            && self.properties.is_empty()
            && matches!(self.additional, Additional::Allowed)
            && self.items.is_empty()
            && self.groups.is_empty()
            && self.not.is_empty()
            && !self.opaque
    }
}
