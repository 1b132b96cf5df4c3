//! Structural comparison of two OpenAPI documents.
//!
//! Compared is what a document demands: references are followed and `allOf` is merged first, so that moving
//! a schema into a component is no difference. Descriptions, titles and examples are not compared. A
//! [`Difference`] says which errata and readings account for it.

mod alternatives;
mod cover;
mod kind;
mod operation;
mod pairs;
mod schema;

pub use kind::DifferenceKind;

use crate::catalogue::Catalogue;
use crate::document::Document;
use crate::document::library::{Library, Place};
use crate::document::pointer;
use crate::shape::{Analyser, Key};
use serde::Serialize;
use serde_json::Value;

/// How many differences are reported.
const MAX_DIFFERENCES: usize = 50_000;
/// How many pairs of schemas are compared.
const MAX_PAIRS: usize = 200_000;

/// One difference between two documents.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// Where: path, method, `request` or status, media type, then member by member. `[]` stands for the
    /// items of a list, `{}` for members that are not named, `oneOf/N` for one of several alternatives.
    /// Segments are escaped as in a JSON pointer.
    pub pointer: String,
    /// What kind of difference.
    pub kind: DifferenceKind,
    /// What the left document says.
    pub left: Value,
    /// What the right document says.
    pub right: Value,
    /// The errata and readings that account for it.
    pub covered_by: Vec<String>,
}

/// How the right document differs from the left one, in the order of the left.
pub fn diff(left: &Document, right: &Document, catalogue: &Catalogue) -> Vec<Difference> {
    let mut differ = Differ {
        left: Side::new(left.library()),
        right: Side::new(right.library()),
        found: Vec::new(),
        pairs: 0,
        cut_short: false,
        trail: Vec::new(),
    };
    pairs::compare(&mut differ);
    if differ.cut_short {
        let kind = DifferenceKind::CutShort;
        differ.found.push(Difference {
            pointer: String::new(),
            kind,
            left: Value::Null,
            right: Value::Null,
            covered_by: Vec::new(),
        });
    }
    let mut found = differ.found;
    cover::fill(&mut found, left, right, catalogue);
    found
}

/// One of the two documents.
struct Side<'l> {
    library: &'l Library,
    analyser: Analyser<'l>,
}

impl<'l> Side<'l> {
    fn new(library: &'l Library) -> Self {
        Self {
            library,
            analyser: Analyser::new(library),
        }
    }

    /// What stands at a place once references are followed.
    fn settle(&self, value: &'l Value, place: Place) -> (&'l Value, Place) {
        let settled = self.library.settle(value, place.clone());
        settled.unwrap_or((value, place))
    }
}

/// A comparison under way.
struct Differ<'a, 'b> {
    left: Side<'a>,
    right: Side<'b>,
    found: Vec<Difference>,
    pairs: usize,
    cut_short: bool,
    /// The pairs of schemas within which the comparison is, so that recursive ones end.
    trail: Vec<(Vec<Key>, Vec<Key>)>,
}

impl Differ<'_, '_> {
    fn add(&mut self, pointer: &str, kind: DifferenceKind, left: Value, right: Value) {
        if self.found.len() >= MAX_DIFFERENCES {
            self.cut_short = true;
            return;
        }
        self.found.push(Difference {
            pointer: pointer.to_owned(),
            kind,
            left,
            right,
            covered_by: Vec::new(),
        });
    }

    /// Whether another pair of schemas may be compared.
    fn may_go_on(&mut self) -> bool {
        self.pairs += 1;
        if self.pairs > MAX_PAIRS {
            self.cut_short = true;
        }
        !self.cut_short
    }
}

/// The pointer of something within another.
fn below(pointer: &str, segment: &str) -> String {
    pointer::join(pointer, segment)
}
