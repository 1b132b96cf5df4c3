//! The result of a run as one JSON document, for programs: counts, requirements and cases with their
//! verdicts and findings, without the observations, which are in the log.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use specs::evidence::{Check, Level, Verdict};

use crate::aggregate::{PhaseCount, Run, Tally};
use crate::event::{Counts, Notice, Pace, PreflightFinished, ReadingObserved, Target};
use crate::quality::{Warning, warnings};

/// The version of this document's format.
pub const RESULT_VERSION: u32 = 1;

/// The result of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunResult {
    /// Format version, [`RESULT_VERSION`].
    pub version: u32,
    /// What it came to.
    pub summary: Summary,
    /// The verdicts on the configuration.
    pub preflight: Vec<PreflightFinished>,
    /// Every requirement under every profile.
    pub requirements: Vec<RequirementResult>,
    /// Every case.
    pub cases: Vec<CaseResult>,
    /// The readings that the target takes.
    pub readings: Vec<ReadingObserved>,
    /// What the run says about itself.
    pub notices: Vec<Notice>,
    /// What makes its verdict mean less.
    pub quality: Vec<Warning>,
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Name of the tool; absent when the log does not say.
    pub tool: Option<String>,
    /// Its version.
    pub tool_version: Option<String>,
    /// The seed.
    pub seed: Option<u64>,
    /// What was certified.
    pub targets: Vec<Target>,
    /// The filters in force.
    pub selection: Vec<String>,
    /// The digest of the requirements.
    pub requirement_digest: Option<String>,
    /// When it began, RFC 3339.
    pub began_at: Option<String>,
    /// When it ended or was cut, RFC 3339.
    pub ended_at: Option<String>,
    /// Whether every selected case ran to its verdict.
    pub complete: bool,
    /// Why not.
    pub cut_reason: Option<String>,
    /// The verdict of the gate in a sentence; absent when the log was cut.
    pub gate: Option<String>,
    /// The exit code; absent when the log was cut.
    pub exit_code: Option<u8>,
    /// Cases by verdict, over all profiles.
    pub cases: Counts,
    /// Cases that began and were never judged.
    pub unfinished: u64,
    /// Checks by verdict, over all profiles.
    pub checks: Counts,
    /// Requests sent.
    pub exchanges: u64,
    /// Those whose body the generator made.
    pub generated: u64,
    /// Callbacks received.
    pub callbacks: u64,
    /// How long it took, in microseconds; absent when the log was cut.
    pub elapsed_us: Option<u64>,
    /// How fast each target was, and how long it was therefore waited for.
    pub paces: Vec<Pace>,
    /// The phases that took place.
    #[serde(default)]
    pub phases: Vec<PhaseCount>,
    /// The same per profile.
    pub profiles: Vec<Tally>,
}

/// One requirement under one profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequirementResult {
    /// Profile id.
    pub profile: String,
    /// Requirement id.
    pub id: String,
    /// How binding it is; absent when the log does not say.
    pub level: Option<Level>,
    /// The worst of its checks; `skipped` where it was never exercised.
    pub verdict: Verdict,
    /// What it demands.
    pub statement: Option<String>,
    /// Where it comes from.
    pub sources: Vec<String>,
    /// The cases that spoke about it.
    pub cases: Vec<String>,
}

/// One case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseResult {
    /// Profile id.
    pub profile: String,
    /// Case id.
    pub case: String,
    /// What it shows.
    pub title: String,
    /// Its verdict; absent when the log ends before it was judged.
    pub verdict: Option<Verdict>,
    /// Why it was not run.
    pub skip_reason: Option<String>,
    /// What it says about each requirement, with the findings.
    pub checks: Vec<Check>,
    /// How long it took, in microseconds.
    pub elapsed_us: u64,
}

impl RunResult {
    /// The result of this run.
    pub fn of(run: &Run) -> Self {
        Self {
            version: RESULT_VERSION,
            summary: Summary::of(run),
            preflight: run.preflight.clone(),
            requirements: requirements(run),
            cases: cases(run),
            readings: run.readings.clone(),
            notices: run.notices.clone(),
            quality: warnings(run),
        }
    }
}

impl Summary {
    fn of(run: &Run) -> Self {
        let (start, finish) = (run.start.as_ref(), run.finish.as_ref());
        let traffic = run.traffic();
        let cut_reason = run.cut();
        Self {
            tool: start.map(|s| s.tool.clone()),
            tool_version: start.map(|s| s.version.clone()),
            seed: start.map(|s| s.seed),
            targets: run.targets().to_vec(),
            selection: start.map(|s| s.selection.clone()).unwrap_or_default(),
            requirement_digest: start.map(|s| s.requirement_digest.clone()),
            began_at: run.began_at.clone(),
            ended_at: run.ended_at.clone(),
            complete: cut_reason.is_none(),
            cut_reason,
            gate: finish.map(|f| f.gate.clone()),
            exit_code: finish.map(|f| f.exit_code),
            cases: run.case_counts(),
            unfinished: u64::try_from(run.unfinished().count()).unwrap_or(u64::MAX),
            checks: run.check_counts(),
            exchanges: traffic.sent,
            generated: traffic.generated,
            callbacks: traffic.callbacks,
            elapsed_us: finish.map(|f| f.elapsed_us),
            paces: finish.map(|f| f.paces.clone()).unwrap_or_default(),
            phases: run.phases(),
            profiles: run.tallies(),
        }
    }
}

fn requirements(run: &Run) -> Vec<RequirementResult> {
    (run.requirements.iter())
        .map(|r| {
            let mut cases: Vec<String> = r
                .spoken
                .iter()
                .filter_map(|(at, _)| run.cases.get(*at))
                .map(|c| c.case.clone())
                .collect();
            cases.dedup();
            RequirementResult {
                profile: r.profile.clone(),
                id: r.id.clone(),
                level: r.level(),
                verdict: r.verdict,
                statement: r.fact.as_ref().map(|f| f.statement.clone()),
                sources: r.fact.as_ref().map(|f| f.sources.clone()).unwrap_or_default(),
                cases,
            }
        })
        .collect()
}

fn cases(run: &Run) -> Vec<CaseResult> {
    (run.cases.iter())
        .map(|c| CaseResult {
            profile: c.profile.clone(),
            case: c.case.clone(),
            title: c.title.clone(),
            verdict: c.verdict,
            skip_reason: c.skip_reason.clone(),
            checks: c.checks.clone(),
            elapsed_us: c.elapsed_us,
        })
        .collect()
}

/// Writes the result of a run.
pub fn render(run: &Run, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &RunResult::of(run))?;
    out.write_all(b"\n")
}
