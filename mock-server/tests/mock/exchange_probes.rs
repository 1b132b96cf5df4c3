//! One probe for each requirement of an exchange.

use crate::bench::{Bench, Reply, sender_key, with};
use crate::encryption_probes;
use crate::receiver::{Callback, Receiver};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use specs::document::Document;
use specs::schema::Schema;
use specs::wire::demo;
use specs::wire::rsa::{SigningKey, VerifyingKey};
use std::time::{Duration, Instant};

/// An address at which the mock keeps the reply itself.
pub(crate) const MAILBOX: &str = "https://spp.example.org/{namespace}/callback/on-create";

const MESSAGE: &str = r#"{"location_code":"pg.citya","name":"School meals"}"#;

fn is_valid(reply: &Reply) -> bool {
    reply.status == 200 && matches!(reply.at("/message/ack_status").as_str(), Some("ACK" | "NACK"))
}

fn schema(pointer_to: &str) -> Schema {
    let document = Document::bundled("digit-exchange.yaml").unwrap();
    let operation = document.operation("POST", "/v1/exchange/{type}").unwrap();
    let schema = match pointer_to {
        "request" => &operation.request.as_ref().unwrap().content["application/json"],
        _ => &operation.responses["default"].content["application/json"],
    };
    Schema::compile(schema).unwrap()
}

pub(crate) async fn holds(requirement: &str, b: &Bench) -> bool {
    if requirement.starts_with("digit.encryption.") {
        return encryption_probes::holds(requirement, b).await;
    }
    let name = requirement.rsplit('.').next().unwrap();
    if name.starts_with("callback") || name.starts_with("no-callback") {
        return replies(name, b).await;
    }
    let honest = b.message(MESSAGE, MAILBOX);
    let send = async |envelope: Value| b.exchange("program", &envelope).await;
    let but = |pointer: &str, value: Value| with(&honest, pointer, Some(value));
    let signed_by = |key: &SigningKey, message: &str| {
        with(
            &but("/message", message.into()),
            "/signature",
            Some(key.sign(message.as_bytes()).into()),
        )
    };
    let other = SigningKey::from_pem(demo::OTHER_KEY_PEM).unwrap();
    let all_refused = async |faulty: Vec<Value>| {
        for envelope in faulty {
            if is_valid(&b.exchange("program", &envelope).await) {
                return false;
            }
        }
        true
    };
    match requirement {
        "digit.exchange.accepts" => {
            is_valid(&send(honest.clone()).await)
                && is_valid(&send(but("/header/action", "update".into())).await)
        }
        "digit.exchange.types" => {
            let mut all = true;
            for kind in ["program", "sanction", "allocation", "disburse"] {
                all &= is_valid(&b.exchange(kind, &honest).await);
            }
            all
        }
        "digit.exchange.ack-form" => schema("reply").is_valid(&send(honest.clone()).await.json),
        "digit.exchange.correlation-unique" => {
            let (one, two) = (
                send(honest.clone()).await,
                send(but("/header/message_id", "124".into())).await,
            );
            one.at("/message/correlation_id") != two.at("/message/correlation_id")
        }
        "digit.exchange.error-code" => {
            let stranger = "program@https://stranger.example.org";
            let mut named = true;
            for (envelope, code) in [
                (with(&honest, "/signature", None), "err.signature.missing"),
                (but("/signature", "AAAA".into()), "err.signature.invalid"),
                (but("/header/sender_id", stranger.into()), "err.sender_id.invalid"),
                (
                    but("/header/receiver_id", stranger.into()),
                    "err.receiver_id.invalid",
                ),
            ] {
                let reply = send(envelope).await;
                let found = reply.at("/message/error/code");
                named &= is_valid(&reply) || found.is_null() || found == code;
            }
            named
        }
        "digit.exchange.receiver-known" => {
            all_refused(vec![but(
                "/header/receiver_id",
                "program@https://elsewhere.example.org".into(),
            )])
            .await
        }
        "digit.exchange.sender-known" => {
            all_refused(vec![but(
                "/header/sender_id",
                "program@https://stranger.example.org".into(),
            )])
            .await
        }
        "digit.exchange.signature-bytes" => {
            let odd = "{ \"b\" : 1.50,\n\t\"a\":\"\\u00e9é 公\" }  ";
            is_valid(&send(signed_by(&sender_key(), odd)).await)
        }
        "digit.exchange.signature-checked" => {
            let mut twice = STANDARD.decode(honest["signature"].as_str().unwrap()).unwrap();
            twice.extend_from_within(..);
            let twice = STANDARD.encode(twice);
            all_refused(vec![
                but("/message", MESSAGE.replace("meals", "meats").into()),
                signed_by(&other, MESSAGE),
                with(&honest, "/signature", Some(twice.into())),
            ])
            .await
        }
        "digit.exchange.signature-missing" => {
            all_refused(vec![
                with(&honest, "/signature", None),
                but("/signature", "".into()),
            ])
            .await
        }
        "digit.exchange.unwilling-consumer" => {
            // Nobody listens there.
            send(but("/header/sender_uri", "http://127.0.0.1:9/".into())).await;
            tokio::time::sleep(Duration::from_millis(900)).await;
            let mut taken = true;
            for id in ["after", "after that", "and after that"] {
                taken &= send(but("/header/message_id", id.into())).await.status < 500;
            }
            // What is looked at next is to meet a service.
            tokio::time::sleep(Duration::from_millis(900)).await;
            taken
        }
        "digit.request.survives" => {
            b.call_as(None, "/v1/exchange/program", &" ".repeat(2_000_000))
                .await;
            let deep = format!("{}1{}", "{\"a\":".repeat(110), "}".repeat(110));
            b.call_as(None, "/v1/exchange/program", &deep).await;
            send(honest).await.status < 500
        }
        "digit.refusal.form" => {
            let reply = send(with(&honest, "/header/message_id", None)).await;
            reply.status == 500 || is_valid(&reply) || schema("reply").is_valid(&reply.json)
        }
        "digit.refusal.no-server-error" => send(but("/message", 5.into())).await.status < 500,
        "digit.request.action" => all_refused(vec![but("/header/action", "delete".into())]).await,
        "digit.request.not-json" => !is_valid(&b.call_as(None, "/v1/exchange/program", "signature=x").await),
        "digit.request.shape" => {
            let null = r#"{"header": null, "message": null}"#;
            !is_valid(&b.call_as(None, "/v1/exchange/program", "[]").await)
                && !is_valid(&b.call_as(None, "/v1/exchange/program", null).await)
        }
        "digit.form.exchange.header.message-id.required" => {
            let members = [
                "/header/message_id",
                "/header/message_ts",
                "/header/action",
                "/header/sender_id",
            ];
            all_refused(
                members
                    .iter()
                    .chain(&["/header/receiver_id", "/header"])
                    .map(|m| with(&honest, m, None))
                    .collect(),
            )
            .await
        }
        "digit.form.exchange.header.message-ts.pattern" => {
            all_refused(vec![
                but("/header/message_ts", "2024-02-20T11:24:40Z".into()),
                but("/header/message_ts", "".into()),
                but("/header/message_ts", (-1).into()),
            ])
            .await
        }
        "digit.form.exchange.header.sender-id.type" => {
            all_refused(vec![
                but("/header/message_id", 5.into()),
                but("/header/sender_uri", json!(["x"])),
                but("/header/is_msg_encrypted", "no".into()),
                but("/message", json!({"a": 1})),
                json!([honest]),
            ])
            .await
        }
        "digit.request.valid-accepted" => {
            let mut accepted = is_valid(&send(but("/header/is_msg_encrypted", false.into())).await);
            accepted &= is_valid(&send(but("/header/message_type", "program".into())).await);
            accepted &= is_valid(&send(but("/header/message_ts", 1_708_428_280.into())).await);
            let misspelt = with(&honest, "/header/receiver_id", None);
            let misspelt = with(
                &misspelt,
                "/header/reciever_id",
                Some(honest["header"]["receiver_id"].clone()),
            );
            accepted && is_valid(&send(misspelt).await)
        }
        other => panic!("no probe for {other}"),
    }
}

