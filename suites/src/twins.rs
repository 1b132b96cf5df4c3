//! Judging an honest request beside its faulty twins.

mod applied;
mod signing;

pub use signing::SIGNINGS;

use crate::case::{Case, Fault, Twins};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Answer, classify, describe, error_code, refusal_form};
use crate::plan::{Auth, Payload, Send, Step};
use crate::request::{self, TokenForm};
use serde_json::Value;
use specs::evidence::{Exchange, Intent, Observation};

/// Every step is planned ahead: for each operation what prepares it, the honest request, then each fault.
pub(crate) fn next(case: &Case, twins: &Twins, cx: &Context, seen: &[Observation]) -> Option<Step> {
    let done = seen.iter().filter(|o| !matches!(o, Observation::Callback(_)));
    let mut n = done.count();
    for operation in case.operations_in(cx) {
        let mut preparation = request::preparation(cx, operation);
        if n < preparation.len() {
            return Some(preparation.swap_remove(n));
        }
        n -= preparation.len();
        let faults = sendable(twins, cx);
        let Some(label) = labels(&faults).nth(n) else {
            n -= 1 + faults.len();
            continue;
        };
        let mut send = match operation {
            "token" => request::token(cx, label, token_form(twins)),
            _ => request::known(request::plainest(cx, operation, label), seen),
        };
        for (pointer, value) in &twins.set {
            set_member(&mut send.payload, pointer, Some(value.clone()));
        }
        if n > 0 {
            spoil(&mut send, faults[n - 1]);
        }
        return Some(Step::send(send));
    }
    None
}

/// The labels of the steps of one operation: the honest request, then each fault.
fn labels<'a>(faults: &[&'a Fault]) -> impl Iterator<Item = &'a str> {
    std::iter::once(HONEST).chain(faults.iter().map(|fault| fault.name.as_str()))
}

fn token_form(twins: &Twins) -> TokenForm {
    match (twins.query, twins.json) {
        (true, _) => TokenForm::Query,
        (false, true) => TokenForm::Json,
        (false, false) => TokenForm::Form,
    }
}

/// The faults that a message of the profile can have.
fn sendable<'a>(twins: &'a Twins, cx: &Context) -> Vec<&'a Fault> {
    let faults = twins.fault.iter();
    faults
        .filter(|fault| !is_allowed(fault, cx))
        .filter(|fault| {
            fault
                .sign
                .as_deref()
                .is_none_or(|sign| signing::applies(sign, cx))
        })
        .collect()
}

/// Whether the profile reads the documents so that this is no fault.
fn is_allowed(fault: &Fault, cx: &Context) -> bool {
    let unless = fault.unless.as_deref().and_then(|unless| unless.split_once('='));
    unless.is_some_and(|(reading, alternative)| cx.profile.allows(reading, alternative))
}

const HONEST: &str = "honest";

fn spoil(send: &mut Send, fault: &Fault) {
    let honest_body = match &send.payload {
        Payload::Json(body) => Some(body.clone()),
        _ => None,
    };
    let change = fault.set.first();
    let pointer = change
        .map(|(pointer, _)| pointer.clone())
        .or_else(|| fault.remove.first().cloned());
    let honest = pointer
        .as_ref()
        .and_then(|pointer| member(&send.payload, pointer));
    for (pointer, value) in &fault.set {
        set_member(&mut send.payload, pointer, Some(value.clone()));
    }
    for pointer in &fault.remove {
        set_member(&mut send.payload, pointer, None);
    }
    if let Some(raw) = &fault.raw {
        send.payload = Payload::Raw(raw.clone().into_bytes());
        send.media_type = Some("application/json".to_owned());
    }
    if fault.media_type.is_some() {
        send.media_type.clone_from(&fault.media_type);
    }
    match fault.auth.as_deref() {
        None => {}
        Some("none") => send.auth = Auth::None,
        Some("tampered") => send.auth = Auth::Tampered,
        Some("unsigned") => send.auth = Auth::Unsigned,
        Some("in-query") => send.auth = Auth::InQuery,
        Some("as-basic") => send.auth = Auth::AsBasic,
        Some(token) => send.auth = Auth::Literal(token.to_owned()),
    }
    if let Some(sign) = fault
        .sign
        .as_deref()
        .and_then(|sign| signing::named(sign, honest_body))
    {
        send.signing = sign;
    }
    send.intent = Intent::Faulty {
        operator: fault.name.clone(),
        pointer,
        honest,
        sent: change.map(|(_, value)| value.clone()),
        rule: fault.requirement.clone(),
    };
}

