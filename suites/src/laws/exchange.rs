//! DIGIT Exchange: what is accepted, what is signed, and the reply.

use super::Law;
use super::acknowledgement::{FAULTY, HONEST, Silence, ack_form, after_ack, arrives, callback_form, plan};
use super::support::{all_undecided, callbacks, exchange, sent, spoil_action, waits};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Answer, classify, describe};
use crate::plan::{Payload, Send, Signing, Step};
use crate::request;
use serde_json::Value;
use specs::evidence::{Callback as Received, Exchange, Intent, Observation};

fn message(cx: &Context, label: &str, kind: &str, action: &str) -> Send {
    let text = request::exchange_message(cx, label, kind);
    let mut send = request::send(
        label,
        "exchange",
        request::exchange_envelope(cx, label, &text, action),
    );
    send.exchange_type = Some(kind.to_owned());
    if let Payload::Json(body) = &mut send.payload
        && let Some(named) = body.pointer_mut("/header/message_type")
    {
        *named = kind.into();
    }
    send
}

/// A message that was changed after it was signed.
fn tampered(cx: &Context, label: &str, kind: &str) -> Send {
    let mut send = message(cx, label, kind, "create");
    if let Payload::Json(body) = &mut send.payload {
        send.signing = Signing::Over(Box::new(body.clone()));
        let signed = body["message"].as_str().unwrap_or_default();
        body["message"] = Value::String(signed.replacen("pg.citya", "pg.cityb", 1));
    }
    send.intent = Intent::Faulty {
        operator: "one character changed after signing".to_owned(),
        pointer: Some("/message".to_owned()),
        honest: None,
        sent: None,
        rule: "signature".to_owned(),
    };
    send
}

/// Each action and each documented type is accepted, and a tampered message is not.
pub(super) struct ActionsAndTypes;

const ACCEPTS: &str = "digit.exchange.accepts";
const TYPES: &str = "digit.exchange.types";

impl ActionsAndTypes {
    fn steps(cx: &Context) -> Vec<(String, String, &'static str)> {
        let mut steps: Vec<(String, String, &'static str)> = ["create", "update"]
            .into_iter()
            .map(|action| (format!("action {action}"), "program".to_owned(), action))
            .collect();
        let types = cx.profile.exchange.as_ref().map_or(&[][..], |e| &e.types);
        steps.extend(
            types
                .iter()
                .skip(1)
                .map(|t| (format!("type {t}"), t.clone(), "create")),
        );
        steps
    }
}

impl Law for ActionsAndTypes {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        let steps = Self::steps(cx);
        match sent(seen) {
            n if n < steps.len() => {
                let (label, kind, action) = &steps[n];
                Some(Step::Send(Box::new(message(cx, label, kind, action))))
            }
            n if n == steps.len() => Some(Step::Send(Box::new(tampered(cx, FAULTY, "program")))),
            _ => None,
        }
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let refused = exchange(seen, FAULTY).is_some_and(|(_, e)| cx.refused(e));
        let judge = |label: &str, requirement: &str| {
            let Some((index, e)) = exchange(seen, label) else {
                return Judgement::undecided(requirement, "the case was cut short");
            };
            match classify(e) {
                Answer::Accepted | Answer::AcceptedSilently if refused => Judgement::held(requirement),
                Answer::Accepted | Answer::AcceptedSilently => Judgement::undecided(
                    requirement,
                    "a tampered message was not refused, so its acceptance proves nothing",
                ),
                _ => {
                    let expected = format!("a valid message with {label} is accepted");
                    Judgement::violated(requirement, index, None, expected, describe(e))
                }
            }
        };
        Self::steps(cx)
            .iter()
            .map(|(label, _, _)| {
                judge(
                    label,
                    if label.starts_with("action") {
                        ACCEPTS
                    } else {
                        TYPES
                    },
                )
            })
            .collect()
    }
}

/// The signature covers the bytes of the message as they are.
pub(super) struct SignatureBytes;

