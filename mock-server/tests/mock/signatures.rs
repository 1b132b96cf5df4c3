//! Signed messages of the registries: what is accepted, what is refused, and what is sent.

use crate::bench::{Bench, Reply, config, envelope, predicate};
use crate::receiver::Receiver;
use mock_server::{Config, Defect, Keys};
use serde_json::{Value, json};
use specs::catalogue::SignatureScheme;
use specs::wire::covered::Covered;
use specs::wire::{confusion, jwk, scheme};
use std::time::{SystemTime, UNIX_EPOCH};

const PROFILES: [&str; 3] = ["openspp-registry", "g2p-registry", "opencrvs-registry"];

pub(crate) fn now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs_f64()
}

pub(crate) fn request(b: &Bench) -> Value {
    let mut request = envelope("t-1", &[predicate(&[b.date_is("ge", "1900-01-01")])]);
    request["header"]["sender_id"] = b.endpoint.sender_id.as_str().into();
    request
}

/// A signature over a body, as this sender, at this time.
pub(crate) fn signature(b: &Bench, keys: &Keys, body: &Value, now: f64) -> String {
    let scheme = b.profile.signature.scheme;
    let key = keys.sender_of(scheme);
    let covered = Covered::in_value(body);
    scheme::sign(scheme, &covered, &key, &b.endpoint.sender_id, now).unwrap()
}

pub(crate) fn with_signature(body: &Value, signature: &Value) -> Value {
    let mut body = body.clone();
    body["signature"] = signature.clone();
    body
}

async fn answered(b: &Bench, body: &Value, signature: &Value) -> Reply {
    b.sync_search(&with_signature(body, signature)).await
}

/// Whether the mock signed a body.
fn is_ours(b: &Bench, text: &str) -> bool {
    let scheme = b.profile.signature.scheme;
    let key = Keys::demo().receiver_of(scheme).public();
    let body: Value = serde_json::from_str(text).unwrap();
    let signature = body["signature"].as_str().expect("a signature");
    let covered = Covered::in_text(text).unwrap();
    let own = Some(b.endpoint.receiver_id.as_str());
    scheme::verify(scheme, &covered, signature, &key, own, now()).is_ok()
}

#[track_caller]
fn verifies(b: &Bench, text: &str) {
    assert!(is_ours(b, text), "{text}");
}

#[tokio::test]
async fn a_request_that_its_sender_signed_is_answered_and_the_answer_is_signed() {
    for profile in PROFILES {
        let b = Bench::new(profile, &[]).await;
        let body = request(&b);
        let signed = json!(signature(&b, &Keys::demo(), &body, now()));
        let reply = answered(&b, &body, &signed).await;
        assert_eq!(reply.at("/header/status"), "succ", "{reply:?}");
        verifies(&b, &reply.json.to_string());
    }
}

#[tokio::test]
async fn a_request_that_proves_nothing_is_refused_with_a_signed_reply() {
    for profile in PROFILES {
        let b = Bench::new(profile, &[]).await;
        let body = request(&b);
        let good = signature(&b, &Keys::demo(), &body, now());
        let mut other = body.clone();
        other["header"]["message_id"] = json!("another");
        for (bad, says) in [
            (Value::Null, "not signed"),
            (json!(""), "not signed"),
            (json!(5), "not a text"),
            (
                json!(signature(&b, &Keys::demo(), &other, now())),
                "proves nothing",
            ),
            (json!(format!("x{good}")), "proves nothing"),
        ] {
            let reply = answered(&b, &body, &bad).await;
            assert_eq!(
                (reply.status, reply.at("/header/status")),
                (400, &json!("rjct")),
                "{bad}"
            );
            let reason = reply.at("/header/status_reason_message").as_str().unwrap();
            assert!(reason.contains(says), "{bad}: {reason}");
            verifies(&b, &reply.json.to_string());
        }
        let mut stranger = body.clone();
        stranger["header"]["sender_id"] = json!("stranger.example.org");
        let signed = json!(signature(&b, &Keys::demo(), &stranger, now()));
        let reply = answered(&b, &stranger, &signed).await;
        assert_eq!(reply.at("/header/status"), "rjct");
    }
}

