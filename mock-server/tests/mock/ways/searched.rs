//! Tokens, searches, and questions about one person.

use super::Said;
use crate::bench::{Bench, envelope, joined, predicate, with};
use crate::encryption_probes;
use serde_json::{Value, json};
use specs::wire::jwe::{Aad, Form};

pub(super) async fn talk(b: &Bench, said: &mut Said) {
    tokens(b, said).await;
    searches(b, said).await;
    oddities(b, said).await;
    persons(b, said).await;
}

async fn tokens(b: &Bench, said: &mut Said) {
    let credentials = b.credentials();
    let wrong = with(&credentials, "/client_secret", Some("wrong".into()));
    for (label, asked) in [("token", &credentials), ("wrong secret", &wrong)] {
        said.note(label, &b.token_form(asked).await);
    }
}

fn by_id(kind: &str, value: &str) -> Value {
    json!({"query_type": "idtype-value", "query": {"type": kind, "value": value}})
}

async fn searches(b: &Bench, said: &mut Said) {
    let all = predicate(&[b.date_is("ge", "1900-01-01")]);
    let people = b.records(all.clone()).await;
    let (first, last) = (b.date_is("ge", "1970-01-01"), b.date_is("le", "1990-12-31"));
    let unknown = json!({"attribute_name": "shoe_size", "operator": "eq", "attribute_value": "42"});
    let paged = |size: Value, number: u64| {
        let page = json!({"page_size": size, "page_number": number});
        with(&all, "/pagination", Some(page))
    };
    let alone = |item: Value| json!({"query_type": "predicate", "query": [item]});
    let lone = json!({"query_type": "predicate", "query": [
        {"expression1": first, "condition": "or"}, {"expression1": last}]});
    let expression = json!({"query_type": "expression", "query": {"type": "ns:org:QueryType:NoSql", "value": {
        "expression": {"query": {b.date_is("eq", "")["attribute_name"].as_str().unwrap_or_default(): {"$gt": "1990-01-01"}}}}}});
    let bare = b
        .profile
        .registry
        .as_ref()
        .and_then(|r| r.reg_type.as_deref())
        .unwrap_or_default();
    let bare = bare.rsplit(':').next().unwrap_or_default();
    let known = people
        .get(3)
        .map(|record| b.id(record).to_owned())
        .unwrap_or_default();
    let one = by_id("UIN", &known);
    let asked = [
        ("all", vec![all.clone()]),
        ("one", vec![one.clone()]),
        ("nobody", vec![by_id("UIN", "1")]),
        ("another type", vec![by_id("SHOE", &known)]),
        (
            "partly bad",
            vec![one.clone(), predicate(std::slice::from_ref(&unknown))],
        ),
        ("all bad", vec![predicate(std::slice::from_ref(&unknown)); 2]),
        ("bad", vec![predicate(&[first.clone(), unknown])]),
        ("beyond", vec![paged(10.into(), 5000)]),
        ("no page", vec![paged(0.into(), 1)]),
        ("nothing", Vec::new()),
        ("empty predicate", vec![predicate(&[])]),
        (
            "empty query",
            vec![json!({"query_type": "idtype-value", "query": {}})],
        ),
        ("expression", vec![expression]),
        (
            "graphql",
            vec![json!({"query_type": "graphql", "query": {"type": "x", "value": {"expression": "{a}"}}})],
        ),
        ("integer", vec![predicate(&[b.date_is("eq", 2)])]),
        ("list", vec![predicate(&[b.date_is("in", json!(["1990-01-01"]))])]),
        ("object", vec![predicate(&[b.date_is("eq", json!({"a": "b"}))])]),
        ("lone condition", vec![lone]),
        (
            "lone second",
            vec![alone(json!({"expression1": first, "expression2": last}))],
        ),
        ("not", vec![joined(&first, "not", &last)]),
        ("two items", vec![predicate(&[first.clone(), last.clone()])]),
        (
            "moment",
            vec![predicate(&[b.date_is("ge", "1990-01-01T00:00:00Z")])],
        ),
        (
            "mismatch",
            vec![json!({"query_type": "idtype-value", "query": [{"expression1": first}]})],
        ),
        ("bare reg_type", vec![with(&one, "/reg_type", Some(bare.into()))]),
    ];
    for (label, criteria) in asked {
        said.note(label, &b.sync_search(&envelope(label, &criteria)).await);
    }
}

