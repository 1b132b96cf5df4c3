//! Progress on a terminal while a run goes on: the cases that are over, and what is waited for. Elsewhere it
//! is silent.

use crate::run::Board;
use indicatif::{ProgressBar, ProgressStyle};
use reports::event::{Entry, Event, Sink};
use reports::one_line;
use specs::evidence::Verdict;
use std::time::{Duration, Instant};

/// A bar that counts finished cases and names what failed.
pub(super) struct Progress {
    bar: ProgressBar,
    failed: u64,
    quiet: bool,
    board: Board,
    watcher: Option<tokio::task::JoinHandle<()>>,
}

/// How often what is waited for is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// A wait is worth a line once it is this old: most callbacks come at once.
const WORTH_TELLING: Duration = Duration::from_millis(600);

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(watcher) = self.watcher.take() {
            watcher.abort();
        }
    }
}

/// Keeps the last part of the bar at what is waited for.
async fn watch(bar: ProgressBar, board: Board) {
    loop {
        tokio::time::sleep(LOOK).await;
        bar.set_prefix(line(&board, Instant::now()));
    }
}

/// What is waited for, under the bar; nothing where nothing is, or not for long yet.
fn line(board: &Board, now: Instant) -> String {
    match board.first() {
        Some((waiting, count)) if waiting.since + WORTH_TELLING <= now => {
            let more = match count {
                1 => String::new(),
                n => format!(" (and {} more)", n - 1),
            };
            format!("\n  {}{more}", one_line(&waiting.line(now)))
        }
        _ => String::new(),
    }
}

impl Progress {
    pub(super) fn new(quiet: bool, board: Board) -> Self {
        Self {
            bar: ProgressBar::hidden(),
            failed: 0,
            quiet,
            board,
            watcher: None,
        }
    }

    fn begin(&mut self, cases: usize) {
        if self.quiet {
            return;
        }
        // Draws to stderr, and only where that is a terminal.
        self.bar = ProgressBar::new(cases as u64);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {pos}/{len} cases  {msg}{prefix}") {
            self.bar.set_style(style);
        }
        self.bar.enable_steady_tick(Duration::from_millis(120));
        self.bar.set_message("preflight");
        if !self.bar.is_hidden() {
            self.watcher = Some(tokio::spawn(watch(self.bar.clone(), self.board.clone())));
        }
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
            Event::RunFinished(_) => {
                if let Some(watcher) = self.watcher.take() {
                    watcher.abort();
                }
                self.bar.finish_and_clear();
            }
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Waiting;

    #[test]
    fn a_wait_is_told_once_it_is_worth_it() {
        let board = Board::default();
        let began = Instant::now();
        let waiting = || Waiting {
            what: "on-search of transaction 7".to_owned(),
            address: Some("http://127.0.0.1:9090/cb/7".to_owned()),
            since: began,
            until: began + Duration::from_secs(3),
        };
        let first = board.show(waiting());
        let second = board.show(waiting());
        assert_eq!(line(&board, began), "");
        assert_eq!(
            line(&board, began + Duration::from_millis(900)),
            "\n  waiting for on-search of transaction 7, 2.1 s left, listening at http://127.0.0.1:9090/cb/7 (and 1 more)"
        );
        drop((first, second));
        assert_eq!(line(&board, began + Duration::from_secs(2)), "");
    }
}
