//! Hand-built runs: all pass, failures, cut short, and a configuration that stops everything.

use reports::event::{
    CaseFinished, CaseSkipped, CaseStarted, Counts, Entry, Event, Notice, Observed, PreflightCheck,
    PreflightFinished, ReadingObserved, RequirementFact, RunFinished, RunStarted, Target,
};
use serde_json::{Value, json};
use specs::evidence::{
    Body, Callback, Check, Counterexample, Exchange, FailureKind, Finding, Intent, Level, Observation,
    Outcome, Request, Response, Verdict,
};

const PROFILE: &str = "dci-social";
const EXCHANGE: &str = "digit-exchange";

/// Builds a log, counting as a runner counts.
#[derive(Default)]
pub(crate) struct Tape {
    entries: Vec<Entry>,
    cases: Counts,
    checks: Counts,
}

impl Tape {
    pub(crate) fn push(&mut self, event: Event) {
        let seq = self.entries.len() as u64;
        let at = format!("2026-11-03T09:15:{:02}.{:03}Z", seq / 10 % 60, seq * 97 % 1000);
        self.entries.push(Entry { v: 1, seq, at, event });
    }

    fn case(&mut self, profile: &str, case: &str, title: &str, seen: Vec<Observation>, checks: Vec<Check>) {
        let verdict = Verdict::worst(checks.iter().map(|c| c.verdict));
        self.begin(profile, case, title, seen, &checks);
        self.cases.add(verdict);
        for check in &checks {
            self.checks.add(check.verdict);
        }
        let (profile, case) = (profile.to_owned(), case.to_owned());
        self.push(Event::CaseFinished(CaseFinished {
            profile,
            case,
            verdict,
            checks,
            elapsed_us: 18_400,
        }));
    }

    fn begin(&mut self, profile: &str, case: &str, title: &str, seen: Vec<Observation>, checks: &[Check]) {
        let (profile, case) = (profile.to_owned(), case.to_owned());
        self.push(Event::CaseStarted(CaseStarted {
            profile: profile.clone(),
            case: case.clone(),
            title: title.to_owned(),
            requirements: checks.iter().map(|c| c.requirement.clone()).collect(),
        }));
        for (index, observation) in seen.into_iter().enumerate() {
            let (profile, case) = (profile.clone(), case.clone());
            self.push(Event::Observed(Observed {
                profile,
                case,
                index,
                observation,
            }));
        }
    }

    fn skip(&mut self, case: &str, title: &str, reason: &str) {
        self.cases.add(Verdict::Skipped);
        self.push(Event::CaseSkipped(CaseSkipped {
            profile: PROFILE.to_owned(),
            case: case.to_owned(),
            title: title.to_owned(),
            reason: reason.to_owned(),
        }));
    }

    fn notice(&mut self, text: &str) {
        self.push(Event::Notice(Notice {
            text: text.to_owned(),
        }));
    }

    fn end(mut self, exit_code: u8, gate: &str) -> Vec<Entry> {
        let exchanges = self.count(|o| matches!(o, Observation::Exchange(_)));
        let callbacks = self.count(|o| matches!(o, Observation::Callback(_)));
        self.push(Event::RunFinished(RunFinished {
            complete: exit_code != 97,
            cut_reason: (exit_code == 97)
                .then(|| "preflight found a problem of the configuration".to_owned()),
            cases: self.cases,
            checks: self.checks,
            exchanges,
            callbacks,
            elapsed_us: 3_412_000,
            exit_code,
            gate: gate.to_owned(),
        }));
        self.entries
    }

    fn count(&self, wanted: impl Fn(&Observation) -> bool) -> u64 {
        (self.entries.iter())
            .filter(|e| matches!(&e.event, Event::Observed(o) if wanted(&o.observation)))
            .count() as u64
    }
}

fn fact(profile: &str, id: &str, level: Level, statement: &str, remedy: &str) -> RequirementFact {
    RequirementFact {
        id: id.to_owned(),
        profile: profile.to_owned(),
        level,
        statement: statement.to_owned(),
        remedy: remedy.to_owned(),
        sources: vec![format!(
            "{profile}/1.0.0 OpenAPI, #/components/schemas/Message/properties/{}",
            id.len()
        )],
    }
}

