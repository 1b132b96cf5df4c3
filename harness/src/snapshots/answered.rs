//! How an operation answers, as lines of a snapshot: for each kind of request the statuses and codes of its
//! answers, and of a profile the readings that it was seen to take.
//!
//! What a run did not try says nothing of a change: such a line is carried over from the kept snapshot.

use super::redact::Redaction;
use serde_json::Value;
use specs::evidence::{Exchange, Intent, Response};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use suites::generated::{SHRINKING, SMALLEST};

/// What stands before the lines in a snapshot.
const HEADING: &str = "answers:";

/// How a line is named that is about honest requests.
const HONEST: &str = "honest";

/// Kind of request → what it was answered with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Answered(BTreeMap<String, BTreeSet<String>>);

impl Answered {
    /// Takes note of the answer to a request. An honest one that is not accepted shows a state of the target,
    /// such as a token that has expired, and candidates for a counterexample are many or few by chance.
    pub(super) fn take(&mut self, exchange: &Exchange, response: &Response, redaction: &Redaction) {
        let kind = match &exchange.intent {
            Intent::Honest if (200..300).contains(&response.status) => HONEST,
            Intent::Honest => return,
            Intent::Faulty { rule, .. } => rule.as_str(),
        };
        if [SHRINKING, SMALLEST].contains(&exchange.label.as_str()) {
            return;
        }
        let answer = match code(response) {
            Some(code) => format!("{} {}", response.status, redaction.text(&code)),
            None => response.status.to_string(),
        };
        self.note(kind, &answer);
    }

    /// Takes note of one thing that was seen of a kind.
    pub(super) fn note(&mut self, kind: &str, seen: &str) {
        self.0.entry(one_line(kind)).or_default().insert(one_line(seen));
    }

    /// Whether nothing was noted.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds what a kept snapshot knows and this run did not try: kinds of requests, and with `narrow`, for a run
    /// of a part of the cases, answers to the same kind as well.
    pub(super) fn carry_over(&mut self, kept: Self, narrow: bool) {
        for (kind, answers) in kept.0 {
            match self.0.get_mut(&kind) {
                None => {
                    self.0.insert(kind, answers);
                }
                Some(mine) if narrow => mine.extend(answers),
                Some(_) => {}
            }
        }
    }

    /// Adds the lines to the contents of a snapshot.
    pub(super) fn append_to(&self, contents: &mut String) {
        if self.is_empty() {
            return;
        }
        if !contents.is_empty() {
            contents.push_str("\n\n");
        }
        contents.push_str(HEADING);
        for (kind, answers) in &self.0 {
            let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
            let _ = write!(contents, "\n  {kind}: {}", answers.join(", "));
        }
    }

    /// The lines of a kept snapshot, and what stands before them.
    pub(super) fn parse(contents: &str) -> (&str, Self) {
        let (before, lines) = match contents.rsplit_once(&format!("\n\n{HEADING}\n")) {
            Some(parts) => parts,
            None => match contents.strip_prefix(&format!("{HEADING}\n")) {
                Some(lines) => ("", lines),
                None => return (contents, Self::default()),
            },
        };
        let mut answered = Self::default();
        for (kind, answers) in lines.lines().filter_map(|line| line.trim().split_once(": ")) {
            let answers = answers.split(", ").map(str::to_owned);
            answered.0.entry(kind.to_owned()).or_default().extend(answers);
        }
        (before, answered)
    }
}

/// Where deployments put the code of an answer.
const CODES: [&str; 6] = [
    "/message/error/code",
    "/header/status_reason_code",
    "/message/status_reason_code",
    "/errors/0/code",
    "/error/code",
    "/error",
];

/// The code that an answer names, or else the acknowledgement or status that it gives.
fn code(response: &Response) -> Option<String> {
    let body = response.body.json()?;
    let at = |pointer: &&str| {
        let text = body.pointer(pointer).and_then(Value::as_str)?;
        // A sentence is no code.
        (!text.is_empty() && !text.contains(char::is_whitespace)).then(|| text.to_owned())
    };
    CODES
        .iter()
        .chain(&["/message/ack_status", "/header/status"])
        .find_map(at)
}

/// A text that fits into a line, and into a list.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\r', ','], " ").replace(": ", " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[(&str, &[&str])]) -> Answered {
        let mut answered = Answered::default();
        for (kind, answers) in lines {
            for answer in *answers {
                answered.note(kind, answer);
            }
        }
        answered
    }

    #[test]
    fn lines_survive_the_snapshot() {
        let answered = of(&[
            ("honest", &["200"]),
            ("odd: kind,\nor two", &["400 err.x", "401"]),
        ]);
        for before in ["", "status: 200\n\n{\n}"] {
            let mut contents = before.to_owned();
            answered.append_to(&mut contents);
            assert_eq!(Answered::parse(&contents), (before, answered.clone()));
        }
        assert_eq!(
            Answered::parse("of an older version"),
            ("of an older version", Answered::default())
        );
    }

    #[test]
    fn what_was_not_tried_is_carried_over() {
        let kept = of(&[("enum", &["400 a", "400 b"]), ("type", &["400 a"])]);
        let mut mine = of(&[("enum", &["400 a"]), ("required", &["400 a"])]);
        mine.carry_over(kept.clone(), false);
        let expected: &[(&str, &[&str])] = &[
            ("enum", &["400 a"]),
            ("type", &["400 a"]),
            ("required", &["400 a"]),
        ];
        assert_eq!(mine, of(expected));
        mine.carry_over(kept, true);
        let expected: &[(&str, &[&str])] = &[
            ("enum", &["400 a", "400 b"]),
            ("type", &["400 a"]),
            ("required", &["400 a"]),
        ];
        assert_eq!(mine, of(expected));
    }
}
