//! `POST /registry/search`: acknowledged at once, answered by a callback to `sender_uri`.

use super::reply::{Via, reply};
use super::sync_search::note;
use super::{refusal, request, turn_away};
use crate::answer::Answer;
use crate::callback::{Delivery, Manner, Target};
use crate::ids::RequestIds;
use crate::incoming::Incoming;
use crate::service::{Operation, Service};
use crate::validate::Fault;
use crate::{Defect, clock};
use http::StatusCode;
use serde_json::{Value, json};
use specs::wire::time::format_date_time;

/// Answers an asynchronous search.
pub(crate) async fn search(cx: &Service, incoming: &Incoming) -> Answer {
    if let Some(answer) = turn_away(cx, incoming) {
        return answer;
    }
    match accept(cx, incoming) {
        Ok((request, target)) => {
            let correlation_id = request::correlation_id(cx, incoming, &request);
            if !cx.commits(Defect::CallbackNever) {
                call_back(cx, &request, target, &correlation_id).await;
            }
            let answer = acknowledgement(cx, &correlation_id);
            Answer {
                note: note(RequestIds::of(&request), Some(correlation_id), "ACK".to_owned()),
                ..answer
            }
        }
        Err(fault) => {
            let correlation_id = request::correlation_id(cx, incoming, &fault.request);
            if cx.commits(Defect::CallbackAfterErr)
                && let Ok(target) = target(cx, &fault.request)
            {
                call_back(cx, &fault.request, target, &correlation_id).await;
            }
            let verdict = format!("refused, {}: {}", fault.code, fault.message);
            let answer = refusal::of_async(cx, &fault, &correlation_id);
            Answer {
                note: note(RequestIds::of(&fault.request), Some(correlation_id), verdict),
                ..answer
            }
        }
    }
}

fn accept(cx: &Service, incoming: &Incoming) -> Result<(Value, Target), Fault> {
    let request = request::read(cx, incoming, Operation::Search)?;
    let target = target(cx, &request)?;
    Ok((request, target))
}

fn sender_uri(request: &Value) -> Option<&str> {
    request.pointer("/header/sender_uri").and_then(Value::as_str)
}

fn target(cx: &Service, request: &Value) -> Result<Target, Fault> {
    let target = cx.courier.policy.target(sender_uri(request));
    target.map_err(|why| Fault::coded("err.sender_uri.invalid", why).in_request(request))
}

fn acknowledgement(cx: &Service, correlation_id: &str) -> Answer {
    let mut message = json!({
        "ack_status": if cx.commits(Defect::AckNack) { "NACK" } else { "ACK" },
        "timestamp": format_date_time(clock::now()),
    });
    if !cx.commits(Defect::AckCorrelationMissing) {
        message["correlation_id"] = correlation_id.into();
    }
    Answer::json(StatusCode::OK, &json!({"message": message}))
}

async fn call_back(cx: &Service, request: &Value, target: Target, correlation_id: &str) {
    let correlation_id = if cx.commits(Defect::CallbackCorrelationFresh) {
        cx.id("another correlation", &RequestIds::of(request))
    } else {
        correlation_id.to_owned()
    };
    let delivery = Delivery {
        operation: "on-search",
        target,
        sender_uri: sender_uri(request).map(ToOwned::to_owned),
        body: reply(cx, request, &correlation_id, Via::Callback),
        correlation_id,
    };
    let manner = Manner {
        before_ack: cx.commits(Defect::CallbackBeforeAck),
        twice: cx.commits(Defect::CallbackTwice),
    };
    cx.courier.dispatch(delivery, manner).await;
}
