//! Asynchronous search: acknowledgement, then a correlated callback, and silence after a refusal.

use super::Law;
use super::support::{all_undecided, callbacks, exchange, reply, sent, waits};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Answer, Reply, classify, describe, schema_judgement};
use crate::plan::{Send, Step};
use crate::request;
use serde_json::{Value, json};
use specs::evidence::{Callback as Received, Exchange, Observation};

/// How much earlier than the acknowledgement a callback has to arrive to count as early. Our answer to a
/// callback is held back for a second while the acknowledgement is missing, so a target that acknowledges
/// first is well within this, however busy the machine, and one that calls back first is not.
pub(super) const EARLY_US: u64 = 900_000;

const HONEST: &str = "honest";
const FAULTY: &str = "faulty";

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

/// A valid request is acknowledged with ACK, and a faulty one is not.
pub(super) fn acknowledged(
    requirement: &str,
    index: usize,
    honest: &Exchange,
    faulty: Option<(usize, &Exchange)>,
) -> Judgement {
    match (classify(honest), faulty.map(|(_, e)| classify(e))) {
        (Answer::Accepted, Some(Answer::Refused)) => Judgement::held(requirement),
        (Answer::Accepted, _) => Judgement::undecided(
            requirement,
            "the target acknowledges the faulty twin too, so its ACK proves nothing",
        ),
        _ => Judgement::violated(
            requirement,
            index,
            Some("/message/ack_status".to_owned()),
            "ACK for a valid request",
            describe(honest),
        ),
    }
}

/// The form of an acknowledgement.
pub(super) fn ack_form(
    cx: &Context,
    requirement: &str,
    index: usize,
    exchange: &Exchange,
) -> Option<Judgement> {
    let response = exchange.response()?;
    let Some(body) = response.body.json() else {
        let actual = format!("HTTP {} with a body that is not JSON", response.status);
        return Some(Judgement::violated(
            requirement,
            index,
            Some(String::new()),
            "a JSON object",
            actual,
        ));
    };
    let schema = cx.schemas.reply(&exchange.operation, response.status)?;
    Some(schema_judgement(requirement, index, schema, &body, |_| true))
}

/// After ACK the callback comes within the deadline.
pub(super) fn arrives(
    requirement: &str,
    index: usize,
    honest: &Exchange,
    seen: &[Observation],
    faulty_refused: bool,
) -> Judgement {
    match classify(honest) {
        Answer::Accepted if !callbacks(seen, HONEST).is_empty() => {
            if faulty_refused {
                Judgement::held(requirement)
            } else {
                Judgement::undecided(requirement, "the faulty twin was not refused")
            }
        }
        Answer::Accepted => {
            let waited = seen.iter().find_map(|o| match o {
                Observation::Wait { waited_us, .. } => Some(*waited_us),
                _ => None,
            });
            match waited {
                None => Judgement::undecided(requirement, "the case was cut short"),
                Some(us) => Judgement::violated(
                    requirement,
                    index,
                    None,
                    "a callback at header.sender_uri after ACK",
                    format!("none came within {:.1} s", us as f64 / 1e6),
                ),
            }
        }
        Answer::AcceptedSilently => Judgement::undecided(
            requirement,
            "the target answered NACK, which announces no callback",
        ),
        _ => Judgement::undecided(
            requirement,
            format!("the request was not acknowledged with ACK: {}", describe(honest)),
        ),
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

/// The callback does not come before the acknowledgement.
pub(super) fn after_ack(requirement: &str, index: usize, honest: &Exchange, first: &Received) -> Judgement {
    if first.at_us.saturating_add(EARLY_US) < honest.done_us {
        return Judgement::violated(
            requirement,
            index,
            None,
            "the callback after the acknowledgement",
            format!(
                "the callback {} ms before the acknowledgement",
                (honest.done_us - first.at_us) / 1000
            ),
        );
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

/// Judges silence after the refusal of the step `faulty`, given a callback for the step `honest`.
pub(super) fn silent(requirement: &str, seen: &[Observation]) -> Judgement {
    if callbacks(seen, HONEST).is_empty() {
        return Judgement::undecided(
            requirement,
            "no callback came for the honest request, so silence proves nothing",
        );
    }
    let Some((_, refused)) = exchange(seen, FAULTY).filter(|(_, e)| classify(e) == Answer::Refused) else {
        return Judgement::undecided(requirement, "the faulty request was not refused");
    };
    if let Some((index, _)) = callbacks(seen, FAULTY).first() {
        return Judgement::violated(
            requirement,
            *index,
            None,
            "no callback for a request that was refused",
            format!(
                "a callback, although the request was refused: {}",
                describe(refused)
            ),
        );
    }
    if waits(seen) < 2 {
        return Judgement::undecided(requirement, "the case was cut short");
    }
    Judgement::held(requirement)
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
