//! The cases of a run: three for each operation, or the reason why they are skipped.

use super::PROFILE;
use super::cover::each;
use super::drive::{Authorization, Driver, Seen, rich};
use super::envelope::Envelope;
use super::judge::Aim;
use super::operation::Operation;
use super::spoil::spoils;
use crate::run::earlier::{CaseKey, Kept};
use crate::run::{Earlier, Env, Selection};
use reports::event::{CaseSkipped, Event};
use specs::evidence::Exchange;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// One case: an operation, and what is to be shown of it.
pub(super) struct Job {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) aim: Aim,
    /// The operation and its requests, or why the case is skipped.
    pub(super) plan: Result<(Arc<Operation>, Rc<Envelope>), String>,
    pub(super) seen: Seen,
    /// How long it took, once it is over.
    pub(super) over: Cell<Option<Duration>>,
    /// How it went in an earlier run, where it is not run again.
    pub(super) kept: Option<Kept>,
    /// The requests of an earlier run that are sent again in the place of new ones.
    pub(super) again: Vec<Exchange>,
}

impl Job {
    /// Whether anything is known of it.
    pub(super) fn begun(&self) -> bool {
        self.kept.is_some() || self.over.get().is_some() || !self.seen.lock().all.is_empty()
    }

    /// The event of its not being run.
    pub(super) fn skipped(&self, reason: &str) -> Event {
        Event::CaseSkipped(CaseSkipped {
            profile: PROFILE.to_owned(),
            case: self.id.clone(),
            title: self.title.clone(),
            reason: reason.to_owned(),
        })
    }
}

/// Runs a case, writing what is observed to its `seen`, unless it went in an earlier run already.
pub(super) async fn run_job(env: &Env, authorization: &Authorization, job: &Job) {
    if let Some(kept) = &job.kept {
        job.over.set(Some(kept.elapsed));
        return;
    }
    let started = Instant::now();
    if let Ok((operation, envelope)) = &job.plan {
        let mut driver = Driver {
            case: &job.id,
            env,
            authorization,
            operation,
            envelope,
            seen: &job.seen,
            started,
            silent: 0,
            shrunk: std::collections::BTreeMap::new(),
        };
        if job.again.is_empty() {
            driver.run(job.aim).await;
        } else {
            driver.again(job.aim, &job.again).await;
        }
    }
    job.over.set(Some(started.elapsed()));
}

/// The operations and what is to be shown of each, under the names of their cases, as far as they are wanted.
pub(super) fn wanted<'o>(
    operations: &'o [Arc<Operation>],
    selection: &Selection,
    earlier: &Earlier,
) -> Vec<(&'o Arc<Operation>, Aim, String)> {
    let mut wanted = Vec::new();
    for operation in operations {
        for aim in Aim::ALL {
            let id = format!("{PROFILE}.{}.{}", operation.key, aim.word());
            let selected = selection.cases.as_ref().is_none_or(|set| set.is_match(&id));
            let only = earlier.only.as_ref();
            if selected && only.is_none_or(|only| only.contains(&key(&id))) {
                wanted.push((operation, aim, id));
            }
        }
    }
    wanted
}

fn key(id: &str) -> CaseKey {
    (PROFILE.to_owned(), id.to_owned())
}

/// The cases that run, in their order.
pub(super) fn jobs(
    operations: &[Arc<Operation>],
    selection: &Selection,
    earlier: &Earlier,
    seed: u64,
) -> Vec<Job> {
    let mut jobs = Vec::new();
    let mut last: Option<(&Arc<Operation>, Plan)> = None;
    for (operation, aim, id) in wanted(operations, selection, earlier) {
        // The cases of an operation share its plan.
        let plan = match last.take() {
            Some((of, plan)) if Arc::ptr_eq(of, operation) => plan,
            _ => plan_of(operation, seed),
        };
        let title = match aim {
            Aim::Covering => format!(
                "{}: each member, value and bound of the document",
                operation.name()
            ),
            Aim::Valid => format!("{}: requests that are valid by the document", operation.name()),
            Aim::Invalid => format!("{}: requests with one fault each", operation.name()),
        };
        jobs.push(Job {
            title,
            aim,
            plan: match &plan {
                Ok(made) if aim == Aim::Invalid && !made.can_be_wrong => {
                    Err("nothing in a request of this operation can violate the document".to_owned())
                }
                Ok(made) if aim == Aim::Covering && !made.can_vary => {
                    Err("a request of this operation can be made in one way only".to_owned())
                }
                Ok(made) => Ok((Arc::clone(operation), Rc::clone(&made.envelope))),
                Err(reason) => Err(reason.clone()),
            },
            seen: Seen::default(),
            over: Cell::new(None),
            kept: earlier.kept.get(&key(&id)).cloned(),
            again: earlier.again.get(&key(&id)).cloned().unwrap_or_default(),
            id,
        });
        last = Some((operation, plan));
    }
    jobs.sort_by_key(|job| !earlier.first.contains(&key(&job.id)));
    jobs
}

/// What requests of an operation consist of.
struct Made {
    envelope: Rc<Envelope>,
    /// Whether anything in them can be wrong.
    can_be_wrong: bool,
    /// Whether anything in them can be otherwise.
    can_vary: bool,
}

/// What requests of an operation consist of; or why there is none.
type Plan = Result<Made, String>;

fn plan_of(operation: &Operation, seed: u64) -> Plan {
    let envelope = Envelope::of(operation)?;
    let mut runner = crate::generate::runner(seed, &format!("openapi {} plan", operation.key));
    let Some(honest) = rich(&envelope, &mut runner) else {
        return Err(envelope.unsatisfiable(&mut runner));
    };
    let can_be_wrong = spoils(&envelope, &honest)
        .iter()
        .any(|spoil| spoil.draw(&honest, &mut runner).is_some());
    let can_vary = !each(&envelope, &honest).is_empty();
    Ok(Made {
        envelope: Rc::new(envelope),
        can_be_wrong,
        can_vary,
    })
}
