//! The profile `openspp-dci`, above all the example of its documentation.

use crate::bench::{Bench, Reply, envelope, predicate, with};
use serde_json::{Value, json};

/// The search of the page's example, as a program written from it sends it.
fn example() -> Value {
    json!({
        "header": {
            "message_id": "123456789020211216223812",
            "message_ts": "2022-12-04T18:01:07+00:00",
            "action": "search",
            "sender_id": "https://integrating-server.com",
            "total_count": 10,
        },
        "message": {
            "transaction_id": "123456789020211216223812",
            "search_request": [{
                "reference_id": "123456789020211216223812",
                "timestamp": "2022-12-04T17:20:07-04:00",
                "search_criteria": {
                    "reg_type": "SPP:RegistryType:Individual",
                    "query_type": "predicate",
                    "query": [
                        {"expression1": {"attribute_name": "birthdate", "operator": "ge", "attribute_value": "2000-11-02"}},
                        {"expression1": {"attribute_name": "birthdate", "operator": "eq", "attribute_value": "2020-11-02"}},
                    ],
                },
            }],
        },
    })
}

#[tokio::test]
async fn the_example_of_the_page_finds_the_twins() {
    let b = Bench::new("openspp-dci", &[]).await;
    let token = b.token_json(&b.credentials()).await;
    assert_eq!(token.status, 200, "{token:?}");
    assert_eq!(token.header("cache-control"), "no-store");
    let members: Vec<&String> = token.json.as_object().unwrap().keys().collect();
    assert_eq!(
        members,
        ["access_token", "token_type"],
        "expires_in is left out under this profile"
    );

    let reply = b.sync_search(&example()).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.at("/header/status"), "succ");
    assert_eq!(reply.at("/header/total_count"), 1, "counted, not copied");
    assert_eq!(reply.at("/header/receiver_id"), "https://integrating-server.com");
    let records = reply
        .at("/message/search_response/0/data/reg_records")
        .as_array()
        .unwrap();
    assert!(records.len() >= 2);
    assert!(records.iter().all(|r| r["birthDate"] == "2020-11-02"));
    assert_eq!(records[0]["familyName"], records[1]["familyName"]);
    assert_eq!(records[0]["identifier"][0]["name"], "UIN");
}

