//! What laws share: finding their own observations again, and learning from a first search.

mod sample;

pub(crate) use sample::{
    DISCOVERY, SAMPLE_SIZE, Sample, discovered_by, discovery, known_beforehand, known_people,
};

use crate::context::Context;
use crate::judgement::{Judgement, Outcome};
use crate::oracle::{Answer, Reply, classify, describe, schema_judgements};
use crate::plan::{Payload, STOPPED, Send, Step};
use crate::request;
use serde_json::Value;
use specs::catalogue::Registry;
use specs::evidence::{Callback, Exchange, Intent, Observation};

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
pub(crate) fn identifier_of(cx: &Context, record: &Value) -> Option<String> {
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

/// The registry part of the profile.
pub(super) fn registry(cx: &Context) -> Result<&Registry, String> {
    cx.profile
        .registry
        .as_ref()
        .ok_or_else(|| "the profile describes no registry".to_owned())
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