/// Message texts that a careless re-serialisation changes.
const TEXTS: [(&str, &str); 3] = [
    (
        "unusual spacing",
        "{ \"name\" :\"Cash for school\",\n  \"location_code\": \"pg.citya\"  }",
    ),
    (
        "escaped and non-ASCII text",
        "{\"name\":\"\\u0915\\u093e\\u0930\\u094d\\u092f / \u{0915}\\/\",\"n\":1.0}",
    ),
    (
        "member order and numbers",
        "{\"z\":1e2,\"a\":1.50,\"location_code\":\"pg.citya\"}",
    ),
];

impl Law for SignatureBytes {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        let n = sent(seen);
        if n == TEXTS.len() {
            return Some(Step::Send(Box::new(tampered(cx, FAULTY, "program"))));
        }
        let (label, text) = TEXTS.get(n)?;
        let body = request::exchange_envelope(cx, label, text, "create");
        Some(Step::Send(Box::new(request::send(label, "exchange", body))))
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let requirement = "digit.exchange.signature-bytes";
        if !exchange(seen, FAULTY).is_some_and(|(_, e)| cx.refused(e)) {
            return vec![Judgement::undecided(
                requirement,
                "a tampered message was not refused",
            )];
        }
        TEXTS
            .iter()
            .map(|(label, _)| match exchange(seen, label) {
                None => Judgement::undecided(requirement, "the case was cut short"),
                Some((index, e)) => match classify(e) {
                    Answer::Accepted | Answer::AcceptedSilently => Judgement::held(requirement),
                    _ => Judgement::violated(
                        requirement,
                        index,
                        Some("/message".to_owned()),
                        format!("a correctly signed message with {label} is accepted"),
                        describe(e),
                    ),
                },
            })
            .collect()
    }
}

/// An acknowledged message is answered by one signed reply.
pub(super) struct Callback;

const ACK_FORM: &str = "digit.exchange.ack-form";
const ARRIVES: &str = "digit.exchange.callback";
const UNIQUE: &str = "digit.exchange.correlation-unique";
const REPLY: &[&str] = &[
    "digit.exchange.callback-once",
    "digit.exchange.callback-form",
    "digit.exchange.callback-signed",
    "digit.exchange.callback-ids",
    "digit.exchange.callback-after-ack",
];

impl Law for Callback {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        let requests = || {
            Some(vec![
                message(cx, HONEST, "program", "create"),
                tampered(cx, FAULTY, "program"),
                message(cx, "another", "program", "create"),
            ])
        };
        plan(Vec::new(), requests, HONEST, seen)
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let Some((index, honest)) = exchange(seen, HONEST) else {
            return all_undecided(&[ACK_FORM, ARRIVES, UNIQUE], "the case was cut short");
        };
        let mut judgements = Vec::new();
        judgements.extend(ack_form(cx, ACK_FORM, index, honest));
        let refused = exchange(seen, FAULTY).is_some_and(|(_, e)| cx.refused(e));
        judgements.push(arrives(ARRIVES, index, honest, seen, refused));
        judgements.push(unique(honest, exchange(seen, "another")));
        judgements.extend(replied(cx, honest, &callbacks(seen, HONEST)));
        judgements
    }
}

fn unique(honest: &Exchange, another: Option<(usize, &Exchange)>) -> Judgement {
    let id = |e: &Exchange| {
        let body = e.response()?.body.json()?;
        body.pointer("/message/correlation_id")?
            .as_str()
            .map(str::to_owned)
    };
    match (id(honest), another.and_then(|(i, e)| Some((i, id(e)?)))) {
        (Some(one), Some((index, other))) if one == other => Judgement::violated(
            UNIQUE,
            index,
            Some("/message/correlation_id".to_owned()),
            "another correlation_id than for the previous message",
            format!("{other} again"),
        ),
        (Some(_), Some(_)) => Judgement::held(UNIQUE),
        _ => Judgement::undecided(UNIQUE, "an acknowledgement carries no correlation_id"),
    }
}

