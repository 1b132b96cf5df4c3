//! A target that dies while the run goes on: waited for, and given up when it does not come back.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use globset::{Glob, GlobSet};
use harness::embedded;
use harness::openapi::OpenApiRun;
use harness::run::{Board, Certification, Earlier, Emitter, Limits, Selection, SharedSink};
use reports::aggregate::{CaseRun, Run};
use reports::event::{Entry, Event, Sink};
use specs::catalogue::Catalogue;
use specs::evidence::Verdict;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A way to a server that can be closed and opened again.
struct Bridge {
    url: String,
    open: watch::Sender<bool>,
}

impl Bridge {
    async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (open, mut is_open) = watch::channel(true);
        tokio::spawn(async move {
            let mut listener = Some(listener);
            loop {
                let Some(listening) = &listener else {
                    if is_open.wait_for(|open| *open).await.is_err() {
                        return;
                    }
                    listener = Some(TcpListener::bind(address).await.unwrap());
                    continue;
                };
                let came = tokio::select! {
                    came = listening.accept() => came.ok(),
                    closed = is_open.wait_for(|open| !*open) => match closed {
                        Ok(_) => None,
                        Err(_) => return,
                    },
                };
                let Some((mut near, _)) = came else {
                    listener = None;
                    continue;
                };
                let mut is_open = is_open.clone();
                tokio::spawn(async move {
                    let mut far = TcpStream::connect(server).await.unwrap();
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                        _ = is_open.wait_for(|open| !*open) => {}
                    }
                });
            }
        });
        let url = format!("http://{address}");
        Self { url, open }
    }
}

/// Closes the bridge once so many cases are over, and opens it again after a while, if at all.
struct Storm {
    open: watch::Sender<bool>,
    cases: usize,
    calm_after: Option<Duration>,
}

impl Sink for Storm {
    fn take(&mut self, entry: &Entry) -> std::io::Result<()> {
        if matches!(entry.event, Event::CaseFinished(_)) {
            self.cases = self.cases.saturating_sub(1);
            if self.cases == 0 && *self.open.borrow() {
                self.open.send_replace(false);
                self.cases = usize::MAX;
                if let Some(calm) = self.calm_after {
                    let open = self.open.clone();
                    tokio::spawn(async move {
                        tokio::time::sleep(calm).await;
                        open.send_replace(true);
                    });
                }
            }
        }
        Ok(())
    }
}

/// A run against the compliant mock behind a bridge that breaks down after the first case.
async fn through_a_storm(calm_after: Option<Duration>, patience: Duration) -> (Run, Duration) {
    let profile = Catalogue::bundled().profile("dci-social").unwrap().clone();
    let (mut targets, mock) = embedded::start(vec![profile], 1, &[], Duration::from_secs(60))
        .await
        .unwrap();
    let base = targets[0].url.strip_prefix("http://").unwrap().to_owned();
    let (host, path) = base.split_once('/').unwrap();
    let bridge = Bridge::to(host.parse().unwrap()).await;
    targets[0].url = format!("{}/{path}", bridge.url);
    targets[0].events = None;
    let storm: SharedSink = Arc::new(Mutex::new(Storm {
        open: bridge.open.clone(),
        cases: 1,
        calm_after,
    }));
    let mut emitter = Emitter::new(vec![("storm".to_owned(), storm)]);
    let mut cases = GlobSet::builder();
    for glob in ["bearer", "request.*", "search.callback", "sync-search.*"] {
        cases.add(Glob::new(glob).unwrap());
    }
    let certification = Certification {
        targets,
        seed: 1,
        limits: Limits {
            jobs: 2,
            patience,
            examples: 10,
            ..Limits::default()
        },
        selection: Selection {
            cases: Some(cases.build().unwrap()),
            ..Selection::default()
        },
        callback_listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        callback_url: None,
        notices: Vec::new(),
        earlier: Earlier::default(),
        board: Board::default(),
    };
    let (_keep, cancel) = watch::channel(false);
    let began = Instant::now();
    certification.run(&mut emitter, cancel).await.unwrap();
    let took = began.elapsed();
    mock.stop().await;
    (emitter.finish().run, took)
}

