//! One profile as the mock serves it: all that an operation may need to answer. What changes after the
//! start is the state, the mailbox, and what defects remember.

mod rules;

use rules::Rules;

use crate::answer::Answer;
use crate::callback::{Courier, Policy, Post, Times};
use crate::clients::{Clients, Demonstration};
use crate::config::{Config, StartError};
use crate::data::{People, Population, import};
use crate::dci::{self, bearer::Verified};
use crate::defect::{Defects, Memory};
use crate::ids::{self, RequestIds};
use crate::journal::{Clerk, Journal};
use crate::operation::Operation;
use crate::query::identifiers;
use crate::readings::{Earlier, Ways};
use crate::ring::Ring;
use crate::state::{Events, Register, Subscriptions, Transaction, Transactions};
use crate::stop::{Stop, Stopped};
use crate::store::{Kind, Ledger, StoreError};
use crate::validate::Fault;
use crate::{Breach, Defect, Keys, Way};
use http::StatusCode;
use serde_json::Value;
use specs::catalogue::{Profile, Registry};
use specs::clause::Message;
use specs::wire::token::TokenKey;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// Who is registered from the start.
#[derive(Debug)]
pub(crate) enum First {
    Generated(Population),
    /// Records as JSON texts.
    Imported(Arc<Vec<Box<str>>>),
}

impl First {
    /// Makes the people that the configuration asks for, or reads their records.
    pub(crate) fn of(config: &Config) -> Result<Self, StartError> {
        let mut registries = config.profiles.iter().filter_map(|p| p.registry.as_ref());
        let Some(path) = &config.data else {
            let count = registries.next().map_or(0, |_| config.records);
            return Ok(Self::Generated(Population::of(count, config.seed)));
        };
        match (registries.next(), registries.next()) {
            (Some(registry), None) => {
                let records = import(path, registry)?;
                Ok(Self::Imported(Arc::new(records)))
            }
            _ => Err(StartError::DataForSeveral),
        }
    }

    /// The register of a profile with these people.
    fn register(&self, profile: &Profile, registry: &Registry, seed: u64) -> Register {
        let people = match self {
            Self::Generated(population) => People::generated(profile, population),
            Self::Imported(records) => People::imported(profile, Arc::clone(records), seed),
        };
        Register::of(people, registry)
    }
}

/// What every profile stands on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ground<'h> {
    pub(crate) config: &'h Config,
    pub(crate) first: &'h First,
    pub(crate) journal: &'h Arc<Journal>,
    pub(crate) post: &'h Post,
    pub(crate) stopped: &'h Stopped,
}

/// A profile that is being served.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) profile: Profile,
    pub(crate) operations: Vec<(Operation, String)>,
    /// What messages are encrypted with, and what tokens are signed with.
    pub(crate) keys: Keys,
    /// What messages are signed with: the same in every registry of the profile.
    pub(crate) ring: Arc<Ring>,
    pub(crate) token_key: TokenKey,
    pub(crate) token_lifetime: Duration,
    pub(crate) verified: Arc<Verified>,
    pub(crate) demonstration: Demonstration,
    pub(crate) clients: Arc<Clients>,
    register: Option<RwLock<Arc<Register>>>,
    pub(crate) subscriptions: Subscriptions,
    pub(crate) transactions: Transactions,
    pub(crate) events: Events,
    pub(crate) courier: Arc<Courier>,
    pub(crate) ledger: Ledger,
    pub(crate) defects: Defects,
    /// The readings that the profile prefers, where the mock by itself takes another.
    pub(crate) ways: Ways,
    /// What came before, where something may come only once.
    pub(crate) earlier: Earlier,
    rules: RwLock<Arc<Rules>>,
    pub(crate) memory: Arc<Memory>,
    seed: u64,
    /// Ends what this profile has under way, also when nobody serves it any more.
    stop: Stop,
}

impl Service {
    /// A profile as it starts, or as its part of the store was left.
    pub(crate) fn new(
        profile: &Profile,
        ground: &Ground<'_>,
        clients: Arc<Clients>,
        ledger: Ledger,
    ) -> Result<Self, StartError> {
        let config = ground.config;
        let defects = Defects::under(profile, &config.defects);
        let operations = operations(profile)?;
        let rules = Rules::of(profile, &operations, &defects, &config.breaches)?;
        let ring = Arc::new(Ring::of(&config.keys, profile.signature.scheme));
        Self::of(profile, ground, clients, ledger, rules, ring)
    }

