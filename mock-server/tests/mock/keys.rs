//! Keys that change while the mock runs, and a signature beside the body.

use crate::bench::{Bench, Reply, config};
use crate::receiver::Receiver;
use crate::signatures::{now, request, signature, with_signature};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use mock_server::{Config, Defect, Keys};
use serde_json::{Value, json};
use specs::catalogue::SignatureScheme;
use specs::wire::covered::Covered;
use specs::wire::key::{PrivateKey, PublicKey};
use specs::wire::{demo, jwk, scheme};

async fn control(b: &Bench, method: &str, path: &str, body: Option<&Value>) -> Reply {
    let base = b.profile.base_path.trim_end_matches('/');
    b.house(method, &format!("{base}/_dcx/keys{path}"), body).await
}

async fn key_set(b: &Bench) -> Vec<PublicKey> {
    let set = b.get("/.well-known/jwks.json").await.json;
    jwk::read_set(&set).into_iter().map(|(_, key)| key).collect()
}

/// Which of these keys signed a reply.
fn signer(b: &Bench, reply: &Value, keys: &[PublicKey]) -> Option<usize> {
    let scheme = b.profile.signature.scheme;
    let covered = Covered::in_value(reply);
    let text = reply["signature"].as_str().unwrap();
    let own = Some(b.endpoint.receiver_id.as_str());
    keys.iter()
        .position(|key| scheme::verify(scheme, &covered, text, key, own, now()).is_ok())
}

#[tokio::test]
async fn our_key_is_replaced_and_the_former_one_is_served_for_a_while() {
    for profile in ["opencrvs-registry", "openspp-registry", "g2p-registry"] {
        let b = Bench::new(profile, &[]).await;
        let first = key_set(&b).await;
        let told = control(&b, "GET", "", None).await;
        assert_eq!(*told.at("/kid"), jwk::thumbprint(&first[0]));
        let told = control(&b, "POST", "/rotate", None).await;
        assert_eq!(told.status, 200, "{told:?}");
        assert_eq!(*told.at("/retired/0/kid"), jwk::thumbprint(&first[0]));
        let both = key_set(&b).await;
        assert_eq!((both.len(), &both[1]), (2, &first[0]));
        let body = request(&b);
        let signed = json!(signature(&b, &Keys::demo(), &body, now()));
        let reply = b.sync_search(&with_signature(&body, &signed)).await;
        assert_eq!(reply.at("/header/status"), "succ", "{reply:?}");
        assert_eq!(signer(&b, &reply.json, &both), Some(0), "{profile}");
        control(&b, "POST", "/rotate", Some(&json!({"grace": 0}))).await;
        let third = key_set(&b).await;
        assert_eq!(
            (third.len(), &third[1]),
            (2, &first[0]),
            "the first has its grace still"
        );
        assert!(!both.contains(&third[0]));
        let token = b.sync_search(&with_signature(&body, &signed)).await;
        assert_eq!(token.status, 200, "tokens outlive the key of messages");
        b.house("POST", "/_dcx/reset", None).await;
        assert_eq!(key_set(&b).await, first);
    }
}

#[tokio::test]
async fn a_rotation_that_makes_no_sense_is_refused() {
    let b = Bench::new("opencrvs-registry", &[]).await;
    for body in [
        json!({"grace": -1}),
        json!({"grace": "long"}),
        json!({"grace": 1e99}),
    ] {
        let reply = control(&b, "POST", "/rotate", Some(&body)).await;
        assert_eq!(reply.status, 422, "{body}");
    }
    assert_eq!(key_set(&b).await.len(), 1);
    for (body, says) in [
        (json!({}), "a list `keys`"),
        (json!({"keys": []}), "1 to 100"),
        (json!({"keys": [5]}), "/keys/0: the key is not an object"),
        (
            jwk::write_set([&PublicKey::from_pem(demo::OTHER_ED25519_PUB_PEM).unwrap()]),
            "not signed with such a key",
        ),
    ] {
        let reply = control(&b, "PUT", "/partner", Some(&body)).await;
        assert_eq!(reply.status, 422, "{body}");
        assert!(reply.json.to_string().contains(says), "{reply:?}");
    }
    let unsigned = Bench::new("dci-social", &[]).await;
    assert_eq!(control(&unsigned, "POST", "/rotate", None).await.status, 404);
}

