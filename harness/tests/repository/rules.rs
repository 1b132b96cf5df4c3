//! What a source may not say, rule by rule, each with a line that it must catch.
//!
//! A `~` in a word below is dropped before the word is looked for, so that this file does not say what it
//! forbids.

use crate::none;
use crate::tree::{File, sources};

/// Longest source in lines; one that passes it wants splitting.
const LONGEST: usize = 400;

/// Sources that may be longer, each with its reason.
const LONGER: [(&str, &str); 0] = [];

struct Rule {
    name: &'static str,
    words: &'static [&'static str],
    applies: fn(&str) -> bool,
    /// Whether the rule reads comments too.
    comments: bool,
    /// A path and a line that break the rule.
    caught: (&'static str, &'static str),
}

const RULES: [Rule; 6] = [
    Rule {
        name: "unfinished or switched off",
        words: &[
            "to~do!",
            "unimple~mented!",
            "#[ign~ore",
            "db~g!",
            "FIX~ME",
            "XX~X",
        ],
        applies: |_| true,
        comments: true,
        caught: ("specs/src/lib.rs", "    // FIX~ME: later"),
    },
    Rule {
        name: "a room without network IO and without a clock uses one",
        words: &[
            "std::n~et",
            "System~Time",
            "Instant::n~ow",
            "time::Inst~ant",
            "Timestamp::n~ow",
            "Zoned::n~ow",
        ],
        applies: |path| {
            ["specs/src/", "suites/src/", "reports/src/"]
                .iter()
                .any(|room| path.starts_with(room))
        },
        comments: false,
        caught: ("reports/src/log.rs", "use std::time::{Duration, System~Time};"),
    },
    Rule {
        name: "only the terminal renderer and main print",
        words: &["print~!(", "print~ln!(", "std~out()", "std~err()"],
        applies: |path| {
            let terminal = path.starts_with("harness/src/cli") || path == "harness/src/main.rs";
            path.contains("/src/") && !terminal
        },
        comments: false,
        caught: ("harness/src/run.rs", "    eprint~ln!(\"here\");"),
    },
    Rule {
        name: "a sleep is a hope; wait for the event",
        words: &["thread::sl~eep"],
        applies: |path| path.contains("/src/"),
        comments: false,
        caught: ("harness/src/run.rs", "    std::thread::sl~eep(DELAY);"),
    },
    Rule {
        name: "an oracle never imports mock code",
        words: &["mock_ser~ver"],
        applies: |path| path.starts_with("suites/"),
        comments: false,
        caught: ("suites/src/lib.rs", "use mock_ser~ver::MockServer;"),
    },
    Rule {
        name: "the mock never uses suites",
        words: &["suit~es::", "use suit~es"],
        applies: |path| path.starts_with("mock-server/"),
        comments: false,
        caught: ("mock-server/src/lib.rs", "use suit~es::Case;"),
    },
];

impl Rule {
    fn violations(&self, file: &File) -> Vec<String> {
        if !(self.applies)(&file.path) {
            return Vec::new();
        }
        let words: Vec<_> = self.words.iter().map(|word| word.replace('~', "")).collect();
        let lines = file.text.lines().enumerate();
        lines
            .filter(|(_, line)| self.comments || !line.trim_start().starts_with("//"))
            .filter(|(_, line)| words.iter().any(|word| line.contains(word)))
            .map(|(index, line)| format!("{}:{}: {}", file.path, index + 1, line.trim()))
            .collect()
    }
}

#[test]
fn sources_keep_the_rules() {
    let sources = sources();
    let broken: Vec<_> = RULES
        .iter()
        .flat_map(|rule| {
            sources
                .iter()
                .flat_map(|file| rule.violations(file))
                .map(|at| (rule.name, at))
        })
        .map(|(rule, at)| format!("{at}  [{rule}]"))
        .collect();
    none("sources say what they may not", &broken);
}

#[test]
fn every_rule_catches_its_line_and_nothing_elsewhere() {
    for rule in &RULES {
        let (path, line) = rule.caught;
        let path = path.to_owned();
        let caught = File {
            path: path.clone(),
            text: line.replace('~', ""),
        };
        assert_eq!(rule.violations(&caught).len(), 1, "{}", rule.name);
        let clean = File {
            path,
            text: "fn quiet() {}\n".to_owned(),
        };
        assert!(rule.violations(&clean).is_empty(), "{}", rule.name);
        let every_word = rule.words.join("\n").replace('~', "");
        let each = File {
            path: caught.path,
            text: every_word,
        };
        assert_eq!(rule.violations(&each).len(), rule.words.len(), "{}", rule.name);
    }
}

#[test]
fn sources_are_short() {
    let mut long = Vec::new();
    for file in sources() {
        let lines = file.text.lines().count();
        let excepted = LONGER.iter().any(|(path, _)| *path == file.path);
        if (lines > LONGEST) != excepted {
            long.push(format!("{}: {lines} lines, exception {excepted}", file.path));
        }
    }
    none(
        "sources of more than 400 lines without a reason, or with a reason that is no longer needed",
        &long,
    );
}

#[test]
fn sources_open_with_what_they_are_for() {
    let mut silent = sources();
    silent.retain(|file| !file.text.starts_with("//!"));
    let silent: Vec<_> = silent.into_iter().map(|file| file.path).collect();
    none("sources that do not open with //!", &silent);
}
