//! What every synchronous search reply owes its request, and searches by identifier.

use super::Law;
use super::support::{all_undecided, exchange, reply, search, sent};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Answer, Reply, classify, describe, schema_judgements};
use crate::plan::Step;
use crate::request::{everybody, page};
use serde_json::Value;
use specs::evidence::{Exchange, Observation};

/// Form, action and echo of the reply to a single search and to a batch.
pub(super) struct SyncReply;

const FORM: &[&str] = &[
    "dci.sync-search.reply-form",
    "dci.sync-search.reply-message",
    "dci.sync-search.media-type",
    "dci.sync-search.reply-action",
];

impl Law for SyncReply {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        match sent(seen) {
            0 => Some(search(cx, "one", &[everybody(cx, &[page(20, 1)])])),
            1 => Some(search(
                cx,
                "batch",
                &[everybody(cx, &[page(2, 1)]), everybody(cx, &[page(3, 1)])],
            )),
            _ => None,
        }
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let mut judgements: Vec<Judgement> = ["one", "batch"]
            .iter()
            .filter_map(|label| exchange(seen, label))
            .flat_map(|(index, exchange)| {
                let mut judgements = form(cx, index, exchange);
                judgements.extend(echo(index, exchange));
                judgements
            })
            .collect();
        judgements.push(correlation(seen));
        judgements
    }
}

fn form(cx: &Context, index: usize, exchange: &Exchange) -> Vec<Judgement> {
    if matches!(
        classify(exchange),
        Answer::Refused | Answer::NoAnswer | Answer::ServerError
    ) {
        return all_undecided(
            FORM,
            &format!("an honest search was not answered: {}", describe(exchange)),
        );
    }
    let Some(response) = exchange.response() else {
        return Vec::new();
    };
    let Some(body) = response.body.json() else {
        let actual = format!("HTTP {} with a body that is not JSON", response.status);
        return vec![Judgement::violated(
            FORM[0],
            index,
            Some(String::new()),
            "a JSON object",
            actual,
        )];
    };
    let mut judgements = Vec::new();
    if let Some(schema) = cx.schemas.reply("sync-search", response.status) {
        judgements.extend(schema_judgements(FORM[0], index, schema, &body, |_| true));
    }
    let status = body.pointer("/header/status").and_then(Value::as_str);
    if status == Some("succ") {
        judgements.push(if body.get("message").is_some() {
            Judgement::held(FORM[1])
        } else {
            let at = Some("/message".to_owned());
            Judgement::violated(
                FORM[1],
                index,
                at,
                "a message beside a header with status succ",
                "no message",
            )
        });
    }
    judgements.push(media_type(FORM[2], index, response.header("content-type")));
    judgements.push(action(cx, index, &body));
    judgements
}

fn media_type(requirement: &str, index: usize, content_type: Option<&str>) -> Judgement {
    let essence = content_type
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Judgement::held(requirement);
    }
    let actual = content_type.map_or_else(|| "no Content-Type".to_owned(), |t| format!("Content-Type: {t}"));
    Judgement::violated(requirement, index, None, "Content-Type: application/json", actual)
}

fn action(cx: &Context, index: usize, body: &Value) -> Judgement {
    let found = body
        .pointer("/header/action")
        .and_then(Value::as_str)
        .unwrap_or("none");
    if cx.profile.allows("dci.reply-action", found) {
        return Judgement::held(FORM[3]);
    }
    let allowed = cx
        .profile
        .readings
        .get("dci.reply-action")
        .map_or_else(String::new, |a| a.join(" or "));
    Judgement::violated(FORM[3], index, Some("/header/action".to_owned()), allowed, found)
}

const ECHO: &[&str] = &[
    "dci.sync-search.echo-transaction",
    "dci.sync-search.echo-reference",
    "dci.sync-search.total-count",
];

