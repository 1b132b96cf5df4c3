//! One probe for each requirement of a registry: token, bearer, and the way to the other probes.
//!
//! A probe is not a conformance test; it is just sharp enough to see the defects that break its
//! requirement.

use crate::bench::{Bench, envelope, predicate};
use crate::{
    encryption_probes, person_probes, request_probes, search_probes, status_probes, subscription_probes,
};
use mock_server::Defect;
use serde_json::{Value, json};
use specs::wire::demo;
use specs::wire::rsa::SigningKey;
use specs::wire::token::{Claims, TokenKey};
use std::collections::BTreeSet;

/// Whether the mock satisfies a requirement.
pub(crate) async fn holds(requirement: &str, b: &Bench) -> bool {
    match requirement.split('.').nth(1).unwrap() {
        "token" => token(requirement, b).await,
        "bearer" => bearer(requirement, b).await,
        "form" | "request" | "refusal" => request_probes::holds(requirement, b).await,
        "subscribe" | "unsubscribe" | "notify" => subscription_probes::holds(requirement, b).await,
        "encryption" => encryption_probes::holds(requirement, b).await,
        "txn-status" => status_probes::holds(requirement, b).await,
        "disabled" | "disability-support" | "disability-details" | "enrolled" | "enrollment-updates"
        | "check-enrollment" => person_probes::holds(requirement, b).await,
        _ => search_probes::holds(requirement, b).await,
    }
}

/// The requirements of a profile that defects break, those that disturb others last.
pub(crate) fn requirements(profile: &str) -> Vec<String> {
    let committed = Defect::all()
        .iter()
        .filter(|d| d.profiles().iter().any(|p| p == profile));
    // What the documents' schemas say of a reply is no business of a probe.
    let of_reply = |id: &&str| {
        let clause = specs::clause::clause(id);
        clause.is_some_and(|clause| !clause.at.iter().any(|site| site.message.is_request()))
    };
    let ids = committed.map(|d| d.requirement()).filter(|id| !of_reply(id));
    let ids: BTreeSet<&str> = ids.collect();
    let mut ids: Vec<String> = ids.into_iter().map(ToOwned::to_owned).collect();
    ids.sort_by_key(|id| id.ends_with(".request.survives"));
    ids
}

async fn token(requirement: &str, b: &Bench) -> bool {
    let honest = b.credentials();
    let but = |name: &str, value: &str| {
        let mut parameters = honest.clone();
        parameters[name] = value.into();
        parameters
    };
    // Whatever encoding this mock takes: the defects of encodings have probes of their own.
    let ask = async |parameters: Value| {
        let reply = b.token_form(&parameters).await;
        let takes_forms = reply.status == 200 || b.token_form(&honest).await.status == 200;
        if takes_forms {
            reply
        } else {
            b.token_json(&parameters).await
        }
    };
    match requirement {
        "dci.token.form" => {
            let granted = b.token_form(&honest).await;
            let wrong = json!({
                "grant_type": "client_credentials", "client_id": "nobody", "client_secret": "nothing", "db_name": "x",
            });
            let refused = b.token_form(&wrong).await;
            granted.status == 200 && granted.at("/access_token").is_string() && refused.status != 200
        }
        "openspp.token.json" => b.token_json(&honest).await.status == 200,
        "openspp.token.db-name" => (400..500).contains(&ask(but("db_name", "elsewhere")).await.status),
        "dci.token.client-checked" => [400, 401].contains(&ask(but("client_id", "nobody")).await.status),
        "dci.token.secret-checked" => [400, 401].contains(&ask(but("client_secret", "guess")).await.status),
        "dci.token.grant-type" => ask(but("grant_type", "password")).await.status == 400,
        "dci.token.error-form" => {
            let reply = ask(but("client_secret", &"x".repeat(20))).await;
            reply.status == 200 || reply.at("/error") == "invalid_client"
        }
        other => panic!("no probe for {other}"),
    }
}

fn claims(b: &Bench, lifetime: f64) -> Claims {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs_f64();
    Claims {
        iss: b.profile.id.clone(),
        client_id: "dcx-demo-client".to_owned(),
        iat: Some(now - 600.0),
        exp: now + lifetime,
        ..Claims::default()
    }
}

async fn bearer(requirement: &str, b: &Bench) -> bool {
    let request = envelope("bearer", &[predicate(&[b.date_is("gt", "1900-01-01")])]).to_string();
    let status = async |authorization: Option<String>| {
        b.call_as(authorization.as_deref(), "/registry/sync/search", &request)
            .await
            .status
    };
    match requirement {
        "dci.bearer.required" => {
            status(None).await == 401 && status(Some("Basic eA==".to_owned())).await == 401
        }
        "dci.bearer.unknown-token" => {
            let stranger = TokenKey::from_rsa(&SigningKey::from_pem(demo::OTHER_KEY_PEM).unwrap());
            let forged = format!("Bearer {}", stranger.issue(&claims(b, 600.0)));
            // A forged one is a matter of the signature; only an opaque one is looked at here.
            status(Some("Bearer 0123456789abcdef".to_owned())).await == 401
                && (status(Some(forged)).await == 401 || status(Some("Bearer a.b.c".to_owned())).await == 401)
        }
        "dci.bearer.tampered" => {
            let (rest, signature) = b.token.rsplit_once('.').unwrap();
            let changed = if signature.starts_with('A') { 'B' } else { 'A' };
            let tampered = format!("Bearer {rest}.{changed}{}", &signature[1..]);
            // {"alg":"none"}
            let (_, claims) = rest.split_once('.').unwrap();
            let unsigned = format!("Bearer eyJhbGciOiJub25lIn0.{claims}.");
            status(Some(tampered)).await == 401 && status(Some(unsigned)).await == 401
        }
        "dci.bearer.expiry" => {
            let ours = TokenKey::from_rsa(&SigningKey::from_pem(demo::RECEIVER_KEY_PEM).unwrap());
            let (alive, dead) = (ours.issue(&claims(b, 60.0)), ours.issue(&claims(b, -0.5)));
            status(Some(format!("Bearer {alive}"))).await != 401
                && status(Some(format!("Bearer {dead}"))).await == 401
        }
        "dci.bearer.place" => {
            let address = format!("/registry/sync/search?access_token={}", b.token);
            status(Some(format!("Basic {}", b.token))).await == 401
                && b.call_as(None, &address, &request).await.status == 401
        }
        "dci.bearer.challenge" => {
            let reply = b
                .call_as(Some("Bearer a.b.c"), "/registry/sync/search", &request)
                .await;
            reply.status != 401 || reply.header("www-authenticate").starts_with("Bearer")
        }
        "dci.bearer.error-form" => {
            let reply = b
                .call_as(Some("Bearer a.b.c"), "/registry/sync/search", &request)
                .await;
            reply.status != 401 || reply.at("/errors/0/code").is_string()
        }
        other => panic!("no probe for {other}"),
    }
}
