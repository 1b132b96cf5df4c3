//! Signatures of DCI messages: that ours are understood however they are spelt, and that the target signs
//! its own.

use super::acknowledgement::{FAULTY, HONEST};
use super::support::{accepted, callbacks, done, exchange, sent};
use super::{Law, key_set};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Answer, classify, describe};
use crate::plan::{Payload, Send, Signing, Spelling, Step};
use crate::request;
use serde_json::{Value, json};
use specs::evidence::{self, Body, Exchange, Intent, Observation};
use specs::wire::covered::Covered;
use specs::wire::http_signature::{Moment, SKEW};
use specs::wire::key::PublicKey;
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
        if sent(seen) == 0 {
            return Some(Step::send(request::plainest(cx, "sync-search", HONEST)));
        }
        let (_, honest) = accepted(seen, HONEST).ok()?;
        let reply = Signed::reply(honest).filter(|reply| belongs(honest, reply.body))?;
        key_set::reading(seen).filter(|_| reply.asks_for_keys(cx, honest))
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let judgement = match accepted(seen, HONEST) {
            Err(reason) => Judgement::undecided(REPLY, reason),
            Ok((index, honest)) => match Signed::reply(honest) {
                None => Judgement::undecided(REPLY, "there was no answer"),
                // A signature over what was said to somebody else is none over this answer.
                Some(reply) if !belongs(honest, reply.body) => {
                    Judgement::undecided(REPLY, "the answer does not belong to the request")
                }
                Some(reply) => reply.judged(cx, REPLY, index, honest, seen),
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
            1 => None,
            _ => {
                let (_, honest) = accepted(seen, HONEST).ok()?;
                let callbacks = callbacks(seen, HONEST).into_iter();
                let mut signed = callbacks.map(|(_, callback)| Signed::callback(callback));
                let asks = signed.any(|callback| callback.asks_for_keys(cx, honest));
                key_set::reading(seen).filter(|_| asks)
            }
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
            .map(|(index, callback)| Signed::callback(callback).judged(cx, CALLBACK, *index, honest, seen))
            .collect()
    }
}

/// Whether an answer names the transaction of its request.
fn belongs(honest: &Exchange, answer: &Body) -> bool {
    let named = |body: &Body| body.json()?.pointer("/message/transaction_id").cloned();
    named(answer).is_some_and(|named_there| named(&honest.request.body) == Some(named_there))
}

/// A message of the target, which should be signed.
pub(super) struct Signed<'a> {
    headers: &'a [(String, String)],
    body: &'a Body,
}

/// Why a message of the target is not known to be signed by it.
pub(super) enum Doubt {
    /// No signature can be looked for.
    NotAnObject,
    /// There is none.
    Unsigned,
    /// When the message was made cannot be told.
    NoTime,
    /// The signature proves nothing, at least with these keys.
    Unproven(String),
}

impl<'a> Signed<'a> {
    pub(super) fn reply(exchange: &'a Exchange) -> Option<Self> {
        let response = exchange.response()?;
        Some(Self {
            headers: &response.headers,
            body: &response.body,
        })
    }

    fn callback(callback: &'a evidence::Callback) -> Self {
        Self {
            headers: &callback.request.headers,
            body: &callback.request.body,
        }
    }

    /// The signature, from where the profile's scheme has it.
    fn signature(&self, cx: &Context, message: &Value) -> Option<String> {
        match scheme::header(cx.profile.signature.scheme) {
            Some(wanted) => {
                let mut named = self.headers.iter().filter(|(name, _)| name == wanted);
                named.next().map(|(_, value)| value.clone())
            }
            None => message.get("signature")?.as_str().map(str::to_owned),
        }
    }

    /// Whether one of these keys signed the message when it answered a request.
    pub(super) fn verified(&self, cx: &Context, honest: &Exchange, keys: &[PublicKey]) -> Result<(), Doubt> {
        let (Some(message), Some(covered)) = (self.body.json(), Covered::in_text(&self.body.text)) else {
            return Err(Doubt::NotAnObject);
        };
        let signature = self.signature(cx, &message).ok_or(Doubt::Unsigned)?;
        // When it was asked is when the answer was made, but for moments.
        let asked = honest.request.body.json();
        let asked = asked.as_ref().and_then(|body| body.pointer("/header/message_ts"));
        let now = asked.and_then(Value::as_str).and_then(parse_date_time);
        let now = now.ok_or(Doubt::NoTime)?;
        let (scheme, sender) = (cx.profile.signature.scheme, Some(&*cx.receiver_id));
        let skew = skew(cx);
        scheme::verify_by_any(scheme, &covered, &signature, keys, sender, Moment { now, skew })
            .map_err(|error| Doubt::Unproven(error.to_string()))
    }

    /// Whether only a key that we do not know yet could have signed it: the target may have a new one, or we
    /// were told of none.
    fn asks_for_keys(&self, cx: &Context, honest: &Exchange) -> bool {
        let known: Vec<PublicKey> = cx.receiver_key.iter().map(|key| PublicKey::clone(key)).collect();
        matches!(self.verified(cx, honest, &known), Err(Doubt::Unproven(_)))
    }

    /// Whether it carries a signature of the target that is valid at that time: by the key that is configured,
    /// or by one of the key set, where that was read.
    fn judged(
        &self,
        cx: &Context,
        requirement: &str,
        index: usize,
        honest: &Exchange,
        seen: &[Observation],
    ) -> Judgement {
        let mut keys: Vec<PublicKey> = cx.receiver_key.iter().map(|key| PublicKey::clone(key)).collect();
        keys.extend(key_set::served_keys(cx, seen));
        let in_header = scheme::header(cx.profile.signature.scheme).is_some();
        let violated = |actual: String| {
            Judgement::violated(
                requirement,
                index,
                (!in_header).then(|| "/signature".to_owned()),
                "a signature that is valid over header and message with the target's key",
                actual,
            )
        };
        match self.verified(cx, honest, &keys) {
            Ok(()) => Judgement::held(requirement),
            Err(Doubt::NotAnObject) => violated("a body that is not a JSON object".to_owned()),
            Err(Doubt::Unsigned) => violated("no signature".to_owned()),
            Err(Doubt::NoTime) => {
                Judgement::undecided(requirement, "the request does not say when it was made")
            }
            Err(Doubt::Unproven(_)) if keys.is_empty() => Judgement::not_applicable(
                requirement,
                "the target's public key is not configured (keys.receiver), and it serves none, so its signature cannot be verified",
            ),
            Err(Doubt::Unproven(why)) => violated(why),
        }
    }
}

/// How far clocks may be apart under the profile: as far as the most lenient of its readings allows.
fn skew(cx: &Context) -> Option<i64> {
    let allows = |alternative| cx.profile.allows("dci.signature-skew", alternative);
    match (allows("unchecked"), allows("five-minutes")) {
        (true, _) => None,
        (false, true) => Some(300),
        (false, false) => Some(SKEW),
    }
}
