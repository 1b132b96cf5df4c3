//! Questions about transactions: what is told of a search and of subscriptions, and that nothing is told of
//! a transaction that nobody began.

use super::Law;
use super::asynchronous::CalledBack;
use super::subscription;
use super::support::{
    accepted, all_undecided, answered_later, callbacks, done, equal, exchange, form_anyway, search, text,
};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Answer, Subscribed, classify, describe, reference_ids, schema_judgements};
use crate::plan::{Send, Step};
use crate::request::{
    self, event_type, everybody, page, prepared, subscription as criteria, txn_status_envelope, txn_subject,
};
use serde_json::{Value, json};
use specs::evidence::Observation;

const FORM: &str = "dci.txn-status.reply-form";
const ACTION: &str = "dci.txn-status.reply-action";
const ECHO: &str = "dci.txn-status.echo-transaction";
const OF_SEARCH: &str = "dci.txn-status.of-search";
const OF_REFERENCE: &str = "dci.txn-status.of-reference";
const BY_CORRELATION: &str = "dci.txn-status.by-correlation";
const OF_SUBSCRIPTION: &str = "dci.txn-status.of-subscription";
const UNKNOWN: &str = "dci.txn-status.unknown";

/// Label of the search that is asked about.
const SEARCH: &str = "search";
/// Label of the subscription that is asked about.
const SUBSCRIPTION: &str = "subscription";

/// What a registry tells of transactions.
pub(super) struct Told;

/// The operation by which the law asks: the synchronous one where there is one.
pub(super) fn operation(cx: &Context) -> &'static str {
    if cx.serves("sync-txn-status") {
        "sync-txn-status"
    } else {
        "txn-status"
    }
}

impl Law for Told {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        let pages = [everybody(cx, &[page(1, 1)]), everybody(cx, &[page(2, 1)])];
        let mut steps = vec![search(cx, SEARCH, &pages)];
        if let Ok(asked) = searched(seen) {
            let references = json!([asked.references.first()]);
            let questions = [
                ("by transaction", "transaction_id", json!(asked.transaction)),
                ("by reference", "reference_id_list", references),
                ("by correlation", "correlation_id", json!(asked.correlation)),
                ("unknown", "transaction_id", json!(cx.id("nobody's transaction"))),
            ];
            for (label, attribute, value) in questions {
                steps.extend(ask(cx, label, ("search", attribute, &value), seen));
            }
            if cx.serves("subscribe") {
                let events = criteria(cx, event_type(cx), &everybody(cx, &[]));
                let subscribe = subscription::subscribe(cx, SUBSCRIPTION, &[events]);
                steps.extend(answered_later(subscribe, SUBSCRIPTION, seen));
                let codes = subscription::codes(seen, &[SUBSCRIPTION]);
                if !codes.is_empty() {
                    let by = ("subscribe", "subscription_code_list", &json!(codes));
                    steps.extend(ask(cx, "by subscription", by, seen));
                    steps.extend(subscription::end(cx, seen, &[SUBSCRIPTION]));
                }
            }
        }
        steps.into_iter().nth(done(seen))
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let mut judgements = synchronous(cx, seen);
        let asked = match searched(seen) {
            Ok(asked) => asked,
            Err(reason) => {
                let all = [OF_SEARCH, OF_REFERENCE, BY_CORRELATION, OF_SUBSCRIPTION, UNKNOWN];
                judgements.extend(all_undecided(&all, &reason));
                return judgements;
            }
        };
        let tells = |requirement: &str, label: &str, references: &[String]| match told(cx, seen, label) {
            Err(reason) => untold(requirement, seen, label, reason),
            Ok((index, body)) => of_search(requirement, index, &body, &asked.transaction, references),
        };
        judgements.push(tells(OF_SEARCH, "by transaction", &asked.references));
        let first = asked.references.get(..1).unwrap_or_default();
        judgements.push(tells(OF_REFERENCE, "by reference", first));
        judgements.push(match &asked.correlation {
            Some(_) => tells(BY_CORRELATION, "by correlation", &asked.references),
            None => Judgement::undecided(BY_CORRELATION, "the search was answered without a correlation_id"),
        });
        judgements.push(of_subscription(cx, seen));
        judgements.push(unknown(cx, seen));
        judgements
    }
}

