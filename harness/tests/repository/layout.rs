//! The top of the repository holds the rooms, what cargo insists on, and what a stranger looks for first.

use std::collections::BTreeSet;

use crate::none;
use crate::tree::paths;

const TOP: [&str; 9] = [
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "harness",
    "mock-server",
    "reports",
    "specs",
    "suites",
];

#[test]
fn the_top_holds_only_the_rooms() {
    let paths = paths();
    let top: BTreeSet<_> = paths.iter().filter_map(|path| path.split('/').next()).collect();
    let strange: Vec<_> = top
        .into_iter()
        .filter(|name| !name.starts_with('.') && !TOP.contains(name))
        .map(str::to_owned)
        .collect();
    none("things at the top that are no room", &strange);
}
