//! Encrypted messages: what is read, what is refused, and what is answered.

use crate::bench::{Bench, config, with};
use crate::encryption_probes::{holds, jwe_for, opened, receiver, search, signed, text_of};
use crate::exchange_probes::MAILBOX;
use crate::receiver::Receiver;
use mock_server::{Config, Defect, Keys};
use serde_json::{Value, json};
use specs::wire::covered::Covered;
use specs::wire::demo;
use specs::wire::jwe::{self, Aad, Draw, Form};
use specs::wire::rsa::VerifyingKey;
use specs::wire::{jwk, scheme};

const FORMS: [Form; 4] = [
    Form::Compact,
    Form::Flattened,
    Form::Headed(Aad::Nothing),
    Form::Headed(Aad::Header),
];
const MESSAGE: &str = r#"{"name":"Nutrición"}"#;

#[tokio::test]
async fn an_encrypted_search_is_answered_as_in_clear_and_in_its_own_form() {
    for profile in ["dci-social", "dci-farmer", "openspp-dci"] {
        let b = Bench::new(profile, &[]).await;
        for form in FORMS {
            let (plain, sealed) = search(&b, form);
            let [plain, sealed] = [b.sync_search(&plain).await, b.sync_search(&sealed).await];
            assert_eq!(sealed.at("/header/is_msg_encrypted"), true, "{sealed:?}");
            assert!(plain.at("/header/is_msg_encrypted").is_null());
            let (text, answered) = opened(sealed.at("/message")).expect("a message for us");
            assert_eq!(answered, form);
            let message: Value = serde_json::from_str(&text).unwrap();
            let records = "/search_response/0/data/reg_records";
            assert_eq!(
                message.pointer(records),
                plain.at("/message").pointer(records),
                "{form:?}"
            );
        }
    }
}

#[tokio::test]
async fn the_callback_of_an_encrypted_search_is_encrypted_too() {
    let b = Bench::new("dci-crvs", &[]).await;
    let listening = Receiver::start().await;
    let (_, mut sealed) = search(&b, Form::Headed(Aad::Nothing));
    sealed["header"]["sender_uri"] = listening.url.as_str().into();
    let ack = b.search(&sealed).await;
    assert_eq!(ack.at("/message/ack_status"), "ACK", "{ack:?}");
    let callback = listening.next().await.expect("a callback").body;
    assert_eq!(callback["header"]["is_msg_encrypted"], true);
    let (text, _) = opened(&callback["message"]).expect("a message for us");
    let message: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(message["transaction_id"], "encrypted");
    assert_eq!(message["correlation_id"], *ack.at("/message/correlation_id"));
}

#[tokio::test]
async fn a_signed_registry_signs_what_it_encrypted() {
    for profile in ["openspp-registry", "g2p-registry"] {
        let b = Bench::new(profile, &[]).await;
        let scheme = b.profile.signature.scheme;
        let (_, mut sealed) = search(&b, Form::Headed(Aad::Nothing));
        sealed["header"]["sender_id"] = b.endpoint.sender_id.as_str().into();
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_secs_f64();
        let key = Keys::demo().sender_of(scheme);
        let covered = Covered::in_value(&sealed);
        let signature = scheme::sign(scheme, &covered, &key, &b.endpoint.sender_id, now).unwrap();
        sealed["signature"] = signature.into();
        let reply = b.sync_search(&sealed).await;
        assert!(opened(reply.at("/message")).is_some(), "{reply:?}");
        let covered = Covered::in_text(&reply.json.to_string()).unwrap();
        let signature = reply.at("/signature").as_str().unwrap();
        let own = Keys::demo().receiver_of(scheme).public();
        let receiver_id = Some(b.endpoint.receiver_id.as_str());
        assert_eq!(
            scheme::verify(scheme, &covered, signature, &own, receiver_id, now),
            Ok(())
        );
    }
}

#[tokio::test]
async fn an_encrypted_exchange_is_replied_to_in_its_own_form() {
    let b = Bench::new("digit-exchange", &[]).await;
    let key = VerifyingKey::from_pem(demo::RECEIVER_PUB_PEM).unwrap();
    for form in FORMS {
        let listening = Receiver::start().await;
        let sealed = jwe_for(&receiver(), MESSAGE, form);
        let ack = b
            .exchange("program", &signed(&b, &text_of(&sealed), &listening.url))
            .await;
        assert_eq!(ack.at("/message/ack_status"), "ACK", "{ack:?}");
        let reply = listening.next().await.expect("a reply").body;
        assert_eq!(reply["header"]["is_msg_encrypted"], true);
        let carried = reply["message"].as_str().unwrap();
        key.verify(carried.as_bytes(), reply["signature"].as_str().unwrap())
            .unwrap();
        let (text, answered) = opened(&carried.into()).expect("a message for us");
        let payload: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(answered, form);
        assert_eq!(
            (&payload["name"], &payload["status"]["status_code"]),
            (&json!("Nutrición"), &json!("APPROVED"))
        );
    }
}

