//! `--openapi`: certifying against a document that the user brings.

use super::args::TestArgs;
use super::fault::Fault;
use crate::openapi::{OpenApiRun, TokenSource};
use crate::run::{Emitter, Limits, Selection, Summary};
use crate::target::Credentials;
use crate::tls::Tls;
use specs::document::Document;
use std::path::Path;
use tokio::sync::watch;

/// What is needed of a run's setup.
pub(super) struct Wanted<'a> {
    pub(super) args: &'a TestArgs,
    pub(super) url: &'a str,
    pub(super) credentials: Option<Credentials>,
    pub(super) tls: Tls,
    pub(super) seed: u64,
    pub(super) limits: Limits,
    pub(super) selection: Selection,
}

/// Reads the document; before anything is sent, so that a broken one costs nobody time.
pub(super) fn load(path: &Path) -> Result<Document, Fault> {
    Ok(Document::load(path)?)
}

/// Runs the certification.
pub(super) async fn run(
    document: Document,
    wanted: Wanted<'_>,
    emitter: &mut Emitter,
    cancel: watch::Receiver<bool>,
) -> Result<Summary, Fault> {
    let mut run = OpenApiRun::new(document, wanted.url)?;
    if let Some(credentials) = wanted.credentials {
        run.token = TokenSource::Credentials {
            credentials,
            path: None,
        };
    }
    run.tls = wanted.tls;
    run.selection = wanted.selection;
    run.seed = wanted.seed;
    run.limits = wanted.limits;
    if !wanted.args.target.with.profile.is_empty() {
        run.notices
            .push("--profile is ignored: the document given with --openapi is what counts".to_owned());
    }
    Ok(run.run(emitter, cancel).await?)
}
