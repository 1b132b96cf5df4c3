//! Searches by identifier.

use super::Law;
use super::support::{
    DISCOVERY, all_undecided, discovery, exchange, held_by, known_beforehand, record_pointer, registry,
    reply, search, sent,
};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Answer, Reply, classify};
use crate::plan::Step;
use crate::request::identifier;
use serde_json::Value;
use specs::evidence::Observation;

/// A search by identifier returns the holder and nobody else; one that nobody holds returns nobody.
pub(super) struct Identifier;

const IDENTIFIER: &str = "dci.sync-search.identifier";
const NO_MATCH: &str = "dci.sync-search.no-match";

/// An identifier type that no registry knows.
const UNKNOWN_TYPE: &str = "DCX-NO-SUCH-TYPE";

impl Identifier {
    fn known(cx: &Context, seen: &[Observation]) -> Result<(String, String), String> {
        let registry = registry(cx)?;
        let (_, reply) = reply(seen, DISCOVERY)?;
        let records = reply.records();
        let Some(holder) = records.get(records.len() / 2) else {
            let known = known_beforehand(seen).map(|value| (registry.id_type.clone(), value));
            return known.ok_or_else(|| "the search for everybody returned no record".to_owned());
        };
        held_by(cx, holder)
            .into_iter()
            .find(|(t, v)| *t == registry.id_type && v.len() > 1)
            .ok_or_else(|| format!("no identifier of type {} was seen in a record", registry.id_type))
    }
}

impl Law for Identifier {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        if sent(seen) == 0 {
            return Some(discovery(cx));
        }
        let (id_type, value) = Self::known(cx, seen).ok()?;
        let ask = |label: &str, criteria: Value| Some(search(cx, label, &[criteria]));
        match sent(seen) {
            1 => ask("holder", identifier(cx, &id_type, &value)),
            2 => ask("other type", identifier(cx, UNKNOWN_TYPE, &value)),
            3 => {
                let cut: String = value.chars().take(value.chars().count() - 1).collect();
                ask("cut short", identifier(cx, &id_type, &cut))
            }
            4 => ask("nobody", identifier(cx, &id_type, &cx.id("nobody's identifier"))),
            _ => None,
        }
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let (id_type, value) = match Self::known(cx, seen) {
            Ok(known) => known,
            Err(reason) => return all_undecided(&[IDENTIFIER, NO_MATCH], &reason),
        };
        let holds = |record: &Value, value: &str| {
            held_by(cx, record)
                .iter()
                .any(|(t, v)| *t == id_type && v == value)
        };
        let mut judgements = Vec::new();
        let mut found = false;
        match reply(seen, "holder") {
            Err(reason) => judgements.push(Judgement::undecided(IDENTIFIER, reason)),
            Ok((index, reply)) => {
                found = reply.records().iter().any(|record| holds(record, &value));
                if !found {
                    judgements.push(Judgement::violated(
                        IDENTIFIER,
                        index,
                        Some("/message/search_response/0/data/reg_records".to_owned()),
                        format!(
                            "the record that holds {id_type} {value}, as seen in the search `{DISCOVERY}`"
                        ),
                        format!("{} records, none of which holds it", reply.records().len()),
                    ));
                }
                judgements.push(nobody_else(IDENTIFIER, index, &reply, &id_type, &value, &|r| {
                    holds(r, &value)
                }));
            }
        }
        judgements.push(no_record(IDENTIFIER, seen, "other type", UNKNOWN_TYPE, &value));
        match reply(seen, "cut short") {
            // A refusal of an identifier that is too short for its type is as good as an empty result.
            Err(_) => {}
            Ok((index, reply)) => {
                let cut: String = value.chars().take(value.chars().count() - 1).collect();
                judgements.push(nobody_else(IDENTIFIER, index, &reply, &id_type, &cut, &|r| {
                    holds(r, &cut)
                }));
            }
        }
        judgements.push(if found {
            no_record(NO_MATCH, seen, "nobody", &id_type, &cx.id("nobody's identifier"))
        } else {
            Judgement::undecided(
                NO_MATCH,
                "the search for a known identifier found nothing either, so finding nothing proves nothing",
            )
        });
        judgements
    }
}

fn nobody_else(
    requirement: &str,
    index: usize,
    reply: &Reply,
    id_type: &str,
    value: &str,
    holds: &dyn Fn(&Value) -> bool,
) -> Judgement {
    match reply.records().iter().position(|record| !holds(record)) {
        None => Judgement::held(requirement),
        Some(nth) => Judgement::violated(
            requirement,
            index,
            Some(record_pointer(nth)),
            format!("only records that hold {id_type} {value}"),
            format!(
                "{} records, of which number {} does not hold it",
                reply.records().len(),
                nth + 1
            ),
        ),
    }
}

fn no_record(requirement: &str, seen: &[Observation], label: &str, id_type: &str, value: &str) -> Judgement {
    match reply(seen, label) {
        // Refusing an identifier type that does not exist is as good as finding nobody.
        Err(_) if exchange(seen, label).is_some_and(|(_, e)| classify(e) == Answer::Refused) => {
            Judgement::held(requirement)
        }
        Err(reason) => Judgement::undecided(requirement, reason),
        Ok((_, reply)) if reply.records().is_empty() => Judgement::held(requirement),
        Ok((index, reply)) => Judgement::violated(
            requirement,
            index,
            Some(record_pointer(0)),
            format!("no record for {id_type} {value}, which nobody holds"),
            format!("{} records", reply.records().len()),
        ),
    }
}