fn facts() -> Vec<RequirementFact> {
    use Level::{May, Must, Should};
    vec![
        fact(
            PROFILE,
            "dci.search.echoes-transaction",
            Must,
            "The response carries the transaction_id of the request, unchanged.",
            "Copy message.transaction_id of the request into message.transaction_id of the response before you sign it.",
        ),
        fact(
            PROFILE,
            "dci.header.refuses-wrong-type",
            Must,
            "A request whose header has a member of the wrong JSON type is refused with a rejection the document names.",
            "Validate the header against the schema before you use it; answer 400, or 200 with status rjct.",
        ),
        fact(
            PROFILE,
            "dci.callback.signature-verifies",
            Must,
            "The signature of a callback verifies over its header and message under the key that the sender publishes.",
            "Sign the exact bytes that you send; sign last, after every member has its final value.",
        ),
        fact(
            PROFILE,
            "dci.search.pages-partition",
            Must,
            "The pages of a search together hold every record of its result exactly once.",
            "Order the result by a stable key before you cut it into pages.",
        ),
        fact(
            PROFILE,
            "dci.response.content-type",
            Should,
            "A response with a JSON body says so: Content-Type is application/json.",
            "Set the Content-Type header field of every JSON response.",
        ),
        fact(
            PROFILE,
            "dci.search.sorts",
            May,
            "A search may be sorted by an attribute of the record.",
            "",
        ),
        fact(
            EXCHANGE,
            "digit.ack.before-callback",
            Must,
            "A message is acknowledged before its outcome is delivered.",
            "Answer the request first; deliver the outcome after that.",
        ),
    ]
}

fn start(targets: &[&str], embedded: bool, case_count: usize) -> Event {
    let target = |profile: &&str| Target {
        profile: (*profile).to_owned(),
        title: if *profile == PROFILE {
            "DCI Social Registry"
        } else {
            "DIGIT Exchange"
        }
        .to_owned(),
        specification: format!("{profile}/1.0.0"),
        url: format!("http://127.0.0.1:8080/{profile}"),
        embedded,
    };
    Event::RunStarted(RunStarted {
        tool: "dcx".to_owned(),
        version: "0.1.0".to_owned(),
        seed: 42,
        targets: targets.iter().map(target).collect(),
        selection: Vec::new(),
        case_count,
        requirements: facts()
            .into_iter()
            .filter(|f| targets.contains(&f.profile.as_str()))
            .collect(),
        requirement_digest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
    })
}

fn preflight(profile: &str) -> Event {
    let check = |name: &str, detail: &str| PreflightCheck {
        name: name.to_owned(),
        ok: true,
        detail: detail.to_owned(),
        remedy: None,
    };
    Event::PreflightFinished(PreflightFinished {
        profile: profile.to_owned(),
        checks: vec![
            check("reachable", "The target answers."),
            check("clock", "The clocks differ by 0.2 s."),
        ],
    })
}

fn search(transaction: &str) -> Value {
    json!({
        "signature": "Signature: namespace=\"dci\", kidId=\"client|1|ed25519\", algorithm=\"ed25519\", signature=\"b2theQ==\"",
        "header": {
            "version": "1.0.0", "message_id": "5c1e0f7a", "message_ts": "2026-11-03T09:15:00Z", "action": "search",
            "sender_id": "dcx", "total_count": 1, "is_msg_encrypted": false
        },
        "message": {
            "transaction_id": transaction,
            "search_request": [{
                "reference_id": "r-1", "timestamp": "2026-11-03T09:15:00Z",
                "search_criteria": {"query_type": "idtype-value", "query": {"type": "UIN", "value": "it's-4711"}}
            }]
        }
    })
}

pub(crate) fn request(body: &Value) -> Request {
    Request {
        method: "POST".to_owned(),
        url: "http://127.0.0.1:8080/dci-social/registry/sync/search".to_owned(),
        headers: vec![
            ("host".to_owned(), "127.0.0.1:8080".to_owned()),
            ("content-type".to_owned(), "application/json".to_owned()),
            ("authorization".to_owned(), "Bearer $DCX_TOKEN".to_owned()),
        ],
        body: Body::text(body.to_string()),
    }
}

