//! A run that tells nobody but its log.

use globset::{Glob, GlobSet};
use harness::run::{Board, Certification, Earlier, Emitter, Limits, Selection};
use harness::target::Target;
use reports::event::Entry;
use std::net::SocketAddr;
use tokio::sync::watch;

/// The log of a run against these targets, of all cases or of some.
pub(crate) async fn certified(
    targets: Vec<Target>,
    seed: u64,
    limits: Limits,
    cases: Option<&str>,
) -> Vec<Entry> {
    let (_keep, cancel) = watch::channel(false);
    let mut emitter = Emitter::new(Vec::new());
    let cases = cases.map(|glob| {
        let glob = Glob::new(glob).unwrap();
        GlobSet::builder().add(glob).build().unwrap()
    });
    let certification = Certification {
        targets,
        seed,
        limits,
        selection: Selection {
            cases,
            ..Selection::default()
        },
        callback_listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        callback_url: None,
        notices: Vec::new(),
        earlier: Earlier::default(),
        board: Board::default(),
    };
    certification.run(&mut emitter, cancel).await.unwrap();
    let mut told = emitter.finish();
    let (entries, failures) = (told.entries().unwrap(), told.failures);
    assert!(failures.is_empty(), "{failures:?}");
    entries
}
