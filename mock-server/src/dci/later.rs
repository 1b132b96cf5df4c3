//! Operations that are acknowledged at once and answered by a callback to `sender_uri`.

use super::at_once::note;
use super::envelope::sent;
use super::kind::Kind;
use super::request::Read;
use super::{acknowledgement, refused, request, signature};
use crate::answer::{Answer, Note};
use crate::callback::{Delivery, Manner, Target};
use crate::defect::death;
use crate::ids::RequestIds;
use crate::incoming::Incoming;
use crate::operation::Operation;
use crate::readings::Way;
use crate::refusal::Refusal;
use crate::service::Service;
use crate::validate::Fault;
use http::StatusCode;
use serde_json::Value;
use std::time::Duration;
use tokio::sync::watch;

/// How long callbacks wait in a queue that is seldom emptied.
const QUEUED: Duration = Duration::from_secs(9);

/// A request that is to be answered by a callback.
pub(super) struct Accepted<'a> {
    pub(super) request: &'a Value,
    pub(super) ids: RequestIds,
    /// The correlation_id of the acknowledgement.
    pub(super) acknowledged: &'a str,
    /// The correlation_id of the callback.
    pub(super) correlation_id: String,
    pub(super) target: Target,
}

impl Accepted<'_> {
    /// The address as the request wrote it.
    pub(super) fn sender_uri(&self) -> Option<String> {
        sender_uri(self.request).map(ToOwned::to_owned)
    }
}

/// A callback, and whoever waits for it to be delivered.
pub(super) struct Prepared {
    pub(super) body: Value,
    pub(super) delivered: Option<watch::Sender<()>>,
}

impl From<Value> for Prepared {
    fn from(body: Value) -> Self {
        Self {
            body,
            delivered: None,
        }
    }
}

/// Reads a request and acknowledges it; `prepare` does what is asked and makes the callback.
pub(super) async fn answer(
    cx: &Service,
    incoming: &Incoming,
    operation: Operation,
    kind: Kind,
    prepare: impl FnOnce(&Accepted<'_>) -> Prepared,
) -> Answer {
    match accept(cx, incoming, operation) {
        Ok((read, _)) if is_anonymous(&read.request) && cx.ways.take(Way::SenderUriNotAcknowledged) => {
            let correlation_id = request::correlation_id(cx, incoming, operation, &read.request);
            let acknowledgement = acknowledgement::of_silence(cx, &correlation_id);
            let ids = RequestIds::of(&read.request);
            Answer {
                note: note(ids, Some(correlation_id), "NACK".to_owned()),
                ..Answer::json(acknowledged_with(cx), &acknowledgement)
            }
        }
        Ok((read, target)) => {
            let acknowledged = request::correlation_id(cx, incoming, operation, &read.request);
            call_back(cx, incoming, kind, &read, target, &acknowledged, prepare).await;
            let acknowledgement = acknowledgement::of_request(cx, kind, &acknowledged);
            let verdict = match read.form {
                Some(_) => "ACK, the message was encrypted",
                None => "ACK",
            };
            let ids = RequestIds::of(&read.request);
            Answer {
                note: note(ids, Some(acknowledged), verdict.to_owned()),
                ..Answer::json(acknowledged_with(cx), &acknowledgement)
            }
        }
        Err(fault) => {
            let correlation_id = request::correlation_id(cx, incoming, operation, &fault.request);
            if cx.commits_any(kind.slips().after_err)
                && let Ok(target) = target(cx, &fault.request)
            {
                let read = Read {
                    request: Value::clone(&fault.request),
                    form: None,
                };
                call_back(cx, incoming, kind, &read, target, &correlation_id, prepare).await;
            }
            let verdict = format!("refused, {}: {}", fault.code, fault.message);
            let answer = refused::later(cx, &fault, &correlation_id);
            let note = Note {
                refusal: Some(Refusal::of(&fault)),
                ..note(RequestIds::of(&fault.request), Some(correlation_id), verdict)
            };
            Answer { note, ..answer }
        }
    }
}

/// The status of an acknowledgement.
fn acknowledged_with(cx: &Service) -> StatusCode {
    if cx.ways.take(Way::AckStatusAccepted) {
        StatusCode::ACCEPTED
    } else {
        StatusCode::OK
    }
}

/// Whether a request says nowhere where to answer it.
fn is_anonymous(request: &Value) -> bool {
    sender_uri(request).is_none()
}

fn accept(cx: &Service, incoming: &Incoming, operation: Operation) -> Result<(Read, Target), Fault> {
    let read = request::read(cx, incoming, operation)?;
    let target = target(cx, &read.request)?;
    Ok((read, target))
}

fn sender_uri(request: &Value) -> Option<&str> {
    request.pointer("/header/sender_uri").and_then(Value::as_str)
}

fn target(cx: &Service, request: &Value) -> Result<Target, Fault> {
    if is_anonymous(request) && cx.ways.take(Way::SenderUriRefused) {
        let why = "the request has no sender_uri to call back".to_owned();
        return Err(Fault::coded("err.sender_uri.invalid", why).in_request(request));
    }
    let target = cx.courier.policy.target(sender_uri(request));
    target.map_err(|why| Fault::coded("err.sender_uri.invalid", why).in_request(request))
}

/// Where a callback of this kind goes.
pub(super) fn address(cx: &Service, kind: Kind, target: Target) -> Target {
    match target {
        Target::Post(mut url) if cx.ways.take(Way::CallbackWithOperation) => {
            let path = format!("{}/{}", url.path().trim_end_matches('/'), kind.action());
            url.set_path(&path);
            Target::Post(url)
        }
        target => target,
    }
}

async fn call_back(
    cx: &Service,
    incoming: &Incoming,
    kind: Kind,
    Read { request, form }: &Read,
    target: Target,
    acknowledged: &str,
    prepare: impl FnOnce(&Accepted<'_>) -> Prepared,
) {
    let slips = kind.slips();
    let ids = RequestIds::of(request);
    let correlation_id = if cx.commits_any(slips.correlation_fresh) || incoming.manner.uncorrelated {
        cx.id("another correlation", &ids)
    } else {
        acknowledged.to_owned()
    };
    let accepted = Accepted {
        request,
        ids,
        acknowledged,
        correlation_id,
        target,
    };
    let Prepared { body, delivered } = prepare(&accepted);
    if cx.commits_any(slips.never) {
        return;
    }
    let sender_uri = accepted.sender_uri();
    let body = sent(cx, kind, &accepted.ids, *form, body);
    let delivery = Delivery {
        operation: kind.action().into(),
        target: address(cx, kind, accepted.target),
        sender_uri,
        signature: signature::beside(cx, kind, &body.to_string()),
        body,
        correlation_id: accepted.correlation_id,
        attempts: 0,
        after: None,
        delivered,
        dying: death::of_consumer(cx),
    };
    let wished = incoming.manner;
    let manner = Manner {
        before_ack: wished.before_ack || cx.commits_any(slips.before_ack),
        twice: wished.twice || cx.commits_any(slips.twice),
        late: if cx.commits_any(slips.late) {
            QUEUED
        } else {
            wished.late
        },
        ..wished
    };
    cx.courier.dispatch(delivery, manner).await;
}
