//! `POST /registry/txn/status` and `POST /registry/sync/txn/status`: what became of a transaction, told
//! later or at once.

use super::envelope::{Head, content, finished, timestamp, value_of};
use super::kind::Kind;
use super::{at_once, later, reply, subscribe};
use crate::Defect;
use crate::answer::Answer;
use crate::ids::RequestIds;
use crate::incoming::Incoming;
use crate::operation::Operation;
use crate::readings::Way;
use crate::service::Service;
use crate::state::{Answered, Subject, Transaction, read_searches};
use crate::validate::Fault;
use http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;

/// Tells by a callback what became of a transaction.
pub(super) async fn txn_status(cx: &Service, incoming: &Incoming) -> Answer {
    let (operation, kind) = (Operation::TxnStatus, Kind::TxnOnStatus);
    later::answer(cx, incoming, operation, kind, |accepted| {
        status(cx, accepted.request, &accepted.correlation_id, kind).into()
    })
    .await
}

/// Tells at once what became of a transaction.
pub(super) fn sync_txn_status(cx: &Service, incoming: &Incoming) -> Answer {
    let (operation, kind) = (Operation::SyncTxnStatus, Kind::SyncTxnStatus);
    at_once::answer(cx, incoming, operation, kind, |request, correlation_id| {
        status(cx, request, correlation_id, kind)
    })
}

/// Whether a request asks about a transaction that is known, where another is refused with a status.
pub(super) fn known(cx: &Service, operation: Operation, request: &Value) -> Result<(), Fault> {
    let asks = matches!(operation, Operation::TxnStatus | Operation::SyncTxnStatus);
    if asks && cx.ways.take(Way::TxnUnknownRefused) && answer_to(cx, request).is_none() {
        let message = "there is no such transaction of this sender".to_owned();
        return Err(Fault {
            status: StatusCode::NOT_FOUND,
            ..Fault::coded("err.request.not_found", message)
        });
    }
    Ok(())
}

/// A text of what is asked.
fn asked<'r>(request: &'r Value, name: &str) -> &'r str {
    let asked = request.pointer("/message/txnstatus_request");
    asked
        .and_then(|asked| asked.get(name)?.as_str())
        .unwrap_or_default()
}

/// The message of the transaction that a request asks about, if it is known.
fn answer_to(cx: &Service, request: &Value) -> Option<Value> {
    let value = request.pointer("/message/txnstatus_request/attribute_value");
    let question = Question {
        subject: Subject::of(asked(request, "txn_type"))?,
        attribute: asked(request, "attribute_type"),
        value: value.unwrap_or(&Value::Null),
    };
    let ids = RequestIds::of(request);
    question.answer(cx, ids.sender.as_deref().unwrap_or_default())
}

/// What became of the transaction that a request asks about.
fn status(cx: &Service, request: &Value, correlation_id: &str, kind: Kind) -> Value {
    let mut ids = RequestIds::of(request);
    let (txn_type, attribute) = (asked(request, "txn_type"), asked(request, "attribute_type"));
    let told = answer_to(cx, request);
    let Some(mut told) = told.or_else(|| unknown(cx, txn_type)) else {
        let head = Head::rejecting(
            None,
            format!("no {txn_type} of this sender is known by this {attribute}"),
        );
        return finished(cx, kind, &ids, &head, None);
    };
    if cx.commits(Defect::StatusOfSearchEmpty)
        && let Some(items) = told.get_mut("search_response").and_then(Value::as_array_mut)
    {
        items.clear();
    }
    if kind == Kind::SyncTxnStatus && cx.commits(Defect::StatusTransactionOfSubject) {
        ids.transaction = told["transaction_id"].as_str().map(ToOwned::to_owned);
    }
    let response = json!({"txn_type": txn_type, "txn_status": told});
    let content = content(correlation_id, "txnstatus_response", response);
    finished(cx, kind, &ids, &Head::of_one(), Some(content))
}

/// What is told of a transaction that nobody knows: nothing, unless by mistake.
fn unknown(cx: &Service, txn_type: &str) -> Option<Value> {
    if !(cx.commits(Defect::StatusUnknownSucceeds) || cx.ways.take(Way::TxnUnknownEmpty)) {
        return None;
    }
    let mut message = json!({"transaction_id": "0", "correlation_id": "0"});
    match txn_type {
        "unsubscribe" => {
            message["timestamp"] = "1970-01-01T00:00:00Z".into();
            message["status"] = "pdng".into();
        }
        "subscribe" => message["subscribe_response"] = json!([]),
        _ => message["search_response"] = json!([]),
    }
    Some(message)
}

/// Which transaction is meant.
struct Question<'a> {
    subject: Subject,
    attribute: &'a str,
    value: &'a Value,
}

