//! Asynchronous search: acknowledgement, then a correlated callback, and silence after a refusal.

use super::Law;
use super::acknowledgement::{FAULTY, HONEST, ack_form, acknowledged, after_ack, arrives, silent};
use super::support::{all_undecided, callbacks, exchange, reply, sent, waits};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Answer, Reply, classify, schema_judgement};
use crate::plan::{Send, Step};
use crate::request;
use serde_json::{Value, json};
use specs::evidence::{Callback as Received, Exchange, Observation};

fn search(cx: &Context, label: &str, criteria: &[Value]) -> Send {
    let mut body = request::search_envelope(cx, label, criteria);
    body["header"]["sender_uri"] = json!("${callback}");
    request::send(label, "search", body)
}

fn faulty(cx: &Context) -> Send {
    let mut send = search(cx, FAULTY, &[request::everybody(cx, &[request::page(1, 1)])]);
    super::support::spoil_action(&mut send, "subscribe");
    send
}

/// An acknowledged search is answered by one correlated callback.
pub(super) struct Callback;

const ACK: &str = "dci.search.ack";
const ACK_FORM: &str = "dci.search.ack-form";
const ARRIVES: &str = "dci.search.callback";
const CALLED_BACK: &[&str] = &[
    "dci.search.callback-once",
    "dci.search.callback-form",
    "dci.search.callback-action",
    "dci.search.callback-correlation",
    "dci.search.callback-transaction",
    "dci.search.callback-reference",
    "dci.search.callback-after-ack",
];

impl Law for Callback {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        match (sent(seen), waits(seen)) {
            (0, _) => {
                let criteria = [
                    request::everybody(cx, &[request::page(2, 1)]),
                    request::everybody(cx, &[request::page(3, 1)]),
                ];
                Some(Step::Send(Box::new(search(cx, HONEST, &criteria))))
            }
            (1, _) => Some(Step::Send(Box::new(faulty(cx)))),
            (_, 0) => Some(Step::Await {
                label: HONEST.to_owned(),
            }),
            (_, 1) if !callbacks(seen, HONEST).is_empty() => Some(Step::Quiet {
                label: HONEST.to_owned(),
            }),
            _ => None,
        }
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let Some((index, honest)) = exchange(seen, HONEST) else {
            return all_undecided(&[ACK, ACK_FORM, ARRIVES], "the case was cut short");
        };
        let mut judgements = vec![acknowledged(ACK, index, honest, exchange(seen, FAULTY))];
        judgements.extend(ack_form(cx, ACK_FORM, index, honest));
        let refused = exchange(seen, FAULTY).is_some_and(|(_, e)| classify(e) == Answer::Refused);
        judgements.push(arrives(ARRIVES, index, honest, seen, refused));
        judgements.extend(called_back(cx, honest, &callbacks(seen, HONEST)));
        judgements
    }
}

fn called_back(cx: &Context, honest: &Exchange, received: &[(usize, &Received)]) -> Vec<Judgement> {
    let Some((index, first)) = received.first() else {
        return all_undecided(CALLED_BACK, "no callback came");
    };
    let Some(request) = honest.request.body.json() else {
        return Vec::new();
    };
    let mut judgements = vec![once(CALLED_BACK[0], received)];
    let Some(body) = first.request.body.json() else {
        let actual = "a body that is not JSON";
        judgements.push(Judgement::violated(
            CALLED_BACK[1],
            *index,
            Some(String::new()),
            "a JSON object",
            actual,
        ));
        return judgements;
    };
    if let Some(schema) = cx.schemas.callback("search") {
        judgements.push(schema_judgement(CALLED_BACK[1], *index, schema, &body, |_| true));
    }
    let text = |pointer: &str| {
        body.pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or("none")
            .to_owned()
    };
    let mut equal = |requirement: &str, pointer: &str, expected: &str, what: &str| {
        let found = text(pointer);
        judgements.push(if found == expected {
            Judgement::held(requirement)
        } else {
            Judgement::violated(
                requirement,
                *index,
                Some(pointer.to_owned()),
                format!("{what} {expected}"),
                found,
            )
        });
    };
    equal(CALLED_BACK[2], "/header/action", "on-search", "the action");
    let acknowledged = honest.response().and_then(|r| r.body.json());
    match acknowledged
        .as_ref()
        .and_then(|b| b.pointer("/message/correlation_id"))
        .and_then(Value::as_str)
    {
        Some(id) => equal(
            CALLED_BACK[3],
            "/message/correlation_id",
            id,
            "the acknowledged correlation_id",
        ),
        None => judgements.push(Judgement::undecided(
            CALLED_BACK[3],
            "the acknowledgement carries no correlation_id",
        )),
    }
    let asked = request
        .pointer("/message/transaction_id")
        .and_then(Value::as_str)
        .unwrap_or("none");
    let found = text("/message/transaction_id");
    judgements.push(if found == asked {
        Judgement::held(CALLED_BACK[4])
    } else {
        let at = Some("/message/transaction_id".to_owned());
        Judgement::violated(
            CALLED_BACK[4],
            *index,
            at,
            format!("the request's transaction_id {asked}"),
            found,
        )
    });
    // A result may come in several callbacks, so their items are judged together.
    let items: Vec<_> = received
        .iter()
        .enumerate()
        .filter(|(n, (_, callback))| {
            !received[..*n]
                .iter()
                .any(|(_, earlier)| same_items(earlier, callback))
        })
        .filter_map(|(_, (_, callback))| Reply::read(&callback.request.body))
        .flat_map(|reply| reply.items)
        .collect();
    judgements.push(super::search::references(
        CALLED_BACK[5],
        *index,
        &request,
        &items,
    ));
    judgements.push(after_ack(CALLED_BACK[6], *index, honest, first));
    judgements
}

