//! What was observed of a target, and what was concluded from it.
//!
//! These types are the vocabulary that suites, reports and the harness share: observations go into an
//! oracle, checks come out, and both are written to the event log as they are here. Everything in this
//! file has been redacted before it was built; nothing here may hold a secret.

mod message;

pub use message::{Body, Request, Response};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How binding a requirement is, in the sense of RFC 2119.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Optional behaviour: reported, never blamed.
    May,
    /// Recommended behaviour: a violation is a warning.
    Should,
    /// Mandated behaviour: a violation is a failure.
    Must,
}

impl Level {
    /// The word as standards print it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
            Self::May => "MAY",
        }
    }

    /// The verdict that a violation of a requirement of this level earns.
    pub fn verdict_of_violation(self) -> Verdict {
        match self {
            Self::Must => Verdict::Fail,
            Self::Should => Verdict::Warn,
            Self::May => Verdict::Pass,
        }
    }
}

/// The outcome of a check, a case or a run. Ordered from best to worst, so that the worst of several
/// is their maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Not selected, or declared unsupported by the target.
    Skipped,
    /// The requirement was exercised and held.
    Pass,
    /// A SHOULD was violated.
    Warn,
    /// It could not be decided; the reason is given.
    Inconclusive,
    /// A MUST was violated.
    Fail,
    /// We failed, not the target.
    Error,
}

impl Verdict {
    /// Every verdict, from best to worst.
    pub const ALL: [Self; 6] = [
        Self::Skipped,
        Self::Pass,
        Self::Warn,
        Self::Inconclusive,
        Self::Fail,
        Self::Error,
    ];

    /// The lower-case word used in every machine format.
    pub fn word(self) -> &'static str {
        match self {
            Self::Skipped => "skipped",
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Inconclusive => "inconclusive",
            Self::Fail => "fail",
            Self::Error => "error",
        }
    }

    /// The worst of several verdicts; `Skipped` where there is none.
    pub fn worst(verdicts: impl IntoIterator<Item = Self>) -> Self {
        verdicts.into_iter().max().unwrap_or(Self::Skipped)
    }
}

/// How a case comes to its requests.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// They are planned, and the same for every seed but for ids.
    #[default]
    Deterministic,
    /// They are drawn by the seed.
    Random,
    /// They are sequences that are drawn by the seed, and each builds upon those before it.
    Stateful,
}

impl Phase {
    /// Every phase, in order.
    pub const ALL: [Self; 3] = [Self::Deterministic, Self::Random, Self::Stateful];

    /// The lower-case word used in every format.
    pub fn word(self) -> &'static str {
        match self {
            Self::Deterministic => "deterministic",
            Self::Random => "random",
            Self::Stateful => "stateful",
        }
    }
}

/// Why no complete response arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// No connection could be made.
    Connect,
    /// No complete response within the deadline.
    Timeout,
    /// The connection could not be secured: a certificate is at fault, or one side does not speak TLS.
    Tls,
    /// The connection was closed or reset before the response was complete.
    Closed,
    /// What arrived is not HTTP.
    NotHttp,
    /// The response is longer than we are willing to read.
    TooLarge,
    /// However often it was sent, the target only said that it came too early; `put_off` has its answers.
    Rationed,
}

/// What came of sending a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A complete response.
    Response(Response),
    /// No complete response.
    Failure {
        /// What kind of failure.
        kind: FailureKind,
        /// The same in a sentence.
        message: String,
    },
}

/// Keeps a member that is `null` apart from one that is absent.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// How a request was meant: the expectation that its oracle judges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "few exist at a time, and each is read once"
)]
pub enum Intent {
    /// An honest request that a compliant target accepts.
    Honest,
    /// A request with one deliberate fault, which a compliant target refuses.
    Faulty {
        /// The name of the fault, e.g. `wrong secret` or `character-to-digit`.
        operator: String,
        /// JSON pointer of the member at fault, where the fault has one.
        pointer: Option<String>,
        /// What an honest request holds there; absent where the member is absent.
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "present"
        )]
        honest: Option<Value>,
        /// What was sent there; absent where the member was removed.
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "present"
        )]
        sent: Option<Value>,
        /// The rule that the fault breaks: a JSON Schema keyword or a name from the case.
        rule: String,
    },
}