/// The reasons of what could not be decided.
fn reasons(run: &Run) -> Vec<&str> {
    run.reasons(Verdict::Inconclusive)
        .into_iter()
        .map(|(reason, _)| reason)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_does_not_come_back_ends_the_run_and_is_blamed_for_nothing() {
    let (run, took) = through_a_storm(None, Duration::from_secs(2)).await;
    assert!(took < Duration::from_secs(40), "{took:?}");
    let finish = run.finish.as_ref().unwrap();
    assert_eq!((finish.complete, finish.exit_code), (false, 101), "{finish:?}");
    let cut = run.cut().unwrap();
    assert!(
        cut.starts_with("the target stopped answering after the step `")
            && cut.ends_with("and did not come back within 2 s"),
        "{cut}"
    );
    assert_eq!(
        run.check_counts().fail,
        0,
        "nobody answered, so nobody answered wrongly"
    );
    assert_eq!(run.check_counts().warn, 0);
    assert!(run.check_counts().pass > 0, "what was found is kept");
    assert!(
        reasons(&run)
            .iter()
            .any(|reason| reason.contains("the target stopped answering after")),
        "{:?}",
        reasons(&run)
    );
    let missing = run.cases.iter().filter(|case| {
        case.skip_reason
            .as_deref()
            .is_some_and(|reason| reason.ends_with("before this case began"))
    });
    assert!(missing.count() > 0);
    assert!(run.cases.iter().any(|case| case.cut));
    let mut page = Vec::new();
    reports::summary::render(&run, &mut page, reports::summary::Style::default()).unwrap();
    let page = String::from_utf8(page).unwrap();
    let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
    for what in [
        "CUT SHORT",
        "Not run: ",
        "search.callback",
        "Judged by a part of it: request.",
    ] {
        assert!(page.contains(what), "`{what}` is missing from: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_comes_back_is_judged_to_the_end() {
    let (run, _) = through_a_storm(Some(Duration::from_secs(2)), Duration::from_secs(60)).await;
    let finish = run.finish.as_ref().unwrap();
    assert!(finish.complete, "{finish:?}");
    assert_eq!(run.check_counts().fail, 0);
    assert!(
        run.notices.iter().any(|notice| {
            notice.text.starts_with("the target stopped answering after")
                && notice.text.contains("it came back")
        }),
        "{:?}",
        run.notices
    );
    let reasons = reasons(&run);
    assert!(
        reasons
            .iter()
            .any(|reason| reason.contains("the target stopped answering after")),
        "{reasons:?}"
    );
    let last = run
        .cases
        .iter()
        .find(|case| case.case == "sync-search.sort")
        .unwrap();
    assert_eq!(
        last.verdict,
        Some(Verdict::Pass),
        "what came after the storm is judged"
    );
}

/// Operations that nothing distinguishes but their names.
const DOCUMENT: &str = r"
openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /a: {put: {operationId: a, requestBody: &b {required: true, content: {application/json: {schema: {type: integer}}}}, responses: &r {'200': {description: fine}, '400': {description: refused}}}}
  /b: {put: {operationId: b, requestBody: *b, responses: *r}}
  /c: {put: {operationId: c, requestBody: *b, responses: *r}}
";

struct Integers;

impl wiremock::Respond for Integers {
    fn respond(&self, request: &wiremock::Request) -> wiremock::ResponseTemplate {
        let body: Option<serde_json::Value> = serde_json::from_slice(&request.body).ok();
        let integer = body.is_some_and(|body| {
            body.is_i64() || body.is_u64() || body.as_f64().is_some_and(|f| f.fract() == 0.0)
        });
        let json = request
            .headers
            .get("content-type")
            .is_some_and(|value| value == "application/json");
        wiremock::ResponseTemplate::new(if integer && json { 200 } else { 400 })
    }
}

/// A run of a document against a server behind a bridge that breaks down after the first case.
async fn by_document(calm_after: Option<Duration>, patience: Duration) -> Run {
    let server = wiremock::MockServer::start().await;
    wiremock::Mock::given(wiremock::matchers::any())
        .respond_with(Integers)
        .mount(&server)
        .await;
    let bridge = Bridge::to(*server.address()).await;
    let storm: SharedSink = Arc::new(Mutex::new(Storm {
        open: bridge.open.clone(),
        cases: 1,
        calm_after,
    }));
    let mut emitter = Emitter::new(vec![("storm".to_owned(), storm)]);
    let document = specs::document::Document::parse("t.yaml", DOCUMENT).unwrap();
    let mut run = OpenApiRun::new(document, &bridge.url).unwrap();
    run.limits = Limits {
        jobs: 2,
        patience,
        examples: 30,
        ..Limits::default()
    };
    let (_keep, cancel) = watch::channel(false);
    run.run(&mut emitter, cancel).await.unwrap();
    emitter.finish().run
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_by_a_document_ends_with_a_target_that_does_not_come_back() {
    let run = by_document(None, Duration::from_secs(1)).await;
    let finish = run.finish.as_ref().unwrap();
    assert_eq!((finish.complete, finish.exit_code), (false, 101), "{finish:?}");
    let cut = run.cut().unwrap();
    assert!(
        cut.starts_with("the target stopped answering after the step `") && cut.contains("of openapi."),
        "{cut}"
    );
    assert_eq!((run.check_counts().fail, run.check_counts().warn), (0, 0));
    assert!(run.check_counts().pass > 0, "what was found is kept");
    let skipped = |case: &&CaseRun| case.skip_reason.is_some();
    assert!(
        run.cases.iter().filter(skipped).count() > 0,
        "and what is missing is said"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_by_a_document_goes_on_when_the_target_is_back() {
    let run = by_document(Some(Duration::from_secs(1)), Duration::from_secs(60)).await;
    let finish = run.finish.as_ref().unwrap();
    assert!(finish.complete, "{finish:?}");
    assert_eq!((run.check_counts().fail, run.check_counts().warn), (0, 0));
    assert!(
        run.notices
            .iter()
            .any(|notice| notice.text.contains("it came back")),
        "{:?}",
        run.notices
    );
    let reasons = reasons(&run);
    let stopped = |reason: &&str| reason.contains("the target stopped answering after");
    assert!(reasons.iter().any(stopped), "{reasons:?}");
    let last = run.cases.last().unwrap();
    assert_eq!(last.verdict, Some(Verdict::Pass), "{}", last.case);
}
