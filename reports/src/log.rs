//! The log: JSON Lines, one [`Entry`] a line, each line flushed when it is written.
//!
//! A log whose last line is unfinished, or that has no [`Event::RunFinished`], was cut short: it is
//! readable up to there and says so. Any other damage is an error that names the line.

use std::io::{self, BufRead, Write};

use serde::Deserialize;

use crate::event::{EVENT_VERSION, Entry, Event, Sink};

/// Writes entries as JSON Lines.
#[derive(Debug)]
pub struct JsonLines<W> {
    writer: W,
}

impl<W: Write> JsonLines<W> {
    /// Writes to this writer.
    pub fn new(writer: W) -> Self {
        Self { writer }
    }

    /// The writer, when everything is written.
    pub fn into_inner(self) -> W {
        self.writer
    }
}

impl<W: Write> Sink for JsonLines<W> {
    fn take(&mut self, entry: &Entry) -> io::Result<()> {
        // One write per line, so that a cut falls between lines wherever the system allows.
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        self.writer.write_all(&line)?;
        self.writer.flush()
    }
}

/// A log that was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Log {
    /// Its entries, in order.
    pub entries: Vec<Entry>,
    /// Where and how it was cut short; nothing when it is whole.
    pub cut: Option<String>,
}

impl Log {
    /// Writes it as it was read, up to where it was cut.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let mut lines = JsonLines::new(out);
        self.entries.iter().try_for_each(|entry| lines.take(entry))
    }
}

/// Why a log cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The input failed.
    #[error("failed to read line {line} of the log")]
    Read {
        /// The line, counting from 1.
        line: usize,
        /// Why.
        source: io::Error,
    },
    /// A line in the middle is not an entry.
    #[error("line {line} of the log is not an event")]
    Damaged {
        /// The line, counting from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// An entry is of another version of the format.
    #[error("line {line} of the log has format version {found}; this build reads version {EVENT_VERSION}")]
    Version {
        /// The line, counting from 1.
        line: usize,
        /// The version that it has.
        found: u32,
    },
    /// An entry is missing, doubled or out of order.
    #[error("line {line} of the log has number {found} where {expected} belongs")]
    Sequence {
        /// The line, counting from 1.
        line: usize,
        /// The number that belongs there.
        expected: u64,
        /// The number that is there.
        found: u64,
    },
    /// Something follows the end of the run.
    #[error("line {line} of the log follows the end of the run")]
    AfterEnd {
        /// The line, counting from 1.
        line: usize,
    },
    /// There is nothing in it.
    #[error("the log is empty")]
    Empty,
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

/// Reads a log to its end, or to where it was cut.
pub fn read_log(mut input: impl BufRead) -> Result<Log, LogError> {
    let mut log = Log::default();
    let (mut line, mut bytes, mut ended) = (0, Vec::new(), false);
    loop {
        bytes.clear();
        line += 1;
        let read = input
            .read_until(b'\n', &mut bytes)
            .map_err(|source| LogError::Read { line, source })?;
        if read == 0 {
            break;
        }
        let unfinished = bytes.last() != Some(&b'\n');
        if let Ok(Version { v: found }) = serde_json::from_slice(&bytes)
            && found != EVENT_VERSION
        {
            return Err(LogError::Version { line, found });
        }
        let entry: Entry = match serde_json::from_slice(&bytes) {
            Ok(entry) => entry,
            Err(_) if unfinished && !log.entries.is_empty() => {
                log.cut = Some(format!("line {line} of the log is unfinished"));
                break;
            }
            Err(source) => return Err(LogError::Damaged { line, source }),
        };
        let expected = u64::try_from(log.entries.len()).unwrap_or(u64::MAX);
        if ended {
            return Err(LogError::AfterEnd { line });
        }
        if entry.seq != expected {
            return Err(LogError::Sequence {
                line,
                expected,
                found: entry.seq,
            });
        }
        ended = matches!(entry.event, Event::RunFinished(_));
        log.entries.push(entry);
    }
    match log.entries.len() {
        0 => return Err(LogError::Empty),
        lines if !ended && log.cut.is_none() => {
            log.cut = Some(format!("the log ends after line {lines}, before the run does"));
        }
        _ => {}
    }
    Ok(log)
}
