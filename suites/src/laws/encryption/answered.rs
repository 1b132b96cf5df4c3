//! What encrypted messages are answered with.

use super::super::Law;
use super::super::support::{all_undecided, callbacks, done, exchange};
use super::{PLAIN, SEALED, TAMPERED, is_accepted, offered, request, requirement, unread};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Reply, classify};
use crate::plan::{Sealing, Step};
use serde_json::{Value, json};
use specs::evidence::{Body, Observation};

const ANSWER: [&str; 2] = ["same-answer", "reply"];

/// What was decrypted of the encrypted step's answer.
enum Opened<'a> {
    /// It was encrypted for us, and this was in it.
    Sealed(usize, Value),
    /// It was in clear.
    Plain(usize, &'a Body),
    /// It was called encrypted, and cannot be decrypted for this reason.
    Unreadable(usize, &'a str),
}

impl<'a> Opened<'a> {
    /// What came of decrypting; why nothing follows where there was nothing to decrypt.
    fn of(seen: &'a [Observation]) -> Result<Self, &'a str> {
        let opened = seen.iter().find_map(|observation| match observation {
            Observation::Opened {
                label,
                of,
                content,
                reason,
            } if label == SEALED => Some((of, content, reason)),
            _ => None,
        });
        let (of, content, reason) = opened.ok_or("the case was cut short before the answer was decrypted")?;
        let reason = reason.as_deref().unwrap_or("for no reason");
        let index = of.filter(|index| *index < seen.len()).ok_or(reason)?;
        if let Some(content) = content {
            let text = || Value::from(content.text.as_str());
            return Ok(Self::Sealed(index, content.json().unwrap_or_else(text)));
        }
        let body = match seen.get(index) {
            Some(Observation::Callback(callback)) => &callback.request.body,
            Some(Observation::Exchange(exchange)) => match exchange.response() {
                Some(response) => &response.body,
                None => return Err("there was no answer"),
            },
            _ => return Err("there was no answer"),
        };
        let json = body.json().unwrap_or_default();
        if json.pointer("/header/is_msg_encrypted") == Some(&Value::Bool(true)) {
            return Ok(Self::Unreadable(index, reason));
        }
        Ok(Self::Plain(index, body))
    }

    /// Whether the answer is encrypted as the question was.
    fn encrypted(&self, id: &str) -> Judgement {
        let expected = "a message that is encrypted for the sender, under a header that says so";
        let (index, actual) = match self {
            Self::Sealed(..) => return Judgement::held(id),
            Self::Plain(index, _) => (*index, "a message in clear"),
            Self::Unreadable(index, reason) => (*index, *reason),
        };
        Judgement::violated(id, index, Some("/message".to_owned()), expected, actual)
    }

    /// The message in clear, with the number of the observation that it came by.
    fn message(&self) -> Result<(usize, Value), String> {
        match self {
            Self::Sealed(index, message) => Ok((*index, message.clone())),
            Self::Plain(index, body) => {
                let mut body = body.json().unwrap_or_default();
                Ok((*index, body["message"].take()))
            }
            Self::Unreadable(_, reason) => Err(format!("the answer cannot be decrypted: {reason}")),
        }
    }
}

/// Whether one that was tampered with was refused: else the acceptance of an honest one proves nothing.
fn reads(cx: &Context, operation: &str, words: &[&str], seen: &[Observation]) -> Result<(), Vec<Judgement>> {
    offered(cx, operation, words, seen)?;
    match exchange(seen, TAMPERED) {
        Some((_, e)) if is_accepted(classify(e)) => Err(unread(cx, operation, words)),
        Some(_) => Ok(()),
        None => {
            let ids: Vec<String> = words.iter().map(|word| requirement(operation, word)).collect();
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            Err(all_undecided(&ids, "the case was cut short"))
        }
    }
}

/// The requests of all of these laws, in order.
fn requests(cx: &Context, operation: &str) -> Vec<Step> {
    let requests = [
        (PLAIN, Sealing::None),
        (SEALED, Sealing::Own),
        (TAMPERED, Sealing::Tag),
    ];
    let requests = requests.into_iter();
    let steps = requests.map(|(label, sealing)| Step::send(request(cx, operation, label, sealing)));
    steps.collect()
}

/// The plan: the requests, these waits, and a look into the answer of the encrypted one.
fn plan(cx: &Context, operation: &str, awaited: &[&str], seen: &[Observation]) -> Option<Step> {
    let n = done(seen);
    let opened = seen.iter().any(|o| matches!(o, Observation::Opened { .. }));
    // A request that could not be encrypted is a wait in vain.
    let refused = n >= 2 && offered(cx, operation, &[], seen).is_err();
    if opened || refused {
        return None;
    }
    let mut steps = requests(cx, operation);
    steps.extend(awaited.iter().map(|label| Step::answer(label)));
    steps.push(Step::Open {
        label: SEALED.to_owned(),
    });
    steps.into_iter().nth(n)
}

/// A search that is answered at once.
pub(in super::super) struct Answered;

impl Law for Answered {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        plan(cx, "sync-search", &[], seen)
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        judged(cx, "sync-search", seen, |message| {
            let Some((_, plain)) = exchange(seen, PLAIN) else {
                return Err("the request in clear was not sent".to_owned());
            };
            let plain = Reply::of(plain).ok_or("the request in clear was not recognisably answered")?;
            if plain.records().is_empty() {
                return Err("the search in clear returned no record".to_owned());
            }
            let body = json!({"header": {}, "message": message});
            let sealed = Reply::read(&Body::text(body.to_string()));
            let sealed = sealed.map(|reply| reply.records().into_iter().cloned().collect::<Vec<_>>());
            let same = sealed
                .as_ref()
                .is_some_and(|found| found.iter().eq(plain.records()));
            let told = match sealed {
                None => "no search response".to_owned(),
                Some(found) => format!("{} records that are not the same", found.len()),
            };
            let expected = format!("the {} records of the search in clear", plain.records().len());
            Ok((!same).then_some((expected, told)))
        })
    }
}

/// What is expected and found where two answers are not the same.
type Difference = Option<(String, String)>;

/// Judges that an answer is the same, and that it is encrypted.
fn judged(
    cx: &Context,
    operation: &str,
    seen: &[Observation],
    differs: impl FnOnce(&Value) -> Result<Difference, String>,
) -> Vec<Judgement> {
    if let Err(judgements) = reads(cx, operation, &ANSWER, seen) {
        return judgements;
    }
    let [same, reply] = ANSWER.map(|word| requirement(operation, word));
    let opened = match Opened::of(seen) {
        Ok(opened) => opened,
        Err(reason) => return all_undecided(&[&same, &reply], reason),
    };
    let encrypted = opened.encrypted(&reply);
    let compared = opened.message().and_then(|(index, message)| {
        Ok(match differs(&message)? {
            None => Judgement::held(&same),
            Some((expected, actual)) => {
                Judgement::violated(&same, index, Some("/message".to_owned()), expected, actual)
            }
        })
    });
    let compared = compared.unwrap_or_else(|reason| Judgement::undecided(&same, reason));
    vec![compared, encrypted]
}

/// A search that is answered by a callback.
pub(in super::super) struct CalledBack;

impl Law for CalledBack {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        plan(cx, "search", &[SEALED], seen)
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        if let Err(judgements) = reads(cx, "search", &["callback"], seen) {
            return judgements;
        }
        let id = requirement("search", "callback");
        if callbacks(seen, SEALED).is_empty() {
            return vec![Judgement::undecided(&id, "no callback came")];
        }
        vec![match Opened::of(seen) {
            Ok(opened) => opened.encrypted(&id),
            Err(reason) => Judgement::undecided(&id, reason),
        }]
    }
}

