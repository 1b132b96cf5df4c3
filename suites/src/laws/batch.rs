//! A batch is the union of its searches, whatever one of them is like.

use super::Law;
use super::predicate::date_attribute;
use super::search::references;
use super::support::{Sample, all_undecided, discovery, exchange, reply, search, sent};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Answer, Item, Reply, classify, describe, reference_ids};
use crate::plan::Step;
use crate::request::{everybody, item, page, predicate};
use serde_json::{Value, json};
use specs::evidence::{Exchange, Observation};

const BATCH: &str = "batch";

/// The searches for the holders of so many dates.
fn dates(cx: &Context, sample: &Sample, many: usize) -> Vec<Value> {
    let of = |n: usize| {
        let asked = item(date_attribute(cx), "eq", sample.date(n, many - 1));
        predicate(cx, &[asked], &[page(super::support::SAMPLE_SIZE, 1)])
    };
    (0..many).map(of).collect()
}

/// Whether two lists hold the same records, in whatever order.
fn same(one: &[Value], other: &[&Value]) -> bool {
    let count = |record: &Value, all: &mut dyn Iterator<Item = &Value>| all.filter(|r| *r == record).count();
    one.len() == other.len()
        && one
            .iter()
            .all(|r| count(r, &mut one.iter()) == count(r, &mut other.iter().copied()))
}

/// The item that answers this request of a batch.
fn item_of<'r>(reply: &'r Reply, request: &Exchange, nth: usize) -> Option<(usize, &'r Item)> {
    let asked = reference_ids(&request.request.body.json()?);
    let id = asked.get(nth)?;
    let answers = |item: &Item| item.reference_id.as_ref() == Some(id);
    let at = reply.items.iter().position(answers)?;
    Some((at, &reply.items[at]))
}

/// Each search of a batch returns what it returns alone.
pub(super) struct Union;

const UNION: &str = "dci.sync-search.batch-union";
const ALONE: [&str; 3] = ["first alone", "second alone", "third alone"];

impl Law for Union {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        let Some(nth) = sent(seen).checked_sub(1) else {
            return Some(discovery(cx));
        };
        let sample = Sample::of(cx, seen, ALONE.len()).ok()?;
        let criteria = dates(cx, &sample, ALONE.len());
        match ALONE.get(nth) {
            Some(label) => Some(search(cx, label, &criteria[nth..=nth])),
            None if nth == ALONE.len() => Some(search(cx, BATCH, &criteria)),
            None => None,
        }
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let attempt = || -> Result<Vec<Judgement>, String> {
            Sample::of(cx, seen, ALONE.len())?;
            let (index, batch) = reply(seen, BATCH)?;
            let (_, request) = exchange(seen, BATCH).ok_or("the batch was not sent")?;
            let mut judgements = Vec::new();
            for (nth, label) in ALONE.iter().enumerate() {
                let (_, alone) = reply(seen, label)?;
                let (at, together) = item_of(&batch, request, nth)
                    .ok_or_else(|| format!("search {} of the batch was not answered", nth + 1))?;
                judgements.push(if same(&together.records, &alone.records()) {
                    Judgement::held(UNION)
                } else {
                    Judgement::violated(
                        UNION,
                        index,
                        Some(format!("/message/search_response/{at}/data/reg_records")),
                        format!(
                            "the {} records that this search returned alone",
                            alone.records().len()
                        ),
                        format!("{} records that are not the same", together.records.len()),
                    )
                });
            }
            Ok(judgements)
        };
        attempt().unwrap_or_else(|reason| all_undecided(&[UNION], &reason))
    }
}

/// One bad search in a batch is told to be bad, and spoils nothing else.
pub(super) struct BadItem;

const BAD: &str = "dci.sync-search.bad-item";
const REFERENCE: &str = "dci.sync-search.echo-reference";
/// Label of the batch without the bad search.
const GOOD: &str = "good batch";

/// Searches that registries refuse, each with the label of the step that tries it alone. Which of them a
/// target refuses is a matter of readings.
const CANDIDATES: [&str; 3] = ["an unknown attribute", "another registry", "an unknown operator"];

