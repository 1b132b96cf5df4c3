//! What a case sent and received, counted: of the thousands of requests that a run may generate, reports keep
//! few, and say how many there were.

use serde_json::Value;
use specs::evidence::{Body, Exchange, FailureKind, Observation, Outcome};

/// Operations whose answers hold records.
const SEARCHES: [&str; 2] = ["search", "sync-search"];
/// Operations that are answered by a callback.
const CALLED_BACK: [&str; 5] = ["search", "exchange", "subscribe", "unsubscribe", "txn-status"];
/// The labels that the generator gives its requests, but for the valid ones, which are numbered, or named by the
/// member in which they differ.
const GENERATED: [&str; 3] = ["faulty", "shrinking", "smallest"];

/// Counts of what was observed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Requests that were sent.
    pub sent: u64,
    /// Those whose body was generated.
    pub generated: u64,
    /// Those with a complete answer.
    pub answered: u64,
    /// Answers with status 401.
    pub unauthorized: u64,
    /// Answers with a 5xx status.
    pub server_errors: u64,
    /// Answers that asked to come again later.
    pub put_off: u64,
    /// Requests without a complete answer, but for those that were only put off.
    pub unanswered: u64,
    /// Requests that search.
    pub searches: u64,
    /// Whether an answer or a callback held a record.
    pub records: bool,
    /// Requests that asked for a callback that somebody looks at: those to generated requests are dropped.
    pub called_back: u64,
    /// Callbacks that came.
    pub callbacks: u64,
    /// Everything that was observed, waits included.
    pub observed: u64,
}

impl Traffic {
    /// Counts an observation.
    pub(super) fn take(&mut self, observation: &Observation) {
        self.observed += 1;
        match observation {
            Observation::Exchange(exchange) => self.exchange(exchange),
            Observation::Callback(callback) => {
                self.callbacks += 1;
                self.look(&callback.request.body);
            }
            Observation::Wait { .. } | Observation::Opened { .. } => {}
        }
    }

    fn exchange(&mut self, exchange: &Exchange) {
        let is = |operations: &[&str]| u64::from(operations.contains(&exchange.operation.as_str()));
        let label = exchange.label.as_str();
        let generated = GENERATED.contains(&label) || label.starts_with("valid ") || label.starts_with('/');
        self.sent += 1;
        self.generated += u64::from(generated);
        self.searches += is(&SEARCHES);
        self.called_back += if generated { 0 } else { is(&CALLED_BACK) };
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
}

impl std::ops::AddAssign<&Self> for Traffic {
    fn add_assign(&mut self, other: &Self) {
        self.sent += other.sent;
        self.generated += other.generated;
        self.answered += other.answered;
        self.unauthorized += other.unauthorized;
        self.server_errors += other.server_errors;
        self.put_off += other.put_off;
        self.unanswered += other.unanswered;
        self.searches += other.searches;
        self.records |= other.records;
        self.called_back += other.called_back;
        self.callbacks += other.callbacks;
        self.observed += other.observed;
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