/// A question, and the wait for its answer where that comes later.
pub(super) fn ask(cx: &Context, label: &str, by: (&str, &str, &Value), seen: &[Observation]) -> Vec<Step> {
    let operation = operation(cx);
    let what = format!("{operation} {label}");
    let (txn_type, attribute, value) = by;
    let subject = txn_subject(cx, &what, txn_type, attribute, value);
    let send: Send = request::send(
        label,
        operation,
        txn_status_envelope(cx, operation, &what, &subject),
    );
    if operation == "txn-status" {
        answered_later(send, label, seen)
    } else {
        vec![Step::send(send)]
    }
}

/// The search that is asked about.
struct Searched {
    transaction: String,
    references: Vec<String>,
    correlation: Option<String>,
}

fn searched(seen: &[Observation]) -> Result<Searched, String> {
    let (_, search) = accepted(seen, SEARCH)?;
    let request = search.request.body.json().unwrap_or_default();
    let reply = search.response().and_then(|r| r.body.json()).unwrap_or_default();
    let transaction = text(&request, "/message/transaction_id").ok_or("the search has no transaction_id")?;
    Ok(Searched {
        transaction: transaction.to_owned(),
        references: reference_ids(&request),
        correlation: text(&reply, "/message/correlation_id").map(str::to_owned),
    })
}

/// The answer to a question, whether at once or later.
fn told(cx: &Context, seen: &[Observation], label: &str) -> Result<(usize, Value), String> {
    let (index, exchange) = accepted(seen, label)?;
    if operation(cx) == "sync-txn-status" {
        let body = exchange.response().and_then(|r| r.body.json());
        return Ok((index, body.unwrap_or_default()));
    }
    let received = callbacks(seen, label);
    let (index, callback) = received
        .first()
        .ok_or_else(|| format!("no callback came for the step `{label}`"))?;
    Ok((*index, callback.request.body.json().unwrap_or_default()))
}

/// What follows for a question about a transaction that took place, when nothing was told: it was not to be
/// refused.
fn untold(requirement: &str, seen: &[Observation], label: &str, reason: String) -> Judgement {
    match exchange(seen, label).filter(|(_, e)| classify(e) == Answer::Refused) {
        None => Judgement::undecided(requirement, reason),
        Some((index, refused)) => Judgement::violated(
            requirement,
            index,
            Some(STATUS.to_owned()),
            "what became of a transaction that took place a moment ago",
            describe(refused),
        ),
    }
}

/// Form, action and echo of the synchronous answer.
fn synchronous(cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
    let all = [FORM, ACTION, ECHO];
    if operation(cx) != "sync-txn-status" {
        let reason = "the registry is asked about transactions asynchronously only";
        return all.iter().map(|r| Judgement::not_applicable(r, reason)).collect();
    }
    let (index, body) = match told(cx, seen, "by transaction") {
        Ok(told) => told,
        Err(reason) => {
            let mut judgements = all_undecided(&[ACTION, ECHO], &reason);
            judgements.extend(form_anyway(cx, FORM, exchange(seen, "by transaction"), &reason));
            return judgements;
        }
    };
    let status = exchange(seen, "by transaction").and_then(|(_, e)| e.response().map(|r| r.status));
    let schema = cx.schemas.reply("sync-txn-status", status.unwrap_or(200));
    let mut judgements = Vec::new();
    judgements.extend(
        schema
            .into_iter()
            .flat_map(|schema| schema_judgements(FORM, index, schema, &body, |_| true)),
    );
    judgements.push(equal(
        ACTION,
        index,
        &body,
        "/header/action",
        "txn-on-status",
        "the action",
    ));
    let request = exchange(seen, "by transaction").and_then(|(_, e)| e.request.body.json());
    let request = request.unwrap_or_default();
    judgements.push(equal(
        ECHO,
        index,
        &body,
        "/message/transaction_id",
        text(&request, "/message/transaction_id").unwrap_or("none"),
        "the transaction_id of the question",
    ));
    judgements
}

/// What an answer tells of a transaction.
const STATUS: &str = "/message/txnstatus_response/txn_status";

