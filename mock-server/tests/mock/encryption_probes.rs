//! One probe for each requirement about encrypted messages, in both specifications.

use crate::bench::{Bench, Reply, envelope, predicate, sender_key, with};
use crate::exchange_probes::MAILBOX;
use crate::receiver::Receiver;
use serde_json::{Value, json};
use specs::wire::demo;
use specs::wire::jwe::{self, Aad, Draw, Form, Jwe};
use specs::wire::rsa::{SigningKey, VerifyingKey};

const MESSAGE: &str = r#"{"location_code":"pg.citya","name":"School meals"}"#;

pub(crate) fn receiver() -> VerifyingKey {
    VerifyingKey::from_pem(demo::RECEIVER_PUB_PEM).unwrap()
}

/// A text for the holder of this key.
pub(crate) fn jwe_for(key: &VerifyingKey, text: &str, form: Form) -> Jwe {
    jwe::encrypt(text.as_bytes(), key, form, &Draw::derived(&[text.as_bytes()]))
}

/// What a message holds that was encrypted for the partner.
pub(crate) fn opened(message: &Value) -> Option<(String, Form)> {
    let opened = jwe::decrypt(&Jwe::read(message).ok()?, &sender_key()).ok()?;
    Some((String::from_utf8(opened.plain).ok()?, opened.form))
}

/// A request whose header calls the message encrypted.
fn flagged(request: &Value, message: Value) -> Value {
    let request = with(request, "/header/is_msg_encrypted", Some(true.into()));
    with(&request, "/message", Some(message))
}

/// A search of two people, with its message encrypted in this form.
pub(crate) fn search(b: &Bench, form: Form) -> (Value, Value) {
    let mut criteria = predicate(&[b.date_is("ge", "1900-01-01")]);
    criteria["pagination"] = json!({"page_size": 2, "page_number": 1});
    let plain = envelope("encrypted", &[criteria]);
    let jwe = jwe_for(&receiver(), &plain["message"].to_string(), form);
    let sealed = flagged(&plain, jwe.to_value());
    (plain, sealed)
}

/// An exchange message with this text, signed as it is.
pub(crate) fn signed(b: &Bench, text: &str, sender_uri: &str) -> Value {
    with(
        &b.message(text, sender_uri),
        "/header/is_msg_encrypted",
        Some(true.into()),
    )
}

/// The text of an exchange message as it travels.
pub(crate) fn text_of(jwe: &Jwe) -> String {
    match jwe.to_value() {
        Value::String(text) => text,
        object => object.to_string(),
    }
}

pub(crate) async fn holds(requirement: &str, b: &Bench) -> bool {
    let name = requirement.rsplit('.').next().unwrap();
    let of_exchange = b.profile.exchange.is_some();
    let (form, plain) = if of_exchange {
        (Form::Compact, MESSAGE.to_owned())
    } else {
        let form = Form::Headed(Aad::Nothing);
        (form, search(b, form).0["message"].to_string())
    };
    match name {
        "same-answer" | "reply" | "callback" if of_exchange => return exchanged(name, b).await,
        "same-answer" | "reply" | "callback" => return searched(name, b).await,
        _ => {}
    }
    let jwe = jwe_for(&receiver(), &plain, form);
    let faulty = match name {
        "checked" | "error-code" => {
            let mut jwe = jwe;
            jwe.tag[0] ^= 1;
            jwe.to_value()
        }
        "recipient" => {
            let other = SigningKey::from_pem(demo::OTHER_KEY_PEM).unwrap().verifying_key();
            jwe_for(&other, &plain, form).to_value()
        }
        "algorithm" => {
            let mut header = jwe.header.clone();
            header.insert("alg".to_owned(), "RSA1_5".into());
            let draw = Draw::derived(&[b"algorithm"]);
            jwe::encrypt_as(header, plain.as_bytes(), &receiver(), form, &draw).to_value()
        }
        "flag" if of_exchange => plain.clone().into(),
        "flag" => serde_json::from_str(&plain).unwrap(),
        other => panic!("no probe for {other}"),
    };
    let reply = if of_exchange {
        let text = faulty.as_str().unwrap_or_default();
        b.exchange("program", &signed(b, text, MAILBOX)).await
    } else if name == "error-code" {
        b.search(&flagged(&search(b, form).0, faulty)).await
    } else {
        b.sync_search(&flagged(&search(b, form).0, faulty)).await
    };
    let code = reply.at("/message/error/code");
    match name {
        "error-code" => is_accepted(&reply) || code.is_null() || code == "err.encryption.invalid",
        _ => !is_accepted(&reply),
    }
}

fn is_accepted(reply: &Reply) -> bool {
    reply.status == 200 && reply.at("/header/status") != "rjct" && reply.at("/message/ack_status") != "ERR"
}

/// Searches in clear and encrypted.
async fn searched(name: &str, b: &Bench) -> bool {
    let (plain, mut sealed) = search(b, Form::Headed(Aad::Nothing));
    if name == "callback" {
        let receiver = Receiver::start().await;
        sealed["header"]["sender_uri"] = receiver.url.as_str().into();
        let ack = b.search(&sealed).await;
        let called = if is_accepted(&ack) {
            receiver.soon().await
        } else {
            None
        };
        return called.is_none_or(|called| opened(&called.body["message"]).is_some());
    }
    let [plain, sealed] = [b.sync_search(&plain).await, b.sync_search(&sealed).await];
    if !is_accepted(&sealed) || !sealed.json.is_object() {
        return true;
    }
    let read = opened(sealed.at("/message"));
    if name == "reply" {
        return read.is_some() || sealed.at("/message").is_null();
    }
    let found = |message: &Value| message.pointer("/search_response/0/data/reg_records").cloned();
    let read = read.map_or_else(
        || sealed.at("/message").clone(),
        |(text, _)| serde_json::from_str(&text).unwrap(),
    );
    // A reply that cannot be read at all is a matter of its encryption.
    read.get("search_response").is_none() || found(&read) == found(plain.at("/message"))
}

/// Exchanges a message that is encrypted.
async fn exchanged(name: &str, b: &Bench) -> bool {
    let receiver = Receiver::start().await;
    let jwe = jwe_for(&self::receiver(), MESSAGE, Form::Compact);
    let ack = b
        .exchange("program", &signed(b, &text_of(&jwe), &receiver.url))
        .await;
    let called = if is_accepted(&ack) {
        receiver.soon().await
    } else {
        None
    };
    let Some(called) = called.filter(|called| called.body.is_object()) else {
        return true;
    };
    let message = &called.body["message"];
    let read = opened(message);
    if name == "reply" {
        return read.is_some();
    }
    let text = read.map_or_else(
        || message.as_str().unwrap_or_default().to_owned(),
        |(text, _)| text,
    );
    let payload: Value = serde_json::from_str(&text).unwrap_or_default();
    payload.is_null() || payload["name"] == "School meals"
}
