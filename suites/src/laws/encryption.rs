//! Encrypted messages, in both specifications: no document demands that they are read, so that a target
//! which refuses them is not judged. Where they are read, they are answered as those in clear, and what was
//! tampered with is refused.

mod answered;
mod refused;

pub(super) use answered::{Answered, CalledBack, Replied};
pub(super) use refused::{CHECKED, CODE, EXCHANGE};

use super::support::exchange;
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Answer, classify, describe};
use crate::plan::{Sealing, Send};
use crate::request::{self, everybody, page};
use serde_json::json;
use specs::evidence::{Intent, Observation};

/// Label of the request in clear.
const PLAIN: &str = "in clear";
/// Label of its encrypted twin.
const SEALED: &str = "encrypted";
/// Label of a twin that was changed after it was encrypted.
const TAMPERED: &str = "tampered with";

/// A request for an operation, encrypted as named. It asks the same whatever its label.
fn request(cx: &Context, operation: &str, label: &str, sealing: Sealing) -> Send {
    let mut body = if operation == "exchange" {
        let message = request::exchange_message(cx, "encryption", "program");
        request::exchange_envelope(cx, label, &message, "create")
    } else {
        request::search_envelope(cx, label, &[everybody(cx, &[page(2, 1)])])
    };
    if operation == "search" {
        body["header"]["sender_uri"] = json!("${callback}");
    }
    let mut send = request::send(label, operation, body);
    send.sealing = sealing;
    if !matches!(sealing, Sealing::None | Sealing::Own) {
        send.intent = Intent::Faulty {
            operator: label.to_owned(),
            pointer: Some("/message".to_owned()),
            honest: None,
            sent: None,
            rule: "encryption".to_owned(),
        };
    }
    send
}

/// The id of a requirement about an operation.
fn requirement(operation: &str, word: &str) -> String {
    let family = if operation == "exchange" { "digit" } else { "dci" };
    format!("{family}.encryption.{word}")
}

/// Whether the encrypted request was accepted, beside one in clear. Otherwise what follows for these requirements.
fn offered(
    cx: &Context,
    operation: &str,
    words: &[&str],
    seen: &[Observation],
) -> Result<(), Vec<Judgement>> {
    let each = |judge: &dyn Fn(&str) -> Judgement| {
        let ids = words.iter().map(|word| requirement(operation, word));
        Err(ids.map(|id| judge(&id)).collect())
    };
    let undecided = |reason: &str| each(&|id| Judgement::undecided(id, reason));
    match exchange(seen, PLAIN) {
        None => return undecided("the case was cut short before the request in clear was sent"),
        Some((_, plain)) if !is_accepted(classify(plain)) => {
            return undecided(&format!(
                "the request in clear was not accepted ({}), so nothing follows for an encrypted one",
                describe(plain)
            ));
        }
        Some(_) => {}
    }
    let Some((index, sealed)) = exchange(seen, SEALED) else {
        return match hindrance(seen) {
            Some(reason) => each(&|id| Judgement::not_applicable(id, reason)),
            None => undecided("the case was cut short before the encrypted request was sent"),
        };
    };
    match classify(sealed) {
        Answer::Accepted | Answer::AcceptedSilently => Ok(()),
        Answer::NoAnswer => undecided(&describe(sealed)),
        _ if cx.profile.wants_encryption() => each(&|id| {
            let expected = "an encrypted message is accepted as the same message in clear is";
            Judgement::violated(id, index, Some("/message".to_owned()), expected, describe(sealed))
        }),
        _ => each(&|id| {
            let reason = format!(
                "the target does not offer encryption, or not with the key that we have for it: {}",
                describe(sealed)
            );
            Judgement::not_applicable(id, reason)
        }),
    }
}

fn is_accepted(answer: Answer) -> bool {
    matches!(answer, Answer::Accepted | Answer::AcceptedSilently)
}

/// Why the encrypted request was not sent.
fn hindrance(seen: &[Observation]) -> Option<&str> {
    seen.iter().find_map(|observation| match observation {
        Observation::Wait {
            satisfied: false,
            reason: Some(reason),
            ..
        } => Some(reason.as_str()),
        _ => None,
    })
}

/// What follows where a target takes whatever is called encrypted.
fn unread(cx: &Context, operation: &str, words: &[&str]) -> Vec<Judgement> {
    let ids = words.iter().map(|word| requirement(operation, word));
    let reason = "the target takes whatever is called encrypted, so it does not read encrypted messages";
    let judged = ids.map(|id| {
        if cx.profile.wants_encryption() {
            Judgement::undecided(&id, reason)
        } else {
            Judgement::not_applicable(&id, reason)
        }
    });
    judged.collect()
}
