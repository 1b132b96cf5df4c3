//! Every refusal that the mock can give, and what the journal says it rests on.

use crate::bench::{Bench, config, envelope, predicate, with};
use crate::clients::made;
use crate::talk::{Partner, SUBSCRIBE, UNSUBSCRIBE, everything, wanting};
use mock_server::{Config, Keys};
use serde_json::{Value, json};
use specs::wire::covered::Covered;
use specs::wire::key::PrivateKey;
use specs::wire::scheme;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const SYNC: &str = "/registry/sync/search";
const TOKEN: &str = "/oauth2/client/token";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// The violations of the newest refusal.
async fn newest(b: &Bench) -> Vec<Value> {
    let path = "/_dcx/journal?verdict=refused,partly&limit=1";
    let page = b.house("GET", path, None).await.json;
    let newest = page["entries"]
        .as_array()
        .unwrap()
        .last()
        .cloned()
        .unwrap_or_default();
    newest["violations"].as_array().cloned().unwrap_or_default()
}

/// What a refusal rests on: a requirement, or the mock's own reason.
async fn rests_on(b: &Bench) -> String {
    let violations = newest(b).await;
    assert!(!violations.is_empty(), "a refusal without a reason");
    for violation in &violations {
        let named = [&violation["requirement"], &violation["because"]];
        let named: Vec<_> = named.into_iter().filter(|member| member.is_string()).collect();
        assert_eq!(named.len(), 1, "one of the two: {violation}");
        assert_eq!(
            violation["requirement"].is_string(),
            violation["statement"].is_string()
        );
    }
    let first = &violations[0];
    let text = first["requirement"].as_str().or(first["because"].as_str());
    text.unwrap_or_default().to_owned()
}

#[track_caller]
fn is(found: &str, expected: &str, what: &str) {
    assert!(
        found.contains(expected),
        "{what}: rests on {found:?}, not on {expected:?}"
    );
}

#[tokio::test]
async fn tokens_and_bearers() {
    let b = Bench::with(Config {
        token_lifetime: Duration::from_millis(1),
        ..config(&["openspp-dci"])
    })
    .await;
    let expired = format!("Bearer {}", b.token);
    tokio::time::sleep(Duration::from_millis(50)).await;
    for (bearer, expected) in [
        (None, "dci.bearer.required"),
        (Some(expired.as_str()), "dci.bearer.expiry"),
        (Some("Bearer x.y.z"), "dci.bearer.unknown-token"),
    ] {
        b.call_as(bearer, SYNC, "{}").await;
        is(&rests_on(&b).await, expected, &format!("{bearer:?}"));
    }
    let credentials = b.credentials();
    let asking = |member: &str, value: Option<&str>| with(&credentials, member, value.map(Into::into));
    for (parameters, expected) in [
        (
            asking("/client_secret", Some("wrong")),
            "dci.token.secret-checked",
        ),
        (asking("/client_id", Some("stranger")), "dci.token.client-checked"),
        (asking("/grant_type", Some("password")), "dci.token.grant-type"),
        (asking("/grant_type", None), "dci.token.form"),
        (asking("/db_name", Some("other")), "openspp.token.db-name"),
    ] {
        b.token_form(&parameters).await;
        is(&rests_on(&b).await, expected, &parameters.to_string());
    }
    b.send(TOKEN, &[FORM], "x".repeat(2_000_000)).await;
    is(&rests_on(&b).await, "a limit of the mock", "a large form");
}

#[tokio::test]
async fn clients() {
    let b = Bench::new("dci-social", &[]).await;
    let members = json!({"scopes": ["registry.search"], "sender_id": "partner.example.org"});
    let (id, secret) = made(&b, &members).await;
    let credentials = with(&b.credentials(), "/client_id", Some(id.as_str().into()));
    let credentials = with(&credentials, "/client_secret", Some(secret.into()));
    b.token_form(&with(&credentials, "/scope", Some("registry.subscribe".into())))
        .await;
    is(&rests_on(&b).await, "none of the scopes", "another scope");
    let reply = b.token_form(&credentials).await;
    let bearer = format!("Bearer {}", reply.json["access_token"].as_str().unwrap());
    b.call_as(Some(&bearer), SUBSCRIBE, "{}").await;
    is(
        &rests_on(&b).await,
        "has not the scope",
        "an operation of another scope",
    );
    let good = envelope("t", &[predicate(&[b.date_is("gt", "1900-01-01")])]);
    b.call_as(Some(&bearer), SYNC, &good.to_string()).await;
    is(
        &rests_on(&b).await,
        "registered another sender_id",
        "another sender",
    );
    let path = format!("/_dcx/clients/{id}");
    b.house("DELETE", &path, Some(&json!({}))).await;
    b.call_as(Some(&bearer), SYNC, &good.to_string()).await;
    is(
        &rests_on(&b).await,
        "dci.bearer.unknown-token",
        "a revoked client's token",
    );
    let refused = b.token_form(&credentials).await;
    is(
        &rests_on(&b).await,
        "dci.token.client-checked",
        "a revoked client",
    );
    let stranger = with(&credentials, "/client_id", Some("stranger".into()));
    let unknown = b.token_form(&stranger).await;
    assert_eq!(refused.json, unknown.json, "the journal alone tells them apart");
}

