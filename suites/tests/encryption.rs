//! A target that does not offer encryption is not judged by it, in whatever way it does not.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use serde_json::{Value, json};
use specs::catalogue::{Catalogue, Demands};
use specs::document::Document;
use specs::evidence::{Body, Exchange, Observation, Outcome, Request, Response, Verdict};
use std::sync::Arc;
use suites::context::{Context, Learnt, Schemas};
use suites::plan::Sealing;
use suites::{Cases, Step, judgement};

fn context(readings: &[&str]) -> Context {
    let mut profile = Catalogue::bundled().profile("digit-exchange").unwrap().clone();
    let readings = readings.iter().map(|id| (*id).to_owned()).collect();
    profile.readings.insert("digit.encryption".to_owned(), readings);
    let document = Document::bundled(&profile.document).unwrap();
    Context {
        demands: Demands::of(&profile, Catalogue::bundled()),
        schemas: Arc::new(Schemas::of(&profile, &document).unwrap()),
        seed: 1,
        case: String::new(),
        salt: String::new(),
        sender_id: profile.partner.sender_id.clone(),
        receiver_id: profile.partner.receiver_id.clone(),
        receiver_key: None,
        known: Arc::default(),
        learnt: Learnt::default(),
        profile: Arc::new(profile),
    }
}

/// The verdicts of a case about a target that accepts what this says.
fn verdicts(case: &str, cx: &Context, accepts: impl Fn(Sealing) -> bool) -> Vec<(String, Verdict)> {
    let case = Cases::bundled().get(case).unwrap();
    let cx = cx.for_case(&case.id);
    let mut seen = Vec::new();
    while let Some(step) = case.next(&cx, &seen) {
        seen.push(match step {
            Step::Send(send) => {
                let status = if accepts(send.sealing) { "ACK" } else { "ERR" };
                let mut body = json!({"message": {"ack_status": status}});
                if status == "ERR" {
                    body["message"]["error"] = json!({"code": "err.encryption.invalid"});
                }
                answered(&send.label, &body)
            }
            Step::Open { label } => Observation::Opened {
                label,
                of: None,
                content: None,
                reason: Some("there was no answer".to_owned()),
            },
            _ => Observation::Wait {
                awaited: "a callback".to_owned(),
                satisfied: true,
                reason: None,
                waited_us: 1,
            },
        });
    }
    let checks = judgement::checks(case.judge(&cx, &seen), &cx.profile, &cx.demands);
    let told = checks.into_iter().map(|check| (check.requirement, check.verdict));
    told.collect()
}

fn answered(label: &str, body: &Value) -> Observation {
    let request = Request {
        method: "POST".to_owned(),
        url: "http://127.0.0.1/".to_owned(),
        headers: Vec::new(),
        body: Body::text("{}"),
    };
    Observation::Exchange(Exchange {
        label: label.to_owned(),
        operation: "exchange".to_owned(),
        intent: specs::evidence::Intent::Honest,
        request,
        outcome: Outcome::Response(Response {
            status: 200,
            headers: Vec::new(),
            body: Body::text(body.to_string()),
        }),
        sent_us: 0,
        done_us: 1,
        put_off: Vec::new(),
    })
}

const CASES: [&str; 2] = ["exchange.encryption", "exchange.encrypted-reply"];

#[test]
fn whoever_refuses_or_ignores_encryption_is_not_judged() {
    let cx = context(&["compact-jwe", "none"]);
    for case in CASES {
        let refuses = verdicts(case, &cx, |sealing| sealing == Sealing::None);
        let ignores = verdicts(case, &cx, |_| true);
        for (requirement, verdict) in refuses.iter().chain(&ignores) {
            assert_eq!(*verdict, Verdict::Skipped, "{case}: {requirement}");
        }
        assert!(!refuses.is_empty() && refuses.len() == ignores.len());
    }
}

#[test]
fn a_profile_that_wants_encryption_judges_whoever_refuses_it() {
    let cx = context(&["compact-jwe"]);
    for case in CASES {
        let refuses = verdicts(case, &cx, |sealing| sealing == Sealing::None);
        for (requirement, verdict) in &refuses {
            assert_eq!(*verdict, Verdict::Warn, "{case}: {requirement}");
        }
        assert!(!refuses.is_empty());
    }
}

#[test]
fn whoever_reads_encrypted_messages_has_to_look_at_the_tag() {
    let cx = context(&["compact-jwe", "none"]);
    let honest = verdicts(CASES[0], &cx, |s| matches!(s, Sealing::None | Sealing::Own));
    assert!(
        honest.iter().all(|(_, verdict)| *verdict == Verdict::Pass),
        "{honest:?}"
    );
    let careless = verdicts(CASES[0], &cx, |s| {
        matches!(s, Sealing::None | Sealing::Own | Sealing::Tag | Sealing::Content)
    });
    let violated: Vec<&str> = careless
        .iter()
        .filter(|(_, verdict)| *verdict == Verdict::Warn)
        .map(|(requirement, _)| requirement.as_str())
        .collect();
    assert_eq!(violated, ["digit.encryption.checked"]);
}