fn echo(index: usize, exchange: &Exchange) -> Vec<Judgement> {
    if classify(exchange) != Answer::Accepted {
        return all_undecided(
            ECHO,
            &format!("an honest search was not answered: {}", describe(exchange)),
        );
    }
    let Some(request) = exchange.request.body.json() else {
        return Vec::new();
    };
    let Some(reply) = exchange.response().and_then(|r| Reply::read(&r.body)) else {
        return all_undecided(ECHO, "the answer holds no search response");
    };
    let mut judgements = Vec::new();
    let asked = request.pointer("/message/transaction_id").and_then(Value::as_str);
    judgements.push(if reply.transaction_id.as_deref() == asked {
        Judgement::held(ECHO[0])
    } else {
        Judgement::violated(
            ECHO[0],
            index,
            Some("/message/transaction_id".to_owned()),
            format!("the request's transaction_id {}", asked.unwrap_or("none")),
            reply.transaction_id.clone().unwrap_or_else(|| "none".to_owned()),
        )
    });
    let answered: Vec<Option<String>> = reply.items.iter().map(|i| i.reference_id.clone()).collect();
    judgements.push(references(ECHO[1], index, &request, "search_response", &answered));
    let count = crate::oracle::reference_ids(&request).len() as u64;
    if let Some(total) = reply.body.pointer("/header/total_count").and_then(Value::as_u64) {
        judgements.push(if !reply.answers(&request) {
            Judgement::undecided(ECHO[2], "the answer does not belong to the request")
        } else if total == count {
            Judgement::held(ECHO[2])
        } else {
            Judgement::violated(
                ECHO[2],
                index,
                Some("/header/total_count".to_owned()),
                format!("{count}, the number of requests in the message"),
                total.to_string(),
            )
        });
    }
    judgements
}

/// Each reference_id of the request is answered once and no other appears. `answered` are those of the list
/// `member` of the message.
pub(super) fn references(
    requirement: &str,
    index: usize,
    request: &Value,
    member: &str,
    answered: &[Option<String>],
) -> Judgement {
    let asked = crate::oracle::reference_ids(request);
    let at = |n: usize| Some(format!("/message/{member}/{n}/reference_id"));
    for (n, id) in answered.iter().enumerate() {
        let Some(id) = id else { continue };
        if !asked.contains(id) {
            return Judgement::violated(
                requirement,
                index,
                at(n),
                "only reference_ids of the request",
                format!("{id}, which was not asked for"),
            );
        }
        if answered[..n].iter().flatten().any(|earlier| earlier == id) {
            return Judgement::violated(
                requirement,
                index,
                at(n),
                "one item for each reference_id",
                format!("a second item for {id}"),
            );
        }
    }
    let answered = |id: &String| answered.iter().flatten().any(|answered| answered == id);
    match asked.iter().position(|id| !answered(id)) {
        None => Judgement::held(requirement),
        Some(n) => Judgement::violated(
            requirement,
            index,
            Some(format!("/message/{member}")),
            format!(
                "an item for each of the {} reference_ids of the request",
                asked.len()
            ),
            format!(
                "no item for reference_id {} (number {} of the batch)",
                asked[n],
                n + 1
            ),
        ),
    }
}

fn correlation(seen: &[Observation]) -> Judgement {
    let requirement = "dci.correlation-unique";
    let id = |label: &str| {
        reply(seen, label).and_then(|(index, reply)| {
            reply
                .correlation_id
                .map(|id| (index, id))
                .ok_or_else(|| "the reply has no correlation_id".to_owned())
        })
    };
    match (id("one"), id("batch")) {
        (Ok((_, one)), Ok((index, other))) if one == other => Judgement::violated(
            requirement,
            index,
            Some("/message/correlation_id".to_owned()),
            "another correlation_id than in the answer to the previous transaction",
            format!("{other} again"),
        ),
        (Ok(_), Ok(_)) => Judgement::held(requirement),
        (Err(reason), _) | (_, Err(reason)) => Judgement::undecided(requirement, reason),
    }
}

/// The same search, twice in a row, returns the same records.
pub(super) struct Repeatable;

impl Law for Repeatable {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        let criteria = everybody(cx, &[page(17, 1)]);
        match sent(seen) {
            0 => Some(search(cx, "first", &[criteria])),
            1 => Some(search(cx, "second", &[criteria])),
            _ => None,
        }
    }

    fn judge(&self, _: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let requirement = "dci.sync-search.repeatable";
        vec![match (reply(seen, "first"), reply(seen, "second")) {
            (Ok((_, first)), Ok((index, second))) if first.records() != second.records() => {
                Judgement::violated(
                    requirement,
                    index,
                    Some("/message/search_response/0/data/reg_records".to_owned()),
                    format!(
                        "the {} records of the same search a moment before, in their order",
                        first.records().len()
                    ),
                    format!("{} records that are not the same", second.records().len()),
                )
            }
            (Ok((_, first)), Ok(_)) if first.records().is_empty() => {
                Judgement::undecided(requirement, "neither search returned a record")
            }
            (Ok(_), Ok(_)) => Judgement::held(requirement),
            (Err(reason), _) | (_, Err(reason)) => Judgement::undecided(requirement, reason),
        }]
    }
}
