//! Snapshots: how each operation answers, kept in files, so that a target that is still conformant but has
//! changed does not change unnoticed. One answer is kept as it looks; of the others, the statuses and codes, by
//! what was asked. A file of each profile holds the readings that the target takes.
//!
//! The files are in the format of `insta` and can be reviewed with `cargo insta review`. What differs from
//! one run to the next by design is replaced before it is compared.

mod answered;
mod file;
mod redact;
mod shown;

use answered::Answered;
use redact::Redaction;
use reports::event::Entry;
use shown::{is_narrow, shown};
use specs::evidence::Response;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// An operation whose answer is not the one that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Profile id.
    pub profile: String,
    /// Operation id, or [`READINGS`].
    pub operation: String,
    /// What happened.
    pub kind: Kind,
    /// The file that was written.
    pub path: PathBuf,
}

/// What stands for the operation where the snapshot is of the readings that a target takes.
pub const READINGS: &str = "readings";

/// What becomes of a snapshot that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Differing {
    /// It stays, and the new one is written beside it, for review.
    Review,
    /// The new one takes its place.
    Update,
}

/// What happened to a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// There was none; now there is.
    New,
    /// The answer differs from the one that was kept; it was written beside it, for review.
    Changed {
        /// A unified diff from the kept answer to this one.
        diff: String,
    },
    /// The answer differs from the one that was kept, and has taken its place.
    Updated {
        /// A unified diff from the former answer to this one.
        diff: String,
    },
}

/// Compares the answers of a finished run with those kept in a directory, which is created when absent.
/// An operation that was never answered with an acceptance is left alone.
///
/// # Errors
/// A file cannot be read or written; the message names it.
pub fn compare(dir: &Path, entries: &[Entry], differing: Differing) -> io::Result<Vec<Change>> {
    std::fs::create_dir_all(dir).map_err(|e| named(dir, &e))?;
    let narrow = is_narrow(entries);
    let mut changes = Vec::new();
    let mut redactions = BTreeMap::new();
    for ((profile, operation), shown) in shown(entries, &mut redactions) {
        let redaction = redactions.entry(profile).or_default();
        let mut contents = match shown.accepted {
            Some(response) => contents(redaction, response),
            None if operation == READINGS => String::new(),
            None => continue,
        };
        let name = file_name(profile, operation);
        let (kept_at, pending) = (
            dir.join(format!("{name}.snap")),
            dir.join(format!("{name}.snap.new")),
        );
        let kept = read(&kept_at)?.map(|file| file::contents(&file));
        let mut answered = shown.answered;
        if let Some(kept) = &kept {
            answered.carry_over(Answered::parse(kept).1, narrow);
        }
        answered.append_to(&mut contents);
        let text = file::write(&format!("{profile} {operation}"), &contents);
        let mut change = |kind, path| {
            changes.push(Change {
                profile: profile.to_owned(),
                operation: operation.to_owned(),
                kind,
                path,
            });
        };
        match kept {
            None => {
                std::fs::write(&kept_at, text).map_err(|e| named(&kept_at, &e))?;
                forget(&pending)?;
                change(Kind::New, kept_at);
            }
            Some(kept) if kept == contents => forget(&pending)?,
            Some(kept) => {
                let (old, new) = (format!("{kept}\n"), format!("{contents}\n"));
                let diff = similar::TextDiff::from_lines(&old, &new);
                let diff = diff.unified_diff().header("kept", "this run").to_string();
                match differing {
                    Differing::Review => {
                        std::fs::write(&pending, text).map_err(|e| named(&pending, &e))?;
                        change(Kind::Changed { diff }, pending);
                    }
                    Differing::Update => {
                        std::fs::write(&kept_at, text).map_err(|e| named(&kept_at, &e))?;
                        forget(&pending)?;
                        change(Kind::Updated { diff }, kept_at);
                    }
                }
            }
        }
    }
    Ok(changes)
}

