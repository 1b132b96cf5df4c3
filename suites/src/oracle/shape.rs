//! The form of answers, judged by the documents' schemas.

use crate::context::Context;
use crate::judgement::{Judgement, Outcome};
use serde_json::Value;
use specs::evidence::{Exchange, Finding};
use specs::schema::Schema;

/// How many violations of one body are reported one by one.
const SHOWN: usize = 3;

/// Judges a body by a schema. Violations below a pointer part that `elsewhere` names are left to the
/// requirement that speaks about that part.
pub fn schema_judgement(
    requirement: &str,
    observation: usize,
    schema: &Schema,
    body: &Value,
    concerns: impl Fn(&str) -> bool,
) -> Judgement {
    let violations: Vec<_> = schema
        .violations(body)
        .into_iter()
        .filter(|v| concerns(&v.pointer))
        .collect();
    if violations.is_empty() {
        return Judgement::held(requirement);
    }
    let more = violations.len().saturating_sub(SHOWN);
    let findings = violations
        .into_iter()
        .take(SHOWN)
        .enumerate()
        .map(|(i, violation)| Finding {
            requirement: requirement.to_owned(),
            expected: violation.expected,
            actual: if i + 1 == SHOWN && more > 0 {
                format!("{} (and {more} more violations in this body)", violation.actual)
            } else {
                violation.actual
            },
            pointer: Some(violation.pointer),
            observation: Some(observation),
            counterexample: None,
        })
        .collect();
    Judgement {
        requirement: requirement.to_owned(),
        outcome: Outcome::Violated(findings),
    }
}

/// Judges the body of a refusal: any of the documented bodies will do, whatever the status, but for 401,
/// 403 and 500, whose body the documents fix.
pub fn refusal_form(cx: &Context, requirement: &str, observation: usize, exchange: &Exchange) -> Judgement {
    let Some(response) = exchange.response() else {
        return Judgement::undecided(
            requirement,
            "the refusal had no answer whose form could be judged",
        );
    };
    let Some(body) = response.body.json() else {
        let kind = response
            .header("content-type")
            .unwrap_or("no media type")
            .to_owned();
        return Judgement::violated(
            requirement,
            observation,
            Some(String::new()),
            "one of the documented JSON bodies of a refusal",
            format!("HTTP {} with a body that is not JSON ({kind})", response.status),
        );
    };
    let operation = &exchange.operation;
    let fixed = cx.schemas.declared(operation, &response.status.to_string());
    let candidates: Vec<&Schema> = match fixed {
        Some(schema) => vec![schema],
        None => ["default", "400", "401"]
            .iter()
            .filter_map(|key| cx.schemas.declared(operation, key))
            .map(AsRef::as_ref)
            .collect(),
    };
    if candidates.is_empty() || candidates.iter().any(|schema| schema.is_valid(&body)) {
        return Judgement::held(requirement);
    }
    schema_judgement(requirement, observation, candidates[0], &body, |_| true)
}
