//! Signatures of DCI messages: that ours are understood however they are spelt, and that the target signs
//! its own.

use super::Law;
use super::acknowledgement::{FAULTY, HONEST};
use super::support::{accepted, callbacks, done, exchange, sent};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Answer, classify, describe};
use crate::plan::{Payload, Send, Signing, Spelling, Step};
use crate::request;
use serde_json::json;
use specs::evidence::{Body, Exchange, Intent, Observation};
use specs::wire::covered::Covered;
use specs::wire::scheme;
use specs::wire::time::parse_date_time;

/// A valid signature is accepted however the JSON is spelt.
pub(super) struct Spellings;

const SPELLING: &str = "dci.signature.spelling";

/// The spellings, each by what people call it.
const SPELLINGS: [(&str, Spelling); 4] = [
    ("text that is not ASCII", Spelling::Compact),
    ("line breaks and indentation", Spelling::Spaced),
    ("its members in another order", Spelling::Reversed),
    ("escaped text", Spelling::Escaped),
];

fn spelt(cx: &Context, label: &str, spelling: Spelling) -> Send {
    let mut send = request::plainest(cx, "sync-search", label);
    if let Payload::Json(body) = &mut send.payload {
        body["header"]["meta"] = json!({"z": "Zo\u{eb} \u{1f600} \u{915}/\"", "a": [1, 2.5, true]});
    }
    send.spelling = spelling;
    send
}

/// A request whose signature proves nothing.
fn spoilt(cx: &Context) -> Send {
    let mut send = request::plainest(cx, "sync-search", FAULTY);
    send.signing = Signing::Truncated;
    send.intent = Intent::Faulty {
        operator: "a signature cut short".to_owned(),
        pointer: Some("/signature".to_owned()),
        honest: None,
        sent: None,
        rule: "signature".to_owned(),
    };
    send
}

impl Law for Spellings {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        let n = sent(seen);
        if n == SPELLINGS.len() {
            return Some(Step::send(spoilt(cx)));
        }
        let (label, spelling) = SPELLINGS.get(n)?;
        Some(Step::send(spelt(cx, label, *spelling)))
    }

    fn judge(&self, _: &Context, seen: &[Observation]) -> Vec<Judgement> {
        if !exchange(seen, FAULTY).is_some_and(|(_, e)| classify(e) == Answer::Refused) {
            return vec![Judgement::undecided(
                SPELLING,
                "a request whose signature was cut short was not refused",
            )];
        }
        let spellings = SPELLINGS.iter();
        let judged = spellings.map(|(label, _)| match exchange(seen, label) {
            None => Judgement::undecided(SPELLING, "the case was cut short"),
            Some((index, e)) => match classify(e) {
                Answer::Accepted | Answer::AcceptedSilently => Judgement::held(SPELLING),
                Answer::NoAnswer | Answer::ServerError => Judgement::undecided(SPELLING, describe(e)),
                _ => Judgement::violated(
                    SPELLING,
                    index,
                    Some("/signature".to_owned()),
                    format!("a correctly signed request with {label} is accepted"),
                    describe(e),
                ),
            },
        });
        judged.collect()
    }
}

/// A reply is signed by the target.
pub(super) struct Reply;

const REPLY: &str = "dci.signature.reply";

impl Law for Reply {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        let honest = || Step::send(request::plainest(cx, "sync-search", HONEST));
        (sent(seen) == 0).then(honest)
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let judgement = match accepted(seen, HONEST) {
            Err(reason) => Judgement::undecided(REPLY, reason),
            Ok((index, honest)) => match honest.response() {
                None => Judgement::undecided(REPLY, "there was no answer"),
                // A signature over what was said to somebody else is none over this answer.
                Some(response) if !belongs(honest, &response.body) => {
                    Judgement::undecided(REPLY, "the answer does not belong to the request")
                }
                Some(response) => signed(cx, REPLY, index, &response.body, honest),
            },
        };
        vec![judgement]
    }
}

/// A callback is signed by the target.
pub(super) struct Callback;

const CALLBACK: &str = "dci.signature.callback";

impl Law for Callback {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        match done(seen) {
            0 => Some(Step::send(request::plainest(cx, "search", HONEST))),
            1 if accepted(seen, HONEST).is_ok() => Some(Step::answer(HONEST)),
            _ => None,
        }
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let (_, honest) = match accepted(seen, HONEST) {
            Ok(honest) => honest,
            Err(reason) => return vec![Judgement::undecided(CALLBACK, reason)],
        };
        let callbacks = callbacks(seen, HONEST);
        if callbacks.is_empty() {
            return vec![Judgement::undecided(CALLBACK, "no callback came")];
        }
        let callbacks = callbacks.iter();
        callbacks
            .map(|(index, callback)| signed(cx, CALLBACK, *index, &callback.request.body, honest))
            .collect()
    }
}

/// Whether an answer names the transaction of its request.
fn belongs(honest: &Exchange, answer: &Body) -> bool {
    let named = |body: &Body| body.json()?.pointer("/message/transaction_id").cloned();
    named(answer).is_some_and(|named_there| named(&honest.request.body) == Some(named_there))
}

/// Whether a message that answers a request carries a signature of the target that is valid at that time.
fn signed(cx: &Context, requirement: &str, index: usize, body: &Body, honest: &Exchange) -> Judgement {
    let Some(key) = &cx.receiver_key else {
        return Judgement::not_applicable(
            requirement,
            "the target's public key is not configured (keys.receiver), so its signature cannot be verified",
        );
    };
    let violated = |actual: String| {
        Judgement::violated(
            requirement,
            index,
            Some("/signature".to_owned()),
            "a signature that is valid over header and message with the target's key",
            actual,
        )
    };
    let (Some(message), Some(covered)) = (body.json(), Covered::in_text(&body.text)) else {
        return violated("a body that is not a JSON object".to_owned());
    };
    let Some(signature) = message.get("signature").and_then(|s| s.as_str()) else {
        return violated("no signature".to_owned());
    };
    // When it was asked is when the answer was made, but for moments.
    let asked = honest.request.body.json();
    let asked = asked.as_ref().and_then(|body| body.pointer("/header/message_ts"));
    let Some(now) = asked.and_then(|ts| ts.as_str()).and_then(parse_date_time) else {
        return Judgement::undecided(requirement, "the request does not say when it was made");
    };
    let scheme = cx.profile.signature.scheme;
    match scheme::verify(scheme, &covered, signature, key, Some(&cx.receiver_id), now) {
        Ok(()) => Judgement::held(requirement),
        Err(error) => violated(error.to_string()),
    }
}