/// Judges that an answer tells of a search: its transaction_id, and an item with each of these reference_ids
/// and no other.
pub(super) fn of_search(
    requirement: &str,
    index: usize,
    body: &Value,
    transaction: &str,
    references: &[String],
) -> Judgement {
    let status = body.pointer(STATUS).unwrap_or(&Value::Null);
    let found = text(status, "/transaction_id").unwrap_or("none");
    if found != transaction {
        return Judgement::violated(
            requirement,
            index,
            Some(format!("{STATUS}/transaction_id")),
            format!("the transaction_id {transaction} of the search that was asked about"),
            found,
        );
    }
    let items = status.get("search_response").and_then(Value::as_array);
    let answered: Vec<&str> = items
        .into_iter()
        .flatten()
        .filter_map(|item| text(item, "/reference_id"))
        .collect();
    let missing = references.iter().find(|id| !answered.contains(&id.as_str()));
    let added = answered
        .iter()
        .find(|id| !references.iter().any(|asked| asked == *id));
    let actual = match (missing, added) {
        (None, None) => return Judgement::held(requirement),
        (Some(id), _) => format!("no item for {id}"),
        (None, Some(id)) => format!("an item for {id}, which was not asked for"),
    };
    Judgement::violated(
        requirement,
        index,
        Some(format!("{STATUS}/search_response")),
        format!(
            "an item for each of the {} reference_ids asked for",
            references.len()
        ),
        actual,
    )
}

/// The callback to a question about the search that prepared it tells of this search.
pub(super) fn of_prepared_search(called: &CalledBack<'_>) -> Vec<Judgement> {
    let label = prepared("txn-status");
    let Ok((_, search)) = accepted(called.seen, &label) else {
        let reason = "the search that is asked about was not accepted";
        return vec![Judgement::undecided(OF_SEARCH, reason)];
    };
    let request = search.request.body.json().unwrap_or_default();
    let transaction = text(&request, "/message/transaction_id").unwrap_or_default();
    vec![of_search(
        OF_SEARCH,
        called.index,
        &called.body,
        transaction,
        &reference_ids(&request),
    )]
}

fn of_subscription(cx: &Context, seen: &[Observation]) -> Judgement {
    if !cx.serves("subscribe") {
        let reason = "the registry has no subscriptions that could be asked about";
        return Judgement::not_applicable(OF_SUBSCRIPTION, reason);
    }
    let codes = subscription::codes(seen, &[SUBSCRIPTION]);
    let Some(code) = codes.first() else {
        return Judgement::undecided(OF_SUBSCRIPTION, "no subscription succeeded");
    };
    match told(cx, seen, "by subscription") {
        Err(reason) => untold(OF_SUBSCRIPTION, seen, "by subscription", reason),
        Ok((index, body)) => {
            let answer = body.pointer(STATUS).and_then(Subscribed::of_message);
            let told = answer.map(|answer| answer.codes()).unwrap_or_default();
            if told.contains(code) {
                return Judgement::held(OF_SUBSCRIPTION);
            }
            Judgement::violated(
                OF_SUBSCRIPTION,
                index,
                Some(format!("{STATUS}/subscribe_response")),
                format!("the subscription with the code {code}"),
                format!("{} subscriptions, none of them with it", told.len()),
            )
        }
    }
}

/// Nothing is told of a transaction that nobody began, by a registry that tells of others.
fn unknown(cx: &Context, seen: &[Observation]) -> Judgement {
    let tells = told(cx, seen, "by transaction").is_ok_and(|(_, body)| body.pointer(STATUS).is_some());
    if !tells {
        let reason = "nothing is told of a known transaction either, so silence proves nothing";
        return Judgement::undecided(UNKNOWN, reason);
    }
    match of_unknown(cx, seen) {
        Ok(None) => Judgement::held(UNKNOWN),
        Ok(Some((index, told))) => Judgement::violated(
            UNKNOWN,
            index,
            Some("/header/status".to_owned()),
            "a transaction that nobody began is rejected",
            format!("an answer that is not rejected, with {told} items"),
        ),
        Err(reason) => Judgement::undecided(UNKNOWN, reason),
    }
}

/// How many items are told of an unknown transaction, and where; none where the question is rejected, or answered
/// as the profile allows.
fn of_unknown(cx: &Context, seen: &[Observation]) -> Result<Option<(usize, usize)>, String> {
    let (_, asked) = exchange(seen, "unknown").ok_or("the case was cut short")?;
    match classify(asked) {
        Answer::Refused => return Ok(None),
        Answer::Accepted => {}
        _ => return Err(describe(asked)),
    }
    let (index, body) = told(cx, seen, "unknown")?;
    if text(&body, "/header/status") == Some("rjct") {
        return Ok(None);
    }
    let status = body.pointer(STATUS).unwrap_or(&Value::Null);
    let told = ["search_response", "subscribe_response", "subscription_status"]
        .iter()
        .filter_map(|name| status.get(*name)?.as_array())
        .map(Vec::len)
        .sum();
    let allowed = told == 0 && cx.profile.allows("dci.txn-unknown", "empty");
    Ok((!allowed).then_some((index, told)))
}
