//! The other readings: each is seen in what the mock says or does, and in nothing that it does by itself.

mod exchanged;
mod searched;
mod signed;
mod subscribed;

use crate::bench::{Bench, Reply, config};
use crate::receiver::Callback;
use mock_server::{Config, MockServer, StartError, Way};
use serde_json::{Value, json};
use specs::catalogue::{Catalogue, Profile};
use std::collections::HashMap;

/// What was said in a conversation, without what differs from one to the next: times and tokens.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said(Vec<(String, String)>);

impl Said {
    fn note(&mut self, label: &str, reply: &Reply) {
        let text = format!(
            "{} {} {}",
            reply.status,
            reply.header("content-type"),
            masked(&reply.json)
        );
        self.0.push((label.to_owned(), text));
    }

    fn note_callback(&mut self, label: &str, callback: Option<&Callback>) {
        let told = callback.map_or_else(
            || "none".to_owned(),
            |callback| {
                let bearer = callback.headers.contains_key("authorization");
                format!("bearer {bearer} {}", masked(&callback.body))
            },
        );
        self.0.push((label.to_owned(), told));
    }
}

/// Times by their form alone, and no tokens.
fn masked(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let keep = |(name, value): (&String, &Value)| {
                let value = match name.as_str() {
                    "message_ts" | "timestamp" | "timesatmp" => form(value),
                    "access_token" | "signature" | "ciphertext" | "encrypted_key" | "tag" | "iv" => {
                        Value::Null
                    }
                    _ => masked(value),
                };
                (name.clone(), value)
            };
            members.iter().map(keep).collect()
        }
        Value::Array(items) => items.iter().map(masked).collect(),
        other => other.clone(),
    }
}

fn form(time: &Value) -> Value {
    match time {
        Value::String(text) if text.ends_with('Z') => "a moment with its zone".into(),
        Value::String(text) if text.contains('T') => "a moment".into(),
        Value::String(text) => format!("a text of {}", text.len()).into(),
        Value::Number(number) => number.to_string().len().into(),
        other => other.clone(),
    }
}

/// Everything that a partner can ask of a profile, and what comes back.
async fn conversation(profile: &Profile) -> Said {
    let b = Bench::with(Config {
        profiles: vec![profile.clone()],
        ..Config::default()
    })
    .await;
    let mut said = Said::default();
    if profile.exchange.is_some() {
        exchanged::talk(&b, &mut said).await;
    } else if profile.signature.scheme.signs() {
        signed::talk(&b, &mut said).await;
    } else {
        searched::talk(&b, &mut said).await;
        subscribed::talk(&b, &mut said).await;
    }
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_conversation_goes_the_same_way_twice() {
    for id in ["dci-beneficiary", "digit-exchange", "openspp-registry"] {
        let profile = crate::bench::profile(id);
        let (one, other) = (conversation(&profile).await, conversation(&profile).await);
        for (one, other) in one.0.iter().zip(&other.0) {
            assert_eq!(one, other, "{id}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_is_seen_in_what_the_mock_says() {
    let profiles = Catalogue::bundled().profiles();
    let mut usual = HashMap::new();
    for profile in profiles {
        usual.insert(profile.id.as_str(), conversation(profile).await);
    }
    let usual = std::sync::Arc::new(usual);
    let all: Vec<Way> = Way::all().to_vec();
    let mut tasks = tokio::task::JoinSet::new();
    for part in all.chunks(all.len().div_ceil(8)) {
        let (part, usual) = (part.to_vec(), std::sync::Arc::clone(&usual));
        tasks.spawn(async move {
            let mut unseen = Vec::new();
            for way in part {
                let shown = profiles.iter().filter(|profile| way.exists_under(profile));
                let mut seen = false;
                for profile in shown {
                    // What the profile prefers already makes no difference.
                    let said = conversation(&way.taken_by(profile)).await;
                    seen = said != usual[profile.id.as_str()];
                    if seen {
                        break;
                    }
                }
                if !seen {
                    unseen.push(way.id());
                }
            }
            unseen
        });
    }
    let mut unseen = Vec::new();
    while let Some(part) = tasks.join_next().await {
        unseen.extend(part.unwrap());
    }
    assert!(unseen.is_empty(), "nothing is seen of {unseen:#?}");
}

#[tokio::test]
async fn a_mock_takes_what_it_is_told_to_and_says_what_it_cannot() {
    let told = async |profile: &str, readings: &[&str]| {
        let readings = readings.iter().map(|id| Way::from_id(id).unwrap()).collect();
        MockServer::start(Config {
            readings,
            ..config(&[profile])
        })
        .await
    };
    let b = Bench::with(Config {
        readings: vec![Way::NoMatchNoData, Way::AckStatusAccepted],
        ..config(&["dci-social"])
    })
    .await;
    let nobody = json!({"query_type": "idtype-value", "query": {"type": "UIN", "value": "1"}});
    let reply = b.sync_search(&crate::bench::envelope("t", &[nobody])).await;
    assert_eq!(reply.at("/message/search_response/0/status"), "succ");
    assert!(reply.at("/message/search_response/0/data").is_null());

    let idle = told("digit-exchange", &["dci.no-match=no-data"]).await;
    assert!(matches!(
        idle,
        Err(StartError::IdleReading {
            way: Way::NoMatchNoData
        })
    ));
    let two = told(
        "dci-social",
        &["dci.no-match=no-data", "dci.no-match=item-omitted"],
    )
    .await;
    let why = two.err().map(|e| e.to_string()).unwrap_or_default();
    assert!(why.contains("are alternatives of one reading"), "{why}");
}
