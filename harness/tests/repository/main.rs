//! The rules of the repository itself, as ordinary tests: who may depend on whom, what a source may not
//! say, what a dependency may be licensed under, what stands at the top. They read files and the
//! dependency graph, and know nothing of what the program does.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail the test")]

mod expression;
mod graph;
mod layout;
mod licences;
mod metadata;
mod rules;
mod tree;
mod workplace;

/// Fails with one violation per line.
#[track_caller]
fn none(rule: &str, violations: &[String]) {
    assert!(violations.is_empty(), "{rule}:\n  {}", violations.join("\n  "));
}
