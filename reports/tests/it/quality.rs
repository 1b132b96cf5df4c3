//! What a run says of itself, from what it observed.

use reports::aggregate::Run;
use reports::event::{CaseFinished, CaseStarted, Entry, Event, Observed, PreflightCheck, PreflightFinished};
use reports::quality::{Doubt, warnings};
use specs::evidence::{
    Body, Callback, Check, Exchange, FailureKind, Intent, Observation, Outcome, PutOff, Request, Response,
    Verdict,
};

fn request() -> Request {
    Request {
        method: "POST".to_owned(),
        url: "http://127.0.0.1:1/".to_owned(),
        headers: Vec::new(),
        body: Body::default(),
    }
}

fn exchange(operation: &str, outcome: Outcome) -> Observation {
    Observation::Exchange(Exchange {
        label: "step".to_owned(),
        operation: operation.to_owned(),
        intent: Intent::Honest,
        request: request(),
        outcome,
        sent_us: 0,
        done_us: 1,
        put_off: Vec::new(),
    })
}

fn answer(operation: &str, status: u16, body: &str) -> Observation {
    let response = Response {
        status,
        headers: Vec::new(),
        body: Body::text(body),
    };
    exchange(operation, Outcome::Response(response))
}

fn called(body: &str) -> Observation {
    let mut request = request();
    request.body = Body::text(body);
    Observation::Callback(Callback {
        label: "step".to_owned(),
        path_suffix: String::new(),
        request,
        at_us: 2,
    })
}

/// A run of one case that observed this and came to this verdict.
fn run(verdict: Verdict, seen: Vec<Observation>) -> Run {
    let (profile, case) = ("p".to_owned(), "c".to_owned());
    let mut events = vec![Event::CaseStarted(CaseStarted {
        profile: profile.clone(),
        case: case.clone(),
        title: "A case.".to_owned(),
        requirements: Vec::new(),
        phase: specs::evidence::Phase::default(),
    })];
    events.extend(seen.into_iter().enumerate().map(|(index, observation)| {
        Event::Observed(Observed {
            profile: profile.clone(),
            case: case.clone(),
            index,
            routine: false,
            observation,
        })
    }));
    events.push(Event::CaseFinished(CaseFinished {
        profile,
        case,
        verdict,
        checks: vec![Check {
            requirement: "r".to_owned(),
            verdict,
            reason: None,
            findings: Vec::new(),
        }],
        elapsed_us: 1,
        cut: false,
    }));
    fold(events)
}

fn fold(events: Vec<Event>) -> Run {
    Run::from_entries(events.into_iter().zip(0..).map(|(event, seq)| Entry {
        v: 1,
        seq,
        at: "2026-11-03T09:15:00Z".to_owned(),
        event,
    }))
}

#[track_caller]
fn says(run: &Run, expected: &[(Doubt, &str)]) {
    let warnings = warnings(run);
    let found: Vec<(Doubt, &str)> = warnings.iter().map(|w| (w.doubt, w.text.as_str())).collect();
    assert_eq!(found, expected);
}

const RECORD: &str = r#"{"message":{"search_response":[{"data":{"reg_records":[{"name":"A"}]}}]}}"#;
const EMPTY: &str = r#"{"message":{"search_response":[{"data":{"reg_records":[]}}]}}"#;

#[test]
fn a_run_that_saw_enough_says_nothing() {
    let mut seen = vec![
        answer("sync-search", 200, RECORD),
        answer("search", 200, "{}"),
        called("{}"),
        answer("token", 401, "{}"),
    ];
    seen.extend((0..20).map(|_| answer("sync-search", 400, "{}")));
    says(&run(Verdict::Pass, seen), &[]);
    says(
        &run(Verdict::Pass, vec![answer("exchange", 200, "{}"), called("{}")]),
        &[],
    );
}

#[test]
fn shares_of_answers_are_told_from_where_they_matter() {
    let mixed = |bad: u16, n: usize| {
        let mut seen: Vec<Observation> = (0..n).map(|_| answer("token", bad, "{}")).collect();
        seen.extend((n..25).map(|_| answer("token", 200, "{}")));
        run(Verdict::Pass, seen)
    };
    says(
        &mixed(401, 23),
        &[(Doubt::Unauthorized, "92 % of the answers were 401")],
    );
    says(&mixed(401, 12), &[]);
    says(
        &mixed(503, 5),
        &[(Doubt::ServerErrors, "20 % of the answers had a 5xx status")],
    );
    says(&mixed(503, 4), &[]);
    let failure = || Outcome::Failure {
        kind: FailureKind::Timeout,
        message: "none".to_owned(),
    };
    let mut seen: Vec<Observation> = (0..9).map(|_| answer("token", 200, "{}")).collect();
    seen.push(exchange("token", failure()));
    says(
        &run(Verdict::Pass, seen),
        &[(Doubt::Unanswered, "10 % of the requests had no complete answer")],
    );
    // A target that rations has answered, and its 503 is no failure of it.
    let put_off = |outcome: Outcome| {
        let Observation::Exchange(mut exchange) = exchange("token", outcome) else {
            panic!("an exchange")
        };
        let response = Response {
            status: 503,
            headers: vec![("retry-after".to_owned(), "1".to_owned())],
            body: Body::default(),
        };
        exchange.put_off = vec![
            PutOff {
                response,
                sent_us: 0,
                done_us: 1
            };
            2
        ];
        Observation::Exchange(exchange)
    };
    let mut seen: Vec<Observation> = (0..9).map(|_| answer("token", 200, "{}")).collect();
    seen.push(put_off(Outcome::Failure {
        kind: FailureKind::Rationed,
        message: "put off".to_owned(),
    }));
    says(
        &run(Verdict::Pass, seen),
        &[(
            Doubt::Rationed,
            "18 % of the answers put the request off (429, or 503 with Retry-After)",
        )],
    );
    // Of a handful of requests a share says nothing.
    says(&run(Verdict::Pass, vec![answer("token", 401, "{}")]), &[]);
}

#[test]
fn what_was_never_seen_is_told() {
    says(
        &run(Verdict::Inconclusive, vec![answer("sync-search", 200, EMPTY)]),
        &[
            (
                Doubt::NothingLearned,
                "nothing was learned: no requirement was found to hold or to be violated",
            ),
            (
                Doubt::NoRecord,
                "no record was ever returned, 1 case could not be exercised",
            ),
        ],
    );
    says(
        &run(Verdict::Fail, vec![answer("exchange", 200, "{}")]),
        &[(
            Doubt::NoCallback,
            "the callback path was never used: 1 request asked for a callback and none came",
        )],
    );
    says(
        &run(Verdict::Pass, vec![answer("search", 200, "{}"), called(RECORD)]),
        &[],
    );
}

#[test]
fn a_fault_of_the_configuration_is_told_elsewhere() {
    let mut events = vec![Event::PreflightFinished(PreflightFinished {
        profile: "p".to_owned(),
        checks: vec![PreflightCheck {
            name: "token".to_owned(),
            ok: false,
            detail: "none".to_owned(),
            remedy: None,
        }],
        absent: Vec::new(),
    })];
    events.push(Event::CaseStarted(CaseStarted {
        profile: "p".to_owned(),
        case: "c".to_owned(),
        title: "A case.".to_owned(),
        requirements: Vec::new(),
        phase: specs::evidence::Phase::default(),
    }));
    says(&fold(events), &[]);
}
