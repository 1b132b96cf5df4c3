//! Sending again what failed in an earlier run: which chains of requests, and what their answers say now.
//!
//! A case is run again as a whole, with the same seed and new ids. Of a case of generated requests only the
//! counterexamples are sent again, after the honest request that they are compared with.

use crate::run::Earlier;
use crate::run::earlier::{CaseKey, key};
use reports::aggregate::{CaseRun, Run};
use serde::Serialize;
use specs::evidence::{Check, Exchange, Finding, Observation, Request, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use suites::{Cases, oracle};

/// A requirement that a case of the earlier run found violated.
#[derive(Debug, Clone, Copy)]
pub struct Recorded<'a> {
    /// Its number, counted from 1 over the whole run.
    pub number: usize,
    /// The case.
    pub case: &'a CaseRun,
    /// What it said.
    pub check: &'a Check,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "verdict")]
pub enum Now {
    /// The requirement holds now.
    Fixed {
        /// What shows it.
        shown: String,
    },
    /// It is still violated.
    StillFailing {
        /// What is expected.
        expected: String,
        /// What came instead.
        actual: String,
    },
    /// The answers decide nothing, for this reason.
    CouldNotTell {
        /// Why.
        reason: String,
    },
}

impl Now {
    /// The words for people.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Fixed { .. } => "FIXED",
            Self::StillFailing { .. } => "STILL FAILING",
            Self::CouldNotTell { .. } => "COULD NOT TELL",
        }
    }
}

impl Recorded<'_> {
    fn exchanges(&self) -> impl Iterator<Item = Option<&Exchange>> {
        self.check.findings.iter().map(|finding| {
            match self.case.observation(finding.observation?)? {
                // What was recorded in part cannot be sent again.
                Observation::Exchange(exchange) => exchange.request.body.json().is_some().then_some(exchange),
                _ => None,
            }
        })
    }
}

/// What failed in a run, in the order of its cases; with `warned`, also what it only warned of.
pub fn recorded(run: &Run, warned: bool) -> Vec<Recorded<'_>> {
    let bad = |check: &Check| check.verdict == Verdict::Fail || warned && check.verdict == Verdict::Warn;
    let all = run
        .cases
        .iter()
        .flat_map(|case| case.checks.iter().map(move |check| (case, check)));
    all.filter(|(_, check)| bad(check))
        .enumerate()
        .map(|(n, (case, check))| Recorded {
            number: n + 1,
            case,
            check,
        })
        .collect()
}

/// What a run has to do to send this again. `salt` makes its ids new.
pub fn plan(chosen: &[Recorded<'_>], salt: String) -> Earlier {
    let mut again: BTreeMap<CaseKey, Vec<Exchange>> = BTreeMap::new();
    let mut whole: BTreeSet<CaseKey> = BTreeSet::new();
    for recorded in chosen {
        let generated = Cases::bundled()
            .get(&recorded.case.case)
            .is_some_and(|case| case.generate.is_some());
        let key = key(recorded.case);
        let exchanges: Option<Vec<Exchange>> = recorded.exchanges().map(Option::<&_>::cloned).collect();
        match exchanges.filter(|exchanges| generated && !exchanges.is_empty()) {
            Some(exchanges) => again.entry(key).or_default().extend(exchanges),
            None => drop(whole.insert(key)),
        }
    }
    again.retain(|key, _| !whole.contains(key));
    Earlier {
        only: Some(chosen.iter().map(|recorded| key(recorded.case)).collect()),
        again,
        salt,
        ..Earlier::default()
    }
}

/// What the run that sent it again says of it, and the request to send to see it.
pub fn judged<'a>(recorded: &Recorded<'_>, after: &'a Run) -> (Now, Option<&'a Request>) {
    let could_not = |reason: &str| Now::CouldNotTell {
        reason: reason.to_owned(),
    };
    let problem = after
        .preflight
        .iter()
        .flat_map(|flight| &flight.checks)
        .find(|check| !check.ok);
    if let Some(problem) = problem {
        let remedy = problem.remedy.as_deref().unwrap_or("see `dcx check`");
        let reason = format!(
            "the configuration is at fault: {}: {} ({remedy})",
            problem.name, problem.detail
        );
        return (Now::CouldNotTell { reason }, None);
    }
    let Some(case) = after.cases.iter().find(|case| key(case) == key(recorded.case)) else {
        return (could_not("this build knows no such case for this target"), None);
    };
    if let Some(reason) = &case.skip_reason {
        return (could_not(reason), None);
    }
    let mut checks = case.checks.iter();
    let Some(check) = checks.find(|check| check.requirement == recorded.check.requirement) else {
        let reason = not_reached(case);
        return (Now::CouldNotTell { reason }, None);
    };
    match (check.verdict, check.findings.first()) {
        (_, Some(finding)) => (
            Now::StillFailing {
                expected: finding.expected.clone(),
                actual: finding.actual.clone(),
            },
            case.reproduction(finding),
        ),
        (Verdict::Pass, None) => {
            let shown = shown(recorded, case);
            (Now::Fixed { shown }, None)
        }
        _ => (
            could_not(check.reason.as_deref().unwrap_or("no reason was given")),
            None,
        ),
    }
}

/// Why a case said nothing of a requirement: what became of the request that went before.
fn not_reached(case: &CaseRun) -> String {
    match case.exchanges().last() {
        Some(last) => format!(
            "the case came to an end before it was reached; its last request was answered with {}",
            oracle::describe(last)
        ),
        None => "the case sent no request".to_owned(),
    }
}

/// What shows that a requirement holds now: the answer to the request that was answered wrongly then.
fn shown(recorded: &Recorded<'_>, case: &CaseRun) -> String {
    let sent = case.traffic.sent;
    let then = |finding: &Finding| match recorded.case.observation(finding.observation?)? {
        Observation::Exchange(exchange) => Some(exchange),
        _ => None,
    };
    let twin = recorded.check.findings.first().and_then(then).and_then(|then| {
        case.exchanges()
            .find(|now| now.label == then.label && now.intent == then.intent)
    });
    match twin {
        Some(now) => format!(
            "the same request is answered with {}; {sent} requests were sent",
            oracle::describe(now)
        ),
        None => format!("it held over the {sent} requests of its chain"),
    }
}
