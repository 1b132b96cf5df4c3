//! Clients and their tokens: who gets one, what it is good for, and what is told of a secret.

use crate::bench::{Bench, Reply, config, envelope, predicate, sender_key, with};
use crate::receiver::Receiver;
use mock_server::{ClientEntry, Config, MockServer, StartError};
use serde_json::{Value, json};
use specs::wire::demo;
use std::time::{SystemTime, UNIX_EPOCH};

const SEARCH: &str = "/registry/sync/search";
const CLIENTS: &str = "/_dcx/clients";

/// Calls the control API.
pub(crate) async fn control(b: &Bench, method: &str, path: &str, body: &Value) -> Reply {
    b.house(method, path, Some(body)).await
}

/// Makes a client with these members; its id and its secret.
pub(crate) async fn made(b: &Bench, members: &Value) -> (String, String) {
    let reply = control(b, "POST", CLIENTS, members).await;
    assert_eq!(reply.status, 201, "{reply:?}");
    assert_eq!(reply.header("cache-control"), "no-store");
    let text = |name: &str| reply.json[name].as_str().unwrap().to_owned();
    (text("client_id"), text("client_secret"))
}

pub(crate) async fn asked(b: &Bench, id: &str, secret: &str) -> Reply {
    let mut asked = json!({"grant_type": "client_credentials", "client_id": id, "client_secret": secret});
    if let Some(name) = &b.endpoint.db_name {
        asked["db_name"] = name.as_str().into();
    }
    b.token_form(&asked).await
}

pub(crate) async fn token(b: &Bench, id: &str, secret: &str) -> String {
    let reply = asked(b, id, secret).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json["access_token"].as_str().unwrap().to_owned()
}

fn request(b: &Bench, transaction: &str) -> Value {
    envelope(transaction, &[predicate(&[b.date_is("ge", "1900-01-01")])])
}

async fn call(b: &Bench, token: &str, path: &str, request: &Value) -> Reply {
    let bearer = format!("Bearer {token}");
    b.call_as(Some(&bearer), path, &request.to_string()).await
}

pub(crate) async fn searched(b: &Bench, token: &str) -> Reply {
    call(b, token, SEARCH, &request(b, "t")).await
}

/// What the journal says of the last exchange.
pub(crate) async fn last(b: &Bench) -> Value {
    let page = b.house("GET", "/_dcx/journal", None).await;
    page.json["entries"].as_array().unwrap().last().cloned().unwrap()
}

fn hour_from_now() -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs_f64();
    specs::wire::time::format_date_time(now + 3600.0)
}

#[tokio::test]
async fn a_client_is_made_used_rotated_and_revoked() {
    let b = Bench::new("dci-social", &[]).await;
    let (id, secret) = made(&b, &json!({"client_id": "partner-1"})).await;
    assert_eq!(id, "partner-1");
    let first = token(&b, &id, &secret).await;
    assert_eq!(searched(&b, &first).await.status, 200);
    assert_eq!(last(&b).await["client"], "partner-1");

    let rotated = control(&b, "POST", "/_dcx/clients/partner-1/rotate", &json!({})).await;
    let newer = rotated.json["client_secret"].as_str().unwrap().to_owned();
    assert_ne!(newer, secret);
    assert_eq!(asked(&b, &id, &secret).await.status, 401);
    token(&b, &id, &newer).await;
    assert_eq!(searched(&b, &first).await.status, 200, "tokens live on");

    let grace = json!({"grace": 600});
    let rotated = control(&b, "POST", "/_dcx/clients/partner-1/rotate", &grace).await;
    let newest = rotated.json["client_secret"].as_str().unwrap().to_owned();
    for secret in [&newer, &newest] {
        token(&b, &id, secret).await;
    }
    assert_eq!(asked(&b, &id, &secret).await.status, 401);

    let revoked = control(&b, "DELETE", "/_dcx/clients/partner-1", &json!({})).await;
    assert_eq!((revoked.status, &revoked.json["state"]), (200, &json!("revoked")));
    let refused = searched(&b, &first).await;
    assert_eq!(refused.status, 401);
    assert!(
        refused
            .header("www-authenticate")
            .contains("error=\"invalid_token\"")
    );
    assert!(
        last(&b).await["says"]
            .as_str()
            .unwrap()
            .contains("client that was revoked")
    );
    let refused = asked(&b, &id, &newest).await;
    assert_eq!(
        (refused.status, &refused.json["error"]),
        (401, &json!("invalid_client"))
    );
    assert!(
        last(&b).await["says"]
            .as_str()
            .unwrap()
            .contains("the client was revoked")
    );
    let again = control(&b, "POST", CLIENTS, &json!({"client_id": "partner-1"})).await;
    assert_eq!(again.status, 409, "an id is not given twice");
    let again = control(&b, "POST", "/_dcx/clients/partner-1/rotate", &json!({})).await;
    assert_eq!(again.status, 409);
}

