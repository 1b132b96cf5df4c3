//! The event stream: the one account of a run. Everything any report shows is in these events, so that
//! every report can be written later from the log alone.
//!
//! A log is JSON Lines: one [`Entry`] a line, in order. A reader of version 1 refuses other versions. A
//! log without a final [`Event::RunFinished`] was cut short and is readable up to the cut.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use specs::evidence::{Check, Level, Observation, OwnFile, Phase, Verdict};

/// The version of the event format that this build writes and reads.
pub const EVENT_VERSION: u32 = 1;

/// How the reason of a [`CaseSkipped`] ends when the run ended before the case could begin.
pub const NOT_BEGUN: &str = "before this case began";

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// Format version, [`EVENT_VERSION`].
    pub v: u32,
    /// Position in the log, counting from 0 without gaps.
    pub seq: u64,
    /// When it was written: RFC 3339, UTC.
    pub at: String,
    /// What happened.
    pub event: Event,
}

/// Something that happened during a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "most events are the large ones: observations"
)]
pub enum Event {
    /// The run began. First event of every log.
    RunStarted(RunStarted),
    /// The configuration of one profile was judged.
    PreflightFinished(PreflightFinished),
    /// A case began.
    CaseStarted(CaseStarted),
    /// A request was answered, or was not; a callback arrived; a wait ended.
    Observed(Observed),
    /// A case was judged.
    CaseFinished(CaseFinished),
    /// A case was not run.
    CaseSkipped(CaseSkipped),
    /// The target was seen to follow one of several defensible readings of a clause.
    ReadingObserved(ReadingObserved),
    /// Something about the run itself that its reader should know.
    Notice(Notice),
    /// The run ended. Last event of every complete log.
    RunFinished(RunFinished),
}

/// The run began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunStarted {
    /// Name of the tool, `dcx`.
    pub tool: String,
    /// Its version.
    pub version: String,
    /// The seed that every generated value follows from.
    pub seed: u64,
    /// What is certified.
    pub targets: Vec<Target>,
    /// The case and requirement filters in force, as given; empty when everything runs.
    pub selection: Vec<String>,
    /// How many cases are going to run, over all targets.
    pub case_count: usize,
    /// The requirements that this run can say something about, in the words of the catalogue.
    pub requirements: Vec<RequirementFact>,
    /// SHA-256 over those requirements, in hexadecimal: equal digests mean comparable runs.
    pub requirement_digest: String,
    /// The cases and requirements that the user brought, so that the run can be judged again from its log.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub own_cases: Vec<OwnFile>,
    /// The OpenAPI document that the user brought, itself first and then the files that it refers to, for the
    /// same reason. Absent where it is too long to be kept, or holds a secret.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub document: Vec<OwnFile>,
}

/// One target under one profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    /// Profile id.
    pub profile: String,
    /// Title of the profile.
    pub title: String,
    /// Specification id and version, e.g. `dci-social/1.0.0`.
    pub specification: String,
    /// Base URL.
    pub url: String,
    /// Whether the target is the mock embedded in this tool.
    pub embedded: bool,
}

/// What a reader needs to know of a requirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RequirementFact {
    /// Requirement id.
    pub id: String,
    /// The profile for which the level below holds.
    pub profile: String,
    /// How binding it is under that profile.
    pub level: Level,
    /// What it demands.
    pub statement: String,
    /// What a developer does to satisfy it.
    pub remedy: String,
    /// Where it comes from, ready to print.
    pub sources: Vec<String>,
}

/// The configuration of one profile was judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PreflightFinished {
    /// Profile id.
    pub profile: String,
    /// Each thing that was looked at, in order.
    pub checks: Vec<PreflightCheck>,
    /// The optional operations that the target does not offer; they are not judged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<String>,
}

impl PreflightFinished {
    /// Whether conformance can be judged at all.
    pub fn passed(&self) -> bool {
        self.checks.iter().all(|c| c.ok)
    }
}

/// One thing preflight looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PreflightCheck {
    /// What: `reachable`, `token`, `clock`, `callback`, `keys`, `operations`.
    pub name: String,
    /// Whether it is in order.
    pub ok: bool,
    /// What was found, in a sentence.
    pub detail: String,
    /// What to do about it, when it is not in order.
    pub remedy: Option<String>,
}