fn response(status: u16, body: &Value) -> Outcome {
    Outcome::Response(Response {
        status,
        headers: vec![("content-type".to_owned(), "text/plain".to_owned())],
        body: Body::text(body.to_string()),
    })
}

fn exchange(label: &str, intent: Intent, body: &Value, outcome: Outcome) -> Observation {
    Observation::Exchange(Exchange {
        label: label.to_owned(),
        operation: "sync-search".to_owned(),
        intent,
        request: request(body),
        outcome,
        sent_us: 300,
        done_us: 6_900,
    })
}

fn found(transaction: &str, records: usize) -> Value {
    let record = |i: usize| json!({"uin": format!("UIN-{i:05}"), "name": {"given_name": "Ama", "surname": "Mensah"}, "sex": "female"});
    json!({
        "header": {"version": "1.0.0", "action": "on-search", "status": "succ", "total_count": records},
        "message": {
            "transaction_id": transaction,
            "search_response": [{"reference_id": "r-1", "status": "succ", "data": {"reg_records": (0..records).map(record).collect::<Vec<_>>()}}]
        }
    })
}

fn check(requirement: &str, verdict: Verdict) -> Check {
    Check {
        requirement: requirement.to_owned(),
        verdict,
        reason: None,
        findings: Vec::new(),
    }
}

fn undecided(requirement: &str, reason: &str) -> Check {
    Check {
        reason: Some(reason.to_owned()),
        ..check(requirement, Verdict::Inconclusive)
    }
}

fn finding(
    requirement: &str,
    expected: &str,
    actual: &str,
    pointer: Option<&str>,
    observation: usize,
) -> Finding {
    Finding {
        requirement: requirement.to_owned(),
        expected: expected.to_owned(),
        actual: actual.to_owned(),
        pointer: pointer.map(str::to_owned),
        observation: Some(observation),
        counterexample: None,
    }
}

fn violated(verdict: Verdict, finding: Finding) -> Check {
    let requirement = finding.requirement.clone();
    Check {
        findings: vec![finding],
        ..check(&requirement, verdict)
    }
}

fn honest_case(tape: &mut Tape) {
    tape.case(
        PROFILE,
        "search-sync.pages",
        "The pages of a search partition its result.",
        vec![
            exchange(
                "page 1",
                Intent::Honest,
                &search("t-1"),
                response(200, &found("t-1", 2)),
            ),
            exchange(
                "page 2",
                Intent::Honest,
                &search("t-2"),
                response(200, &found("t-2", 1)),
            ),
        ],
        vec![
            check("dci.search.pages-partition", Verdict::Pass),
            check("dci.search.echoes-transaction", Verdict::Pass),
        ],
    );
}

fn reading(tape: &mut Tape) {
    tape.push(Event::ReadingObserved(ReadingObserved {
        profile: PROFILE.to_owned(),
        reading: "dci.rejection-status".to_owned(),
        question: "Is a rejected request answered with HTTP 4xx, or with 200 and status rjct?".to_owned(),
        alternative: "http-4xx".to_owned(),
        statement: "A rejected request is answered with HTTP 400 and an error body.".to_owned(),
        case: "header.type-swap".to_owned(),
    }));
}

/// Everything holds.
pub(crate) fn all_pass() -> Vec<Entry> {
    let mut tape = Tape::default();
    tape.push(start(&[PROFILE], true, 3));
    tape.push(preflight(PROFILE));
    honest_case(&mut tape);
    tape.case(
        PROFILE,
        "header.type-swap",
        "A member of the wrong type is refused.",
        vec![exchange(
            "honest",
            Intent::Honest,
            &search("t-3"),
            response(200, &found("t-3", 1)),
        )],
        vec![
            check("dci.header.refuses-wrong-type", Verdict::Pass),
            check("dci.response.content-type", Verdict::Pass),
        ],
    );
    reading(&mut tape);
    tape.case(
        PROFILE,
        "callback.signature",
        "A callback is signed.",
        vec![exchange(
            "honest",
            Intent::Honest,
            &search("t-4"),
            response(202, &json!({"message": {"ack_status": "ACK"}})),
        )],
        vec![check("dci.callback.signature-verifies", Verdict::Pass)],
    );
    tape.end(0, "Conformant: 4 of 4 exercised MUST requirements held.")
}

