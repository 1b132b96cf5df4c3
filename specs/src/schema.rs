//! Compiled validators, and the violations they report in words.

mod branch;
mod order;
mod words;

use crate::wire::time;
use jsonschema::{Draft, ValidationError, Validator};
use serde_json::Value;
use std::sync::Arc;

/// How many violations are reported at most. Of a body with so many, nothing is known beyond them.
pub const MAX_VIOLATIONS: usize = 50;
/// How many are looked at in order to report those that come first in the instance.
const MAX_EXAMINED: usize = 1_000;

/// One violation of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// JSON pointer of the member at fault; for a missing member, where it should be.
    pub pointer: String,
    /// The schema keyword that is violated, e.g. `required`.
    pub keyword: String,
    /// What the schema expects there, in a short sentence.
    pub expected: String,
    /// What is there instead, in a short sentence.
    pub actual: String,
}

/// Why a schema cannot be compiled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("failed to compile the schema at {pointer:?}: {message}")]
pub struct SchemaError {
    /// JSON pointer within the schema.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
}

/// A compiled schema. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Schema {
    value: Arc<Value>,
    validator: Arc<Validator>,
}

impl Schema {
    /// Compiles a schema that stands by itself, as [`crate::document`] resolves them. Formats are
    /// checked; a `date-time` must name its zone.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn compile(resolved: &Value) -> Result<Self, SchemaError> {
        // The engine's own dates are too kind: it takes `*000-01-01` for one.
        let options = jsonschema::options()
            .with_draft(Draft::Draft4)
            .should_validate_formats(true)
            .with_format("date-time", time::is_date_time_with_zone)
            .with_format("date", time::is_full_date)
            .with_format("uuid", is_uuid)
            .offline();
        let validator = options.build(resolved).map_err(|e| schema_error(&e))?;
        Ok(Self {
            value: Arc::new(resolved.clone()),
            validator: Arc::new(validator),
        })
    }

    /// The schema as it was given.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Whether an instance satisfies the schema.
    pub fn is_valid(&self, instance: &Value) -> bool {
        self.validator.is_valid(instance)
    }

    /// How an instance violates the schema, in the order of the instance; empty where it does not. At
    /// most 50 are reported. Where none of several alternatives fits, the violations of the one that
    /// was most likely meant are reported.
    pub fn violations(&self, instance: &Value) -> Vec<Violation> {
        self.violations_but(instance, |_| false)
    }

    /// The same without those that are excused.
    pub fn violations_but(&self, instance: &Value, excused: impl Fn(&Violation) -> bool) -> Vec<Violation> {
        let mut violations = Vec::new();
        // Nearly every message is right, and to see that is cheaper than to look for what is wrong.
        if self.validator.is_valid(instance) {
            return violations;
        }
        for error in self.validator.iter_errors(instance).take(MAX_EXAMINED) {
            self.report(&error, &mut violations);
        }
        violations
            .sort_by(|a, b| order::compare(&a.pointer, &b.pointer).then_with(|| a.keyword.cmp(&b.keyword)));
        violations.dedup();
        violations.retain(|violation| !excused(violation));
        violations.truncate(MAX_VIOLATIONS);
        violations
    }

    fn report(&self, error: &ValidationError<'_>, violations: &mut Vec<Violation>) {
        match branch::alternatives(error) {
            None => words::describe(error, violations),
            Some(alternatives) => {
                let branches = self
                    .value
                    .pointer(error.schema_path().as_str())
                    .and_then(Value::as_array);
                let instance = error.instance();
                if let Some(types) = branch::only_types(error, alternatives) {
                    violations.push(words::wrong_type(
                        error.instance_path().as_str(),
                        instance,
                        &types,
                    ));
                    return;
                }
                let best = branch::best(
                    error,
                    alternatives,
                    branches.map_or(&[], Vec::as_slice),
                    &self.value,
                );
                match best {
                    Some(errors) => errors.iter().for_each(|e| self.report(e, violations)),
                    None => words::describe(error, violations),
                }
            }
        }
    }
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|g| g.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|g| g.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn schema_error(error: &ValidationError<'_>) -> SchemaError {
    let (instance, schema) = (error.instance_path().as_str(), error.schema_path().as_str());
    let pointer = if instance.is_empty() { schema } else { instance };
    SchemaError {
        pointer: pointer.to_owned(),
        message: words::shorten(&error.to_string(), 200),
    }
}
