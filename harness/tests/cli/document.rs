//! `dcx test --openapi`, and what comes after it: the evidence holds the document, so that it can be verified,
//! replayed and gone on with.

use crate::process::{Ended, Running, dcx, run};
use reports::event::{Entry, Event};
use reports::log::read_log;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tempfile::{TempDir, tempdir};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

const LONG: Duration = Duration::from_secs(60);

const API: &str = r"
openapi: 3.0.3
info: {title: Items, version: 1.2.0}
paths:
  /items:
    post:
      operationId: add
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: 'common/item.yaml#/Item'}}}
      responses:
        '201': {description: added, content: {application/json: {schema: {$ref: 'common/item.yaml#/Kept'}}}}
        '400': {description: refused}
  /health:
    get: {operationId: health, responses: {'200': {description: fine}, '404': {description: none}}}
";

const COMMON: &str = r"
Item:
  type: object
  required: [count]
  properties: {count: {type: integer, minimum: 0, maximum: 100}, note: {type: string, maxLength: 5}}
Kept: {type: object, required: [id], properties: {id: {type: integer}}}
";

/// What the server gets wrong, as long as it is set.
#[derive(Default)]
struct Wrong {
    /// The id is a text where the count is large.
    id: AtomicBool,
    /// A note of any length is taken.
    note: AtomicBool,
}

struct Items(Arc<Wrong>);

impl Respond for Items {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        match request.url.path() {
            "/health" => return ResponseTemplate::new(200),
            "/items" => {}
            _ => return ResponseTemplate::new(404),
        }
        let json = request
            .headers
            .get("content-type")
            .is_some_and(|value| value == "application/json");
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let count = body["count"].as_i64().filter(|count| (0..=100).contains(count));
        let note = match body.get("note") {
            None => true,
            Some(Value::String(note)) => self.0.note.load(Ordering::SeqCst) || note.chars().count() <= 5,
            Some(_) => false,
        };
        match count {
            Some(count) if note && json && body.is_object() => {
                let text = count > 50 && self.0.id.load(Ordering::SeqCst);
                let id = if text { json!("7") } else { json!(7) };
                ResponseTemplate::new(201).set_body_json(json!({"id": id}))
            }
            _ => ResponseTemplate::new(400),
        }
    }
}

/// A server that gets both wrong, a document of two files, and the evidence of a run.
struct Broken {
    wrong: Arc<Wrong>,
    server: MockServer,
    dir: TempDir,
}

