//! The repository names no place that only its developers have: no registry host, no folder of a machine.
//! A clone builds wherever cargo does, from whatever registry cargo is told to use.

use crate::none;
use crate::tree::texts;

/// As in the other rules, a `~` is dropped before the word is looked for.
const HOSTS: [&str; 8] = [
    "crates~.io",
    "rust-lang/advis~ory-db",
    "rust~sec",
    "static.rust~-lang.org",
    "npm~js.org",
    "npm~js.com",
    "py~pi.org",
    "proxy.go~lang.org",
];
const FOLDERS: [&str; 6] = [
    "/wo~rk/",
    "/ro~ot/",
    "/ho~me/",
    "/Us~ers/",
    "/tmp/bash~_jobs",
    "..~/shared",
];

/// The lock file names the registry of every package; that is what it is for.
const LOCK: &str = "Cargo.lock";

fn named(line: &str) -> bool {
    let host = HOSTS.iter().any(|host| line.contains(&host.replace('~', "")));
    let folder = FOLDERS.iter().any(|folder| {
        let folder = folder.replace('~', "");
        // `a/work/b` is a path in a document or an address; a folder of a machine stands at a start.
        line.match_indices(&folder)
            .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric()))
    });
    host || folder
}

#[test]
fn no_file_names_a_workplace() {
    let mut found = Vec::new();
    for file in texts().iter().filter(|file| file.path != LOCK) {
        let lines = file.text.lines().enumerate().filter(|(_, line)| named(line));
        found.extend(lines.map(|(index, line)| format!("{}:{}: {}", file.path, index + 1, line.trim())));
    }
    none("files that name a place only developers have", &found);
}

#[test]
fn a_workplace_is_recognised() {
    for word in HOSTS.iter().chain(&FOLDERS) {
        let word = word.replace('~', "");
        assert!(named(&format!("see {word}x")), "{word}");
    }
    assert!(!named("https://example.org/wo~rk/1".replace('~', "").as_str()));
    assert!(!named("a quiet line"));
}
