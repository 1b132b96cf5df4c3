//! Who may obtain a token of a profile: the demonstration client, those of a file, and those that are made while
//! the mock runs. Secrets are held as salted hashes; a new one is told once.

mod client;
mod demonstration;
mod entry;
mod secret;

pub(crate) use client::{Client, State};
pub(crate) use demonstration::{DB_NAME, Demonstration};
pub use entry::{ClientEntry, ClientsError};

use crate::callback::{Hosts, Policy};
use crate::clock;
use crate::config::{Config, StartError};
use crate::store::{Kind, Ledger, StoreError};
use client::Origin;
use secret::SecretHash;
use specs::catalogue::Profile;
use std::sync::{Arc, PoisonError, RwLock};
use tracing::{info, warn};

/// How many clients there may be, those that were revoked included.
const MOST_CLIENTS: usize = 1000;
/// How long, in seconds, a secret may go on after another has come in its place.
const LONGEST_GRACE: f64 = 86_400.0;

/// The clients of one profile, in the order in which they came.
#[derive(Debug)]
pub(crate) struct Clients {
    all: RwLock<Vec<Arc<Client>>>,
    /// Those who are there after every start.
    first: Vec<Arc<Client>>,
    policy: Policy,
    ledger: Ledger,
    /// What the secret of an unknown client is compared with.
    nobody: SecretHash,
}

/// Why a client gets no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denied {
    /// It is unknown, or its secret is wrong.
    Unknown,
    /// Its secret is right, but its time is over.
    Expired,
    /// Its secret is right, but it was revoked.
    Revoked,
}

/// Why clients cannot be changed in this way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unchanged {
    /// There is no such client.
    #[error("there is no client of this id")]
    NoSuchClient,
    /// There is such a client, or was.
    #[error("there is, or was, a client of this id; ids are not given twice")]
    Taken,
    /// It is out of use.
    #[error("the client was revoked, and cannot be used again")]
    Revoked,
    /// There are too many.
    #[error(
        "there may be at most {MOST_CLIENTS} clients; POST /_dcx/reset forgets those that were made here"
    )]
    TooMany,
    /// Something about the client cannot be.
    #[error("{0}")]
    Unfit(String),
}

impl Clients {
    /// The clients of a profile as it starts: the demonstration client, those of the configuration, and those
    /// that the store kept.
    pub(crate) fn of(
        profile: &Profile,
        config: &Config,
        hosts: &Arc<Hosts>,
        ledger: &Ledger,
    ) -> Result<Self, StartError> {
        let demonstration = Demonstration::of(profile, config.seed);
        let demonstration = Client::demonstration(&demonstration);
        let mut clients = Self {
            all: RwLock::default(),
            first: vec![Arc::new(demonstration)],
            policy: Policy::new(hosts, &profile.partner),
            ledger: ledger.of(&profile.id),
            nobody: SecretHash::of_nobody(),
        };
        let of_profile = |entry: &&ClientEntry| entry.profile.as_ref().is_none_or(|id| *id == profile.id);
        for entry in config.clients.iter().filter(of_profile) {
            let failed = |why: Unchanged| StartError::Client {
                client: entry.client_id.clone(),
                message: why.to_string(),
            };
            let client = Client::of(entry, Origin::File).map_err(|why| failed(Unchanged::Unfit(why)))?;
            clients.examine(&client).map_err(failed)?;
            if clients.first.iter().any(|known| known.id == client.id) {
                return Err(failed(Unchanged::Taken));
            }
            clients.first.push(Arc::new(client));
        }
        if clients.first.len() > MOST_CLIENTS {
            let client = String::new();
            let message = Unchanged::TooMany.to_string();
            return Err(StartError::Client { client, message });
        }
        clients.all = RwLock::new(clients.first.clone());
        clients.restore()?;
        Ok(clients)
    }

    fn restore(&self) -> Result<(), StoreError> {
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        for kept in self.ledger.all(Kind::Client)? {
            match Client::read(&kept.body) {
                // A client of the file comes first: whoever wrote it there meant it.
                Some(client) if all.iter().any(|known| known.id == client.id) => {}
                Some(client) if all.len() < MOST_CLIENTS => all.push(Arc::new(client)),
                _ => warn!(number = kept.number, "a client was not restored"),
            }
        }
        Ok(())
    }