impl Question<'_> {
    /// The message that answered the transaction, or would answer it now.
    fn answer(&self, cx: &Service, sender: &str) -> Option<Value> {
        let most = if cx.commits(Defect::StatusForgetsEarlier) {
            1
        } else {
            usize::MAX
        };
        let of = |wanted: &dyn Fn(&Transaction) -> bool| {
            cx.transactions
                .of(sender, most, |t| t.subject == self.subject && wanted(t))
        };
        match self.attribute {
            "transaction_id" => {
                let one = self.value.as_str()?;
                let found = if most == 1 {
                    of(&|t| t.transaction_id == one).into_iter().next()
                } else {
                    cx.transactions.by_id(sender, one, self.subject)
                };
                Some(told(cx, found.as_deref()?, |_| true))
            }
            "correlation_id" if !cx.commits(Defect::StatusCorrelationUnknown) => {
                let one = self.value.as_str()?;
                Some(told(cx, of(&|t| t.correlation_id == one).first()?, |_| true))
            }
            "reference_id_list" if !cx.commits(Defect::StatusReferencesUnknown) => {
                let names = texts(self.value);
                merged(cx, &of(&|_| true), |t| &t.references, &names, "reference_id")
            }
            "subscription_code_list" if !cx.commits(Defect::StatusCodesUnknown) => {
                let names = texts(self.value);
                merged(cx, &of(&|_| true), |t| &t.codes, &names, "code")
            }
            _ => None,
        }
    }
}

fn texts(value: &Value) -> Vec<&str> {
    let values = value.as_array().into_iter().flatten();
    values.filter_map(Value::as_str).collect()
}

/// The answers to these names, each from the newest transaction that holds it, in the message of the
/// newest of these.
fn merged(
    cx: &Service,
    newest_first: &[Arc<Transaction>],
    held: impl Fn(&Transaction) -> &Vec<String>,
    names: &[&str],
    member: &str,
) -> Option<Value> {
    let mut message: Option<Value> = None;
    let mut left: Vec<&str> = names.to_vec();
    for transaction in newest_first {
        let (here, elsewhere): (Vec<&str>, Vec<&str>) = left
            .iter()
            .partition(|name| held(transaction).iter().any(|h| h == *name));
        left = elsewhere;
        if here.is_empty() {
            continue;
        }
        let part = told(cx, transaction, |item| names_one_of(item, member, &here));
        match &mut message {
            None => message = Some(part),
            Some(message) => join(message, part),
        }
    }
    message
}

/// Whether an item, or a subscription within it, has one of these names.
fn names_one_of(item: &Value, member: &str, names: &[&str]) -> bool {
    let own = item.get(member).and_then(Value::as_str);
    let within = item.get("subscriptions").and_then(Value::as_array);
    let within = within
        .into_iter()
        .flatten()
        .filter_map(|s| s.get(member)?.as_str());
    own.into_iter().chain(within).any(|name| names.contains(&name))
}

/// Members of a message that list one item for each request.
const LISTS: [&str; 3] = ["search_response", "subscribe_response", "subscription_status"];

/// Adds the items of another message.
fn join(message: &mut Value, mut other: Value) {
    for list in LISTS {
        if let (Some(items), Some(more)) = (
            message.get_mut(list).and_then(Value::as_array_mut),
            other.get_mut(list).and_then(Value::as_array_mut),
        ) {
            items.append(more);
        }
    }
}

/// The message of a transaction, as far as its items are wanted.
fn told(cx: &Service, transaction: &Transaction, wanted: impl Fn(&Value) -> bool) -> Value {
    let mut message = match &transaction.answered {
        Answered::Searches(searches) => {
            let now = timestamp(cx, Kind::SyncTxnStatus);
            let searches = read_searches(searches);
            let items = reply::items(cx, &searches, "", Kind::SyncTxnStatus, &now);
            let items: Vec<Value> = items.iter().map(value_of).collect();
            json!({
                "transaction_id": transaction.transaction_id,
                "correlation_id": transaction.correlation_id,
                "search_response": items,
            })
        }
        Answered::Message(message) => message.clone(),
    };
    for list in LISTS {
        if let Some(items) = message.get_mut(list).and_then(Value::as_array_mut) {
            items.retain(&wanted);
            for item in items {
                bring_up_to_date(cx, item, &transaction.sender);
            }
        }
    }
    message
}

/// Subscriptions may have ended since they were told of.
fn bring_up_to_date(cx: &Service, item: &mut Value, sender: &str) {
    let subscriptions = item.get_mut("subscriptions").and_then(Value::as_array_mut);
    for subscription in subscriptions.into_iter().flatten() {
        let code = subscription["code"].as_str().unwrap_or_default();
        let live = cx.subscriptions.is_live(sender, code);
        subscription["status"] = subscribe::state(live).into();
    }
}
