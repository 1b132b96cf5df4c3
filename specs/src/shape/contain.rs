//! What can be proven about shapes: that nothing satisfies one, that one is contained in another, that
//! two have nothing in common.
//!
//! Each answer `true` is a proof; `false` means that none was found. Effort is bounded, so that no
//! document can keep the proof busy.

use super::merge::{is_subset, merge};
use super::{Additional, Combinator, Group, Part, Shape, Type};
use crate::document::library::{Library, Place};
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

/// How deep proofs may nest.
const MAX_DEPTH: usize = 16;
/// How many steps all proofs about one document may take.
const MAX_STEPS: usize = 200_000;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Question {
    Empty,
    Contained,
    Disjoint,
}

/// What tells a list of schemas apart from others.
pub(crate) type Key = Rc<[u32]>;

type Asked = (Question, Key, Key, Type);

/// Proves things about the schemas of one document.
pub(crate) struct Analyser<'l> {
    library: &'l Library,
    numbers: RefCell<HashMap<Place, u32>>,
    shapes: RefCell<HashMap<Key, Rc<Shape<'l>>>>,
    proven: RefCell<HashMap<Asked, bool>>,
    steps: Cell<usize>,
    depth: Cell<usize>,
}

impl<'l> Analyser<'l> {
    pub(crate) fn new(library: &'l Library) -> Self {
        Self {
            library,
            numbers: RefCell::default(),
            shapes: RefCell::default(),
            proven: RefCell::default(),
            steps: Cell::new(0),
            depth: Cell::new(0),
        }
    }

    /// What tells a list of schemas apart from others.
    pub(crate) fn key(&self, parts: &[Part<'l>]) -> Key {
        let mut numbers = self.numbers.borrow_mut();
        let mut key: Vec<u32> = Vec::with_capacity(parts.len());
        for part in parts {
            let number = if let Some(known) = numbers.get(&part.place) {
                *known
            } else {
                let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX / 2);
                numbers.insert(part.place.clone(), next);
                next
            };
            key.push(number.saturating_mul(2).saturating_add(u32::from(part.bare)));
        }
        key.sort_unstable();
        key.dedup();
        key.into()
    }

