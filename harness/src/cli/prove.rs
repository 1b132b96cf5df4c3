//! `dcx prove`: the kill matrix and the vacuity meter of this very build.

use super::args::ProveArgs;
use super::fault::Fault;
use super::setup::profiles;
use super::test::globs;
use crate::prove::{Kill, ProveError, Vacuity, Vacuous, clean, kill, vacuity};
use crate::run::gate::exit;
use futures::StreamExt;
use indicatif::ProgressBar;
use mock_server::Mistake;
use serde_json::json;
use specs::catalogue::Profile;

/// How many runs go on side by side: most of their time is spent waiting.
const SIDE_BY_SIDE: usize = 6;

/// Runs the command.
pub(super) async fn run(args: ProveArgs) -> Result<u8, Fault> {
    let profiles = profiles(&args.profile)?;
    let wanted = globs(&args.defect)?;
    let seeds: Vec<(Profile, u64)> = profiles
        .iter()
        .flat_map(|profile| (1..=args.seeds).map(move |seed| (profile.clone(), seed)))
        .collect();
    let mut defects: Vec<(Profile, Mistake)> = Vec::new();
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
        defects.extend(known.take(most).map(|profile| (profile.clone(), mistake)));
    }
    if defects.is_empty() {
        return Err(Fault::usage(
            "no defect matches",
            "see `dcx list defects` for the ids",
        ));
    }
    let servers: Vec<(Profile, Vacuous)> = profiles
        .iter()
        .flat_map(|profile| Vacuous::ALL.map(|server| (profile.clone(), server)))
        .collect();
    let bar = ProgressBar::new((seeds.len() + defects.len() + servers.len()) as u64);
    let counted = &bar;
    let stains: Vec<(String, u64, Vec<String>)> = side_by_side(seeds, |(profile, seed)| async move {
        let stains = clean(&profile, seed).await;
        counted.inc(1);
        stains.map(|stains| (profile.id.clone(), seed, stains))
    })
    .await?;
    let kills: Vec<Kill> = side_by_side(defects, |(profile, mistake)| async move {
        let killed = kill(&profile, mistake, 1).await;
        counted.inc(1);
        killed
    })
    .await?;
    let meter: Vec<Vacuity> = side_by_side(servers, |(profile, server)| async move {
        let score = vacuity(&profile, server, 1).await;
        counted.inc(1);
        score
    })
    .await?;
    bar.finish_and_clear();
    let proven = stains.iter().all(|(_, _, stains)| stains.is_empty())
        && kills.iter().all(Kill::killed)
        && meter.iter().all(Vacuity::exposed);
    if args.json {
        let clean: Vec<_> = stains
            .iter()
            .map(|(profile, seed, stains)| json!({"profile": profile, "seed": seed, "stains": stains}))
            .collect();
        println!(
            "{}",
            json!({"proven": proven, "kills": kills, "clean": clean, "vacuity": meter})
        );
    } else {
        tell(&stains, &kills, &meter);
    }
    Ok(if proven {
        exit::CONFORMANT
    } else {
        exit::NOT_CONFORMANT
    })
}

async fn side_by_side<T, R, F>(items: Vec<T>, work: impl Fn(T) -> F) -> Result<Vec<R>, Fault>
where
    F: Future<Output = Result<R, ProveError>>,
{
    let results: Vec<Result<R, ProveError>> = futures::stream::iter(items.into_iter().map(work))
        .buffered(SIDE_BY_SIDE)
        .collect()
        .await;
    results
        .into_iter()
        .collect::<Result<Vec<R>, ProveError>>()
        .map_err(Fault::from)
}

fn tell(stains: &[(String, u64, Vec<String>)], kills: &[Kill], meter: &[Vacuity]) {
    println!("kill matrix: which case catches which defect\n");
    for kill in kills {
        let by = if kill.killed() {
            kill.killed_by.join(", ")
        } else {
            "SURVIVED".to_owned()
        };
        println!("  {:<20} {:<36} {by}", kill.profile, kill.defect);
    }
    let survivors = kills.iter().filter(|kill| !kill.killed()).count();
    println!(
        "\n  {} of {} defects killed",
        kills.len() - survivors,
        kills.len()
    );
    println!("\nvacuity meter: what trivial servers score\n");
    for score in meter {
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
    println!("\ncompliant mock\n");
    let dirty: Vec<_> = stains
        .iter()
        .filter(|(_, _, stains)| !stains.is_empty())
        .collect();
    for (profile, seed, stains) in &dirty {
        for stain in stains {
            println!("  {profile} seed {seed}: {stain}");
        }
    }
    println!(
        "  {} of {} runs clean: no fail, warn or inconclusive",
        stains.len() - dirty.len(),
        stains.len()
    );
    let fine = survivors == 0 && dirty.is_empty() && meter.iter().all(Vacuity::exposed);
    println!("\n{}", if fine { "Proven." } else { "NOT proven." });
}