#[tokio::test]
async fn a_partner_has_its_old_and_its_new_key_at_once() {
    let b = Bench::new("opencrvs-registry", &[]).await;
    let body = request(&b);
    let scheme = b.profile.signature.scheme;
    let pems = [demo::SENDER_KEY_PEM, demo::OTHER_KEY_PEM];
    let [old, new] = pems.map(|pem| PrivateKey::from_pem(pem).unwrap());
    let by = |key: &PrivateKey| {
        let signed = scheme::sign(scheme, &Covered::in_value(&body), key, "", now()).unwrap();
        with_signature(&body, &json!(signed))
    };
    let (of_old, of_new) = (by(&old), by(&new));
    for (registered, expected) in [
        (vec![], ["succ", "rjct"]),
        (vec![old.public(), new.public()], ["succ", "succ"]),
        (vec![new.public()], ["rjct", "succ"]),
    ] {
        if !registered.is_empty() {
            let set = jwk::write_set(&registered);
            let told = control(&b, "PUT", "/partner", Some(&set)).await;
            assert_eq!(told.status, 200, "{told:?}");
            assert_eq!(*told.at("/partner/0"), jwk::thumbprint(&registered[0]));
        }
        for (message, status) in [&of_old, &of_new].into_iter().zip(expected) {
            let reply = b.sync_search(message).await;
            assert_eq!(reply.at("/header/status"), status, "{reply:?}");
        }
    }
}

/// A mock of a profile of one's own, whose signatures travel in a header.
async fn detached(defects: &[Defect]) -> Bench {
    let mut config = config(&["g2p-registry"]);
    let profile = &mut config.profiles[0];
    "mine".clone_into(&mut profile.id);
    profile.signature.scheme = SignatureScheme::DetachedJwsHeader;
    Bench::with(Config {
        defects: defects.to_vec(),
        ..config
    })
    .await
}

async fn sent(b: &Bench, path: &str, body: &str, signatures: &[&str]) -> Reply {
    let bearer = format!("Bearer {}", b.token);
    let mut headers = vec![
        (CONTENT_TYPE.as_str(), "application/json"),
        (AUTHORIZATION.as_str(), &bearer),
    ];
    headers.extend(signatures.iter().map(|signature| ("signature", *signature)));
    b.send(path, &headers, body.to_owned()).await
}

fn beside(b: &Bench, body: &str) -> String {
    let scheme = b.profile.signature.scheme;
    let key = Keys::demo().sender_of(scheme);
    scheme::sign(scheme, &Covered::in_text(body).unwrap(), &key, "", now()).unwrap()
}

#[track_caller]
fn is_ours(text: &str, signature: &str) {
    let scheme = SignatureScheme::DetachedJwsHeader;
    let key = Keys::demo().receiver_of(scheme).public();
    let covered = Covered::in_text(text).unwrap();
    assert_eq!(
        scheme::verify(scheme, &covered, signature, &key, None, now()),
        Ok(())
    );
}

#[tokio::test]
async fn a_signature_beside_the_body_is_over_its_bytes() {
    let b = detached(&[]).await;
    let path = "/registry/sync/search";
    let body = serde_json::to_string_pretty(&request(&b)).unwrap();
    let good = beside(&b, &body);
    let reply = sent(&b, path, &body, &[&good]).await;
    assert_eq!(reply.at("/header/status"), "succ", "{reply:?}");
    assert!(reply.json.get("signature").is_none());
    is_ours(&reply.text, reply.header("signature"));
    let respelt = request(&b).to_string();
    for (body, signatures, says) in [
        (&body, &[][..], "not signed"),
        (&body, &[""][..], "not signed"),
        (&respelt, &[&*good][..], "proves nothing"),
        (&body, &[&*good, &*good][..], "several signatures"),
    ] {
        let reply = sent(&b, path, body, signatures).await;
        assert_eq!(reply.at("/header/status"), "rjct", "{reply:?}");
        let reason = reply.at("/header/status_reason_message").as_str().unwrap();
        assert!(reason.contains(says), "{reason}");
        is_ours(&reply.text, reply.header("signature"));
    }
    let within = with_signature(&request(&b), &json!(good));
    let reply = b.sync_search(&within).await;
    assert_eq!(reply.at("/header/status"), "rjct", "a member is no header");
}

#[tokio::test]
async fn a_callback_has_its_signature_beside_it() {
    for (defects, signed) in [(&[][..], true), (&[Defect::CallbackUnsigned][..], false)] {
        let b = detached(defects).await;
        let receiver = Receiver::start().await;
        let mut body = request(&b);
        body["header"]["sender_uri"] = receiver.url.as_str().into();
        let body = body.to_string();
        let ack = sent(&b, "/registry/search", &body, &[&beside(&b, &body)]).await;
        assert_eq!(ack.at("/message/ack_status"), "ACK", "{ack:?}");
        assert_eq!(
            ack.header("signature"),
            "",
            "an acknowledgement has no place for it"
        );
        let callback = receiver.next().await.unwrap();
        let signature = callback.headers.get("signature").map(|v| v.to_str().unwrap());
        assert_eq!(signature.is_some(), signed);
        if let Some(signature) = signature {
            is_ours(&callback.text, signature);
        }
    }
}
