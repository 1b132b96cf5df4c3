//! Hand-built runs: all pass, failures, cut short, and a configuration that stops everything.

mod facts;
mod parts;
mod tape;

use reports::event::{Entry, Event, PreflightCheck, PreflightFinished, ReadingObserved, Sink as _};
use reports::log::JsonLines;
use serde_json::json;
use specs::evidence::{
    Callback, Check, Counterexample, FailureKind, Intent, Observation, Outcome, Request, Verdict,
};

use facts::{preflight, start};
use parts::{check, exchange, finding, found, request, response, search, undecided, violated};
use tape::Tape;

/// Writes the log itself.
pub(crate) fn write_log(entries: &[Entry], out: &mut impl std::io::Write) -> std::io::Result<()> {
    let mut lines = JsonLines::new(out);
    entries.iter().try_for_each(|entry| lines.take(entry))
}

const PROFILE: &str = "dci-social";
const EXCHANGE: &str = "digit-exchange";

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
        absent: Vec::new(),
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
