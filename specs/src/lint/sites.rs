//! The objects of a document, each with its kind, also where the document is broken.

use crate::document::dialect::{self, Member};
use crate::document::kind::{Kind, Slot, may_be_reference, slot};
use crate::document::library::{Library, Place, reference};
use serde_json::Value;
use std::collections::{HashSet, VecDeque};

/// How many objects are looked at.
const MAX_SITES: usize = 200_000;

/// An object of a known kind.
#[derive(Debug, Clone)]
pub(super) struct Site<'l> {
    pub(super) kind: Kind,
    pub(super) value: &'l Value,
    pub(super) place: Place,
}

/// A reference where an object of a kind is expected.
#[derive(Debug, Clone)]
pub(super) struct Reference<'l> {
    pub(super) target: &'l str,
    /// Where the object with `$ref` stands.
    pub(super) place: Place,
    pub(super) value: &'l Value,
    /// Where it leads, or why it leads nowhere.
    pub(super) leads: Result<Place, String>,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Sites<'l> {
    pub(super) all: Vec<Site<'l>>,
    pub(super) references: Vec<Reference<'l>>,
}

/// Collects the objects of a document, and what its references lead to in other files.
pub(super) fn collect(library: &Library) -> Sites<'_> {
    let mut walker = Walker {
        library,
        sites: Sites::default(),
        seen: HashSet::new(),
        targets: VecDeque::new(),
    };
    let root = Place {
        file: 0,
        pointer: String::new(),
    };
    walker.targets.push_back((Kind::Document, library.root(0), root));
    while let Some((kind, value, place)) = walker.targets.pop_front() {
        walker.visit(kind, value, &place);
    }
    walker.sites
}

struct Walker<'l> {
    library: &'l Library,
    sites: Sites<'l>,
    seen: HashSet<(Kind, Place)>,
    /// What references lead to, due to be visited.
    targets: VecDeque<(Kind, &'l Value, Place)>,
}

impl<'l> Walker<'l> {
    fn visit(&mut self, kind: Kind, value: &'l Value, place: &Place) {
        if self.sites.all.len() >= MAX_SITES || !self.seen.insert((kind, place.clone())) {
            return;
        }
        if may_be_reference(kind)
            && let Some(target) = reference(value)
        {
            let leads = match self.library.follow(target, place) {
                Ok((value, at)) => {
                    self.targets.push_back((kind, value, at.clone()));
                    Ok(at)
                }
                Err(error) => Err(error.message),
            };
            self.sites.references.push(Reference {
                target,
                place: place.clone(),
                value,
                leads,
            });
            return;
        }
        self.sites.all.push(Site {
            kind,
            value,
            place: place.clone(),
        });
        for (name, member) in value.as_object().into_iter().flatten() {
            let at = place.below(name);
            match kind {
                Kind::Schema => self.keyword(name, member, &at),
                Kind::Callback if !name.starts_with("x-") => self.visit(Kind::PathItem, member, &at),
                Kind::Callback => {}
                _ => match slot(kind, name) {
                    None | Some(Slot::Omit) => {}
                    Some(Slot::One(inner)) => self.visit(inner, member, &at),
                    Some(Slot::List(inner)) => self.list(inner, member, &at),
                    Some(Slot::Map(inner)) => self.map(inner, member, &at),
                },
            }
        }
    }

    fn keyword(&mut self, name: &str, member: &'l Value, at: &Place) {
        match dialect::member(name) {
            Some(Member::InnerOrBool) if member.is_boolean() => {}
            Some(Member::Same | Member::Inner | Member::InnerOrBool) => {
                self.visit(Kind::Schema, member, at);
            }
            Some(Member::SameList) => self.list(Kind::Schema, member, at),
            Some(Member::InnerMap) => {
                for (key, item) in member.as_object().into_iter().flatten() {
                    self.visit(Kind::Schema, item, &at.below(key));
                }
            }
            Some(Member::Type | Member::Data(_)) | None => {}
        }
    }

    fn list(&mut self, kind: Kind, member: &'l Value, at: &Place) {
        for (index, item) in member.as_array().into_iter().flatten().enumerate() {
            self.visit(kind, item, &at.below(&index.to_string()));
        }
    }

    fn map(&mut self, kind: Kind, member: &'l Value, at: &Place) {
        let named = member.as_object().into_iter().flatten();
        for (key, item) in named.filter(|(key, _)| !key.starts_with("x-")) {
            self.visit(kind, item, &at.below(key));
        }
    }
}
