//! What laws share: finding their own observations again, and learning from a first search.

use crate::context::Context;
use crate::judgement::{Judgement, Outcome};
use crate::oracle::{Answer, Reply, classify, compare, describe, schema_judgements, value_of};
use crate::plan::{Payload, STOPPED, Send, Step};
use crate::request;
use serde_json::Value;
use specs::catalogue::{Catalogue, Registry};
use specs::evidence::{Callback, Exchange, Intent, Observation};
use std::cmp::Ordering;
use std::sync::Arc;

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

/// How long the first wait after an observation took, in microseconds; or why it says nothing of the target.
pub(super) fn waited(seen: &[Observation], after: usize) -> Result<u64, String> {
    let wait = seen.iter().skip(after).find_map(|observation| match observation {
        Observation::Wait {
            waited_us, reason, ..
        } => Some((*waited_us, reason.as_deref().unwrap_or_default())),
        _ => None,
    });
    match wait {
        None => Err("the case was cut short".to_owned()),
        Some((_, reason)) if reason.starts_with(STOPPED) => Err(reason.to_owned()),
        Some((us, _)) => Ok(us),
    }
}

/// How many steps are over, whatever came of them.
pub(super) fn done(seen: &[Observation]) -> usize {
    sent(seen) + waits(seen)
}

/// The request of an honest step, and that it was accepted; otherwise why nothing follows from it.
pub(super) fn accepted<'a>(seen: &'a [Observation], label: &str) -> Result<(usize, &'a Exchange), String> {
    let (index, exchange) =
        exchange(seen, label).ok_or_else(|| format!("the case was cut short before the step `{label}`"))?;
    match classify(exchange) {
        Answer::Accepted => Ok((index, exchange)),
        _ => Err(format!(
            "the step `{label}` was not accepted: {}",
            describe(exchange)
        )),
    }
}

/// A request that is answered later, and the wait for its answer at the address of the step `at`; no wait
/// where it was refused.
pub(super) fn answered_later(send: Send, at: &str, seen: &[Observation]) -> Vec<Step> {
    let refused = exchange(seen, &send.label).is_some_and(|(_, e)| classify(e) != Answer::Accepted);
    let mut steps = vec![Step::send(send)];
    if !refused {
        steps.push(Step::answer(at));
    }
    steps
}

/// A text of a JSON value, by pointer.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str)
}

/// Judges that a member holds this text. `what` says what the text is.
pub(super) fn equal(
    requirement: &str,
    index: usize,
    body: &Value,
    pointer: &str,
    expected: &str,
    what: &str,
) -> Judgement {
    let found = text(body, pointer).unwrap_or("none");
    if found == expected {
        return Judgement::held(requirement);
    }
    Judgement::violated(
        requirement,
        index,
        Some(pointer.to_owned()),
        format!("{what} {expected}"),
        found,
    )
}

/// The identifiers of a record: type and value.
pub(super) fn held_by(cx: &Context, record: &Value) -> Vec<(String, String)> {
    let Ok(registry) = registry(cx) else {
        return Vec::new();
    };
    let text = |id: &Value, name: &str| id.get(name).and_then(Value::as_str).map(str::to_owned);
    record
        .pointer(&registry.identifiers)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|id| {
            Some((
                text(id, &registry.identifier_type)?,
                text(id, &registry.identifier_value)?,
            ))
        })
        .collect()
}

/// The identifier of a record by which the profile searches.
pub(super) fn identifier_of(cx: &Context, record: &Value) -> Option<String> {
    let id_type = &cx.profile.registry.as_ref()?.id_type;
    let held = held_by(cx, record).into_iter();
    held.filter(|(t, v)| t == id_type && v.len() > 1)
        .map(|(_, v)| v)
        .next()
}

