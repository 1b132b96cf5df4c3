//! `oneOf` branches that overlap, and schemas that nothing satisfies.

use crate::document::library::Place;
use crate::lint::code::LintCode;
use crate::lint::context::{Context, Seen};
use crate::lint::{Found, Sink};
use crate::shape::{Combinator, Group, Part, Shape, Type, Types};
use serde_json::{Value, json};
use std::collections::HashSet;

/// How many branches are compared with each other.
const MAX_BRANCHES: usize = 64;

/// Each `oneOf`.
pub(in crate::lint) fn overlap(context: &Context<'_>, sink: &mut Sink<'_>) {
    let mut done: HashSet<Place> = HashSet::new();
    for seen in &context.shapes {
        for group in &seen.shape.groups {
            let many = group.branches.len() > MAX_BRANCHES;
            if group.combinator == Combinator::OneOf && !many && done.insert(group.place.clone()) {
                one_of(context, &seen.shape, group, sink);
            }
        }
    }
}

fn one_of<'l>(context: &Context<'l>, shape: &Shape<'l>, group: &Group<'l>, sink: &mut Sink<'_>) {
    for index in 0..group.branches.len() {
        let taken = shape.with(&group.branches[index]);
        let mut covered: Vec<(usize, Types)> = Vec::new();
        for of in crate::shape::ALL.each() {
            let refused = context.analyser.is_empty(&taken, of);
            if refused {
                continue;
            }
            for other in context.analyser.covering(shape, group, index, of) {
                match covered.iter_mut().find(|(known, _)| *known == other) {
                    Some((_, types)) => *types = types.or(Types::of(of)),
                    None => covered.push((other, Types::of(of))),
                }
            }
        }
        for (other, types) in covered {
            if other < index && mirrored(context, shape, group, (other, index), types) {
                continue;
            }
            let names = types.names().join(", ");
            let message = format!(
                "whatever of type {names} satisfies branch {index}{} satisfies branch {other}{} as well",
                name_of(&group.branches[index]),
                name_of(&group.branches[other]),
            );
            sink.add(Found::new(LintCode::OneOfOverlap, &group.place, message));
        }
        for other in index + 1..group.branches.len() {
            if let Some(value) = common(context, shape, group, index, other) {
                let message = format!("branches {index} and {other} both accept {value}");
                sink.add(Found::new(LintCode::OneOfAmbiguous, &group.place, message));
            }
        }
    }
}

/// Whether the same was already said the other way round.
fn mirrored<'l>(
    context: &Context<'l>,
    shape: &Shape<'l>,
    group: &Group<'l>,
    (earlier, later): (usize, usize),
    types: Types,
) -> bool {
    let taken = shape.with(&group.branches[earlier]);
    let branch = std::slice::from_ref(&group.branches[later]);
    types
        .each()
        .all(|of| context.analyser.is_contained(&taken, branch, of))
}

/// The name of the component that a branch refers to.
fn name_of(branch: &Part<'_>) -> String {
    let target = branch.value.get("$ref").and_then(Value::as_str);
    let name = target.and_then(|t| t.rsplit('/').next());
    name.map(|name| format!(" ({name})")).unwrap_or_default()
}

/// A smallest value that both branches accept, unless one of them contains the other.
fn common<'l>(
    context: &Context<'l>,
    shape: &Shape<'l>,
    group: &Group<'l>,
    left: usize,
    right: usize,
) -> Option<Value> {
    let taken = |index: usize| context.analyser.shape(&shape.with(&group.branches[index]));
    let parts = |index: usize| std::slice::from_ref(&group.branches[index]);
    let (l, r) = (taken(left), taken(right));
    [(Type::Object, json!({})), (Type::Array, json!([]))]
        .into_iter()
        .find_map(|(of, value)| {
            let contained = context.analyser.is_contained(&l.parts, parts(right), of)
                || context.analyser.is_contained(&r.parts, parts(left), of);
            let open = |shape: &Shape<'_>| {
                shape.types.has(of)
                    && shape.typed
                    && !shape.opaque
                    && shape.listed.is_none()
                    && shape.required.is_empty()
                    && shape.not.is_empty()
                    && shape.groups.is_empty()
                    && !["minItems", "minProperties"]
                        .iter()
                        .any(|b| shape.bounds.get(b).is_some_and(|b| *b > 0.0))
            };
            (!contained && open(&l) && open(&r)).then_some(value)
        })
}

/// Schemas that nothing satisfies, or no value of a type that they name.
pub(in crate::lint) fn unsatisfiable(context: &Context<'_>, sink: &mut Sink<'_>) {
    for seen in &context.shapes {
        let shape = &seen.shape;
        let Some(place) = seen.place() else { continue };
        if shape.opaque {
            continue;
        }
        if context.analyser.is_impossible(&shape.parts) {
            if blames_itself(context, seen) {
                sink.add(Found::new(
                    LintCode::Unsatisfiable,
                    place,
                    "no value at all satisfies this schema",
                ));
            }
            continue;
        }
        let offered = offered(context, shape);
        let never: Vec<Type> = offered
            .each()
            .filter(|of| context.analyser.is_empty(&shape.parts, *of))
            .collect();
        if let Some(group) = shape.groups.first()
            && !never.is_empty()
        {
            let names: Vec<&str> = never.iter().map(|of| of.name()).collect();
            let message = format!(
                "no value of type {} can ever satisfy this schema",
                names.join(", ")
            );
            sink.add(Found::new(LintCode::Unsatisfiable, &group.place, message));
        }
    }
}

/// Whether a schema is impossible by its own rules, and not because of a member that is reported itself.
fn blames_itself<'l>(context: &Context<'l>, seen: &Seen<'l>) -> bool {
    let shape = &seen.shape;
    let by_member = shape.required.keys().any(|name| {
        shape
            .properties
            .get(name)
            .is_some_and(|parts| context.analyser.is_impossible(parts))
    });
    !by_member
}

/// The types that the branches of a schema name.
fn offered<'l>(context: &Context<'l>, shape: &Shape<'l>) -> Types {
    let mut offered = Types::NONE;
    for group in &shape.groups {
        for branch in &group.branches {
            let own = context.analyser.shape(std::slice::from_ref(branch));
            if own.typed {
                offered = offered.or(own.types.and(shape.types));
            }
        }
    }
    offered
}
