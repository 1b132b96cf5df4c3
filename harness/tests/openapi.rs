//! A server certified against a document of the user's: each requirement is shown to fail by a server that
//! breaks it and nothing else, and to hold for one that breaks none.

use harness::openapi::{Bearer, OpenApiRun, TokenSource, judge_again};
use harness::run::{Emitter, Limits};
use harness::target::Credentials;
use reports::event::{Entry, Event};
use serde_json::{Value, json};
use specs::document::Document;
use specs::evidence::{Check, Observation, Verdict};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::watch;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

const ITEMS: &str = r#"
openapi: 3.0.3
info: {title: Items, version: 1.2.0}
paths:
  /items:
    post:
      operationId: add
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name, count]
              properties:
                name: {type: string, minLength: 1, maxLength: 20}
                count: {type: integer, minimum: 0, maximum: 100}
                kind: {type: string, enum: [red, blue]}
      responses:
        '201': {description: added, content: {application/json: {schema: {$ref: '#/components/schemas/Item'}}}}
        4XX: {description: refused, content: {application/problem+json: {schema: {$ref: '#/components/schemas/Problem'}}}}
  /items/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer, minimum: 1}, example: 7}]
    get:
      operationId: get
      parameters:
        - {name: kind, in: query, schema: {type: string, enum: [red, blue]}}
        - {name: X-Depth, in: header, required: true, schema: {type: integer, minimum: 0, maximum: 9}}
      responses:
        '200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/Item'}}}}
        default: {description: refused, content: {application/problem+json: {schema: {$ref: '#/components/schemas/Problem'}}}}
  /health:
    get: {operationId: health, responses: {'200': {description: fine, content: {text/plain: {}}}, '404': {description: none}}}
  /upload:
    post:
      operationId: upload
      requestBody: {required: true, content: {multipart/form-data: {schema: {type: object}}}}
      responses: {'200': {description: kept}}
components:
  schemas:
    Item:
      type: object
      required: [id, count]
      properties: {id: {type: integer}, count: {type: integer}}
    Problem: {type: object, required: [title], properties: {title: {type: string}}}
"#;

/// What a server does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Defect {
    None,
    RefusesMany,
    AnswersAccepted,
    CountsInText,
    WrongMediaType,
    FailsOnEmptyName,
    TakesAnyKind,
    AlwaysFine,
    AlwaysRefuses,
}

struct Items(Defect);

impl Items {
    fn problem(title: &str) -> ResponseTemplate {
        ResponseTemplate::new(400).set_body_raw(json!({"title": title}).to_string(), "application/problem+json")
    }

    fn item(&self, status: u16, count: i64) -> ResponseTemplate {
        let body = match self.0 {
            Defect::CountsInText if count > 30 => json!({"id": 7, "count": count.to_string()}),
            _ => json!({"id": 7, "count": count}),
        };
        let media_type = if self.0 == Defect::WrongMediaType && count > 30 { "text/html" } else { "application/json" };
        ResponseTemplate::new(status).set_body_raw(body.to_string(), media_type)
    }

    fn add(&self, request: &Request) -> ResponseTemplate {
        let Ok(body) = serde_json::from_slice::<Value>(&request.body) else { return Self::problem("not JSON") };
        let name = body["name"].as_str().map_or(0, |name| name.chars().count());
        if self.0 == Defect::FailsOnEmptyName && body["name"] == "" {
            return ResponseTemplate::new(500);
        }
        let kind = body.get("kind");
        let kind_known = kind.is_none_or(|kind| kind == "red" || kind == "blue");
        match body["count"].as_i64() {
            _ if !(1..=20).contains(&name) => Self::problem("name"),
            _ if !kind_known && self.0 != Defect::TakesAnyKind => Self::problem("kind"),
            Some(count @ 51..=100) if self.0 == Defect::RefusesMany => Self::problem(&format!("{count} are too many")),
            Some(count @ 0..=100) if self.0 == Defect::AnswersAccepted && kind.is_some() => self.item(202, count),
            Some(count @ 0..=100) => self.item(201, count),
            _ => Self::problem("count"),
        }
    }