    /// The same profile with another registry, of another part of the store.
    pub(crate) fn with_registry(&self, ground: &Ground<'_>, ledger: Ledger) -> Result<Self, StartError> {
        let (clients, ring) = (Arc::clone(&self.clients), Arc::clone(&self.ring));
        Self::of(&self.profile, ground, clients, ledger, self.rules(), ring)
    }

    /// From now on, makes these mistakes, as another service of the profile does already.
    pub(crate) fn follow(&self, other: &Self, defects: &[Defect]) {
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = other.rules();
        self.defects.switch(&self.profile, defects);
    }

    fn of(
        profile: &Profile,
        ground: &Ground<'_>,
        clients: Arc<Clients>,
        ledger: Ledger,
        rules: Arc<Rules>,
        ring: Arc<Ring>,
    ) -> Result<Self, StartError> {
        let Ground {
            config,
            first,
            journal,
            post,
            stopped,
        } = *ground;
        let (stop, stopped) = stopped.part();
        let defects = Defects::under(profile, &config.defects);
        let operations = operations(profile)?;
        let policy = Policy::new(&post.hosts, &profile.partner);
        let clerk = Clerk {
            journal: Arc::clone(journal),
            profile: profile.id.clone(),
        };
        let ways = Ways::of(profile);
        let times = Times {
            delay: config.callback_delay,
            pauses: if ways.take(Way::CallbackOnce) {
                Vec::new()
            } else {
                config.callback_pauses.clone()
            },
            bearer: ways.take(Way::CallbackBearer),
        };
        let courier = Courier::new(post.client.clone(), policy, times, ledger.clone(), clerk, stopped);
        let register = profile.registry.as_ref();
        let register = register.map(|registry| first.register(profile, registry, config.seed));
        let service = Self {
            profile: profile.clone(),
            operations,
            keys: config.keys.clone(),
            ring,
            token_key: TokenKey::from_rsa(config.keys.own()),
            token_lifetime: config.token_lifetime,
            verified: Arc::default(),
            demonstration: Demonstration::of(profile, config.seed),
            clients,
            register: register.map(|register| RwLock::new(Arc::new(register))),
            subscriptions: Subscriptions::default(),
            transactions: Transactions::default(),
            events: Events::default(),
            courier: Arc::new(courier),
            ledger,
            defects,
            ways,
            earlier: Earlier::default(),
            rules: RwLock::new(rules),
            memory: Arc::default(),
            seed: config.seed,
            stop,
        };
        dci::restore::restore(&service)?;
        Ok(service)
    }

    /// Ends what is under way, and forgets what was kept.
    pub(crate) fn end(&self) -> Result<(), StoreError> {
        self.stop.now();
        self.ledger.clear()
    }

    /// Remembers a transaction, so that somebody may ask later what became of it.
    pub(crate) fn remember(&self, transaction: Transaction) {
        self.ledger
            .keep(Kind::Transaction, None, || transaction.written());
        self.transactions.remember(transaction);
    }

    /// An answer, unless the store has failed: whatever was done may be lost, and nobody may rely on it.
    pub(crate) fn unless_lost(&self, answer: Answer) -> Answer {
        if self.ledger.has_failed() {
            let (status, code) = (StatusCode::SERVICE_UNAVAILABLE, "err.service.unavailable");
            return Answer::errors(status, code, "the store has failed");
        }
        answer
    }

    /// Takes a record into the register; returns the one in whose place it comes.
    pub(crate) fn put(&self, record: &Value) -> Option<Value> {
        let names: Vec<(&str, &str)> = identifiers(record, self.registry()).collect();
        let key = format!("{names:?}");
        self.ledger.keep(Kind::Record, Some(&key), || record.clone());
        // Held while the record is put, so that it is not put into a register that nobody looks at any more.
        let register = self.held().read().unwrap_or_else(PoisonError::into_inner);
        register.put(record)
    }

    /// Replaces those who were registered from the start; what events changed since stays. Returns how many
    /// records there are then.
    pub(crate) fn repeople(&self, first: &First) -> usize {
        let Some(held) = &self.register else { return 0 };
        let fresh = first.register(&self.profile, self.registry(), self.seed);
        let mut held = held.write().unwrap_or_else(PoisonError::into_inner);
        for record in held.since_the_start() {
            fresh.put(&record);
        }
        let count = fresh.count();
        *held = Arc::new(fresh);
        count
    }