fn replied(cx: &Context, honest: &Exchange, received: &[(usize, &Received)]) -> Vec<Judgement> {
    let Some((index, first)) = received.first() else {
        return all_undecided(REPLY, "no reply came");
    };
    let index = *index;
    let again = received
        .iter()
        .skip(1)
        .find(|(_, c)| c.request.body == first.request.body);
    let mut judgements = vec![match again {
        None => Judgement::held(REPLY[0]),
        Some((again, _)) => Judgement::violated(
            REPLY[0],
            *again,
            None,
            "one reply, since we acknowledged it with HTTP 200",
            "the same reply delivered again",
        ),
    }];
    let (body, form) = callback_form(cx, REPLY[1], "exchange", index, first);
    judgements.extend(form);
    let Some(body) = body else { return judgements };
    judgements.push(signed(cx, index, &body));
    let text = |pointer: &str| {
        body.pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or("none")
            .to_owned()
    };
    let addressee = if body.pointer("/header/receiver_id").is_some() {
        "receiver_id"
    } else {
        "reciever_id"
    };
    for (member, expected) in [("sender_id", &cx.receiver_id), (addressee, &cx.sender_id)] {
        let pointer = format!("/header/{member}");
        let found = text(&pointer);
        judgements.push(if found == *expected {
            Judgement::held(REPLY[3])
        } else {
            Judgement::violated(REPLY[3], index, Some(pointer), expected.clone(), found)
        });
    }
    judgements.push(after_ack(REPLY[4], index, honest, first));
    judgements
}

fn signed(cx: &Context, index: usize, body: &Value) -> Judgement {
    let requirement = REPLY[2];
    let Some(key) = &cx.receiver_key else {
        return Judgement::not_applicable(
            requirement,
            "the target's public key is not configured (keys.receiver), so its signature cannot be verified",
        );
    };
    let message = match body.get("message") {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let signature = body.get("signature").and_then(Value::as_str).unwrap_or_default();
    match key.verify(message.as_bytes(), signature) {
        Ok(()) => Judgement::held(requirement),
        Err(e) => Judgement::violated(
            requirement,
            index,
            Some("/signature".to_owned()),
            "a signature that is valid over the reply's message with the target's key",
            e.to_string(),
        ),
    }
}

/// After a refusal no reply comes.
pub(super) static SILENCE: Silence = Silence {
    requirement: "digit.exchange.no-callback-after-err",
    honest: |cx| message(cx, HONEST, "program", "create"),
    faulty: |cx| {
        let mut send = message(cx, FAULTY, "program", "create");
        // No reading knows it.
        spoil_action(&mut send, "dcx-no-such-action");
        send
    },
};

/// What is answered with NACK is not replied to: a message, or the reply to one, after which there is less to say.
pub(super) struct SilentAfterNack;

/// Label of the reply that we send.
const OURS: &str = "reply";

impl Law for SilentAfterNack {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        let requests = || {
            let honest = message(cx, HONEST, "program", "create");
            Some(vec![honest, message(cx, OURS, "on-program", "create")])
        };
        plan(Vec::new(), requests, OURS, seen)
    }

    fn judge(&self, _: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let requirement = "digit.exchange.no-callback-after-nack";
        let nack = |label: &&str| {
            let found = exchange(seen, label);
            found.is_some_and(|(_, e)| classify(e) == Answer::AcceptedSilently)
        };
        let silenced: Vec<&str> = [HONEST, OURS].into_iter().filter(nack).collect();
        let replied = silenced.iter().flat_map(|label| callbacks(seen, label));
        if let Some((index, _)) = replied.into_iter().next() {
            let actual = "a reply, although the message was answered with NACK";
            let expected = "no reply to a message that is answered with NACK";
            return vec![Judgement::violated(requirement, index, None, expected, actual)];
        }
        vec![if silenced.is_empty() {
            Judgement::not_applicable(requirement, "the target answered nothing with NACK")
        } else if callbacks(seen, HONEST).is_empty() && !silenced.contains(&HONEST) {
            Judgement::undecided(
                requirement,
                "no reply came to the message that was acknowledged, so silence proves nothing",
            )
        } else if waits(seen) < silenced.len() + usize::from(!silenced.contains(&HONEST)) {
            Judgement::undecided(requirement, "the case was cut short")
        } else {
            Judgement::held(requirement)
        }]
    }
}
