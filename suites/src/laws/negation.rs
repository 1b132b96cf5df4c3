//! `not` leaves records out.

use super::Law;
use super::predicate::{ask, date_attribute};
use super::support::{Sample, discovery, record_pointer, registry, reply, sent, show};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Reply, satisfies, value_of};
use crate::plan::Step;
use crate::request::expression;
use serde_json::{Value, json};
use specs::evidence::Observation;

/// `not` complements: what is returned for it is what `and` leaves out.
pub(super) struct Not;

const NOT: &str = "dci.sync-search.condition-not";
const SCOPE: &str = "dci.not-scope";

/// One expression: its operator, and at which quarter of the dates its bound lies.
type Bound = (&'static str, usize);

/// Label, first and second expression. Together they tell the alternatives of the reading apart: the first
/// two overlap and leave nobody out, of the others one contains the other.
const QUESTIONS: [(&str, Bound, Bound); 2] = [
    ("overlapping", ("ge", 1), ("le", 3)),
    ("one within the other", ("ge", 1), ("ge", 3)),
];

/// Whether a record is to be returned that satisfies the first, and the second expression.
type Scope = fn(bool, bool) -> bool;

/// The alternatives of the reading.
const SCOPES: [(&str, Scope); 3] = [
    ("second", |first, second| first && !second),
    ("both", |first, second| !first && !second),
    ("first", |first, second| !first && second),
];

/// Whether a record satisfies both expressions of a question, each by itself.
fn satisfied(
    cx: &Context,
    sample: &Sample,
    record: &Value,
    question: (Bound, Bound),
) -> Option<(bool, bool)> {
    let value = value_of(registry(cx).ok()?, record, date_attribute(cx))?;
    let holds = |(operator, quarter): Bound| satisfies(value, operator, sample.date(quarter, 4));
    Some((holds(question.0)?, holds(question.1)?))
}

impl Law for Not {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        let Some(nth) = sent(seen).checked_sub(1) else {
            return Some(discovery(cx));
        };
        let (label, first, second) = QUESTIONS.get(nth)?;
        let sample = Sample::of(cx, seen, 5).ok()?;
        let one =
            |(operator, quarter): Bound| expression(date_attribute(cx), operator, sample.date(quarter, 4));
        let query = json!({
            "seq_num": 1, "expression1": one(*first), "condition": "not", "expression2": one(*second),
        });
        Some(ask(cx, label, &[query]))
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        vec![judge(cx, seen).unwrap_or_else(|reason| Judgement::undecided(NOT, reason))]
    }
}

fn judge(cx: &Context, seen: &[Observation]) -> Result<Judgement, String> {
    let sample = Sample::of(cx, seen, 5)?;
    let replies = QUESTIONS.map(|(label, first, second)| (reply(seen, label), (first, second)));
    let mut answered = Vec::new();
    for (reply, question) in replies {
        let (index, reply) = reply?;
        answered.push((index, reply, question));
    }
    let mut wrong = None;
    for (alternative, scope) in SCOPES {
        let found = answered
            .iter()
            .find_map(|(index, reply, question)| departure(cx, &sample, (*index, reply), *question, scope));
        match found {
            None if cx.profile.allows(SCOPE, alternative) => return Ok(Judgement::held(NOT)),
            None => {
                let reason = format!("the target reads `not` otherwise: {SCOPE} = {alternative}");
                return Ok(Judgement::not_applicable(NOT, reason));
            }
            // Of all departures, that from the reading of the profile is shown.
            Some(found) if cx.profile.allows(SCOPE, alternative) => wrong = Some(found),
            Some(_) => {}
        }
    }
    wrong.ok_or_else(|| "the profile names no known alternative of the reading".to_owned())
}

/// Where a reply is not what this reading of `not` returns.
fn departure(
    cx: &Context,
    sample: &Sample,
    (index, reply): (usize, &Reply),
    question: (Bound, Bound),
    scope: Scope,
) -> Option<Judgement> {
    let wanted =
        |record: &Value| satisfied(cx, sample, record, question).map(|(first, second)| scope(first, second));
    let name = date_attribute(cx);
    let bound = |(operator, quarter): Bound| format!("{name} {operator} {}", show(sample.date(quarter, 4)));
    let asked = format!("{} `not` {}", bound(question.0), bound(question.1));
    let returned = reply.records();
    // Who has no date satisfies neither bound, whose negations are another matter.
    let unwanted = |record: &&Value| !wanted(record).unwrap_or_else(|| scope(false, false));
    if let Some(nth) = returned.iter().position(unwanted) {
        let value = registry(cx).ok().and_then(|r| value_of(r, returned[nth], name));
        let held = value.map_or_else(
            || format!("without {name}"),
            |v| format!("with {name} {}", show(v)),
        );
        return Some(Judgement::violated(
            NOT,
            index,
            Some(record_pointer(nth)),
            format!("only records that {asked} leaves"),
            format!("a record {held}"),
        ));
    }
    let missing = |record: &&Value| wanted(record) == Some(true) && !returned.contains(record);
    let missing = sample.records.iter().filter(missing).count();
    (missing > 0 && reply.complete()).then(|| {
        Judgement::violated(
            NOT,
            index,
            Some("/message/search_response/0/data/reg_records".to_owned()),
            format!("every record that {asked} leaves"),
            format!("{missing} records of the search for everybody are missing"),
        )
    })
}
