//! Sending again what failed in an earlier run: which chains of requests, and what their answers say now.
//!
//! A case is run again as a whole, with the same seed and new ids. Of a case of generated requests only the
//! counterexamples are sent again, after the honest request that they are compared with.

use crate::openapi;
use crate::run::Earlier;
use crate::run::earlier::{CaseKey, key};
use reports::aggregate::{CaseRun, Run};
use serde::Serialize;
use specs::evidence::{Check, Exchange, Finding, Intent, Observation, Request, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use suites::generated::SMALLEST;
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
    /// Whether the case made its requests up, so that some of them alone can be sent again.
    fn generated(&self) -> bool {
        self.of_document()
            || Cases::bundled()
                .get(&self.case.case)
                .is_some_and(|case| case.generate.is_some())
    }

    /// Whether the run was against a document of the user's.
    fn of_document(&self) -> bool {
        self.case.profile == openapi::PROFILE
    }

    fn is_whole(&self, exchange: &Exchange) -> bool {
        if self.of_document() {
            openapi::whole(exchange)
        } else {
            exchange.request.body.json().is_some()
        }
    }

    /// The requests to send again, where they are all that is to be sent.
    fn again(&self) -> Option<Vec<Exchange>> {
        let exchanges: Option<Vec<Exchange>> = self.exchanges().map(Option::<&_>::cloned).collect();
        exchanges.filter(|exchanges| self.generated() && !exchanges.is_empty())
    }

    fn exchanges(&self) -> impl Iterator<Item = Option<&Exchange>> {
        self.check.findings.iter().map(|finding| {
            match self.case.observation(finding.observation?)? {
                // What was recorded in part cannot be sent again.
                Observation::Exchange(exchange) => self.is_whole(exchange).then_some(exchange),
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
        let key = key(recorded.case);
        match recorded.again() {
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
        (Verdict::Pass, None) if recorded.of_document() => (of_document(recorded, case), None),
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

/// What became of a requirement that holds over the answers of a case of a document. Other answers may show
/// that as well; what is asked is what became of the requests that were answered wrongly then.
fn of_document(recorded: &Recorded<'_>, case: &CaseRun) -> Now {
    let Some(then) = recorded.again() else {
        let shown = shown(recorded, case);
        return Now::Fixed { shown };
    };
    let sent = case.exchanges().count();
    let mut shown = String::new();
    for then in then {
        let again = case.exchanges().find(|now| {
            now.label == SMALLEST && now.intent == then.intent && alike(&now.request, &then.request)
        });
        let Some(now) = again else {
            let reason = not_reached(case);
            return Now::CouldNotTell { reason };
        };
        if let Some(reason) = hidden(&then, now) {
            return Now::CouldNotTell { reason };
        }
        if shown.is_empty() {
            let answer = oracle::describe(now);
            shown = format!("the same request is answered with {answer}; {sent} requests were sent");
        }
    }
    Now::Fixed { shown }
}

/// Whether two requests are the same but for the server that they are sent to.
fn alike(left: &Request, right: &Request) -> bool {
    let last = |url: &str| url.rsplit('/').next().map(str::to_owned);
    left.method == right.method && left.body == right.body && last(&left.url) == last(&right.url)
}

/// Why an answer now says nothing of what was wrong with the answer then, if it does not.
fn hidden(then: &Exchange, now: &Exchange) -> Option<String> {
    let answer = oracle::describe(now);
    let Some(response) = now.response() else {
        return Some(answer);
    };
    if matches!(response.status, 401 | 403 | 407) {
        return Some(format!(
            "the sender was turned away ({answer}); check the credentials"
        ));
    }
    let served = |exchange: &Exchange| {
        exchange
            .response()
            .is_some_and(|r| (200..300).contains(&r.status))
    };
    // What is not there any more cannot be looked at.
    (now.intent == Intent::Honest && served(then) && !served(now)).then(|| {
        format!(
            "the same request was answered with {} then, and with {answer} now",
            oracle::describe(then)
        )
    })
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
