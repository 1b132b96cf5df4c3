//! Errors: what an error body leaves out.

use super::bodies::accepts_empty;
use crate::lint::code::LintCode;
use crate::lint::context::Context;
use crate::lint::{Found, Sink};
use crate::shape::Type;

/// Objects that describe an error and may be empty.
pub(in crate::lint) fn errors(context: &Context<'_>, sink: &mut Sink<'_>) {
    for seen in &context.shapes {
        for name in ["error", "errors"] {
            let Some(parts) = seen.shape.properties.get(name) else {
                continue;
            };
            let mut shape = context.analyser.shape(parts);
            if !shape.items.is_empty() {
                shape = context.analyser.shape(&shape.items);
            }
            let is_object = shape.typed && shape.types.each().all(|of| of == Type::Object);
            if is_object
                && accepts_empty(&shape)
                && !shape.properties.is_empty()
                && let Some(part) = shape.parts.first()
            {
                let names: Vec<&str> = shape.properties.keys().copied().collect();
                let message = format!("an error may be `{{}}`: {} may be absent", names.join(", "));
                let effect = "A caller is told that something failed, and not what.";
                sink.add(Found::new(LintCode::AcceptsEmpty, &part.place, message).effect(effect));
            }
        }
    }
}
