//! Predicates mean what their operators say.

use super::Law;
use super::support::{
    DISCOVERY, Sample, all_undecided, discovery, record_pointer, registry, reply, search, sent, show,
};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{satisfies, value_of};
use crate::plan::Step;
use crate::request::{expression, item, page, predicate};
use serde_json::{Value, json};
use specs::evidence::Observation;

/// A condition on the date attribute, as a law checks it.
pub(super) type Condition<'a> = &'a dyn Fn(&Value) -> Option<bool>;

/// Judges that a reply holds the records that satisfy a condition, and only those.
///
/// `requirement` is violated by a record that does not satisfy the condition; `completeness`, by a known
/// record that satisfies its own condition and is missing from a complete reply. The two conditions differ
/// where a record on the very bound is another law's business.
pub(super) fn judge(
    cx: &Context,
    seen: &[Observation],
    label: &str,
    requirement: &str,
    completeness: Option<(&str, Condition<'_>)>,
    what: &str,
    condition: Condition<'_>,
) -> Vec<Judgement> {
    let attempt = || -> Result<Vec<Judgement>, String> {
        let registry = registry(cx)?;
        let sample = Sample::of(cx, seen, 1)?;
        let (index, reply) = reply(seen, label)?;
        let attribute = &registry.date_attribute;
        let mut judgements = Vec::new();
        for (nth, record) in reply.records().into_iter().enumerate() {
            let value = value_of(registry, record, attribute);
            if value.and_then(condition) == Some(true) {
                continue;
            }
            let pointer = registry.attributes.get(attribute).map_or("", String::as_str);
            judgements.push(Judgement::violated(
                requirement,
                index,
                Some(format!("{}{pointer}", record_pointer(nth))),
                format!("every returned record satisfies {what}"),
                value.map_or_else(
                    || format!("a record without {attribute}"),
                    |v| format!("{attribute} {}", show(v)),
                ),
            ));
            break;
        }
        if judgements.is_empty() {
            judgements.push(Judgement::held(requirement));
        }
        if let Some((completeness, condition)) = completeness {
            let missing = sample.records.iter().find(|record| {
                value_of(registry, record, attribute).and_then(condition) == Some(true)
                    && !reply.records().contains(record)
            });
            judgements.push(match missing {
                None => Judgement::held(completeness),
                Some(record) if reply.complete() => Judgement::violated(
                    completeness,
                    index,
                    Some("/message/search_response/0/data/reg_records".to_owned()),
                    format!(
                        "a record that satisfies {what}, known from the search `{DISCOVERY}`, is returned"
                    ),
                    format!(
                        "the record with {attribute} {} is missing from the {} returned",
                        value_of(registry, record, attribute).map_or_else(String::new, show),
                        reply.records().len()
                    ),
                ),
                Some(_) => Judgement::undecided(
                    completeness,
                    format!(
                        "`{label}` returned {} of {} records",
                        reply.records().len(),
                        reply.total()
                    ),
                ),
            });
        }
        Ok(judgements)
    };
    attempt().unwrap_or_else(|reason| {
        let mut requirements = vec![requirement];
        requirements.extend(completeness.map(|(requirement, _)| requirement));
        all_undecided(&requirements, &reason)
    })
}

pub(super) fn date_attribute(cx: &Context) -> &str {
    cx.profile
        .registry
        .as_ref()
        .map_or("", |registry| registry.date_attribute.as_str())
}

pub(super) fn ask(cx: &Context, label: &str, items: &[Value]) -> Step {
    search(
        cx,
        label,
        &[predicate(cx, items, &[page(super::support::SAMPLE_SIZE, 1)])],
    )
}

/// `eq` on a value just seen finds its record, and nothing else.
pub(super) struct SeenValue;

impl Law for SeenValue {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        match sent(seen) {
            0 => Some(discovery(cx)),
            1 => {
                let sample = Sample::of(cx, seen, 2).ok()?;
                Some(ask(
                    cx,
                    "eq",
                    &[item(date_attribute(cx), "eq", sample.date(1, 2))],
                ))
            }
            _ => None,
        }
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let (satisfied, found) = (
            "dci.sync-search.predicate-satisfied",
            "dci.sync-search.seen-value-found",
        );
        match Sample::of(cx, seen, 2) {
            Err(reason) => all_undecided(&[satisfied, found], &reason),
            Ok(sample) => {
                let bound = sample.date(1, 2);
                let what = format!("{} eq {}", date_attribute(cx), show(bound));
                let equal: Condition<'_> = &|v| satisfies(v, "eq", bound);
                judge(cx, seen, "eq", satisfied, Some((found, equal)), &what, equal)
            }
        }
    }
}

