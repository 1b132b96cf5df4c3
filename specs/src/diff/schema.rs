//! Comparing two schemas.

use super::alternatives::{self, summary};
use super::{Differ, DifferenceKind as Kind, below};
use crate::shape::{Additional, Combinator, Part, Shape, Type, Types};
use indexmap::IndexMap;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::rc::Rc;

impl<'a, 'b> Differ<'a, 'b> {
    /// Compares what the schemas of the left and those of the right demand of the same value.
    pub(super) fn schemas(&mut self, pointer: &str, left: &[Part<'a>], right: &[Part<'b>]) {
        self.alternatives(pointer, &[left.to_vec()], &[right.to_vec()]);
    }

    /// Compares what is allowed on the left, one schema or the other, with what is allowed on the right.
    fn alternatives(&mut self, pointer: &str, left: &[Vec<Part<'a>>], right: &[Vec<Part<'b>>]) {
        let key = (
            left.iter().map(|parts| self.left.analyser.key(parts)).collect(),
            right.iter().map(|parts| self.right.analyser.key(parts)).collect(),
        );
        if !self.may_go_on() || self.trail.contains(&key) {
            return;
        }
        self.trail.push(key);
        let ours = alternatives::of(&self.left, left);
        let theirs = alternatives::of(&self.right, right);
        let several = ours.all.len() > 1 && theirs.all.len() > 1;
        if let (Some(l), Some(r)) = (ours.combinator, theirs.combinator)
            && l != r
            && several
        {
            self.add(pointer, Kind::CombinatorChanged, json!(l.word()), json!(r.word()));
        }
        let word = ours
            .combinator
            .or(theirs.combinator)
            .map_or("oneOf", Combinator::word);
        let groups = alternatives::grouped(&ours.all, &theirs.all);
        for group in &groups {
            let segment = match (group.left.first(), group.right.first()) {
                (Some(index), _) => index.to_string(),
                (None, index) => format!("+{}", index.copied().unwrap_or_default()),
            };
            let at = if groups.len() > 1 {
                below(&below(pointer, word), &segment)
            } else {
                pointer.to_owned()
            };
            let l: Vec<_> = group
                .left
                .iter()
                .map(|index| Rc::clone(&ours.all[*index]))
                .collect();
            let r: Vec<_> = group
                .right
                .iter()
                .map(|index| Rc::clone(&theirs.all[*index]))
                .collect();
            match (l.as_slice(), r.as_slice()) {
                ([], all) => {
                    for shape in all {
                        self.add(&at, Kind::BranchAdded, Value::Null, summary(shape));
                    }
                }
                (all, []) => {
                    for shape in all {
                        self.add(&at, Kind::BranchRemoved, summary(shape), Value::Null);
                    }
                }
                ([l], [r]) => self.shapes(&at, l, r),
                (l, r) => self.variants(&at, l, r),
            }
        }
        self.trail.pop();
    }

    /// Compares objects that have several variants on one side: member by member, whatever the variant.
    fn variants(&mut self, at: &str, left: &[Rc<Shape<'a>>], right: &[Rc<Shape<'b>>]) {
        let count = |number: usize| json!({ "variants": number });
        self.add(at, Kind::CombinatorChanged, count(left.len()), count(right.len()));
        let (ours, theirs) = (merged(left), merged(right));
        for (name, l) in &ours.0 {
            let at = below(at, name);
            if let Some(r) = theirs.0.get(name) {
                self.alternatives(&at, l, r);
            } else {
                let first = summary(&self.left.analyser.shape(&l[0]));
                self.add(
                    &at,
                    Kind::MemberRemoved,
                    described(first, ours.1.contains(name)),
                    Value::Null,
                );
            }
        }
        for (name, r) in &theirs.0 {
            if !ours.0.contains_key(name) {
                let first = described(
                    summary(&self.right.analyser.shape(&r[0])),
                    theirs.1.contains(name),
                );
                self.add(&below(at, name), Kind::MemberAdded, Value::Null, first);
            }
        }
        for name in ours.1.difference(&theirs.1) {
            if !ours.0.contains_key(name) || theirs.0.contains_key(name) {
                self.add(&below(at, name), Kind::RequiredRemoved, json!(true), json!(false));
            }
        }
        for name in theirs.1.difference(&ours.1) {
            if !theirs.0.contains_key(name) || ours.0.contains_key(name) {
                self.add(&below(at, name), Kind::RequiredAdded, json!(false), json!(true));
            }
        }
    }

