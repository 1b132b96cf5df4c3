//! The same seed and the same requests give the same answers, in whatever order they come.

use crate::bench::{Bench, config, envelope, predicate};
use crate::exchange_probes::MAILBOX;
use mock_server::Config;
use serde_json::Value;

/// The text without its times.
fn masked(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let keep = |(name, value): (&String, &Value)| match name.as_str() {
                "message_ts" | "timestamp" => (name.clone(), Value::Null),
                _ => (name.clone(), masked(value)),
            };
            members.iter().map(keep).collect()
        }
        Value::Array(items) => items.iter().map(masked).collect(),
        other => other.clone(),
    }
}

async fn answers(profile: &str, seed: u64, backwards: bool) -> Vec<String> {
    let b = Bench::with(Config {
        seed,
        ..config(&[profile])
    })
    .await;
    let mut transactions: Vec<usize> = (0..5).collect();
    if backwards {
        transactions.reverse();
    }
    let mut answers = Vec::new();
    for transaction in transactions {
        let all = predicate(&[b.date_is("gt", "1900-01-01")]);
        let reply = b
            .sync_search(&envelope(&format!("t-{transaction}"), &[all]))
            .await;
        answers.push((transaction, masked(&reply.json).to_string()));
    }
    answers.sort();
    answers.into_iter().map(|(_, answer)| answer).collect()
}

#[tokio::test]
async fn registries_repeat_themselves() {
    for profile in ["openspp-dci", "dci-social"] {
        let first = answers(profile, 1, false).await;
        assert_eq!(first, answers(profile, 1, true).await);
        assert_ne!(first, answers(profile, 2, false).await);
    }
}

#[tokio::test]
async fn exchanges_repeat_themselves() {
    let mut answers = Vec::new();
    for _ in 0..2 {
        let b = Bench::new("digit-exchange", &[]).await;
        let reply = b.exchange("program", &b.message("{}", MAILBOX)).await;
        answers.push(masked(&reply.json));
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn secrets_and_people_derive_from_the_seed() {
    let secret = async |seed| {
        Bench::with(Config {
            seed,
            ..config(&["openspp-dci"])
        })
        .await
        .endpoint
        .client_secret
    };
    assert_eq!(secret(5).await, secret(5).await);
    assert_ne!(secret(5).await, secret(6).await);
}
