//! Records are those of the registry that was asked.

use super::Law;
use super::support::{DISCOVERY, discovery, exchange, registry, reply, search, sent, text};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Answer, Reply, classify, describe};
use crate::plan::Step;
use crate::request::{everybody, page};
use serde_json::json;
use specs::evidence::Observation;

/// `reg_type` decides who answers, and with what.
pub(super) struct RegType;

const REG_TYPE: &str = "dci.sync-search.reg-type";
/// Label of the search in a registry that does not exist.
const ELSEWHERE: &str = "another registry";
const NOWHERE: &str = "dcx:RegistryType:Elsewhere";

/// Whether a word names the registry, qualified or, where the profile reads it so, bare.
fn is_ours(cx: &Context, named: &str, ours: &str) -> bool {
    let bare = || cx.profile.allows("dci.reg-type-vocabulary", "bare");
    named == ours || bare() && ours.rsplit(':').next() == Some(named)
}

impl Law for RegType {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        registry(cx).ok()?.reg_type.as_ref()?;
        match sent(seen) {
            0 => Some(discovery(cx)),
            1 => {
                let mut criteria = everybody(cx, &[page(5, 1)]);
                criteria["reg_type"] = json!(NOWHERE);
                Some(search(cx, ELSEWHERE, &[criteria]))
            }
            _ => None,
        }
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let Some(ours) = registry(cx).ok().and_then(|r| r.reg_type.as_deref()) else {
            let reason = "the profile names no registry";
            return vec![Judgement::not_applicable(REG_TYPE, reason)];
        };
        let (index, found) = match reply(seen, DISCOVERY) {
            Ok(found) => found,
            Err(reason) => return vec![Judgement::undecided(REG_TYPE, reason)],
        };
        if found.records().is_empty() {
            return vec![Judgement::undecided(
                REG_TYPE,
                "the search for everybody found nobody",
            )];
        }
        let at = "/message/search_response/0/data/reg_type";
        // A reply need not name its registry.
        let mut judgements = vec![match text(&found.body, at) {
            Some(named) if !is_ours(cx, named, ours) => {
                let expected = format!("records of the registry {ours}, which was asked");
                let actual = format!("records of {named}");
                Judgement::violated(REG_TYPE, index, Some(at.to_owned()), expected, actual)
            }
            _ => Judgement::held(REG_TYPE),
        }];
        judgements.push(match exchange(seen, ELSEWHERE) {
            None => Judgement::undecided(REG_TYPE, "the case was cut short"),
            Some((index, sent)) => match (classify(sent), Reply::of(sent)) {
                (Answer::Refused, _) => Judgement::held(REG_TYPE),
                (_, Some(reply)) if reply.records().is_empty() => Judgement::held(REG_TYPE),
                (_, Some(reply)) => Judgement::violated(
                    REG_TYPE,
                    index,
                    Some("/message/search_response/0/data/reg_records".to_owned()),
                    format!("nobody, since {NOWHERE} was asked, which is no registry"),
                    format!("{} records", reply.records().len()),
                ),
                _ => Judgement::undecided(REG_TYPE, describe(sent)),
            },
        });
        judgements
    }
}