#[tokio::test]
async fn tokens_are_refused_in_the_words_of_oauth() {
    let b = Bench::new("openspp-dci", &[]).await;
    let honest = b.credentials();
    let but = |name: &str, value: Option<&str>| with(&honest, &format!("/{name}"), value.map(Value::from));
    for (asked, status, error) in [
        (but("client_secret", Some("guess")), 401, "invalid_client"),
        (but("client_id", Some("nobody")), 401, "invalid_client"),
        (but("grant_type", Some("password")), 400, "unsupported_grant_type"),
        (but("grant_type", None), 400, "invalid_request"),
        (but("client_id", None), 400, "invalid_request"),
        (but("client_secret", Some("")), 400, "invalid_request"),
        (but("db_name", Some("elsewhere")), 400, "invalid_request"),
        (but("db_name", None), 400, "invalid_request"),
    ] {
        for reply in [b.token_form(&asked).await, b.token_json(&asked).await] {
            assert_eq!(
                (reply.status, reply.at("/error")),
                (status, &json!(error)),
                "{asked}"
            );
            assert_eq!(
                reply.header("www-authenticate").starts_with("Basic "),
                status == 401
            );
        }
    }
    let post = async |media_type: &str, body: &str| {
        b.send(
            "/oauth2/client/token",
            &[("content-type", media_type)],
            body.to_owned(),
        )
        .await
    };
    for (media_type, body) in [
        ("application/json", "[]"),
        ("application/json", "{\"grant_type\": 1}"),
        ("application/json", "grant_type=client_credentials"),
        ("text/plain", "grant_type=client_credentials"),
        (
            "application/x-www-form-urlencoded",
            "grant_type=client_credentials&grant_type=client_credentials",
        ),
    ] {
        let reply = post(media_type, body).await;
        assert_eq!(
            (reply.status, reply.at("/error")),
            (400, &json!("invalid_request")),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_client_may_authenticate_by_header() {
    use base64::Engine as _;
    let b = Bench::new("openspp-dci", &[]).await;
    let pair = format!(
        "{}:{}",
        b.endpoint.client_id.clone().unwrap(),
        b.endpoint.client_secret.clone().unwrap()
    );
    let basic = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
    let headers = [
        ("authorization", basic.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let body = "grant_type=client_credentials&db_name=openspp";
    let reply = b.send("/oauth2/client/token", &headers, body).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let twice = b
        .send("/oauth2/client/token", &headers, format!("{body}&client_id=x"))
        .await;
    assert_eq!(twice.at("/error"), "invalid_request");
}

#[tokio::test]
async fn parameters_that_mean_nothing_are_ignored() {
    let b = Bench::new("openspp-dci", &[]).await;
    let id = b.endpoint.client_id.clone().unwrap();
    let secret = b.endpoint.client_secret.clone().unwrap();
    let named =
        format!("grant_type=client_credentials&db_name=openspp&client_id={id}&client_secret={secret}");
    let ask = |media_type, body: String| {
        let b = &b;
        async move {
            b.send("/oauth2/client/token", &[("content-type", media_type)], body)
                .await
        }
    };
    let form = "application/x-www-form-urlencoded";
    let reply = ask(form, format!("{named}&x=1&x=2")).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let reply = ask(form, format!("{named}&client_id=x")).await;
    assert_eq!(reply.at("/error"), "invalid_request");
    let mut asked = json!({"grant_type": "client_credentials", "db_name": "openspp", "client_id": id,
        "client_secret": secret, "x": {"y": 1}});
    let reply = ask("application/json", asked.to_string()).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    asked["client_id"] = json!(1);
    let reply = ask("application/json", asked.to_string()).await;
    assert_eq!(reply.at("/error"), "invalid_request");
}

#[track_caller]
fn is_refused(reply: &Reply, reason: Option<&str>, hint: &str) {
    assert_eq!(reply.status, 400, "{reply:?}");
    assert_eq!(reply.at("/header/status"), "rjct");
    assert_eq!(
        reply.at("/header/status_reason_code").as_str(),
        reason,
        "{reply:?}"
    );
    let message = reply.at("/header/status_reason_message").as_str().unwrap();
    assert!(message.contains(hint), "{message}");
}

#[tokio::test]
async fn faulty_requests_are_refused_with_what_is_wrong_and_where() {
    let b = Bench::new("openspp-dci", &[]).await;
    let honest = envelope("refusals", &[predicate(&[b.date_is("ge", "2000-11-02")])]);
    let send =
        async |pointer: &str, value: Option<Value>| b.sync_search(&with(&honest, pointer, value)).await;
    is_refused(
        &send("/header/action", Some("on-search".into())).await,
        Some("rjct.action.invalid"),
        "/header/action",
    );
    is_refused(
        &send("/header/message_ts", Some("2026-01-05T10:00:00".into())).await,
        Some("rjct.message_ts.invalid"),
        "2026-01-05T10:00:00",
    );
    is_refused(
        &send("/header/total_count", Some("1".into())).await,
        Some("rjct.total_count.invalid"),
        "integer",
    );
    is_refused(
        &send("/message/search_request", Some(json!([]))).await,
        None,
        "/message/search_request",
    );
    is_refused(&b.call("/registry/sync/search", "{").await, None, "not JSON");

    let many = vec![predicate(&[b.date_is("ge", "2000-11-02")]); 101];
    is_refused(
        &b.sync_search(&envelope("many", &many)).await,
        Some("rjct.total_count.limit_exceeded"),
        "101",
    );

    let misspelt = with(&honest, "/header/sender_id", None);
    let misspelt = with(&misspelt, "/header/sneder_id", Some("x".into()));
    is_refused(
        &b.sync_search(&misspelt).await,
        None,
        "`sneder_id` — did you mean `sender_id`?",
    );

    let bearer = format!("Bearer {}", b.token);
    let headers = [
        ("content-type", "application/xml"),
        ("authorization", bearer.as_str()),
    ];
    let reply = b
        .send("/registry/sync/search", &headers, honest.to_string())
        .await;
    assert_eq!((reply.status, reply.at("/header/status")), (415, &json!("rjct")));
}

#[tokio::test]
async fn one_bad_search_does_not_spoil_the_batch() {
    let b = Bench::new("openspp-dci", &[]).await;
    let good = predicate(&[b.date_is("ge", "2000-11-02")]);
    let bad = json!({"query_type": "expression", "query": {"type": "x", "value": {}}});
    let unknown = predicate(&[json!({"attribute_name": "shoe", "operator": "eq", "attribute_value": 42})]);
    let unsortable = with(&good, "/sort", Some(json!([{"attribute_name": "shoe"}])));
    let elsewhere = with(&good, "/reg_type", Some("ns:org:RegistryType:Civil".into()));
    let mut request = envelope(
        "batch",
        &[good.clone(), bad.clone(), unknown, unsortable, elsewhere, good],
    );
    request["message"]["search_request"][5]["reference_id"] = "batch-0".into();
    request["message"]["search_request"][0]["locale"] = "nep".into();
    let reply = b.sync_search(&request).await;
    assert_eq!((reply.status, reply.at("/header/status")), (200, &json!("succ")));
    assert_eq!(reply.at("/header/total_count"), 6);
    assert_eq!(reply.at("/header/completed_count"), 1);
    let items = reply.at("/message/search_response").as_array().unwrap();
    let codes: Vec<&str> = items
        .iter()
        .map(|i| i["status_reason_code"].as_str().unwrap_or("-"))
        .collect();
    let invalid = "rjct.search_criteria.invalid";
    assert_eq!(
        codes,
        [
            "-",
            invalid,
            invalid,
            "rjct.sort.invalid",
            invalid,
            "rjct.reference_id.duplicate"
        ]
    );
    assert_eq!(items[0]["locale"], "nep");

    let reply = b.sync_search(&envelope("all bad", &[bad])).await;
    assert_eq!((reply.status, reply.at("/header/status")), (200, &json!("rjct")));
    assert_eq!(reply.at("/header/status_reason_code"), "rjct.errors.too_many");
}

#[tokio::test]
async fn bearers_are_asked_before_anything_else() {
    let b = Bench::new("openspp-dci", &[]).await;
    let other = Bench::new("dci-social", &[]).await;
    for (authorization, challenge) in [
        (None, "Bearer realm=\"openspp-dci\""),
        (Some("Basic eA==".to_owned()), "Bearer realm=\"openspp-dci\""),
        (Some("Bearer x".to_owned()), "error=\"invalid_token\""),
        (Some(format!("Bearer {}", other.token)), "error=\"invalid_token\""),
    ] {
        let reply = b
            .call_as(authorization.as_deref(), "/registry/sync/search", "no json")
            .await;
        assert_eq!(reply.status, 401);
        assert_eq!(reply.at("/errors/0/code"), "err.request.unauthorized");
        assert!(reply.header("www-authenticate").contains(challenge), "{reply:?}");
        assert_eq!(
            reply.header("www-authenticate").contains("error="),
            challenge.starts_with("error")
        );
    }
    let lower = b
        .call_as(
            Some(&format!("bearer {}", b.token)),
            "/registry/sync/search",
            "{}",
        )
        .await;
    assert_eq!(lower.status, 400, "the scheme has no case");
}
