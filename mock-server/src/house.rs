//! What there is once in a mock: its profiles, its journal, and what can be switched while it runs.

use crate::callback;
use crate::config::{Config, StartError};
use crate::journal::{Journal, News};
use crate::mistake::Mistake;
use crate::service::{First, Service};
use crate::steering::{FaultRule, Steering};
use crate::stop::Stopped;
use crate::store::Ledger;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// The mock, but for its sockets.
#[derive(Debug)]
pub(crate) struct House {
    pub(crate) config: Config,
    pub(crate) journal: Arc<Journal>,
    pub(crate) steering: Steering,
    pub(crate) stopped: Stopped,
    /// Who is registered from the start.
    first: First,
    ledger: Ledger,
    /// What callbacks are sent with.
    client: reqwest::Client,
    served: Vec<RwLock<Arc<Service>>>,
    /// What is being done wrong; held while it is switched.
    mistakes: Mutex<Vec<Mistake>>,
}

/// One of the profiles, as its routes know it.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) house: Arc<House>,
    nth: usize,
}

impl Place {
    /// The profile as it is served now.
    pub(crate) fn service(&self) -> Arc<Service> {
        self.house.service(self.nth)
    }
}

impl House {
    pub(crate) fn new(config: Config, stopped: Stopped) -> Result<Arc<Self>, StartError> {
        let journal = Journal::open(&config.journal).map_err(StartError::Journal)?;
        let journal = Arc::new(journal);
        let first = First::of(&config)?;
        let ledger = Ledger::open(&config.store)?;
        let client = callback::client().map_err(StartError::Callbacks)?;
        let service = |profile| {
            let (client, stopped) = (client.clone(), stopped.clone());
            Service::new(profile, &config, &first, &ledger, &journal, client, stopped)
        };
        let services = config
            .profiles
            .iter()
            .map(service)
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Arc::new(Self {
            steering: Steering::new(&config.faults, config.seed),
            mistakes: Mutex::new(of_start(&config)),
            served: services.into_iter().map(|s| RwLock::new(Arc::new(s))).collect(),
            journal,
            stopped,
            first,
            ledger,
            client,
            config,
        }))
    }

    /// The profiles, in the order of the configuration.
    pub(crate) fn places(self: &Arc<Self>) -> impl Iterator<Item = Place> {
        let house = Arc::clone(self);
        (0..self.served.len()).map(move |nth| Place {
            house: Arc::clone(&house),
            nth,
        })
    }

    fn service(&self, nth: usize) -> Arc<Service> {
        Arc::clone(&self.served[nth].read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Every profile as it is served now.
    pub(crate) fn services(&self) -> impl Iterator<Item = Arc<Service>> {
        (0..self.served.len()).map(|nth| self.service(nth))
    }

    /// What is being done wrong.
    pub(crate) fn mistakes(&self) -> Vec<Mistake> {
        self.mistakes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// From now on, makes these mistakes and no others.
    pub(crate) fn make_mistakes(&self, mistakes: &[Mistake]) -> Result<(), StartError> {
        let mut current = self.mistakes.lock().unwrap_or_else(PoisonError::into_inner);
        self.switch(mistakes)?;
        *current = mistakes.to_vec();
        self.journal.tell(News::Changed);
        Ok(())
    }

    fn switch(&self, mistakes: &[Mistake]) -> Result<(), StartError> {
        let (defects, breaches) = Mistake::sorted(mistakes);
        self.services()
            .try_for_each(|service| service.switch(&defects, &breaches))
    }

    /// From now on, these rules and no others.
    pub(crate) fn steer(&self, rules: &[FaultRule]) {
        self.steering.set(rules);
        self.journal.tell(News::Changed);
    }

    /// Everything is as it was after the start: people, subscriptions, transactions, mailboxes, faults and
    /// defects; the journal is empty. Takes as long as making the people.
    pub(crate) fn reset(&self) -> Result<(), StartError> {
        let mut current = self.mistakes.lock().unwrap_or_else(PoisonError::into_inner);
        for (profile, cell) in self.config.profiles.iter().zip(&self.served) {
            self.ledger.of(&profile.id).clear()?;
            let fresh = Service::new(
                profile,
                &self.config,
                &self.first,
                &self.ledger,
                &self.journal,
                self.client.clone(),
                self.stopped.clone(),
            )?;
            *cell.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        }
        *current = of_start(&self.config);
        self.steering.set(&self.config.faults);
        self.journal.clear();
        self.journal.tell(News::Reset);
        Ok(())
    }
}

fn of_start(config: &Config) -> Vec<Mistake> {
    let defects = config.defects.iter().copied().map(Mistake::Defect);
    defects
        .chain(config.breaches.iter().copied().map(Mistake::Breach))
        .collect()
}