/// The items of a list are joined by AND.
pub(super) struct ListAnd;

impl Law for ListAnd {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        match sent(seen) {
            0 => Some(discovery(cx)),
            1 => {
                let sample = Sample::of(cx, seen, 4).ok()?;
                let name = date_attribute(cx);
                let items = [
                    item(name, "ge", sample.date(1, 4)),
                    item(name, "le", sample.date(1, 2)),
                ];
                Some(ask(cx, "list", &items))
            }
            _ => None,
        }
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let requirement = "dci.sync-search.list-and";
        match Sample::of(cx, seen, 4) {
            Err(reason) => all_undecided(&[requirement], &reason),
            Ok(sample) => {
                let (low, high) = (sample.date(1, 4), sample.date(1, 2));
                let what = format!("both list items: ge {} and le {}", show(low), show(high));
                let within: Condition<'_> = &|v| Some(satisfies(v, "ge", low)? && satisfies(v, "le", high)?);
                let inside: Condition<'_> = &|v| Some(satisfies(v, "gt", low)? && satisfies(v, "lt", high)?);
                judge(
                    cx,
                    seen,
                    "list",
                    requirement,
                    Some((requirement, inside)),
                    &what,
                    within,
                )
            }
        }
    }
}

/// `condition` joins expression1 and expression2.
pub(super) struct Conditions;

impl Law for Conditions {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        let joined = |label: &str, left: Value, right: Value| {
            let both = json!({"seq_num": 1, "expression1": left, "condition": label, "expression2": right});
            Some(ask(cx, label, &[both]))
        };
        let name = date_attribute(cx);
        match sent(seen) {
            0 => Some(discovery(cx)),
            1 => {
                let sample = Sample::of(cx, seen, 4).ok()?;
                let left = expression(name, "ge", sample.date(1, 4));
                joined("and", left, expression(name, "le", sample.date(1, 2)))
            }
            2 => {
                let sample = Sample::of(cx, seen, 4).ok()?;
                let left = expression(name, "eq", sample.date(0, 1));
                joined("or", left, expression(name, "eq", sample.date(1, 1)))
            }
            _ => None,
        }
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let (and, or) = ("dci.sync-search.condition-and", "dci.sync-search.condition-or");
        match Sample::of(cx, seen, 4) {
            Err(reason) => all_undecided(&[and, or], &reason),
            Ok(sample) => {
                let (low, high) = (sample.date(1, 4), sample.date(1, 2));
                let what = format!("ge {} and le {}", show(low), show(high));
                let within: Condition<'_> = &|v| Some(satisfies(v, "ge", low)? && satisfies(v, "le", high)?);
                let inside: Condition<'_> = &|v| Some(satisfies(v, "gt", low)? && satisfies(v, "lt", high)?);
                let mut judgements = judge(cx, seen, "and", and, Some((and, inside)), &what, within);
                let (first, last) = (sample.date(0, 1), sample.date(1, 1));
                let what = format!("eq {} or eq {}", show(first), show(last));
                let either: Condition<'_> =
                    &|v| Some(satisfies(v, "eq", first)? || satisfies(v, "eq", last)?);
                judgements.extend(judge(cx, seen, "or", or, Some((or, either)), &what, either));
                judgements
            }
        }
    }
}

/// `in` with a list finds the holders of any of its values.
pub(super) struct In;

impl Law for In {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        match sent(seen) {
            0 => Some(discovery(cx)),
            1 => {
                let sample = Sample::of(cx, seen, 2).ok()?;
                let list = json!([sample.date(1, 3), sample.date(1, 1)]);
                Some(ask(cx, "in", &[item(date_attribute(cx), "in", &list)]))
            }
            _ => None,
        }
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let requirement = "dci.sync-search.in";
        match Sample::of(cx, seen, 2) {
            Err(reason) => all_undecided(&[requirement], &reason),
            Ok(sample) => {
                let list = json!([sample.date(1, 3), sample.date(1, 1)]);
                let what = format!("{} in {list}", date_attribute(cx));
                let any: Condition<'_> = &|v| satisfies(v, "in", &list);
                judge(cx, seen, "in", requirement, Some((requirement, any)), &what, any)
            }
        }
    }
}
