//! Searches that wait for their answers at the same time stay apart.

use super::Law;
use super::asynchronous;
use super::predicate::date_attribute;
use super::support::{Sample, callbacks, discovery, done, exchange, registry, sent, show, text, waits};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Answer, Reply, classify, describe, reference_ids, satisfies, value_of};
use crate::plan::{Send, Step};
use crate::request::{item, page, predicate};
use serde_json::Value;
use specs::catalogue::Registry;
use specs::evidence::{Callback, Exchange, Observation};

/// Each of many searches is called back with what it asked for.
pub(super) struct InFlight;

const REQUIREMENT: &str = "dci.search.in-flight";

/// How many searches are sent at once.
const MANY: usize = 6;

fn label(nth: usize) -> String {
    format!("search {}", nth + 1)
}

/// The searches, each for the holders of a date of its own.
fn searches(cx: &Context, sample: &Sample) -> Vec<Send> {
    let of = |nth: usize| {
        let asked = item(date_attribute(cx), "eq", sample.date(nth, MANY - 1));
        let criteria = predicate(cx, &[asked], &[page(super::support::SAMPLE_SIZE, 1)]);
        asynchronous::search(cx, &label(nth), &[criteria])
    };
    (0..MANY).map(of).collect()
}

impl Law for InFlight {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        match sent(seen) {
            0 => Some(discovery(cx)),
            1 => {
                let sample = Sample::of(cx, seen, MANY).ok()?;
                Some(Step::SendAll(searches(cx, &sample)))
            }
            asked => {
                let nth = done(seen) - asked;
                (nth < MANY).then(|| Step::answer(&label(nth)))
            }
        }
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let sample = match Sample::of(cx, seen, MANY) {
            Ok(sample) => sample,
            Err(reason) => return vec![Judgement::undecided(REQUIREMENT, reason)],
        };
        let of = |nth| one(cx, seen, &sample, nth);
        (0..MANY)
            .map(|nth| of(nth).unwrap_or_else(|reason| Judgement::undecided(REQUIREMENT, reason)))
            .collect()
    }
}

/// Judges one of the searches.
fn one(cx: &Context, seen: &[Observation], sample: &Sample, nth: usize) -> Result<Judgement, String> {
    let label = label(nth);
    let (index, search) = exchange(seen, &label).ok_or("the case was cut short")?;
    if classify(search) != Answer::Accepted {
        return Err(format!("`{label}` was not acknowledged: {}", describe(search)));
    }
    let Some((called, callback)) = callbacks(seen, &label).into_iter().next() else {
        let others = (0..MANY)
            .filter(|n| !callbacks(seen, &self::label(*n)).is_empty())
            .count();
        if waits(seen) <= nth {
            return Err("the case was cut short".to_owned());
        }
        if others == 0 {
            return Err("none of the searches was called back".to_owned());
        }
        let expected = format!("a callback for each of {MANY} searches at once");
        let actual = format!("none for `{label}`, and one for {others} others");
        return Ok(Judgement::violated(REQUIREMENT, index, None, expected, actual));
    };
    Ok(ids(seen, search, called, callback)
        .or_else(|| records(cx, sample, nth, called, callback))
        .unwrap_or_else(|| Judgement::held(REQUIREMENT)))
}

/// What is wrong with the ids of a callback.
fn ids(seen: &[Observation], search: &Exchange, index: usize, callback: &Callback) -> Option<Judgement> {
    let asked = search.request.body.json()?;
    let body = callback.request.body.json()?;
    let acknowledged = search.response()?.body.json()?;
    let pairs = [
        ("/message/transaction_id", text(&asked, "/message/transaction_id")),
        (
            "/message/correlation_id",
            text(&acknowledged, "/message/correlation_id"),
        ),
    ];
    let references = reference_ids(&asked);
    let reference = (
        "/message/search_response/0/reference_id",
        references.first().map(String::as_str),
    );
    for (pointer, own) in pairs.into_iter().chain([reference]) {
        let found = text(&body, pointer);
        // What is absent, or nobody's, another requirement is about.
        let Some(of_other) = found
            .filter(|found| Some(*found) != own)
            .and_then(|id| owner(seen, id))
        else {
            continue;
        };
        let expected = format!("the ids of `{}` in the callback at its address", search.label);
        let actual = format!("an id of `{of_other}`");
        return Some(Judgement::violated(
            REQUIREMENT,
            index,
            Some(pointer.to_owned()),
            expected,
            actual,
        ));
    }
    None
}

/// The search that an id belongs to.
fn owner(seen: &[Observation], id: &str) -> Option<String> {
    (0..MANY).map(label).find(|label| {
        let Some((_, search)) = exchange(seen, label) else {
            return false;
        };
        let asked = search.request.body.json().unwrap_or_default();
        let acknowledged = search.response().and_then(|r| r.body.json()).unwrap_or_default();
        let own = [
            text(&asked, "/message/transaction_id"),
            text(&acknowledged, "/message/correlation_id"),
        ];
        own.contains(&Some(id)) || reference_ids(&asked).iter().any(|reference| reference == id)
    })
}

/// The date of a record.
fn date<'r>(cx: &Context, registry: &Registry, record: &'r Value) -> Option<&'r Value> {
    value_of(registry, record, date_attribute(cx))
}

/// What is wrong with the records of a callback.
fn records(
    cx: &Context,
    sample: &Sample,
    nth: usize,
    index: usize,
    callback: &Callback,
) -> Option<Judgement> {
    let registry = registry(cx).ok()?;
    let reply = Reply::read(&callback.request.body)?;
    let holds = |record: &Value, nth: usize| {
        date(cx, registry, record)
            .is_some_and(|v| satisfies(v, "eq", sample.date(nth, MANY - 1)) == Some(true))
    };
    let returned = reply.records();
    let at = "/message/search_response/0/data/reg_records";
    let asked = show(sample.date(nth, MANY - 1));
    if let Some(n) = returned.iter().position(|record| !holds(record, nth)) {
        let of_other = (0..MANY).find(|other| holds(returned[n], *other));
        let whose = of_other.map_or_else(String::new, |other| {
            format!(", for whom `{}` asked", label(other))
        });
        let held = date(cx, registry, returned[n]).map_or_else(|| "none".to_owned(), show);
        return Some(Judgement::violated(
            REQUIREMENT,
            index,
            Some(format!("{at}/{n}")),
            format!(
                "the holders of the {} {asked}, for whom `{}` asked",
                date_attribute(cx),
                label(nth)
            ),
            format!("the holder of {held}{whose}"),
        ));
    }
    let known = sample.records.iter().filter(|record| holds(record, nth));
    let missing = known.filter(|record| !returned.contains(record)).count();
    (missing > 0 && reply.complete()).then(|| {
        let expected = format!("every known holder of the {} {asked}", date_attribute(cx));
        let actual = format!("{missing} of them are missing");
        Judgement::violated(REQUIREMENT, index, Some(at.to_owned()), expected, actual)
    })
}