/// A bit of everything.
pub(crate) fn failures() -> Vec<Entry> {
    let mut tape = Tape::default();
    tape.push(start(&[PROFILE, EXCHANGE], false, 8));
    tape.push(preflight(PROFILE));
    tape.push(preflight(EXCHANGE));
    honest_case(&mut tape);
    failing_cases(&mut tape);
    let silence =
        "no callback arrived within 5 s at http://127.0.0.1:9090/cb; the target acknowledged the request";
    let wait = Observation::Wait {
        awaited: "on-search for step \"honest\"".to_owned(),
        satisfied: false,
        reason: Some("the deadline of 5 s passed".to_owned()),
        waited_us: 5_000_000,
    };
    let ack = || {
        exchange(
            "honest",
            Intent::Honest,
            &search("t-9"),
            response(202, &json!({"message": {"ack_status": "ACK"}})),
        )
    };
    tape.case(
        PROFILE,
        "callback.arrives",
        "An asynchronous search is answered by a callback.",
        vec![ack(), wait],
        vec![undecided("dci.callback.signature-verifies", silence)],
    );
    tape.case(
        EXCHANGE,
        "ack.order",
        "The acknowledgement comes first.",
        vec![ack()],
        vec![undecided("digit.ack.before-callback", silence)],
    );
    tape.case(
        EXCHANGE,
        "ack.hang",
        "A hanging node is told apart.",
        vec![exchange(
            "honest",
            Intent::Honest,
            &search("t-8"),
            Outcome::Failure {
                kind: FailureKind::Timeout,
                message: "no complete response within 10 s".to_owned(),
            },
        )],
        vec![Check {
            reason: Some("the generator ran out of memory".to_owned()),
            ..check("digit.ack.before-callback", Verdict::Error)
        }],
    );
    tape.skip(
        "search.sorted",
        "A search can be sorted.",
        "the target declares that it does not support `sort`",
    );
    tape.notice("83 % of all answers were refusals; the known data of the target may not be configured.");
    tape.end(100, "Not conformant: 3 of 5 MUST requirements failed.")
}

