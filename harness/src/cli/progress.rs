//! Progress on a terminal while a run goes on. Elsewhere it is silent.

use indicatif::{ProgressBar, ProgressStyle};
use reports::event::{Entry, Event, Sink};
use specs::evidence::Verdict;
use std::time::Duration;

/// A bar that counts finished cases and names what failed.
pub(super) struct Progress {
    bar: ProgressBar,
    failed: u64,
    quiet: bool,
}

impl Progress {
    pub(super) fn new(quiet: bool) -> Self {
        Self {
            bar: ProgressBar::hidden(),
            failed: 0,
            quiet,
        }
    }

    fn begin(&mut self, cases: usize) {
        if self.quiet {
            return;
        }
        // Draws to stderr, and only where that is a terminal.
        self.bar = ProgressBar::new(cases as u64);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {pos}/{len} cases  {msg}") {
            self.bar.set_style(style);
        }
        self.bar.enable_steady_tick(Duration::from_millis(120));
        self.bar.set_message("preflight");
    }
}

impl Sink for Progress {
    fn take(&mut self, entry: &Entry) -> std::io::Result<()> {
        match &entry.event {
            Event::RunStarted(started) => self.begin(started.case_count),
            Event::PreflightFinished(_) => self.bar.set_message("waiting for the first cases"),
            Event::CaseFinished(finished) => {
                if finished.verdict == Verdict::Fail {
                    self.failed += 1;
                }
                let failed = match self.failed {
                    0 => String::new(),
                    n => format!("  {n} failed"),
                };
                self.bar
                    .set_message(format!("{} {}{failed}", finished.profile, finished.case));
                self.bar.inc(1);
            }
            Event::RunFinished(_) => self.bar.finish_and_clear(),
            _ => {}
        }
        Ok(())
    }
}
