//! Certifying the mock in this very process, quietly.

use globset::{Glob, GlobSet};
use harness::embedded;
use harness::run::{Certification, Emitter, Limits, Selection};
use mock_server::Mistake;
use reports::event::Entry;
use specs::catalogue::{Catalogue, Profile};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::sync::watch;

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
        let (_keep, cancel) = watch::channel(false);
        let mut emitter = Emitter::new(Vec::new());
        let cases = self.cases.map(|glob| {
            let glob = Glob::new(glob).unwrap();
            GlobSet::builder().add(glob).build().unwrap()
        });
        let certification = Certification {
            targets,
            seed: self.seed,
            limits: Limits {
                jobs: self.jobs,
                ..Limits::default().embedded()
            },
            selection: Selection {
                cases,
                ..Selection::default()
            },
            callback_listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            callback_url: None,
            notices: Vec::new(),
        };
        certification.run(&mut emitter, cancel).await.unwrap();
        mock.stop().await;
        let (entries, failures) = emitter.finish();
        assert!(failures.is_empty(), "{failures:?}");
        entries
    }
}