/// An exchange that is answered by a reply.
pub(in super::super) struct Replied;

impl Law for Replied {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        plan(cx, "exchange", &[PLAIN, SEALED], seen)
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        if reads(cx, "exchange", &ANSWER, seen).is_ok() && callbacks(seen, SEALED).is_empty() {
            let ids = ANSWER.map(|word| requirement("exchange", word));
            return all_undecided(&[&ids[0], &ids[1]], "no reply came for the encrypted message");
        }
        judged(cx, "exchange", seen, |message| {
            let replies = callbacks(seen, PLAIN);
            let (_, plain) = replies.first().ok_or("no reply came for the message in clear")?;
            let plain = plain.request.body.json().unwrap_or_default();
            let [plain, sealed] = [payload(&plain["message"]), payload(message)];
            let plain = plain.ok_or("the reply to the message in clear is no JSON object")?;
            let told = sealed.map_or_else(
                || "a message that is no JSON object".to_owned(),
                |told| told.to_string(),
            );
            let plain = plain.to_string();
            Ok((told != plain).then_some((plain, told)))
        })
    }
}

/// What two replies to the same message have in common, whenever they were made: the names of their members,
/// and how the subject stands.
fn payload(message: &Value) -> Option<Value> {
    let payload = match message {
        Value::String(text) => serde_json::from_str(text).ok()?,
        other => other.clone(),
    };
    let mut names: Vec<&String> = payload.as_object()?.keys().collect();
    names.sort();
    let code = payload.pointer("/status/status_code");
    Some(json!({"members": names, "status_code": code}))
}