    /// Whether this defect is to be committed here.
    pub(crate) fn commits(&self, defect: Defect) -> bool {
        self.defects.commits(defect)
    }

    /// Whether the defect of this place, if there is one, is to be committed here.
    pub(crate) fn commits_any(&self, defect: Option<Defect>) -> bool {
        defect.is_some_and(|defect| self.commits(defect))
    }

    /// From now on, makes these mistakes and no others.
    pub(crate) fn switch(&self, defects: &[Defect], breaches: &[Breach]) -> Result<(), StartError> {
        let chosen = Defects::under(&self.profile, defects);
        let rules = Rules::of(&self.profile, &self.operations, &chosen, breaches)?;
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = rules;
        self.defects.switch(&self.profile, defects);
        Ok(())
    }

    fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// A message as it leaves the house. Every one goes through here.
    pub(crate) fn sent(&self, message: Message, body: Value) -> Value {
        self.rules().breaches.spoilt(message, body)
    }

    /// Whether any of our messages is spoilt before it leaves.
    pub(crate) fn spoils(&self) -> bool {
        self.rules().breaches.exist()
    }

    /// An id that the mock sets, for this purpose, in the transaction of this request.
    pub(crate) fn id(&self, purpose: &str, request: &RequestIds) -> String {
        let [sender, message, transaction] = request.parts();
        let seed = self.seed.to_string();
        ids::derive(&[&seed, &self.profile.id, purpose, sender, message, transaction])
    }

    /// An id for the answer to a request from which no id could be read.
    pub(crate) fn id_of_bytes(&self, purpose: &str, body: &[u8]) -> String {
        let seed = self.seed.to_string();
        ids::derive(&[
            &seed,
            &self.profile.id,
            purpose,
            &specs::wire::digest::sha256_hex(body),
        ])
    }

    /// Whether a request has the form of this operation.
    pub(crate) fn check(&self, operation: Operation, request: &Value) -> Result<(), Fault> {
        self.rules()
            .forms
            .get(operation.id())
            .map_or(Ok(()), |form| form.check(request))
    }

    /// What the profile says of its registry.
    pub(crate) fn registry(&self) -> &Registry {
        self.profile
            .registry
            .as_ref()
            .expect("a profile without a registry offers none of its operations; see `operations`")
    }

    /// The records of its registry as they are now.
    pub(crate) fn register(&self) -> Arc<Register> {
        Arc::clone(&self.held().read().unwrap_or_else(PoisonError::into_inner))
    }

    fn held(&self) -> &RwLock<Arc<Register>> {
        self.register
            .as_ref()
            .expect("a profile without a registry offers none of its operations; see `operations`")
    }

    /// Whether somebody may ask later what became of a transaction.
    pub(crate) fn tells_of_transactions(&self) -> bool {
        self.path(Operation::TxnStatus).is_some() || self.path(Operation::SyncTxnStatus).is_some()
    }

    /// The path of an operation below the base path.
    pub(crate) fn path(&self, operation: Operation) -> Option<&str> {
        self.operations
            .iter()
            .find(|(o, _)| *o == operation)
            .map(|(_, path)| path.as_str())
    }
}

fn operations(profile: &Profile) -> Result<Vec<(Operation, String)>, StartError> {
    let unfit = |message: &str| StartError::UnfitProfile {
        profile: profile.id.clone(),
        message: message.to_owned(),
    };
    let mut operations = Vec::new();
    for (id, operation) in &profile.operations {
        let known = Operation::from_id(id).ok_or_else(|| StartError::UnknownOperation {
            profile: profile.id.clone(),
            operation: id.clone(),
        })?;
        if !operation.path.starts_with('/') {
            return Err(unfit("every path must start with `/`"));
        }
        operations.push((known, operation.path.clone()));
    }
    let serves = |operation| operations.iter().any(|(o, _)| *o == operation);
    let of_registry = operations.iter().any(|(o, _)| o.is_of_registry());
    if of_registry && profile.registry.is_none() {
        return Err(unfit(
            "it offers a registry's operations and has no section `registry`",
        ));
    }
    if serves(Operation::Exchange) && profile.exchange.is_none() {
        return Err(unfit("it offers an exchange and has no section `exchange`"));
    }
    Ok(operations)
}
