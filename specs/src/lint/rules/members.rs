//! The members of objects: required ones that nothing defines, neighbours that nothing ties together,
//! plurals that hold one.

use crate::lint::code::LintCode;
use crate::lint::context::Context;
use crate::lint::near::nearest;
use crate::lint::{Found, Sink};
use crate::shape::{Additional, Shape, Type, Types};
use serde_json::Value;

/// Required members that the object does not define.
pub(in crate::lint) fn required(context: &Context<'_>, sink: &mut Sink<'_>) {
    for seen in &context.shapes {
        let shape = &seen.shape;
        // With alternatives, the member may be defined in each of them; they are looked at one by one.
        let open =
            shape.opaque || !shape.groups.is_empty() || matches!(shape.additional, Additional::Schema(_));
        if open || shape.properties.is_empty() {
            continue;
        }
        for (name, place) in &shape.required {
            if shape.properties.contains_key(name) {
                continue;
            }
            let optional = shape.properties.keys().copied().filter(|p| !shape.requires(p));
            let any = shape.properties.keys().copied();
            let near = nearest(name, optional).or_else(|| nearest(name, any));
            let found = match near {
                Some(near) => Found::new(
                    LintCode::RequiredButUndefined,
                    place,
                    format!("`{name}` is required and not defined; `{near}` is defined"),
                )
                .remedy(format!(
                    "Did you mean `{near}`? Write one spelling in both places."
                )),
                None => Found::new(
                    LintCode::RequiredButUndefined,
                    place,
                    format!("`{name}` is required and not defined"),
                ),
            };
            sink.add(found);
        }
    }
}

/// Members that name the kind of another, and lists of outcomes beside an optional error.
pub(in crate::lint) fn unlinked(context: &Context<'_>, sink: &mut Sink<'_>) {
    for seen in &context.shapes {
        let shape = &seen.shape;
        for (name, parts) in &shape.properties {
            let kind = context.analyser.shape(parts);
            let (Some(listed), Some(place)) = (&kind.listed, parts.first().map(|p| &p.place)) else {
                continue;
            };
            if listed.len() < 2 {
                continue;
            }
            if let Some(partner) = partner(context, shape, name) {
                let message = format!("nothing ties `{name}` to `{partner}`");
                sink.add(Found::new(LintCode::UnlinkedMember, place, message));
            }
            let fails = |value: &&&Value| {
                let text = value.as_str().unwrap_or_default().to_lowercase();
                ["err", "error", "rjct", "rejected", "failed"].contains(&text.as_str())
            };
            if let Some(failure) = listed.iter().find(fails)
                && let Some(reason) = reason(shape)
            {
                let message = format!("`{name}` may be {failure} without `{reason}`, and another with it");
                sink.add(Found::new(LintCode::UnlinkedMember, place, message));
            }
        }
    }
}

/// The member whose kind another names: `query` for `query_type`, `txn_status` for `txn_type`. Only where
/// it has alternatives.
fn partner<'l>(context: &Context<'l>, shape: &Shape<'l>, name: &str) -> Option<&'l str> {
    let stem = name.strip_suffix("_type").or_else(|| name.strip_suffix("Type"))?;
    let is_partner = |other: &&str| {
        *other == stem
            || ["_value", "_status", "Value", "Status"]
                .iter()
                .any(|end| other.strip_suffix(end) == Some(stem))
    };
    shape.properties.keys().copied().filter(is_partner).find(|other| {
        let parts = shape.properties.get(other).map_or(&[][..], Vec::as_slice);
        context
            .analyser
            .shape(parts)
            .groups
            .iter()
            .any(|group| group.branches.len() > 1)
    })
}

/// An optional member that tells why something failed.
fn reason<'s>(shape: &'s Shape<'_>) -> Option<&'s str> {
    let names = [
        "error",
        "errors",
        "status_reason_code",
        "reason_code",
        "error_code",
    ];
    names
        .into_iter()
        .find(|name| shape.properties.contains_key(name) && !shape.requires(name))
}

/// Members named in the plural that hold one object.
pub(in crate::lint) fn plural(context: &Context<'_>, sink: &mut Sink<'_>) {
    for seen in &context.shapes {
        for (name, parts) in &seen.shape.properties {
            let shape = context.analyser.shape(parts);
            let one = shape.typed
                && shape.types == Types::of(Type::Object)
                && shape.properties.is_empty()
                && shape.groups.is_empty()
                && matches!(shape.additional, Additional::Allowed);
            if let Some(part) = parts.first()
                && one
                && is_plural(name)
            {
                let message = format!("`{name}` is an object, not a list");
                sink.add(Found::new(LintCode::PluralHoldsOne, &part.place, message));
            }
        }
    }
}

fn is_plural(name: &str) -> bool {
    let last = name.rsplit(['_', '-']).next().unwrap_or_default();
    let singular_ends = ["ss", "us", "is", "ats", "ics", "ings", "details", "attributes"];
    last.len() > 4 && last.ends_with('s') && !singular_ends.iter().any(|end| last.ends_with(end))
}