#[tokio::test]
async fn a_signature_has_its_time() {
    let b = Bench::new("openspp-registry", &[]).await;
    let body = request(&b);
    for (offset, status) in [(-290.0, "succ"), (-310.0, "rjct"), (50.0, "succ"), (70.0, "rjct")] {
        let signed = json!(signature(&b, &Keys::demo(), &body, now() + offset));
        let reply = answered(&b, &body, &signed).await;
        assert_eq!(reply.at("/header/status"), status, "{offset}");
    }
}

#[tokio::test]
async fn callbacks_are_signed_and_refusals_name_the_signature() {
    for profile in PROFILES {
        let b = Bench::new(profile, &[]).await;
        let receiver = Receiver::start().await;
        let mut body = request(&b);
        body["header"]["sender_uri"] = receiver.url.as_str().into();
        let path = "/registry/search";
        let refused = b.call(path, &body.to_string()).await;
        assert_eq!(refused.at("/message/error/code"), "err.signature.missing");
        let spoilt = with_signature(&body, &json!("c2lnbmF0dXJl"));
        let refused = b.call(path, &spoilt.to_string()).await;
        assert_eq!(refused.at("/message/error/code"), "err.signature.invalid");
        let signed = with_signature(&body, &json!(signature(&b, &Keys::demo(), &body, now())));
        let ack = b.call(path, &signed.to_string()).await;
        assert_eq!(ack.at("/message/ack_status"), "ACK", "{ack:?}");
        assert!(
            ack.json.get("signature").is_none(),
            "an acknowledgement has no place for it"
        );
        verifies(&b, &receiver.next().await.unwrap().body.to_string());
    }
}

#[tokio::test]
async fn callbacks_are_badly_signed_or_not_at_all_where_somebody_wishes_so() {
    for profile in PROFILES {
        let b = Bench::new(profile, &[]).await;
        let receiver = Receiver::start().await;
        let mut body = request(&b);
        body["header"]["sender_uri"] = receiver.url.as_str().into();
        let signed = with_signature(&body, &json!(signature(&b, &Keys::demo(), &body, now())));
        let called_back = async |wish: &str| {
            let faults = json!({"faults": [{"prefer": wish, "operation": "search", "times": 1}]});
            assert_eq!(b.house("PUT", "/_dcx/faults", Some(&faults)).await.status, 200);
            b.call("/registry/search", &signed.to_string()).await;
            receiver.next().await.unwrap().body
        };
        let unsigned = called_back("dcx-callback=unsigned").await;
        assert!(unsigned.get("signature").is_none() && unsigned.get("header").is_some());
        let badly = called_back("dcx-callback=badly-signed").await;
        assert!(!is_ours(&b, &badly.to_string()), "{profile}");
        verifies(&b, &called_back("dcx-delay=0").await.to_string());
    }
}

#[tokio::test]
async fn the_key_set_holds_the_key_that_signs_and_nothing_private() {
    for profile in [&PROFILES[..], &["digit-exchange"]].concat() {
        let b = Bench::new(profile, &[]).await;
        let reply = b.get("/.well-known/jwks.json").await;
        assert_eq!(reply.status, 200);
        let keys = jwk::read_set(&reply.json);
        let own = Keys::demo().receiver_of(b.profile.signature.scheme).public();
        assert_eq!(keys, [(Some(jwk::thumbprint(&own)), own)]);
        let members = reply.json["keys"][0].as_object().unwrap();
        assert!(
            !members
                .keys()
                .any(|name| jwk::PRIVATE_MEMBERS.contains(&name.as_str()))
        );
    }
    let b = Bench::new("dci-social", &[]).await;
    let reply = b.get("/.well-known/jwks.json").await;
    assert_eq!(jwk::read_set(&reply.json), [], "nobody signs there");
}

#[tokio::test]
async fn keys_of_ones_own_replace_those_of_the_demonstration() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::load_or_create(dir.path()).unwrap();
    for profile in PROFILES {
        let b = Bench::with(Config {
            keys: keys.clone(),
            ..config(&[profile])
        })
        .await;
        let body = request(&b);
        for (keys, status) in [(&keys, "succ"), (&Keys::demo(), "rjct")] {
            let signed = json!(signature(&b, keys, &body, now()));
            let reply = answered(&b, &body, &signed).await;
            assert_eq!(reply.at("/header/status"), status, "{profile}");
        }
    }
}

