//! `--snapshots`: saying what has changed since the last run.

use crate::run::Emitted;
use crate::snapshots::{self, Differing, Kind};
use std::path::Path;

/// Compares and keeps snapshots; returns lines for people, and adds to `failures` what could not be
/// written.
pub(super) fn compare(
    dir: &Path,
    emitted: &mut Emitted,
    (conformant, differing): (bool, Differing),
) -> Vec<String> {
    let entries = emitted.entries();
    let changes = match entries.and_then(|entries| snapshots::compare(dir, &entries, differing)) {
        Ok(changes) => changes,
        Err(e) => {
            emitted
                .failures
                .push(format!("failed to keep snapshots in {}: {e}", dir.display()));
            return Vec::new();
        }
    };
    let mut lines = Vec::new();
    for change in &changes {
        match &change.kind {
            Kind::New => lines.push(format!(
                "snapshot kept: {} {} in {}",
                change.profile,
                change.operation,
                change.path.display()
            )),
            Kind::Updated { diff } => {
                lines.push(format!(
                    "\nsnapshot updated: {} {} in {}",
                    change.profile,
                    change.operation,
                    change.path.display()
                ));
                lines.push(diff.trim_end().to_owned());
            }
            Kind::Changed { diff } => {
                let how = if conformant {
                    "still conformant, but changed"
                } else {
                    "changed"
                };
                lines.push(format!(
                    "\n{how}: the answer of {} {}",
                    change.profile, change.operation
                ));
                lines.push(diff.trim_end().to_owned());
                lines.push(format!(
                    "review {} with `cargo insta review`, or accept what has changed with --update-snapshots",
                    change.path.display()
                ));
            }
        }
    }
    lines
}