#[tokio::test]
async fn what_cannot_be_decrypted_is_refused_and_the_refusal_says_why() {
    let b = Bench::new("digit-exchange", &[]).await;
    let (plain, sealed) = (MESSAGE, jwe_for(&receiver(), MESSAGE, Form::Compact));
    let mut tampered = sealed.clone();
    tampered.ciphertext[3] ^= 1;
    let mut algorithm = sealed.header.clone();
    algorithm.insert("enc".to_owned(), "A128GCM".into());
    let draw = Draw::derived(&[b"x"]);
    let algorithm = jwe::encrypt_as(algorithm, plain.as_bytes(), &receiver(), Form::Compact, &draw);
    let own = VerifyingKey::from_pem(demo::SENDER_PUB_PEM).unwrap();
    let bytes = jwe::encrypt(b"\xff", &receiver(), Form::Compact, &draw);
    for (text, says) in [
        (plain.to_owned(), "not a JWE"),
        (text_of(&tampered), "the tag does not fit"),
        (text_of(&algorithm), "\"A128GCM\" is not supported"),
        (
            text_of(&jwe_for(&own, plain, Form::Compact)),
            "encrypted for the key",
        ),
        (text_of(&bytes), "not UTF-8"),
    ] {
        let reply = b.exchange("program", &signed(&b, &text, MAILBOX)).await;
        assert_eq!(reply.status, 400);
        assert_eq!(reply.at("/message/error/code"), "err.encryption.invalid");
        let message = reply.at("/message/error/message").as_str().unwrap();
        assert!(message.contains(says), "{message}");
        let journal = b.house("GET", "/_dcx/journal", None).await;
        let entries = journal.json["entries"].as_array().unwrap();
        let entry = entries.iter().max_by_key(|entry| entry["id"].as_u64()).unwrap();
        assert!(entry["says"].as_str().unwrap().contains(says), "{entry}");
        assert_eq!(entry["violations"][0]["requirement"], "digit.encryption.checked");
    }
    // A text that only looks so is none of our business where nobody calls it encrypted.
    let unflagged = b.message(&text_of(&sealed), MAILBOX);
    let reply = b.exchange("program", &unflagged).await;
    assert_eq!(reply.at("/message/ack_status"), "ACK");
}

#[tokio::test]
async fn a_registry_refuses_with_rjct_or_with_the_code() {
    let b = Bench::new("dci-social", &[]).await;
    let form = Form::Headed(Aad::Nothing);
    let (plain, sealed) = search(&b, form);
    let with_message = |message: Value| with(&sealed, "/message", Some(message));
    let not_json = jwe_for(&receiver(), "not json", form).to_value();
    let without_form = jwe_for(&receiver(), "{}", form).to_value();
    for (request, code) in [
        (
            with(&sealed, "/message/tag", Some("AAAAAAAAAAAAAAAAAAAAAA".into())),
            "err.encryption.invalid",
        ),
        (with_message(plain["message"].clone()), "err.encryption.invalid"),
        (with_message(not_json), "err.encryption.invalid"),
        // What was decrypted is checked as any other message.
        (with_message(without_form), "err.request.bad"),
        (with(&sealed, "/header/is_msg_encrypted", None), "err.request.bad"),
    ] {
        let reply = b.sync_search(&request).await;
        assert_eq!((reply.status, reply.at("/header/status")), (400, &json!("rjct")));
        let reply = b.search(&request).await;
        assert_eq!(reply.at("/message/error/code"), code, "{request}");
    }
}

#[tokio::test]
async fn keys_of_ones_own_and_the_key_set_serve_encryption() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::load_or_create(dir.path()).unwrap();
    for profile in ["dci-social", "openspp-registry", "digit-exchange"] {
        let b = Bench::with(Config {
            keys: keys.clone(),
            ..config(&[profile])
        })
        .await;
        let set = b.get("/.well-known/jwks.json").await;
        let entries = set.json["keys"].as_array().unwrap();
        let entry = entries.iter().find(|entry| entry["use"] == "enc").expect("a key");
        let own = VerifyingKey::from_pem(&keys.receiver_pub_pem()).unwrap();
        assert_eq!(
            (&entry["alg"], &entry["kid"]),
            (&json!("RSA-OAEP-256"), &json!(jwe::key_id(&own)))
        );
        assert_eq!(jwk::read(entry), Ok(specs::wire::key::PublicKey::Rsa(own)));
    }
}

#[tokio::test]
async fn the_same_seed_encrypts_to_the_same_bytes_and_another_to_others() {
    let mut replies = Vec::new();
    for seed in [1, 1, 2] {
        let b = Bench::with(Config {
            seed,
            ..config(&["digit-exchange"])
        })
        .await;
        let listening = Receiver::start().await;
        let sealed = jwe_for(&receiver(), MESSAGE, Form::Compact);
        b.exchange("program", &signed(&b, &text_of(&sealed), &listening.url))
            .await;
        replies.push(listening.next().await.expect("a reply").body["message"].clone());
    }
    assert_eq!(replies[0], replies[1]);
    assert_ne!(replies[0], replies[2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_defect_of_encryption_breaks_its_requirement() {
    let about = |d: &&Defect| d.requirement().split('.').nth(1) == Some("encryption");
    let mut seen = 0;
    for defect in Defect::all().iter().filter(about) {
        let profile = defect
            .profiles()
            .iter()
            .find(|p| *p != "openspp-registry")
            .unwrap();
        for (defects, expected) in [(&[][..], true), (&[*defect][..], false)] {
            let b = Bench::new(profile, defects).await;
            let found = holds(defect.requirement(), &b).await;
            assert_eq!(found, expected, "{} under {profile}", defect.id());
        }
        seen += 1;
    }
    assert_eq!(seen, 16);
}
