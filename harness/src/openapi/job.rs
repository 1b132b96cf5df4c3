//! The cases of a run: three for each operation, or the reason why they are skipped.

use super::PROFILE;
use super::cover::each;
use super::drive::{Authorization, Driver, Seen, rich};
use super::envelope::Envelope;
use super::judge::Aim;
use super::operation::Operation;
use super::spoil::spoils;
use crate::run::Env;
use globset::GlobSet;
use reports::event::{CaseSkipped, Event};
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
}

impl Job {
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

/// Runs a case, writing what is observed to its `seen`; how long it took.
pub(super) async fn run_job(env: &Env, authorization: &Authorization, job: &Job) -> Duration {
    let started = Instant::now();
    if let Ok((operation, envelope)) = &job.plan {
        let mut driver = Driver {
            env,
            authorization,
            operation,
            envelope,
            seen: &job.seen,
            started,
            silent: 0,
            shrunk: std::collections::BTreeMap::new(),
        };
        driver.run(job.aim).await;
    }
    started.elapsed()
}

/// The cases of the operations that the selection wants.
pub(super) fn jobs(operations: &[Arc<Operation>], wanted: Option<&GlobSet>, seed: u64) -> Vec<Job> {
    let mut jobs = Vec::new();
    for operation in operations {
        let mut plan = None;
        for aim in Aim::ALL {
            let id = format!("{PROFILE}.{}.{}", operation.key, aim.word());
            if wanted.is_some_and(|set| !set.is_match(&id)) {
                continue;
            }
            let plan = plan.get_or_insert_with(|| plan_of(operation, seed));
            let title = match aim {
                Aim::Covering => format!(
                    "{}: each member, value and bound of the document",
                    operation.name()
                ),
                Aim::Valid => format!("{}: requests that are valid by the document", operation.name()),
                Aim::Invalid => format!("{}: requests with one fault each", operation.name()),
            };
            let plan = match plan {
                Ok(made) if aim == Aim::Invalid && !made.can_be_wrong => {
                    Err("nothing in a request of this operation can violate the document".to_owned())
                }
                Ok(made) if aim == Aim::Covering && !made.can_vary => {
                    Err("a request of this operation can be made in one way only".to_owned())
                }
                Ok(made) => Ok((Arc::clone(operation), Rc::clone(&made.envelope))),
                Err(reason) => Err(reason.clone()),
            };
            jobs.push(Job {
                id,
                title,
                aim,
                plan,
                seen: Seen::default(),
            });
        }
    }
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

fn plan_of(operation: &Operation, seed: u64) -> Result<Made, String> {
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
