//! The same seed and the same requests give the same answers, in whatever order they come.

use crate::bench::{Bench, config, envelope, joined, predicate};
use crate::exchange_probes::MAILBOX;
use mock_server::{Breach, Config};
use serde_json::{Value, json};
use specs::catalogue::Catalogue;

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

/// Searches of every kind, alone and in batches, good and bad.
fn requests(b: &Bench, known: &Value) -> Vec<Value> {
    let by_id =
        |value: &Value| json!({"query_type": "idtype-value", "query": {"type": "UIN", "value": value}});
    let all = predicate(&[b.date_is("gt", "1900-01-01")]);
    let name = b.profile.registry.as_ref().unwrap().date_attribute.clone();
    let page = |size: usize, number: usize| {
        let mut page = all.clone();
        page["pagination"] = json!({"page_size": size, "page_number": number});
        page["sort"] = json!([{"attribute_name": name, "sort_order": "desc"}, {"attribute_name": "sex"}]);
        page
    };
    let women = json!({"attribute_name": "sex", "operator": "in", "attribute_value": ["female", "other"]});
    let either = joined(&women, "or", &b.date_is("eq", "2020-11-02"));
    let expression = json!({"query_type": "expression", "query": {"type": "ns:org:QueryType:NoSql",
        "value": {"expression": {"query": {"$and": [{"sex": {"$eq": "male"}}, {name.clone(): {"$gte": "1980-01-01"}}]}}}}});
    let unknown = predicate(&[
        json!({"attribute_name": "shoe \"size\"", "operator": "eq", "attribute_value": "ß\u{1}"}),
    ]);
    let (found, nobody) = (by_id(known), by_id(&"1".into()));
    let mut requests: Vec<Value> = [&found, &nobody, &all, &either, &expression, &unknown]
        .into_iter()
        .map(|criteria| envelope("t-1", std::slice::from_ref(criteria)))
        .collect();
    requests.extend((1..5).map(|number| envelope("t-2", &[page(7, number)])));
    requests.push(envelope(
        "t \"3\" é\n",
        &[found, unknown.clone(), page(3, 2), nobody],
    ));
    requests.push(envelope("rjct", &[unknown.clone(), unknown]));
    let mut repeated = envelope("t-4", &[all.clone(), all]);
    repeated["message"]["search_request"][1]["reference_id"] = "t-4-0".into();
    repeated["message"]["search_request"][0]["locale"] = "eng".into();
    requests.push(repeated);
    requests
}

#[tokio::test]
async fn a_reply_is_the_same_whether_it_is_written_at_once_or_made_to_be_changed() {
    // No honest request shows that the mock makes this mistake, but it must be ready to change its replies.
    let idle = Breach::from_id("breaks-dci.form.request-header.message-id.length").unwrap();
    let mut compared = 0;
    for profile in Catalogue::bundled().profiles() {
        if profile.registry.is_none() || profile.signature.scheme.signs() {
            continue;
        }
        let straight = Bench::with(config(&[&profile.id])).await;
        let changing = Bench::with(Config {
            breaches: vec![idle],
            ..config(&[&profile.id])
        })
        .await;
        for b in [&straight, &changing] {
            // Somebody who is registered since, if the profile knows events.
            let event = profile.registry.as_ref().unwrap().event_types.first();
            let event = json!({"reg_event_type": event});
            b.call("/_dcx/events", &event.to_string()).await;
        }
        let all = predicate(&[straight.date_is("gt", "1900-01-01")]);
        let [one, other] = [straight.records(all.clone()).await, changing.records(all).await];
        assert_eq!(one, other, "{}", profile.id);
        for request in requests(&straight, &straight.id(&one[3]).into()) {
            let replies = [
                straight.sync_search(&request).await,
                changing.sync_search(&request).await,
            ];
            for reply in &replies {
                assert_eq!(reply.text, reply.json.to_string(), "{}", profile.id);
            }
            let [one, other] = replies.map(|reply| (reply.status, masked(&reply.json).to_string()));
            assert_eq!(one, other, "{}: {request}", profile.id);
            compared += usize::from(one.1.contains("\"reg_records\":[{"));
        }
        let (one, other) = (told(&straight).await, told(&changing).await);
        assert_eq!(one, other, "{}", profile.id);
    }
    assert!(compared > 50, "{compared}");
}

/// What the journal says of searches, and how it sums them up.
async fn told(b: &Bench) -> Vec<[Value; 3]> {
    let journal = b.house("GET", "/_dcx/journal?operation=sync-search", None).await;
    let entries = journal.at("/entries").as_array().unwrap().clone();
    let told = |entry: &Value| ["says", "verdict", "violations"].map(|name| entry[name].clone());
    entries.iter().map(told).collect()
}
