//! Which cases run against which target, and which do not for want of what they need.

use super::Env;
use super::earlier::{CaseKey, Kept};
use super::engine::{Certification, SetupError};
use super::event::NO_TRIGGER;
use super::seen::Seen;
use crate::target::Target;
use reports::event::{CaseSkipped, Event, Notice};
use specs::evidence::Exchange;
use std::sync::Arc;
use suites::Case;

/// One case against one target.
pub(super) struct Job {
    pub(super) env: Arc<Env>,
    pub(super) case: Case,
    pub(super) seen: Seen,
    /// Why it is not run, if so.
    pub(super) skip: Option<String>,
    /// How it went in an earlier run, where it is not run again.
    pub(super) kept: Option<Kept>,
    /// The generated requests of an earlier run that are sent again in the place of new ones.
    pub(super) again: Vec<Exchange>,
}

/// The cases that run against a target.
pub(super) fn selected<'t>(run: &'t Certification, target: &'t Target) -> Vec<&'t Case> {
    let only = run.earlier.only.as_ref();
    let wanted = |case: &Case| only.is_none_or(|only| only.contains(&key(target, case)));
    let cases = run.selection.from.of(&target.profile);
    cases
        .filter(|case| wanted(case) && run.selection.wants_case(target, case))
        .collect()
}

fn key(target: &Target, case: &Case) -> CaseKey {
    (target.profile.id.clone(), case.id.clone())
}

/// The cases that run against each target.
pub(super) fn jobs(run: &Certification, envs: &[Arc<Env>]) -> Vec<Job> {
    let mut jobs = Vec::new();
    let earlier = &run.earlier;
    for env in envs {
        for case in selected(run, &env.target) {
            let unable = case.needs_events() && env.target.events.is_none();
            let key = key(&env.target, case);
            jobs.push(Job {
                env: Arc::clone(env),
                case: case.clone(),
                seen: Seen::default(),
                skip: unable.then(|| NO_TRIGGER.to_owned()),
                kept: earlier.kept.get(&key).cloned(),
                again: earlier.again.get(&key).cloned().unwrap_or_default(),
            });
        }
    }
    jobs.sort_by_key(|job| !earlier.first.contains(&key(&job.env.target, &job.case)));
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
    let narrow = Arc::new(env.narrowed(target)?);
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
