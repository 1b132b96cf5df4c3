//! Logs are read back as written; a cut one up to the cut; a damaged one not at all.

use reports::event::Sink as _;
use reports::log::{JsonLines, Log, LogError, read_log};

use crate::sample;

fn written() -> Vec<u8> {
    let mut lines = JsonLines::new(Vec::new());
    for entry in sample::failures() {
        lines.take(&entry).unwrap();
    }
    lines.into_inner()
}

fn read(bytes: &[u8]) -> Result<Log, LogError> {
    read_log(bytes)
}

#[test]
fn a_whole_log_comes_back() {
    assert_eq!(
        read(&written()).unwrap(),
        Log {
            entries: sample::failures(),
            cut: None
        }
    );
}

#[test]
fn a_log_can_be_cut_anywhere() {
    let bytes = written();
    let first = bytes.iter().position(|b| *b == b'\n').unwrap();
    // The cut just before the last line's end loses nothing.
    for end in (first + 1..bytes.len() - 1).step_by(61) {
        let log = read(&bytes[..end]).unwrap();
        assert!(log.cut.is_some(), "cut at {end}");
        assert_eq!(log.entries[..], sample::failures()[..log.entries.len()]);
    }
}

#[track_caller]
fn refused(edit: impl FnOnce(&mut Vec<String>), message: &str) {
    let text = String::from_utf8(written()).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    edit(&mut lines);
    let text = lines.into_iter().map(|l| l + "\n").collect::<String>();
    assert_eq!(read(text.as_bytes()).unwrap_err().to_string(), message);
}

#[test]
fn damage_names_its_line() {
    refused(|l| l[3] = "{".to_owned(), "line 4 of the log is not an event");
    refused(
        |l| _ = l.remove(3),
        "line 4 of the log has number 4 where 3 belongs",
    );
    refused(
        |l| l[2] = r#"{"v":2,"seq":2,"news":true}"#.to_owned(),
        "line 3 of the log has format version 2; this build reads version 1",
    );
    refused(
        |l| l.push(l[1].clone()),
        &format!(
            "line {} of the log follows the end of the run",
            sample::failures().len() + 1
        ),
    );
    refused(Vec::clear, "the log is empty");
}
