//! `POST /registry/unsubscribe`: subscriptions end, all that are named or none.

use super::envelope::{Head, content, finished, timestamp};
use super::kind::Kind;
use super::later::{self, Accepted};
use super::{request, subscribe};
use crate::Defect;
use crate::answer::Answer;
use crate::incoming::Incoming;
use crate::operation::Operation;
use crate::service::Service;
use crate::state::{Answered, Ended, Subject, Transaction};
use serde_json::{Map, Value, json};

/// Answers a request to end subscriptions by a callback.
pub(super) async fn unsubscribe(cx: &Service, incoming: &Incoming) -> Answer {
    later::answer(
        cx,
        incoming,
        Operation::Unsubscribe,
        Kind::OnUnsubscribe,
        |accepted| on_unsubscribe(cx, accepted).into(),
    )
    .await
}

/// Ends the subscriptions, and tells how that went.
fn on_unsubscribe(cx: &Service, accepted: &Accepted<'_>) -> Value {
    let codes = request::list(accepted.request, "/message/subscription_codes");
    let codes: Vec<&str> = codes.iter().filter_map(Value::as_str).collect();
    let sender = accepted.ids.sender.as_deref().unwrap_or_default();
    let ended = cx.subscriptions.end(sender, &codes);
    if ended == Ended::Now && cx.commits(Defect::UnsubscribeEndsAll) {
        cx.subscriptions.end_all(sender);
    }
    if ended == Ended::Now {
        for subscription in cx.subscriptions.named(sender, &codes) {
            subscribe::keep(cx, &subscription, false);
        }
    }
    let ended = match ended {
        Ended::Unknown if cx.commits(Defect::UnsubscribeUnknownAccepted) => Ended::Now,
        Ended::Before if cx.commits(Defect::UnsubscribeTwiceAccepted) => Ended::Now,
        ended => ended,
    };
    let rejection = match ended {
        Ended::Now => None,
        Ended::Unknown => Some((
            "rjct.subscription_code.invalid",
            "a code names no subscription of this sender",
        )),
        Ended::Before => Some((
            "rjct.event.already_unsubscribed",
            "a subscription that is named has ended before",
        )),
    };
    let answer = answer(cx, &codes, rejection);
    remember(cx, accepted, &codes, &answer);
    let head = match rejection {
        None => Head::of_one(),
        Some((_, message)) => Head::rejecting(None, message.to_owned()),
    };
    let mut told = content(&accepted.correlation_id, "timestamp", answer["timestamp"].clone());
    told.extend(answer);
    if cx.commits(Defect::UnsubscribeStatusStale)
        && let Some(states) = told.get_mut("subscription_status").and_then(Value::as_array_mut)
    {
        for state in states {
            state["status"] = "subscribe".into();
        }
    }
    finished(cx, Kind::OnUnsubscribe, &accepted.ids, &head, Some(told))
}

/// What the message says beside its ids.
fn answer(cx: &Service, codes: &[&str], rejection: Option<(&str, &str)>) -> Map<String, Value> {
    let mut answer = Map::new();
    answer.insert("timestamp".to_owned(), timestamp(cx, Kind::OnUnsubscribe).into());
    match rejection {
        None => {
            let ended = codes
                .iter()
                .map(|code| json!({"code": code, "status": "unsubscribe"}));
            answer.insert("status".to_owned(), "succ".into());
            answer.insert("subscription_status".to_owned(), ended.collect());
        }
        Some((code, message)) => {
            answer.insert("status".to_owned(), "rjct".into());
            answer.insert("status_reason_code".to_owned(), code.into());
            answer.insert("status_reason_message".to_owned(), message.into());
        }
    }
    answer
}

fn remember(cx: &Service, accepted: &Accepted<'_>, codes: &[&str], answer: &Map<String, Value>) {
    if !cx.tells_of_transactions() {
        return;
    }
    let mut message = content(accepted.acknowledged, "timestamp", answer["timestamp"].clone());
    message.insert(
        "transaction_id".to_owned(),
        accepted.ids.transaction.clone().into(),
    );
    message.extend(answer.clone());
    let message = Value::Object(message);
    cx.remember(Transaction {
        subject: Subject::Unsubscribe,
        sender: accepted.ids.sender.clone().unwrap_or_default(),
        transaction_id: accepted.ids.transaction.clone().unwrap_or_default(),
        correlation_id: accepted.acknowledged.to_owned(),
        references: Vec::new(),
        codes: codes.iter().map(|&code| code.to_owned()).collect(),
        weight: message.to_string().len(),
        answered: Answered::Message(message),
    });
}
