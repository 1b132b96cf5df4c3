//! Header and message, the same for every reply and callback.

use super::kind::Kind;
use super::signature::signed;
use crate::ids::RequestIds;
use crate::service::Service;
use crate::validate::Fault;
use crate::{Defect, clock, sealed};
use serde_json::{Map, Value, json};
use specs::wire::jwe::Form;
use specs::wire::time::format_date_time;

/// What the header says of the outcome.
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    /// `None` where all went well.
    pub(super) rejected: Option<Rejected>,
    /// How many requests the message answers, and how many of them with success.
    pub(super) counts: Option<(usize, usize)>,
    /// What tells this message from others to the same request.
    pub(super) nth: Option<usize>,
}

/// Why the header says `rjct`.
#[derive(Debug, Clone)]
pub(super) struct Rejected {
    pub(super) code: Option<&'static str>,
    pub(super) message: String,
}

impl Head {
    /// The header over a batch of which so many were rejected; one that was rejected as a whole says so.
    pub(super) fn of_batch(total: usize, answered: usize, rejected: usize, each: &str) -> Self {
        let all = rejected > 0 && rejected == answered;
        Self {
            rejected: all.then(|| Rejected {
                code: Some("rjct.errors.too_many"),
                message: format!("every {each} of the batch was rejected"),
            }),
            counts: Some((total, answered - rejected)),
            nth: None,
        }
    }

    /// The header over one answer.
    pub(super) fn of_one() -> Self {
        Self::of_batch(1, 1, 0, "")
    }

    /// The header over an answer that cannot be given.
    pub(super) fn rejecting(code: Option<&'static str>, message: String) -> Self {
        Self {
            rejected: Some(Rejected { code, message }),
            counts: Some((1, 0)),
            nth: None,
        }
    }
}

/// A reply or a callback as it is before it is [`sent`]. Every one of them is finished here; `content` is what the
/// message holds beside its transaction_id, `None` where there is no message.
pub(super) fn finished(
    cx: &Service,
    kind: Kind,
    ids: &RequestIds,
    head: &Head,
    content: Option<Map<String, Value>>,
) -> Value {
    let header = header(cx, kind, ids, head);
    let Some(content) = content else {
        return cx.sent(kind.message(), json!({"header": header}));
    };
    let mut message = Map::new();
    message.insert("transaction_id".to_owned(), transaction_id(cx, kind, ids).into());
    message.extend(content);
    // Not by `json!`, which would copy every record of the message.
    let mut body = Map::new();
    body.insert("header".to_owned(), header);
    body.insert("message".to_owned(), message.into());
    cx.sent(kind.message(), body.into())
}

/// A finished reply or callback as it is sent: encrypted where the request was, then signed where the
/// profile wants that.
pub(super) fn sent(cx: &Service, kind: Kind, ids: &RequestIds, form: Option<Form>, body: Value) -> Value {
    let body = signed(cx, kind, sealed(cx, kind, ids, form, body));
    if cx.commits_any(kind.slips().in_list) && body.get("message").is_some() {
        return json!([body]);
    }
    body
}

/// A message that only the sender of the request can read, where the request was such a one.
fn sealed(cx: &Service, kind: Kind, ids: &RequestIds, form: Option<Form>, mut body: Value) -> Value {
    let plain = if kind.is_callback() {
        Defect::EncryptedCallbackPlain
    } else {
        Defect::EncryptedReplyPlain
    };
    let (Some(form), Some(message)) = (form.filter(|_| !cx.commits(plain)), body.get("message")) else {
        return body;
    };
    let id = cx.id(&format!("encrypted {}", kind.action()), ids);
    let own_key = !kind.is_callback() && cx.commits(Defect::EncryptedReplyOwnKey);
    body["message"] = sealed::close(cx, &message.to_string(), form, &id, own_key);
    body["header"]["is_msg_encrypted"] = true.into();
    body
}

/// What a message holds beside its transaction_id.
pub(super) fn content(correlation_id: &str, name: &str, answer: impl Into<Value>) -> Map<String, Value> {
    let mut content = Map::new();
    content.insert("correlation_id".to_owned(), correlation_id.into());
    content.insert(name.to_owned(), answer.into());
    content
}

/// The reply to a request that is refused as a whole.
pub(super) fn refusal(cx: &Service, kind: Kind, fault: &Fault) -> Value {
    let head = Head {
        counts: None,
        ..Head::rejecting(fault.reason, fault.message.clone())
    };
    finished(cx, kind, &RequestIds::of(&fault.request), &head, None)
}

/// Sender and receiver have changed places.
fn header(cx: &Service, kind: Kind, ids: &RequestIds, head: &Head) -> Value {
    let mut header = json!({
        "version": "1.0.0",
        "message_id": message_id(cx, kind, ids, head.nth),
        "message_ts": timestamp(cx, kind),
        "action": action(cx, kind),
        "status": if head.rejected.is_some() { "rjct" } else { "succ" },
        "sender_id": cx.profile.partner.receiver_id,
    });
    if let Some(sender_id) = &ids.sender {
        header["receiver_id"] = sender_id.as_str().into();
    }
    if let Some(Rejected { code, message }) = &head.rejected {
        if let Some(code) = code {
            header["status_reason_code"] = (*code).into();
        }
        header["status_reason_message"] = message.as_str().into();
    }
    if let Some((total, completed)) = head.counts {
        header["total_count"] = total.into();
        header["completed_count"] = completed.into();
    }
    header
}

fn message_id(cx: &Service, kind: Kind, ids: &RequestIds, nth: Option<usize>) -> String {
    let purpose = if kind.is_callback() { "callback" } else { "reply" };
    match nth {
        None => cx.id(purpose, ids),
        Some(nth) => cx.id(&format!("{purpose} {nth}"), ids),
    }
}

fn action(cx: &Service, kind: Kind) -> &'static str {
    match kind.slips().action {
        Some((defect, wrong)) if cx.commits(defect) => wrong,
        _ => kind.action(),
    }
}

/// Now, as messages of this kind write it.
pub(super) fn timestamp(cx: &Service, kind: Kind) -> String {
    let now = format_date_time(clock::now());
    if kind == Kind::SyncSearch && cx.commits(Defect::ReplyTimestampZoneless) {
        return now.trim_end_matches('Z').to_owned();
    }
    now
}

/// The transaction_id of the request. One that was missing and was let through gets one of ours, so that
/// at least the reply has its form.
fn transaction_id(cx: &Service, kind: Kind, ids: &RequestIds) -> String {
    match &ids.transaction {
        Some(echoed) if !echoed.is_empty() && !cx.commits_any(kind.slips().transaction_fresh) => {
            echoed.clone()
        }
        _ => cx.id("transaction", ids),
    }
}
