//! A server that rations its requests is asked again when it says, and blamed for nothing; what it never
//! serves is not decided.

use crate::items::{Defect, ITEMS, Items};
use crate::ran::{Ran, run_with, serve};
use reports::aggregate::Run;
use reports::quality::{Doubt, warnings};
use serde_json::Value;
use specs::evidence::{Exchange, FailureKind, Observation, Outcome, Verdict};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use wiremock::{Request, Respond, ResponseTemplate};

/// A bucket of tokens: a request takes one, and so many come back in a second.
struct Bucket {
    tokens: Mutex<(f64, Instant)>,
    size: f64,
    rate: f64,
    status: u16,
}

impl Bucket {
    fn of(size: f64, rate: f64, status: u16) -> Self {
        Self {
            tokens: Mutex::new((size, Instant::now())),
            size,
            rate,
            status,
        }
    }
}

impl Respond for Bucket {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut tokens = self.tokens.lock().expect("no test panics in it");
        let now = Instant::now();
        let came = now.duration_since(tokens.1).as_secs_f64() * self.rate;
        *tokens = ((tokens.0 + came).min(self.size), now);
        if tokens.0 < 1.0 {
            return ResponseTemplate::new(self.status).insert_header("retry-after", "1");
        }
        tokens.0 -= 1.0;
        Items(Defect::None).respond(request)
    }
}

/// A server of which some requests are always put off.
struct PutsOff(fn(&Request) -> bool, Option<&'static str>);

impl Respond for PutsOff {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        if (self.0)(request) {
            let answer = ResponseTemplate::new(429);
            return match self.1 {
                Some(later) => answer.insert_header("retry-after", later),
                None => answer,
            };
        }
        Items(Defect::None).respond(request)
    }
}

fn exchanges(ran: &Ran) -> Vec<Exchange> {
    let cases = ran.cases();
    let seen = cases.keys().flat_map(|case| ran.observations(case));
    let exchanges = seen.filter_map(|observation| match observation {
        Observation::Exchange(exchange) => Some(exchange),
        _ => None,
    });
    exchanges.collect()
}

fn doubts(ran: &Ran) -> Vec<Doubt> {
    let run = Run::from_entries(ran.entries.iter().cloned());
    warnings(&run).into_iter().map(|warning| warning.doubt).collect()
}

fn gate(ran: &Ran) -> String {
    let run = Run::from_entries(ran.entries.iter().cloned());
    run.finish.expect("the run has an end").gate
}

#[tokio::test]
async fn a_server_that_rations_honestly_is_certified_without_a_finding() {
    let plain = serve(Items(Defect::None)).await;
    let plain = run_with(ITEMS, &plain.uri(), |_| ()).await;
    for status in [429, 503] {
        let server = serve(Bucket::of(60.0, 100.0, status)).await;
        let ran = run_with(ITEMS, &server.uri(), |_| ()).await;
        assert_eq!(
            (ran.blemishes(), ran.exit_code),
            (Vec::new(), 0),
            "{}",
            gate(&ran)
        );
        let sent = exchanges(&ran);
        let put_off: usize = sent.iter().map(|exchange| exchange.put_off.len()).sum();
        let received = server.received_requests().await.unwrap();
        let refused = received.len() - sent.len() - 1;
        assert!(put_off > 0, "the bucket was never empty");
        assert_eq!(put_off, refused, "every answer is recorded");
        assert!(put_off * 4 < sent.len(), "{put_off} of {}", sent.len());
        let text = format!("{put_off} answers put a request off");
        assert!(
            ran.notices().iter().any(|notice| notice.contains(&text)),
            "{:?}",
            ran.notices()
        );
        let requests = |ran: &Ran| -> Vec<(String, String)> {
            let path = |url: &str| url.splitn(4, '/').nth(3).unwrap_or_default().to_owned();
            let sent = exchanges(ran).into_iter();
            sent.map(|e| (path(&e.request.url), e.request.body.text))
                .collect()
        };
        assert_eq!(
            requests(&ran),
            requests(&plain),
            "the same seed, the same requests"
        );
    }
}

