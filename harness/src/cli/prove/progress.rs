//! How far a proof is, on stderr: a bar on a terminal, else a line now and then. What speaks against it is told at
//! once, since a long proof is best mended while it goes on.

use super::matrix::survivor;
use crate::prove::{ProveError, Proved};
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use std::time::{Duration, Instant};

/// How often a line is written where there is no terminal.
const PAUSE: Duration = Duration::from_secs(30);

/// Tells how far a proof is.
pub(super) struct Progress {
    bar: ProgressBar,
    began: Instant,
    told: Instant,
    done: usize,
    all: usize,
}

impl Progress {
    pub(super) fn new(all: usize) -> Self {
        let bar = ProgressBar::new(all as u64);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {pos}/{len} proofs  {msg}") {
            bar.set_style(style);
        }
        let now = Instant::now();
        Self {
            bar,
            began: now,
            told: now,
            done: 0,
            all,
        }
    }

    /// One more is over.
    pub(super) fn tell(&mut self, proved: &Result<Proved, ProveError>) {
        self.done += 1;
        self.bar.inc(1);
        for line in against(proved) {
            self.say(&line);
        }
        let how_far = how_far(self.done, self.all, self.began.elapsed());
        if self.bar.is_hidden() && self.told.elapsed() >= PAUSE {
            self.told = Instant::now();
            self.say(&how_far);
        }
        self.bar.set_message(how_far);
    }

    fn say(&self, line: &str) {
        self.bar.suspend(|| anstream::eprintln!("{line}"));
    }

    /// Ends it; how many are missing.
    pub(super) fn finish(self) -> usize {
        self.bar.finish_and_clear();
        self.all - self.done
    }
}

/// What speaks against the proof.
fn against(proved: &Result<Proved, ProveError>) -> Vec<String> {
    match proved {
        Ok(Proved::Kill(kill)) if !kill.killed() => vec![survivor(kill)],
        Ok(Proved::Clean(clean)) => {
            let (profile, seed) = (&clean.profile, clean.seed);
            let blamed = clean.stains.iter();
            blamed
                .map(|stain| format!("BLAMED: {profile} seed {seed}: {stain}"))
                .collect()
        }
        Ok(Proved::Other(other)) => {
            let (profile, name, seed) = (&other.profile, other.name(), other.seed);
            let blamed = other.stains.iter();
            blamed
                .map(|stain| format!("BLAMED: {profile} {name} seed {seed}: {stain}"))
                .collect()
        }
        Ok(Proved::Vacuity(score)) if !score.exposed() => {
            let (profile, server) = (&score.profile, score.server.describe());
            vec![format!("NOT EXPOSED: {profile}, a server that {server}")]
        }
        Ok(_) => Vec::new(),
        Err(e) => vec![format!("FAILED: {e}")],
    }
}

/// How many are done, and how long the others will take at this pace.
fn how_far(done: usize, all: usize, took: Duration) -> String {
    let left = took.mul_f64((all - done) as f64 / done.max(1) as f64);
    format!("{done} of {all} proofs, about {} left", HumanDuration(left))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_follows_from_the_pace_so_far() {
        let told = how_far(100, 400, Duration::from_secs(60));
        assert_eq!(told, "100 of 400 proofs, about 3 minutes left");
        assert_eq!(
            how_far(0, 4, Duration::ZERO),
            "0 of 4 proofs, about 0 seconds left"
        );
    }
}
