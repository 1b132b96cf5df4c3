//! Comparisons at their bound: each operator includes or excludes it, and `ge` and `lt` partition a result.

use super::Law;
use super::predicate::{Condition, ask, date_attribute, judge};
use super::support::{Sample, all_undecided, discovery, record_pointer, reply, sent, show};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Reply, satisfies};
use crate::plan::Step;
use crate::request::{EARLIEST, item};
use serde_json::{Value, json};
use specs::evidence::Observation;

/// `ge` and `le` include their bound, `gt` and `lt` exclude it.
pub(super) struct Bounds;

const BOUNDS: &str = "dci.sync-search.bounds";

/// Label, operator, and at which quarter of the dates its bound lies: those of the ends keep the results
/// small, those of the middle are a partition.
const QUESTIONS: [(&str, &str, usize); 6] = [
    ("ge", "ge", 3),
    ("gt", "gt", 3),
    ("le", "le", 1),
    ("lt", "lt", 1),
    (FROM, "ge", 2),
    (BEFORE, "lt", 2),
];

/// The two parts of a partition.
const FROM: &str = "from the middle";
const BEFORE: &str = "before the middle";

/// Label of the search for those whom the search for everybody leaves out.
const EARLIER: &str = "before everybody";

impl Law for Bounds {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        match sent(seen) {
            0 => Some(discovery(cx)),
            n if n == QUESTIONS.len() + 1 => {
                let asked = item(date_attribute(cx), "lt", &json!(EARLIEST));
                Some(ask(cx, EARLIER, &[asked]))
            }
            n => {
                let (label, operator, quarter) = QUESTIONS.get(n - 1)?;
                let sample = Sample::of(cx, seen, 5).ok()?;
                let bound = sample.date(*quarter, 4);
                Some(ask(cx, label, &[item(date_attribute(cx), operator, bound)]))
            }
        }
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let sample = match Sample::of(cx, seen, 5) {
            Ok(sample) => sample,
            Err(reason) => return all_undecided(&[BOUNDS], &reason),
        };
        let mut judgements = Vec::new();
        for (label, operator, quarter) in QUESTIONS {
            let bound = sample.date(quarter, 4);
            let what = format!("{} {operator} {}", date_attribute(cx), show(bound));
            let condition: Condition<'_> = &|v| satisfies(v, operator, bound);
            let complete = Some((BOUNDS, condition));
            // The parts of the partition are large, and need not be complete to be told apart.
            let complete = complete.filter(|_| label != FROM && label != BEFORE);
            judgements.extend(judge(cx, seen, label, BOUNDS, complete, &what, condition));
        }
        judgements.push(match (reply(seen, FROM), reply(seen, BEFORE)) {
            (Ok(from), Ok(before)) => {
                let earlier = reply(seen, EARLIER).ok().and_then(|(_, reply)| stated(&reply));
                partition(cx, &sample, &from, &before, earlier)
            }
            (Err(reason), _) | (_, Err(reason)) => Judgement::undecided(BOUNDS, reason),
        });
        judgements
    }
}

/// The number of records of a result as its reply states it.
fn stated(reply: &Reply) -> Option<u64> {
    reply.items.first()?.total_count
}

/// Every record is in one of the two parts, and the totals say so too; `earlier` records are in neither the
/// search for everybody nor the later part.
fn partition(
    cx: &Context,
    sample: &Sample,
    (_, from): &(usize, Reply),
    (index, before): &(usize, Reply),
    earlier: Option<u64>,
) -> Judgement {
    let bound = show(sample.date(2, 4));
    let parts = format!("`ge {bound}` and `lt {bound}`");
    let older = before.records();
    if let Some(nth) = older.iter().position(|record| from.records().contains(record)) {
        let expected = format!("no record that {parts} share");
        let actual = "a record that both return";
        return Judgement::violated(BOUNDS, *index, Some(record_pointer(nth)), expected, actual);
    }
    let in_neither = |record: &&Value| !from.records().contains(record) && !older.contains(record);
    let missing = sample.records.iter().filter(in_neither).count();
    if missing > 0 && from.complete() && before.complete() {
        return Judgement::violated(
            BOUNDS,
            *index,
            Some("/message/search_response/0/data/reg_records".to_owned()),
            format!("every record that holds a {} in {parts}", date_attribute(cx)),
            format!("{missing} records of the search for everybody that neither returns"),
        );
    }
    if let (Some(from), Some(before), Some(earlier)) = (stated(from), stated(before), earlier)
        && from.saturating_add(before) != sample.total.saturating_add(earlier)
    {
        return Judgement::violated(
            BOUNDS,
            *index,
            Some("/message/search_response/0/pagination/total_count".to_owned()),
            format!(
                "totals of {parts} that add up to the {} of everybody",
                sample.total
            ),
            format!("{from} and {before}"),
        );
    }
    Judgement::held(BOUNDS)
}