fn member(payload: &Payload, pointer: &str) -> Option<Value> {
    match payload {
        Payload::Json(body) => body.pointer(pointer).cloned(),
        Payload::Form(fields) | Payload::Query(fields) => fields
            .iter()
            .find(|(k, _)| Some(k.as_str()) == pointer.strip_prefix('/'))
            .map(|(_, v)| v.as_str().into()),
        Payload::Raw(_) => None,
    }
}

fn set_member(payload: &mut Payload, pointer: &str, value: Option<Value>) {
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        return;
    };
    match payload {
        Payload::Json(body) => match (body.pointer_mut(parent), value) {
            (Some(Value::Object(members)), Some(value)) => {
                members.insert(name.to_owned(), value);
            }
            (Some(Value::Object(members)), None) => {
                members.shift_remove(name);
            }
            _ => {}
        },
        Payload::Form(fields) | Payload::Query(fields) => {
            fields.retain(|(k, _)| k != name || value.is_some());
            if let Some(Value::String(text)) = value {
                for (_, v) in fields.iter_mut().filter(|(k, _)| k == name) {
                    v.clone_from(&text);
                }
            }
        }
        Payload::Raw(_) => {}
    }
}

pub(crate) fn judge(case: &Case, twins: &Twins, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
    let faults = sendable(twins, cx);
    let steps = 1 + faults.len();
    let mut judgements = Vec::new();
    let unsent = twins.fault.iter().filter(|fault| !faults.contains(fault));
    judgements.extend(unsent.map(|fault| {
        let reason = if is_allowed(fault, cx) {
            format!("by the readings of this profile, {} is no fault", fault.name)
        } else {
            format!("a message of this profile cannot carry {}", fault.name)
        };
        Judgement::not_applicable(&fault.requirement, reason)
    }));
    for operation in case.operations_in(cx) {
        let of_operation = |label: &str| {
            let exchanges = seen.iter().enumerate();
            exchanges
                .into_iter()
                .find_map(|(index, observation)| match observation {
                    Observation::Exchange(e) if e.operation == operation && e.label == label => {
                        Some((index, e))
                    }
                    _ => None,
                })
        };
        let group: Vec<(usize, &Exchange)> = labels(&faults).map_while(of_operation).collect();
        if group.len() == steps {
            judge_operation(twins, &faults, cx, &group, &mut judgements);
        } else {
            let reason = format!("the case was cut short before every request to {operation} was sent");
            judgements.extend(
                faults
                    .iter()
                    .map(|f| Judgement::undecided(&f.requirement, reason.clone())),
            );
        }
    }
    judgements
}

fn judge_operation(
    twins: &Twins,
    faults: &[&Fault],
    cx: &Context,
    group: &[(usize, &Exchange)],
    judgements: &mut Vec<Judgement>,
) {
    let (honest_index, honest) = group[0];
    let answer = classify(honest);
    let accepted = matches!(answer, Answer::Accepted | Answer::AcceptedSilently);
    let mut refused = 0;
    for ((index, exchange), fault) in group[1..].iter().zip(faults) {
        judgements.push(judge_fault(cx, fault, (*index, exchange), accepted, honest));
        if cx.refused(exchange) {
            refused += 1;
            judge_refusal(twins, cx, fault, *index, exchange, accepted, judgements);
        }
    }
    if let Some(requirement) = &twins.honest {
        judgements.push(match answer {
            Answer::Accepted | Answer::AcceptedSilently if refused > 0 => Judgement::held(requirement),
            Answer::Accepted | Answer::AcceptedSilently => Judgement::undecided(
                requirement,
                "the target accepts the faulty requests too, so accepting the honest one proves nothing",
            ),
            _ => Judgement::violated(
                requirement,
                honest_index,
                None,
                "an honest request is accepted",
                describe(honest),
            ),
        });
    }
}

