//! The user's own cases and requirements: the same files as ours, proven as strictly when they are read as
//! tests prove the built-in ones.
//!
//! A folder holds a case in each `ID.toml`; requirements stand in `requirements/ID.toml`, or within the case
//! that is about them, as `[demand."ID"]`.

mod prove;

use crate::{Case, Cases};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use specs::catalogue::{Catalogue, Kind, Requirement, Role, Source};
use specs::evidence::{Level, OwnFile};
use std::collections::BTreeMap;

/// Where in the user's folder the requirements are.
pub const REQUIREMENTS: &str = "requirements/";

/// What the user demands, in the case that is about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Demand {
    /// What it demands, in a sentence.
    pub statement: String,
    /// What a developer does to satisfy it.
    pub remedy: String,
    /// How binding it is.
    #[serde(default = "must")]
    pub level: Level,
    /// Where it stands, e.g. `Our interface agreement, 4.2`.
    #[serde(default)]
    pub source: Option<String>,
    /// Why it is of that level.
    #[serde(default)]
    pub why: Option<String>,
}

fn must() -> Level {
    Level::Must
}

/// What the user brought.
#[derive(Debug, Clone, Default)]
pub(crate) struct Own {
    pub(crate) requirements: BTreeMap<String, Requirement>,
    pub(crate) files: Vec<OwnFile>,
}

/// Why the user's cases cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct CaseFault {
    /// The file, below the folder.
    pub file: String,
    /// The line in it, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

impl CaseFault {
    /// A fault at the first of these words that the file has, or in its first line.
    fn at(file: &OwnFile, words: &[&str], message: impl Into<String>, remedy: impl Into<String>) -> Self {
        let found = words.iter().find_map(|word| file.text.find(word));
        Self {
            file: file.path.clone(),
            line: line(&file.text, found.unwrap_or(0)),
            message: message.into(),
            remedy: remedy.into(),
        }
    }
}

fn line(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or_default().matches('\n').count() + 1
}

impl Cases {
    /// Our cases and the user's.
    ///
    /// # Errors
    /// One of the files cannot be used.
    pub fn with(files: Vec<OwnFile>) -> Result<Self, CaseFault> {
        let mut own = Own::default();
        let mut cases: Vec<(Case, &OwnFile)> = Vec::new();
        for file in &files {
            match file.path.strip_prefix(REQUIREMENTS) {
                Some(name) => {
                    let mut requirement: Requirement = read(file, "requirements")?;
                    id(file, name)?.clone_into(&mut requirement.id);
                    take(&mut own, requirement, file)?;
                }
                None => {
                    let mut case: Case = read(file, "cases")?;
                    id(file, &file.path)?.clone_into(&mut case.id);
                    for (id, demand) in &case.demand {
                        take(&mut own, demand.requirement(id, &case), file)?;
                    }
                    cases.push((case, file));
                }
            }
        }
        for (case, file) in &cases {
            prove::case(case, file, &own)?;
        }
        prove::used(&own, &cases)?;
        let mut all: Vec<Case> = cases.into_iter().map(|(case, _)| case).collect();
        all.extend_from_slice(Self::bundled().all());
        own.files = files;
        Ok(Self::of_all(all, own))
    }

    /// Only the user's.
    #[must_use]
    pub fn only_own(&self) -> Self {
        let own = self.all().iter().filter(|case| self.is_own(case));
        let only = own.cloned().collect();
        Self::of_all(only, self.own().clone())
    }
}

impl Demand {
    fn requirement(&self, id: &str, case: &Case) -> Requirement {
        let exchange = case.operations.iter().any(|op| op == "exchange");
        let source = self.source.iter().map(|text| Source {
            document: text.clone(),
            at: format!("demanded by the case {}", case.id),
        });
        Requirement {
            id: id.to_owned(),
            level: self.level,
            kind: Kind::Behaviour,
            role: if exchange { Role::Exchange } else { Role::Registry },
            operations: case.operations.clone(),
            statement: self.statement.clone(),
            why: self.why.clone().unwrap_or_default(),
            remedy: self.remedy.clone(),
            sources: source.collect(),
            untestable: None,
        }
    }
}

fn read<T: DeserializeOwned>(file: &OwnFile, what: &str) -> Result<T, CaseFault> {
    toml::from_str(&file.text).map_err(|e| CaseFault {
        file: file.path.clone(),
        line: line(&file.text, e.span().map_or(0, |span| span.start)),
        message: e.message().replace('\n', " "),
        remedy: format!("`dcx render schema {what}` prints the members that there are, for your editor"),
    })
}

/// The id that the name of a file gives.
fn id<'f>(file: &OwnFile, name: &'f str) -> Result<&'f str, CaseFault> {
    let id = name.strip_suffix(".toml").unwrap_or_default();
    plain(id, file)?;
    Ok(id)
}

fn plain(id: &str, file: &OwnFile) -> Result<(), CaseFault> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
    if !id.is_empty() && id.chars().all(plain) {
        return Ok(());
    }
    let remedy = "use lower-case letters, digits, `-` and `.`, e.g. acme.locale";
    Err(CaseFault::at(file, &[id], format!("`{id}` is no id"), remedy))
}

/// Takes a requirement in, unless its id is taken.
fn take(own: &mut Own, requirement: Requirement, file: &OwnFile) -> Result<(), CaseFault> {
    let id = &requirement.id;
    plain(id, file)?;
    let remedy = "begin the ids of your requirements with a word of your own, e.g. acme.";
    let taken = if Catalogue::bundled().requirement(id).is_some() {
        Some("is one of the built-in requirements")
    } else if own.requirements.contains_key(id) {
        Some("is the id of another requirement of yours")
    } else {
        None
    };
    if let Some(taken) = taken {
        return Err(CaseFault::at(file, &[id], format!("`{id}` {taken}"), remedy));
    }
    prove::requirement(&requirement, file)?;
    own.requirements.insert(id.clone(), requirement);
    Ok(())
}
