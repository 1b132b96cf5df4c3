//! What a run says of itself: whether it saw enough of the target for its verdict to mean much. Computed from
//! what was observed alone, so that every report says the same, and later too.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use specs::evidence::{Body, Exchange, FailureKind, Observation, Outcome, Verdict};

use crate::aggregate::{CaseRun, Run};
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

/// Operations whose answers hold records.
const SEARCHES: [&str; 2] = ["search", "sync-search"];
/// Operations that are answered by a callback.
const CALLED_BACK: [&str; 5] = ["search", "exchange", "subscribe", "unsubscribe", "txn-status"];

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
        let traffic = Traffic::of(&cases);
        for (doubt, text, remedy) in traffic.doubts(&cases) {
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

#[derive(Default)]
struct Traffic {
    sent: u64,
    answered: u64,
    unauthorized: u64,
    server_errors: u64,
    put_off: u64,
    unanswered: u64,
    searches: u64,
    records: bool,
    called_back: u64,
    callbacks: u64,
}

impl Traffic {
    fn of(cases: &[&CaseRun]) -> Self {
        let mut traffic = Self::default();
        for (_, observation) in cases.iter().flat_map(|case| &case.observations) {
            match observation {
                Observation::Exchange(exchange) => traffic.take(exchange),
                Observation::Callback(callback) => {
                    traffic.callbacks += 1;
                    traffic.look(&callback.request.body);
                }
                Observation::Wait { .. } | Observation::Opened { .. } => {}
            }
        }
        traffic
    }

    fn take(&mut self, exchange: &Exchange) {
        let is = |operations: &[&str]| u64::from(operations.contains(&exchange.operation.as_str()));
        self.sent += 1;
        self.searches += is(&SEARCHES);
        self.called_back += is(&CALLED_BACK);
        let put_off = exchange.put_off.len() as u64;
        self.put_off += put_off;
        self.answered += put_off;
        let response = match &exchange.outcome {
            Outcome::Response(response) => response,
            Outcome::Failure { kind, .. } => {
                self.unanswered += u64::from(*kind != FailureKind::Rationed);
                return;
            }
        };
        self.answered += 1;
        self.unauthorized += u64::from(response.status == 401);
        self.server_errors += u64::from(response.status >= 500);
        self.look(&response.body);
    }

    /// Looks for records, until there is one.
    fn look(&mut self, body: &Body) {
        // Most bodies can be told from their text, which is cheaper than parsing.
        if !self.records && body.text.contains("reg_records") {
            self.records = body.json().as_ref().is_some_and(holds_record);
        }
    }

    fn doubts(&self, cases: &[&CaseRun]) -> Vec<(Doubt, String, &'static str)> {
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
        let percent = share(self.unauthorized, self.answered);
        if percent >= MANY_UNAUTHORIZED {
            doubts.push((
                Doubt::Unauthorized,
                format!("{percent} % of the answers were 401"),
                "check that the credentials are those of a partner who may call every operation",
            ));
        }
        let percent = share(self.server_errors, self.answered);
        if percent >= MANY_SERVER_ERRORS {
            doubts.push((
                Doubt::ServerErrors,
                format!("{percent} % of the answers had a 5xx status"),
                "look at the server's log: what fails there hides what would be judged here",
            ));
        }
        let percent = share(self.put_off, self.answered);
        if percent >= MANY_PUT_OFF {
            doubts.push((
                Doubt::Rationed,
                format!("{percent} % of the answers put the request off (429, or 503 with Retry-After)"),
                "spare the server with --rate, or let this partner have a larger share",
            ));
        }
        let percent = share(self.unanswered, self.sent);
        if percent >= MANY_UNANSWERED {
            doubts.push((
                Doubt::Unanswered,
                format!("{percent} % of the requests had no complete answer"),
                "spare the server with --jobs and --rate, or allow more time with --timeout",
            ));
        }
        if self.searches > 0 && !self.records {
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
        if self.called_back > 0 && self.callbacks == 0 {
            doubts.push((
                Doubt::NoCallback,
                format!(
                    "the callback path was never used: {} asked for a callback and none came",
                    plural(self.called_back, "request", "requests")
                ),
                "check that the server reaches the address of --callback-url, and look at its log",
            ));
        }
        doubts
    }
}

/// Whether a message holds a record.
fn holds_record(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(name, member)| {
            let is_record = name == "reg_records"
                && match member {
                    Value::Array(records) => !records.is_empty(),
                    Value::Object(record) => !record.is_empty(),
                    _ => false,
                };
            is_record || holds_record(member)
        }),
        Value::Array(items) => items.iter().any(holds_record),
        _ => false,
    }
}
