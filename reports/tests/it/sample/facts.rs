//! What the sample runs set out to certify.

use reports::event::{Event, PreflightCheck, PreflightFinished, RequirementFact, RunStarted, Target};
use specs::evidence::Level;

use super::{EXCHANGE, PROFILE};

pub(super) fn fact(profile: &str, id: &str, level: Level, statement: &str, remedy: &str) -> RequirementFact {
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

pub(super) fn facts() -> Vec<RequirementFact> {
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

pub(super) fn start(targets: &[&str], embedded: bool, case_count: usize) -> Event {
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
        own_cases: Vec::new(),
        document: Vec::new(),
    })
}

pub(super) fn preflight(profile: &str) -> Event {
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
        absent: Vec::new(),
    })
}
