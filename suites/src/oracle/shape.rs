//! The form of answers, judged by the documents' schemas.

use crate::context::{Context, Shape};
use crate::judgement::{Judgement, Outcome};
use serde_json::Value;
use specs::evidence::{Exchange, Finding};
use specs::schema::{MAX_VIOLATIONS, Violation};
use std::collections::BTreeMap;

/// How many violations that belong to no clause are reported one by one.
const SHOWN: usize = 3;

/// Judges a body by the schema of its message: each clause that it exercises, and under `requirement` what
/// belongs to no clause. Violations at pointers that do not concern it are left to the requirement that
/// speaks about that part.
pub fn schema_judgements(
    requirement: &str,
    observation: usize,
    shape: &Shape,
    body: &Value,
    concerns: impl Fn(&str) -> bool,
) -> Vec<Judgement> {
    let mut found: BTreeMap<&str, Vec<Finding>> = BTreeMap::new();
    let mut rest = Vec::new();
    let violations = shape.violations(body);
    // Beyond so many, a clause may be broken that none of them is about.
    let all_known = violations.len() < MAX_VIOLATIONS;
    for violation in violations {
        if !concerns(&violation.pointer) {
            continue;
        }
        match shape.form.clause_of(&violation) {
            Some(clause) => {
                let findings = found.entry(clause.id.as_str()).or_default();
                findings.push(finding(&clause.id, observation, violation));
            }
            None => rest.push(finding(requirement, observation, violation)),
        }
    }
    let held = shape.form.exercised(body, concerns);
    let held = held
        .iter()
        .filter(|clause| all_known && !found.contains_key(clause.id.as_str()));
    let mut judgements: Vec<Judgement> = held.map(|clause| Judgement::held(&clause.id)).collect();
    judgements.push(outcome(requirement, rest));
    judgements.extend(found.into_iter().map(|(id, findings)| outcome(id, findings)));
    judgements
}

fn finding(requirement: &str, observation: usize, violation: Violation) -> Finding {
    Finding {
        requirement: requirement.to_owned(),
        expected: violation.expected,
        actual: violation.actual,
        pointer: Some(violation.pointer),
        observation: Some(observation),
        counterexample: None,
    }
}

fn outcome(requirement: &str, mut findings: Vec<Finding>) -> Judgement {
    if findings.is_empty() {
        return Judgement::held(requirement);
    }
    let more = findings.len().saturating_sub(SHOWN);
    findings.truncate(SHOWN);
    if more > 0
        && let Some(last) = findings.last_mut()
    {
        last.actual = format!("{} (and {more} more violations in this body)", last.actual);
    }
    Judgement {
        requirement: requirement.to_owned(),
        outcome: Outcome::Violated(findings),
    }
}