    fn get(request: &Request) -> ResponseTemplate {
        let id = request.url.path().rsplit('/').next().and_then(|id| id.parse::<u64>().ok());
        let kind = request.url.query_pairs().find(|(name, _)| name == "kind").map(|(_, kind)| kind.into_owned());
        let depth = request.headers.get("x-depth").and_then(|d| d.to_str().ok()?.parse::<u8>().ok());
        match (id, kind.as_deref(), depth) {
            (Some(7), None | Some("red" | "blue"), Some(0..=9)) => {
                ResponseTemplate::new(200).set_body_raw(r#"{"id": 7, "count": 1}"#, "application/json")
            }
            (Some(1..), None | Some("red" | "blue"), Some(0..=9)) => {
                ResponseTemplate::new(404).set_body_raw(r#"{"title": "none"}"#, "application/problem+json")
            }
            _ => Self::problem("parameter"),
        }
    }
}

impl Respond for Items {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        match (self.0, request.method.as_str(), request.url.path()) {
            (Defect::AlwaysFine, ..) => self.item(200, 1),
            (Defect::AlwaysRefuses, ..) => Self::problem("no"),
            (_, "POST", "/items") => self.add(request),
            (_, "GET", "/health") => ResponseTemplate::new(200).set_body_raw("fine", "text/plain"),
            (_, "GET", path) if path.starts_with("/items/") && path.matches('/').count() == 2 => Self::get(request),
            _ => ResponseTemplate::new(404),
        }
    }
}

struct Ran {
    entries: Vec<Entry>,
    exit_code: u8,
}

impl Ran {
    fn cases(&self) -> BTreeMap<&str, (Verdict, &[Check])> {
        let finished = |entry: &'_ Entry| match &entry.event {
            Event::CaseFinished(_) => true,
            _ => false,
        };
        self.entries
            .iter()
            .filter(|entry| finished(entry))
            .filter_map(|entry| match &entry.event {
                Event::CaseFinished(case) => Some((case.case.as_str(), (case.verdict, case.checks.as_slice()))),
                _ => None,
            })
            .collect()
    }

    fn check(&self, case: &str, requirement: &str) -> &Check {
        let (_, checks) = self.cases()[case];
        checks.iter().find(|check| check.requirement == requirement).unwrap()
    }

    /// Every check that did not pass, as `case requirement verdict`.
    fn blemishes(&self) -> Vec<String> {
        let cases = self.cases();
        let checks = cases.iter().flat_map(|(case, (_, checks))| checks.iter().map(move |check| (case, check)));
        checks
            .filter(|(_, check)| !matches!(check.verdict, Verdict::Pass | Verdict::Skipped))
            .map(|(case, check)| format!("{case} {} {}", check.requirement, check.verdict.word()))
            .collect()
    }

    fn skipped(&self, case: &str) -> &str {
        let mut reasons = self.entries.iter().filter_map(|entry| match &entry.event {
            Event::CaseSkipped(skipped) if skipped.case == case => Some(skipped.reason.as_str()),
            _ => None,
        });
        reasons.next().unwrap()
    }

    fn observations(&self, case: &str) -> Vec<Observation> {
        let mine = self.entries.iter().filter_map(|entry| match &entry.event {
            Event::Observed(observed) if observed.case == case => Some(observed.observation.clone()),
            _ => None,
        });
        mine.collect()
    }

    fn notices(&self) -> Vec<&str> {
        let notices = self.entries.iter().filter_map(|entry| match &entry.event {
            Event::Notice(notice) => Some(notice.text.as_str()),
            _ => None,
        });
        notices.collect()
    }
}

async fn serve(respond: impl Respond + 'static) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(respond).mount(&server).await;
    server
}

fn limits() -> Limits {
    Limits { timeout: Duration::from_secs(5), examples: 40, shrink_requests: 60, ..Limits::default() }
}

async fn run_with(document: &str, url: &str, change: impl FnOnce(&mut OpenApiRun)) -> Ran {
    let document = Document::parse("items.yaml", document).unwrap();
    let mut run = OpenApiRun::new(document, url).unwrap();
    run.limits = limits();
    change(&mut run);
    let mut emitter = Emitter::new(Vec::new());
    let (_keep, cancel) = watch::channel(false);
    let summary = run.run(&mut emitter, cancel).await.unwrap();
    let (entries, failures) = emitter.finish();
    assert!(failures.is_empty());
    Ran { entries, exit_code: summary.finished.exit_code }
}

async fn certify(defect: Defect) -> Ran {
    let server = serve(Items(defect)).await;
    let ran = run_with(ITEMS, &server.uri(), |_| ()).await;
    for (case, (_, checks)) in ran.cases() {
        let document = Document::parse("items.yaml", ITEMS).unwrap();
        assert_eq!(judge_again(&document, case, &ran.observations(case)).unwrap(), checks, "{case}");
    }
    ran
}