    /// Compares two schemas without alternatives.
    fn shapes(&mut self, at: &str, left: &Shape<'a>, right: &Shape<'b>) {
        if left.opaque != right.opaque {
            let word = |broken: bool| json!(if broken { "broken" } else { "understood" });
            self.add(at, Kind::BrokenChanged, word(left.opaque), word(right.opaque));
        }
        self.types(at, left, right);
        self.lists(at, left, right);
        self.rules(at, left, right);
        let common = left.types.and(right.types);
        if common.has(Type::Array) {
            match (left.items.is_empty(), right.items.is_empty()) {
                (false, false) => self.schemas(&below(at, "[]"), &left.items, &right.items),
                (true, false) => {
                    let items = summary(&self.right.analyser.shape(&right.items));
                    self.add(&below(at, "[]"), Kind::ItemsAdded, Value::Null, items);
                }
                (false, true) => {
                    let items = summary(&self.left.analyser.shape(&left.items));
                    self.add(&below(at, "[]"), Kind::ItemsRemoved, items, Value::Null);
                }
                (true, true) => {}
            }
        }
        if common.has(Type::Object) {
            self.members(at, left, right);
        }
    }

    fn types(&mut self, at: &str, left: &Shape<'a>, right: &Shape<'b>) {
        let null = Types::of(Type::Null);
        let names = |shape: &Shape<'_>| {
            let others = crate::shape::ALL
                .each()
                .filter(|of| *of != Type::Null && shape.types.has(*of));
            others.fold(Types::NONE, |all, of| all.or(Types::of(of)))
        };
        let (l, r) = (names(left), names(right));
        if l != r {
            let word = |shape: &Shape<'_>, types: Types| match types.names().as_slice() {
                _ if !shape.typed => json!("any"),
                [one] => json!(one),
                several => json!(several),
            };
            self.add(at, Kind::TypeChanged, word(left, l), word(right, r));
        }
        let allows = |shape: &Shape<'_>| shape.types.and(null) == null;
        if left.typed && right.typed && allows(left) != allows(right) {
            self.add(
                at,
                Kind::NullableChanged,
                json!(allows(left)),
                json!(allows(right)),
            );
        }
    }

    fn lists(&mut self, at: &str, left: &Shape<'a>, right: &Shape<'b>) {
        match (&left.listed, &right.listed) {
            (None, None) => {}
            (None, Some(values)) => self.add(at, Kind::EnumAdded, Value::Null, json!(values)),
            (Some(values), None) => self.add(at, Kind::EnumRemoved, json!(values), Value::Null),
            (Some(ours), Some(theirs)) => {
                for value in ours.iter().filter(|value| !theirs.contains(value)) {
                    self.add(at, Kind::EnumValueRemoved, (*value).clone(), Value::Null);
                }
                for value in theirs.iter().filter(|value| !ours.contains(value)) {
                    self.add(at, Kind::EnumValueAdded, Value::Null, (*value).clone());
                }
            }
        }
    }

    fn rules(&mut self, at: &str, left: &Shape<'a>, right: &Shape<'b>) {
        let texts = |set: &BTreeSet<&str>| match set.len() {
            0 => Value::Null,
            1 => json!(set.first()),
            _ => json!(set),
        };
        if left.patterns != right.patterns {
            self.add(
                at,
                Kind::PatternChanged,
                texts(&left.patterns),
                texts(&right.patterns),
            );
        }
        if left.formats != right.formats {
            self.add(
                at,
                Kind::FormatChanged,
                texts(&left.formats),
                texts(&right.formats),
            );
        }
        let names: BTreeSet<&str> = left.bounds.keys().chain(right.bounds.keys()).copied().collect();
        for name in names {
            let (ours, theirs) = (left.bounds.get(name), right.bounds.get(name));
            // A length or number of at least nothing restricts nothing.
            let vacuous = |bound: Option<&f64>| {
                name != "minimum" && name.starts_with("min") && bound.is_none_or(|b| *b <= 0.0)
            };
            if ours.map(|b| b.to_bits()) != theirs.map(|b| b.to_bits()) && !(vacuous(ours) && vacuous(theirs))
            {
                let said = |bound: Option<&f64>| bound.map_or(Value::Null, |b| json!({ name: number(*b) }));
                self.add(at, Kind::BoundChanged, said(ours), said(theirs));
            }
        }
        if left.unique != right.unique {
            self.add(at, Kind::UniqueChanged, json!(left.unique), json!(right.unique));
        }
        let negated =
            |shape: &Shape<'_>| -> Vec<Value> { shape.not.iter().map(|part| part.value.clone()).collect() };
        let (ours, theirs) = (negated(left), negated(right));
        if ours != theirs {
            self.add(at, Kind::NegationChanged, json!(ours), json!(theirs));
        }
    }

    fn members(&mut self, at: &str, left: &Shape<'a>, right: &Shape<'b>) {
        for (name, ours) in &left.properties {
            let at = below(at, name);
            if let Some(theirs) = right.properties.get(name) {
                self.schemas(&at, ours, theirs);
            } else {
                let said = described(summary(&self.left.analyser.shape(ours)), left.requires(name));
                self.add(&at, Kind::MemberRemoved, said, Value::Null);
            }
        }
        for (name, theirs) in &right.properties {
            if !left.properties.contains_key(name) {
                let said = described(summary(&self.right.analyser.shape(theirs)), right.requires(name));
                self.add(&below(at, name), Kind::MemberAdded, Value::Null, said);
            }
        }
        let told = |name: &str| left.properties.contains_key(name) != right.properties.contains_key(name);
        for name in left.required.keys().filter(|name| !right.requires(name)) {
            // A member that is gone with its requirement has been told.
            if !told(name) || right.properties.contains_key(name) {
                self.add(&below(at, name), Kind::RequiredRemoved, json!(true), json!(false));
            }
        }
        for name in right.required.keys().filter(|name| !left.requires(name)) {
            if !told(name) || left.properties.contains_key(name) {
                self.add(&below(at, name), Kind::RequiredAdded, json!(false), json!(true));
            }
        }
        self.additional(at, left, right);
    }

    fn additional(&mut self, at: &str, left: &Shape<'a>, right: &Shape<'b>) {
        match (&left.additional, &right.additional) {
            (Additional::Allowed, Additional::Allowed) | (Additional::Forbidden, Additional::Forbidden) => {}
            (Additional::Schema(ours), Additional::Schema(theirs)) => {
                self.schemas(&below(at, "{}"), ours, theirs);
            }
            (ours, theirs) => {
                let word = |additional: &Additional<'_>| {
                    json!(match additional {
                        Additional::Allowed => "allowed",
                        Additional::Forbidden => "forbidden",
                        Additional::Schema(_) => "described",
                    })
                };
                let (ours, theirs) = (word(ours), word(theirs));
                self.add(&below(at, "{}"), Kind::AdditionalChanged, ours, theirs);
            }
        }
    }
}

/// The members of several variants, each with its schemas, and the names that every variant requires.
type Merged<'l> = (IndexMap<&'l str, Vec<Vec<Part<'l>>>>, BTreeSet<&'l str>);

fn merged<'l>(variants: &[Rc<Shape<'l>>]) -> Merged<'l> {
    let mut members: IndexMap<&str, Vec<Vec<Part<'l>>>> = IndexMap::new();
    for shape in variants {
        for (name, parts) in &shape.properties {
            members.entry(name).or_default().push(parts.clone());
        }
    }
    let required = |shape: &Rc<Shape<'l>>| shape.required.keys().copied().collect::<BTreeSet<_>>();
    let all = variants.iter().map(required);
    let required = all.reduce(|all, more| all.intersection(&more).copied().collect());
    (members, required.unwrap_or_default())
}

fn described(mut summary: Value, required: bool) -> Value {
    if let (Value::Object(words), true) = (&mut summary, required) {
        words.insert("is_required".to_owned(), json!(true));
    }
    summary
}

/// A bound without a needless fraction.
fn number(bound: f64) -> Value {
    let text = bound.to_string();
    text.parse::<i64>()
        .map_or_else(|_| json!(bound), |whole| json!(whole))
}
