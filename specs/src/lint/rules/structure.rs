//! The structure of everything that is no schema.

use crate::document::kind::Kind;
use crate::document::library::Place;
use crate::document::structure;
use crate::lint::code::LintCode;
use crate::lint::context::Context;
use crate::lint::{Found, Sink};

/// Each object that is no schema, by itself.
pub(in crate::lint) fn run(context: &Context<'_>, sink: &mut Sink<'_>) {
    for site in &context.sites.all {
        if site.kind == Kind::Schema || site.value.is_null() {
            continue;
        }
        for fault in structure::examine(context.library, site.kind, site.value, &site.place) {
            let place = Place {
                file: site.place.file,
                pointer: fault.pointer,
            };
            // A version that is missing, a schema in place of a response: said in better words.
            if !sink.has(&place) {
                sink.add(Found::new(LintCode::InvalidStructure, &place, fault.message));
            }
        }
    }
}
