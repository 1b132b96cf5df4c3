//! Events in order: numbers them, stamps them, and hands them to every sink.

use reports::event::{EVENT_VERSION, Entry, Event, Sink};
use std::sync::{Arc, Mutex, PoisonError};

/// A sink that several owners may feed.
pub type SharedSink = Arc<Mutex<dyn Sink + Send>>;

/// Numbers and stamps events.
pub struct Emitter {
    sinks: Vec<(String, SharedSink)>,
    next: u64,
    /// Every entry so far: reports are replays of the log.
    entries: Vec<Entry>,
    failures: Vec<String>,
}

impl Emitter {
    /// An emitter that feeds these sinks, each with a name for error messages.
    pub fn new(sinks: Vec<(String, SharedSink)>) -> Self {
        Self {
            sinks,
            next: 0,
            entries: Vec::new(),
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
        self.entries.push(entry);
    }

    /// Everything that was emitted, and what went wrong with the sinks.
    pub fn finish(self) -> (Vec<Entry>, Vec<String>) {
        (self.entries, self.failures)
    }
}
