//! `--snapshots`: saying what has changed since the last run.

use crate::snapshots::{self, Differing, Kind};
use reports::event::Entry;
use std::path::Path;

/// Compares and keeps snapshots; returns lines for people, and adds to `failures` what could not be
/// written.
pub(super) fn compare(
    dir: &Path,
    entries: &[Entry],
    (conformant, differing): (bool, Differing),
    failures: &mut Vec<String>,
) -> Vec<String> {
    let changes = match snapshots::compare(dir, entries, differing) {
        Ok(changes) => changes,
        Err(e) => {
            failures.push(format!("failed to keep snapshots in {}: {e}", dir.display()));
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
