//! Operations that are answered at once.

use super::envelope::{refusal, sent};
use super::kind::Kind;
use super::request::Read;
use super::{refused, request, signature};
use crate::Defect;
use crate::answer::{Answer, JSON, Note, TEXT};
use crate::ids::RequestIds;
use crate::incoming::Incoming;
use crate::operation::Operation;
use crate::refusal::Refusal;
use crate::service::Service;
use http::StatusCode;
use serde_json::Value;
use specs::wire::jwe::Form;

/// A reply.
pub(super) enum Reply {
    Value(Value),
    /// One of which no value was ever made.
    Text {
        text: Vec<u8>,
        /// What the log says of it.
        outcome: String,
        /// Whether no part of the request is rejected.
        accepts_all: bool,
    },
}

impl From<Value> for Reply {
    fn from(value: Value) -> Self {
        Self::Value(value)
    }
}

/// Reads a request and answers it; `reply` makes the reply from the request and its correlation_id.
pub(super) fn answer<R: Into<Reply>>(
    cx: &Service,
    incoming: &Incoming,
    operation: Operation,
    kind: Kind,
    reply: impl FnOnce(&Value, &str) -> R,
) -> Answer {
    let Read { request, form } = match request::read(cx, incoming, operation) {
        Ok(read) => read,
        Err(fault) => {
            let ids = RequestIds::of(&fault.request);
            let note = Note {
                refusal: Some(Refusal::of(&fault)),
                ..note(ids, None, format!("refused, {}", fault.message))
            };
            let refusal = || {
                let ids = RequestIds::of(&fault.request);
                let sent = sent(cx, kind, &ids, None, refusal(cx, kind, &fault));
                signature::answer(cx, kind, refused::status(cx, &fault), &sent)
            };
            return Answer {
                note,
                ..refused::at_once(cx, &fault, refusal)
            };
        }
    };
    let correlation_id = request::correlation_id(cx, incoming, operation, &request);
    let ids = RequestIds::of(&request);
    let (mut answer, mut outcome, accepts_all) = match reply(&request, &correlation_id).into() {
        Reply::Value(reply) => {
            let outcome = outcome(&reply);
            let sent = sent(cx, kind, &ids, form, reply);
            let answer = signature::answer(cx, kind, StatusCode::OK, &sent);
            (answer, outcome, false)
        }
        Reply::Text {
            text,
            outcome,
            accepts_all,
        } => (in_text(cx, kind, &ids, form, text), outcome, accepts_all),
    };
    if form.is_some() {
        outcome.push_str("; the message was encrypted");
    }
    if kind == Kind::SyncSearch && cx.commits(Defect::ReplyMediaTypeText) {
        answer.content_type = TEXT;
    }
    answer.note = note(ids, Some(correlation_id), outcome);
    answer.note.accepts_all = accepts_all;
    answer
}

/// A reply that leaves as it is written, unless it has to be encrypted.
fn in_text(cx: &Service, kind: Kind, ids: &RequestIds, form: Option<Form>, text: Vec<u8>) -> Answer {
    if form.is_none() {
        let text = signature::signed_text(cx, kind, text);
        return signature::beside_answer(cx, kind, Answer::bytes(StatusCode::OK, JSON, text));
    }
    let reply = serde_json::from_slice(&text).expect("what was written as JSON is JSON");
    signature::answer(cx, kind, StatusCode::OK, &sent(cx, kind, ids, form, reply))
}

/// What the log says of a request.
pub(super) fn note(ids: RequestIds, correlation_id: Option<String>, verdict: String) -> Note {
    Note {
        message_id: ids.message,
        transaction_id: ids.transaction,
        correlation_id,
        verdict,
        ..Note::default()
    }
}

/// What each item of a reply says, or what its header does.
fn outcome(reply: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let items = ["search_response", "disabled_response", "enrolled_response"];
    let items = items
        .into_iter()
        .find_map(|name| reply["message"][name].as_array());
    let Some(items) = items else {
        let reason = &reply["header"]["status_reason_message"];
        return text(if reason.is_null() {
            &reply["header"]["status"]
        } else {
            reason
        });
    };
    let outcomes = items.iter().map(|item| {
        let told = ["status_reason_code", "disabled_status", "enrolled_status"];
        let told = told.into_iter().find_map(|name| item.get(name));
        match (told, item.pointer("/pagination/total_count")) {
            (Some(told), _) => text(told),
            (None, Some(total)) => format!("{total} found"),
            (None, None) => text(&item["status"]),
        }
    });
    outcomes.collect::<Vec<_>>().join(", ")
}