/// One request and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exchange {
    /// Which step of its case this is, e.g. `honest`, `page 2`.
    pub label: String,
    /// Operation id, e.g. `sync-search`.
    pub operation: String,
    /// How the request was meant.
    pub intent: Intent,
    /// The request.
    pub request: Request,
    /// What came of it.
    pub outcome: Outcome,
    /// When it was sent, in microseconds since the case started.
    pub sent_us: u64,
    /// When the outcome was complete, in microseconds since the case started.
    pub done_us: u64,
    /// The answers by which the target put the request off before, in order. It was sent again after each but
    /// perhaps the last; request and times above are those of the last time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub put_off: Vec<PutOff>,
}

/// One time that a request was sent and put off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PutOff {
    /// The answer that says so.
    pub response: Response,
    /// When the request was sent, in microseconds since the case started.
    pub sent_us: u64,
    /// When the answer was complete, in microseconds since the case started.
    pub done_us: u64,
}

impl Exchange {
    /// The response, if there was one.
    pub fn response(&self) -> Option<&Response> {
        match &self.outcome {
            Outcome::Response(response) => Some(response),
            Outcome::Failure { .. } => None,
        }
    }

    /// Whether the target only ever said that the request came too early, so that nothing follows from it.
    pub fn is_rationed(&self) -> bool {
        let Outcome::Failure { kind, .. } = &self.outcome else {
            return false;
        };
        *kind == FailureKind::Rationed
    }
}

/// One request that the target sent to us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Callback {
    /// The step whose callback address was called.
    pub label: String,
    /// What was appended to the address that we gave, e.g. `/on-search`; usually empty.
    pub path_suffix: String,
    /// The request as received.
    pub request: Request,
    /// When it arrived, in microseconds since the case started.
    pub at_us: u64,
}

/// One thing that happened during a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "few exist at a time, and each is read once"
)]
pub enum Observation {
    /// We sent, the target answered or did not.
    Exchange(Exchange),
    /// The target called back.
    Callback(Callback),
    /// We waited.
    Wait {
        /// What for, in a sentence fragment: `on-search for step "honest"`.
        awaited: String,
        /// Whether it came (for a quiet period: whether it passed undisturbed).
        satisfied: bool,
        /// Why not, or why waiting was not attempted.
        reason: Option<String>,
        /// How long, in microseconds.
        waited_us: u64,
    },
    /// We decrypted what the target had encrypted for us.
    Opened {
        /// The step that was answered with it.
        label: String,
        /// Index of the observation whose message it was, where there was one.
        of: Option<usize>,
        /// What was in it, redacted.
        content: Option<Body>,
        /// Why there is no content.
        reason: Option<String>,
    },
}

/// A violated requirement with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The violated requirement's id.
    pub requirement: String,
    /// What the requirement expects here, in a sentence.
    pub expected: String,
    /// What was observed instead, in a sentence.
    pub actual: String,
    /// JSON pointer into the judged body, where one member is at fault.
    pub pointer: Option<String>,
    /// Index of the decisive observation within its case.
    pub observation: Option<usize>,
    /// For a generated request: what the smallest counterexample differs in.
    pub counterexample: Option<Counterexample>,
}

/// The smallest request found that shows a violation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counterexample {
    /// The generating operator's name.
    pub operator: String,
    /// JSON pointer of the only member in which it differs from an honest request.
    pub pointer: Option<String>,
    /// What an honest request holds there.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub honest: Option<Value>,
    /// What this request holds there.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub sent: Option<Value>,
    /// How many requests were spent on making it smaller.
    pub shrink_requests: u32,
}

/// What a case says about one requirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// The requirement's id.
    pub requirement: String,
    /// What follows for it from this case.
    pub verdict: Verdict,
    /// Why it is not a plain pass: for `inconclusive` and `skipped` always given.
    pub reason: Option<String>,
    /// The violations, for `fail` and `warn`.
    pub findings: Vec<Finding>,
}

/// A file as the user wrote it, of cases, requirements or an OpenAPI document: kept so that a run can be judged
/// again without it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OwnFile {
    /// Its path below the folder of the user's cases or document, with `/` between its parts.
    pub path: String,
    /// Its text.
    pub text: String,
}
