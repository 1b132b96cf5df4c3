//! Subscriptions, their end, and what subscribers are told.

use crate::bench::{Bench, config, with};
use crate::registries::REGISTRIES;
use crate::talk::{
    Partner, Side, count, event, event_type, everything, renumbered, somebody, violations, wanting,
};
use mock_server::Config;
use serde_json::{Value, json};
use std::time::Duration;

const ITEM: &str = "/message/subscribe_response/0";

#[tokio::test]
async fn a_subscriber_is_told_of_an_event_and_finds_the_record() {
    for profile in REGISTRIES {
        let b = Bench::new(profile, &[]).await;
        let partner = Partner::of(&b).await;
        let told = partner.subscribe("births", &[everything(&b)]).await;
        let answer = &told.callback.as_ref().unwrap().body;
        assert_eq!(
            violations(&b, "/registry/on-subscribe", Side::Request, answer),
            [],
            "{profile}"
        );
        assert_eq!(told.at(&format!("{ITEM}/status")), "succ", "{answer}");
        assert_eq!(told.at(&format!("{ITEM}/reference_id")), "births-0");
        assert_eq!(
            told.at("/message/correlation_id"),
            *told.ack.at("/message/correlation_id")
        );

        let record = renumbered(&b, &somebody(&b).await, "7000000001");
        let happened = event(&b, &json!({"reg_event_type": event_type(&b), "record": record})).await;
        assert_eq!(
            (happened.status, happened.at("/notified")),
            (200, &json!(1)),
            "{happened:?}"
        );
        assert_eq!(count(&b, "7000000001").await, 1, "{profile}");
        let notification = partner.receiver.next().await.unwrap().body;
        assert_eq!(
            violations(&b, "/registry/notify", Side::Request, &notification),
            [],
            "{profile}"
        );
        let data = &notification["message"]["notify_event"][0]["data"];
        assert_eq!(data["reg_records"], json!([record]));
        assert_eq!(data["reg_event_type"], event_type(&b));
        assert_eq!(
            data["reg_record_type"],
            *b.profile
                .registry
                .as_ref()
                .unwrap()
                .reg_record_type
                .as_ref()
                .unwrap()
        );
        assert_eq!(notification["message"]["transaction_id"], "births");
        assert_eq!(
            notification["message"]["notify_event"][0]["reference_id"],
            "births-0"
        );
        assert_eq!(
            (
                &notification["header"]["action"],
                &notification["header"]["status"]
            ),
            (&json!("notify"), &json!("succ"))
        );
        assert!(partner.receiver.is_silent().await);

        let code = told.code();
        let ended = partner.unsubscribe("end", &[&code]).await;
        let answer = &ended.callback.as_ref().unwrap().body;
        assert_eq!(
            violations(&b, "/registry/on-unsubscribe", Side::Request, answer),
            [],
            "{profile}"
        );
        assert_eq!(ended.at("/message/status"), "succ");
        assert_eq!(
            ended.at("/message/subscription_status"),
            json!([{"code": code, "status": "unsubscribe"}])
        );
        let happened = event(&b, &json!({"reg_event_type": event_type(&b)})).await;
        assert_eq!(happened.at("/notified"), &json!(0));
        assert!(partner.receiver.is_silent().await);
    }
}

#[tokio::test]
async fn each_subscription_of_a_batch_is_answered_for_itself() {
    let b = Bench::new("dci-crvs", &[]).await;
    let partner = Partner::of(&b).await;
    let unknown = wanting(&b, "Moon", &b.date_is("gt", "1900-01-01"));
    let shoes = json!({"attribute_name": "shoe_size", "operator": "eq", "attribute_value": 42});
    let bad_filter = wanting(&b, event_type(&b), &shoes);
    let expression = with(&everything(&b), "/filter_type", Some("expression".into()));
    let expression = with(&expression, "/filter", Some(json!({"type": "x", "value": {}})));
    let babies = wanting(&b, event_type(&b), &b.date_is("gt", "2020-01-01"));
    let mut request = partner.subscription(
        "batch",
        &[
            everything(&b),
            unknown,
            bad_filter,
            expression,
            everything(&b),
            babies.clone(),
            babies,
        ],
    );
    request["message"]["subscribe_request"][6]["reference_id"] = "batch-5".into();
    let told = partner.ask("/registry/subscribe", &request).await;
    let answer = told.callback.as_ref().unwrap().body.clone();
    assert_eq!(
        violations(&b, "/registry/on-subscribe", Side::Request, &answer),
        []
    );
    let items = answer["message"]["subscribe_response"].as_array().unwrap();
    let outcome = |item: &Value| item["status_reason_code"].as_str().unwrap_or("succ").to_owned();
    assert_eq!(
        items.iter().map(outcome).collect::<Vec<_>>(),
        [
            "succ",
            "rjct.notify_types.invalid",
            "rjct.notify_details.invalid",
            "rjct.notify_details.invalid",
            "rjct.event.already_subscribed",
            "succ",
            "rjct.reference_id.duplicate",
        ]
    );
    assert_ne!(
        items[0]["subscriptions"][0]["code"],
        items[5]["subscriptions"][0]["code"]
    );
    assert_eq!(
        (&answer["header"]["status"], &answer["header"]["completed_count"]),
        (&json!("succ"), &json!(2))
    );
}

