//! The kill matrix in words: a row for each defect under each profile, over all seeds.

use crate::prove::Kill;

/// What became of a defect under a profile.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row<'k> {
    pub(super) profile: &'k str,
    pub(super) defect: &'k str,
    /// Under how many seeds it was caught.
    pub(super) killed: usize,
    /// Under how many seeds it was committed.
    pub(super) trials: usize,
    by: Vec<&'k str>,
}

/// The rows, in the order of the first seed.
pub(super) fn rows(kills: &[Kill]) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut known = std::collections::HashMap::new();
    for kill in kills {
        let place = *known.entry((&kill.profile, &kill.defect)).or_insert_with(|| {
            rows.push(Row {
                profile: &kill.profile,
                defect: &kill.defect,
                killed: 0,
                trials: 0,
                by: Vec::new(),
            });
            rows.len() - 1
        });
        let row = &mut rows[place];
        row.trials += 1;
        row.killed += usize::from(kill.killed());
        for case in &kill.killed_by {
            if !row.by.contains(&case.as_str()) {
                row.by.push(case);
            }
        }
    }
    rows
}

impl Row<'_> {
    /// The cases that caught it, or that it survived.
    pub(super) fn told(&self) -> String {
        let by = self.by.join(", ");
        match (self.killed, self.trials) {
            (0, 1) => "SURVIVED".to_owned(),
            (0, trials) => format!("SURVIVED all {trials} seeds"),
            (killed, trials) if killed < trials => {
                format!("{by}, but SURVIVED {} of {trials} seeds", trials - killed)
            }
            _ => by,
        }
    }
}

/// For how many of the seeds that were asked for; nothing where that was one. Who is interrupted, or proves a part,
/// has not tried each defect under each of them.
pub(super) fn times(rows: &[Row<'_>], seeds: u64) -> String {
    let tried = rows.iter().map(|row| row.trials as u64);
    match (tried.clone().min(), tried.max()) {
        _ if seeds == 1 => String::new(),
        (Some(least), _) if least == seeds => format!(" for {seeds} seeds of {seeds}"),
        (Some(least), Some(most)) => {
            format!(" for the seeds that were tried, {least} to {most} of {seeds} for each")
        }
        _ => String::new(),
    }
}

/// A defect that survived, with what was found instead.
pub(super) fn survivor(kill: &Kill) -> String {
    let instead = match kill.survived.as_slice() {
        [] => "no case speaks about what it breaks".to_owned(),
        found => found.join("; "),
    };
    let Kill {
        profile,
        defect,
        seed,
        ..
    } = kill;
    format!("SURVIVED: {profile} {defect} seed {seed}: {instead}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kill(defect: &str, seed: u64, by: &[&str]) -> Kill {
        Kill {
            defect: defect.to_owned(),
            profile: "p".to_owned(),
            requirement: "r".to_owned(),
            seed,
            killed_by: by.iter().map(|case| (*case).to_owned()).collect(),
            survived: Vec::new(),
            also: Vec::new(),
            exit_code: Some(100),
        }
    }

    #[test]
    fn a_row_is_about_all_seeds() {
        let kills = [
            kill("a", 1, &["x"]),
            kill("b", 1, &[]),
            kill("c", 1, &[]),
            kill("a", 2, &["y"]),
            kill("b", 2, &["x"]),
            kill("c", 2, &[]),
        ];
        let told: Vec<String> = rows(&kills).iter().map(Row::told).collect();
        assert_eq!(
            told,
            ["x, y", "x, but SURVIVED 1 of 2 seeds", "SURVIVED all 2 seeds"]
        );
        assert_eq!(rows(&kills[..3])[1].told(), "SURVIVED");
        assert_eq!(times(&rows(&kills), 2), " for 2 seeds of 2");
        assert_eq!(times(&rows(&kills[..3]), 1), "");
        let cut = " for the seeds that were tried, 1 to 2 of 2 for each";
        assert_eq!(times(&rows(&kills[..4]), 2), cut);
    }

    #[test]
    fn a_survivor_says_what_was_found_instead() {
        let mut alive = kill("b", 7, &[]);
        assert_eq!(
            survivor(&alive),
            "SURVIVED: p b seed 7: no case speaks about what it breaks"
        );
        alive.survived = vec!["pass in x: it was found to hold".to_owned()];
        assert!(survivor(&alive).ends_with("seed 7: pass in x: it was found to hold"));
    }
}
