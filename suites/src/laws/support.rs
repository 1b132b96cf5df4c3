//! What laws share: finding their own observations again, and learning from a first search.

use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Answer, Reply, classify, compare, describe, value_of};
use crate::plan::{Payload, Send, Step};
use crate::request;
use serde_json::Value;
use specs::catalogue::Registry;
use specs::evidence::{Callback, Exchange, Intent, Observation};
use std::cmp::Ordering;

/// The label of the search by which a law learns.
pub(super) const DISCOVERY: &str = "discovery";

/// How many records a law asks for when it learns.
pub(super) const SAMPLE_SIZE: u64 = 1000;

/// The exchange of a step, with its index.
pub(super) fn exchange<'a>(seen: &'a [Observation], label: &str) -> Option<(usize, &'a Exchange)> {
    seen.iter()
        .enumerate()
        .find_map(|(i, observation)| match observation {
            Observation::Exchange(exchange) if exchange.label == label => Some((i, exchange)),
            _ => None,
        })
}

/// The callbacks of a step, with their indices.
pub(super) fn callbacks<'a>(seen: &'a [Observation], label: &str) -> Vec<(usize, &'a Callback)> {
    seen.iter()
        .enumerate()
        .filter_map(|(i, observation)| match observation {
            Observation::Callback(callback) if callback.label == label => Some((i, callback)),
            _ => None,
        })
        .collect()
}

/// How many requests were sent.
pub(super) fn sent(seen: &[Observation]) -> usize {
    seen.iter()
        .filter(|o| matches!(o, Observation::Exchange(_)))
        .count()
}

/// How many waits are over.
pub(super) fn waits(seen: &[Observation]) -> usize {
    seen.iter()
        .filter(|o| matches!(o, Observation::Wait { .. }))
        .count()
}

/// The reply to a step's search, or why there is none that can be judged.
pub(super) fn reply(seen: &[Observation], label: &str) -> Result<(usize, Reply), String> {
    let (index, exchange) =
        exchange(seen, label).ok_or_else(|| format!("the search `{label}` was not sent"))?;
    if classify(exchange) == Answer::Refused {
        return Err(format!(
            "the search `{label}` was refused: {}",
            describe(exchange)
        ));
    }
    Reply::of(exchange).map(|reply| (index, reply)).ok_or_else(|| {
        format!(
            "the search `{label}` was not recognisably answered: {}",
            describe(exchange)
        )
    })
}

/// A synchronous search with these criteria.
pub(super) fn search(cx: &Context, label: &str, criteria: &[Value]) -> Step {
    let body = request::search_envelope(cx, label, criteria);
    Step::Send(Box::new(request::send(label, "sync-search", body)))
}

/// The search by which a law learns: everybody, in one page.
pub(super) fn discovery(cx: &Context) -> Step {
    search(
        cx,
        DISCOVERY,
        &[request::everybody(cx, &[request::page(SAMPLE_SIZE, 1)])],
    )
}

/// What a law learnt.
pub(super) struct Sample {
    /// The records that were returned.
    pub(super) records: Vec<Value>,
    /// Whether these are all records of the registry.
    pub(super) complete: bool,
    /// How many there are in all.
    pub(super) total: u64,
    /// The distinct values of the date attribute, in order.
    pub(super) dates: Vec<Value>,
}

impl Sample {
    /// Reads what the discovery returned; needs at least `distinct` different dates.
    pub(super) fn of(cx: &Context, seen: &[Observation], distinct: usize) -> Result<Self, String> {
        let registry = registry(cx)?;
        let (_, reply) = reply(seen, DISCOVERY)?;
        let records: Vec<Value> = reply.records().into_iter().cloned().collect();
        let mut dates: Vec<Value> = records
            .iter()
            .filter_map(|record| value_of(registry, record, &registry.date_attribute))
            .filter(|value| value.is_string())
            .cloned()
            .collect();
        // By their text: a total order, whatever a registry mixes, and that of the calendar among dates.
        dates.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
        dates.dedup_by(|a, b| compare(a, b) == Some(Ordering::Equal));
        if dates.len() < distinct {
            return Err(format!(
                "the search for everybody returned {} records with {} different values of {}; this law needs {distinct}",
                records.len(),
                dates.len(),
                registry.date_attribute
            ));
        }
        Ok(Self {
            complete: reply.complete(),
            total: reply.total(),
            records,
            dates,
        })
    }

    /// The date at this fraction of the way from the earliest to the latest.
    pub(super) fn date(&self, numerator: usize, denominator: usize) -> &Value {
        &self.dates[(self.dates.len() - 1) * numerator / denominator]
    }
}

/// The registry part of the profile.
pub(super) fn registry(cx: &Context) -> Result<&Registry, String> {
    cx.profile
        .registry
        .as_ref()
        .ok_or_else(|| "the profile describes no registry".to_owned())
}

/// The same reason for several requirements.
pub(super) fn all_undecided(requirements: &[&str], reason: &str) -> Vec<Judgement> {
    requirements
        .iter()
        .map(|requirement| Judgement::undecided(requirement, reason))
        .collect()
}

/// The value as people read it.
pub(super) fn show(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// JSON pointer of the nth record of the first item of a reply.
pub(super) fn record_pointer(nth: usize) -> String {
    format!("/message/search_response/0/data/reg_records/{nth}")
}

/// Gives a step an action that its operation does not know.
pub(super) fn spoil_action(send: &mut Send, action: &str) {
    if let Payload::Json(body) = &mut send.payload {
        let honest = body.pointer("/header/action").cloned();
        body["header"]["action"] = action.into();
        send.intent = Intent::Faulty {
            operator: "the action of another operation".to_owned(),
            pointer: Some("/header/action".to_owned()),
            honest,
            sent: Some(action.into()),
            rule: "action".to_owned(),
        };
    }
}
