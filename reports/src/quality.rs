//! What a run says of itself: whether it saw enough of the target for its verdict to mean much. Computed from
//! what was observed alone, so that every report says the same, and later too.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use specs::evidence::Verdict;

use crate::aggregate::{CaseRun, Run, Traffic};
use crate::text::plural;

/// From this share of 401 answers on, in percent, the credentials are more likely at fault than the target.
const MANY_UNAUTHORIZED: u64 = 50;
/// From this share of 5xx answers on, in percent, the target is more likely broken than merely wrong.
const MANY_SERVER_ERRORS: u64 = 20;
/// From this share of answers on that put a request off, in percent, the target should be spared.
const MANY_PUT_OFF: u64 = 10;
/// From this share of requests without an answer on, in percent, the way to the target is in doubt.
const MANY_UNANSWERED: u64 = 10;
/// Shares of fewer requests say nothing.
const ENOUGH: u64 = 10;

/// What about a run makes its verdict mean less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Doubt {
    /// Most answers were 401.
    Unauthorized,
    /// Many answers were 5xx.
    ServerErrors,
    /// Many answers put the request off.
    Rationed,
    /// Many requests had no answer.
    Unanswered,
    /// No search returned a record.
    NoRecord,
    /// No callback came, though requests asked for one.
    NoCallback,
    /// No requirement was found to hold or to be violated.
    NothingLearned,
}

impl Doubt {
    /// The word in machine formats.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unauthorized => "unauthorized",
            Self::ServerErrors => "server-errors",
            Self::Rationed => "rationed",
            Self::Unanswered => "unanswered",
            Self::NoRecord => "no-record",
            Self::NoCallback => "no-callback",
            Self::NothingLearned => "nothing-learned",
        }
    }
}

/// A warning about the quality of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Warning {
    /// Profile id.
    pub profile: String,
    /// What kind of warning.
    pub doubt: Doubt,
    /// In a sentence.
    pub text: String,
    /// What to do about it.
    pub remedy: String,
}

/// Every warning about a run, in the order of its profiles. None where the configuration was at fault: then
/// nothing was sent, and the report says why.
pub fn warnings(run: &Run) -> Vec<Warning> {
    if run.preflight.iter().any(|flight| !flight.passed()) {
        return Vec::new();
    }
    let mut warnings = Vec::new();
    for profile in run.profiles() {
        let cases: Vec<&CaseRun> = run.cases.iter().filter(|c| c.profile == profile).collect();
        // A run of which nothing was asked has nothing to say of itself.
        if cases.is_empty() {
            continue;
        }
        let mut traffic = Traffic::default();
        for case in &cases {
            traffic += &case.traffic;
        }
        for (doubt, text, remedy) in doubts(&traffic, &cases) {
            warnings.push(Warning {
                profile: profile.to_owned(),
                doubt,
                text,
                remedy: remedy.to_owned(),
            });
        }
    }
    warnings
}

/// What about the traffic of a profile's cases makes their verdicts mean less.
fn doubts(traffic: &Traffic, cases: &[&CaseRun]) -> Vec<(Doubt, String, &'static str)> {
    let mut doubts = Vec::new();
    let share = |part: u64, whole: u64| if whole < ENOUGH { 0 } else { part * 100 / whole };
    let learned = |verdict: Verdict| matches!(verdict, Verdict::Pass | Verdict::Fail | Verdict::Warn);
    let none = cases
        .iter()
        .flat_map(|case| &case.checks)
        .all(|check| !learned(check.verdict));
    if none {
        doubts.push((
            Doubt::NothingLearned,
            "nothing was learned: no requirement was found to hold or to be violated".to_owned(),
            "look at the reasons below, and at the first exchange of any case",
        ));
    }
    let percent = share(traffic.unauthorized, traffic.answered);
    if percent >= MANY_UNAUTHORIZED {
        doubts.push((
            Doubt::Unauthorized,
            format!("{percent} % of the answers were 401"),
            "check that the credentials are those of a partner who may call every operation",
        ));
    }
    let percent = share(traffic.server_errors, traffic.answered);
    if percent >= MANY_SERVER_ERRORS {
        doubts.push((
            Doubt::ServerErrors,
            format!("{percent} % of the answers had a 5xx status"),
            "look at the server's log: what fails there hides what would be judged here",
        ));
    }
    let percent = share(traffic.put_off, traffic.answered);
    if percent >= MANY_PUT_OFF {
        doubts.push((
            Doubt::Rationed,
            format!("{percent} % of the answers put the request off (429, or 503 with Retry-After)"),
            "spare the server with --rate, or let this partner have a larger share",
        ));
    }
    let percent = share(traffic.unanswered, traffic.sent);
    if percent >= MANY_UNANSWERED {
        doubts.push((
            Doubt::Unanswered,
            format!("{percent} % of the requests had no complete answer"),
            "spare the server with --jobs and --rate, or allow more time with --timeout",
        ));
    }
    if traffic.searches > 0 && !traffic.records {
        let undecided = |case: &&&CaseRun| {
            matches!(
                case.verdict,
                Some(Verdict::Inconclusive | Verdict::Skipped) | None
            )
        };
        let count = cases.iter().filter(undecided).count() as u64;
        doubts.push((
            Doubt::NoRecord,
            format!(
                "no record was ever returned, {} could not be exercised",
                plural(count, "case", "cases")
            ),
            "let the registry hold some records that this partner may see",
        ));
    }
    if traffic.called_back > 0 && traffic.callbacks == 0 {
        doubts.push((
            Doubt::NoCallback,
            format!(
                "the callback path was never used: {} asked for a callback and none came",
                plural(traffic.called_back, "request", "requests")
            ),
            "check that the server reaches the address of --callback-url, and look at its log",
        ));
    }
    doubts
}
