//! The result of a run as JUnit XML, for continuous integration: one suite per profile, one test case
//! per case.
//!
//! `fail` is a failure; `error` and `inconclusive` are errors, because nothing that could not be decided
//! may look like a success; a warning is a success that says so on its output. A configuration problem is
//! an error of a test case named `preflight`, never a failed requirement.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};
use specs::evidence::Verdict;

use crate::aggregate::{CaseRun, Occurrence, RequirementRun, Run};
use crate::event::PreflightFinished;
use crate::quality::{Warning, warnings};
use crate::text::{one_line, visible};
use crate::words::{self, Line};

/// Writes the result of a run.
pub fn render(run: &Run, out: &mut impl Write) -> io::Result<()> {
    let mut report = Report::new("dcx");
    if let Some(finish) = &run.finish {
        report.set_time(Duration::from_micros(finish.elapsed_us));
    }
    for profile in run.profiles() {
        report.add_test_suite(suite(run, profile));
    }
    if run.cut().is_some() {
        report.add_test_suite(cut_suite(run));
    }
    report.serialize(out).map_err(io::Error::other)
}

fn suite(run: &Run, profile: &str) -> TestSuite {
    let mut suite = TestSuite::new(&*visible(profile));
    for (name, value) in properties(run, profile) {
        suite.add_property(Property::new(name, &*visible(&value)));
    }
    for preflight in run
        .preflight
        .iter()
        .filter(|p| p.profile == profile && !p.passed())
    {
        suite.add_test_case(preflight_case(preflight));
    }
    let mut time = 0u64;
    for case in run.cases.iter().filter(|c| c.profile == profile) {
        time = time.saturating_add(case.elapsed_us);
        suite.add_test_case(test_case(run, case));
    }
    suite.set_time(Duration::from_micros(time));
    suite
}

fn properties(run: &Run, profile: &str) -> Vec<(Cow<'static, str>, String)> {
    let Some(start) = &run.start else {
        return Vec::new();
    };
    let mut list = vec![
        ("seed".into(), start.seed.to_string()),
        ("tool".into(), start.tool.clone()),
        ("tool_version".into(), start.version.clone()),
        ("requirement_digest".into(), start.requirement_digest.clone()),
    ];
    for target in start.targets.iter().filter(|t| t.profile == profile) {
        list.push(("target_url".into(), target.url.clone()));
        list.push(("target_embedded".into(), target.embedded.to_string()));
        list.push(("specification".into(), target.specification.clone()));
    }
    let of_profile = |warning: &Warning| warning.profile == profile;
    for warning in warnings(run).into_iter().filter(of_profile) {
        let name = format!("quality.{}", warning.doubt.word());
        list.push((name.into(), warning.text));
    }
    let pace = run.finish.iter().flat_map(|finish| &finish.paces);
    for pace in pace.filter(|pace| pace.profile == profile) {
        list.push(("pace".into(), words::pace(pace)));
    }
    list.push(("gate".into(), words::gate(run)));
    list
}

/// The run itself as a suite, when it was cut: a partial run must not look whole.
fn cut_suite(run: &Run) -> TestSuite {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status
        .set_type("cut-short")
        .set_message(format!("cut short: {}", words::cut(run).unwrap_or_default()));
    let mut suite = TestSuite::new("run");
    let mut case = TestCase::new("complete", status);
    case.set_classname("run");
    suite.add_test_case(case);
    suite
}

fn preflight_case(preflight: &PreflightFinished) -> TestCase {
    let text: Vec<String> = (preflight.checks.iter().filter(|c| !c.ok))
        .map(|c| {
            let remedy = c
                .remedy
                .as_deref()
                .map(|r| format!("\nremedy: {}", one_line(r)))
                .unwrap_or_default();
            format!("{}: {}{remedy}", one_line(&c.name), one_line(&c.detail))
        })
        .collect();
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type("preflight");
    status.set_message("the configuration does not allow a judgement of conformance");
    status.set_description(text.join("\n\n"));
    let mut case = TestCase::new("preflight", status);
    case.set_classname(&*visible(&preflight.profile));
    case
}

