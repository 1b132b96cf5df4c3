//! The two ways to search find the same.

use super::Law;
use super::acknowledgement::HONEST;
use super::asynchronous::search;
use super::support::{callbacks, done, reply, search as at_once};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::Reply;
use crate::plan::Step;
use crate::request::{everybody, page};
use serde_json::Value;
use specs::evidence::Observation;

/// The callback holds the records that the synchronous search returns.
pub(super) struct AgreesWithSync;

impl AgreesWithSync {
    fn criteria(cx: &Context) -> [Value; 1] {
        [everybody(cx, &[page(5, 1)])]
    }
}

impl Law for AgreesWithSync {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        let steps = [
            Step::send(search(cx, HONEST, &Self::criteria(cx))),
            at_once(cx, "sync", &Self::criteria(cx)),
            Step::answer(HONEST),
        ];
        steps.into_iter().nth(done(seen))
    }

    fn judge(&self, _: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let requirement = "dci.search.agrees-with-sync";
        let attempt = || -> Result<Judgement, String> {
            let (_, sync) = reply(seen, "sync")?;
            if sync.records().is_empty() {
                return Err("the synchronous search returned no record".to_owned());
            }
            let received = callbacks(seen, HONEST);
            let (index, first) = received.first().ok_or("no callback came")?;
            let called_back =
                Reply::read(&first.request.body).ok_or("the callback holds no search response")?;
            Ok(if called_back.records() == sync.records() {
                Judgement::held(requirement)
            } else {
                Judgement::violated(
                    requirement,
                    *index,
                    Some("/message/search_response/0/data/reg_records".to_owned()),
                    format!("the {} records of the synchronous search", sync.records().len()),
                    format!("{} records that are not the same", called_back.records().len()),
                )
            })
        };
        vec![attempt().unwrap_or_else(|reason| Judgement::undecided(requirement, reason))]
    }
}
