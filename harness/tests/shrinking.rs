//! Counterexamples are smallest: what is shown differs from an accepted request in the one member that
//! matters.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

#[path = "common/certify.rs"]
mod certify;

use certify::Run;
use reports::event::{Entry, Event};
use serde_json::{Value, json};
use specs::evidence::{Counterexample, Exchange, Finding, Intent, Observation};
use std::collections::BTreeMap;
use suites::generated::CONTROL;

/// Requests that may be spent on a counterexample with a fault: most are found in a few.
const MOST_FOR_A_FAULT: u32 = 20;

/// Requests that may be spent on one without, where each optional member has to be left out.
const MOST_FOR_A_VALID: u32 = 100;

/// The findings of one requirement with their requests, and the control of the same operation.
struct Found {
    finding: Finding,
    shown: Exchange,
    control: Exchange,
}

async fn found(profile: &str, defect: &str, case: &str, requirement: &str) -> Vec<Found> {
    let run = Run {
        profiles: &[profile],
        seed: 1,
        defects: &[defect],
        cases: Some(case),
        jobs: 8,
    };
    let entries = run.log().await;
    let exchanges = exchanges(&entries);
    let checks = entries.iter().filter_map(|entry| match &entry.event {
        Event::CaseFinished(finished) => Some(&finished.checks),
        _ => None,
    });
    let findings = checks
        .flatten()
        .filter(|check| check.requirement == requirement)
        .flat_map(|c| &c.findings);
    let found: Vec<Found> = findings
        .map(|finding| {
            let shown = &exchanges[&finding.observation.unwrap()];
            let of_operation = || exchanges.values().filter(|e| e.operation == shown.operation);
            Found {
                finding: finding.clone(),
                shown: shown.clone(),
                control: of_operation().find(|e| e.label == CONTROL).unwrap().clone(),
            }
        })
        .collect();
    assert!(!found.is_empty(), "{defect} is found by {requirement}");
    found
}

fn exchanges(entries: &[Entry]) -> BTreeMap<usize, Exchange> {
    let observed = entries.iter().filter_map(|entry| match &entry.event {
        Event::Observed(observed) => Some((observed.index, &observed.observation)),
        _ => None,
    });
    observed
        .filter_map(|(index, observation)| match observation {
            Observation::Exchange(exchange) => Some((index, exchange.clone())),
            _ => None,
        })
        .collect()
}

/// Members that are new in every request.
const FRESH: [&str; 6] = [
    "message_id",
    "message_ts",
    "transaction_id",
    "reference_id",
    "timestamp",
    "signature",
];

/// The pointers of the members in which two bodies differ, leaving aside ids, times and the private
/// callback address, unless the member at `fault` is one of these.
fn differences(left: &Value, right: &Value, pointer: &str, fault: &str, out: &mut Vec<String>) {
    let (Value::Object(l), Value::Object(r)) = (left, right) else {
        if let (Value::Array(l), Value::Array(r)) = (left, right)
            && l.len() == r.len()
        {
            for (i, (l, r)) in l.iter().zip(r).enumerate() {
                differences(l, r, &format!("{pointer}/{i}"), fault, out);
            }
        } else if left != right {
            out.push(pointer.to_owned());
        }
        return;
    };
    for name in l.keys().chain(r.keys().filter(|name| !l.contains_key(*name))) {
        let below = format!("{pointer}/{name}");
        let fresh = FRESH.contains(&name.as_str()) || name == "sender_uri";
        if fresh && below != fault {
            continue;
        }
        match (l.get(name), r.get(name)) {
            (Some(left), Some(right)) => differences(left, right, &below, fault, out),
            _ => out.push(below),
        }
    }
}

impl Found {
    fn counterexample(&self) -> &Counterexample {
        self.finding.counterexample.as_ref().unwrap()
    }

    fn sent(&self) -> Value {
        self.shown.request.body.json().unwrap()
    }