fn contents(redaction: &Redaction, response: &Response) -> String {
    let media_type = response.header("content-type").unwrap_or("none");
    let body = &response.body;
    let shown = if let Some(mut value) = body.json() {
        redaction.value(&mut value);
        // Indenting a value cannot fail.
        serde_json::to_string_pretty(&value).unwrap_or_default()
    } else if body.base64.is_some() {
        "(not text)".to_owned()
    } else if body.cut_from_bytes.is_some() {
        "(too long to be kept)".to_owned()
    } else {
        redaction.text(&body.text)
    };
    format!(
        "status: {}\nmedia type: {media_type}\n\n{}",
        response.status,
        shown.replace("\r\n", "\n").trim_end()
    )
    .trim_end()
    .to_owned()
}

fn file_name(profile: &str, operation: &str) -> String {
    let plain = |text: &str| -> String {
        text.chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || "_-".contains(c) {
                    c
                } else {
                    '-'
                }
            })
            .collect()
    };
    format!("{}__{}", plain(profile), plain(operation))
}

fn read(path: &Path) -> io::Result<Option<String>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(named(path, &e)),
    }
}

/// Removes a snapshot that waits for a review that is no longer needed.
fn forget(pending: &Path) -> io::Result<()> {
    match std::fs::remove_file(pending) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(named(pending, &e)),
        _ => Ok(()),
    }
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reports::event::{EVENT_VERSION, Event, Observed};
    use specs::evidence::{Body, Exchange, Intent, Observation, Outcome, Request};

    fn entry(operation: &str, intent: Intent, status: u16, body: &str) -> Entry {
        let exchange = Exchange {
            label: "honest".to_owned(),
            operation: operation.to_owned(),
            intent,
            request: Request {
                method: "POST".to_owned(),
                url: "http://127.0.0.1:1/x".to_owned(),
                headers: Vec::new(),
                body: Body::default(),
            },
            outcome: Outcome::Response(Response {
                status,
                headers: vec![("content-type".to_owned(), "application/json".to_owned())],
                body: Body::text(body),
            }),
            sent_us: 0,
            done_us: 1,
            put_off: Vec::new(),
        };
        let observed = Observed {
            profile: "p".to_owned(),
            case: "c".to_owned(),
            index: 0,
            routine: false,
            observation: Observation::Exchange(exchange),
        };
        Entry {
            v: EVENT_VERSION,
            seq: 0,
            at: String::new(),
            event: Event::Observed(observed),
        }
    }

    fn review(dir: &Path, entries: &[Entry]) -> io::Result<Vec<Change>> {
        compare(dir, entries, Differing::Review)
    }

    fn honest(body: &str) -> Vec<Entry> {
        vec![entry("op/1", Intent::Honest, 200, body)]
    }

    fn faulty(rule: &str) -> Intent {
        Intent::Faulty {
            operator: "x".to_owned(),
            pointer: None,
            honest: None,
            sent: None,
            rule: rule.to_owned(),
        }
    }

    fn names(dir: &Path) -> Vec<String> {
        let files = std::fs::read_dir(dir)
            .unwrap()
            .map(|f| f.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = files.collect();
        names.sort();
        names
    }

    #[test]
    fn a_snapshot_is_new_then_equal_then_changed_then_equal_again() {
        let dir = tempfile::tempdir().unwrap();
        let dir = &dir.path().join("made");
        let first = review(dir, &honest(r#"{"state": "a", "message_id": "1"}"#)).unwrap();
        assert_eq!((first.len(), &first[0].kind), (1, &Kind::New));
        assert_eq!(names(dir), ["p__op-1.snap"]);
        let text = std::fs::read_to_string(&first[0].path).unwrap();
        assert_eq!(
            text,
            "---\nsource: dcx test --snapshots\nexpression: \"p op/1\"\n---\nstatus: 200\nmedia type: application/json\n\n{\n  \"message_id\": \"[message_id]\",\n  \"state\": \"a\"\n}\n\nanswers:\n  honest: 200\n"
        );
        assert_eq!(
            review(dir, &honest(r#"{"message_id": "2", "state": "a"}"#)).unwrap(),
            []
        );
        let changed = review(dir, &honest(r#"{"message_id": "2", "state": "b"}"#)).unwrap();
        let Kind::Changed { diff } = &changed[0].kind else {
            panic!()
        };
        assert!(
            diff.contains("-  \"state\": \"a\"\n+  \"state\": \"b\"\n"),
            "{diff}"
        );
        assert_eq!(names(dir), ["p__op-1.snap", "p__op-1.snap.new"]);
        assert_eq!(std::fs::read_to_string(&first[0].path).unwrap(), text);
        assert_eq!(
            review(dir, &honest(r#"{"state": "a", "message_id": "3"}"#)).unwrap(),
            []
        );
        assert_eq!(names(dir), ["p__op-1.snap"]);
    }

    #[test]
    fn what_a_reviewer_accepts_is_what_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let (old, new) = (honest(r#"{"state": "a"}"#), honest(r#"{"state": "b"}"#));
        review(dir.path(), &old).unwrap();
        review(dir.path(), &new).unwrap();
        // What `cargo insta accept` does; it may write other metadata, and git may change line ends.
        let pending = std::fs::read_to_string(dir.path().join("p__op-1.snap.new")).unwrap();
        let accepted = pending
            .replace("source:", "snapshot_kind: text\nsource:")
            .replace('\n', "\r\n");
        std::fs::write(dir.path().join("p__op-1.snap"), accepted).unwrap();
        assert_eq!(review(dir.path(), &new).unwrap(), []);
        assert_eq!(names(dir.path()), ["p__op-1.snap"]);
        assert_eq!(review(dir.path(), &old).unwrap().len(), 1);
    }

    #[test]
    fn only_the_first_acceptance_of_an_honest_request_counts() {
        let dir = tempfile::tempdir().unwrap();
        let refused = r#"{"message": {"ack_status": "ERR"}}"#;
        let entries = [
            entry("search", Intent::Honest, 401, "{}"),
            entry("search", Intent::Honest, 200, refused),
            entry("search", faulty("type"), 200, r#"{"state": "faulty"}"#),
            entry("search", Intent::Honest, 202, r#"{"state": "first"}"#),
            entry("search", Intent::Honest, 200, r#"{"state": "second"}"#),
            entry("other", Intent::Honest, 500, "{}"),
        ];
        let changes = review(dir.path(), &entries).unwrap();
        assert_eq!(changes.len(), 1);
        let text = std::fs::read_to_string(&changes[0].path).unwrap();
        assert!(text.contains("status: 202") && text.contains("first"), "{text}");
    }

    #[test]
    fn other_codes_are_a_change_and_an_update_takes_the_place_of_what_was_kept() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        let run = |rule: &str, status: u16, code: &str| {
            let refusal = format!(r#"{{"message": {{"error": {{"code": "{code}"}}}}}}"#);
            let mut entries = honest("{}");
            entries.push(entry("op/1", faulty(rule), status, &refusal));
            entries
        };
        review(dir, &run("enum", 400, "err.a")).unwrap();
        let kept = std::fs::read_to_string(dir.join("p__op-1.snap")).unwrap();
        assert!(
            kept.ends_with("answers:\n  enum: 400 err.a\n  honest: 200\n"),
            "{kept}"
        );
        assert_eq!(
            review(dir, &honest("{}")).unwrap(),
            [],
            "what was not tried has not changed"
        );
        let changed = review(dir, &run("enum", 422, "err.a")).unwrap();
        assert!(
            matches!(&changed[0].kind, Kind::Changed { diff } if diff.contains("+  enum: 400 err.a, 422 err.a"))
        );
        let updated = compare(dir, &run("type", 400, "err.b"), Differing::Update).unwrap();
        assert!(matches!(&updated[0].kind, Kind::Updated { diff } if diff.contains("+  type: 400 err.b")));
        assert_eq!(
            names(dir),
            ["p__op-1.snap"],
            "nothing waits for a review any more"
        );
        let again = run("type", 400, "err.b");
        assert_eq!(compare(dir, &again, Differing::Update).unwrap(), []);
    }

    #[test]
    fn a_directory_that_cannot_be_used_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = review(&file.join("below"), &honest("{}")).unwrap_err();
        assert!(error.to_string().contains("file"), "{error}");
    }
}