impl Broken {
    async fn certified() -> Self {
        let wrong = Arc::new(Wrong::default());
        wrong.id.store(true, Ordering::SeqCst);
        wrong.note.store(true, Ordering::SeqCst);
        let server = MockServer::start().await;
        let items = Items(Arc::clone(&wrong));
        Mock::given(any()).respond_with(items).mount(&server).await;
        let dir = tempdir().unwrap();
        fs::create_dir(dir.path().join("common")).unwrap();
        fs::write(dir.path().join("api.yaml"), API).unwrap();
        fs::write(dir.path().join("common/item.yaml"), COMMON).unwrap();
        let broken = Self { wrong, server, dir };
        let reports = ["--bundle", "bundle", "--report", "jsonl=full.jsonl"];
        broken.test(&reports).expect(100);
        broken
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn test(&self, more: &[&str]) -> Ended {
        let uri = self.server.uri();
        let mut args = vec!["test", &uri, "--openapi", "api.yaml", "--examples", "20"];
        args.extend(more);
        Running::start(&mut dcx(self.path(), &args)).end(LONG)
    }

    /// Requirement and verdict of each finding that is replayed.
    fn replay(&self, more: &[&str], code: i32) -> Vec<(String, String)> {
        let mut args = vec!["replay", "bundle", "--format", "json"];
        args.extend(more);
        let ended = Running::start(&mut dcx(self.path(), &args))
            .end(LONG)
            .expect(code);
        let told: Value = serde_json::from_str(&ended.out).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let findings = told["findings"].as_array().unwrap().iter();
        findings
            .map(|f| (text(&f["requirement"]), text(&f["now"]["verdict"])))
            .collect()
    }

    /// The bodies that came to the server from the `from`th request on.
    async fn bodies(&self, from: usize) -> Vec<Vec<u8>> {
        let received = self.server.received_requests().await.unwrap();
        received
            .into_iter()
            .skip(from)
            .map(|request| request.body)
            .collect()
    }
}

fn log(path: &Path) -> Vec<Entry> {
    read_log(fs::read(path).unwrap().as_slice()).unwrap().entries
}

fn cases(log: &[Entry]) -> Vec<&str> {
    let cases = log.iter().filter_map(|entry| match &entry.event {
        Event::CaseFinished(finished) => Some(finished.case.as_str()),
        _ => None,
    });
    cases.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_replayed_without_the_document_until_it_is_fixed() {
    let broken = Broken::certified().await;
    // The evidence holds all of it.
    fs::remove_file(broken.path().join("api.yaml")).unwrap();
    fs::remove_dir_all(broken.path().join("common")).unwrap();
    let verified = run(broken.path(), &["verify", "bundle"]).expect(0);
    assert!(
        verified.out.contains("4 cases judged again") && !verified.out.contains("not judged"),
        "{}",
        verified.out
    );

    let id = "openapi.answer-valid";
    let note = "openapi.invalid-refused";
    let sent = broken.bodies(0).await;
    let told = broken.replay(&[], 100);
    assert!(
        told.iter().all(|(r, v)| r == id && v == "still-failing"),
        "{told:?}"
    );
    assert!(!told.is_empty());
    let again = broken.bodies(sent.len()).await;
    assert!(
        again.len() < 40,
        "the counterexamples, not the case: {}",
        again.len()
    );
    let smallest = br#"{"count":51}"#.to_vec();
    assert!(again.contains(&smallest), "the counterexample itself is sent");
    // What was only warned of takes part where it is named.
    let told = broken.replay(&["--requirement", note], 100);
    assert_eq!(told, [(note.to_owned(), "still-failing".to_owned())]);

    broken.wrong.id.store(false, Ordering::SeqCst);
    assert!(
        broken
            .replay(&[], 0)
            .iter()
            .all(|(_, verdict)| verdict == "fixed")
    );
    broken.replay(&["--requirement", note], 100);
    broken.wrong.note.store(false, Ordering::SeqCst);
    let told = broken.replay(&["--requirement", note], 0);
    assert_eq!(told, [(note.to_owned(), "fixed".to_owned())]);

    // Another server, and one that is not there.
    let other = MockServer::start().await;
    let wrong = Arc::new(Wrong::default());
    wrong.id.store(true, Ordering::SeqCst);
    Mock::given(any()).respond_with(Items(wrong)).mount(&other).await;
    let url = other.uri();
    broken.replay(&["--url", &url], 100);
    let told = broken.replay(&["--url", "http://127.0.0.1:1", "--timeout", "1"], 101);
    assert!(
        told.iter().all(|(_, verdict)| verdict == "could-not-tell"),
        "{told:?}"
    );
    // A server that serves nothing any more has repaired nothing.
    let nothing = MockServer::start().await;
    let told = broken.replay(&["--url", &nothing.uri()], 101);
    assert!(
        told.iter().all(|(_, verdict)| verdict == "could-not-tell"),
        "{told:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_runs_alone_or_first() {
    let broken = Broken::certified().await;
    let dir = broken.path();
    let full = log(&dir.join("full.jsonl"));
    assert_eq!(
        cases(&full),
        [
            "openapi.add.covering",
            "openapi.add.valid",
            "openapi.add.invalid",
            "openapi.health.valid"
        ]
    );
    let failed = full.iter().filter_map(|entry| match &entry.event {
        Event::CaseFinished(f) if f.checks.iter().any(|c| c.verdict.word() == "fail") => {
            Some(f.case.as_str())
        }
        _ => None,
    });
    let failed: Vec<&str> = failed.collect();
    broken
        .test(&["--only-failed", "bundle", "--report", "jsonl=only.jsonl"])
        .expect(100);
    assert_eq!(cases(&log(&dir.join("only.jsonl"))), failed);
    // The order of the document is not that of the failures.
    let api = API.replacen(
        "paths:\n",
        "paths:\n  /aa:\n    get: {operationId: aa, responses: {'404': {description: none}}}\n",
        1,
    );
    fs::write(dir.join("api.yaml"), api).unwrap();
    broken
        .test(&["--failed-first", "bundle", "--report", "jsonl=first.jsonl"])
        .expect(100);
    let first = log(&dir.join("first.jsonl"));
    assert_eq!(cases(&first)[..failed.len()], failed);
    assert_eq!(cases(&first).len(), 5);
    run(
        dir,
        &["test", "--profile", "dci-social", "--only-failed", "bundle"],
    )
    .expect(2)
    .says("of another profile: openapi");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_run_is_gone_on_with() {
    let broken = Broken::certified().await;
    let dir = broken.path();
    let text = fs::read_to_string(dir.join("full.jsonl")).unwrap();
    let over = text.match_indices("\"kind\":\"case_finished\"").nth(2).unwrap().0;
    let cut = over + text[over..].find('\n').unwrap() + 20;
    fs::write(dir.join("log.jsonl"), &text[..cut]).unwrap();
    let before = broken.bodies(0).await.len();
    let ended = broken.test(&["--resume", "log.jsonl"]).expect(100);
    assert!(ended.err.contains("dcx: 3 of"), "{}", ended.err);
    let sent = broken.bodies(before).await;
    assert!(sent.iter().all(Vec::is_empty), "what is over is not sent again");
    let (full, resumed) = (log(&dir.join("full.jsonl")), log(&dir.join("log.jsonl")));
    assert_eq!(cases(&full), cases(&resumed));
    assert_eq!(full.len(), resumed.len());
    let elapsed = |log: &[Entry]| {
        let finished = log.iter().find_map(|entry| match &entry.event {
            Event::CaseFinished(finished) => Some(finished.elapsed_us),
            _ => None,
        });
        finished.unwrap()
    };
    assert_eq!(elapsed(&full), elapsed(&resumed), "kept, not run again");
    let Event::RunFinished(finish) = &resumed.last().unwrap().event else {
        panic!("the log has an end");
    };
    assert!(finish.complete);

    fs::write(dir.join("log.jsonl"), &text[..cut]).unwrap();
    fs::write(dir.join("common/item.yaml"), COMMON.replace("100", "99")).unwrap();
    broken
        .test(&["--resume", "log.jsonl"])
        .expect(2)
        .says("its document was another");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_holds_a_secret_is_not_kept() {
    let broken = Broken::certified().await;
    let dir = broken.path();
    let api = API.replacen("title: Items", "title: hunter2hunter2", 1);
    fs::write(dir.join("api.yaml"), api.replacen("info:", "security: [{o: []}]\ninfo:", 1)
        + "components: {securitySchemes: {o: {type: oauth2, flows: {clientCredentials: {tokenUrl: /token, scopes: {}}}}}}\n").unwrap();
    let token = json!({"access_token": "a-token-of-some-length", "expires_in": 600});
    let server = MockServer::start().await;
    Mock::given(wiremock::matchers::path("/token"))
        .respond_with(ResponseTemplate::new(200).set_body_json(token))
        .mount(&server)
        .await;
    let items = Items(Arc::clone(&broken.wrong));
    Mock::given(any()).respond_with(items).mount(&server).await;
    let uri = server.uri();
    let mut args = vec![
        "test",
        &uri,
        "--openapi",
        "api.yaml",
        "--examples",
        "20",
        "--bundle",
        "bundle",
    ];
    args.extend(["--client-id", "me", "--client-secret", "hunter2hunter2"]);
    Running::start(&mut dcx(dir, &args)).end(LONG).expect(100);
    let log = fs::read_to_string(dir.join("bundle/events.jsonl")).unwrap();
    let start = log.lines().next().unwrap();
    assert!(!start.contains("\"document\":["), "{start}");
    assert!(log.contains("holds a word that is a secret"));
    run(dir, &["replay", "bundle"])
        .expect(2)
        .says("give it again: --openapi FILE");
    let again = [
        "replay",
        "bundle",
        "--openapi",
        "api.yaml",
        "--client-id",
        "me",
        "--client-secret",
        "hunter2hunter2",
    ];
    let ended = Running::start(&mut dcx(dir, &again)).end(LONG).expect(100);
    assert!(ended.out.contains("STILL FAILING"), "{}", ended.out);
}
