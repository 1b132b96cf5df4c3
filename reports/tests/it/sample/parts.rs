//! Requests, responses, checks and findings of the sample runs.

use serde_json::{Value, json};
use specs::evidence::{
    Body, Check, Exchange, Finding, Intent, Observation, Outcome, Request, Response, Verdict,
};

pub(super) fn search(transaction: &str) -> Value {
    json!({
        "signature": "Signature: namespace=\"dci\", kidId=\"client|1|ed25519\", algorithm=\"ed25519\", signature=\"b2theQ==\"",
        "header": {
            "version": "1.0.0", "message_id": "5c1e0f7a", "message_ts": "2026-11-03T09:15:00Z", "action": "search",
            "sender_id": "dcx", "total_count": 1, "is_msg_encrypted": false
        },
        "message": {
            "transaction_id": transaction,
            "search_request": [{
                "reference_id": "r-1", "timestamp": "2026-11-03T09:15:00Z",
                "search_criteria": {"query_type": "idtype-value", "query": {"type": "UIN", "value": "it's-4711"}}
            }]
        }
    })
}

pub(super) fn request(body: &Value) -> Request {
    Request {
        method: "POST".to_owned(),
        url: "http://127.0.0.1:8080/dci-social/registry/sync/search".to_owned(),
        headers: vec![
            ("host".to_owned(), "127.0.0.1:8080".to_owned()),
            ("content-type".to_owned(), "application/json".to_owned()),
            ("authorization".to_owned(), "Bearer $DCX_TOKEN".to_owned()),
        ],
        body: Body::text(body.to_string()),
    }
}

pub(super) fn response(status: u16, body: &Value) -> Outcome {
    Outcome::Response(Response {
        status,
        headers: vec![("content-type".to_owned(), "text/plain".to_owned())],
        body: Body::text(body.to_string()),
    })
}

pub(super) fn exchange(label: &str, intent: Intent, body: &Value, outcome: Outcome) -> Observation {
    Observation::Exchange(Exchange {
        label: label.to_owned(),
        operation: "sync-search".to_owned(),
        intent,
        request: request(body),
        outcome,
        sent_us: 300,
        done_us: 6_900,
        put_off: Vec::new(),
    })
}

pub(super) fn found(transaction: &str, records: usize) -> Value {
    let record = |i: usize| json!({"uin": format!("UIN-{i:05}"), "name": {"given_name": "Ama", "surname": "Mensah"}, "sex": "female"});
    json!({
        "header": {"version": "1.0.0", "action": "on-search", "status": "succ", "total_count": records},
        "message": {
            "transaction_id": transaction,
            "search_response": [{"reference_id": "r-1", "status": "succ", "data": {"reg_records": (0..records).map(record).collect::<Vec<_>>()}}]
        }
    })
}

pub(super) fn check(requirement: &str, verdict: Verdict) -> Check {
    Check {
        requirement: requirement.to_owned(),
        verdict,
        reason: None,
        findings: Vec::new(),
    }
}

pub(super) fn undecided(requirement: &str, reason: &str) -> Check {
    Check {
        reason: Some(reason.to_owned()),
        ..check(requirement, Verdict::Inconclusive)
    }
}

pub(super) fn finding(
    requirement: &str,
    expected: &str,
    actual: &str,
    pointer: Option<&str>,
    observation: usize,
) -> Finding {
    Finding {
        requirement: requirement.to_owned(),
        expected: expected.to_owned(),
        actual: actual.to_owned(),
        pointer: pointer.map(str::to_owned),
        observation: Some(observation),
        counterexample: None,
    }
}

pub(super) fn violated(verdict: Verdict, finding: Finding) -> Check {
    let requirement = finding.requirement.clone();
    Check {
        findings: vec![finding],
        ..check(&requirement, verdict)
    }
}
