//! Probes of questions about one person, and of reports about some.

use crate::bench::{Bench, Reply};
use crate::talk::{Partner, Side, count, renumbered, somebody, violations};
use serde_json::{Value, json};

/// The operation that a family of requirements is about: its id, its criteria, its list of answers.
fn operation(family: &str) -> (&str, &str, &str) {
    match family {
        "disabled" => ("disabled", "disabled_criteria", "disabled_response"),
        "disability-support" => ("get-disability-support", "disabled_criteria", "search_response"),
        "disability-details" => ("get-disability-details", "disabled_criteria", "search_response"),
        "enrolled" => ("enrolled", "enrolled_criteria", "enrolled_response"),
        _ => ("check-enrollment", "enrolled_criteria", "enrolled_response"),
    }
}

/// The answer about the person with this number.
async fn about(b: &Bench, family: &str, number: &str) -> (String, Reply) {
    let partner = Partner::of(b).await;
    let (operation, criteria, _) = operation(family);
    let query = json!({"query_type": "idtype-value", "query": {"person_identifier": {"eq": number}}});
    let request = partner.request("search", "t", &json!({criteria: query}));
    let path = b.profile.path(operation).unwrap().to_owned();
    let reply = b.call(&path, &request.to_string()).await;
    (path, reply)
}

pub(crate) async fn holds(requirement: &str, b: &Bench) -> bool {
    let family = requirement.split('.').nth(1).unwrap();
    let name = requirement.rsplit('.').next().unwrap();
    if family == "enrollment-updates" {
        return updates(name, b).await;
    }
    let record = somebody(b).await;
    let (path, reply) = about(b, family, b.id(&record)).await;
    let told = told(family, &reply);
    match name {
        "reply-form" => violations(b, &path, Side::Reply, &reply.json).is_empty(),
        "echo-transaction" => reply.at("/message/transaction_id") == "t",
        "reply-action" => reply.at("/header/action") == "on-search",
        "known" => match family {
            "disability-support" => told == json!([record["disability_support"]]),
            "disability-details" => told == json!([record]),
            "check-enrollment" => told == "Active",
            _ => told == "yes",
        },
        "unknown" => {
            let (_, reply) = about(b, family, "0000000000").await;
            let told = self::told(family, &reply);
            match family {
                "disability-support" | "disability-details" => told == json!([]),
                "check-enrollment" => told == "Inactive",
                _ => told == "no",
            }
        }
        other => panic!("no probe for {other}"),
    }
}

/// What a reply says of the person.
fn told(family: &str, reply: &Reply) -> Value {
    let (_, _, list) = operation(family);
    let item = reply.at(&format!("/message/{list}/0"));
    let names = ["/disabled_status", "/enrolled_status", "/data/reg_records"];
    names
        .iter()
        .find_map(|name| item.pointer(name))
        .cloned()
        .unwrap_or_default()
}

async fn updates(name: &str, b: &Bench) -> bool {
    let partner = Partner::of(b).await;
    let record = renumbered(b, &somebody(b).await, "8888888888");
    let request = partner.request(
        "notify",
        "t",
        &json!({"enrolled_updates": {"beneficiaries": [record]}}),
    );
    let path = b.profile.path("enrollment-updates").unwrap();
    let reply = b.call(path, &request.to_string()).await;
    match name {
        "reply-form" => violations(b, path, Side::Reply, &reply.json).is_empty(),
        "echo-transaction" => reply.at("/message/transaction_id") == "t",
        "accepted" => reply.at("/message/enrolled_response/0/status") == "succ",
        "known-afterwards" => {
            let (_, reply) = about(b, "enrolled", "8888888888").await;
            let contradicted = told("enrolled", &reply) == "no" && count(b, "8888888888").await == 0;
            !contradicted
        }
        other => panic!("no probe for {other}"),
    }
}
