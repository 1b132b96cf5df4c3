//! Certifying the mock in this very process, quietly.

#[path = "certified.rs"]
mod certified;

use certified::certified;
use harness::embedded;
use harness::run::Limits;
use mock_server::Mistake;
use reports::event::Entry;
use specs::catalogue::{Catalogue, Profile};
use std::time::Duration;

/// What is certified, and how.
pub(crate) struct Run<'a> {
    pub(crate) profiles: &'a [&'a str],
    pub(crate) seed: u64,
    pub(crate) defects: &'a [&'a str],
    pub(crate) cases: Option<&'a str>,
    pub(crate) jobs: usize,
}

impl Run<'_> {
    /// The log of a run against a mock of its own.
    pub(crate) async fn log(&self) -> Vec<Entry> {
        let profiles: Vec<Profile> = self
            .profiles
            .iter()
            .map(|id| Catalogue::bundled().profile(id).unwrap().clone())
            .collect();
        let defects: Vec<Mistake> = self
            .defects
            .iter()
            .map(|id| Mistake::from_id(id).unwrap())
            .collect();
        let lifetime = Duration::from_secs(2);
        let (targets, mock) = embedded::start(profiles, 1, &defects, lifetime).await.unwrap();
        let limits = Limits {
            jobs: self.jobs,
            ..Limits::default().embedded()
        };
        let log = certified(targets, self.seed, limits, self.cases).await;
        mock.stop().await;
        log
    }
}
