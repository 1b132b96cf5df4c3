//! `--openapi`: certifying against a document that the user brings.

use super::fault::Fault;
use super::setup::Setup;
use crate::openapi::{OpenApiRun, TokenSource};
use crate::run::Board;
use specs::document::Document;
use specs::evidence::OwnFile;
use std::path::Path;

/// Reads the document; before anything is sent, so that a broken one costs nobody time.
pub(super) fn load(path: &Path) -> Result<Document, Fault> {
    Ok(Document::load(path)?)
}

/// The document of an earlier run: the one that is given now, or the one that its log holds.
pub(super) fn of_earlier(given: Option<&Path>, kept: &[OwnFile]) -> Result<Document, Fault> {
    match given {
        Some(path) => load(path),
        None if kept.is_empty() => Err(Fault::usage(
            "the run was against an OpenAPI document, which its log does not hold",
            "give it again: --openapi FILE",
        )),
        None => Ok(Document::of_files(kept)?),
    }
}

/// A run of a document against the server of a setup, of everything that it describes.
pub(super) fn prepare(document: Document, setup: &Setup, board: Board) -> Result<OpenApiRun, Fault> {
    let Some(target) = setup.targets.first().filter(|_| setup.mock.is_none()) else {
        return Err(Fault::usage(
            "a document says nothing about where its server is",
            "give the server's base URL: dcx test URL --openapi FILE",
        ));
    };
    let mut run = OpenApiRun::new(document, &target.url)?;
    if let Some(credentials) = target.credentials.clone() {
        run.token = TokenSource::Credentials {
            credentials,
            path: None,
        };
    }
    run.tls = target.tls.clone();
    run.seed = setup.seed;
    run.limits = setup.limits.clone();
    run.board = board;
    Ok(run)
}