#[tokio::test]
async fn a_compliant_server_passes_everything() {
    let ran = certify(Defect::None).await;
    assert_eq!(ran.blemishes(), Vec::<String>::new());
    assert_eq!(ran.exit_code, 0);
    assert_eq!(ran.cases().len(), 5);
    assert_eq!(ran.skipped("openapi.upload.valid"), "bodies of multipart/form-data are not generated");
    assert_eq!(ran.skipped("openapi.health.invalid"), "nothing in a request of this operation can violate the document");
    let Event::RunStarted(started) = &ran.entries[0].event else { panic!() };
    assert_eq!(started.targets[0].specification, "items.yaml Items/1.2.0");
    assert_eq!((started.case_count, started.requirements.len()), (8, 5));
    for case in ran.cases().keys() {
        let sent = ran.observations(case).len();
        assert!(sent <= 40 + 5, "{case} sent {sent}");
    }
}

#[tokio::test]
async fn a_valid_request_that_is_refused_is_made_small() {
    let ran = certify(Defect::RefusesMany).await;
    let check = ran.check("openapi.add.valid", "openapi.valid-accepted");
    assert_eq!(check.verdict, Verdict::Warn);
    let finding = &check.findings[0];
    assert!(finding.counterexample.as_ref().unwrap().shrink_requests > 0);
    let Observation::Exchange(exchange) = &ran.observations("openapi.add.valid")[finding.observation.unwrap()] else {
        panic!()
    };
    let sent = exchange.request.body.json().unwrap();
    assert_eq!((&sent["count"], sent.get("kind")), (&json!(51), None));
    assert_eq!(sent["name"].as_str().unwrap().len(), 1);
    assert!(ran.blemishes().iter().all(|b| b == "openapi.add.valid openapi.valid-accepted warn"), "{:?}", ran.blemishes());
    assert_eq!(ran.exit_code, 0);
}

#[tokio::test]
async fn an_undeclared_status_fails() {
    let ran = certify(Defect::AnswersAccepted).await;
    assert!(ran.blemishes().iter().all(|b| b.ends_with("openapi.status-declared fail")), "{:?}", ran.blemishes());
    let check = ran.check("openapi.add.valid", "openapi.status-declared");
    assert_eq!(check.findings[0].expected, "POST /items answers with a declared status: 201, 4XX");
    assert_eq!(ran.exit_code, 100);
}

#[tokio::test]
async fn an_answer_that_is_not_valid_fails_with_its_pointer() {
    let ran = certify(Defect::CountsInText).await;
    assert!(ran.blemishes().iter().all(|b| b.ends_with("openapi.answer-valid fail")), "{:?}", ran.blemishes());
    let check = ran.check("openapi.add.valid", "openapi.answer-valid");
    assert_eq!(check.findings.len(), 1);
    assert_eq!(check.findings[0].pointer.as_deref(), Some("/count"));
    let ran = certify(Defect::WrongMediaType).await;
    assert!(ran.blemishes().iter().all(|b| b.ends_with("openapi.answer-valid fail")), "{:?}", ran.blemishes());
    assert_eq!(ran.check("openapi.add.valid", "openapi.answer-valid").findings[0].actual, "text/html");
    assert_eq!(ran.exit_code, 100);
}

#[tokio::test]
async fn a_server_error_fails() {
    let ran = certify(Defect::FailsOnEmptyName).await;
    assert!(ran.blemishes().iter().all(|b| b.ends_with("openapi.no-server-error fail")), "{:?}", ran.blemishes());
    let finding = &ran.check("openapi.add.invalid", "openapi.no-server-error").findings[0];
    let counterexample = finding.counterexample.as_ref().unwrap();
    assert_eq!(counterexample.pointer.as_deref(), Some("/name"));
    assert_eq!(counterexample.operator, "an empty text");
}

#[tokio::test]
async fn a_faulty_request_that_is_accepted_is_a_warning() {
    let ran = certify(Defect::TakesAnyKind).await;
    assert_eq!(ran.blemishes(), ["openapi.add.invalid openapi.invalid-refused warn"]);
    let findings = &ran.check("openapi.add.invalid", "openapi.invalid-refused").findings;
    assert!(findings.iter().all(|f| f.pointer.as_deref() == Some("/kind")), "{findings:?}");
    assert_eq!(ran.exit_code, 0);
}

