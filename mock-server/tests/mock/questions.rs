//! Questions about one person, and reports of enrolments.

use crate::bench::{Bench, Reply, with};
use crate::talk::{Partner, Side, count, everything, renumbered, somebody, violations};
use serde_json::{Value, json};

/// Asks an operation about somebody.
async fn ask(b: &Bench, operation: &str, query: Value) -> Reply {
    let partner = Partner::of(b).await;
    let criteria = if operation.contains("dis") {
        "disabled_criteria"
    } else {
        "enrolled_criteria"
    };
    let action = if operation == "check-enrollment" {
        "enrollementstatus"
    } else {
        "search"
    };
    let query = json!({"query_type": "idtype-value", "query": query});
    let request = partner.request(action, "asked", &json!({criteria: query}));
    let path = b.profile.path(operation).unwrap();
    let reply = b.call(path, &request.to_string()).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(violations(b, path, Side::Reply, &reply.json), [], "{operation}");
    assert_eq!(reply.at("/message/transaction_id"), "asked");
    reply
}

#[tokio::test]
async fn whoever_is_registered_is_disabled() {
    let b = Bench::new("dci-disability", &[]).await;
    let record = somebody(&b).await;
    let id = b.id(&record);
    let status = "/message/disabled_response/0/disabled_status";
    for name in [
        "member.member_identifier",
        "person_identifier",
        "identifier",
        "UIN",
    ] {
        let reply = ask(&b, "disabled", json!({name: {"eq": id}})).await;
        assert_eq!(
            (reply.at(status), reply.at("/header/action")),
            (&json!("yes"), &json!("on-search")),
            "{name}"
        );
        let reply = ask(&b, "disabled", json!({name: {"eq": "0000000000"}})).await;
        assert_eq!(reply.at(status), "no", "{name}");
    }
    assert_eq!(
        ask(&b, "disabled", json!({"type": "UIN", "value": id}))
            .await
            .at(status),
        "yes"
    );
    assert_eq!(
        ask(&b, "disabled", json!({"type": "BRN", "value": id}))
            .await
            .at(status),
        "no"
    );
    let unborn = json!({"UIN": {"eq": id}, "birth_date": {"gt": "2300-01-01"}});
    assert_eq!(ask(&b, "disabled", unborn).await.at(status), "no");
    let odd = ask(&b, "disabled", json!({"shoe_size": {"eq": 42}})).await;
    let item = odd.at("/message/disabled_response/0");
    assert_eq!(
        (&item["status"], &item["status_reason_code"]),
        (&json!("rjct"), &json!("rjct.search_criteria.invalid"))
    );
    assert_eq!(odd.at("/header/status"), "rjct");
}

#[tokio::test]
async fn support_and_impairments_are_those_of_the_record() {
    let b = Bench::new("dci-disability", &[]).await;
    let record = somebody(&b).await;
    let records = "/message/search_response/0/data/reg_records";
    let about = json!({"member.member_identifier": {"eq": b.id(&record)}});
    let support = ask(&b, "get-disability-support", about.clone()).await;
    assert_eq!(*support.at(records), json!([record["disability_support"]]));
    let details = ask(&b, "get-disability-details", about).await;
    assert_eq!(*details.at(records), json!([record]));
    assert!(!record["disability_details"].as_array().unwrap().is_empty());
    for operation in ["get-disability-support", "get-disability-details"] {
        let nobody = ask(&b, operation, json!({"UIN": {"eq": "0000000000"}})).await;
        assert_eq!(
            (nobody.at(records), nobody.at("/header/status")),
            (&json!([]), &json!("succ"))
        );
    }
}

#[tokio::test]
async fn enrolment_is_answered_by_person_and_programme() {
    let status = "/message/enrolled_response/0/enrolled_status";
    for (profile, operation, programme, [yes, no], action) in [
        (
            "dci-beneficiary",
            "enrolled",
            "/programme_identifier/0/programme_identifier",
            ["yes", "no"],
            "on-search",
        ),
        (
            "dci-economic-support",
            "check-enrollment",
            "/additional_attributes/0/value",
            ["Active", "Inactive"],
            "txn-on-status",
        ),
    ] {
        let b = Bench::new(profile, &[]).await;
        let record = somebody(&b).await;
        let (id, programme) = (b.id(&record), record.pointer(programme).unwrap());
        for (query, expected) in [
            (json!({"person_identifier": {"eq": id}}), yes),
            (
                json!({"person_identifier": {"eq": id}, "programme_identifier": {"eq": programme}}),
                yes,
            ),
            (
                json!({"person_identifier": {"eq": id}, "programme_identifier": {"eq": "PRG-NONE"}}),
                no,
            ),
            (json!({"person_identifier": {"eq": "0000000000"}}), no),
        ] {
            let reply = ask(&b, operation, query.clone()).await;
            assert_eq!(
                (reply.at(status), reply.at("/header/action")),
                (&json!(expected), &json!(action)),
                "{query}"
            );
        }
    }
}