async fn replies(name: &str, b: &Bench) -> bool {
    let receiver = Receiver::start().await;
    let envelope = b.message(MESSAGE, &receiver.url);
    if name == "no-callback-after-err" {
        b.exchange("program", &with(&envelope, "/signature", Some("AAAA".into())))
            .await;
        return receiver.is_silent().await;
    }
    if name == "no-callback-after-nack" {
        b.exchange("on-program", &envelope).await;
        return receiver.is_silent().await;
    }
    let ack = b.exchange("program", &envelope).await;
    let acknowledged = Instant::now();
    let callback = if ack.status == 200 {
        receiver.soon().await
    } else {
        None
    };
    let Some(Callback { at, body, .. }) = callback else {
        return name != "callback";
    };
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    match name {
        "callback" => true,
        "callback-after-ack" => at + Duration::from_millis(100) >= acknowledged,
        "callback-form" => schema("request").is_valid(&body),
        "callback-ids" => {
            text("/header/sender_id") == b.endpoint.receiver_id
                && text("/header/receiver_id") == b.endpoint.sender_id
        }
        "callback-once" => receiver.is_silent().await,
        "callback-signed" => {
            let key = VerifyingKey::from_pem(demo::RECEIVER_PUB_PEM).unwrap();
            let carried = body["message"]
                .as_str()
                .map_or_else(|| body["message"].to_string(), ToOwned::to_owned);
            key.verify(carried.as_bytes(), text("/signature")).is_ok()
        }
        other => panic!("no probe for {other}"),
    }
}
