//! A server certified against a document of the user's: each requirement is shown to fail by a server that
//! breaks it and nothing else, and to hold for one that breaks none.

mod hostile;
mod items;
#[path = "../common/lines.rs"]
mod lines;
#[path = "../common/mask.rs"]
mod mask;
mod ran;
mod rationed;
mod wire;

use harness::openapi::{Bearer, TokenSource};
use harness::target::Credentials;
use items::{Defect, ITEMS, Items};
use lines::lines;
use ran::{Ran, certify, run_with, serve};
use reports::event::Event;
use serde_json::json;
use specs::evidence::{Observation, Phase, Verdict};
use wiremock::{Request, Respond, ResponseTemplate};

#[tokio::test]
async fn a_compliant_server_passes_everything() {
    let ran = certify(Defect::None).await;
    assert_eq!(ran.blemishes(), Vec::<String>::new());
    assert_eq!(ran.exit_code, 0);
    assert_eq!(ran.cases().len(), 7);
    assert_eq!(
        ran.skipped("openapi.upload.valid"),
        "bodies of multipart/form-data are not generated"
    );
    assert_eq!(
        ran.skipped("openapi.health.invalid"),
        "nothing in a request of this operation can violate the document"
    );
    let Event::RunStarted(started) = &ran.entries[0].event else {
        panic!()
    };
    assert_eq!(started.targets[0].specification, "items.yaml Items/1.2.0");
    assert_eq!((started.case_count, started.requirements.len()), (12, 5));
    for case in ran.cases().keys() {
        let sent = ran.observations(case).len();
        assert!(sent <= 40 + 10, "{case} sent {sent}");
    }
}

#[tokio::test]
async fn a_valid_request_that_is_refused_is_made_small() {
    let ran = certify(Defect::RefusesMany).await;
    let check = ran.check("openapi.add.valid", "openapi.valid-accepted");
    assert_eq!(check.verdict, Verdict::Warn);
    let finding = &check.findings[0];
    assert!(finding.counterexample.as_ref().unwrap().shrink_requests > 0);
    let Observation::Exchange(exchange) =
        &ran.observations("openapi.add.valid")[finding.observation.unwrap()]
    else {
        panic!()
    };
    let sent = exchange.request.body.json().unwrap();
    assert_eq!((&sent["count"], sent.get("kind")), (&json!(51), None));
    assert_eq!(sent["name"].as_str().unwrap().len(), 1);
    assert!(
        ran.blemishes()
            .iter()
            .all(|b| b.starts_with("openapi.add.") && b.ends_with(" openapi.valid-accepted warn")),
        "{:?}",
        ran.blemishes()
    );
    assert_eq!(ran.exit_code, 0);
}

#[tokio::test]
async fn an_undeclared_status_fails() {
    let ran = certify(Defect::AnswersAccepted).await;
    assert!(
        ran.blemishes()
            .iter()
            .all(|b| b.ends_with("openapi.status-declared fail")),
        "{:?}",
        ran.blemishes()
    );
    let check = ran.check("openapi.add.valid", "openapi.status-declared");
    assert_eq!(
        check.findings[0].expected,
        "POST /items answers with a declared status: 201, 4XX"
    );
    assert_eq!(ran.exit_code, 100);
}

#[tokio::test]
async fn an_answer_that_is_not_valid_fails_with_its_pointer() {
    let ran = certify(Defect::CountsInText).await;
    assert!(
        ran.blemishes()
            .iter()
            .all(|b| b.ends_with("openapi.answer-valid fail")),
        "{:?}",
        ran.blemishes()
    );
    let check = ran.check("openapi.add.valid", "openapi.answer-valid");
    assert_eq!(check.findings.len(), 1);
    assert_eq!(check.findings[0].pointer.as_deref(), Some("/count"));
    let ran = certify(Defect::WrongMediaType).await;
    assert!(
        ran.blemishes()
            .iter()
            .all(|b| b.ends_with("openapi.answer-valid fail")),
        "{:?}",
        ran.blemishes()
    );
    assert_eq!(
        ran.check("openapi.add.valid", "openapi.answer-valid").findings[0].actual,
        "text/html"
    );
    assert_eq!(ran.exit_code, 100);
}

#[tokio::test]
async fn a_server_error_fails() {
    let ran = certify(Defect::FailsOnEmptyName).await;
    assert!(
        ran.blemishes()
            .iter()
            .all(|b| b.ends_with("openapi.no-server-error fail")),
        "{:?}",
        ran.blemishes()
    );
    let finding = &ran
        .check("openapi.add.invalid", "openapi.no-server-error")
        .findings[0];
    let counterexample = finding.counterexample.as_ref().unwrap();
    assert_eq!(counterexample.pointer.as_deref(), Some("/name"));
    assert_eq!(counterexample.operator, "an empty text");
}

#[tokio::test]
async fn a_faulty_request_that_is_accepted_is_a_warning() {
    let ran = certify(Defect::TakesAnyKind).await;
    assert_eq!(
        ran.blemishes(),
        ["openapi.add.invalid openapi.invalid-refused warn"]
    );
    let findings = &ran
        .check("openapi.add.invalid", "openapi.invalid-refused")
        .findings;
    assert!(
        findings.iter().all(|f| f.pointer.as_deref() == Some("/kind")),
        "{findings:?}"
    );
    assert_eq!(ran.exit_code, 0);
}