    /// Whether everything about a client can be.
    fn examine(&self, client: &Client) -> Result<(), Unchanged> {
        let target = self.policy.target(client.callback.as_deref());
        target
            .map(drop)
            .map_err(|why| Unchanged::Unfit(format!("callback: {}", why.replace("sender_uri", "it"))))
    }

    /// The client of an id, whether it may still do anything or not.
    pub(crate) fn get(&self, id: &str) -> Option<Arc<Client>> {
        let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
        all.iter().find(|client| client.id == id).cloned()
    }

    /// Every client.
    pub(crate) fn list(&self) -> Vec<Arc<Client>> {
        self.all.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The client that proves itself by its secret.
    pub(crate) fn authenticate(&self, id: &str, secret: &str) -> Result<Arc<Client>, Denied> {
        let Some(client) = self.get(id) else {
            self.nobody.is_of(secret);
            return Err(Denied::Unknown);
        };
        let now = clock::now();
        if !client.has_secret(secret, now) {
            return Err(Denied::Unknown);
        }
        match client.state(now) {
            State::Active => Ok(client),
            State::Expired => Err(Denied::Expired),
            State::Revoked => Err(Denied::Revoked),
        }
    }

    /// Takes a client in. Without a secret of its own it gets one; that is told here and never again.
    pub(crate) fn create(&self, mut entry: ClientEntry) -> Result<(Arc<Client>, Option<String>), Unchanged> {
        if entry.client_id.is_empty() {
            entry.client_id = format!("client-{}", &secret::random()[..8].to_ascii_lowercase());
        }
        let told = entry.secret.is_none().then(secret::random);
        if let Some(secret) = &told {
            entry.secret = Some(SecretHash::of(secret));
        }
        let client = Client::of(&entry, Origin::Control).map_err(Unchanged::Unfit)?;
        self.examine(&client)?;
        let client = Arc::new(client);
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        if all.iter().any(|known| known.id == client.id) {
            return Err(Unchanged::Taken);
        }
        if all.len() >= MOST_CLIENTS {
            return Err(Unchanged::TooMany);
        }
        all.push(Arc::clone(&client));
        self.keep(&client);
        info!(client = client.id, "client made");
        Ok((client, told))
    }

    /// Gives a client another secret, which is told here and never again. The one before it goes on for so many
    /// seconds.
    pub(crate) fn rotate(&self, id: &str, grace: f64) -> Result<(Arc<Client>, String), Unchanged> {
        if !(0.0..=LONGEST_GRACE).contains(&grace) {
            let message = format!("grace: give a number from 0 to {LONGEST_GRACE}, in seconds");
            return Err(Unchanged::Unfit(message));
        }
        let secret = secret::random();
        let hash = SecretHash::of(&secret);
        let changed = self.change(id, |client| {
            if client.state(clock::now()) == State::Revoked {
                return Err(Unchanged::Revoked);
            }
            client.rotate(hash, clock::now() + grace);
            Ok(())
        })?;
        info!(client = id, grace, "secret rotated");
        Ok((changed, secret))
    }

    /// Takes all rights from a client: its secret buys no token, and its tokens give no access.
    pub(crate) fn revoke(&self, id: &str) -> Result<Arc<Client>, Unchanged> {
        let changed = self.change(id, |client| {
            client.revoke();
            Ok(())
        })?;
        info!(client = id, "client revoked");
        Ok(changed)
    }

    fn change(
        &self,
        id: &str,
        how: impl FnOnce(&mut Client) -> Result<(), Unchanged>,
    ) -> Result<Arc<Client>, Unchanged> {
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        let held = all.iter_mut().find(|client| client.id == id);
        let held = held.ok_or(Unchanged::NoSuchClient)?;
        let mut changed = Client::clone(held);
        how(&mut changed)?;
        *held = Arc::new(changed);
        self.keep(held);
        Ok(Arc::clone(held))
    }

    fn keep(&self, client: &Client) {
        if client.survives() {
            self.ledger
                .keep(Kind::Client, Some(&client.id), || client.written());
        }
    }

    /// Those who are there after every start, and nobody else.
    pub(crate) fn reset(&self) {
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        all.clone_from(&self.first);
    }
}

/// Whether an id can be a client's: letters, digits and `. _ ~ -`, since it stands in addresses and headers.
fn is_id(id: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._~-".contains(c);
    !id.is_empty() && id.len() <= 64 && id.chars().all(allowed)
}