#[tokio::test]
async fn a_server_that_puts_off_everything_ends_the_run_with_the_reason() {
    let server = serve(PutsOff(|_| true, Some("1"))).await;
    let began = Instant::now();
    let ran = run_with(ITEMS, &server.uri(), |run| {
        run.limits.patience = Duration::from_secs(2);
        run.limits.jobs = 4;
    })
    .await;
    assert_eq!(ran.exit_code, 101);
    let gate = gate(&ran);
    assert!(
        gate.contains("the target put off every request") && gate.contains("HTTP 429, Retry-After: 1"),
        "{gate}"
    );
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert!(ran.blemishes().iter().all(|b| b.ends_with(" inconclusive")));
    let received = server.received_requests().await.unwrap().len();
    // Before the first answer, four requests of each of two operations and one of the third were on their way;
    // after it, one is tried for two seconds, between two looks at the base address.
    assert!(
        received <= 9 + 2 + 2,
        "{received} requests to a server that wants none"
    );
}

#[tokio::test]
async fn an_hour_is_not_waited_for() {
    let server = serve(PutsOff(|_| true, Some("3600"))).await;
    let began = Instant::now();
    let ran = run_with(ITEMS, &server.uri(), |_| ()).await;
    assert_eq!(ran.exit_code, 101);
    assert!(gate(&ran).contains("Retry-After: 3600"), "{}", gate(&ran));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn what_is_put_off_for_ever_is_undecided_and_the_rest_is_judged() {
    let server = serve(PutsOff(|request| request.url.path().starts_with("/items/"), None)).await;
    let ran = run_with(ITEMS, &server.uri(), |run| {
        run.limits.patience = Duration::from_secs(1);
    })
    .await;
    assert_eq!(ran.exit_code, 101);
    for (case, (verdict, checks)) in ran.cases() {
        let of_get = case.starts_with("openapi.get.");
        let expected = if of_get {
            Verdict::Inconclusive
        } else {
            Verdict::Pass
        };
        assert_eq!(verdict, expected, "{case}");
        for check in checks.iter().filter(|_| of_get) {
            assert_eq!(check.verdict, Verdict::Inconclusive, "{case}");
            let reason = check.reason.as_deref().unwrap_or_default();
            assert!(reason.contains("put off the request to get"), "{case}: {reason}");
        }
    }
    let rationed = exchanges(&ran).into_iter().filter(|exchange| {
        matches!(
            exchange.outcome,
            Outcome::Failure {
                kind: FailureKind::Rationed,
                ..
            }
        )
    });
    assert!(rationed.count() > 0);
}

#[tokio::test]
async fn a_faulty_request_that_is_put_off_is_not_refused() {
    let faulty = |request: &Request| {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let name = body["name"].as_str().map_or(0, |name| name.chars().count());
        let count = body["count"].as_i64().unwrap_or(-1);
        let kind = body
            .get("kind")
            .is_none_or(|kind| kind == "red" || kind == "blue");
        let valid = (1..=20).contains(&name) && (0..=100).contains(&count) && kind;
        request.url.path() == "/items" && !valid
    };
    let server = serve(PutsOff(faulty, Some("0"))).await;
    let ran = run_with(ITEMS, &server.uri(), |run| {
        run.limits.patience = Duration::from_millis(300);
    })
    .await;
    assert_eq!(ran.exit_code, 101);
    for (case, own) in [
        ("openapi.add.valid", "openapi.valid-accepted"),
        ("openapi.add.invalid", "openapi.invalid-refused"),
    ] {
        let check = ran.check(case, own);
        assert_eq!(check.verdict, Verdict::Inconclusive, "{case}: {:?}", check.reason);
    }
    assert!(doubts(&ran).contains(&Doubt::Rationed), "{:?}", doubts(&ran));
}
