//! What there is once in a mock: its profiles, its journal, and what can be switched while it runs.

mod own;

use crate::callback::{self, Hosts, Post};
use crate::clients::{Clients, State};
use crate::clock;
use crate::config::{Config, StartError};
use crate::journal::{Journal, News};
use crate::mistake::Mistake;
use crate::service::{First, Ground, Service};
use crate::steering::{FaultRule, Steering, read_rules};
use crate::stop::Stopped;
use crate::store::Ledger;
use crate::timeline::{Play, Timeline};
use own::Own;
use specs::catalogue::Profile;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use tracing::warn;

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
    /// The registries that clients have of their own.
    own: Own,
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

    /// The profile as it is served to a client; why not, where there are too many registries.
    pub(crate) async fn of_client(&self, client: &str) -> Result<Arc<Service>, String> {
        let shared = self.service();
        if !self.house.config.isolate || client == shared.demonstration.id {
            return Ok(shared);
        }
        if let Some(service) = self.house.own.get(self.nth, client) {
            return Ok(service);
        }
        let (place, client) = (self.clone(), client.to_owned());
        // Making the people may take a while.
        let made = tokio::task::spawn_blocking(move || place.house.make_own(place.nth, &client));
        made.await
            .unwrap_or_else(|_| Err("the registry could not be made".to_owned()))
    }

    /// The registries that clients of the profile have of their own.
    pub(crate) fn isolated(&self) -> Vec<Arc<Service>> {
        self.house.own.of(self.nth)
    }

    /// A client has no rights any more, and needs no registry.
    pub(crate) fn forget(&self, client: &str) {
        self.house.own.forget(self.nth, client);
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
        let ground = Ground {
            config: &config,
            first: &first,
            journal: &journal,
            post: &post,
            stopped: &stopped,
        };
        let service = |profile: &Profile| {
            let clients = Arc::new(Clients::of(profile, &config, &post.hosts, &ledger)?);
            Service::new(profile, &ground, clients, ledger.of(&profile.id))
        };
        let services = config
            .profiles
            .iter()
            .map(service)
            .collect::<Result<Vec<_>, _>>()?;
        let house = Self {
            steering: Steering::new(&rules, config.seed),
            mistakes: Mutex::new(of_start(&config)),
            served: services.into_iter().map(|s| RwLock::new(Arc::new(s))).collect(),
            own: Own::default(),
            journal,
            stopped,
            play: Play::of(timeline),
            first: RwLock::new(first),
            rules: RwLock::new(rules),
            ledger,
            post,
            config,
        };
        house.restore_own()?;
        Ok(Arc::new(house))
    }

    /// The registries that clients have of their own.
    pub(crate) fn isolated(&self) -> impl Iterator<Item = Arc<Service>> {
        self.own.all().into_iter()
    }

    /// The registries of clients of which the store kept anything, so that callbacks that are due are sent.
    fn restore_own(&self) -> Result<(), StartError> {
        if !self.config.isolate {
            return Ok(());
        }
        for (nth, service) in self.services().enumerate() {
            for client in self.ledger.of(&service.profile.id).clients()? {
                let known = service.clients.get(&client);
                if known.is_some_and(|known| known.state(clock::now()) != State::Revoked)
                    && let Err(why) = self.make_own(nth, &client)
                {
                    warn!(client, why, "a client's registry was not restored");
                }
            }
        }
        Ok(())
    }

    /// Makes the registry of a client, or finds the one that somebody made meanwhile.
    fn make_own(&self, nth: usize, client: &str) -> Result<Arc<Service>, String> {
        let making = self.own.making();
        if let Some(made) = self.own.get(nth, client) {
            return Ok(made);
        }
        self.own.has_room()?;
        let shared = self.service(nth);
        let first = self.first.read().unwrap_or_else(PoisonError::into_inner);
        let made = shared.with_registry(&self.ground(&first), shared.ledger.of_client(client));
        let made = Arc::new(made.map_err(|e| e.to_string())?);
        drop(first);
        // Held until the registry is known: a switch that comes now must not miss it.
        let mistakes = self.mistakes.lock().unwrap_or_else(PoisonError::into_inner);
        made.follow(&shared, &Mistake::sorted(&mistakes).0);
        self.own.put(nth, client, &made);
        drop((mistakes, making));
        Ok(made)
    }

    /// The profiles, in the order of the configuration.
    pub(crate) fn places(self: &Arc<Self>) -> impl Iterator<Item = Place> {
        let house = Arc::clone(self);
        (0..self.served.len()).map(move |nth| Place {
            house: Arc::clone(&house),
            nth,
        })
    }

    fn ground<'h>(&'h self, first: &'h First) -> Ground<'h> {
        Ground {
            config: &self.config,
            first,
            journal: &self.journal,
            post: &self.post,
            stopped: &self.stopped,
        }
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
            .chain(self.isolated())
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

    /// Replaces those who were registered from the start, in the registries that clients have of their own as
    /// well; returns how many each profile's own registry holds then, together.
    pub(crate) fn repeople(&self, first: First) -> usize {
        // Held, so that no reset comes between, and no registry is made of those who were there before.
        let making = self.own.making();
        let held = self.mistakes.lock().unwrap_or_else(PoisonError::into_inner);
        let count = self.services().map(|service| service.repeople(&first)).sum();
        for service in self.isolated() {
            service.repeople(&first);
        }
        *self.first.write().unwrap_or_else(PoisonError::into_inner) = first;
        drop((held, making));
        self.journal.tell(News::Changed);
        count
    }

    /// Everything is as it was after the start: people, clients, subscriptions, transactions, mailboxes, faults and
    /// defects; the journal is empty, and the timeline begins anew. Takes as long as making the people.
    pub(crate) fn reset(&self) -> Result<(), StartError> {
        let making = self.own.making();
        let mut current = self.mistakes.lock().unwrap_or_else(PoisonError::into_inner);
        for own in self.isolated() {
            own.end()?;
        }
        self.own.clear();
        let first = self.first.read().unwrap_or_else(PoisonError::into_inner);
        for (profile, cell) in self.config.profiles.iter().zip(&self.served) {
            let served = Arc::clone(&cell.read().unwrap_or_else(PoisonError::into_inner));
            served.end()?;
            let clients = Arc::clone(&served.clients);
            clients.reset();
            let fresh = Service::new(
                profile,
                &self.ground(&first),
                clients,
                self.ledger.of(&profile.id),
            )?;
            *cell.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        }
        *current = of_start(&self.config);
        self.steering
            .set(&self.rules.read().unwrap_or_else(PoisonError::into_inner));
        self.journal.clear();
        self.play.restart();
        self.journal.tell(News::Reset);
        drop(making);
        Ok(())
    }
}

fn of_start(config: &Config) -> Vec<Mistake> {
    let defects = config.defects.iter().copied().map(Mistake::Defect);
    defects
        .chain(config.breaches.iter().copied().map(Mistake::Breach))
        .collect()
}