#[tokio::test]
async fn a_batch_that_is_rejected_as_a_whole_says_so() {
    let b = Bench::new("dci-farmer", &[]).await;
    let partner = Partner::of(&b).await;
    let told = partner
        .subscribe("t", &[wanting(&b, "Moon", &b.date_is("gt", "1900-01-01"))])
        .await;
    assert_eq!(told.at("/header/status"), "rjct");
    assert_eq!(told.at("/header/status_reason_code"), "rjct.errors.too_many");
    let many: Vec<Value> = (0..101).map(|_| everything(&b)).collect();
    assert_eq!(partner.subscribe("many", &many).await.ack.status, 400);
}

#[tokio::test]
async fn the_same_request_after_the_end_makes_another_subscription() {
    let b = Bench::new("dci-social", &[]).await;
    let partner = Partner::of(&b).await;
    let first = partner.subscribe("t", &[everything(&b)]).await.code();
    let again = partner.subscribe("t", &[everything(&b)]).await;
    assert_eq!(
        again.at(&format!("{ITEM}/status_reason_code")),
        "rjct.event.already_subscribed"
    );
    partner.unsubscribe("u", &[&first]).await;
    let second = partner.subscribe("t", &[everything(&b)]).await.code();
    assert!(!second.is_empty() && first != second);
}

#[tokio::test]
async fn filters_and_types_decide_who_is_told() {
    let b = Bench::new("dci-crvs", &[]).await;
    let registry = b.profile.registry.clone().unwrap();
    let [births, deaths] = [&registry.event_types[0], &registry.event_types[1]];
    let all = Partner::named(&b, "all.example.org").await;
    let dead = Partner::named(&b, "dead.example.org").await;
    let young = Partner::named(&b, "young.example.org").await;
    let one = Partner::named(&b, "one.example.org").await;
    let record = renumbered(&b, &somebody(&b).await, "7000000002");
    all.subscribe("a", &[everything(&b)]).await;
    dead.subscribe("d", &[wanting(&b, deaths, &b.date_is("gt", "1900-01-01"))])
        .await;
    young
        .subscribe("y", &[wanting(&b, births, &b.date_is("gt", "2300-01-01"))])
        .await;
    // A filter without a type is read by its form.
    let by_number = with(
        &everything(&b),
        "/filter",
        Some(json!({"type": "UIN", "value": "7000000002"})),
    );
    one.subscribe("o", &[with(&by_number, "/filter_type", None)])
        .await;
    let happened = event(&b, &json!({"reg_event_type": births, "record": record})).await;
    assert_eq!(happened.at("/notified"), &json!(2));
    assert!(all.receiver.next().await.is_some() && one.receiver.next().await.is_some());
    let happened = event(&b, &json!({"reg_event_type": births})).await;
    assert_eq!(happened.at("/notified"), &json!(1), "the other number");
    assert!(dead.receiver.is_silent().await && young.receiver.is_silent().await);
}

#[tokio::test]
async fn nobody_is_told_before_the_time_or_after() {
    let b = Bench::new("dci-farmer", &[]).await;
    let partner = Partner::of(&b).await;
    let within = |start: &str, end: &str| {
        let frequency = json!({"start_time": start, "end_time": end, "frequency": "* * * * *"});
        with(&everything(&b), "/frequency", Some(frequency))
    };
    for (transaction, criteria, told) in [
        ("past", within("2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z"), 0),
        (
            "future",
            within("2090-01-01T00:00:00Z", "2091-01-01T00:00:00Z"),
            0,
        ),
        ("now", within("2020-01-01T00:00:00Z", "2091-01-01T00:00:00Z"), 1),
        ("ever", with(&everything(&b), "/frequency", None), 1),
    ] {
        let code = partner.subscribe(transaction, &[criteria]).await.code();
        let happened = event(&b, &json!({"reg_event_type": "REGISTER"})).await;
        assert_eq!(happened.at("/notified"), &json!(told), "{transaction}");
        partner.unsubscribe("u", &[&code]).await;
    }
}

