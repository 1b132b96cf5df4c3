//! Events in order: numbers them, stamps them, and hands them to every sink.

use super::spool::Spool;
use reports::aggregate::{Fold, Run};
use reports::event::{EVENT_VERSION, Entry, Event, Sink};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

/// A sink that several owners may feed.
pub type SharedSink = Arc<Mutex<dyn Sink + Send>>;

/// Numbers and stamps events.
pub struct Emitter {
    sinks: Vec<(String, SharedSink)>,
    next: u64,
    /// Every entry so far: reports are replays of the log.
    log: Spool<Entry>,
    /// What they amount to.
    fold: Fold,
    failures: Vec<String>,
}

/// Everything that was emitted.
#[derive(Debug)]
pub struct Emitted {
    /// Every entry.
    pub log: Spool<Entry>,
    /// What they amount to.
    pub run: Run,
    /// What went wrong with the sinks.
    pub failures: Vec<String>,
}

impl Emitted {
    /// Every entry at once, for those who can hold them.
    ///
    /// # Errors
    /// What was recorded cannot be read back.
    pub fn entries(&mut self) -> io::Result<Vec<Entry>> {
        self.log.values()?.collect()
    }
}

impl Emitter {
    /// An emitter that feeds these sinks, each with a name for error messages.
    pub fn new(sinks: Vec<(String, SharedSink)>) -> Self {
        Self {
            sinks,
            next: 0,
            log: Spool::default(),
            fold: Fold::default(),
            failures: Vec::new(),
        }
    }

    /// Emits an event. A sink that fails is told of no further events; the run goes on.
    pub fn emit(&mut self, event: Event) {
        let at = format!("{:.3}", jiff::Timestamp::now());
        let entry = Entry {
            v: EVENT_VERSION,
            seq: self.next,
            at,
            event,
        };
        self.next += 1;
        let failures = &mut self.failures;
        self.sinks.retain(|(name, sink)| {
            let taken = sink.lock().unwrap_or_else(PoisonError::into_inner).take(&entry);
            if let Err(e) = &taken {
                failures.push(format!("failed to write {name}: {e}"));
            }
            taken.is_ok()
        });
        self.log.push(&entry);
        self.fold.take(entry);
    }

    /// Adds to what went wrong.
    pub(super) fn fail(&mut self, failure: String) {
        self.failures.push(failure);
    }

    /// Everything that was emitted, and what went wrong with the sinks.
    pub fn finish(self) -> Emitted {
        Emitted {
            log: self.log,
            run: self.fold.finish(),
            failures: self.failures,
        }
    }
}
