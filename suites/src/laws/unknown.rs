//! Searches that name an attribute which no registry has.

use super::Law;
use super::support::{accepted, all_undecided, exchange, reply, search, sent};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Answer, classify, describe};
use crate::plan::Step;
use crate::request::{everybody, item, page, predicate};
use serde_json::json;
use specs::evidence::Observation;

/// A search by an unknown attribute, and one sorted by it, beside an honest one.
pub(super) struct UnknownAttribute;

const SEARCHED: &str = "dci.sync-search.unknown-attribute";
const SORTED: &str = "dci.sync-search.unknown-sort";
const HONEST: &str = "honest";
const BY_UNKNOWN: &str = "by an unknown attribute";
const SORTED_BY_UNKNOWN: &str = "sorted by an unknown attribute";
const UNKNOWN: &str = "dcx_no_such_attribute";
const READING: &str = "dci.unknown-attribute";

impl Law for UnknownAttribute {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        let few = page(5, 1);
        let (label, criteria) = match sent(seen) {
            0 => (HONEST, everybody(cx, &[few])),
            1 => (
                BY_UNKNOWN,
                predicate(cx, &[item(UNKNOWN, "eq", &json!("42"))], &[few]),
            ),
            2 => {
                let sort = json!([{"attribute_name": UNKNOWN, "sort_order": "asc"}]);
                (SORTED_BY_UNKNOWN, everybody(cx, &[("sort", sort), few]))
            }
            _ => return None,
        };
        Some(search(cx, label, &[criteria]))
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        // A refusal proves something only where the honest search was answered.
        let honest = accepted(seen, HONEST).and_then(|_| reply(seen, HONEST));
        match honest {
            Err(reason) => all_undecided(&[SEARCHED, SORTED], &reason),
            Ok(_) => vec![
                not_answered(cx, seen, BY_UNKNOWN, SEARCHED, "rjct.search_criteria.invalid"),
                not_answered(cx, seen, SORTED_BY_UNKNOWN, SORTED, "rjct.sort.invalid"),
            ],
        }
    }
}

fn not_answered(cx: &Context, seen: &[Observation], label: &str, requirement: &str, code: &str) -> Judgement {
    let attempt = || -> Result<Judgement, String> {
        let (_, sent) = exchange(seen, label).ok_or("the case was cut short")?;
        match classify(sent) {
            Answer::Refused => return Ok(Judgement::held(requirement)),
            Answer::Accepted => {}
            _ => return Err(format!("the search {label}: {}", describe(sent))),
        }
        let (index, reply) = reply(seen, label)?;
        let taken = if reply.records().is_empty() {
            "no-match"
        } else {
            "ignored"
        };
        if requirement == SEARCHED && cx.profile.allows(READING, taken) {
            return Ok(Judgement::held(requirement));
        }
        Ok(Judgement::violated(
            requirement,
            index,
            Some("/message/search_response/0/status".to_owned()),
            format!("rjct with {code}"),
            format!(
                "success with {} records, as if there were an attribute `{UNKNOWN}`",
                reply.records().len()
            ),
        ))
    };
    attempt().unwrap_or_else(|reason| Judgement::undecided(requirement, reason))
}