#[tokio::test]
async fn the_subscription_is_told_of_before_the_first_event() {
    let b = Bench::with(Config {
        callback_delay: Duration::from_millis(150),
        ..config(&["dci-disability"])
    })
    .await;
    let partner = Partner::of(&b).await;
    let request = partner.subscription("t", &[everything(&b)]);
    assert_eq!(
        b.call("/registry/subscribe", &request.to_string()).await.status,
        200
    );
    // The event happens while the answer is still to be sent.
    assert_eq!(
        event(&b, &json!({"reg_event_type": "REGISTER"}))
            .await
            .at("/notified"),
        &json!(1)
    );
    for action in ["on-subscribe", "notify"] {
        assert_eq!(
            partner.receiver.next().await.unwrap().body["header"]["action"],
            action
        );
    }
}

#[tokio::test]
async fn codes_belong_to_their_subscribers() {
    let b = Bench::new("dci-crvs", &[]).await;
    let (mine, other) = (
        Partner::of(&b).await,
        Partner::named(&b, "other.example.org").await,
    );
    let code = mine.subscribe("t", &[everything(&b)]).await.code();
    let twin = other.subscribe("t", &[everything(&b)]).await.code();
    assert!(!twin.is_empty() && twin != code);
    for codes in [vec![code.as_str()], vec![&twin, &code], vec!["no-such-code"]] {
        let told = other.unsubscribe("u", &codes).await;
        assert_eq!(told.at("/message/status"), "rjct");
        assert_eq!(
            told.at("/message/status_reason_code"),
            "rjct.subscription_code.invalid"
        );
        let answer = &told.callback.as_ref().unwrap().body;
        assert_eq!(
            violations(&b, "/registry/on-unsubscribe", Side::Request, answer),
            []
        );
    }
    let listed = b.get("/_dcx/subscriptions").await.json;
    let listed = listed.as_array().unwrap().iter().map(|s| s["code"].clone());
    assert_eq!(
        listed.collect::<Vec<_>>(),
        [json!(code), json!(twin)],
        "nothing has ended"
    );
    mine.unsubscribe("u", &[&code]).await;
    let again = mine.unsubscribe("again", &[&code]).await;
    assert_eq!(
        again.at("/message/status_reason_code"),
        "rjct.event.already_unsubscribed"
    );
}

#[tokio::test]
async fn events_are_made_listed_and_checked() {
    let b = Bench::new("dci-crvs", &[]).await;
    let registry = b.profile.registry.clone().unwrap();
    for faulty in [
        json!({}),
        json!([]),
        json!({"reg_event_type": "Moon"}),
        json!({"reg_event_type": event_type(&b), "record": {"name": {}}}),
        json!({"reg_event_type": event_type(&b), "record": with(&somebody(&b).await, "/sex", Some("x".into()))}),
    ] {
        let reply = event(&b, &faulty).await;
        assert_eq!(
            (reply.status, reply.at("/errors/0/code")),
            (400, &json!("err.request.bad")),
            "{faulty}"
        );
    }
    assert_eq!(b.get("/_dcx/events").await.json, json!([]));
    let born = event(&b, &json!({"reg_event_type": registry.event_types[0]})).await;
    let number = b.id(born.at("/record")).to_owned();
    assert_eq!(count(&b, &number).await, 1);
    let died = event(&b, &json!({"reg_event_type": registry.event_types[1]})).await;
    assert!(died.at("/record/death_date").is_string());
    let schema = specs::records::schema_of(registry.reg_record_type.as_ref().unwrap()).unwrap();
    assert_eq!(schema.violations(died.at("/record")), []);
    // A record that is there is replaced.
    let changed = with(born.at("/record"), "/marital_status", Some("D".into()));
    event(
        &b,
        &json!({"reg_event_type": registry.event_types[0], "record": changed}),
    )
    .await;
    let by_number = json!({"query_type": "idtype-value", "query": {"type": "UIN", "value": number}});
    assert_eq!(b.records(by_number).await, [changed]);
    assert_eq!(b.get("/_dcx/events").await.json.as_array().unwrap().len(), 3);
    let other = Bench::new("openspp-dci", &[]).await;
    assert_eq!(other.get("/_dcx/events").await.status, 404);
}
