//! The journal: what was asked and answered, and what became of callbacks, newest last. It is bounded in
//! number and in bytes, and tells no secret.

mod body;
mod entry;
mod headers;
mod redact;
mod side;

pub(crate) use entry::{Asked, Entry, Kind, Verdict};
pub(crate) use side::Side;

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::broadcast;
use tracing::warn;

/// How many entries a reader of the stream may lag behind before it has to read the journal again.
const MOST_BEHIND: usize = 256;

/// How much a journal keeps, and whether it is written to a file as well.
#[derive(Debug, Clone)]
pub struct JournalConfig {
    /// How many entries are kept in memory; the oldest go first. Without any, and without a file, nothing
    /// is noted at all.
    pub entries: usize,
    /// About how many bytes they may take.
    pub bytes: usize,
    /// A file to which each entry is appended as a line of JSON.
    pub file: Option<PathBuf>,
}

impl Default for JournalConfig {
    fn default() -> Self {
        Self {
            entries: 1000,
            bytes: 16 * 1024 * 1024,
            file: None,
        }
    }
}

/// The journal of a mock.
#[derive(Debug)]
pub(crate) struct Journal {
    entries: usize,
    bytes: usize,
    kept: Mutex<Kept>,
    file: Mutex<Option<File>>,
    writes: bool,
    news: broadcast::Sender<News>,
}

#[derive(Debug, Default)]
struct Kept {
    entries: VecDeque<Arc<Entry>>,
    weight: usize,
    last: u64,
    /// How many entries had to go.
    dropped: u64,
}

/// What a reader of the stream is told.
#[derive(Debug, Clone)]
pub(crate) enum News {
    /// There is another entry.
    Entry(Arc<Entry>),
    /// The mock is as it was after its start.
    Reset,
    /// The faults or the defects are others than before.
    Changed,
}

/// What the journal holds at one moment.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) entries: Vec<Arc<Entry>>,
    pub(crate) last: u64,
    pub(crate) dropped: u64,
}

impl Journal {
    pub(crate) fn open(config: &JournalConfig) -> Result<Self, std::io::Error> {
        let append = |path: &Path| OpenOptions::new().create(true).append(true).open(path);
        let file = config.file.as_deref().map(append).transpose()?;
        Ok(Self {
            entries: config.entries,
            bytes: config.bytes,
            kept: Mutex::default(),
            writes: file.is_some(),
            file: Mutex::new(file),
            news: broadcast::Sender::new(MOST_BEHIND),
        })
    }

    /// Whether anybody is interested in entries.
    pub(crate) fn is_kept(&self) -> bool {
        self.entries > 0 || self.writes
    }

    /// Takes an entry in, and returns its number. Numbers grow in the order of the journal.
    pub(crate) fn put(&self, mut entry: Entry) -> u64 {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.last += 1;
        entry.id = kept.last;
        let entry = Arc::new(entry);
        kept.weight += entry.weight();
        kept.entries.push_back(Arc::clone(&entry));
        while kept.entries.len() > self.entries || (kept.weight > self.bytes && !kept.entries.is_empty()) {
            let gone = kept.entries.pop_front().map_or(0, |gone| gone.weight());
            kept.weight = kept.weight.saturating_sub(gone);
            kept.dropped += 1;
        }
        // Told and written under the same lock, so that nobody sees them in another order.
        self.append(&entry);
        self.tell(News::Entry(Arc::clone(&entry)));
        entry.id
    }

    fn append(&self, entry: &Entry) {
        if !self.writes {
            return;
        }
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let line = format!("{}\n", entry.full());
        if let Some(open) = file.as_mut()
            && let Err(error) = open.write_all(line.as_bytes())
        {
            warn!(%error, "failed to write the journal; nothing more is written to it");
            *file = None;
        }
    }

    /// Forgets all entries; their numbers are not given again.
    pub(crate) fn clear(&self) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = Kept {
            last: kept.last,
            ..Kept::default()
        };
    }

    /// Tells whoever reads the stream.
    pub(crate) fn tell(&self, news: News) {
        // Its only failure is that nobody listens.
        let _ = self.news.send(news);
    }

    /// Hears of what happens from now on.
    pub(crate) fn listen(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }

    /// How many hear of it.
    pub(crate) fn listeners(&self) -> usize {
        self.news.receiver_count()
    }

    /// The entry of this number.
    pub(crate) fn entry(&self, id: u64) -> Option<Arc<Entry>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.entries.binary_search_by_key(&id, |entry| entry.id).ok()?;
        kept.entries.get(at).cloned()
    }

    /// The newest `limit` of the entries after a number that are wanted, oldest first.
    pub(crate) fn page(&self, after: u64, limit: usize, wanted: impl Fn(&Entry) -> bool) -> Page {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = kept.entries.iter().rev().take_while(|entry| entry.id > after);
        let mut entries: Vec<_> = newest
            .filter(|entry| wanted(entry))
            .take(limit)
            .cloned()
            .collect();
        entries.reverse();
        Page {
            entries,
            last: kept.last,
            dropped: kept.dropped,
        }
    }
}

/// Notes what one profile does.
#[derive(Debug, Clone)]
pub(crate) struct Clerk {
    pub(crate) journal: Arc<Journal>,
    pub(crate) profile: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal(entries: usize, bytes: usize) -> Journal {
        let config = JournalConfig {
            entries,
            bytes,
            file: None,
        };
        Journal::open(&config).unwrap()
    }

    fn ids(journal: &Journal, after: u64, limit: usize) -> Vec<u64> {
        journal
            .page(after, limit, |_| true)
            .entries
            .iter()
            .map(|e| e.id)
            .collect()
    }

    #[test]
    fn the_oldest_go_first_and_numbers_stay() {
        let journal = journal(3, usize::MAX);
        for _ in 0..5 {
            journal.put(Entry::default());
        }
        assert_eq!(ids(&journal, 0, 10), [3, 4, 5]);
        assert_eq!(ids(&journal, 3, 10), [4, 5]);
        assert_eq!(ids(&journal, 0, 1), [5]);
        assert!(journal.entry(2).is_none());
        assert_eq!(journal.entry(4).map(|e| e.id), Some(4));
        let page = journal.page(0, 0, |_| true);
        assert_eq!((page.last, page.dropped), (5, 2));
        journal.clear();
        assert!(ids(&journal, 0, 10).is_empty());
        assert_eq!(journal.put(Entry::default()), 6);
    }

    #[test]
    fn bytes_are_bounded_too() {
        let weight = Entry::default().weight();
        let journal = journal(1000, weight * 4);
        for _ in 0..50 {
            journal.put(Entry::default());
        }
        assert_eq!(ids(&journal, 0, 100), [47, 48, 49, 50]);
        let heavy = Entry {
            says: "x".repeat(weight * 5),
            ..Entry::default()
        };
        journal.put(heavy);
        assert!(
            ids(&journal, 0, 100).is_empty(),
            "one that is too heavy is not kept"
        );
    }
}