#[tokio::test]
async fn enrolments_can_be_checked_under_either_action() {
    let b = Bench::new("dci-economic-support", &[]).await;
    let partner = Partner::of(&b).await;
    for (action, status) in [("search", 200), ("enrollementstatus", 200), ("enrolled", 400)] {
        let message = json!({"enrolled_criteria": {"query": {"UIN": {"eq": "1"}}}});
        let request = partner.request(action, "t", &message);
        let path = b.profile.path("check-enrollment").unwrap();
        assert_eq!(
            b.call(path, &request.to_string()).await.status,
            status,
            "{action}"
        );
    }
}

#[tokio::test]
async fn reports_of_enrolments_are_taken() {
    let b = Bench::new("dci-beneficiary", &[]).await;
    let partner = Partner::of(&b).await;
    let path = b.profile.path("enrollment-updates").unwrap();
    let status = "/message/enrolled_response/0/enrolled_status";
    partner.subscribe("s", &[everything(&b)]).await;
    let (known, new) = (
        somebody(&b).await,
        renumbered(&b, &somebody(&b).await, "7000000003"),
    );
    let suspended = with(&known, "/enrollment_status", Some("4".into()));
    let nobody = with(&new, "/member", None);
    let message = json!({"enrolled_updates": {"beneficiaries": [new, suspended, nobody]}});
    // The header of a callback will do.
    let mut request = partner.request("notify", "t", &message);
    request["header"] = json!({
        "message_id": "m", "message_ts": "2026-01-05T10:00:00Z", "action": "notify", "status": "succ",
    });
    let reply = b.call(path, &request.to_string()).await;
    assert_eq!(violations(&b, path, Side::Reply, &reply.json), []);
    let items = reply.at("/message/enrolled_response").as_array().unwrap();
    let outcomes: Vec<&str> = items
        .iter()
        .map(|item| item["status"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["succ", "succ", "rjct"]);
    assert_ne!(items[0]["reference_id"], items[1]["reference_id"]);
    assert_eq!(
        (reply.at("/header/status"), reply.at("/header/action")),
        (&json!("succ"), &json!("on-search"))
    );

    assert_eq!(count(&b, "7000000003").await, 1);
    let about = |id: &str| json!({"person_identifier": {"eq": id}});
    assert_eq!(ask(&b, "enrolled", about("7000000003")).await.at(status), "yes");
    assert_eq!(
        ask(&b, "enrolled", about(b.id(&known))).await.at(status),
        "no",
        "suspended"
    );
    for _ in 0..2 {
        let told = partner.receiver.next().await.unwrap().body;
        let data = &told["message"]["notify_event"][0]["data"];
        assert_eq!(data["reg_event_type"], "enrollement");
        assert!([&new, &suspended].contains(&&data["reg_records"][0]));
    }
    assert!(partner.receiver.is_silent().await);
    let changes = b.get("/_dcx/events").await.json;
    let changes = changes
        .as_array()
        .unwrap()
        .iter()
        .filter(|e| e["reg_event_type"] == "enrollement_status_change");
    assert_eq!(changes.count(), 1);
}

#[tokio::test]
async fn a_report_of_nobody_is_rejected() {
    let b = Bench::new("dci-beneficiary", &[]).await;
    let partner = Partner::of(&b).await;
    let nobody = with(&somebody(&b).await, "/member", None);
    let request = partner.request(
        "notify",
        "t",
        &json!({"enrolled_updates": {"beneficiaries": [nobody]}}),
    );
    let path = b.profile.path("enrollment-updates").unwrap();
    let reply = b.call(path, &request.to_string()).await;
    assert_eq!(reply.at("/header/status"), "rjct");
    let message = reply.at("/message/enrolled_response/0/status_reason_message");
    assert!(message.as_str().unwrap().contains("no identifier"), "{message}");
    let empty = partner.request("notify", "t", &json!({"enrolled_updates": {"beneficiaries": []}}));
    assert_eq!(b.call(path, &empty.to_string()).await.status, 400);
}
