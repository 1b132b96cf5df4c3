//! What all DCI registries have in common: records by the dictionary, refusals, and callers who may not call.

use crate::bench::{Bench, config, predicate, with};
use crate::talk::{Partner, Side, everything, somebody, violations};
use mock_server::{Config, MockServer};
use serde_json::{Value, json};
use specs::catalogue::Catalogue;
use std::collections::BTreeSet;

pub(crate) const REGISTRIES: [&str; 6] = [
    "dci-beneficiary",
    "dci-crvs",
    "dci-disability",
    "dci-economic-support",
    "dci-farmer",
    "dci-social",
];

#[tokio::test]
async fn all_profiles_are_served_by_one_mock() {
    let profiles = Catalogue::bundled().profiles().to_vec();
    let config = Config {
        profiles: profiles.clone(),
        ..Config::default()
    };
    let mock = MockServer::start(config).await.unwrap();
    let served: Vec<&str> = mock.endpoints().iter().map(|e| e.profile.as_str()).collect();
    let known: Vec<&str> = profiles.iter().map(|p| p.id.as_str()).collect();
    assert_eq!(served, known);
    let addresses: BTreeSet<&str> = mock.endpoints().iter().map(|e| e.base_url.as_str()).collect();
    assert_eq!(addresses.len(), known.len());
}

#[tokio::test]
async fn records_have_the_form_of_the_dictionary_and_of_the_reply() {
    for profile in REGISTRIES {
        let b = Bench::new(profile, &[]).await;
        let partner = Partner::of(&b).await;
        let all = predicate(&[b.date_is("gt", "1900-01-01")]);
        let reply = partner.search("all", &[all]).await;
        assert_eq!(
            violations(&b, "/registry/sync/search", Side::Reply, &reply.json),
            [],
            "{profile}"
        );
        let data = reply.at("/message/search_response/0/data");
        let registry = b.profile.registry.as_ref().unwrap();
        assert_eq!(
            data["reg_record_type"].as_str(),
            registry.reg_record_type.as_deref()
        );
        let schema = specs::records::schema_of(data["reg_record_type"].as_str().unwrap()).unwrap();
        let records = data["reg_records"].as_array().unwrap();
        assert_eq!(records.len(), 200, "{profile}");
        let mut numbers = BTreeSet::new();
        for record in records {
            assert_eq!(schema.violations(record), [], "{profile}: {record}");
            assert!(numbers.insert(b.id(record)), "{profile}: {record}");
            for (name, pointer) in &registry.attributes {
                assert!(record.pointer(pointer).is_some(), "{profile}: {name} in {record}");
            }
        }
    }
}

#[tokio::test]
async fn people_of_many_traditions_are_registered() {
    let b = Bench::new("dci-crvs", &[]).await;
    let records = b.records(predicate(&[b.date_is("gt", "1900-01-01")])).await;
    let names = records.iter().map(|r| r["name"]["surname"].as_str().unwrap());
    let names: BTreeSet<&str> = names.collect();
    let scripts = [
        ('a', 'z'),
        ('ا', 'ي'),
        ('अ', 'ह'),
        ('ሀ', 'ፐ'),
        ('а', 'я'),
        ('一', '龥'),
    ];
    for (first, last) in scripts {
        let written = |name: &&str| name.chars().any(|c| (first..=last).contains(&c));
        assert!(names.iter().any(written), "{first}");
    }
}

#[tokio::test]
async fn farmers_and_workers_are_grown_up() {
    for profile in ["dci-farmer", "dci-economic-support"] {
        let b = Bench::new(profile, &[]).await;
        assert!(
            b.records(predicate(&[b.date_is("gt", "2006-01-01")]))
                .await
                .is_empty()
        );
    }
}

/// Each operation beside the searches, with a request that is in order.
async fn requests(b: &Bench, partner: &Partner<'_>) -> Vec<(String, Value)> {
    let record = somebody(b).await;
    let query = json!({"query": {"person_identifier": {"eq": b.id(&record)}}});
    let all = [
        ("subscribe", partner.subscription("t", &[everything(b)])),
        ("unsubscribe", partner.end("t", &["s-1"])),
        (
            "txn-status",
            partner.question("t", "search", "transaction_id", "x"),
        ),
        (
            "sync-txn-status",
            partner.question("t", "search", "transaction_id", "x"),
        ),
        (
            "disabled",
            partner.request("search", "t", &json!({"disabled_criteria": query})),
        ),
        (
            "get-disability-support",
            partner.request("search", "t", &json!({"disabled_criteria": query})),
        ),
        (
            "get-disability-details",
            partner.request("search", "t", &json!({"disabled_criteria": query})),
        ),
        (
            "enrolled",
            partner.request("search", "t", &json!({"enrolled_criteria": query})),
        ),
        (
            "check-enrollment",
            partner.request("enrollementstatus", "t", &json!({"enrolled_criteria": query})),
        ),
        (
            "enrollment-updates",
            partner.request(
                "notify",
                "t",
                &json!({"enrolled_updates": {"beneficiaries": [record]}}),
            ),
        ),
    ];
    let offered = |(id, request): (&str, Value)| Some((b.profile.path(id)?.to_owned(), request));
    all.into_iter().filter_map(offered).collect()
}