fn test_case(run: &Run, case: &CaseRun) -> TestCase {
    let name = one_line(&case.case);
    let mut test = TestCase::new(&*name, status(run, case));
    test.set_classname(&*visible(&case.profile));
    test.set_time(Duration::from_micros(case.elapsed_us));
    if !case.title.is_empty() {
        test.add_property(Property::new("title", &*visible(&case.title)));
    }
    if case.verdict == Some(Verdict::Warn) {
        test.set_system_out(format!("WARNING\n\n{}", explanation(run, case, Verdict::Warn)));
    }
    test
}

fn status(run: &Run, case: &CaseRun) -> TestCaseStatus {
    let Some(verdict) = case.verdict else {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status
            .set_type("unfinished")
            .set_message("the run was cut before this case was judged");
        return status;
    };
    let mut status = match verdict {
        Verdict::Pass | Verdict::Warn => return TestCaseStatus::success(),
        Verdict::Skipped => {
            let reason = case
                .skip_reason
                .clone()
                .or_else(|| case.checks.iter().find_map(|c| c.reason.clone()));
            let mut status = TestCaseStatus::skipped();
            status.set_message(one_line(&reason.unwrap_or_default()));
            return status;
        }
        Verdict::Fail => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Verdict::Inconclusive | Verdict::Error => TestCaseStatus::non_success(NonSuccessKind::Error),
    };
    status.set_type(verdict.word());
    status.set_message(message(case, verdict));
    status.set_description(explanation(run, case, verdict));
    status
}

/// The first thing that explains the verdict, in one line.
fn message(case: &CaseRun, verdict: Verdict) -> String {
    let deciding = case.checks.iter().find(|c| c.verdict == verdict);
    match deciding.map(|c| (c, c.findings.first())) {
        Some((check, Some(finding))) => {
            format!("{}: {}", one_line(&check.requirement), one_line(&finding.actual))
        }
        Some((check, None)) => {
            let reason = check.reason.as_deref().unwrap_or("no reason was recorded");
            format!("{}: {}", one_line(&check.requirement), one_line(reason))
        }
        None => format!(
            "the case came out as {}; none of its checks says why",
            verdict.word()
        ),
    }
}

/// Every check at least as bad as `floor`, in the words of the summary.
fn explanation(run: &Run, case: &CaseRun, floor: Verdict) -> String {
    let mut blocks = Vec::new();
    let floor = floor.min(Verdict::Warn);
    for check in case.checks.iter().filter(|c| c.verdict >= floor) {
        let requirement = run
            .requirements
            .iter()
            .find(|r| r.profile == case.profile && r.id == check.requirement);
        let level = words::level(requirement.and_then(RequirementRun::level));
        let mut text = format!(
            "{} {} ({})",
            one_line(&check.requirement),
            level,
            check.verdict.word()
        );
        if let Some(fact) = requirement.and_then(|r| r.fact.as_ref()) {
            let _ = write!(text, "\n{}", one_line(&fact.statement));
        }
        let findings = check
            .findings
            .iter()
            .map(Some)
            .chain(check.findings.is_empty().then_some(None));
        for finding in findings {
            let occurrence = Occurrence { case, check, finding };
            let lines = words::finding(&occurrence);
            lines
                .iter()
                .chain(&words::curl(&occurrence))
                .for_each(|line| push(&mut text, line));
        }
        if let Some(requirement) = requirement {
            if let Some(line) = words::remedy(requirement, check.verdict) {
                push(&mut text, &line);
            }
            let _ = write!(text, "\nmore: {}", words::explain(requirement));
        }
        blocks.push(text);
    }
    blocks.join("\n\n")
}

fn push(text: &mut String, line: &Line) {
    let _ = write!(text, "\n{}: {}", line.label, line.text);
}
