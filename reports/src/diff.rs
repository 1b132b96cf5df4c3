//! What changed from one run to another: requirement by requirement, and reading by reading.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use specs::evidence::Verdict;

use crate::aggregate::{RequirementRun, Run};
use crate::text::{one_line, plural};
use crate::words;

/// The version of this document's format.
pub const DIFF_VERSION: u32 = 1;

/// What changed between two runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// Format version, [`DIFF_VERSION`].
    pub version: u32,
    /// In what the runs themselves differ, so that not every change is the target's.
    pub notes: Vec<String>,
    /// Violated now, and not before.
    pub newly_failing: Vec<Change>,
    /// Violated before, and found to hold now.
    pub fixed: Vec<Change>,
    /// Violated before and now.
    pub still_failing: Vec<Change>,
    /// Violated before, and not decided now.
    pub no_longer_decided: Vec<Change>,
    /// Found to hold now, and not decided before.
    pub newly_exercised: Vec<Change>,
    /// Found to hold before, and not decided now.
    pub no_longer_exercised: Vec<Change>,
    /// Open questions that the target answers otherwise than before.
    pub readings: Vec<ReadingChange>,
}

/// A requirement under a profile, before and now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Profile id.
    pub profile: String,
    /// Requirement id.
    pub requirement: String,
    /// The worst of its checks before; absent where that run did not speak of it.
    pub before: Option<Verdict>,
    /// The worst of its checks now; absent where this run does not speak of it.
    pub after: Option<Verdict>,
    /// What was observed instead of what it demands, where it is violated now.
    pub actual: Option<String>,
    /// The cases that say so.
    pub cases: Vec<String>,
}

/// An open question, before and now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadingChange {
    /// Profile id.
    pub profile: String,
    /// Reading id.
    pub reading: String,
    /// The alternatives that were seen before.
    pub before: Vec<String>,
    /// The alternatives that were seen now.
    pub after: Vec<String>,
}

/// What a verdict says of a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Violated,
    Held,
    Nothing,
}

fn told(verdict: Option<Verdict>) -> Told {
    match verdict {
        Some(Verdict::Fail) => Told::Violated,
        Some(Verdict::Pass | Verdict::Warn) => Told::Held,
        Some(Verdict::Skipped | Verdict::Inconclusive | Verdict::Error) | None => Told::Nothing,
    }
}

type Key<'r> = (&'r str, &'r str);

fn by_key(run: &Run) -> BTreeMap<Key<'_>, &RequirementRun> {
    let all = run.requirements.iter();
    all.map(|r| ((r.profile.as_str(), r.id.as_str()), r)).collect()
}

impl Difference {
    /// What changed from `before` to `after`, in the order of profiles and ids.
    pub fn between(before: &Run, after: &Run) -> Self {
        let mut difference = Self {
            version: DIFF_VERSION,
            notes: notes(before, after),
            readings: readings(before, after),
            ..Self::default()
        };
        let (then, now) = (by_key(before), by_key(after));
        let keys: BTreeSet<Key<'_>> = then.keys().chain(now.keys()).copied().collect();
        for key in keys {
            let verdict = |of: &BTreeMap<Key<'_>, &RequirementRun>| of.get(&key).map(|r| r.verdict);
            let (was, is) = (verdict(&then), verdict(&now));
            let list = match (told(was), told(is)) {
                (Told::Held | Told::Nothing, Told::Violated) => &mut difference.newly_failing,
                (Told::Violated, Told::Violated) => &mut difference.still_failing,
                (Told::Violated, Told::Held) => &mut difference.fixed,
                (Told::Violated, Told::Nothing) => &mut difference.no_longer_decided,
                (Told::Nothing, Told::Held) => &mut difference.newly_exercised,
                (Told::Held, Told::Nothing) => &mut difference.no_longer_exercised,
                (Told::Held, Told::Held) | (Told::Nothing, Told::Nothing) => continue,
            };
            let (actual, cases) = evidence(after, now.get(&key).copied());
            list.push(Change {
                profile: key.0.to_owned(),
                requirement: key.1.to_owned(),
                before: was,
                after: is,
                actual,
                cases,
            });
        }
        difference
    }

    /// Whether nothing changed that the target is answerable for.
    pub fn is_empty(&self) -> bool {
        self.sections()
            .iter()
            .all(|(title, changes)| *title == STILL || changes.is_empty())
            && self.readings.is_empty()
    }