#[tokio::test]
async fn every_operation_refuses_what_is_faulty_and_takes_what_is_not() {
    for profile in REGISTRIES {
        let b = Bench::new(profile, &[]).await;
        let partner = Partner::of(&b).await;
        let requests = requests(&b, &partner).await;
        assert_eq!(requests.len() + 3, b.profile.operations.len(), "{profile}");
        for (path, request) in requests {
            assert_eq!(
                violations(&b, &path, Side::Request, &request),
                [],
                "{profile} {path}"
            );
            let reply = b.call(&path, &request.to_string()).await;
            assert_eq!(reply.status, 200, "{profile} {path}");
            assert_eq!(
                violations(&b, &path, Side::Reply, &reply.json),
                [],
                "{profile} {path}"
            );
            let later = reply.json["message"]["ack_status"] == "ACK";
            for pointer in ["/header/message_id", "/message/transaction_id", "/message"] {
                let faulty = with(&request, pointer, None);
                refused(&b, &path, &faulty, later, pointer).await;
            }
            let faulty = with(&request, "/header/action", Some("on-search".into()));
            refused(&b, &path, &faulty, later, "/header/action").await;
            let faulty = with(&request, "/header/message_ts", Some("yesterday".into()));
            refused(&b, &path, &faulty, later, "/header/message_ts").await;
            assert_eq!(
                b.call_as(None, &path, &request.to_string()).await.status,
                401,
                "{path}"
            );
            refused(&b, &path, &json!([]), later, "").await;
        }
    }
}

/// A request is refused in the form of the document, for what is wrong with it.
async fn refused(b: &Bench, path: &str, faulty: &Value, later: bool, pointer: &str) {
    let reply = b.call(path, &faulty.to_string()).await;
    assert_eq!(reply.status, 400, "{path} {faulty}");
    assert_eq!(
        violations(b, path, Side::Reply, &reply.json),
        [],
        "{path} {faulty}"
    );
    let message = if later {
        assert_eq!(reply.at("/message/ack_status"), "ERR", "{path} {faulty}");
        reply.at("/message/error/message")
    } else {
        assert_eq!(reply.at("/header/status"), "rjct", "{path} {faulty}");
        reply.at("/header/status_reason_message")
    };
    assert!(message.as_str().unwrap().contains(pointer), "{path}: {message}");
}

#[tokio::test]
async fn strangers_are_not_called_for_any_operation() {
    let b = Bench::new("dci-crvs", &[]).await;
    let partner = Partner::of(&b).await;
    for (path, request) in requests(&b, &partner).await {
        if path.contains("/sync/") {
            continue;
        }
        let aimed = with(&request, "/header/sender_uri", Some("http://10.0.0.1/".into()));
        let reply = b.call(&path, &aimed.to_string()).await;
        let code = reply.at("/message/error/code");
        assert_eq!(
            (reply.status, code),
            (400, &json!("err.sender_uri.invalid")),
            "{path}"
        );
    }
    assert!(partner.receiver.is_silent().await);
}

#[tokio::test]
async fn whoever_names_no_address_is_answered_by_mail_by_every_operation() {
    let b = Bench::with(Config {
        callback_delay: std::time::Duration::ZERO,
        ..config(&["dci-crvs"])
    })
    .await;
    let partner = Partner::of(&b).await;
    let mut expected = Vec::new();
    for (path, request) in requests(&b, &partner).await {
        if !path.contains("/sync/") {
            let without = with(&request, "/header/sender_uri", None);
            let ack = b.call(&path, &without.to_string()).await;
            expected.push(ack.at("/message/correlation_id").clone());
        }
    }
    let actions = async {
        loop {
            let mail = b.get("/_dcx/mailbox").await.json;
            let mail = mail.as_array().unwrap();
            if mail.len() == expected.len() {
                let actions = mail
                    .iter()
                    .map(|m| m["body"]["header"]["action"].as_str().unwrap().to_owned());
                return actions.collect::<BTreeSet<_>>();
            }
        }
    };
    let actions = tokio::time::timeout(std::time::Duration::from_secs(3), actions)
        .await
        .unwrap();
    assert_eq!(
        actions.into_iter().collect::<Vec<_>>(),
        ["on-subscribe", "on-unsubscribe", "txn-on-status"]
    );
    assert!(partner.receiver.is_silent().await);
}