    /// Schemas for the same value, merged.
    pub(crate) fn shape(&self, parts: &[Part<'l>]) -> Rc<Shape<'l>> {
        let key = self.key(parts);
        if let Some(known) = self.shapes.borrow().get(&key) {
            return Rc::clone(known);
        }
        let shape = Rc::new(merge(self.library, parts));
        self.shapes.borrow_mut().insert(key, Rc::clone(&shape));
        shape
    }

    /// Whether no value of this type satisfies all of the schemas.
    pub(crate) fn is_empty(&self, parts: &[Part<'l>], of: Type) -> bool {
        self.ask(Question::Empty, parts, &[], of, |this| {
            this.prove_empty(&this.shape(parts), of)
        })
    }

    /// Whether no value at all satisfies the schemas.
    pub(crate) fn is_impossible(&self, parts: &[Part<'l>]) -> bool {
        super::ALL.each().all(|of| self.is_empty(parts, of))
    }

    /// Whether each value of this type that satisfies `left` satisfies `right` as well.
    pub(crate) fn is_contained(&self, left: &[Part<'l>], right: &[Part<'l>], of: Type) -> bool {
        self.key(left) == self.key(right)
            || self.ask(Question::Contained, left, right, of, |this| {
                let shapes = (this.shape(left), this.shape(right));
                this.is_empty(left, of) || this.prove_contained((left, &shapes.0), (right, &shapes.1), of)
            })
    }

    /// Whether no value of this type satisfies both.
    pub(crate) fn is_disjoint(&self, left: &[Part<'l>], right: &[Part<'l>], of: Type) -> bool {
        self.ask(Question::Disjoint, left, right, of, |this| {
            let shapes = (this.shape(left), this.shape(right));
            this.prove_disjoint((left, &shapes.0), (right, &shapes.1), of)
        })
    }

    fn everywhere_contained(&self, left: &[Part<'l>], right: &[Part<'l>]) -> bool {
        super::ALL.each().all(|of| self.is_contained(left, right, of))
    }

    fn everywhere_disjoint(&self, left: &[Part<'l>], right: &[Part<'l>]) -> bool {
        super::ALL.each().all(|of| self.is_disjoint(left, right, of))
    }

    fn ask(
        &self,
        question: Question,
        left: &[Part<'l>],
        right: &[Part<'l>],
        of: Type,
        prove: impl FnOnce(&Self) -> bool,
    ) -> bool {
        let asked = (question, self.key(left), self.key(right), of);
        if let Some(known) = self.proven.borrow().get(&asked) {
            return *known;
        }
        self.steps.set(self.steps.get() + 1);
        if self.depth.get() >= MAX_DEPTH || self.steps.get() > MAX_STEPS {
            return false;
        }
        // Until it is proven, it is not; a schema that contains itself ends here.
        self.proven.borrow_mut().insert(asked.clone(), false);
        self.depth.set(self.depth.get() + 1);
        let proven = prove(self);
        self.depth.set(self.depth.get() - 1);
        self.proven.borrow_mut().insert(asked, proven);
        proven
    }

    fn prove_empty(&self, shape: &Shape<'l>, of: Type) -> bool {
        if !shape.types.has(of) {
            return true;
        }
        if shape.opaque {
            return false;
        }
        if let Some(listed) = &shape.listed
            && !listed.iter().any(|value| Type::of(value) == of)
        {
            return true;
        }
        if crossed(shape, of) {
            return true;
        }
        let inner_empty = match of {
            Type::Object => shape
                .required
                .keys()
                .any(|name| match shape.properties.get(name) {
                    Some(parts) => self.is_impossible(parts),
                    None => matches!(shape.additional, Additional::Forbidden),
                }),
            Type::Array => {
                shape.bounds.get("minItems").is_some_and(|least| *least >= 1.0)
                    && !shape.items.is_empty()
                    && self.is_impossible(&shape.items)
            }
            _ => false,
        };
        inner_empty || shape.groups.iter().any(|group| self.is_dead(shape, group, of))
    }

    /// Whether no value of this type can be decided by these alternatives.
    fn is_dead(&self, shape: &Shape<'l>, group: &Group<'l>, of: Type) -> bool {
        (0..group.branches.len()).all(|index| {
            let taken = shape.with(&group.branches[index]);
            self.is_empty(&taken, of)
                || (group.combinator == Combinator::OneOf
                    && self.covering(shape, group, index, of).next().is_some())
        })
    }

    /// The other alternatives that accept each value of this type that this one accepts.
    pub(crate) fn covering(
        &self,
        shape: &Shape<'l>,
        group: &Group<'l>,
        index: usize,
        of: Type,
    ) -> impl Iterator<Item = usize> {
        let taken = shape.with(&group.branches[index]);
        (0..group.branches.len()).filter(move |other| {
            *other != index && self.is_contained(&taken, std::slice::from_ref(&group.branches[*other]), of)
        })
    }

    fn prove_contained(
        &self,
        (left, l): (&[Part<'l>], &Shape<'l>),
        (right, r): (&[Part<'l>], &Shape<'l>),
        of: Type,
    ) -> bool {
        if !r.types.has(of) || r.opaque || l.opaque || !r.not.is_empty() {
            return false;
        }
        if r.groups.is_empty()
            && let Some(listed) = &l.listed
        {
            let mut same_type = listed.iter().filter(|value| Type::of(value) == of);
            return same_type.all(|value| admits(r, value));
        }
        let own = r.listed.is_none() && tighter(l, r, of) && self.members_contained(l, r, of);
        let groups = r.groups.iter().all(|group| self.reaches(left, group, of));
        if own && groups {
            return true;
        }
        // Each of the left's own alternatives may be contained by itself.
        let [group] = l.groups.as_slice() else {
            return false;
        };
        group
            .branches
            .iter()
            .all(|branch| self.is_contained(&l.with(branch), right, of))
    }

    /// Whether the alternatives accept whatever satisfies the schemas on the left.
    fn reaches(&self, left: &[Part<'l>], group: &Group<'l>, of: Type) -> bool {
        (0..group.branches.len()).any(|index| {
            let branch = |i: usize| std::slice::from_ref(&group.branches[i]);
            self.is_contained(left, branch(index), of)
                && (group.combinator == Combinator::AnyOf
                    || (0..group.branches.len())
                        .filter(|other| *other != index)
                        .all(|other| self.is_disjoint(left, branch(other), of)))
        })
    }

    fn members_contained(&self, l: &Shape<'l>, r: &Shape<'l>, of: Type) -> bool {
        match of {
            Type::Array => {
                (r.items.is_empty() || (!l.items.is_empty() && self.everywhere_contained(&l.items, &r.items)))
                    && (!r.unique || l.unique)
            }
            Type::Object => {
                let closed = matches!(l.additional, Additional::Forbidden);
                let additional = match &r.additional {
                    Additional::Allowed => true,
                    Additional::Forbidden => {
                        closed && l.properties.keys().all(|name| r.properties.contains_key(name))
                    }
                    Additional::Schema(_) => false,
                };
                additional
                    && r.required.keys().all(|name| l.requires(name))
                    && r.properties
                        .iter()
                        .all(|(name, theirs)| match l.properties.get(name) {
                            Some(ours) => self.everywhere_contained(ours, theirs),
                            None => closed || self.shape(theirs).is_free(),
                        })
            }
            _ => true,
        }
    }

    fn prove_disjoint(
        &self,
        (left, l): (&[Part<'l>], &Shape<'l>),
        (right, r): (&[Part<'l>], &Shape<'l>),
        of: Type,
    ) -> bool {
        if !l.types.has(of) || !r.types.has(of) || self.is_empty(left, of) || self.is_empty(right, of) {
            return true;
        }
        if let (Some(ours), Some(theirs)) = (&l.listed, &r.listed)
            && !ours.iter().any(|value| theirs.contains(value))
        {
            return true;
        }
        let members = of == Type::Object
            && l.required.keys().chain(r.required.keys()).any(|name| {
                match (l.properties.get(name), r.properties.get(name)) {
                    (Some(ours), Some(theirs)) => self.everywhere_disjoint(ours, theirs),
                    (None, Some(_)) => matches!(l.additional, Additional::Forbidden),
                    (Some(_), None) => matches!(r.additional, Additional::Forbidden),
                    (None, None) => false,
                }
            });
        members
            || l.groups.iter().any(|group| {
                group
                    .branches
                    .iter()
                    .all(|branch| self.is_disjoint(&l.with(branch), right, of))
            })
            || r.groups.iter().any(|group| {
                group
                    .branches
                    .iter()
                    .all(|branch| self.is_disjoint(&r.with(branch), left, of))
            })
    }
}

/// Whether two bounds leave nothing between them.
fn crossed(shape: &Shape<'_>, of: Type) -> bool {
    let bound = |name: &str| shape.bounds.get(name).copied();
    let over = |low: &str, high: &str| bound(low).zip(bound(high)).is_some_and(|(low, high)| low > high);
    match of {
        Type::Integer | Type::Fraction => {
            let touch =
                |low: &str, high: &str| bound(low).zip(bound(high)).is_some_and(|(low, high)| low >= high);
            over("minimum", "maximum")
                || touch("exclusiveMinimum", "maximum")
                || touch("minimum", "exclusiveMaximum")
                || touch("exclusiveMinimum", "exclusiveMaximum")
        }
        Type::String => over("minLength", "maxLength"),
        Type::Array => over("minItems", "maxItems"),
        Type::Object => over("minProperties", "maxProperties"),
        Type::Null | Type::Boolean => false,
    }
}

/// Whether each bound on the right for values of this type holds on the left as well.
fn tighter(l: &Shape<'_>, r: &Shape<'_>, of: Type) -> bool {
    let names: &[&str] = match of {
        Type::Null | Type::Boolean => &[],
        Type::Integer | Type::Fraction => &[
            "minimum",
            "exclusiveMinimum",
            "maximum",
            "exclusiveMaximum",
            "multipleOf",
        ],
        Type::String => &["minLength", "maxLength"],
        Type::Array => &["minItems", "maxItems"],
        Type::Object => &["minProperties", "maxProperties"],
    };
    let holds = |name: &&str| {
        let Some(theirs) = r.bounds.get(name) else {
            return true;
        };
        l.bounds.get(name).is_some_and(|ours| {
            if name.starts_with("min") || *name == "exclusiveMinimum" {
                ours >= theirs
            } else if *name == "multipleOf" {
                ours.to_bits() == theirs.to_bits()
            } else {
                ours <= theirs
            }
        })
    };
    names.iter().all(holds)
        && (of != Type::String || (is_subset(&r.patterns, &l.patterns) && is_subset(&r.formats, &l.formats)))
}

/// Whether a shape without alternatives certainly accepts a value.
fn admits(shape: &Shape<'_>, value: &Value) -> bool {
    let of = Type::of(value);
    if !shape.types.has(of)
        || shape
            .listed
            .as_ref()
            .is_some_and(|listed| !listed.contains(&value))
    {
        return false;
    }
    let bound = |name: &str, holds: &dyn Fn(f64) -> bool| shape.bounds.get(name).is_none_or(|b| holds(*b));
    match value {
        Value::Null | Value::Bool(_) => true,
        Value::Number(number) => {
            let number = number.as_f64().unwrap_or(f64::NAN);
            bound("minimum", &|b| number >= b)
                && bound("maximum", &|b| number <= b)
                && bound("exclusiveMinimum", &|b| number > b)
                && bound("exclusiveMaximum", &|b| number < b)
                && !shape.bounds.contains_key("multipleOf")
        }
        Value::String(text) => {
            let length = text.chars().count() as f64;
            shape.patterns.is_empty()
                && shape.formats.is_empty()
                && bound("minLength", &|b| length >= b)
                && bound("maxLength", &|b| length <= b)
        }
        Value::Array(_) | Value::Object(_) => shape.listed.is_some(),
    }
}
