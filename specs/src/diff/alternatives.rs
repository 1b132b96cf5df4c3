//! The alternatives of a schema, and which of the left belongs to which of the right.

use super::Side;
use crate::shape::{Combinator, Part, Shape, Type, Types};
use serde_json::{Map, Value, json};
use std::collections::HashSet;
use std::rc::Rc;

/// How many alternatives one schema may have before some are no longer told apart.
const MAX_ALTERNATIVES: usize = 48;
/// How deep alternatives may nest.
const MAX_DEPTH: usize = 8;

/// A schema as the list of what it allows, each without alternatives of its own.
pub(super) struct Alternatives<'l> {
    pub(super) combinator: Option<Combinator>,
    pub(super) all: Vec<Rc<Shape<'l>>>,
}

/// Takes schemas apart that are themselves alternatives of each other.
pub(super) fn of<'l>(side: &Side<'l>, schemas: &[Vec<Part<'l>>]) -> Alternatives<'l> {
    let mut all = Vec::new();
    for parts in schemas {
        expand(side, parts, 0, &mut all);
    }
    // Choices of branches that exclude each other allow nothing.
    if all.iter().any(|shape| shape.types != Types::NONE) {
        all.retain(|shape| shape.types != Types::NONE);
    } else {
        all.truncate(1);
    }
    let combinator = schemas.first().and_then(|parts| {
        let shape = side.analyser.shape(parts);
        shape.groups.first().map(|group| group.combinator)
    });
    Alternatives {
        combinator,
        all: distinct(side, all),
    }
}

/// Leaves out what says the same as another, and makes one list of several that are each a list of values.
fn distinct<'l>(side: &Side<'l>, all: Vec<Rc<Shape<'l>>>) -> Vec<Rc<Shape<'l>>> {
    let mut kept: Vec<Rc<Shape<'l>>> = Vec::with_capacity(all.len());
    let mut known = HashSet::new();
    for shape in all {
        if !known.insert(side.analyser.key(&shape.parts)) {
            continue;
        }
        let same = kept.iter_mut().find(|other| says_the_same(other, &shape));
        match (same, &shape.listed) {
            (None, _) => kept.push(shape),
            (Some(known), Some(values)) => {
                let mut merged = (**known).clone();
                let listed = merged.listed.get_or_insert_default();
                for value in values {
                    if !listed.contains(value) {
                        listed.push(value);
                    }
                }
                *known = Rc::new(merged);
            }
            (Some(_), None) => {}
        }
    }
    kept
}

/// Whether two schemas for texts, numbers and the like have the same rules, but for the values they list.
fn says_the_same(left: &Shape<'_>, right: &Shape<'_>) -> bool {
    let plain = |shape: &Shape<'_>| {
        shape.typed && !shape.types.has(Type::Object) && !shape.types.has(Type::Array) && shape.not.is_empty()
    };
    plain(left)
        && plain(right)
        && left.types == right.types
        && left.listed.is_some() == right.listed.is_some()
        && left.patterns == right.patterns
        && left.formats == right.formats
        && left.bounds == right.bounds
}

/// Alternatives that belong together: at most one on one side, any number on the other.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) left: Vec<usize>,
    pub(super) right: Vec<usize>,
}

/// Which alternatives belong together. Each is in one group; a group with one side empty has no partner.
pub(super) fn grouped(left: &[Rc<Shape<'_>>], right: &[Rc<Shape<'_>>]) -> Vec<Group> {
    let pairs = matched(left, right);
    let pair = |(l, r): (usize, &Option<usize>)| Group {
        left: vec![l],
        right: r.iter().copied().collect(),
    };
    let mut groups: Vec<Group> = pairs.iter().enumerate().map(pair).collect();
    let variant = |l: Option<&usize>, r: Option<&usize>| match (l, r) {
        (Some(l), Some(r)) => is_variant(&left[*l], &right[*r]),
        _ => false,
    };
    for r in (0..right.len()).filter(|r| !pairs.contains(&Some(*r))) {
        let like = |group: &&mut Group| !group.right.is_empty() && variant(group.left.first(), Some(&r));
        match groups.iter_mut().find(like) {
            Some(group) => group.right.push(r),
            None => groups.push(Group {
                left: Vec::new(),
                right: vec![r],
            }),
        }
    }
    let (single, mut groups): (Vec<Group>, Vec<Group>) =
        groups.into_iter().partition(|group| group.right.is_empty());
    for group in single {
        let like = |other: &&mut Group| {
            let has_both = other.right.len() == 1 && !other.left.is_empty();
            has_both && variant(group.left.first(), other.right.first())
        };
        match groups.iter_mut().find(like) {
            Some(other) => other.left.extend(group.left),
            None => groups.push(group),
        }
    }
    groups.sort_by_key(|group| {
        (
            group.left.first().copied().unwrap_or(usize::MAX),
            group.right.first().copied(),
        )
    });
    groups
}

