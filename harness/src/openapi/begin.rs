//! What a run says of itself before it begins.

use super::judge::Aim;
use super::operation::Operation;
use super::{OpenApiRun, job, target};
use crate::run::{digest, fact};
use reports::event::{RunStarted, Target};
use specs::catalogue::Catalogue;
use specs::evidence::OwnFile;
use std::sync::Arc;

/// How long the files of a document may be together to be kept in the log.
const KEPT_BYTES: usize = 32 * 1024 * 1024;

/// That they are longer.
pub(super) const TOO_LONG: &str = "the document is longer than 32 MiB, so it is not kept with the evidence: to verify or to replay this run, it has to be given again";

/// That a secret stands in it.
pub(super) const SECRET: &str = "the document holds a word that is a secret of this run, so it is not kept with the evidence: to verify or to replay this run, it has to be given again";

impl OpenApiRun {
    /// What the run says of itself before it begins.
    pub fn begun(&self) -> RunStarted {
        self.begun_with(&self.operations())
    }

    /// The operations of the document.
    pub(super) fn operations(&self) -> Vec<Arc<Operation>> {
        Operation::all(&self.document).into_iter().map(Arc::new).collect()
    }

    pub(super) fn begun_with(&self, operations: &[Arc<Operation>]) -> RunStarted {
        let target = target::target(&self.document, &self.url, None, None, self.tls.clone());
        let wanted = job::wanted(operations, &self.selection, &self.earlier);
        let aims: Vec<Aim> = wanted.iter().map(|(_, aim, _)| *aim).collect();
        let spoken = |id: &str| aims.iter().any(|aim| aim.requirements().contains(&id));
        let requirements: Vec<_> = Catalogue::bundled()
            .requirements_of(&target.profile)
            .into_iter()
            .filter(|r| spoken(&r.id) && self.selection.wants_requirement(&target, &r.id))
            .map(|r| fact(&target.profile, r))
            .collect();
        RunStarted {
            tool: "dcx".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            seed: self.seed,
            targets: vec![Target {
                profile: target.profile.id.clone(),
                title: target.profile.title.clone(),
                specification: target.profile.specification.clone(),
                url: target.url.clone(),
                embedded: false,
            }],
            selection: self.selection.given.clone(),
            case_count: wanted.len(),
            requirement_digest: digest(&requirements),
            requirements,
            own_cases: Vec::new(),
            document: self.kept_document(),
        }
    }

    /// The files of the document; none where they are too long to be kept.
    fn kept_document(&self) -> Vec<OwnFile> {
        let files = self.document.files();
        let bytes: usize = files.iter().map(|file| file.text.len()).sum();
        if bytes > KEPT_BYTES { Vec::new() } else { files }
    }
}