#[tokio::test]
async fn whole_requests() {
    let b = Bench::new("dci-crvs", &[]).await;
    let good = envelope("t", &[predicate(&[b.date_is("gt", "1900-01-01")])]);
    let far = with(&good, "/header/sender_uri", Some("http://192.0.2.1/".into()));
    b.search(&far).await;
    is(
        &rests_on(&b).await,
        "nobody but whom its operator allows",
        "a far address",
    );
    let typed = |media: &'static str| [("content-type", media)];
    let bearer = format!("Bearer {}", b.token);
    let headers = [typed("text/plain")[0], ("authorization", bearer.as_str())];
    b.send(SYNC, &headers, good.to_string()).await;
    is(&rests_on(&b).await, "dci.request.media-type", "text");
    b.call(SYNC, "{").await;
    is(&rests_on(&b).await, "dci.request.not-json", "no JSON");
    b.call(SYNC, &"x".repeat(2_000_000)).await;
    is(&rests_on(&b).await, "a limit of the mock", "a large body");
    b.call("/registry/nowhere", "{}").await;
    is(&rests_on(&b).await, "no profile that is served", "a stray");
    let many = vec![predicate(&[b.date_is("gt", "1900-01-01")]); 101];
    b.sync_search(&envelope("many", &many)).await;
    is(&rests_on(&b).await, "set no limit", "a large batch");
    b.sync_search(&with(&good, "/header/action", Some("on-search".into())))
        .await;
    is(&rests_on(&b).await, "dci.request.action", "another action");
    for (pointer, value) in [
        ("/header/message_ts", Some(json!("soon"))),
        ("/header/total_count", Some(json!("one"))),
        ("/header/version", Some(json!(7))),
        ("/header", None),
        ("/message/search_request", Some(json!({}))),
        ("/message/search_request/0/search_criteria", None),
        (
            "/message/search_request/0/search_criteria/query_type",
            Some(json!("guess")),
        ),
        ("/message/search_request/0/search_criteria/query", Some(json!(7))),
        ("/message/search_request/0/locale", Some(json!("EN"))),
    ] {
        b.sync_search(&with(&good, pointer, value)).await;
        is(&rests_on(&b).await, "dci.form.", pointer);
    }
    let mut stream = TcpStream::connect(b.mock.addr()).await.unwrap();
    let head = format!(
        "POST {}{SYNC} HTTP/1.1\r\nhost: x\r\nauthorization: {bearer}\r\ncontent-length: 9\r\n\r\n{{",
        b.profile.base_path
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let _ = stream.read_to_end(&mut Vec::new()).await;
    is(
        &rests_on(&b).await,
        "as long as its announced length",
        "half a body",
    );
}

#[tokio::test]
async fn items_of_a_search_and_questions() {
    let b = Bench::new("dci-crvs", &[]).await;
    let unknown = json!({"attribute_name": "shoe_size", "operator": "eq", "attribute_value": "42"});
    let all = predicate(&[b.date_is("gt", "1900-01-01")]);
    let sorted = json!([{"attribute_name": "shoe_size", "sort_order": "asc"}]);
    for (criteria, expected) in [
        (predicate(&[unknown]), "dci.sync-search.unknown-attribute"),
        (
            with(&all, "/reg_type", Some("x:Other".into())),
            "dci.reg-type-vocabulary",
        ),
        (with(&all, "/sort", Some(sorted)), "dci.sync-search.unknown-sort"),
    ] {
        b.sync_search(&envelope("t", std::slice::from_ref(&criteria)))
            .await;
        is(&rests_on(&b).await, expected, &criteria.to_string());
    }
    let twice = envelope("t", &[all.clone(), all]);
    let twice = with(
        &twice,
        "/message/search_request/1/reference_id",
        Some("t-0".into()),
    );
    b.sync_search(&twice).await;
    is(
        &rests_on(&b).await,
        "could not be told apart",
        "one reference_id twice",
    );
    let partner = Partner::of(&b).await;
    partner.status("search", "transaction_id", "never").await;
    is(
        &rests_on(&b).await,
        "dci.txn-status.unknown",
        "an unknown transaction",
    );
}

#[tokio::test]
async fn subscriptions() {
    let b = Bench::new("dci-crvs", &[]).await;
    let partner = Partner::of(&b).await;
    // What is rejected later is told by the callback; what refuses at once is the journal's.
    let strange = json!({"attribute_name": "shoe_size", "operator": "eq", "attribute_value": "42"});
    for (criteria, code) in [
        (
            wanting(&b, "x:Other", &b.date_is("gt", "1900-01-01")),
            "rjct.notify_types.invalid",
        ),
        (
            wanting(&b, crate::talk::event_type(&b), &strange),
            "rjct.notify_details.invalid",
        ),
    ] {
        let told = partner.subscribe("t", &[criteria]).await;
        assert_eq!(told.at("/message/subscribe_response/0/status_reason_code"), code);
    }
    b.call(SUBSCRIBE, "{}").await;
    is(&rests_on(&b).await, "dci.form.", "an empty subscription");
    let mut far = partner.subscription("far", &[everything(&b)]);
    far["header"]["sender_uri"] = "gopher://127.0.0.1/".into();
    b.call(SUBSCRIBE, &far.to_string()).await;
    let rests = rests_on(&b).await;
    assert!(
        rests.contains("operator allows") || rests.starts_with("dci.form."),
        "{rests}"
    );
    b.call(UNSUBSCRIBE, "[]").await;
    is(
        &rests_on(&b).await,
        "the schema of the document",
        "no object at all",
    );
}

fn signed(b: &Bench, body: &Value, key: &PrivateKey, sender: &str, offset: f64) -> Value {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs_f64();
    let covered = Covered::in_value(body);
    let text = scheme::sign(b.profile.signature.scheme, &covered, key, sender, now + offset).unwrap();
    with(body, "/signature", Some(text.into()))
}

#[tokio::test]
async fn signatures() {
    for profile in ["openspp-registry", "g2p-registry"] {
        let b = Bench::new(profile, &[]).await;
        let mut body = envelope("t", &[predicate(&[b.date_is("ge", "1900-01-01")])]);
        let own = b.endpoint.sender_id.clone();
        body["header"]["sender_id"] = own.as_str().into();
        let scheme = b.profile.signature.scheme;
        let (partner, other) = (Keys::demo().sender_of(scheme), Keys::demo().receiver_of(scheme));
        let stranger = with(&body, "/header/sender_id", Some("stranger.example.org".into()));
        let mut cases = vec![
            (body.clone(), "dci.signature.missing"),
            (with(&body, "/signature", Some(7.into())), "dci.signature."),
            (
                with(&body, "/signature", Some("c2ln".into())),
                "dci.signature.checked",
            ),
            (signed(&b, &body, &other, &own, 0.0), "dci.signature.checked"),
            (
                signed(&b, &stranger, &partner, &own, 0.0),
                "dci.signature.other-key",
            ),
        ];
        if profile == "openspp-registry" {
            let algorithm = signed(&b, &body, &partner, &own, 0.0)
                .to_string()
                .replace("ed25519", "none");
            cases.extend([
                (
                    signed(&b, &body, &partner, &own, -1000.0),
                    "dci.signature.expired",
                ),
                (signed(&b, &body, &partner, &own, 200.0), "dci.signature.future"),
                (signed(&b, &body, &partner, "other", 0.0), "dci.signature.sender"),
                (
                    serde_json::from_str(&algorithm).unwrap(),
                    "dci.signature.algorithm",
                ),
            ]);
        }
        for (request, expected) in cases {
            b.sync_search(&request).await;
            is(
                &rests_on(&b).await,
                expected,
                &format!("{profile} {}", request["signature"]),
            );
        }
    }
}

#[tokio::test]
async fn an_exchange() {
    let b = Bench::new("digit-exchange", &[]).await;
    let good = b.message("{}", "https://spmis.example.org/x");
    for (pointer, value, expected) in [
        (
            "/header/sender_id",
            Some(json!("stranger")),
            "digit.exchange.sender-known",
        ),
        (
            "/header/receiver_id",
            Some(json!("other")),
            "digit.exchange.receiver-known",
        ),
        ("/signature", Some(json!("")), "digit.exchange.signature-missing"),
        (
            "/signature",
            Some(json!("c2ln")),
            "digit.exchange.signature-checked",
        ),
        (
            "/header/is_msg_encrypted",
            Some(json!(true)),
            "digit.encryption.checked",
        ),
        (
            "/header/sender_uri",
            Some(json!("http://192.0.2.1/")),
            "operator allows",
        ),
        ("/header/action", Some(json!("guess")), "digit.request.action"),
        ("/message", None, "digit.form."),
    ] {
        b.exchange("program", &with(&good, pointer, value)).await;
        is(&rests_on(&b).await, expected, pointer);
    }
    b.exchange("nonsense", &good).await;
    is(&rests_on(&b).await, "digit.exchange.types", "an unknown type");
    let path = "/v1/exchange/program";
    b.send(path, &[("content-type", "text/plain")], good.to_string())
        .await;
    is(&rests_on(&b).await, "describes no other media type", "text");
    b.call_as(None, path, "{").await;
    is(&rests_on(&b).await, "digit.request.not-json", "no JSON");
    b.call_as(None, path, &"x".repeat(2_000_000)).await;
    is(&rests_on(&b).await, "a limit of the mock", "a large body");
}