#[tokio::test]
async fn a_server_that_trusts_the_algorithm_in_the_text_believes_anybody() {
    for (defects, status) in [
        (&[][..], "rjct"),
        (&[Defect::SignatureAlgorithmTrusted][..], "succ"),
    ] {
        let b = Bench::new("openspp-registry", defects).await;
        let body = request(&b);
        let none = signature(&b, &Keys::demo(), &body, now()).replace("ed25519", "none");
        let reply = answered(&b, &body, &json!(none)).await;
        assert_eq!(reply.at("/header/status"), status);
    }
}

#[tokio::test]
async fn a_token_that_holds_another_message_proves_nothing_of_this_one() {
    for (defects, status) in [
        (&[][..], "rjct"),
        (&[Defect::SignaturePayloadIgnored][..], "succ"),
    ] {
        let b = Bench::new("opencrvs-registry", defects).await;
        let body = request(&b);
        let mut other = body.clone();
        other["message"]["transaction_id"] = json!("t-2");
        let signed = json!(signature(&b, &Keys::demo(), &other, now()));
        let reply = answered(&b, &body, &signed).await;
        assert_eq!(reply.at("/header/status"), status);
    }
}

#[tokio::test]
async fn the_name_of_a_key_counts_and_the_public_key_is_no_secret() {
    let key = Keys::demo().sender_of(SignatureScheme::JwsCompact);
    let scheme = SignatureScheme::JwsCompact;
    for (defects, of_name, of_secret) in [
        (&[][..], "rjct", "rjct"),
        (&[Defect::SignatureKeyIdIgnored][..], "succ", "rjct"),
        (&[Defect::SignaturePublicKeySecret][..], "rjct", "succ"),
    ] {
        let b = Bench::new("opencrvs-registry", defects).await;
        let body = request(&b);
        let covered = Covered::in_value(&body);
        let named = scheme::sign_naming(scheme, &covered, &key, "nobody", "", now()).unwrap();
        let reply = answered(&b, &body, &json!(named)).await;
        assert_eq!(reply.at("/header/status"), of_name, "{reply:?}");
        let secret = confusion::sign(scheme, &covered, &key.public(), "", now()).unwrap();
        let reply = answered(&b, &body, &json!(secret)).await;
        assert_eq!(reply.at("/header/status"), of_secret, "{reply:?}");
    }
}

#[tokio::test]
async fn a_token_is_asked_for_in_the_query_where_the_profile_says_so() {
    let b = Bench::new("opencrvs-registry", &[]).await;
    let mut credentials = b.credentials();
    assert_eq!(b.token_query(&credentials).await.status, 200);
    let reply = b.token_form(&credentials).await;
    assert_eq!(
        (reply.status, reply.at("/error")),
        (400, &json!("invalid_request"))
    );
    credentials["client_secret"] = json!("wrong");
    assert_eq!(b.token_query(&credentials).await.status, 401);
    let journal = b.house("GET", "/_dcx/journal", None).await;
    let secret = b.endpoint.client_secret.as_deref().unwrap();
    assert!(!journal.json.to_string().contains(secret));
    let entry = journal.at("/entries/0/id").to_string();
    let entry = b.house("GET", &format!("/_dcx/journal/{entry}"), None).await;
    assert_eq!(entry.status, 200);
    assert!(!entry.json.to_string().contains("wrong"), "{entry:?}");
    let b = Bench::new("g2p-registry", &[]).await;
    assert_eq!(b.token_query(&b.credentials()).await.status, 400);
}

#[tokio::test]
async fn clocks_may_be_as_far_apart_as_the_profile_reads_it() {
    for (reading, offset, status) in [
        ("five-minutes", 290.0, "succ"),
        ("five-minutes", 310.0, "rjct"),
        ("unchecked", 3600.0, "succ"),
        ("unchecked", -3600.0, "succ"),
    ] {
        let mut config = config(&["openspp-registry"]);
        let readings = &mut config.profiles[0].readings;
        readings.insert("dci.signature-skew".to_owned(), vec![reading.to_owned()]);
        let b = Bench::with(config).await;
        let body = request(&b);
        let signed = json!(signature(&b, &Keys::demo(), &body, now() + offset));
        let reply = answered(&b, &body, &signed).await;
        assert_eq!(reply.at("/header/status"), status, "{reading} {offset}");
    }
}