#[tokio::test]
async fn secrets_are_told_once_and_nowhere_else() {
    let b = Bench::new("openspp-dci", &[]).await;
    let (id, secret) = made(&b, &json!({})).await;
    let own = "a secret of my own";
    let body = json!({"client_id": "mine", "client_secret": own});
    let reply = control(&b, "POST", CLIENTS, &body).await;
    assert_eq!((reply.status, reply.json.get("client_secret")), (201, None));
    let bearer = token(&b, &id, &secret).await;
    token(&b, "mine", own).await;
    assert_eq!(asked(&b, &id, "wrong secret").await.status, 401);
    let listed = b.house("GET", CLIENTS, None).await;
    let ids = listed.json["clients"].as_array().unwrap().iter();
    let ids: Vec<_> = ids.map(|client| client["client_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["dcx-demo-client", id.as_str(), "mine"]);
    let mut told = listed.json.to_string();
    let page = b.house("GET", "/_dcx/journal", None).await;
    for entry in page.json["entries"].as_array().unwrap() {
        let entry = b
            .house("GET", &format!("/_dcx/journal/{}", entry["id"]), None)
            .await;
        told += &entry.json.to_string();
    }
    for secret in [secret.as_str(), own, "wrong secret", bearer.as_str(), "pbkdf2"] {
        assert!(!told.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn what_a_client_may_not_do_is_refused_for_its_scope() {
    let b = Bench::new("dci-crvs", &[]).await;
    let scopes = b.house("GET", CLIENTS, None).await.json["scopes"].clone();
    assert_eq!(
        scopes,
        json!(["registry.search", "registry.subscribe", "registry.txn-status"])
    );
    let (id, secret) = made(&b, &json!({"scopes": ["registry/search"]})).await;
    let reply = asked(&b, &id, &secret).await;
    assert_eq!(reply.json["scope"], "registry.search");
    let token = token(&b, &id, &secret).await;
    assert_eq!(searched(&b, &token).await.status, 200);
    let refused = call(&b, &token, "/registry/subscribe", &json!({})).await;
    assert_eq!(refused.status, 403);
    let challenge = refused.header("www-authenticate");
    assert!(challenge.contains("error=\"insufficient_scope\""), "{challenge}");
    assert!(challenge.contains("scope=\"registry.subscribe\""), "{challenge}");
    let says = last(&b).await["says"].as_str().unwrap().to_owned();
    assert!(
        says.contains("needs registry.subscribe, and has \"registry.search\""),
        "{says}"
    );
    let asked = json!({"grant_type": "client_credentials", "client_id": id, "client_secret": secret, "scope": "registry.subscribe"});
    let refused = b.token_form(&asked).await;
    assert_eq!(
        (refused.status, &refused.json["error"]),
        (400, &json!("invalid_scope"))
    );
}

#[tokio::test]
async fn each_token_that_must_be_refused_is_refused_for_its_own_reason() {
    let b = Bench::new("dci-social", &[]).await;
    for (kind, status, error, said) in [
        ("expired", 401, "invalid_token", "its exp was 6"),
        (
            "wrong-issuer",
            401,
            "invalid_token",
            "it says iss \"https://issuer.example.org\", and we are \"dci-social\"",
        ),
        (
            "wrong-audience",
            401,
            "invalid_token",
            "it says aud \"https://another.example.org\", and we are",
        ),
        (
            "wrong-scope",
            403,
            "insufficient_scope",
            "needs registry.search, and has \"registry.nothing\"",
        ),
        ("tampered", 401, "invalid_token", "signature does not match"),
    ] {
        let asked = json!({"client_id": "dcx-demo-client", "kind": kind});
        let made = control(&b, "POST", "/_dcx/tokens", &asked).await;
        assert_eq!(
            made.json["refused_with"],
            json!({"status": status, "error": error})
        );
        let refused = searched(&b, made.json["access_token"].as_str().unwrap()).await;
        assert_eq!(refused.status, status, "{kind}");
        let challenge = refused.header("www-authenticate");
        assert!(
            challenge.contains(&format!("error=\"{error}\"")),
            "{kind}: {challenge}"
        );
        let says = last(&b).await["says"].as_str().unwrap().to_owned();
        assert!(says.contains(said), "{kind}: {says}");
        assert_eq!(searched(&b, &b.token).await.status, 200);
    }
    let unknown = control(&b, "POST", "/_dcx/tokens", &json!({"kind": "valid"})).await;
    assert_eq!(unknown.status, 422);
    assert!(unknown.json.to_string().contains("wrong-audience"));
    let nobody = json!({"client_id": "nobody", "kind": "expired"});
    assert_eq!(control(&b, "POST", "/_dcx/tokens", &nobody).await.status, 404);
}

#[tokio::test]
async fn time_ends_a_client_and_its_tokens() {
    let b = Bench::new("dci-social", &[]).await;
    let (_, secret) = made(
        &b,
        &json!({"client_id": "brief", "expires": "2001-01-01T00:00:00Z"}),
    )
    .await;
    let refused = asked(&b, "brief", &secret).await;
    assert_eq!(
        (refused.status, &refused.json["error"]),
        (401, &json!("invalid_client"))
    );
    assert!(last(&b).await["says"].as_str().unwrap().contains("has expired"));
    let (id, secret) = made(&b, &json!({"expires": hour_from_now()})).await;
    token(&b, &id, &secret).await;
}

#[tokio::test]
async fn what_is_registered_of_a_client_counts() {
    let b = Bench::new("dci-social", &[]).await;
    let receiver = Receiver::start().await;
    let members = json!({"sender_id": "partner.example.org", "callback": receiver.url});
    let (id, secret) = made(&b, &members).await;
    let token = token(&b, &id, &secret).await;
    let as_another = call(&b, &token, SEARCH, &request(&b, "a")).await;
    assert!(as_another.status == 400, "{as_another:?}");
    assert!(as_another.json.to_string().contains("partner.example.org"));
    let own = with(
        &request(&b, "b"),
        "/header/sender_id",
        Some("partner.example.org".into()),
    );
    assert_eq!(call(&b, &token, SEARCH, &own).await.status, 200);
    // Without a sender_uri, the registered address is called.
    assert_eq!(call(&b, &token, "/registry/search", &own).await.status, 200);
    let callback = receiver.soon().await.unwrap();
    assert_eq!(callback.body["header"]["receiver_id"], "partner.example.org");
}

#[tokio::test]
async fn a_key_of_a_client_proves_its_messages() {
    let b = Bench::new("g2p-registry", &[]).await;
    let members = json!({"public_key": demo::OTHER_PUB_PEM, "sender_id": "other.example.org"});
    let (id, secret) = made(&b, &members).await;
    let token = token(&b, &id, &secret).await;
    let mut message = request(&b, "k");
    message["header"]["sender_id"] = "other.example.org".into();
    let signed = |key: &specs::wire::rsa::SigningKey| {
        use specs::wire::covered::Covered;
        use specs::wire::key::PrivateKey;
        let covered = Covered::in_value(&message);
        let scheme = b.profile.signature.scheme;
        let key = PrivateKey::Rsa(key.clone());
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs_f64();
        let signature = specs::wire::scheme::sign(scheme, &covered, &key, "other.example.org", now);
        let mut signed = json!({"signature": signature.unwrap()});
        for (name, value) in message.as_object().unwrap() {
            signed[name] = value.clone();
        }
        signed
    };
    let other = specs::wire::rsa::SigningKey::from_pem(demo::OTHER_KEY_PEM).unwrap();
    assert_eq!(
        call(&b, &token, SEARCH, &signed(&other)).await.json["header"]["status"],
        "succ"
    );
    let refused = call(&b, &token, SEARCH, &signed(&sender_key())).await;
    assert_eq!(refused.json["header"]["status"], "rjct");
    assert!(refused.json.to_string().contains("signature"));
}

#[tokio::test]
async fn what_cannot_be_a_client_is_refused() {
    let b = Bench::new("dci-social", &[]).await;
    for (members, status, said) in [
        (json!({"client_id": "a/b"}), 422, "client_id"),
        (json!({"client_id": "dcx-demo-client"}), 409, "not given twice"),
        (json!({"client_secret": "short"}), 422, "at least 8"),
        (json!({"scopes": ["everything"]}), 422, "registry.search"),
        (json!({"callback": "http://192.0.2.1/"}), 422, "--allow-callback"),
        (
            json!({"public_key_file": "/etc/passwd"}),
            422,
            "file of clients only",
        ),
        (json!({"secret": "hunter22"}), 422, "unknown field"),
        (json!([]), 422, "invalid"),
    ] {
        let refused = control(&b, "POST", CLIENTS, &members).await;
        let text = refused.json.to_string();
        assert_eq!(refused.status, status, "{members}");
        assert!(text.contains(said) && !text.contains("hunter22"), "{text}");
    }
    let nobody = control(&b, "DELETE", "/_dcx/clients/nobody", &json!({})).await;
    assert_eq!(nobody.status, 404);
    for body in [
        json!({"grace": -1}),
        json!({"grace": "long"}),
        json!({"client_secret": "x"}),
    ] {
        let path = "/_dcx/clients/dcx-demo-client/rotate";
        assert_eq!(control(&b, "POST", path, &body).await.status, 422, "{body}");
    }
    let foreign = b
        .client
        .delete(format!("{}/_dcx/clients/dcx-demo-client", b.endpoint.base_url));
    let foreign = foreign
        .header("origin", "http://evil.example")
        .send()
        .await
        .unwrap();
    assert_eq!(foreign.status(), 403, "guarded like everything else");
    assert_eq!(searched(&b, &b.token).await.status, 200);
}

#[tokio::test]
async fn a_file_of_clients_is_taken_in_by_the_profile_that_it_names() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("clients.toml");
    let load = |text: &str| {
        std::fs::write(&file, text).unwrap();
        ClientEntry::load(&file).unwrap()
    };
    let text = "[[clients]]\nclient_id = \"here\"\nclient_secret = \"long enough\"\nprofile = \"dci-social\"\n\
                [[clients]]\nclient_id = \"there\"\nclient_secret = \"long enough\"\nprofile = \"dci-crvs\"\n";
    let clients = load(text);
    let both = Config {
        clients: clients.clone(),
        ..config(&["dci-social", "dci-crvs"])
    };
    let b = Bench::with(both).await;
    token(&b, "here", "long enough").await;
    assert_eq!(asked(&b, "there", "long enough").await.status, 401);
    let start = async |clients: Vec<ClientEntry>| {
        let config = Config {
            clients,
            ..config(&["dci-social"])
        };
        MockServer::start(config).await.unwrap_err()
    };
    assert!(matches!(start(clients).await, StartError::IdleClient { .. }));
    let twice = "[[clients]]\nclient_id = \"a\"\nclient_secret = \"long enough\"\n".repeat(2);
    assert!(matches!(start(load(&twice)).await, StartError::Client { .. }));
    let none = "[[clients]]\nclient_id = \"a\"\n";
    assert!(
        start(load(none))
            .await
            .to_string()
            .contains("`a`: give client_secret")
    );
}
