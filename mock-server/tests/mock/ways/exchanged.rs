//! Messages between the nodes of an exchange.

use super::Said;
use crate::bench::{Bench, sender_key, with};
use crate::exchange_probes::MAILBOX;
use crate::receiver::Receiver;
use serde_json::{Value, json};

const MESSAGE: &str = r#"{"location_code":"pg.citya","name":"School meals"}"#;

pub(super) async fn talk(b: &Bench, said: &mut Said) {
    let receiver = Receiver::start().await;
    let honest = b.message(MESSAGE, &receiver.url);
    // Who refuses an address does not read the message, and ids follow from its bytes.
    let kept = b.message(MESSAGE, MAILBOX);
    let but = |pointer: &str, value: Value| with(&honest, pointer, Some(value));
    let signed = |message: &str| b.message(message, &receiver.url);
    let named = |id: &str, message: &str| with(&signed(message), "/header/message_id", Some(id.into()));
    let misspelt = with(&honest, "/header/receiver_id", None);
    let misspelt = with(
        &misspelt,
        "/header/reciever_id",
        Some(b.endpoint.receiver_id.as_str().into()),
    );
    let signature = sender_key().sign(MESSAGE.as_bytes());
    let unpadded = signature.trim_end_matches('=').to_owned();
    let encrypted = with(&honest, "/header/is_msg_encrypted", Some(true.into()));
    let fresh = with(&signed("{}"), "/header/message_ts", Some("4000000000".into()));
    for (label, kind, envelope) in [
        ("program", "program", honest.clone()),
        ("disburse", "disburse", signed("{\"a\":1}")),
        ("answer", "on-program", honest.clone()),
        ("upper case", "PROGRAM", kept.clone()),
        ("unknown type", "horoscope", kept.clone()),
        ("demand", "demand", kept),
        (
            "other receiver",
            "program",
            but(
                "/header/receiver_id",
                "program@https://nowhere.example.org".into(),
            ),
        ),
        ("bad signature", "program", but("/message", "other".into())),
        ("unpadded", "program", but("/signature", unpadded.into())),
        ("search", "program", but("/header/action", "search".into())),
        ("empty", "program", signed("")),
        ("long id", "program", named(&"x".repeat(120), MESSAGE)),
        ("once", "program", named("twice", MESSAGE)),
        ("twice", "program", named("twice", MESSAGE)),
        ("other content", "program", named("twice", "{\"b\":2}")),
        ("misspelt", "program", misspelt),
        (
            "mismatch",
            "program",
            but("/header/message_type", "sanction".into()),
        ),
        ("encrypted", "program", encrypted),
        ("fresh", "program", fresh),
        ("no sender", "program", with(&honest, "/header/sender_id", None)),
    ] {
        let reply = b.exchange(kind, &envelope).await;
        said.note(label, &reply);
        if reply.at("/message/ack_status") == "ACK" {
            said.note_callback(label, receiver.promptly().await.as_ref());
        }
    }
    said.note("no JSON", &b.exchange("program", &json!([])).await);
}
