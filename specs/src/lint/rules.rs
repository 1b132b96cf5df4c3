//! The rules, in the order in which they run. A rule adds what it finds and decides nothing else.

mod alternatives;
mod bodies;
mod components;
mod content;
mod document;
mod examples;
mod keywords;
mod members;
mod operations;
mod paths;
mod references;
mod security;
mod spelling;
mod structure;
mod types;
mod values;

use super::Sink;
use super::context::Context;

/// A rule.
pub(super) type Rule = fn(&Context<'_>, &mut Sink<'_>);

/// Every rule.
pub(super) const ALL: &[Rule] = &[
    document::run,
    references::run,
    references::in_data,
    keywords::run,
    types::run,
    types::formats,
    members::required,
    members::unlinked,
    members::plural,
    alternatives::overlap,
    alternatives::unsatisfiable,
    values::enums,
    values::operators,
    values::vocabularies,
    values::counts,
    values::ambiguous,
    examples::run,
    bodies::schema_as_response,
    bodies::answers,
    bodies::envelopes,
    bodies::callbacks,
    content::errors,
    operations::run,
    operations::enums,
    paths::run,
    security::run,
    security::tokens,
    components::run,
    spelling::run,
    // Last: what another rule has explained is not repeated.
    structure::run,
];
