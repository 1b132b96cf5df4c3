//! Files that are read again when they change: a good new version is taken up as a whole, a bad one leaves the old
//! one in force, and the journal says which.
//!
//! They are looked at from time to time rather than watched by the system: that works on every file system, in
//! containers, and with editors that put another file in the place of the old one.

use crate::clock;
use crate::config::{Config, StartError};
use crate::house::House;
use crate::journal::{Entry, Kind, Side, Verdict};
use crate::service::First;
use crate::steering::read_rules;
use crate::timeline::Timeline;
use bytes::Bytes;
use http::HeaderMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tracing::{info, warn};

/// How often files are looked at. A version counts once it has stayed the same from one look to the next.
const EVERY: Duration = Duration::from_millis(400);

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Data,
    Faults,
    Timeline,
}

impl Use {
    fn word(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Faults => "faults",
            Self::Timeline => "timeline",
        }
    }
}

/// What tells one version of a file from another; `None` where there is no file.
type Version = Option<(SystemTime, u64, u64)>;

fn version(path: &Path) -> Version {
    let found = std::fs::metadata(path).ok()?;
    #[cfg(unix)]
    let place = std::os::unix::fs::MetadataExt::ino(&found);
    #[cfg(not(unix))]
    let place = 0;
    Some((found.modified().ok()?, found.len(), place))
}

/// A file, and what was seen of it.
#[derive(Debug, Clone)]
pub(crate) struct Watched {
    path: PathBuf,
    of: Use,
    /// The version that was read last, whether it was good or not.
    read: Version,
    seen: Version,
}

impl Watched {
    /// The files of a configuration as they are now, before they are read for the first time.
    pub(crate) fn of(config: &Config) -> Vec<Self> {
        let files = [
            (Use::Data, &config.data),
            (Use::Faults, &config.faults_file),
            (Use::Timeline, &config.timeline),
        ];
        let watched = |(of, path): (Use, &Option<PathBuf>)| {
            let path = path.clone()?;
            let now = version(&path);
            Some(Self {
                path,
                of,
                read: now,
                seen: now,
            })
        };
        files.into_iter().filter_map(watched).collect()
    }

    /// Whether there is another version, which nobody is writing any more.
    fn has_changed(&mut self) -> bool {
        let now = version(&self.path);
        let settled = now == self.seen;
        self.seen = now;
        if !settled || now == self.read {
            return false;
        }
        self.read = now;
        true
    }

    /// Takes the file up; what is there now.
    fn take_up(&self, house: &House) -> Result<String, StartError> {
        match self.of {
            Use::Data => {
                let first = First::of(&house.config)?;
                Ok(format!("{} records", house.repeople(first)))
            }
            Use::Faults => {
                let rules = read_rules(&self.path, &house.config.profiles)?;
                let count = rules.len();
                house.put_rules(rules);
                Ok(format!("{count} rules"))
            }
            Use::Timeline => {
                let timeline = Timeline::read(&self.path, &house.config.profiles)?;
                Ok(format!("{} events to come", house.play.go_on_with(timeline)))
            }
        }
    }

    fn note(&self, house: &House, taken: &Result<String, StartError>) {
        let path = self.path.display();
        let (verdict, says) = match taken {
            Ok(what) => (Verdict::Accepted, format!("{path} was taken up: {what}")),
            Err(error) => (
                Verdict::Refused,
                format!("{}; the version before stays in force", chain(error)),
            ),
        };
        match verdict {
            Verdict::Accepted => info!(file = self.of.word(), says, "file"),
            _ => warn!(file = self.of.word(), says, "file"),
        }
        if house.journal.is_kept() {
            house.journal.put(Entry {
                at: clock::now(),
                kind: Kind::Change,
                operation: self.of.word().to_owned(),
                verdict,
                says,
                request: Side::of(
                    format!("{} {path}", self.of.word()),
                    &HeaderMap::new(),
                    &Bytes::new(),
                ),
                ..Entry::default()
            });
        }
    }
}

/// Looks at files until the mock stops.
pub(crate) fn spawn(house: &Arc<House>, files: Vec<Watched>) {
    if files.is_empty() {
        return;
    }
    let house = Arc::clone(house);
    let mut stopped = house.stopped.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = look(&house, files) => {}
            () = stopped.wait() => {}
        }
    });
}

async fn look(house: &Arc<House>, mut files: Vec<Watched>) {
    loop {
        tokio::time::sleep(EVERY).await;
        for file in &mut files {
            if !file.has_changed() {
                continue;
            }
            let (file, house) = (file.clone(), Arc::clone(house));
            // A large file takes its time to read.
            let work = tokio::task::spawn_blocking(move || {
                let taken = file.take_up(&house);
                file.note(&house, &taken);
            });
            if let Err(error) = work.await {
                warn!(%error, "failed to take a file up");
            }
        }
    }
}

/// An error with its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let more = inner.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = inner.source();
    }
    text
}
