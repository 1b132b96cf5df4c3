//! Where our documents depart from the published ones, and why.

use super::Literal;
use crate::diff::DifferenceKind;
use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A published document, so that it can be recognised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// Stable id, the stem of its file.
    #[serde(default)]
    pub id: String,
    /// The edition, e.g. `SPDCI standards 2025-01`.
    pub edition: String,
    /// Its file name there.
    pub file: String,
    /// Its `info.title`.
    pub title: String,
    /// Paths that it has, where the title alone does not tell it from others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<String>,
    /// Paths that it does not have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
    /// Our document for the same operations, by file name.
    pub ours: String,
}

/// A departure of ours from published documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erratum {
    /// Stable id, the stem of its file.
    #[serde(default)]
    pub id: String,
    /// The published documents that it is about: globs over their ids.
    pub documents: Vec<String>,
    /// Where in them.
    pub at: String,
    /// What they say.
    pub says: String,
    /// What that does to whoever validates by them.
    pub effect: String,
    /// What our document says instead.
    pub we_do: String,
    /// The edition that repairs it, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repaired_in: Option<String>,
    /// The readings that name the alternatives, and leave the choice to a profile.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<String>,
    /// The differences that it accounts for.
    pub covers: Vec<Cover>,
    /// What the published editions demand instead, in the words of a schema.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub literal: Vec<Literal>,
}

/// Differences from a published document to ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cover {
    /// Globs over the pointers of differences; `*` stands for one segment, `**` for any number.
    pub at: Vec<String>,
    /// Their kinds.
    pub kinds: Vec<DifferenceKind>,
    /// The bounds of ours that a changed bound may have come to, e.g. `minLength 1`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bounds: Vec<String>,
}

/// The globs of an erratum, compiled.
pub(crate) struct Covers<'e> {
    sets: Vec<(GlobSet, &'e Cover)>,
}

impl Covers<'_> {
    /// Whether the erratum accounts for a difference of this kind, where ours says this.
    pub(crate) fn cover(&self, pointer: &str, kind: DifferenceKind, ours: &Value) -> bool {
        self.sets.iter().any(|(set, cover)| {
            let bound = || {
                ours.as_object()
                    .into_iter()
                    .flatten()
                    .map(|(name, value)| format!("{name} {value}"))
            };
            cover.kinds.contains(&kind)
                && set.is_match(pointer)
                && (kind != DifferenceKind::BoundChanged
                    || bound().any(|bound| cover.bounds.contains(&bound)))
        })
    }
}

impl Erratum {
    /// Whether it is about a published document.
    pub fn is_about(&self, published: &str) -> bool {
        let is = |glob: &String| Glob::new(glob).is_ok_and(|g| g.compile_matcher().is_match(published));
        self.documents.iter().any(is)
    }

    /// Its globs.
    ///
    /// # Errors
    /// One that cannot be understood; a test proves that no built-in erratum has such a one.
    pub(crate) fn compiled(&self) -> Result<Covers<'_>, globset::Error> {
        let mut sets = Vec::new();
        for cover in &self.covers {
            let mut set = GlobSetBuilder::new();
            for at in &cover.at {
                set.add(glob(at)?);
            }
            sets.push((set.build()?, cover));
        }
        Ok(Covers { sets })
    }

    /// What is wrong with its globs, if anything is.
    pub fn broken_glob(&self) -> Option<String> {
        let document = self
            .documents
            .iter()
            .find_map(|document| Glob::new(document).err());
        document.or_else(|| self.compiled().err()).map(|e| e.to_string())
    }
}

/// A glob over pointers. The brackets of `[]` and `{}` mean themselves.
fn glob(text: &str) -> Result<Glob, globset::Error> {
    let escaped: String = text
        .chars()
        .flat_map(|c| match c {
            '[' | ']' | '{' | '}' => vec!['\\', c],
            c => vec![c],
        })
        .collect();
    GlobBuilder::new(&escaped)
        .literal_separator(true)
        .backslash_escape(true)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_know_segments_and_brackets() {
        let is = |text, pointer| glob(text).unwrap().compile_matcher().is_match(pointer);
        assert!(is(
            "**/locale",
            "/~1registry~1search/post/request/message/search_request/[]/locale"
        ));
        assert!(is("**/search_request/[]/*", "/a/search_request/[]/locale"));
        assert!(!is(
            "**/search_request/[]/*",
            "/a/search_request/[]/criteria/locale"
        ));
        assert!(is("/*/post/{}", "/~1a/post/{}"));
    }
}
