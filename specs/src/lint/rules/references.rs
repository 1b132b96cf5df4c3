//! References that lead nowhere, or where strict tools do not follow.

use crate::document::dialect;
use crate::document::library::{Library, Place, reference};
use crate::document::pointer;
use crate::lint::code::LintCode;
use crate::lint::context::Context;
use crate::lint::{Found, Sink};
use serde_json::Value;
use std::collections::HashSet;

/// Each reference where an object is expected.
pub(in crate::lint) fn run(context: &Context<'_>, sink: &mut Sink<'_>) {
    for reference in &context.sites.references {
        let place = reference.place.below("$ref");
        match &reference.leads {
            Err(message) => sink.add(Found::new(
                LintCode::UnresolvableReference,
                &place,
                message.clone(),
            )),
            Ok(leads) => {
                if let Some(passes) = passed(context.library, reference.target, &reference.place) {
                    let message = format!("`{}` passes through the reference at {passes}", reference.target);
                    let found = Found::new(LintCode::ReferenceThroughReference, &place, message);
                    sink.add(found.remedy(format!("Write `#{}`.", leads.pointer)));
                }
                if let Some(example) = within_data(&leads.pointer) {
                    let message = format!("`{}` leads into the data at {example}", reference.target);
                    sink.add(Found::new(LintCode::ReferenceIntoExample, &place, message));
                }
            }
        }
        for (name, member) in reference.value.as_object().into_iter().flatten() {
            let restricts = name != "description" && name != "title" && name != "default";
            if restricts && dialect::member(name).is_some() {
                let message = format!("`{name}` stands beside `$ref`: {}", shortened(member));
                let at = reference.place.below(name);
                sink.add(Found::new(LintCode::IgnoredBesideReference, &at, message));
            }
        }
    }
}

fn shortened(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// The pointer of the reference that a reference of the same file passes through, if it does.
fn passed(library: &Library, target: &str, site: &Place) -> Option<String> {
    let fragment = target.strip_prefix('#')?;
    let segments = pointer::segments(&pointer::percent_decoded(fragment))?;
    let (mut value, mut at) = (library.root(site.file), String::new());
    for segment in &segments {
        if reference(value).is_some() {
            return Some(at);
        }
        value = match value {
            Value::Object(members) => members.get(segment)?,
            Value::Array(items) => items.get(segment.parse::<usize>().ok()?)?,
            _ => return None,
        };
        at = pointer::join(&at, segment);
    }
    None
}

/// The pointer of the example within which a pointer leads, if it does.
fn within_data(at: &str) -> Option<String> {
    let segments = pointer::segments(at)?;
    let mut so_far = String::new();
    for (index, segment) in segments.iter().enumerate() {
        so_far = pointer::join(&so_far, segment);
        let before = index.checked_sub(1).and_then(|i| segments.get(i));
        let is_name = before.is_some_and(|b| b == "properties" || b == "schemas");
        if segment == "example" && !is_name {
            return Some(so_far);
        }
    }
    None
}

/// References within data, which nothing follows.
pub(in crate::lint) fn in_data(context: &Context<'_>, sink: &mut Sink<'_>) {
    let followed: HashSet<&Place> = context.sites.references.iter().map(|r| &r.place).collect();
    for site in &context.sites.all {
        for name in ["example", "default", "enum"] {
            if let Some(data) = site.value.get(name).filter(|d| d.is_object() || d.is_array()) {
                search(data, &site.place.below(name), &followed, sink);
            }
        }
    }
}

fn search(value: &Value, place: &Place, followed: &HashSet<&Place>, sink: &mut Sink<'_>) {
    if followed.contains(place) {
        return;
    }
    if let Some(target) = reference(value) {
        let message = format!("`{target}` stands in data");
        sink.add(Found::new(
            LintCode::ReferenceInExample,
            &place.below("$ref"),
            message,
        ));
        return;
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                search(member, &place.below(name), followed, sink);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                search(item, &place.below(&index.to_string()), followed, sink);
            }
        }
        _ => {}
    }
}
