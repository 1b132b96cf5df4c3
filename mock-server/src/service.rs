//! One profile as the mock serves it: all that an operation may need to answer. What changes after the
//! start is the state, the mailbox, and what defects remember.

use crate::answer::Answer;
use crate::breach::Breaches;
use crate::callback::{Courier, Policy};
use crate::config::{Config, StartError};
use crate::data::{People, Population, import};
use crate::dci::{self, bearer::Verified, client::Client};
use crate::defect::{Defects, Memory};
use crate::ids::{self, RequestIds};
use crate::journal::{Clerk, Journal};
use crate::operation::Operation;
use crate::query::identifiers;
use crate::ring::Ring;
use crate::state::{Events, Register, Subscriptions, Transaction, Transactions};
use crate::stop::Stopped;
use crate::store::{Kind, Ledger};
use crate::validate::{Fault, Form, relaxed};
use crate::{Breach, Defect};
use http::StatusCode;
use serde_json::Value;
use specs::catalogue::{Profile, Registry, SignatureScheme};
use specs::clause::{Message, Part};
use specs::document::Document;
use specs::wire::token::TokenKey;
use std::collections::BTreeMap;
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
}

/// A profile that is being served.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) profile: Profile,
    pub(crate) operations: Vec<(Operation, String)>,
    pub(crate) ring: Ring,
    pub(crate) token_key: TokenKey,
    pub(crate) token_lifetime: Duration,
    pub(crate) verified: Verified,
    pub(crate) client: Client,
    register: Option<Register>,
    pub(crate) subscriptions: Subscriptions,
    pub(crate) transactions: Transactions,
    pub(crate) events: Events,
    pub(crate) courier: Arc<Courier>,
    pub(crate) ledger: Ledger,
    pub(crate) defects: Defects,
    rules: RwLock<Arc<Rules>>,
    pub(crate) memory: Memory,
    seed: u64,
}

/// What follows from the mistakes that are to be made, and is too dear to find out on every request.
#[derive(Debug)]
struct Rules {
    breaches: Breaches,
    forms: BTreeMap<&'static str, Form>,
}

impl Rules {
    fn of(
        profile: &Profile,
        operations: &[(Operation, String)],
        defects: &Defects,
        chosen: &[Breach],
    ) -> Result<Arc<Self>, StartError> {
        let breaches = Breaches::under(profile, chosen);
        let forms = forms(profile, operations, defects, &breaches)?;
        Ok(Arc::new(Self { breaches, forms }))
    }
}

impl Service {
    pub(crate) fn new(
        profile: &Profile,
        config: &Config,
        first: &First,
        ledger: &Ledger,
        journal: &Arc<Journal>,
        stopped: Stopped,
    ) -> Result<Self, StartError> {
        let defects = Defects::under(profile, &config.defects);
        let operations = operations(profile)?;
        let rules = Rules::of(profile, &operations, &defects, &config.breaches)?;
        let policy = Policy::new(&config.allow_callback, &profile.partner);
        let clerk = Clerk {
            journal: Arc::clone(journal),
            profile: profile.id.clone(),
        };
        let ledger = ledger.of(&profile.id);
        let courier = Courier::new(policy, config.callback_delay, ledger.clone(), clerk, stopped)
            .map_err(StartError::Callbacks)?;
        let register = profile.registry.as_ref().map(|registry| {
            let people = match first {
                First::Generated(population) => People::generated(profile, population),
                First::Imported(records) => People::imported(profile, Arc::clone(records), config.seed),
            };
            Register::of(people, registry)
        });
        let service = Self {
            profile: profile.clone(),
            operations,
            ring: Ring::of(&config.keys, profile.signature.scheme),
            token_key: TokenKey::from_rsa(config.keys.own()),
            token_lifetime: config.token_lifetime,
            verified: Verified::default(),
            client: Client::of(profile, config.seed),
            register,
            subscriptions: Subscriptions::default(),
            transactions: Transactions::default(),
            events: Events::default(),
            courier: Arc::new(courier),
            ledger,
            defects,
            rules: RwLock::new(rules),
            memory: Memory::default(),
            seed: config.seed,
        };
        dci::restore::restore(&service)?;
        Ok(service)
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
        self.register().put(record)
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

    /// The records of its registry.
    pub(crate) fn register(&self) -> &Register {
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

fn forms(
    profile: &Profile,
    operations: &[(Operation, String)],
    defects: &Defects,
    breaches: &Breaches,
) -> Result<BTreeMap<&'static str, Form>, StartError> {
    let document = Document::bundled(&profile.document)?;
    // A signature that is missing has a code of its own, and is asked for after the sender is known.
    let leaving = (profile.signature.scheme != SignatureScheme::None).then_some("signature");
    let mut forms = BTreeMap::new();
    for (operation, _) in operations.iter().filter(|(o, _)| *o != Operation::Token) {
        let path = profile
            .operations
            .get(operation.id())
            .map_or("", |o| o.document_path.as_str());
        let message = Message::of(operation.id(), Part::Request);
        let checked = |schema: Value| {
            let schema = relaxed(schema, defects);
            match message {
                Some(message) => breaches.loosened(message, schema),
                None => schema,
            }
        };
        let form = Form::of(&document, path, leaving, checked).ok_or_else(|| StartError::UnfitProfile {
            profile: profile.id.clone(),
            message: format!("{} describes no JSON request for POST {path}", profile.document),
        })?;
        let form = form.map_err(|source| StartError::Schema {
            document: profile.document.clone(),
            operation: operation.id().to_owned(),
            source,
        })?;
        forms.insert(operation.id(), form);
    }
    Ok(forms)
}
