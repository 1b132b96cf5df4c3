//! `dcx prove`: the kill matrix and the vacuity meter of this very build.

mod matrix;
mod progress;
mod readings;

use super::args::ProveArgs;
use super::fault::Fault;
use super::setup::profiles;
use super::test::{globs, interruption};
use crate::prove::{self, Clean, Kill, Other, ProveError, Proved, Task, Vacuity, Vacuous, campaign, shard};
use crate::run::gate::exit;
use matrix::{rows, times};
use mock_server::Mistake;
use progress::Progress;
use serde_json::json;
use specs::catalogue::Profile;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Runs the command.
pub(super) async fn run(args: ProveArgs) -> Result<u8, Fault> {
    let tasks = tasks(&args)?;
    let mut progress = Progress::new(tasks.len());
    let mut found = BTreeMap::new();
    let complete = campaign(tasks, interruption(), |place, proved| {
        progress.tell(&proved);
        found.insert(place, proved);
    })
    .await;
    let left = progress.finish();
    let mut proof = Proof::of(found.into_values());
    if let Some(error) = proof.errors.pop() {
        proof.tell(&args);
        return Err(error.into());
    }
    if args.json {
        println!("{}", proof.json(complete, left));
    } else {
        proof.tell(&args);
        println!("\n{}", proof.sentence(complete, left));
    }
    Ok(match (proof.holds(), complete) {
        (false, _) => exit::NOT_CONFORMANT,
        (true, false) => exit::INCONCLUSIVE,
        (true, true) => exit::CONFORMANT,
    })
}

/// Everything that is to be proven: of each kind the first seed of all first, so that what is found early is about
/// everything.
fn tasks(args: &ProveArgs) -> Result<Vec<Task>, Fault> {
    let profiles: Vec<Arc<Profile>> = profiles(&args.profile)?.into_iter().map(Arc::new).collect();
    let wanted = globs(&args.defect)?;
    if !args.reading.is_empty() {
        return Ok(sharded(args, readings::tasks(args, &profiles)?));
    }
    let mut defects: Vec<(&Arc<Profile>, Mistake)> = Vec::new();
    for mistake in Mistake::all() {
        if wanted.as_ref().is_some_and(|set| !set.is_match(mistake.id())) {
            continue;
        }
        let known = profiles.iter().filter(|profile| mistake.exists_under(profile));
        // The same code answers for the same clause under every profile, so one of them shows it.
        let most = match mistake {
            Mistake::Defect(_) => usize::MAX,
            Mistake::Breach(_) => 1,
        };
        defects.extend(known.take(most).map(|profile| (profile, mistake)));
    }
    if defects.is_empty() {
        return Err(Fault::usage(
            "no defect matches",
            "see `dcx list defects` for the ids",
        ));
    }
    let mut tasks = Vec::new();
    for trial in args.trials(args.kill_seeds) {
        let kills = defects.iter();
        tasks.extend(kills.map(|(profile, mistake)| Task::Kill(Arc::clone(profile), *mistake, trial)));
    }
    for trial in args.trials(args.seeds) {
        let clean = profiles.iter();
        tasks.extend(clean.map(|profile| Task::Clean(Arc::clone(profile), trial)));
    }
    tasks.extend(readings::tasks(args, &profiles)?);
    for profile in &profiles {
        tasks.extend(Vacuous::ALL.map(|server| Task::Vacuity(Arc::clone(profile), server)));
    }
    Ok(sharded(args, tasks))
}

fn sharded(args: &ProveArgs, tasks: Vec<Task>) -> Vec<Task> {
    match args.shard {
        Some(part) => shard(tasks, part),
        None => tasks,
    }
}

/// What was found.
#[derive(Default)]
struct Proof {
    clean: Vec<Clean>,
    others: Vec<Other>,
    kills: Vec<Kill>,
    meter: Vec<Vacuity>,
    errors: Vec<ProveError>,
}

impl Proof {
    fn of(found: impl Iterator<Item = Result<Proved, ProveError>>) -> Self {
        let mut proof = Self::default();
        for proved in found {
            match proved {
                Ok(Proved::Clean(clean)) => proof.clean.push(clean),
                Ok(Proved::Other(other)) => proof.others.push(other),
                Ok(Proved::Kill(kill)) => proof.kills.push(kill),
                Ok(Proved::Vacuity(score)) => proof.meter.push(score),
                Err(error) => proof.errors.push(error),
            }
        }
        proof
    }

    /// Whether nothing speaks against it.
    fn holds(&self) -> bool {
        self.clean.iter().all(|clean| clean.stains.is_empty())
            && self.others.iter().all(|other| other.stains.is_empty())
            && self.kills.iter().all(Kill::killed)
            && self.meter.iter().all(Vacuity::exposed)
    }

    fn sentence(&self, complete: bool, left: usize) -> String {
        match (self.holds(), complete) {
            (true, true) => "Proven.".to_owned(),
            (false, true) => "NOT proven.".to_owned(),
            (true, false) => {
                format!("INTERRUPTED: {left} proofs are missing; nothing speaks against the others.")
            }
            (false, false) => format!("NOT proven, and interrupted: {left} proofs are missing."),
        }
    }

    fn json(&self, complete: bool, left: usize) -> serde_json::Value {
        json!({
            "proven": complete && self.holds(),
            "complete": complete,
            "missing": left,
            "kills": self.kills,
            "clean": self.clean,
            "readings": self.others,
            "vacuity": self.meter,
        })
    }

    fn tell(&self, args: &ProveArgs) {
        if !self.kills.is_empty() {
            self.tell_matrix(args.kill_seeds);
        }
        if !self.meter.is_empty() {
            self.tell_meter();
        }
        if !self.clean.is_empty() {
            self.tell_clean(args.examples);
        }
        if !self.others.is_empty() {
            readings::tell(&self.others, prove::unseen());
        }
    }

    fn tell_matrix(&self, seeds: u64) {
        println!("kill matrix: which case catches which defect\n");
        let rows = rows(&self.kills);
        for row in &rows {
            println!("  {:<20} {:<36} {}", row.profile, row.defect, row.told());
        }
        let killed = rows.iter().filter(|row| row.killed == row.trials).count();
        println!(
            "\n  {killed} of {} defects killed{}",
            rows.len(),
            times(&rows, seeds)
        );
        for kill in self.kills.iter().filter(|kill| !kill.killed()) {
            println!("  {}", matrix::survivor(kill));
        }
    }

    fn tell_meter(&self) {
        println!("\nvacuity meter: what trivial servers score\n");
        for score in &self.meter {
            let code = score
                .exit_code
                .map_or_else(|| "none".to_owned(), |code| code.to_string());
            let (passed, all) = score.passed;
            let verdict = if score.exposed() { "exposed" } else { "NOT EXPOSED" };
            println!(
                "  {:<15} {:<54} exit {code:<4} {passed:>2} of {all} requirements passed  {verdict}",
                score.profile,
                score.server.describe()
            );
            for id in &score.credited {
                println!("                  credited with {id}");
            }
        }
    }

    fn tell_clean(&self, examples: u32) {
        println!("\ncompliant mock\n");
        let dirty = self.clean.iter().filter(|clean| !clean.stains.is_empty());
        for Clean {
            profile,
            seed,
            stains,
        } in dirty.clone()
        {
            for stain in stains {
                println!("  {profile} seed {seed}: {stain}");
            }
        }
        println!(
            "  {} of {} runs clean, with {examples} examples: no fail, warn or inconclusive",
            self.clean.len() - dirty.count(),
            self.clean.len()
        );
    }
}
