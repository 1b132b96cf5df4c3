//! The dependency graph has only the edges that the architecture draws.

use crate::metadata::metadata;
use crate::none;

/// Each room and the rooms it may use, tests included.
const DRAWN: [(&str, &[&str]); 5] = [
    ("specs", &[]),
    ("suites", &["specs"]),
    ("reports", &["specs"]),
    ("mock-server", &["specs"]),
    ("harness", &["specs", "suites", "reports", "mock-server"]),
];

/// Rooms that do no network IO, and what would let them.
const PURE: [&str; 3] = ["specs", "suites", "reports"];
const NETWORK: [&str; 12] = [
    "async-std",
    "axum",
    "curl",
    "h2",
    "hyper",
    "hyper-util",
    "mio",
    "reqwest",
    "smol",
    "socket2",
    "tokio",
    "ureq",
];

#[test]
fn rooms_use_only_the_rooms_that_the_architecture_draws() {
    let metadata = metadata();
    let rooms: Vec<_> = metadata.members().map(|member| member.name.as_str()).collect();
    let mut undrawn = Vec::new();
    for member in metadata.members() {
        let Some((_, allowed)) = DRAWN.iter().find(|(room, _)| *room == member.name) else {
            undrawn.push(format!("{} is no room of the architecture", member.name));
            continue;
        };
        let used = member
            .dependencies
            .iter()
            .map(|dependency| dependency.name.as_str());
        let wrong = used.filter(|used| rooms.contains(used) && !allowed.contains(used));
        undrawn.extend(wrong.map(|used| format!("{} → {used}", member.name)));
    }
    none("edges that the architecture does not draw", &undrawn);
    assert_eq!(
        rooms.len(),
        DRAWN.len(),
        "a room of the architecture is missing: {rooms:?}"
    );
}

#[test]
fn pure_rooms_link_no_network() {
    let metadata = metadata();
    let mut linked = Vec::new();
    for member in metadata
        .members()
        .filter(|member| PURE.contains(&member.name.as_str()))
    {
        let closure = metadata.closure(member);
        linked.extend(NETWORK.iter().filter_map(|network| closure.get(network).cloned()));
    }
    none("a room without network IO links a network", &linked);
}

#[test]
fn the_closure_finds_what_the_harness_links() {
    let metadata = metadata();
    let harness = metadata
        .members()
        .find(|member| member.name == "harness")
        .unwrap();
    let closure = metadata.closure(harness);
    assert!(
        closure.contains_key("mio"),
        "tokio's mio is what the rule looks for: {closure:?}"
    );
    assert!(
        !closure.contains_key("wiremock"),
        "a test's dependency is not linked into the program"
    );
}
