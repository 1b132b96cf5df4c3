//! What survives the end of the process: transactions, subscriptions, changed records, events, and the
//! callbacks that are due. It is written before the acknowledgement is sent.

mod database;
mod error;

pub use error::StoreError;

use database::Database;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use tracing::error;

/// Where the mock keeps what changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Store {
    /// In memory only: a mock that starts anew knows nothing of what was.
    #[default]
    Memory,
    /// In this SQLite file, which is made where there is none.
    Sqlite(PathBuf),
}

/// What kind of thing is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Transaction,
    Subscription,
    Record,
    Event,
    /// A callback that is due.
    Callback,
    /// A callback that the mock keeps for whoever asks.
    Mail,
    /// A client that was made while the mock ran.
    Client,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Transaction => "transaction",
            Self::Subscription => "subscription",
            Self::Record => "record",
            Self::Event => "event",
            Self::Callback => "callback",
            Self::Mail => "mail",
            Self::Client => "client",
        }
    }

    /// How many are kept; the oldest go first.
    fn most(self) -> Option<usize> {
        match self {
            Self::Transaction => Some(4000),
            Self::Event | Self::Mail => Some(1000),
            Self::Subscription | Self::Record | Self::Callback | Self::Client => None,
        }
    }
}

/// Something that was kept, and by which number.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Kept {
    pub(crate) number: i64,
    pub(crate) body: Value,
}

/// The store of one profile. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger {
    /// `None` where nothing is to survive.
    database: Option<Arc<Database>>,
    profile: String,
    /// Whether nothing more is kept by whoever holds this: its profile has begun anew.
    closed: Arc<RwLock<bool>>,
    failed: Arc<AtomicBool>,
}

impl Ledger {
    /// Opens the store. Each profile has its own part: see [`Ledger::of`].
    pub(crate) fn open(store: &Store) -> Result<Self, StoreError> {
        let database = match store {
            Store::Memory => None,
            Store::Sqlite(path) => Some(Arc::new(Database::open(path)?)),
        };
        Ok(Self {
            database,
            ..Self::default()
        })
    }

    /// The part of one profile.
    pub(crate) fn of(&self, profile: &str) -> Self {
        Self {
            profile: profile.to_owned(),
            closed: Arc::default(),
            ..self.clone()
        }
    }

    /// The part of one client within that of its profile. Ids of clients hold no slash.
    pub(crate) fn of_client(&self, client: &str) -> Self {
        self.of(&format!("{}/{client}", self.profile))
    }

    /// The clients who have a part within this one.
    pub(crate) fn clients(&self) -> Result<Vec<String>, StoreError> {
        match &self.database {
            None => Ok(Vec::new()),
            Some(database) => database.parts(&format!("{}/", self.profile)),
        }
    }

    /// Keeps something, in the place of what was kept by the same key; its number.
    pub(crate) fn keep(&self, kind: Kind, key: Option<&str>, body: impl FnOnce() -> Value) -> Option<i64> {
        let database = self.database.as_ref()?;
        let closed = self.closed.read().unwrap_or_else(PoisonError::into_inner);
        if *closed {
            return None;
        }
        let body = body().to_string();
        self.noted(database.keep(&self.profile, kind, key, &body))
    }

    /// Forgets what was kept by this number.
    pub(crate) fn forget(&self, number: Option<i64>) {
        if let (Some(database), Some(number)) = (&self.database, number) {
            self.noted(database.forget(number));
        }
    }

    /// Forgets everything of this profile, and of its clients' parts, and keeps nothing more: what is still under
    /// way belongs to what was.
    pub(crate) fn clear(&self) -> Result<(), StoreError> {
        *self.closed.write().unwrap_or_else(PoisonError::into_inner) = true;
        self.database
            .as_ref()
            .map_or(Ok(()), |database| database.clear(&self.profile))
    }

    /// All that was kept, oldest first.
    pub(crate) fn all(&self, kind: Kind) -> Result<Vec<Kept>, StoreError> {
        match &self.database {
            None => Ok(Vec::new()),
            Some(database) => database.all(&self.profile, kind),
        }
    }

    /// Whether something could not be kept. Whoever is answered then must not believe that it was.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    fn noted<T>(&self, outcome: Result<T, StoreError>) -> Option<T> {
        outcome
            .inspect_err(|fault| {
                self.failed.store(true, Ordering::Relaxed);
                error!(%fault, "the store has failed");
            })
            .ok()
    }
}