#[tokio::test]
async fn neither_a_yes_man_nor_a_naysayer_is_credited_with_behaviour() {
    for defect in [Defect::AlwaysFine, Defect::AlwaysRefuses] {
        let ran = certify(defect).await;
        for (case, (_, checks)) in ran.cases() {
            for check in checks {
                let form = ["openapi.status-declared", "openapi.answer-valid"].contains(&check.requirement.as_str());
                assert!(form || check.verdict != Verdict::Pass, "{defect:?} {case} {}", check.requirement);
            }
        }
        assert_ne!(ran.exit_code, 0, "{defect:?}");
    }
}

#[tokio::test]
async fn the_same_seed_sends_the_same_requests() {
    let server = serve(Items(Defect::RefusesMany)).await;
    let requests = |ran: &Ran| -> Vec<(String, String)> {
        let all = ran.cases().into_keys().flat_map(|case| ran.observations(case)).map(|o| match o {
            Observation::Exchange(e) => (e.request.url, e.request.body.text),
            _ => panic!(),
        });
        all.collect()
    };
    let first = run_with(ITEMS, &server.uri(), |_| ()).await;
    let second = run_with(ITEMS, &server.uri(), |run| run.limits.jobs = 1).await;
    let other = run_with(ITEMS, &server.uri(), |run| run.seed = 2).await;
    assert_eq!(requests(&first), requests(&second));
    assert_ne!(requests(&first), requests(&other));
}

#[tokio::test]
async fn a_schema_that_nothing_satisfies_is_skipped_with_its_place() {
    let text = r"
openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /a:
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [x], properties: {x: {type: string, minLength: 5, maxLength: 2}}}}}
      responses: {default: {description: any}}
  /b/{c}:
    get: {responses: {default: {description: any}}}
";
    let server = serve(ResponseTemplate::new(200)).await;
    let ran = run_with(text, &server.uri(), |_| ()).await;
    let reason = ran.skipped("openapi.post-a.valid");
    assert!(
        reason.starts_with("no value satisfies the schema at /paths/~1a/post/requestBody/content/application~1json/schema: tried 100"),
        "{reason}"
    );
    assert!(ran.skipped("openapi.get-b-c.invalid").starts_with("the path holds {c}, which no parameter describes"));
    assert_eq!(ran.exit_code, 101);
}

const SECURED: &str = r"
openapi: 3.0.3
info: {title: t, version: '1'}
servers: [{url: 'https://example.org/api'}]
security: [{oauth: []}]
paths:
  /things:
    get:
      operationId: things
      parameters: [{name: n, in: query, required: true, schema: {type: integer}}]
      responses: {'200': {description: fine}, '400': {description: refused}}
components:
  securitySchemes:
    oauth: {type: oauth2, flows: {clientCredentials: {tokenUrl: /token, scopes: {}}}}
";

struct Secured;

impl Respond for Secured {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        if request.url.path() == "/token" {
            return ResponseTemplate::new(200).set_body_json(json!({"access_token": "s3cr3t-t0ken", "expires_in": 60}));
        }
        let authorized = request.headers.get("authorization").is_some_and(|a| a == "Bearer s3cr3t-t0ken");
        let n = request.url.query_pairs().find(|(name, _)| name == "n");
        let number = n.is_some_and(|(_, n)| n.parse::<i64>().is_ok());
        ResponseTemplate::new(if !authorized { 401 } else if number { 200 } else { 400 })
    }
}

#[tokio::test]
async fn tokens_are_obtained_where_the_document_says_and_are_not_recorded() {
    let server = serve(Secured).await;
    let without = run_with(SECURED, &server.uri(), |_| ()).await;
    assert_eq!(without.exit_code, 101);
    assert!(without.notices().iter().any(|n| n.contains("1 operations are secured")), "{:?}", without.notices());
    assert!(without.notices().iter().any(|n| n.contains("base path /api")), "{:?}", without.notices());
    let credentials =
        Credentials { client_id: "me".to_owned(), client_secret: "pa55word".to_owned(), db_name: None };
    for token in [TokenSource::Credentials(credentials), TokenSource::Bearer(Bearer("s3cr3t-t0ken".to_owned()))] {
        let ran = run_with(SECURED, &server.uri(), |run| run.token = token).await;
        assert_eq!((ran.blemishes(), ran.exit_code), (Vec::new(), 0));
        let log = serde_json::to_string(&ran.entries).unwrap();
        assert!(!log.contains("s3cr3t") && !log.contains("pa55word"));
    }
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_the_configurations_fault() {
    let ran = run_with(ITEMS, "http://127.0.0.1:9", |_| ()).await;
    assert_eq!(ran.exit_code, 97);
    assert_eq!(ran.cases().len(), 0);
}