/// Judges the body of a refusal: any of the documented bodies will do, whatever the status, but for 401,
/// 403 and 500, whose body the documents fix.
pub fn refusal_form(
    cx: &Context,
    requirement: &str,
    observation: usize,
    exchange: &Exchange,
) -> Vec<Judgement> {
    let Some(response) = exchange.response() else {
        let reason = "the refusal had no answer whose form could be judged";
        return vec![Judgement::undecided(requirement, reason)];
    };
    let Some(body) = response.body.json() else {
        let kind = response
            .header("content-type")
            .unwrap_or("no media type")
            .to_owned();
        return vec![Judgement::violated(
            requirement,
            observation,
            Some(String::new()),
            "one of the documented JSON bodies of a refusal",
            format!("HTTP {} with a body that is not JSON ({kind})", response.status),
        )];
    };
    let operation = &exchange.operation;
    let fixed = cx.schemas.declared(operation, &response.status.to_string());
    let candidates: Vec<&Shape> = match fixed {
        Some(shape) => vec![shape],
        None => ["default", "400", "401"]
            .iter()
            .filter_map(|key| cx.schemas.declared(operation, key))
            .map(AsRef::as_ref)
            .collect(),
    };
    let Some(first) = candidates.first() else {
        return vec![Judgement::held(requirement)];
    };
    // A body that says what it is is judged as that; for others there is only one requirement.
    if body.pointer("/message/ack_status").is_some() {
        return schema_judgements(requirement, observation, first, &body, |_| true);
    }
    if body.pointer("/header/status").is_some() {
        let in_header = |pointer: &str| pointer.starts_with("/header/");
        let mut judgements = schema_judgements(requirement, observation, first, &body, in_header);
        let beside = first
            .violations(&body)
            .into_iter()
            .filter(|v| !in_header(&v.pointer));
        let beside = beside.map(|violation| finding(requirement, observation, violation));
        judgements.push(outcome(requirement, beside.collect()));
        return judgements;
    }
    if candidates.iter().any(|shape| shape.fits(&body)) {
        return vec![Judgement::held(requirement)];
    }
    let findings = first
        .violations(&body)
        .into_iter()
        .map(|violation| finding(requirement, observation, violation));
    vec![outcome(requirement, findings.collect())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Schemas;
    use serde_json::json;
    use specs::catalogue::Catalogue;
    use specs::document::Document;

    /// What becomes of the clause about the status of an item, in a reply with so many items whose
    /// reference_id is no text, and a last one with an unknown status.
    fn of_status(items: usize) -> Vec<Judgement> {
        let profile = Catalogue::bundled().profile("dci-social").expect("it is bundled");
        let document = Document::bundled(&profile.document).expect("it is bundled");
        let schemas = Schemas::of(profile, &document).expect("a test compiles them");
        let mut all: Vec<Value> = (0..items)
            .map(|n| json!({"reference_id": n, "timestamp": "2024-01-01T00:00:00Z", "status": "succ"}))
            .collect();
        all.push(json!({"reference_id": "r", "timestamp": "2024-01-01T00:00:00Z", "status": "dcx"}));
        let body = json!({
            "header": {"message_id": "m", "message_ts": "2024-01-01T00:00:00Z", "action": "on-search", "status": "succ"},
            "message": {"transaction_id": "t", "correlation_id": "c", "search_response": all},
        });
        let shape = schemas.reply("sync-search", 200).expect("the document has it");
        let mut judgements = schema_judgements("form", 0, shape, &body, |_| true);
        judgements.retain(|j| j.requirement == "dci.form.search-reply.message.search-response.status.enum");
        judgements
    }

    #[test]
    fn what_stands_behind_too_many_violations_is_not_credited() {
        let found = of_status(3);
        assert!(matches!(found[0].outcome, Outcome::Violated(_)), "{found:?}");
        assert_eq!(of_status(MAX_VIOLATIONS), []);
    }

    /// A header that may have either of two forms has no clauses; what a reading lifts is lifted there as well, and
    /// nothing else.
    #[test]
    fn what_a_reading_lifts_is_lifted_where_a_part_has_several_forms() {
        let profile = Catalogue::bundled().profile("dci-social").expect("it is bundled");
        let lenient = profile
            .taking("dci.absent-values", "null")
            .taking("dci.timestamp-zone", "optional");
        let document = Document::bundled(&profile.document).expect("it is bundled");
        let header = json!({
            "message_id": "m", "message_ts": "2024-01-01T00:00:00", "action": "on-subscribe",
            "status": "succ", "status_reason_message": null,
        });
        let item = json!({"reference_id": "r", "timestamp": "2024-01-01T00:00:00", "status": "succ"});
        let mut body = json!({
            "header": header,
            "message": {"transaction_id": "t", "correlation_id": "c", "subscribe_response": [item]},
        });
        let pointers = |profile: &specs::catalogue::Profile, body: &Value| -> Vec<String> {
            let schemas = Schemas::of(profile, &document).expect("a test compiles them");
            let shape = schemas.callback("subscribe").expect("the document has it");
            assert_eq!(shape.fits(body), shape.violations(body).is_empty());
            shape.violations(body).into_iter().map(|v| v.pointer).collect()
        };
        let (at, reason) = ("/header/message_ts", "/header/status_reason_message");
        assert_eq!(
            pointers(profile, &body),
            [at, reason, "/message/subscribe_response/0/timestamp"]
        );
        assert_eq!(pointers(&lenient, &body), Vec::<String>::new());
        body["header"]["message_id"] = 5.into();
        assert_eq!(pointers(&lenient, &body), ["/header/message_id"]);
    }
}
