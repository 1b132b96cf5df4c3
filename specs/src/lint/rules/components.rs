//! Components that nothing refers to.

use crate::document::kind::{COMPONENTS, Kind};
use crate::document::library::{Place, reference};
use crate::lint::code::LintCode;
use crate::lint::context::{Context, members};
use crate::lint::{Found, Sink};
use serde_json::Value;
use std::collections::HashSet;

/// Each component of the document itself; what it shares with others may be used there.
pub(in crate::lint) fn run(context: &Context<'_>, sink: &mut Sink<'_>) {
    if context.operations.is_empty() {
        return;
    }
    let mut used: HashSet<&Place> = HashSet::new();
    for reference in &context.sites.references {
        used.extend(reference.leads.as_ref().ok());
    }
    let mut named = HashSet::new();
    mentioned(context.root(), &mut named);
    for site in context
        .of_kind(Kind::Components)
        .filter(|site| site.place.file == 0)
    {
        for kind in COMPONENTS.into_iter().filter(|kind| *kind != "securitySchemes") {
            for (name, _) in members(site.value, kind) {
                let place = site.place.below(kind).below(name);
                // A reference to something within it, or in an example, uses it as well.
                let within = format!("{}/", place.pointer);
                let is_used = used.contains(&place)
                    || used.iter().any(|u| u.file == 0 && u.pointer.starts_with(&within))
                    || named.contains(name.as_str());
                if !is_used {
                    let message = format!("nothing refers to `{name}`");
                    sink.add(Found::new(LintCode::UnreferencedComponent, &place, message));
                }
            }
        }
    }
}

/// The last segments of references anywhere.
fn mentioned<'v>(value: &'v Value, names: &mut HashSet<&'v str>) {
    if let Some(target) = reference(value) {
        names.extend(target.rsplit('/').next());
    }
    match value {
        Value::Object(members) => members.values().for_each(|member| mentioned(member, names)),
        Value::Array(items) => items.iter().for_each(|item| mentioned(item, names)),
        _ => {}
    }
}