/// A case began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CaseStarted {
    /// Profile id.
    pub profile: String,
    /// Case id.
    pub case: String,
    /// What the case shows, in a sentence.
    pub title: String,
    /// The requirements it speaks about.
    pub requirements: Vec<String>,
    /// How it comes to its requests.
    #[serde(default)]
    pub phase: Phase,
}

/// Something was observed during a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Observed {
    /// Profile id.
    pub profile: String,
    /// Case id.
    pub case: String,
    /// Position within the case, counting from 0; findings point here.
    pub index: usize,
    /// Whether it is one of many alike that show nothing by themselves: reports count it and leave it out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub routine: bool,
    /// What.
    pub observation: Observation,
}

/// A case was judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CaseFinished {
    /// Profile id.
    pub profile: String,
    /// Case id.
    pub case: String,
    /// The worst of its checks.
    pub verdict: Verdict,
    /// What it says about each of its requirements.
    pub checks: Vec<Check>,
    /// How long it took, in microseconds.
    pub elapsed_us: u64,
    /// Whether the run ended before the case did: it was judged by what had been seen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
}

/// A case was not run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CaseSkipped {
    /// Profile id.
    pub profile: String,
    /// Case id.
    pub case: String,
    /// Its title.
    pub title: String,
    /// Why.
    pub reason: String,
}

/// The target was seen to follow a reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReadingObserved {
    /// Profile id.
    pub profile: String,
    /// Reading id.
    pub reading: String,
    /// The question that the documents leave open.
    pub question: String,
    /// The alternative that the target takes.
    pub alternative: String,
    /// That alternative in a sentence.
    pub statement: String,
    /// The case that showed it.
    pub case: String,
}

/// Something about the run itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Notice {
    /// In a sentence.
    pub text: String,
}

/// The run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunFinished {
    /// Whether every selected case ran to its verdict.
    pub complete: bool,
    /// Why not, when it did not: `interrupted`, a fault of the configuration, …
    pub cut_reason: Option<String>,
    /// Cases by verdict.
    pub cases: Counts,
    /// Checks by verdict.
    pub checks: Counts,
    /// How many requests were sent.
    pub exchanges: u64,
    /// How many callbacks were received.
    pub callbacks: u64,
    /// How long the run took, in microseconds.
    pub elapsed_us: u64,
    /// The exit code that follows under the gate policy.
    pub exit_code: u8,
    /// The verdict of the gate in a sentence.
    pub gate: String,
    /// How fast each target was, and how long it was therefore waited for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paces: Vec<Pace>,
}

/// How fast a target was, and how long it was therefore waited for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pace {
    /// Profile id.
    pub profile: String,
    /// Half of its answers came within this, in microseconds.
    pub median_us: u64,
    /// Its slowest answer, in microseconds.
    pub slowest_us: u64,
    /// How long an answer was waited for in the end, in microseconds.
    pub deadline_us: u64,
    /// Its slowest callback, in microseconds; absent where none came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slowest_callback_us: Option<u64>,
    /// How long a callback was waited for in the end, in microseconds.
    pub callback_deadline_us: u64,
}

/// How many of each verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// `pass`
    pub pass: u64,
    /// `fail`
    pub fail: u64,
    /// `warn`
    pub warn: u64,
    /// `inconclusive`
    pub inconclusive: u64,
    /// `skipped`
    pub skipped: u64,
    /// `error`
    pub error: u64,
}

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, verdict: Verdict) {
        *match verdict {
            Verdict::Pass => &mut self.pass,
            Verdict::Fail => &mut self.fail,
            Verdict::Warn => &mut self.warn,
            Verdict::Inconclusive => &mut self.inconclusive,
            Verdict::Skipped => &mut self.skipped,
            Verdict::Error => &mut self.error,
        } += 1;
    }

    /// All of them together.
    pub fn total(&self) -> u64 {
        self.pass + self.fail + self.warn + self.inconclusive + self.skipped + self.error
    }
}

/// Receives every event of a run, in order.
pub trait Sink {
    /// Takes the next entry. An error ends this sink's part in the run, not the run.
    ///
    /// # Errors
    /// Whatever kept the sink from taking it, usually an output that cannot be written.
    fn take(&mut self, entry: &Entry) -> std::io::Result<()>;
}
