//! What the reader should know beside the verdict: readings taken and notices.

use std::io::{self, Write};

use anstyle::Style as Paint;

use super::{Page, TOLD_BRIEFLY};
use crate::aggregate::Run;
use crate::text::{one_line, plural};

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