/// Whether two objects have so many members in common that one is a variant of the other.
fn is_variant(left: &Shape<'_>, right: &Shape<'_>) -> bool {
    let object = |shape: &Shape<'_>| shape.types == Types::of(Type::Object) && !shape.properties.is_empty();
    let both = left
        .properties
        .keys()
        .filter(|name| right.properties.contains_key(*name))
        .count();
    let any = left.properties.len() + right.properties.len() - both;
    object(left) && object(right) && both * 2 > any
}

fn expand<'l>(side: &Side<'l>, parts: &[Part<'l>], depth: usize, all: &mut Vec<Rc<Shape<'l>>>) {
    if all.len() >= MAX_ALTERNATIVES {
        return;
    }
    let shape = side.analyser.shape(parts);
    if shape.groups.is_empty() || depth >= MAX_DEPTH {
        all.push(shape);
        return;
    }
    // Each choice of one branch from each group.
    let mut choices = vec![shape.bare()];
    for group in &shape.groups {
        let mut next = Vec::new();
        for choice in &choices {
            for branch in group.branches.iter().take(MAX_ALTERNATIVES) {
                let mut taken = choice.clone();
                taken.push(branch.clone());
                next.push(taken);
            }
        }
        next.truncate(MAX_ALTERNATIVES);
        choices = next;
    }
    for choice in choices {
        expand(side, &choice, depth + 1, all);
    }
}

/// For each alternative of the left, the one of the right that is most like it; each is used once.
fn matched(left: &[Rc<Shape<'_>>], right: &[Rc<Shape<'_>>]) -> Vec<Option<usize>> {
    let mut scored = Vec::new();
    for (l, ours) in left.iter().enumerate() {
        for (r, theirs) in right.iter().enumerate() {
            let alone = left.len() == 1 && right.len() == 1;
            if let Some(score) = likeness(ours, theirs).or(alone.then_some(0)) {
                scored.push((std::cmp::Reverse(score), l, r));
            }
        }
    }
    scored.sort_unstable();
    let mut pairs: Vec<Option<usize>> = vec![None; left.len()];
    let mut used = vec![false; right.len()];
    for (_, l, r) in scored {
        if pairs[l].is_none() && !used[r] {
            pairs[l] = Some(r);
            used[r] = true;
        }
    }
    pairs
}

/// How alike two alternatives are; `None` where they have no type in common.
fn likeness(left: &Shape<'_>, right: &Shape<'_>) -> Option<i64> {
    let common = left.types.and(right.types);
    common.each().next()?;
    let mut score = if left.types == right.types { 40 } else { 10 };
    let shared = |name: &&&str| right.properties.contains_key(**name);
    let both = left.properties.keys().filter(shared).count();
    let any = left.properties.len() + right.properties.len() - both;
    // An id in common makes no kinship.
    if both * 3 < any && !left.properties.is_empty() && !right.properties.is_empty() {
        return None;
    }
    let share = (both * 60).checked_div(any).unwrap_or_default();
    score += i64::try_from(share).unwrap_or_default();
    for (name, members) in &left.properties {
        let listed = |parts: &[Part<'_>]| {
            let value = parts.first()?.value.get("enum")?;
            value.as_array().cloned()
        };
        let theirs = right.properties.get(name).and_then(|parts| listed(parts));
        if let (Some(ours), Some(theirs)) = (listed(members), theirs) {
            let overlap = ours.iter().any(|value| theirs.contains(value));
            score += if overlap { 10 } else { -60 };
        }
        let named = |parts: &[Part<'_>]| parts.first()?.value.get("type").cloned();
        let theirs = right.properties.get(name).map(|parts| named(parts));
        score += i64::from(theirs == Some(named(members))) * 3;
    }
    if let (Some(ours), Some(theirs)) = (&left.listed, &right.listed) {
        let overlap = ours.iter().any(|value| theirs.contains(value));
        score += if overlap { 20 } else { -30 };
    }
    let required = left.required.keys().filter(|name| right.requires(name)).count();
    Some(score + i64::try_from(required).unwrap_or_default())
}

/// A schema in a few words, for people and for the JSON of a difference.
pub(super) fn summary(shape: &Shape<'_>) -> Value {
    let mut words = Map::new();
    if shape.typed {
        let names = shape.types.names();
        let value = match names.as_slice() {
            [one] => json!(one),
            several => json!(several),
        };
        words.insert("type".to_owned(), value);
    }
    if let Some(listed) = &shape.listed {
        words.insert("enum".to_owned(), json!(listed));
    }
    if let Some(format) = shape.formats.iter().next() {
        words.insert("format".to_owned(), json!(format));
    }
    if let Some(pattern) = shape.patterns.iter().next() {
        words.insert("pattern".to_owned(), json!(pattern));
    }
    if !shape.properties.is_empty() {
        let names: Vec<&&str> = shape.properties.keys().collect();
        words.insert("properties".to_owned(), json!(names));
    }
    if !shape.required.is_empty() {
        let names: Vec<&&str> = shape.required.keys().collect();
        words.insert("required".to_owned(), json!(names));
    }
    if let Some(group) = shape.groups.first() {
        words.insert(group.combinator.word().to_owned(), json!(group.branches.len()));
    }
    Value::Object(words)
}