    fn sections(&self) -> [(&'static str, &[Change]); 6] {
        [
            ("NEWLY FAILING", &self.newly_failing),
            ("FIXED", &self.fixed),
            (STILL, &self.still_failing),
            ("NO LONGER DECIDED", &self.no_longer_decided),
            ("NEWLY EXERCISED", &self.newly_exercised),
            ("NO LONGER EXERCISED", &self.no_longer_exercised),
        ]
    }
}

const STILL: &str = "STILL FAILING";

/// What was observed of a violated requirement, and the cases that say so.
fn evidence(run: &Run, requirement: Option<&RequirementRun>) -> (Option<String>, Vec<String>) {
    let Some(requirement) = requirement.filter(|r| r.verdict == Verdict::Fail) else {
        return (None, Vec::new());
    };
    let failing = requirement.spoken.iter().filter(|(_, v)| *v == Verdict::Fail);
    let cases: Vec<_> = failing.filter_map(|(at, _)| run.cases.get(*at)).collect();
    let findings = cases
        .iter()
        .flat_map(|case| &case.checks)
        .filter(|check| check.requirement == requirement.id)
        .flat_map(|check| &check.findings);
    let actual = findings.map(|finding| finding.actual.clone()).next();
    (actual, cases.iter().map(|case| case.case.clone()).collect())
}

/// In what the runs differ before any target has answered.
fn notes(before: &Run, after: &Run) -> Vec<String> {
    let mut notes = Vec::new();
    let mut differ = |what: &str, then: Option<String>, now: Option<String>| {
        if let (Some(then), Some(now)) = (then, now)
            && then != now
        {
            notes.push(format!("{what}: {then} before, {now} now"));
        }
    };
    let start = |run: &Run| run.start.clone();
    let of = |run: &Run, tell: fn(&crate::event::RunStarted) -> String| start(run).as_ref().map(tell);
    differ(
        "dcx",
        of(before, |s| s.version.clone()),
        of(after, |s| s.version.clone()),
    );
    differ(
        "seed",
        of(before, |s| s.seed.to_string()),
        of(after, |s| s.seed.to_string()),
    );
    let selection: fn(&crate::event::RunStarted) -> String = |s| match s.selection.join(" ") {
        all if all.is_empty() => "everything".to_owned(),
        some => some,
    };
    differ("selected", of(before, selection), of(after, selection));
    let profiles = |run: &Run| Some(run.profiles().join(", "));
    differ("profiles", profiles(before), profiles(after));
    let digest = |run: &Run| start(run).map(|s| s.requirement_digest);
    if digest(before) != digest(after) {
        notes.push("the runs were judged by different requirements".to_owned());
    }
    for (which, run) in [("earlier", before), ("later", after)] {
        if let Some(cut) = run.cut() {
            notes.push(format!("the {which} run is not whole: {cut}"));
        }
    }
    notes
}

fn readings(before: &Run, after: &Run) -> Vec<ReadingChange> {
    type Taken<'r> = BTreeMap<Key<'r>, BTreeSet<&'r str>>;
    fn taken(run: &Run) -> Taken<'_> {
        let mut taken = Taken::new();
        for reading in &run.readings {
            let key = (reading.profile.as_str(), reading.reading.as_str());
            taken.entry(key).or_default().insert(&reading.alternative);
        }
        taken
    }
    let (then, now) = (taken(before), taken(after));
    // A reading that one of the runs did not see says nothing of a change.
    let both = then
        .iter()
        .filter_map(|(key, was)| Some((key, was, now.get(key)?)));
    let names = |of: &BTreeSet<&str>| of.iter().map(|name| (*name).to_owned()).collect();
    both.filter(|(_, was, is)| was != is)
        .map(|((profile, reading), was, is)| ReadingChange {
            profile: (*profile).to_owned(),
            reading: (*reading).to_owned(),
            before: names(was),
            after: names(is),
        })
        .collect()
}

/// Writes a difference for people.
pub fn render(difference: &Difference, out: &mut impl Write) -> io::Result<()> {
    for note in &difference.notes {
        writeln!(out, "note: {}", one_line(note))?;
    }
    for (title, changes) in difference.sections() {
        if changes.is_empty() {
            continue;
        }
        let count = plural(changes.len() as u64, "requirement", "requirements");
        writeln!(out, "\n{title}  {count}")?;
        for change in changes {
            let glyph = change.after.map_or(" ", words::glyph);
            let word = |verdict: Option<Verdict>| verdict.map_or("not there", Verdict::word);
            writeln!(
                out,
                "  {glyph} {}  {}  {} → {}",
                one_line(&change.requirement),
                one_line(&change.profile),
                word(change.before),
                word(change.after)
            )?;
            if let Some(actual) = &change.actual {
                let cases: Vec<String> = change.cases.iter().map(|case| one_line(case)).collect();
                writeln!(out, "      {} ({})", one_line(actual), cases.join(", "))?;
            }
        }
    }
    if !difference.readings.is_empty() {
        let count = plural(difference.readings.len() as u64, "reading", "readings");
        writeln!(out, "\nREADINGS CHANGED  {count}")?;
        for reading in &difference.readings {
            writeln!(
                out,
                "    {}  {}  {} → {}",
                one_line(&reading.reading),
                one_line(&reading.profile),
                one_line(&reading.before.join(", ")),
                one_line(&reading.after.join(", "))
            )?;
        }
    }
    let counts = difference.sections().map(|(title, changes)| {
        let title = title.to_lowercase();
        format!("{} {title}", changes.len())
    });
    writeln!(out, "\n{}", counts.join(", "))
}