fn same_items(left: &Received, right: &Received) -> bool {
    let items = |callback: &Received| {
        callback
            .request
            .body
            .json()
            .and_then(|b| b.pointer("/message/search_response").cloned())
    };
    items(left).is_some() && items(left) == items(right)
}

fn once(requirement: &str, received: &[(usize, &Received)]) -> Judgement {
    for (n, (index, callback)) in received.iter().enumerate() {
        let body = |c: &Received| c.request.body.json();
        let again = received[..n]
            .iter()
            .any(|(_, earlier)| same_items(earlier, callback) || body(earlier) == body(callback));
        if again {
            return Judgement::violated(
                requirement,
                *index,
                None,
                "each answer delivered once, since we acknowledged it with HTTP 200",
                format!("the same answer delivered again, as callback number {}", n + 1),
            );
        }
    }
    Judgement::held(requirement)
}

/// After a refusal no callback comes.
pub(super) struct SilentAfterRefusal;

impl Law for SilentAfterRefusal {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        match (sent(seen), waits(seen)) {
            (0, _) => {
                let criteria = [request::everybody(cx, &[request::page(1, 1)])];
                Some(Step::Send(Box::new(search(cx, HONEST, &criteria))))
            }
            (1, _) => Some(Step::Send(Box::new(faulty(cx)))),
            (_, 0) => Some(Step::Await {
                label: HONEST.to_owned(),
            }),
            (_, 1) if !callbacks(seen, HONEST).is_empty() => Some(Step::Quiet {
                label: FAULTY.to_owned(),
            }),
            _ => None,
        }
    }

    fn judge(&self, _: &Context, seen: &[Observation]) -> Vec<Judgement> {
        vec![silent("dci.search.no-callback-after-err", seen)]
    }
}

/// The callback holds the records that the synchronous search returns.
pub(super) struct AgreesWithSync;

impl AgreesWithSync {
    fn criteria(cx: &Context) -> [Value; 1] {
        [request::everybody(cx, &[request::page(5, 1)])]
    }
}

impl Law for AgreesWithSync {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        match (sent(seen), waits(seen)) {
            (0, _) => Some(Step::Send(Box::new(search(cx, HONEST, &Self::criteria(cx))))),
            (1, _) => Some(super::support::search(cx, "sync", &Self::criteria(cx))),
            (_, 0) => Some(Step::Await {
                label: HONEST.to_owned(),
            }),
            _ => None,
        }
    }

    fn judge(&self, _: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let requirement = "dci.search.agrees-with-sync";
        let attempt = || -> Result<Judgement, String> {
            let (_, sync) = reply(seen, "sync")?;
            if sync.records().is_empty() {
                return Err("the synchronous search returned no record".to_owned());
            }
            let received = callbacks(seen, HONEST);
            let (index, first) = received.first().ok_or("no callback came")?;
            let called_back =
                Reply::read(&first.request.body).ok_or("the callback holds no search response")?;
            Ok(if called_back.records() == sync.records() {
                Judgement::held(requirement)
            } else {
                Judgement::violated(
                    requirement,
                    *index,
                    Some("/message/search_response/0/data/reg_records".to_owned()),
                    format!("the {} records of the synchronous search", sync.records().len()),
                    format!("{} records that are not the same", called_back.records().len()),
                )
            })
        };
        vec![attempt().unwrap_or_else(|reason| Judgement::undecided(requirement, reason))]
    }
}
