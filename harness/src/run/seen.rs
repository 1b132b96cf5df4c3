//! What has been observed of a case so far; readable while the case runs, so that an interrupted run keeps
//! what it saw.

use super::spool::Spool;
use specs::evidence::{Exchange, Observation};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use suites::generated::Valid;
use suites::judgement::Judgement;
use suites::laws::sequence::{Cast, Sequences};
use suites::oracle::Read;
use suites::readings::{self, Taken};
use suites::{Case, Context};

/// What has been observed of a case, shared by those who observe it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<Record>>);

/// What has been observed of a case.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// All of it, or where there is a stream, what its later requests depend on.
    pub(crate) kept: Vec<Observation>,
    /// All of it, where it is too much to be kept in memory.
    pub(crate) stream: Option<Stream>,
}

/// Observations that are judged one by one, as they come.
#[derive(Debug)]
pub(crate) struct Stream {
    /// Every observation of the case.
    pub(crate) all: Spool<Observation>,
    /// What they show.
    pub(crate) judge: Judge,
    /// The readings that they show.
    pub(crate) taken: Vec<Taken>,
    /// Those that reports show whatever they are.
    pub(crate) notable: Vec<Range<usize>>,
}

/// Who judges observations as they come.
#[derive(Debug)]
pub(crate) enum Judge {
    /// Of valid requests.
    Valid(Valid),
    /// Of sequences.
    Sequences(Sequences),
}

impl Seen {
    /// What was seen so far.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an observation.
    pub(crate) fn push(&self, observation: Observation) {
        let mut record = self.lock();
        if let Some(stream) = &mut record.stream {
            stream.all.push(&observation);
        }
        record.kept.push(observation);
    }

    /// Looks at what was observed so far. Nothing is copied: a case may have seen hundreds of exchanges by the
    /// time that it takes its next step.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&[Observation]) -> T) -> T {
        look(&self.lock().kept)
    }

    /// From now on, what is observed is judged as it comes, and kept outside of memory.
    pub(crate) fn stream(&self, judge: Judge) {
        self.lock().stream = Some(Stream {
            all: Spool::default(),
            judge,
            taken: Vec::new(),
            notable: Vec::new(),
        });
    }
}

impl Stream {
    /// Adds an exchange with a valid request; whether it shows a violation.
    pub(crate) fn valid(&mut self, cx: &Context, exchange: Exchange) -> bool {
        let read = Read::of(&exchange);
        let violated = match &mut self.judge {
            Judge::Valid(valid) => valid.take(cx, self.all.len(), &read),
            Judge::Sequences(_) => false,
        };
        readings::take_exchange(&cx.profile, &read, &mut self.taken);
        self.all.push(&Observation::Exchange(exchange));
        violated
    }

    /// Adds all that was observed of a sequence; the requirements that it found violated.
    pub(crate) fn sequence(
        &mut self,
        cx: &Context,
        cast: &Cast,
        sequence: usize,
        seen: &[Observation],
    ) -> Vec<String> {
        let first = self.all.len();
        let violated = match &mut self.judge {
            Judge::Sequences(sequences) => sequences.take(cx, cast, seen, (sequence, first)),
            Judge::Valid(_) => Vec::new(),
        };
        for taken in readings::taken(&cx.profile, seen) {
            if !self.taken.contains(&taken) {
                self.taken.push(taken);
            }
        }
        for observation in seen {
            self.all.push(observation);
        }
        if !violated.is_empty() {
            self.notable.push(first..self.all.len());
        }
        violated
    }

    /// What follows.
    pub(crate) fn judgements(&self, case: &Case, cx: &Context) -> Vec<Judgement> {
        match &self.judge {
            Judge::Valid(valid) => valid.judgements(case, cx),
            Judge::Sequences(sequences) => sequences.judgements(cx),
        }
    }
}

impl Record {
    /// Whether nothing was observed.
    pub(crate) fn is_empty(&self) -> bool {
        self.kept.is_empty() && self.stream.as_ref().is_none_or(|stream| stream.all.is_empty())
    }
}
