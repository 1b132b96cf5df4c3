//! What there is once in a mock: its profiles, its journal, and what can be switched while it runs.

use crate::callback::{self, Hosts, Post};
use crate::config::{Config, StartError};
use crate::journal::{Journal, News};
use crate::mistake::Mistake;
use crate::service::{First, Service};
use crate::steering::{FaultRule, Steering, read_rules};
use crate::stop::Stopped;
use crate::store::Ledger;
use crate::timeline::{Play, Timeline};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// The mock, but for its sockets.
#[derive(Debug)]
pub(crate) struct House {
    pub(crate) config: Config,
    pub(crate) journal: Arc<Journal>,
    pub(crate) steering: Steering,
    pub(crate) stopped: Stopped,
    pub(crate) play: Play,
    /// Who is registered from the start.
    first: RwLock<First>,
    /// The rules that are in force after a reset.
    rules: RwLock<Vec<FaultRule>>,
    ledger: Ledger,
    /// How callbacks are sent.
    post: Post,
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
        let rules = match &config.faults_file {
            Some(path) => read_rules(path, &config.profiles)?,
            None => Vec::new(),
        };
        let rules = [config.faults.as_slice(), &rules].concat();
        let timeline = config.timeline.as_deref();
        let timeline = timeline.map(|path| Timeline::read(path, &config.profiles));
        let timeline = timeline.transpose()?.unwrap_or_default();
        let journal = Journal::open(&config.journal).map_err(StartError::Journal)?;
        let journal = Arc::new(journal);
        let first = First::of(&config)?;
        let ledger = Ledger::open(&config.store)?;
        let hosts = Hosts::new(&config.allow_callback).map_err(StartError::AllowCallback)?;
        let hosts = Arc::new(hosts);
        let client = callback::client(&hosts).map_err(StartError::Callbacks)?;
        let post = Post { hosts, client };
        let service = |profile| Service::new(profile, &config, &first, &ledger, &journal, &post, &stopped);
        let services = config
            .profiles
            .iter()
            .map(service)
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Arc::new(Self {
            steering: Steering::new(&rules, config.seed),
            mistakes: Mutex::new(of_start(&config)),
            served: services.into_iter().map(|s| RwLock::new(Arc::new(s))).collect(),
            journal,
            stopped,
            play: Play::of(timeline),
            first: RwLock::new(first),
            rules: RwLock::new(rules),
            ledger,
            post,
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

    /// From now on, the rules of the start and these, which a file holds.
    pub(crate) fn put_rules(&self, of_file: Vec<FaultRule>) {
        let mut rules = self.config.faults.clone();
        rules.extend(of_file);
        self.steer(&rules);
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = rules;
    }

    /// Replaces those who were registered from the start; returns how many are registered then.
    pub(crate) fn repeople(&self, first: First) -> usize {
        // Held, so that no reset comes between.
        let _held = self.mistakes.lock().unwrap_or_else(PoisonError::into_inner);
        let count = self.services().map(|service| service.repeople(&first)).sum();
        *self.first.write().unwrap_or_else(PoisonError::into_inner) = first;
        self.journal.tell(News::Changed);
        count
    }

    /// Everything is as it was after the start: people, subscriptions, transactions, mailboxes, faults and
    /// defects; the journal is empty, and the timeline begins anew. Takes as long as making the people.
    pub(crate) fn reset(&self) -> Result<(), StartError> {
        let mut current = self.mistakes.lock().unwrap_or_else(PoisonError::into_inner);
        for (profile, cell) in self.config.profiles.iter().zip(&self.served) {
            let served = Arc::clone(&cell.read().unwrap_or_else(PoisonError::into_inner));
            served.end()?;
            let fresh = Service::new(
                profile,
                &self.config,
                &self.first.read().unwrap_or_else(PoisonError::into_inner),
                &self.ledger,
                &self.journal,
                &self.post,
                &self.stopped,
            )?;
            *cell.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        }
        *current = of_start(&self.config);
        self.steering
            .set(&self.rules.read().unwrap_or_else(PoisonError::into_inner));
        self.journal.clear();
        self.play.restart();
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