fn failing_cases(tape: &mut Tape) {
    reading(tape);
    let mut faulty = search("t-5");
    faulty["header"]["total_count"] = json!("1");
    let intent = Intent::Faulty {
        operator: "number-to-string".to_owned(),
        pointer: Some("/header/total_count".to_owned()),
        honest: Some(json!(1)),
        sent: Some(json!("1")),
        rule: "type".to_owned(),
    };
    let mut swapped = finding(
        "dci.header.refuses-wrong-type",
        "HTTP 4xx, or 200 with header.status \"rjct\"",
        "HTTP 200 with header.status \"succ\"",
        Some("/header/status"),
        1,
    );
    swapped.counterexample = Some(Counterexample {
        operator: "number-to-string".to_owned(),
        pointer: Some("/header/total_count".to_owned()),
        honest: Some(json!(1)),
        sent: Some(json!("1")),
        shrink_requests: 7,
    });
    let untyped = finding(
        "dci.response.content-type",
        "Content-Type: application/json",
        "Content-Type: text/plain",
        None,
        0,
    );
    tape.case(
        PROFILE,
        "header.type-swap",
        "A member of the wrong type is refused.",
        vec![
            exchange(
                "honest",
                Intent::Honest,
                &search("t-4"),
                response(200, &found("t-4", 1)),
            ),
            exchange(
                "number-to-string",
                intent,
                &faulty,
                response(200, &found("t-5", 1)),
            ),
        ],
        vec![
            violated(Verdict::Fail, swapped),
            violated(Verdict::Warn, untyped.clone()),
        ],
    );
    tape.case(
        PROFILE,
        "response.type",
        "Responses say what they are.",
        vec![exchange(
            "honest",
            Intent::Honest,
            &search("t-4"),
            response(200, &found("t-4", 1)),
        )],
        vec![violated(Verdict::Warn, untyped)],
    );
    for (i, case) in [
        "search-sync.echo",
        "search-sync.echo-unicode",
        "search-sync.echo-long",
    ]
    .iter()
    .enumerate()
    {
        let came = if i == 1 {
            json!({"message": {"search_response": []}})
        } else {
            found("T-6", 1)
        };
        let actual = if i == 1 {
            "there is no transaction_id"
        } else {
            "\"T-6\", in capitals"
        };
        tape.case(
            PROFILE,
            case,
            "A transaction keeps its id.",
            vec![exchange(
                "honest",
                Intent::Honest,
                &search("t-6"),
                response(200, &came),
            )],
            vec![violated(
                Verdict::Fail,
                finding(
                    "dci.search.echoes-transaction",
                    "\"t-6\", as sent",
                    actual,
                    Some("/message/transaction_id"),
                    0,
                ),
            )],
        );
    }
    let callback = Observation::Callback(Callback {
        label: "honest".to_owned(),
        path_suffix: "/on-search".to_owned(),
        request: Request {
            url: "http://127.0.0.1:9090/cb/6f1d/on-search".to_owned(),
            ..request(
                &json!({"signature": "YWJj\u{1b}[31m<script>alert(1)</script>", "header": {"action": "on-search"}}),
            )
        },
        at_us: 412_000,
    });
    tape.case(
        PROFILE,
        "callback.signature",
        "A callback is signed.",
        vec![
            exchange(
                "honest",
                Intent::Honest,
                &search("t-7"),
                response(202, &json!({"message": {"ack_status": "ACK"}})),
            ),
            callback,
        ],
        vec![violated(
            Verdict::Fail,
            finding(
                "dci.callback.signature-verifies",
                "a signature by key `registry|1|ed25519`",
                "3 bytes that are no signature: \u{1b}[31m</details><b>",
                Some("/signature"),
                1,
            ),
        )],
    );
}

/// Stopped while a case was under way.
pub(crate) fn cut_short() -> Vec<Entry> {
    let mut tape = Tape::default();
    tape.push(start(&[PROFILE], false, 8));
    tape.push(preflight(PROFILE));
    honest_case(&mut tape);
    tape.begin(
        PROFILE,
        "search-sync.echo",
        "A transaction keeps its id.",
        vec![exchange(
            "honest",
            Intent::Honest,
            &search("t-6"),
            response(200, &found("t-6", 1)),
        )],
        &[check("dci.search.echoes-transaction", Verdict::Pass)],
    );
    tape.entries
}

/// The configuration does not allow a judgement.
pub(crate) fn preflight_failure() -> Vec<Entry> {
    let mut tape = Tape::default();
    tape.push(start(&[PROFILE], false, 1));
    let check = |name: &str, ok, detail: &str, remedy: Option<&str>| PreflightCheck {
        name: name.to_owned(),
        ok,
        detail: detail.to_owned(),
        remedy: remedy.map(str::to_owned),
    };
    tape.push(Event::PreflightFinished(PreflightFinished {
        profile: PROFILE.to_owned(),
        checks: vec![
            check("reachable", true, "The target answers.", None),
            check(
                "token",
                false,
                "The token endpoint answers 401 invalid_client.",
                Some(
                    "Set DCX_CLIENT_SECRET to the secret of the client `dcx`, or change [auth] in dcx.toml.",
                ),
            ),
            check(
                "callback",
                false,
                "The target cannot reach http://127.0.0.1:9090/cb.",
                Some("Give an address that the target can reach with --callback-url."),
            ),
        ],
    }));
    tape.skip(
        "search-sync.echo",
        "A transaction keeps its id.",
        "preflight failed",
    );
    tape.end(97, "Not judged: the configuration has 2 problems.")
}

/// Every sample with its name.
pub(crate) fn all() -> [(&'static str, Vec<Entry>); 4] {
    [
        ("all_pass", all_pass()),
        ("failures", failures()),
        ("cut_short", cut_short()),
        ("preflight_failure", preflight_failure()),
    ]
}