/// An identifier that looks like a known one and that nobody holds. `name` tells one from another.
pub(super) fn like(cx: &Context, known: &str, name: &str) -> String {
    let hex = cx.id(name);
    let mut digits = hex.bytes().filter(u8::is_ascii_hexdigit).cycle();
    let other: String = known
        .chars()
        .map(|c| match (c.is_ascii_digit(), digits.next()) {
            (true, Some(b)) => char::from(b'0' + b % 10),
            _ => c,
        })
        .collect();
    if other == known { hex } else { other }
}

/// The date of birth of people that laws invent: before everybody of a discovery, so that they are no model
/// for others and no filter for everybody includes them.
const LONG_AGO: &str = "1890-05-04";

/// A record for somebody new: a known record with other identifiers and a date of birth long ago.
pub(super) fn newcomer(cx: &Context, known: &Value, name: &str) -> Option<(String, Value)> {
    let registry = cx.profile.registry.as_ref()?;
    let old = identifier_of(cx, known)?;
    let mut record = known.clone();
    // Each of them: a record that shares one with a person is a record of this person.
    rename(&mut record, registry, &|value| {
        like(cx, value, &format!("{name} {value}"))
    });
    let born = registry.attributes.get(&registry.date_attribute);
    if let Some(member) = born.and_then(|pointer| record.pointer_mut(pointer)) {
        *member = LONG_AGO.into();
    }
    Some((like(cx, &old, &format!("{name} {old}")), record))
}

/// Gives every identifier of a record another value, wherever it stands.
fn rename(value: &mut Value, registry: &Registry, other: &dyn Fn(&str) -> String) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, registry, other)),
        Value::Object(members) => {
            let is_one = members.contains_key(&registry.identifier_type);
            for (name, member) in members {
                match member {
                    Value::String(text) if is_one && *name == registry.identifier_value => {
                        *text = other(text);
                    }
                    member => rename(member, registry, other),
                }
            }
        }
        _ => {}
    }
}

/// Records that were seen in the discovery, each with its identifier.
pub(super) fn known_people(cx: &Context, seen: &[Observation]) -> Result<Arc<Vec<(String, Value)>>, String> {
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

fn not_sent(label: &str) -> String {
    format!("the search `{label}` was not sent")
}

/// The reply to a step's search, or why there is none that can be judged.
pub(super) fn reply(seen: &[Observation], label: &str) -> Result<(usize, Reply), String> {
    let (index, exchange) = exchange(seen, label).ok_or_else(|| not_sent(label))?;
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
    pub(super) fn of(cx: &Context, seen: &[Observation], distinct: usize) -> Result<Arc<Self>, String> {
        let registry = registry(cx)?;
        let sample = cx.learnt.of(discovered(seen)?, || {
            reply(seen, DISCOVERY).map(|(_, reply)| Self::read(registry, &reply))
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

/// Whether a profile takes this alternative of a reading; one that does not name the reading takes its default.
pub(super) fn takes(cx: &Context, reading: &str, alternative: &str) -> bool {
    match cx.profile.readings.get(reading) {
        Some(taken) => taken.iter().any(|taken| taken == alternative),
        None => Catalogue::bundled()
            .reading(reading)
            .is_some_and(|reading| reading.default == alternative),
    }
}

/// The form of an answer with a 2xx status, recognisable or not; undecided, for this reason, where there is
/// none.
pub(super) fn form_anyway(
    cx: &Context,
    requirement: &str,
    answer: Option<(usize, &Exchange)>,
    reason: &str,
) -> Vec<Judgement> {
    let judged = || {
        let (index, exchange) = answer?;
        let response = exchange.response().filter(|r| (200..300).contains(&r.status))?;
        let body = response.body.json()?;
        let shape = cx.schemas.reply(&exchange.operation, response.status)?;
        let judged = schema_judgements(requirement, index, shape, &body, |_| true);
        // What lacks its form shows no more than that.
        let violated = |j: &Judgement| matches!(j.outcome, Outcome::Violated(_));
        Some(judged.into_iter().filter(violated).collect::<Vec<_>>())
    };
    match judged() {
        Some(judged) if !judged.is_empty() => judged,
        _ => vec![Judgement::undecided(requirement, reason)],
    }
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
