//! What rules look at: the objects of a document, its operations, and its schemas merged.

use super::sites::{self, Site, Sites};
use super::words::Words;
use crate::document::kind::Kind;
use crate::document::library::{Library, Place};
use crate::document::operation::METHODS;
use crate::shape::{Additional, Analyser, Part, Shape};
use serde_json::Value;
use std::collections::{HashSet, VecDeque};
use std::rc::Rc;

/// How many merged schemas are looked at.
const MAX_SHAPES: usize = 20_000;

/// An operation.
#[derive(Debug)]
pub(super) struct Operation<'l> {
    pub(super) method: &'l str,
    pub(super) path: &'l str,
    pub(super) value: &'l Value,
    pub(super) place: Place,
    /// The path's own members.
    pub(super) item: &'l Value,
    pub(super) item_place: Place,
}

/// A merged schema and where it was met.
#[derive(Debug)]
pub(super) struct Seen<'l> {
    pub(super) shape: Rc<Shape<'l>>,
    /// The name of the member that it describes, if it is one.
    pub(super) name: Option<&'l str>,
    /// Whether an operation uses it, as far as that has been looked at.
    pub(super) used: bool,
}

impl Seen<'_> {
    /// Where it stands.
    pub(super) fn place(&self) -> Option<&Place> {
        self.shape.parts.first().map(|part| &part.place)
    }
}

/// Everything that rules look at.
pub(super) struct Context<'l> {
    pub(super) library: &'l Library,
    pub(super) sites: Sites<'l>,
    pub(super) operations: Vec<Operation<'l>>,
    pub(super) analyser: Analyser<'l>,
    pub(super) shapes: Vec<Seen<'l>>,
    pub(super) words: Words,
}

impl<'l> Context<'l> {
    pub(super) fn new(library: &'l Library) -> Self {
        let sites = sites::collect(library);
        let analyser = Analyser::new(library);
        let shapes = shapes(&sites, &analyser);
        Self {
            operations: operations(library),
            words: Words::of(library),
            library,
            sites,
            analyser,
            shapes,
        }
    }

    /// The document itself.
    pub(super) fn root(&self) -> &'l Value {
        self.library.root(0)
    }

    /// A place in the document itself.
    pub(super) fn at(pointer: &str) -> Place {
        Place {
            file: 0,
            pointer: pointer.to_owned(),
        }
    }

    /// The objects of a kind.
    pub(super) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Site<'l>> {
        self.sites.all.iter().filter(move |site| site.kind == kind)
    }

    /// What stands at a place once references are followed; itself where they lead nowhere.
    pub(super) fn settle(&self, value: &'l Value, place: Place) -> (&'l Value, Place) {
        let settled = self.library.settle(value, place.clone());
        settled.unwrap_or((value, place))
    }

    /// Merges one schema.
    pub(super) fn shape_of(&self, value: &'l Value, place: Place) -> Rc<Shape<'l>> {
        self.analyser.shape(&[Part::new(value, place)])
    }

    /// The body of a request, once references are followed.
    pub(super) fn request(&self, operation: &Operation<'l>) -> Option<(&'l Value, Place)> {
        let body = operation.value.get("requestBody")?;
        Some(self.settle(body, operation.place.below("requestBody")))
    }

    /// The answers of an operation by status, once references are followed.
    pub(super) fn answers(&self, operation: &Operation<'l>) -> Vec<(&'l str, &'l Value, Place)> {
        let at = operation.place.below("responses");
        members(operation.value, "responses")
            .filter(|(status, _)| !status.starts_with("x-"))
            .map(|(status, value)| {
                let (value, place) = self.settle(value, at.below(status));
                (status.as_str(), value, place)
            })
            .collect()
    }
}

/// The schemas of what a body or an answer contains, by media type.
pub(super) fn content<'v>(holder: &'v Value, place: &Place) -> Vec<(&'v str, &'v Value, Place)> {
    let at = place.below("content");
    members(holder, "content")
        .filter_map(|(media_type, entry)| {
            let schema = entry.get("schema")?;
            Some((media_type.as_str(), schema, at.below(media_type).below("schema")))
        })
        .collect()
}

/// The members of an object member.
pub(super) fn members<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = (&'v String, &'v Value)> {
    value.get(name).and_then(Value::as_object).into_iter().flatten()
}

fn operations(library: &Library) -> Vec<Operation<'_>> {
    let mut operations = Vec::new();
    let paths = Context::at("/paths");
    for (path, item) in members(library.root(0), "paths").filter(|(path, _)| path.starts_with('/')) {
        let Ok((item, item_place)) = library.settle(item, paths.below(path)) else {
            continue;
        };
        for (method, value) in item.as_object().into_iter().flatten() {
            if METHODS.contains(&method.as_str()) && value.is_object() {
                operations.push(Operation {
                    method,
                    path,
                    value,
                    place: item_place.below(method),
                    item,
                    item_place: item_place.clone(),
                });
            }
        }
    }
    operations
}

/// The merged schemas of a document: those that bodies, parameters and components name, and all within
/// them. A schema within an `allOf` is not looked at by itself, but only together with the others.
fn shapes<'l>(sites: &Sites<'l>, analyser: &Analyser<'l>) -> Vec<Seen<'l>> {
    type Due<'l> = (Vec<Part<'l>>, Option<&'l str>);
    // Components last: what uses them knows what they are called there.
    let mut queue: VecDeque<Due<'l>> = VecDeque::new();
    let mut components: Vec<Due<'l>> = Vec::new();
    for site in &sites.all {
        match site.kind {
            Kind::Parameter | Kind::Header | Kind::MediaType => {
                if let Some(schema) = site.value.get("schema") {
                    queue.push_back((vec![Part::new(schema, site.place.below("schema"))], None));
                }
            }
            Kind::Components => {
                let at = site.place.below("schemas");
                for (name, schema) in members(site.value, "schemas") {
                    components.push((vec![Part::new(schema, at.below(name))], None));
                }
            }
            _ => {}
        }
    }
    let mut known = HashSet::new();
    let mut seen = Vec::new();
    components.reverse();
    let mut used = true;
    loop {
        let Some((parts, name)) = queue.pop_front().or_else(|| {
            used = false;
            components.pop()
        }) else {
            return seen;
        };
        let shape = analyser.shape(&parts);
        if seen.len() >= MAX_SHAPES || !known.insert(analyser.key(&shape.parts)) {
            continue;
        }
        for (name, parts) in &shape.properties {
            queue.push_back((parts.clone(), Some(name)));
        }
        if !shape.items.is_empty() {
            queue.push_back((shape.items.clone(), None));
        }
        if let Additional::Schema(parts) = &shape.additional {
            queue.push_back((parts.clone(), None));
        }
        if !shape.not.is_empty() {
            queue.push_back((shape.not.clone(), None));
        }
        for group in &shape.groups {
            for branch in &group.branches {
                queue.push_back((shape.with(branch), name));
            }
        }
        seen.push(Seen { shape, name, used });
    }
}
