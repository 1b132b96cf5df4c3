//! After a hostile body an honest request is served as before.

use super::Law;
use super::support::{exchange, sent};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Answer, Reply, classify, describe};
use crate::plan::{Consumer, Payload, Send, Step};
use crate::request;
use specs::evidence::{Exchange, Intent, Observation};

/// Hostile bodies, each followed by an honest request.
pub(super) struct HostileBodies {
    /// What they are sent to.
    pub(super) operation: &'static str,
    pub(super) requirement: &'static str,
}

/// To a registry.
pub(super) static REGISTRY: HostileBodies = HostileBodies {
    operation: "sync-search",
    requirement: "dci.request.survives",
};

/// To an exchange.
pub(super) static EXCHANGE: HostileBodies = HostileBodies {
    operation: "exchange",
    requirement: "digit.request.survives",
};

/// How deep the nested body goes: far beyond any message, and beyond what parsers allow by default.
const DEPTH: usize = 5000;

/// How long the oversize body is: far beyond any message.
const SIZE: usize = 4_000_000;

fn hostile(n: usize) -> Option<(&'static str, Vec<u8>)> {
    Some(match n {
        0 => (
            "invalid UTF-8",
            b"{\"header\": {\"message_id\": \"\xff\xfe\"}, \"message\": {}}".to_vec(),
        ),
        1 => (
            "a number out of range",
            b"{\"header\": {\"total_count\": 1e999999}, \"message\": {}}".to_vec(),
        ),
        2 => {
            let mut body = b"{\"header\": ".to_vec();
            body.extend(std::iter::repeat_n(b'[', DEPTH));
            body.extend(std::iter::repeat_n(b']', DEPTH));
            body.push(b'}');
            ("deep nesting", body)
        }
        3 => {
            let mut body = b"{\"header\": {\"message_id\": \"".to_vec();
            body.extend(std::iter::repeat_n(b'a', SIZE));
            body.extend(b"\"}, \"message\": {}}");
            ("four million characters", body)
        }
        _ => return None,
    })
}

/// Waits for a target that has just stopped answering, so that what follows meets one that answers.
pub(super) fn recovery(cx: &Context, seen: &[Observation]) -> Option<Step> {
    let Some(Observation::Exchange(last)) = seen.last() else {
        return None;
    };
    let stopped = last.label.starts_with(AFTER) && !served_by(last);
    stopped.then(|| recover(cx, &last.operation))
}

/// Asks until the target answers again.
pub(super) fn recover(cx: &Context, operation: &str) -> Step {
    Step::Recover(Box::new(probe(cx, operation, "recovery")))
}

/// The plainest honest request; nobody waits for what follows from it.
pub(super) fn probe(cx: &Context, operation: &str, label: &str) -> Send {
    Send {
        consumer: Consumer::Careless,
        ..request::plainest(cx, operation, label)
    }
}

/// Whether an honest request was served: a search answered, a message acknowledged.
pub(super) fn served_by(exchange: &Exchange) -> bool {
    match exchange.operation.as_str() {
        "sync-search" => Reply::of(exchange).is_some(),
        _ => classify(exchange) == Answer::Accepted,
    }
}

/// How the labels of honest requests begin that follow upon something hostile.
const AFTER: &str = "after ";

pub(super) fn after(name: &str) -> String {
    format!("{AFTER}{name}")
}

impl Law for HostileBodies {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        if let Some(step) = recovery(cx, seen) {
            return Some(step);
        }
        let n = sent(seen);
        if n == 0 {
            return Some(Step::send(probe(cx, self.operation, "before")));
        }
        let (name, body) = hostile((n - 1) / 2)?;
        if n.is_multiple_of(2) {
            return Some(Step::send(probe(cx, self.operation, &after(name))));
        }
        let mut send = probe(cx, self.operation, name);
        send.payload = Payload::Raw(body);
        send.media_type = Some("application/json".to_owned());
        send.intent = Intent::Faulty {
            operator: name.to_owned(),
            pointer: None,
            honest: None,
            sent: None,
            rule: self.requirement.to_owned(),
        };
        Some(Step::Send(Box::new(send)))
    }

    fn judge(&self, _: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let served = |label: &str| exchange(seen, label).map(|(i, e)| (i, e, served_by(e)));
        match served("before") {
            Some((_, _, true)) => {}
            Some((_, before, false)) => {
                return vec![Judgement::undecided(
                    self.requirement,
                    format!(
                        "an honest request was not served to begin with: {}",
                        describe(before)
                    ),
                )];
            }
            None => return vec![Judgement::undecided(self.requirement, "the case was cut short")],
        }
        let mut judgements = Vec::new();
        for (name, _) in (0..).map_while(hostile) {
            let accepted = exchange(seen, name).filter(|(_, e)| classify(e) == Answer::Accepted);
            judgements.push(match (served(&after(name)), accepted) {
                (_, Some((index, e))) => Judgement::violated(
                    self.requirement,
                    index,
                    None,
                    format!("a body with {name} is refused"),
                    describe(e),
                ),
                (Some((_, _, true)), None) => Judgement::held(self.requirement),
                (Some((_, e, false)), None) if e.is_rationed() => {
                    Judgement::undecided(self.requirement, describe(e))
                }
                (Some((index, e, false)), None) => Judgement::violated(
                    self.requirement,
                    index,
                    None,
                    format!("an honest request is served after a body with {name}, as it was before"),
                    format!("the target stopped answering it: {}", describe(e)),
                ),
                (None, None) => Judgement::undecided(self.requirement, "the case was cut short"),
            });
        }
        judgements
    }
}
