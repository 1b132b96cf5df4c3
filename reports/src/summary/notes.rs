//! What the reader should know beside the verdict: readings taken and notices.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style as Paint};

use super::{Page, TOLD_BRIEFLY, dim};
use crate::aggregate::Run;
use crate::event::RunFinished;
use crate::quality::warnings;
use crate::text::{one_line, plural};
use crate::words::{self, Line};

impl<W: Write> Page<'_, W> {
    pub(super) fn readings(&mut self, run: &Run) -> io::Result<()> {
        if run.readings.is_empty() {
            return Ok(());
        }
        let count = plural(run.readings.len() as u64, "open question", "open questions");
        self.title(
            "READINGS",
            &format!("how the target reads {count} of the documents"),
            Paint::new(),
        )?;
        for reading in run.readings.iter().take(TOLD_BRIEFLY) {
            let line = one_line(&format!(
                "{}: {} — {}",
                reading.reading, reading.alternative, reading.statement
            ));
            writeln!(self.out, "  {}", self.fitted(&line))?;
        }
        self.rest(run.readings.len())
    }

    /// What makes the verdict mean less, before the verdict itself.
    pub(super) fn quality(&mut self, run: &Run) -> io::Result<()> {
        let warnings = warnings(run);
        if warnings.is_empty() {
            return Ok(());
        }
        let count = plural(warnings.len() as u64, "thing", "things");
        self.title(
            "QUALITY OF THE RUN",
            &format!("{count} to know before its verdict is read"),
            AnsiColor::Cyan.on_default(),
        )?;
        let several = run.profiles().len() > 1;
        for warning in &warnings {
            let profile = if several {
                format!("{}: ", one_line(&warning.profile))
            } else {
                String::new()
            };
            self.block("! ", 2, &format!("{profile}{}", warning.text), Paint::new())?;
            self.labelled(&Line {
                label: "remedy",
                text: warning.remedy.clone(),
                verbatim: false,
            })?;
        }
        Ok(())
    }

    /// How fast the targets were, each in a line.
    pub(super) fn paces(&mut self, finish: &RunFinished) -> io::Result<()> {
        // A target that never answered has no pace.
        for pace in finish.paces.iter().filter(|pace| pace.slowest_us > 0) {
            let several = finish.paces.len() > 1;
            let profile = if several {
                format!("{}: ", one_line(&pace.profile))
            } else {
                String::new()
            };
            let text = format!("{profile}{}", words::pace(pace));
            self.block("", 0, &text, dim())?;
        }
        Ok(())
    }

    pub(super) fn notices(&mut self, run: &Run) -> io::Result<()> {
        if run.notices.is_empty() {
            return Ok(());
        }
        self.title(
            "NOTE",
            &plural(run.notices.len() as u64, "notice", "notices"),
            Paint::new(),
        )?;
        for notice in run.notices.iter().take(TOLD_BRIEFLY) {
            self.block("  ", 2, &one_line(&notice.text), Paint::new())?;
        }
        self.rest(run.notices.len())
    }

    fn rest(&mut self, count: usize) -> io::Result<()> {
        match count.saturating_sub(TOLD_BRIEFLY) {
            0 => Ok(()),
            more => writeln!(self.out, "  and {more} more, in every report"),
        }
    }

    fn fitted(&self, line: &str) -> String {
        let room = self.style.width.saturating_sub(2);
        if line.chars().count() <= room {
            return line.to_owned();
        }
        format!(
            "{}…",
            line.chars().take(room.saturating_sub(1)).collect::<String>()
        )
    }
}
