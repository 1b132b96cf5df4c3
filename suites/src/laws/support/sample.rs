//! What a law learns before it asks: everybody whom the target returns, and who is known beforehand.

use super::{exchange, identifier_of, not_sent, registry, reply, search};
use crate::context::Context;
use crate::oracle::{Reply, compare, reference_ids, value_of};
use crate::plan::Step;
use crate::request;
use serde_json::Value;
use specs::catalogue::Registry;
use specs::evidence::{Exchange, Observation};
use std::cmp::Ordering;
use std::sync::Arc;

/// The label of the search by which a law learns.
pub(crate) const DISCOVERY: &str = "discovery";

/// How many records a law asks for when it learns.
pub(crate) const SAMPLE_SIZE: u64 = 1000;

/// How many of those who are known beforehand are asked for.
const KNOWN: usize = 20;

/// Records that were seen in the discovery, each with its identifier.
pub(crate) fn known_people(cx: &Context, seen: &[Observation]) -> Result<Arc<Vec<(String, Value)>>, String> {
    let people = cx.learnt.of(discovered(seen)?, || {
        let (_, reply) = reply(seen, DISCOVERY)?;
        let records = reply.records().into_iter();
        let people = records.filter_map(|record| Some((identifier_of(cx, record)?, record.clone())));
        Ok::<_, String>(people.collect::<Vec<(String, Value)>>())
    })?;
    if people.is_empty() {
        let id_type = &registry(cx)?.id_type;
        return Err(format!("no identifier of type {id_type} was seen in a record"));
    }
    Ok(people)
}

/// The exchange from which a law learns.
fn discovered(seen: &[Observation]) -> Result<&Exchange, String> {
    let found = exchange(seen, DISCOVERY).map(|(_, exchange)| exchange);
    found.ok_or_else(|| not_sent(DISCOVERY))
}

/// The search by which a law learns: everybody, in one page, and beside that each person who is known beforehand.
pub(crate) fn discovery(cx: &Context) -> Step {
    search(cx, DISCOVERY, &discovered_by(cx))
}

/// The criteria of it.
pub(crate) fn discovered_by(cx: &Context) -> Vec<Value> {
    let everybody = request::everybody(cx, &[request::page(SAMPLE_SIZE, 1)]);
    let id_type = cx.profile.registry.as_ref().map_or("UIN", |r| r.id_type.as_str());
    let known = cx.known.identifiers.iter().take(KNOWN);
    let known = known.map(|value| request::identifier(cx, id_type, value));
    std::iter::once(everybody).chain(known).collect()
}

/// The reply to the search for everybody alone, without those for people who are known beforehand.
fn of_everybody(seen: &[Observation], mut reply: Reply) -> Reply {
    let request = discovered(seen)
        .ok()
        .and_then(|exchange| exchange.request.body.json());
    let asked = request.map(|request| reference_ids(&request)).unwrap_or_default();
    if let [everybody, _, ..] = asked.as_slice() {
        reply
            .items
            .retain(|item| item.reference_id.as_ref() == Some(everybody));
    }
    reply
}

/// Somebody who was known before the discovery, and was asked for in it.
pub(crate) fn known_beforehand(seen: &[Observation]) -> Option<String> {
    let request = discovered(seen).ok()?.request.body.json()?;
    let value = request.pointer("/message/search_request/1/search_criteria/query/value")?;
    value.as_str().map(str::to_owned)
}

/// What a law learnt.
pub(crate) struct Sample {
    /// The records that were returned.
    pub(crate) records: Vec<Value>,
    /// Whether these are all records of the registry.
    pub(crate) complete: bool,
    /// How many there are in all.
    pub(crate) total: u64,
    /// The distinct values of the date attribute, in order.
    pub(crate) dates: Vec<Value>,
}

impl Sample {
    /// Reads what the discovery returned; needs at least `distinct` different dates.
    pub(crate) fn of(cx: &Context, seen: &[Observation], distinct: usize) -> Result<Arc<Self>, String> {
        let registry = registry(cx)?;
        let sample = cx.learnt.of(discovered(seen)?, || {
            let (_, reply) = reply(seen, DISCOVERY)?;
            Ok::<_, String>(Self::read(registry, &of_everybody(seen, reply)))
        })?;
        let (records, dates) = (sample.records.len(), sample.dates.len());
        if dates < distinct {
            return Err(format!(
                "the search for everybody returned {records} records with {dates} different values of {}; this law needs {distinct}",
                registry.date_attribute
            ));
        }
        Ok(sample)
    }

    fn read(registry: &Registry, reply: &Reply) -> Self {
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
        Self {
            complete: reply.complete(),
            total: reply.total(),
            records,
            dates,
        }
    }

    /// The date at this fraction of the way from the earliest to the latest.
    pub(crate) fn date(&self, numerator: usize, denominator: usize) -> &Value {
        &self.dates[(self.dates.len() - 1) * numerator / denominator]
    }
}
