//! The other legal readings: what is to be proven of them, and what was found.

use super::super::args::ProveArgs;
use super::super::fault::Fault;
use super::super::test::globs;
use crate::prove::{Other, Task, mixture, together, ways};
use mock_server::Way;
use specs::catalogue::Profile;
use std::collections::BTreeMap;
use std::sync::Arc;

/// As many ways as go together at once, and a mixture of them, under each profile; and each by itself, under one of
/// the profiles that show it, which is another for each seed, or under all of them where readings were asked for.
pub(super) fn tasks(args: &ProveArgs, profiles: &[Arc<Profile>]) -> Result<Vec<Task>, Fault> {
    let wanted = globs(&args.reading)?;
    let mut alone: BTreeMap<&str, (Way, Vec<&Arc<Profile>>)> = BTreeMap::new();
    let mut at_once: Vec<(&Arc<Profile>, Vec<Way>)> = Vec::new();
    for profile in profiles {
        let mut ways = ways(profile);
        ways.retain(|way| wanted.as_ref().is_none_or(|set| set.is_match(way.id())));
        for way in &ways {
            let (_, shown_by) = alone.entry(way.id()).or_insert_with(|| (*way, Vec::new()));
            shown_by.push(profile);
        }
        at_once.push((profile, ways));
    }
    if alone.is_empty() && wanted.is_some() {
        return Err(Fault::usage(
            "no reading matches",
            "give ID=ALTERNATIVE, e.g. 'dci.no-match=*'; see `dcx list readings`",
        ));
    }
    let mut tasks = Vec::new();
    for trial in args.trials(args.reading_seeds) {
        let turn = usize::try_from(trial.seed).unwrap_or_default();
        for (nth, (way, shown_by)) in alone.values().enumerate() {
            let chosen = turn.wrapping_add(nth) % shown_by.len();
            let all = shown_by.iter().enumerate();
            let some = all.filter(|(i, _)| wanted.is_some() || *i == chosen);
            tasks.extend(some.map(|(_, profile)| Task::Other(Arc::clone(profile), vec![*way], trial)));
        }
    }
    for trial in args.trials(args.seeds) {
        for (profile, ways) in &at_once {
            let many = [together(ways, trial.seed), mixture(ways, trial.seed)].into_iter();
            let many = many.filter(|ways| ways.len() > 1);
            tasks.extend(many.map(|ways| Task::Other(Arc::clone(profile), ways, trial)));
        }
    }
    Ok(tasks)
}

/// Tells what was found; so many readings cannot be seen in what a server does.
pub(super) fn tell(others: &[Other], unseen: usize) {
    println!("\nother readings: the compliant mock that takes another alternative\n");
    for ((_, name), runs) in rows(others) {
        let blamed = runs.iter().filter(|run| !run.stains.is_empty()).count();
        let verdict = match blamed {
            0 => format!("clean in {} runs", runs.len()),
            _ => format!("BLAMED in {blamed} of {} runs", runs.len()),
        };
        println!("  {name:<52} {verdict}");
    }
    for other in others {
        for stain in &other.stains {
            println!(
                "  {} {} seed {}: {stain}",
                other.profile,
                other.name(),
                other.seed
            );
        }
    }
    println!("\n  {}", sentence(others, unseen));
}

/// The runs of each alternative; those that take many at once come last.
fn rows(others: &[Other]) -> BTreeMap<(bool, &str), Vec<&Other>> {
    let mut rows: BTreeMap<(bool, &str), Vec<&Other>> = BTreeMap::new();
    for other in others {
        let row = match other.readings.as_slice() {
            [one] => (false, one.as_str()),
            _ => (true, "many of them at once"),
        };
        rows.entry(row).or_default().push(other);
    }
    rows
}

fn sentence(others: &[Other], unseen: usize) -> String {
    let clean = others.iter().filter(|other| other.stains.is_empty()).count();
    let mut alternatives: Vec<&String> = others.iter().flat_map(|other| &other.readings).collect();
    alternatives.sort_unstable();
    alternatives.dedup();
    let mut readings: Vec<&str> = alternatives
        .iter()
        .filter_map(|id| Some(id.split_once('=')?.0))
        .collect();
    readings.dedup();
    format!(
        "{clean} of {} runs clean: {} alternatives of {} readings; of {unseen} others nothing can be seen",
        others.len(),
        alternatives.len(),
        readings.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_counted_by_alternatives_and_readings() {
        let other = |readings: &[&str], stains: &[&str]| Other {
            profile: "p".to_owned(),
            readings: readings.iter().map(|id| (*id).to_owned()).collect(),
            seed: 1,
            stains: stains.iter().map(|stain| (*stain).to_owned()).collect(),
        };
        let others = [
            other(&["a=x"], &[]),
            other(&["a=y"], &["no"]),
            other(&["a=x", "b=z"], &[]),
        ];
        assert_eq!(
            sentence(&others, 7),
            "2 of 3 runs clean: 3 alternatives of 2 readings; of 7 others nothing can be seen"
        );
        let names: Vec<&str> = rows(&others).into_keys().map(|(_, name)| name).collect();
        assert_eq!(names, ["a=x", "a=y", "many of them at once"]);
    }
}
