//! Many proofs side by side: those that mostly wait for a clock beside those that compute.

use super::matrix::{self, Kill, clean, kill};
use super::readings::{Other, other};
use super::{ProveError, Trial, Vacuity, Vacuous, vacuity};
use crate::run::cancelled;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use mock_server::{Mistake, Way};
use serde::Serialize;
use specs::catalogue::Profile;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

/// One thing to prove.
#[derive(Debug, Clone)]
pub enum Task {
    /// The compliant mock is found to be clean.
    Clean(Arc<Profile>, Trial),
    /// The compliant mock that takes other readings is found to be clean.
    Other(Arc<Profile>, Vec<Way>, Trial),
    /// A defect is caught.
    Kill(Arc<Profile>, Mistake, Trial),
    /// A trivial server does not get past.
    Vacuity(Arc<Profile>, Vacuous),
}

/// What came of it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proved {
    /// Of a compliant mock.
    Clean(Clean),
    /// Of a mock that takes other readings.
    Other(Other),
    /// Of a defect.
    Kill(Kill),
    /// Of a trivial server.
    Vacuity(Vacuity),
}

/// What the compliant mock was blamed for.
#[derive(Debug, Clone, Serialize)]
pub struct Clean {
    /// The profile.
    pub profile: String,
    /// The seed.
    pub seed: u64,
    /// Everything that is not a pass or a skip, in words.
    pub stains: Vec<String>,
}

impl Task {
    /// Whether it waits for a clock most of the time, so that many such tasks go on beside one another.
    fn waits(&self) -> bool {
        match self {
            Self::Clean(..) | Self::Other(..) => false,
            Self::Kill(profile, mistake, _) => matrix::waits(profile, *mistake),
            Self::Vacuity(_, server) => *server == Vacuous::Hang,
        }
    }

    async fn carried_out(self) -> Result<Proved, ProveError> {
        Ok(match self {
            Self::Clean(profile, trial) => Proved::Clean(Clean {
                profile: profile.id.clone(),
                seed: trial.seed,
                stains: clean(&profile, trial).await?,
            }),
            Self::Other(profile, ways, trial) => Proved::Other(other(&profile, &ways, trial).await?),
            Self::Kill(profile, mistake, trial) => Proved::Kill(kill(&profile, mistake, trial).await?),
            Self::Vacuity(profile, server) => Proved::Vacuity(vacuity(&profile, server, 1).await?),
        })
    }
}

/// How many tasks that wait go on side by side. They have a thread of their own: whoever waits for a clock must not
/// be kept from looking at it by somebody who computes.
const WAITING: usize = 24;

/// How many tasks that compute do so on each core: each waits now and then, for a token or an answer.
const COMPUTING: usize = 3;

/// Tasks that are left, each with its place among all.
type Left = Arc<Mutex<VecDeque<(usize, Task)>>>;

/// A task that is over, by its place among all, and what came of it.
type Over = (usize, Result<Proved, ProveError>);

/// Carries out tasks side by side, until `cancel` turns true; whether all of them were. `told` hears of each as
/// soon as it is over, by its place among the tasks.
pub async fn campaign(
    tasks: Vec<Task>,
    cancel: watch::Receiver<bool>,
    mut told: impl FnMut(usize, Result<Proved, ProveError>),
) -> bool {
    let mut left = tasks.len();
    let (waiting, computing) = tasks.into_iter().enumerate().partition(|(_, task)| task.waits());
    let [waiting, computing]: [Left; 2] = [waiting, computing].map(|left| Arc::new(Mutex::new(left)));
    let (tell, mut over) = mpsc::unbounded_channel();
    let mut workers = JoinSet::new();
    let mut employ = |left: &Left, most| {
        let (left, tell, cancel) = (Arc::clone(left), tell.clone(), cancel.clone());
        let runtime = Handle::current();
        workers.spawn_blocking(move || runtime.block_on(work(&left, most, &tell, cancel)));
    };
    employ(&waiting, WAITING);
    // What is generated cannot move from one thread to another, so each core has tasks of its own.
    for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
        employ(&computing, COMPUTING);
    }
    drop(tell);
    while let Some((place, proved)) = over.recv().await {
        left -= 1;
        told(place, proved);
    }
    while let Some(done) = workers.join_next().await {
        if let Err(e) = done {
            std::panic::resume_unwind(e.into_panic());
        }
    }
    left == 0
}

/// Carries out tasks on this thread, so many at a time, until none is left.
async fn work(
    left: &Mutex<VecDeque<(usize, Task)>>,
    most: usize,
    tell: &mpsc::UnboundedSender<Over>,
    mut cancel: watch::Receiver<bool>,
) {
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let mut running = FuturesUnordered::new();
    loop {
        while running.len() < most
            && let Some((place, task)) = next()
        {
            running.push(async move { (place, task.carried_out().await) });
        }
        let done = tokio::select! {
            biased;
            () = cancelled(&mut cancel) => return,
            done = running.next() => done,
        };
        let Some(over) = done else { return };
        if tell.send(over).is_err() {
            return;
        }
    }
}

/// The part of some tasks that falls to one machine of several: the `nth`, counted from 1, of `of`.
pub fn shard<T>(tasks: Vec<T>, (nth, of): (usize, usize)) -> Vec<T> {
    let mine = |(place, _): &(usize, T)| place % of.max(1) + 1 == nth;
    tasks
        .into_iter()
        .enumerate()
        .filter(mine)
        .map(|(_, task)| task)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_all_machines_are_the_whole() {
        let parts: Vec<Vec<u32>> = (1..=3).map(|nth| shard((0..8).collect(), (nth, 3))).collect();
        assert_eq!(parts, [vec![0, 3, 6], vec![1, 4, 7], vec![2, 5]]);
        assert_eq!(shard((0..8).collect::<Vec<u32>>(), (1, 1)).len(), 8);
    }
}