async fn oddities(b: &Bench, said: &mut Said) {
    let few = with(
        &predicate(&[b.date_is("ge", "1900-01-01")]),
        "/pagination",
        Some(json!({"page_size": 2})),
    );
    let usual = |transaction: &str| envelope(transaction, &[few.clone(), few.clone()]);
    let but =
        |transaction: &str, pointer: &str, value: Value| with(&usual(transaction), pointer, Some(value));
    for (label, request) in [
        (
            "locale",
            but("locale", "/message/search_request/0/locale", "en".into()),
        ),
        ("version", but("version", "/header/version", "9.9.9".into())),
        (
            "unknown member",
            but("unknown", "/message/search_request/0/colour", "red".into()),
        ),
        ("no total", with(&usual("total"), "/header/total_count", None)),
        ("message id", usual("again")),
        (
            "other content",
            but("other", "/header/message_id", "m-again".into()),
        ),
        (
            "same transaction",
            but("again", "/header/message_id", "m-another".into()),
        ),
        (
            "same reference",
            but(
                "references",
                "/message/search_request/1/reference_id",
                "references-0".into(),
            ),
        ),
    ] {
        said.note(label, &b.sync_search(&request).await);
    }
    let headers = [
        ("content-type", "application/json; charset=utf-8"),
        ("authorization", &format!("Bearer {}", b.token)),
    ];
    let reply = b
        .send("/registry/sync/search", &headers, usual("charset").to_string())
        .await;
    said.note("charset", &reply);
    let (_, sealed) = encryption_probes::search(b, Form::Headed(Aad::Nothing));
    said.note("encrypted", &b.sync_search(&sealed).await);
}

async fn persons(b: &Bench, said: &mut Said) {
    let all = predicate(&[b.date_is("ge", "1900-01-01")]);
    let people = b.records(all).await;
    let known = people
        .get(3)
        .map(|record| b.id(record).to_owned())
        .unwrap_or_default();
    let kinds = [
        "disabled",
        "get-disability-support",
        "get-disability-details",
        "enrolled",
        "check-enrollment",
    ];
    for operation in kinds {
        let Some(path) = b.profile.path(operation) else {
            continue;
        };
        let (criteria, action) = match operation {
            "enrolled" => ("enrolled_criteria", "search"),
            "check-enrollment" => ("enrolled_criteria", "enrollementstatus"),
            _ => ("disabled_criteria", "search"),
        };
        let ask = |label: &str, query: Value| {
            let mut request = envelope(&format!("{operation} {label}"), &[]);
            request["header"]["action"] = action.into();
            request["header"]["total_count"] = 1.into();
            request["message"] = json!({"transaction_id": format!("{operation} {label}"), criteria: query});
            request
        };
        let by_attribute = json!({"query": {"UIN": {"eq": known}}});
        for (label, query) in [
            ("attribute", by_attribute.clone()),
            ("identifier", json!({"query": {"type": "UIN", "value": known}})),
            ("unknown", json!({"query": {"shoe_size": {"eq": "42"}}})),
            ("nobody", json!({"query": {"UIN": {"eq": "1"}}})),
            ("nothing", json!({})),
        ] {
            let reply = b.call(path, &ask(label, query).to_string()).await;
            said.note(&format!("{operation} {label}"), &reply);
        }
        let stranger = b
            .call_as(None, path, &ask("stranger", by_attribute).to_string())
            .await;
        said.note(&format!("{operation} stranger"), &stranger);
    }
}
