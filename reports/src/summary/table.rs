//! The table of counts: one line per profile.

use std::fmt::Write as _;
use std::io::{self, Write};

use specs::evidence::Verdict;

use super::{Page, dim, paint_of};
use crate::aggregate::Run;
use crate::text::one_line;
use crate::words;

/// The columns; the last one only where it is needed.
const COLUMNS: [Verdict; 6] = [
    Verdict::Pass,
    Verdict::Fail,
    Verdict::Warn,
    Verdict::Inconclusive,
    Verdict::Skipped,
    Verdict::Error,
];

impl<W: Write> Page<'_, W> {
    pub(super) fn table(&mut self, run: &Run) -> io::Result<()> {
        let tallies = run.tallies();
        if tallies.is_empty() {
            return Ok(());
        }
        let errors = run.case_counts().error > 0;
        let columns = if errors { &COLUMNS[..] } else { &COLUMNS[..5] };
        let unfinished = run.unfinished().next().is_some();
        let names: Vec<String> = tallies.iter().map(|t| one_line(&t.profile)).collect();
        let first = names
            .iter()
            .map(|n| n.chars().count())
            .chain(["cases".len()])
            .max()
            .unwrap_or(0);

        let mut head = format!("{:<first$}", "cases");
        for verdict in columns {
            let _ = write!(head, "  {:>5}", verdict.word());
        }
        if unfinished {
            head.push_str("  unfinished");
        }
        head.push_str("  MUST held");
        let head = self.paint(&head, dim());
        writeln!(self.out, "\n{head}")?;
        for (name, tally) in names.iter().zip(&tallies) {
            write!(self.out, "{name:<first$}")?;
            for &verdict in columns {
                let count = words::count(&tally.cases, verdict);
                let width = verdict.word().len().max(5);
                let cell = format!("  {count:>width$}");
                let cell = if count == 0 {
                    self.paint(&cell, dim())
                } else {
                    self.paint(&cell, paint_of(verdict))
                };
                write!(self.out, "{cell}")?;
            }
            if unfinished {
                write!(self.out, "  {:>10}", tally.unfinished)?;
            }
            writeln!(self.out, "  {}", words::held(&tally.must))?;
        }
        let phases: Vec<String> = run.phases().iter().map(words::phase).collect();
        if !phases.is_empty() {
            writeln!(self.out, "\nphases: {}", phases.join("; "))?;
        }
        Ok(())
    }
}