/// The statuses with which a request for a token may be refused by the documents to the letter.
const TOKEN_ERRORS: [u16; 2] = [404, 500];

fn judge_fault(
    cx: &Context,
    fault: &Fault,
    (index, exchange): (usize, &Exchange),
    honest_accepted: bool,
    honest: &Exchange,
) -> Judgement {
    let requirement = &fault.requirement;
    let operation = &exchange.operation;
    if !honest_accepted {
        return Judgement::undecided(
            requirement,
            format!(
                "the honest request to {operation} was not accepted ({}), so a refusal of the faulty one proves nothing",
                describe(honest)
            ),
        );
    }
    if let Some(member) = applied::missing(fault, honest, exchange) {
        return Judgement::undecided(
            requirement,
            format!(
                "requests to {operation} have no member {member}, so {} could not be put there",
                fault.name
            ),
        );
    }
    let pointer = match &exchange.intent {
        Intent::Faulty { pointer, .. } => pointer.clone(),
        Intent::Honest => None,
    };
    let expected = |what: String| format!("{operation} refuses a request with {}{what}", fault.name);
    let status = exchange.response().map_or(0, |r| r.status);
    let by_the_letter = operation == "token"
        && TOKEN_ERRORS.contains(&status)
        && cx.profile.allows("dci.token-error", "http-errors");
    match classify(exchange) {
        _ if by_the_letter => Judgement::held(requirement),
        _ if cx.refused(exchange) => {
            if fault.statuses.is_empty() || fault.statuses.contains(&status) {
                return Judgement::held(requirement);
            }
            let statuses: Vec<String> = fault.statuses.iter().map(u16::to_string).collect();
            let what = format!(" with status {}", statuses.join(" or "));
            Judgement::violated(requirement, index, pointer, expected(what), describe(exchange))
        }
        Answer::NoAnswer => Judgement::undecided(requirement, describe(exchange)),
        _ => Judgement::violated(
            requirement,
            index,
            pointer,
            expected(String::new()),
            describe(exchange),
        ),
    }
}

/// What else a refusal says: its form, its code, its challenge.
fn judge_refusal(
    twins: &Twins,
    cx: &Context,
    fault: &Fault,
    index: usize,
    exchange: &Exchange,
    honest_accepted: bool,
    judgements: &mut Vec<Judgement>,
) {
    if let Some(requirement) = &twins.form {
        judgements.extend(refusal_form(cx, requirement, index, exchange));
    }
    let Some(response) = exchange.response() else {
        return;
    };
    if let Some(requirement) = &fault.challenge
        && response.status == 401
    {
        let challenge = response.header("www-authenticate").unwrap_or_default();
        let bearer = challenge
            .trim_start()
            .get(..6)
            .is_some_and(|s| s.eq_ignore_ascii_case("bearer"));
        judgements.push(if bearer {
            Judgement::held(requirement)
        } else {
            let actual = if challenge.is_empty() {
                "HTTP 401 without that header".to_owned()
            } else {
                format!("WWW-Authenticate: {challenge}")
            };
            Judgement::violated(
                requirement,
                index,
                None,
                "a header WWW-Authenticate with the Bearer scheme",
                actual,
            )
        });
    }
    if let Some(code) = &fault.code {
        judgements.push(judge_code(code, fault, index, exchange, honest_accepted));
    }
}

fn judge_code(
    code: &crate::case::Code,
    fault: &Fault,
    index: usize,
    exchange: &Exchange,
    honest_accepted: bool,
) -> Judgement {
    if !honest_accepted {
        return Judgement::undecided(
            &code.requirement,
            "the honest request was not accepted, so the code of a refusal names no particular cause",
        );
    }
    let pointer = "/message/error/code";
    let found = error_code(exchange);
    let found = found.as_deref().unwrap_or("no code");
    if code.any_of.iter().any(|c| c == found) {
        return Judgement::held(&code.requirement);
    }
    Judgement::violated(
        &code.requirement,
        index,
        Some(pointer.to_owned()),
        format!(
            "a request with {} is refused with {}",
            fault.name,
            code.any_of.join(" or ")
        ),
        found.to_owned(),
    )
}