    fn differs_in(&self) -> Vec<String> {
        let fault = self.counterexample().pointer.clone().unwrap_or_default();
        let mut out = Vec::new();
        let control = self.control.request.body.json().unwrap();
        differences(&control, &self.sent(), "", &fault, &mut out);
        out
    }

    /// It differs in its own member only (with what that member stands in, where the plainest request does
    /// not have it), and the finding shows what it holds there.
    #[track_caller]
    fn is_smallest(&self) {
        let counterexample = self.counterexample();
        let pointer = counterexample.pointer.as_deref().unwrap();
        let sent = self.sent();
        let differs = self.differs_in();
        assert!(
            differs
                .iter()
                .all(|p| p == pointer || pointer.starts_with(&format!("{p}/"))),
            "{} at {pointer} differs in {differs:?} as well:\n{sent}\nfrom\n{}",
            counterexample.operator,
            self.control.request.body.text,
        );
        assert_eq!(sent.pointer(pointer), counterexample.sent.as_ref(), "{pointer}");
        let most = match self.shown.intent {
            Intent::Honest => MOST_FOR_A_VALID,
            Intent::Faulty { .. } => MOST_FOR_A_FAULT,
        };
        assert!(counterexample.shrink_requests <= most, "{counterexample:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_digit_in_a_locale_is_all_that_is_shown() {
    for found in found(
        "dci-social",
        "locale-digit-accepted",
        "request.generated-invalid",
        "dci.form.search.message.search-request.locale.pattern",
    )
    .await
    {
        let counterexample = found.counterexample();
        assert_eq!(
            counterexample.pointer.as_deref(),
            Some("/message/search_request/0/locale")
        );
        let sent = counterexample.sent.as_ref().unwrap().as_str().unwrap();
        assert_eq!(sent.chars().count(), 3, "{sent}");
        assert_eq!(sent.chars().filter(char::is_ascii_digit).count(), 1, "{sent}");
        assert_eq!(counterexample.honest, Some(json!("eng")));
        found.is_smallest();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_meta_is_shown_as_the_smallest_meta() {
    for found in found(
        "dci-social",
        "meta-refused",
        "request.generated-valid",
        "dci.request.valid-accepted",
    )
    .await
    {
        let counterexample = found.counterexample();
        assert_eq!(counterexample.pointer.as_deref(), Some("/header/meta"));
        assert_eq!(counterexample.sent, Some(json!({})));
        assert_eq!(counterexample.honest, None);
        assert_eq!(found.differs_in(), ["/header/meta"]);
        found.is_smallest();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_checked_is_shown_by_one_member_each() {
    for (defect, requirement) in [
        ("type-unchecked", "dci.form.search.message.transaction-id.type"),
        (
            "required-unchecked",
            "dci.form.search.message.transaction-id.required",
        ),
        (
            "enum-unchecked",
            "dci.form.search.message.search-request.search-criteria.query.expression1.operator.enum",
        ),
        (
            "bounds-unchecked",
            "dci.form.search.message.search-request.search-criteria.pagination.page-size.range",
        ),
        ("timestamp-unchecked", "dci.form.request-header.message-ts.format"),
    ] {
        for found in found("dci-social", defect, "request.generated-invalid", requirement).await {
            found.is_smallest();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_holds_for_messages_of_an_exchange() {
    for (defect, requirement) in [
        (
            "exchange-type-unchecked",
            "digit.form.exchange.header.sender-id.type",
        ),
        (
            "exchange-required-unchecked",
            "digit.form.exchange.header.message-id.required",
        ),
    ] {
        for found in found(
            "digit-exchange",
            defect,
            "exchange.generated-invalid",
            requirement,
        )
        .await
        {
            found.is_smallest();
        }
    }
    let requirement = "digit.request.valid-accepted";
    for found in found(
        "digit-exchange",
        "exchange-encrypted-flag-refused",
        "exchange.generated-valid",
        requirement,
    )
    .await
    {
        assert_eq!(found.differs_in(), ["/header/is_msg_encrypted"]);
        found.is_smallest();
    }
}
