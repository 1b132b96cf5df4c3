//! Runs a document against a server, and reads what came of it.

use crate::items::{Defect, ITEMS, Items};
use harness::openapi::{Judge, OpenApiRun};
use harness::run::{Emitter, Limits};
use reports::event::{Entry, Event};
use specs::document::Document;
use specs::evidence::{Check, Observation, Verdict};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::watch;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Respond};

/// A finished run.
pub(crate) struct Ran {
    pub(crate) entries: Vec<Entry>,
    pub(crate) exit_code: u8,
}

impl Ran {
    pub(crate) fn cases(&self) -> BTreeMap<&str, (Verdict, &[Check])> {
        self.entries
            .iter()
            .filter_map(|entry| match &entry.event {
                Event::CaseFinished(case) => {
                    Some((case.case.as_str(), (case.verdict, case.checks.as_slice())))
                }
                _ => None,
            })
            .collect()
    }

    pub(crate) fn check(&self, case: &str, requirement: &str) -> &Check {
        let (_, checks) = self.cases()[case];
        checks
            .iter()
            .find(|check| check.requirement == requirement)
            .expect("the case speaks about it")
    }

    /// Every check that did not pass, as `case requirement verdict`.
    pub(crate) fn blemishes(&self) -> Vec<String> {
        let cases = self.cases();
        let checks = cases
            .iter()
            .flat_map(|(case, (_, checks))| checks.iter().map(move |check| (case, check)));
        checks
            .filter(|(_, check)| !matches!(check.verdict, Verdict::Pass | Verdict::Skipped))
            .map(|(case, check)| format!("{case} {} {}", check.requirement, check.verdict.word()))
            .collect()
    }

    pub(crate) fn skipped(&self, case: &str) -> &str {
        let mut reasons = self.entries.iter().filter_map(|entry| match &entry.event {
            Event::CaseSkipped(skipped) if skipped.case == case => Some(skipped.reason.as_str()),
            _ => None,
        });
        reasons.next().expect("the case was skipped")
    }

    pub(crate) fn observations(&self, case: &str) -> Vec<Observation> {
        let mine = self.entries.iter().filter_map(|entry| match &entry.event {
            Event::Observed(observed) if observed.case == case => Some(observed.observation.clone()),
            _ => None,
        });
        mine.collect()
    }

    pub(crate) fn notices(&self) -> Vec<&str> {
        let notices = self.entries.iter().filter_map(|entry| match &entry.event {
            Event::Notice(notice) => Some(notice.text.as_str()),
            _ => None,
        });
        notices.collect()
    }
}

pub(crate) async fn serve(respond: impl Respond + 'static) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(respond).mount(&server).await;
    server
}

fn limits() -> Limits {
    Limits {
        timeout: Duration::from_secs(5),
        examples: 40,
        shrink_requests: 60,
        ..Limits::default()
    }
}

pub(crate) async fn run_with(document: &str, url: &str, change: impl FnOnce(&mut OpenApiRun)) -> Ran {
    let document = Document::parse("items.yaml", document).expect("a document");
    let mut run = OpenApiRun::new(document, url).expect("a URL");
    run.limits = limits();
    change(&mut run);
    let mut emitter = Emitter::new(Vec::new());
    let (_keep, cancel) = watch::channel(false);
    let summary = run.run(&mut emitter, cancel).await.expect("a run");
    let mut told = emitter.finish();
    let (entries, failures) = (told.entries().expect("what was recorded"), told.failures);
    assert!(failures.is_empty());
    Ran {
        entries,
        exit_code: summary.finished.exit_code,
    }
}

pub(crate) async fn certify(defect: Defect) -> Ran {
    let server = serve(Items(defect)).await;
    let ran = run_with(ITEMS, &server.uri(), |_| ()).await;
    for (case, (_, checks)) in ran.cases() {
        let document = Document::parse("items.yaml", ITEMS).expect("a document");
        assert_eq!(
            Judge::by(&document)
                .judge(case, &ran.observations(case))
                .expect("a case of the document"),
            checks,
            "{case}"
        );
    }
    ran
}
