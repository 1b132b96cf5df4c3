//! Requirements, readings, profiles and errata: what is demanded, what is left open, what a target claims
//! to be, and where our documents depart from the published ones. Each is one data file; its stem is its
//! id.

mod edition;
mod erratum;
mod load;
mod profile;

pub use edition::{Edition, Literal};
pub(crate) use erratum::Covers;
pub use erratum::{Cover, Erratum, Published};
pub use load::{Catalogue, CatalogueError};
pub(crate) use load::{read_errata, read_published};
pub use profile::{
    AuthStyle, Authentication, Exchange, Operation, Partner, Profile, Registry, Signature, SignatureScheme,
};

use crate::evidence::Level;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Whether a requirement is about the form of a message or about what the target does.
///
/// A server that never reads its request can satisfy a requirement about form; it must never be
/// credited with one about behaviour. `dcx prove` checks that it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The form of one message by itself.
    Form,
    /// What the target does with what it was sent.
    Behaviour,
}

/// Who is bound by a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Serves the registry API.
    Registry,
    /// Calls it and receives callbacks.
    Consumer,
    /// A DIGIT Exchange node.
    Exchange,
}

/// One clause of a specification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Stable id, the stem of its file.
    #[serde(skip_deserializing)]
    pub id: String,
    /// How binding it is, unless a profile says otherwise.
    pub level: Level,
    /// Whether it is about form or behaviour.
    pub kind: Kind,
    /// Whom it binds.
    pub role: Role,
    /// The operations it is about.
    pub operations: Vec<String>,
    /// What it demands, in our words.
    pub statement: String,
    /// Why we hold it to be of that level; the documents contain almost no SHALL.
    pub why: String,
    /// What a developer does to satisfy it.
    pub remedy: String,
    /// Where it comes from.
    pub sources: Vec<Source>,
    /// Why no case can exercise it, if none can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub untestable: Option<String>,
}

/// The requirements that a target has to meet: what its profile demands, and what the user demands beside
/// it. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Demands {
    ids: Arc<BTreeSet<String>>,
    /// Those that are not of the catalogue.
    own: Arc<BTreeMap<String, Requirement>>,
}

impl Demands {
    /// What a profile demands, by the catalogue.
    pub fn of(profile: &Profile, catalogue: &Catalogue) -> Self {
        let demanded = catalogue.requirements_of(profile).into_iter();
        Self {
            ids: Arc::new(demanded.map(|r| r.id.clone()).collect()),
            own: Arc::default(),
        }
    }

    /// The same with requirements that are not of the catalogue.
    #[must_use]
    pub fn with<'r>(&self, own: impl IntoIterator<Item = &'r Requirement>) -> Self {
        let mut demands = self.clone();
        for requirement in own {
            let id = requirement.id.clone();
            Arc::make_mut(&mut demands.ids).insert(id.clone());
            Arc::make_mut(&mut demands.own).insert(id, requirement.clone());
        }
        demands
    }

    /// The requirement of an id, the user's own or the catalogue's.
    pub fn requirement(&self, id: &str) -> Option<&Requirement> {
        let own = self.own.get(id);
        own.or_else(|| Catalogue::bundled().requirement(id))
    }

    /// Whether this requirement is among them.
    pub fn contains(&self, requirement: &str) -> bool {
        self.ids.contains(requirement)
    }

    /// All of them, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.ids.iter().map(String::as_str)
    }
}

/// Where a clause stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The document with its edition, e.g. `SPDCI standards 2025-01, social_api_v1.0.0.yaml`.
    pub document: String,
    /// Pointer, section or line within it.
    pub at: String,
}

/// A clause that is silent or contradicts itself, and the ways to read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// Stable id, the stem of its file.
    #[serde(default)]
    pub id: String,
    /// What the documents leave open.
    pub question: String,
    /// The alternative we take unless a profile says otherwise.
    pub default: String,
    /// Why that one.
    pub reason: String,
    /// The defensible answers.
    pub alternatives: Vec<Alternative>,
}

/// One way to read an open clause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alternative {
    /// Short name within the reading.
    pub id: String,
    /// What a follower does, in a sentence.
    pub statement: String,
    /// Editions and implementations known to follow it.
    #[serde(default)]
    pub followed_by: Vec<String>,
    /// Globs over requirement ids: what does not bind a target whose profile allows this, because it rests on
    /// another alternative.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lifts: Vec<String>,
}

impl Reading {
    /// The alternative of this id.
    pub fn alternative(&self, id: &str) -> Option<&Alternative> {
        self.alternatives.iter().find(|alternative| alternative.id == id)
    }
}
