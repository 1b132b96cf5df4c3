//! Which cases run against which target, and which do not for want of what they need.

use super::Env;
use super::case::Seen;
use super::engine::{Certification, SetupError};
use super::event::NO_TRIGGER;
use reports::event::{CaseSkipped, Event, Notice};
use std::sync::Arc;
use suites::Case;

/// One case against one target.
pub(super) struct Job {
    pub(super) env: Arc<Env>,
    pub(super) case: Case,
    pub(super) seen: Seen,
    /// Why it is not run, if so.
    pub(super) skip: Option<String>,
}

/// The cases that run against each target.
pub(super) fn jobs(run: &Certification, envs: &[Arc<Env>]) -> Vec<Job> {
    let mut jobs = Vec::new();
    for env in envs {
        for case in run.selection.from.of(&env.target.profile) {
            if run.selection.wants_case(&env.target, case) {
                let unable = case.needs_events() && env.target.events.is_none();
                jobs.push(Job {
                    env: Arc::clone(env),
                    case: case.clone(),
                    seen: Seen::default(),
                    skip: unable.then(|| NO_TRIGGER.to_owned()),
                });
            }
        }
    }
    jobs
}

/// Takes the operations that a target does not offer out of what is judged of it.
pub(super) fn narrow(
    run: &Certification,
    env: &Arc<Env>,
    absent: &[String],
    jobs: &mut [Job],
) -> Result<Event, SetupError> {
    let target = env.target.without(absent);
    let narrow = Arc::new(Env::new(
        target,
        run.seed,
        Arc::clone(&env.callbacks),
        run.limits.clone(),
        env.redactor.clone(),
    )?);
    let absent = absent.join(", ");
    for job in jobs.iter_mut().filter(|job| Arc::ptr_eq(&job.env, env)) {
        let mut left = run.selection.from.of(&narrow.target.profile);
        if !left.any(|case| case.id == job.case.id) {
            job.skip = Some(format!("the target does not offer {absent}, which is optional"));
        }
        job.env = Arc::clone(&narrow);
    }
    let text = format!(
        "{} does not offer {absent}; the profile calls this optional, so it is not judged",
        narrow.target.url
    );
    Ok(Event::Notice(Notice { text }))
}

/// That a case was not run.
pub(super) fn skipped(job: &Job, reason: &str) -> Event {
    Event::CaseSkipped(CaseSkipped {
        profile: job.env.target.profile.id.clone(),
        case: job.case.id.clone(),
        title: job.case.title.clone(),
        reason: reason.to_owned(),
    })
}