fn candidate(cx: &Context, nth: usize) -> Value {
    let name = date_attribute(cx);
    match nth {
        0 => predicate(cx, &[item("dcx_no_such_attribute", "eq", &json!("x"))], &[]),
        1 => {
            let mut criteria = everybody(cx, &[]);
            criteria["reg_type"] = json!("dcx:RegistryType:None");
            criteria
        }
        _ => predicate(cx, &[item(name, "dcx-like", &json!("1990-01-01"))], &[]),
    }
}

/// The first candidate that was refused alone.
fn refused_alone(seen: &[Observation]) -> Option<usize> {
    let refused = |label: &&str| exchange(seen, label).is_some_and(|(_, e)| classify(e) == Answer::Refused);
    CANDIDATES.iter().position(refused)
}

impl Law for BadItem {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        let Some(nth) = sent(seen).checked_sub(1) else {
            return Some(discovery(cx));
        };
        let sample = Sample::of(cx, seen, 2).ok()?;
        let good = dates(cx, &sample, 2);
        let Some(bad) = refused_alone(seen) else {
            let label = CANDIDATES.get(nth)?;
            return Some(search(cx, label, &[candidate(cx, nth)]));
        };
        if exchange(seen, GOOD).is_none() {
            return Some(search(cx, GOOD, &good));
        }
        let mixed = [good[0].clone(), candidate(cx, bad), good[1].clone()];
        exchange(seen, BATCH).is_none().then(|| search(cx, BATCH, &mixed))
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let both = [BAD, REFERENCE];
        if let Err(reason) = Sample::of(cx, seen, 2) {
            return all_undecided(&both, &reason);
        }
        let Some(bad) = refused_alone(seen) else {
            let tried = CANDIDATES.iter().all(|label| exchange(seen, label).is_some());
            let reason = format!(
                "no search was refused alone, of those for {}",
                CANDIDATES.join(", ")
            );
            return if tried {
                both.iter()
                    .map(|r| Judgement::not_applicable(r, reason.clone()))
                    .collect()
            } else {
                all_undecided(&both, "the case was cut short")
            };
        };
        let (good, mixed) = match (reply(seen, GOOD), exchange(seen, BATCH)) {
            (Err(reason), _) => return all_undecided(&both, &reason),
            (_, None) => return all_undecided(&both, "the case was cut short"),
            (Ok((_, good)), Some(mixed)) => (good, mixed),
        };
        let (index, sent) = mixed;
        if classify(sent) == Answer::Refused {
            let reason = "the batch was refused as a whole, as the reading dci.batch-fault allows";
            return vec![Judgement::held(BAD), Judgement::not_applicable(REFERENCE, reason)];
        }
        let Some(answer) = Reply::of(sent) else {
            return all_undecided(&both, &describe(sent));
        };
        let request = sent.request.body.json().unwrap_or_default();
        let answered: Vec<Option<String>> = answer.items.iter().map(|i| i.reference_id.clone()).collect();
        let mut judgements = vec![references(
            REFERENCE,
            index,
            &request,
            "search_response",
            &answered,
        )];
        if let Some((at, item)) = item_of(&answer, sent, 1)
            && item.status.as_deref() == Some("succ")
        {
            let expected = format!(
                "rjct for the search for {}, which was refused alone",
                CANDIDATES[bad]
            );
            let at = Some(format!("/message/search_response/{at}/status"));
            judgements.push(Judgement::violated(BAD, index, at, expected, "succ"));
        }
        judgements.extend(undisturbed(seen, &good, (index, sent, &answer)));
        judgements.push(Judgement::held(BAD));
        judgements
    }
}

/// The good searches of a batch are answered as without the bad one between them; which of them is not at
/// all, another requirement says.
fn undisturbed(
    seen: &[Observation],
    good: &Reply,
    (index, sent, answer): (usize, &Exchange, &Reply),
) -> Option<Judgement> {
    let (_, alone) = exchange(seen, GOOD)?;
    [(0, 0), (1, 2)].into_iter().find_map(|(without, with)| {
        let (_, expected) = item_of(good, alone, without)?;
        let (at, found) = item_of(answer, sent, with)?;
        let expected_records: Vec<&Value> = expected.records.iter().collect();
        (!same(&found.records, &expected_records)).then(|| {
            Judgement::violated(
                BAD,
                index,
                Some(format!("/message/search_response/{at}/data/reg_records")),
                format!(
                    "the {} records that this search returned in a batch without a bad one",
                    expected.records.len()
                ),
                format!("{} records that are not the same", found.records.len()),
            )
        })
    })
}