#[tokio::test]
async fn each_bound_is_met_once_and_what_fails_there_is_made_small() {
    let ran = certify(Defect::RefusesMany).await;
    let check = ran.check("openapi.add.covering", "openapi.valid-accepted");
    let shown = check.findings[0].observation.unwrap();
    let seen = ran.observations("openapi.add.covering");
    let Observation::Exchange(exchange) = &seen[shown] else {
        panic!()
    };
    assert_eq!(exchange.request.body.json().unwrap()["count"], json!(51));
    let labels: Vec<&str> = seen
        .iter()
        .map(|o| match o {
            Observation::Exchange(e) => e.label.as_str(),
            _ => panic!(),
        })
        .collect();
    for label in [
        "/body/name the shortest text",
        "/body/count the smallest number",
        "/body/count the largest number",
    ] {
        assert!(labels.contains(&label), "{label}: {labels:?}");
    }
    let Some(Event::CaseStarted(started)) = ran
        .entries
        .iter()
        .map(|e| &e.event)
        .find(|e| matches!(e, Event::CaseStarted(s) if s.case == "openapi.add.covering"))
    else {
        panic!()
    };
    assert_eq!(started.phase, Phase::Deterministic);
}

#[tokio::test]
async fn what_is_no_json_and_what_is_labelled_otherwise_has_to_be_refused() {
    for (defect, operators) in [
        (
            Defect::TakesAnyBody,
            ["a body that is not JSON", "invalid UTF-8", "deep nesting"].as_slice(),
        ),
        (Defect::TakesAnyMediaType, &["the media type text/plain"]),
    ] {
        let ran = certify(defect).await;
        assert_eq!(
            ran.blemishes(),
            ["openapi.add.invalid openapi.invalid-refused warn"]
        );
        let check = ran.check("openapi.add.invalid", "openapi.invalid-refused");
        let mut found: Vec<&str> = check
            .findings
            .iter()
            .map(|f| f.counterexample.as_ref().unwrap().operator.as_str())
            .collect();
        found.sort_unstable();
        let mut operators = operators.to_vec();
        operators.sort_unstable();
        assert_eq!(found, operators, "{defect:?}");
    }
}

#[tokio::test]
async fn neither_a_yes_man_nor_a_naysayer_is_credited_with_behaviour() {
    for defect in [Defect::AlwaysFine, Defect::AlwaysRefuses] {
        let ran = certify(defect).await;
        for (case, (_, checks)) in ran.cases() {
            for check in checks {
                let form =
                    ["openapi.status-declared", "openapi.answer-valid"].contains(&check.requirement.as_str());
                assert!(
                    form || check.verdict != Verdict::Pass,
                    "{defect:?} {case} {}",
                    check.requirement
                );
            }
        }
        assert_ne!(ran.exit_code, 0, "{defect:?}");
    }
}

#[tokio::test]
async fn the_same_seed_sends_the_same_requests() {
    let server = serve(Items(Defect::RefusesMany)).await;
    let requests = |ran: &Ran| -> Vec<(String, String)> {
        let all = ran
            .cases()
            .into_keys()
            .flat_map(|case| ran.observations(case))
            .map(|o| match o {
                Observation::Exchange(e) => (e.request.url, e.request.body.text),
                _ => panic!(),
            });
        all.collect()
    };
    let first = run_with(ITEMS, &server.uri(), |_| ()).await;
    let second = run_with(ITEMS, &server.uri(), |run| run.limits.jobs = 1).await;
    // Not the requests alone: what is made of them, and the counterexamples that are found.
    assert_eq!(lines(&first.entries), lines(&second.entries));
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
    assert!(
        ran.skipped("openapi.get-b-c.invalid")
            .starts_with("the path holds {c}, which no parameter describes")
    );
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
            return ResponseTemplate::new(200)
                .set_body_json(json!({"access_token": "s3cr3t-t0ken", "expires_in": 60}));
        }
        let authorized = request
            .headers
            .get("authorization")
            .is_some_and(|a| a == "Bearer s3cr3t-t0ken");
        let n = request.url.query_pairs().find(|(name, _)| name == "n");
        let number = n.is_some_and(|(_, n)| n.parse::<i64>().is_ok());
        ResponseTemplate::new(if !authorized {
            401
        } else if number {
            200
        } else {
            400
        })
    }
}

#[tokio::test]
async fn tokens_are_obtained_where_the_document_says_and_are_not_recorded() {
    let server = serve(Secured).await;
    let without = run_with(SECURED, &server.uri(), |_| ()).await;
    assert_eq!(without.exit_code, 101);
    assert!(
        without
            .notices()
            .iter()
            .any(|n| n.contains("1 operations are secured")),
        "{:?}",
        without.notices()
    );
    assert!(
        without.notices().iter().any(|n| n.contains("base path /api")),
        "{:?}",
        without.notices()
    );
    let credentials = Credentials {
        client_id: "me".to_owned(),
        client_secret: "pa55word".to_owned(),
        db_name: None,
    };
    for token in [
        TokenSource::Credentials {
            credentials,
            path: None,
        },
        TokenSource::Bearer(Bearer("s3cr3t-t0ken".to_owned())),
    ] {
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
