//! The profile `digit-exchange`.

use crate::bench::{Bench, Reply, with};
use crate::exchange_probes::MAILBOX;
use crate::receiver::Receiver;
use serde_json::{Value, json};
use specs::wire::demo;
use specs::wire::rsa::{SigningKey, VerifyingKey};

const MESSAGE: &str = "{\"name\":\"Nutrición\", \"start_date\":0}";

#[track_caller]
fn is_err(reply: &Reply, code: &str) {
    assert_eq!(reply.at("/message/ack_status"), "ERR", "{reply:?}");
    assert_eq!(reply.at("/message/error/code"), code, "{reply:?}");
    assert!(
        reply
            .at("/message/timestamp")
            .as_str()
            .unwrap()
            .bytes()
            .all(|b| b.is_ascii_digit())
    );
    assert!(reply.at("/message/correlation_id").is_string());
}

#[tokio::test]
async fn a_message_is_acknowledged_and_replied_to() {
    let b = Bench::new("digit-exchange", &[]).await;
    let receiver = Receiver::start().await;
    let ack = b.exchange("program", &b.message(MESSAGE, &receiver.url)).await;
    assert_eq!((ack.status, ack.at("/message/ack_status")), (200, &json!("ACK")));

    let reply = receiver.next().await.expect("a reply").body;
    let text = reply["message"].as_str().unwrap();
    let key = VerifyingKey::from_pem(demo::RECEIVER_PUB_PEM).unwrap();
    key.verify(text.as_bytes(), reply["signature"].as_str().unwrap())
        .unwrap();
    let payload: Value = serde_json::from_str(text).unwrap();
    assert_eq!(
        (&payload["name"], &payload["status"]["status_code"]),
        (&json!("Nutrición"), &json!("APPROVED"))
    );
    let header = &reply["header"];
    assert_eq!(header["sender_id"], "program@https://pymts.example.org");
    assert_eq!(header["receiver_id"], "program@https://spp.example.org");
    assert_eq!(
        (&header["action"], &header["message_type"]),
        (&json!("create"), &json!("on-program"))
    );
    assert_ne!(header["message_id"], "123");
    assert!(receiver.is_silent().await);
}

#[tokio::test]
async fn the_address_of_the_documents_example_is_a_mailbox() {
    let b = Bench::new("digit-exchange", &[]).await;
    let ack = b.exchange("Sanction", &b.message("not json", MAILBOX)).await;
    assert_eq!(ack.at("/message/ack_status"), "ACK");
    let kept = async {
        loop {
            let list = b.get("/_dcx/mailbox").await;
            if let Some(first) = list.json.as_array().unwrap().first() {
                return first.clone();
            }
        }
    };
    let kept = tokio::time::timeout(std::time::Duration::from_secs(3), kept)
        .await
        .unwrap();
    assert_eq!(kept["sender_uri"], MAILBOX);
    assert_eq!(kept["body"]["header"]["message_type"], "on-sanction");
    let payload: Value = serde_json::from_str(kept["body"]["message"].as_str().unwrap()).unwrap();
    assert_eq!(payload["status"]["status_code"], "APPROVED");
}

#[tokio::test]
async fn a_reply_is_acknowledged_and_not_replied_to() {
    let b = Bench::new("digit-exchange", &[]).await;
    let receiver = Receiver::start().await;
    let ack = b
        .exchange("on-disburse", &b.message(MESSAGE, &receiver.url))
        .await;
    assert_eq!((ack.status, ack.at("/message/ack_status")), (200, &json!("NACK")));
    assert!(receiver.is_silent().await);
}

#[tokio::test]
async fn every_spelling_that_the_document_allows_is_accepted() {
    let b = Bench::new("digit-exchange", &[]).await;
    let honest = b.message(MESSAGE, MAILBOX);
    let receiver = honest["header"]["receiver_id"].clone();
    let misspelt = with(
        &with(&honest, "/header/receiver_id", None),
        "/header/reciever_id",
        Some(receiver),
    );
    let unpadded = honest["signature"]
        .as_str()
        .unwrap()
        .trim_end_matches('=')
        .to_owned();
    for envelope in [
        misspelt,
        with(&honest, "/header/message_ts", Some(1_708_428_280.into())),
        with(
            &honest,
            "/header/sender_id",
            Some("program@https://spp.example.org/".into()),
        ),
        with(&honest, "/header/sender_uri", None),
        with(&honest, "/header/is_msg_encrypted", Some(false.into())),
        with(&honest, "/signature", Some(unpadded.into())),
        with(&honest, "/extra", Some(json!({}))),
    ] {
        let ack = b.exchange("PROGRAM", &envelope).await;
        assert_eq!(ack.at("/message/ack_status"), "ACK", "{envelope} {ack:?}");
    }
}

#[tokio::test]
async fn each_refusal_names_its_cause() {
    let b = Bench::new("digit-exchange", &[]).await;
    let honest = b.message(MESSAGE, MAILBOX);
    let but = |pointer: &str, value: Value| with(&honest, pointer, Some(value));
    let stranger = "program@https://stranger.example.org";
    let foreign = SigningKey::from_pem(demo::OTHER_KEY_PEM)
        .unwrap()
        .sign(MESSAGE.as_bytes());
    let url_safe = honest["signature"]
        .as_str()
        .unwrap()
        .replace('+', "-")
        .replace('/', "_");
    for (envelope, code) in [
        (with(&honest, "/signature", None), "err.signature.missing"),
        (but("/signature", Value::Null), "err.signature.missing"),
        (but("/signature", "".into()), "err.signature.missing"),
        (but("/signature", 5.into()), "err.signature.invalid"),
        (but("/signature", "not base64!".into()), "err.signature.invalid"),
        (but("/signature", url_safe.into()), "err.signature.invalid"),
        (but("/signature", foreign.into()), "err.signature.invalid"),
        (
            but("/message", MESSAGE.replace('0', "1").into()),
            "err.signature.invalid",
        ),
        (
            but("/message", MESSAGE.replace(", ", ",").into()),
            "err.signature.invalid",
        ),
        (but("/header/sender_id", stranger.into()), "err.sender_id.invalid"),
        (
            with(&but("/header/sender_id", stranger.into()), "/signature", None),
            "err.sender_id.invalid",
        ),
        (
            but("/header/receiver_id", stranger.into()),
            "err.receiver_id.invalid",
        ),
        (
            but("/header/is_msg_encrypted", true.into()),
            "err.encryption.invalid",
        ),
        (
            but("/header/sender_uri", "http://169.254.169.254/".into()),
            "err.sender_uri.invalid",
        ),
        (but("/header/message_ts", "1.5".into()), "err.request.bad"),
        (but("/header/action", "CREATE".into()), "err.request.bad"),
        (but("/message", json!({"a": 1})), "err.request.bad"),
        (with(&honest, "/header/receiver_id", None), "err.request.bad"),
        (json!([]), "err.request.bad"),
    ] {
        let reply = b.exchange("program", &envelope).await;
        assert_eq!(reply.status, 400);
        is_err(&reply, code);
    }
    is_err(
        &b.exchange("disbursement", &honest).await,
        "err.request.not_found",
    );
    is_err(&b.exchange("%ff", &honest).await, "err.request.not_found");
    is_err(
        &b.call_as(None, "/v1/exchange/program", "{").await,
        "err.request.bad",
    );
    let reply = b
        .send(
            "/v1/exchange/program",
            &[("content-type", "text/plain")],
            honest.to_string(),
        )
        .await;
    assert_eq!(reply.status, 415);
    is_err(&reply, "err.request.bad");
}
