//! `--openapi`: certifying against a document that the user brings.

use super::args::TestArgs;
use super::fault::Fault;
use super::setup::Setup;
use crate::run::{Emitter, Summary};
use std::path::Path;
use tokio::sync::watch;

/// Runs the certification.
pub(super) async fn run(
    path: &Path,
    _setup: &Setup,
    _args: &TestArgs,
    _emitter: &mut Emitter,
    _cancel: watch::Receiver<bool>,
) -> Result<Summary, Fault> {
    specs::document::Document::load(path)?;
    Err(Fault::usage("not wired yet", ""))
}
