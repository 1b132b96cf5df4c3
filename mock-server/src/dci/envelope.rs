//! Header and message, the same for every reply and callback.

use super::kind::Kind;
use super::signature::signed;
use super::written::written;
use crate::ids::RequestIds;
use crate::service::Service;
use crate::validate::Fault;
use crate::{Defect, clock, sealed};
use serde::Serialize;
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
    let mut body = Map::new();
    body.insert(
        "header".to_owned(),
        value_of(&Header::of(cx, kind, ids, head.clone())),
    );
    // Not by way of an envelope, which would copy every record of the message.
    if let Some(content) = content {
        let mut message = Map::new();
        message.insert("transaction_id".to_owned(), transaction_id(cx, kind, ids).into());
        message.extend(content);
        body.insert("message".to_owned(), message.into());
    }
    cx.sent(kind.message(), written(cx, kind, body.into()))
}

/// Header and message as they are written, before anything is done to them.
#[derive(Serialize)]
pub(super) struct Envelope<'a, M> {
    header: Header<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<M>,
}

impl<'a, M: Serialize> Envelope<'a, M> {
    /// The envelope of this message.
    pub(super) fn of(
        cx: &'a Service,
        kind: Kind,
        ids: &'a RequestIds,
        head: Head,
        message: Option<M>,
    ) -> Self {
        let header = Header::of(cx, kind, ids, head);
        Self { header, message }
    }

    /// The reply or the callback as it is before it is [`sent`].
    pub(super) fn finished(&self, cx: &Service, kind: Kind) -> Value {
        cx.sent(kind.message(), written(cx, kind, value_of(self)))
    }
}

/// Whether a message leaves as it is written, but for a signature, if it is not encrypted: nobody spoils it, and no
/// other reading has it written otherwise.
pub(super) fn is_sent_as_it_is(cx: &Service, kind: Kind) -> bool {
    !(cx.spoils() || cx.ways.exist() || cx.commits_any(kind.slips().in_list))
}

/// A finished reply or callback as it is sent: encrypted where the request was, then signed where the
/// profile wants that.
pub(super) fn sent(cx: &Service, kind: Kind, ids: &RequestIds, form: Option<Form>, body: Value) -> Value {
    let lists = body.get("message").is_some() && cx.commits_any(kind.slips().in_list);
    let body = signed(cx, kind, sealed(cx, kind, ids, form, body));
    if lists { json!([body]) } else { body }
}

/// The value of something that is written as JSON.
pub(super) fn value_of(written: &impl Serialize) -> Value {
    serde_json::to_value(written).expect("every map has texts for names, and every number is one")
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

/// A header as it is written. Sender and receiver have changed places.
#[derive(Serialize)]
struct Header<'a> {
    version: &'static str,
    message_id: String,
    message_ts: String,
    action: &'static str,
    status: &'static str,
    sender_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    receiver_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_reason_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_reason_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_count: Option<usize>,
}

impl<'a> Header<'a> {
    fn of(cx: &'a Service, kind: Kind, ids: &'a RequestIds, head: Head) -> Self {
        let Head {
            rejected,
            counts,
            nth,
        } = head;
        let (code, message) = match rejected {
            Some(Rejected { code, message }) => (code, Some(message)),
            None => (None, None),
        };
        Self {
            version: "1.0.0",
            message_id: message_id(cx, kind, ids, nth),
            message_ts: timestamp(cx, kind),
            action: action(cx, kind),
            status: if message.is_some() { "rjct" } else { "succ" },
            sender_id: &cx.profile.partner.receiver_id,
            receiver_id: ids.sender.as_deref(),
            status_reason_code: code,
            status_reason_message: message,
            total_count: counts.map(|(total, _)| total),
            completed_count: counts.map(|(_, completed)| completed),
        }
    }
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
pub(super) fn transaction_id(cx: &Service, kind: Kind, ids: &RequestIds) -> String {
    match &ids.transaction {
        Some(echoed) if !echoed.is_empty() && !cx.commits_any(kind.slips().transaction_fresh) => {
            echoed.clone()
        }
        _ => cx.id("transaction", ids),
    }
}
