//! What the exchanges of a case prove, decided from the document and the record alone.

use super::form::{Form, form};
use super::operation::Operation;
use specs::evidence::{Counterexample, Exchange, Finding, Intent, Observation, Phase};
use std::collections::BTreeMap;
use suites::generated::{SHRINKING, SMALLEST};
use suites::judgement::{Judgement, Outcome};
use suites::oracle::describe;

/// A request that is valid is not refused for its form.
pub(super) const VALID_ACCEPTED: &str = "openapi.valid-accepted";
/// A request that is not valid is refused.
pub(super) const INVALID_REFUSED: &str = "openapi.invalid-refused";
/// The status of every answer is declared.
pub(super) const STATUS_DECLARED: &str = "openapi.status-declared";
/// Every answer has the declared form.
pub(super) const ANSWER_VALID: &str = "openapi.answer-valid";
/// No request makes the server fail.
pub(super) const NO_SERVER_ERROR: &str = "openapi.no-server-error";

/// The rule that a request to an address breaks which the document does not know.
pub(super) const ADDRESS: &str = "paths";

/// How many findings of one requirement are reported for one case.
const SHOWN: usize = 5;

/// What a case shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aim {
    /// Requests that are valid by the document and differ from an accepted one in one thing each.
    Covering,
    /// Requests that are valid by the document.
    Valid,
    /// Requests with one fault each.
    Invalid,
}

impl Aim {
    /// Every one, in the order of the cases.
    pub(super) const ALL: [Self; 3] = [Self::Covering, Self::Valid, Self::Invalid];

    /// How it comes to its requests.
    pub(super) fn phase(self) -> Phase {
        match self {
            Self::Covering | Self::Invalid => Phase::Deterministic,
            Self::Valid => Phase::Random,
        }
    }

    /// The last part of the case's id.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Covering => "covering",
            Self::Valid => "valid",
            Self::Invalid => "invalid",
        }
    }

    /// The requirements that such a case speaks about.
    pub(super) fn requirements(self) -> [&'static str; 4] {
        let own = match self {
            Self::Covering | Self::Valid => VALID_ACCEPTED,
            Self::Invalid => INVALID_REFUSED,
        };
        [own, STATUS_DECLARED, ANSWER_VALID, NO_SERVER_ERROR]
    }
}

/// One way in which one exchange violates a requirement.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Offence {
    pub(super) requirement: &'static str,
    pub(super) expected: String,
    pub(super) actual: String,
    pub(super) pointer: Option<String>,
    /// Equal for offences that are one and the same to a developer.
    pub(super) gist: String,
}

/// Whether the request did what was asked.
pub(super) fn accepted(exchange: &Exchange) -> bool {
    exchange
        .response()
        .is_some_and(|r| (200..300).contains(&r.status))
}

fn refused(exchange: &Exchange) -> bool {
    exchange
        .response()
        .is_some_and(|r| (400..500).contains(&r.status) && r.status != 429)
}

/// Whether a status is a refusal for reasons that no document states: who asks, what exists, what goes on.
fn beyond_form(operation: &Operation, status: u16) -> bool {
    let by_path = operation.doc.path.contains('{');
    matches!(
        status,
        401..=403 | 407 | 409 | 410 | 412 | 423 | 424 | 428 | 429 | 451
    ) || (status == 404 && by_path)
}

/// Everything that an exchange violates by itself.
pub(super) fn offences(operation: &Operation, exchange: &Exchange) -> Vec<Offence> {
    let Some(response) = exchange.response() else {
        return Vec::new();
    };
    let name = operation.name();
    let mut offences = Vec::new();
    if response.status >= 500 {
        let gist = match &exchange.intent {
            Intent::Honest => format!("{} valid", response.status),
            Intent::Faulty { rule, pointer, .. } => format!("{} {rule} {pointer:?}", response.status),
        };
        offences.push(Offence {
            requirement: NO_SERVER_ERROR,
            expected: format!("{name} answers every request without a 5xx status"),
            actual: describe(exchange),
            pointer: None,
            gist,
        });
        // A failure has no form to speak of; it is reported once.
        return offences;
    }
    match &exchange.intent {
        Intent::Honest if refused(exchange) && !beyond_form(operation, response.status) => {
            offences.push(Offence {
                requirement: VALID_ACCEPTED,
                expected: format!("{name} accepts a request that is valid by the document"),
                actual: describe(exchange),
                pointer: None,
                gist: response.status.to_string(),
            });
        }
        Intent::Faulty {
            operator,
            pointer,
            rule,
            ..
        } if accepted(exchange) && rule != ADDRESS => {
            let at = pointer
                .as_deref()
                .map_or_else(String::new, |p| format!(" at {p:?}"));
            offences.push(Offence {
                requirement: INVALID_REFUSED,
                expected: format!("{name} refuses a request with {operator}{at}"),
                actual: describe(exchange),
                pointer: pointer.clone(),
                gist: pointer.clone().unwrap_or_else(|| operator.clone()),
            });
        }
        _ => {}
    }
    if !of_unknown_address(exchange) {
        offences.extend(form(operation, exchange, response).offences);
    }
    offences
}

fn of_unknown_address(exchange: &Exchange) -> bool {
    matches!(&exchange.intent, Intent::Faulty { rule, .. } if rule == ADDRESS)
}

/// What follows from the observations of a case.
pub(super) fn judge(operation: &Operation, aim: Aim, seen: &[Observation]) -> Vec<Judgement> {
    let exchanges: Vec<(usize, &Exchange)> = seen
        .iter()
        .enumerate()
        .filter_map(|(index, observation)| match observation {
            Observation::Exchange(exchange) => Some((index, exchange)),
            _ => None,
        })
        .collect();
    let mut found: BTreeMap<&str, Vec<(usize, &Exchange, Offence)>> = BTreeMap::new();
    let mut whole = Form::default();
    for (index, exchange) in &exchanges {
        for offence in offences(operation, exchange) {
            found
                .entry(offence.requirement)
                .or_default()
                .push((*index, exchange, offence));
        }
        if let Some(response) = exchange
            .response()
            .filter(|r| r.status < 500 && !of_unknown_address(exchange))
        {
            let form = form(operation, exchange, response);
            whole.status_judged |= form.status_judged;
            whole.body_judged |= form.body_judged;
            whole.undecided = whole.undecided.or(form.undecided);
        }
    }
    let judgement = |requirement: &'static str| match found.get(requirement) {
        Some(offences) => violated(requirement, offences, &exchanges),
        None => unblamed(operation, requirement, &exchanges, &whole),
    };
    aim.requirements().into_iter().map(judgement).collect()
}

fn unblamed(
    operation: &Operation,
    requirement: &str,
    exchanges: &[(usize, &Exchange)],
    whole: &Form,
) -> Judgement {
    let undecided = |reason: String| Judgement::undecided(requirement, reason);
    if !exchanges.iter().any(|(_, e)| e.response().is_some()) {
        let reason = exchanges
            .first()
            .map_or("the case was cut short".to_owned(), |(_, e)| describe(e));
        return undecided(format!("{} did not answer: {reason}", operation.name()));
    }
    if requirement == STATUS_DECLARED {
        return if whole.status_judged {
            Judgement::held(requirement)
        } else {
            undecided("every answer had a status that needs no declaration".to_owned())
        };
    }
    if requirement == ANSWER_VALID {
        return match (&whole.undecided, whole.body_judged) {
            (Some(reason), _) => undecided(reason.clone()),
            (None, true) => Judgement::held(requirement),
            (None, false) => {
                Judgement::not_applicable(requirement, "no answer had a status with a declared body")
            }
        };
    }
    let honest: Vec<&Exchange> = exchanges
        .iter()
        .map(|(_, e)| *e)
        .filter(|e| e.intent == Intent::Honest)
        .collect();
    let faulty: Vec<&Exchange> = exchanges
        .iter()
        .map(|(_, e)| *e)
        .filter(|e| e.intent != Intent::Honest)
        .collect();
    if !honest.iter().any(|e| accepted(e)) {
        let answer = honest.first().map_or("none was sent".to_owned(), |e| describe(e));
        return undecided(format!(
            "no valid request was accepted ({answer}); credentials, or examples in the document that the server accepts, would help"
        ));
    }
    if !faulty.iter().any(|e| refused(e)) {
        return undecided("no faulty request was refused, so accepting valid ones proves nothing".to_owned());
    }
    match exchanges.iter().find(|(_, e)| e.response().is_none()) {
        Some((_, silent)) if requirement != VALID_ACCEPTED || silent.intent == Intent::Honest => {
            undecided(format!("one request was not answered: {}", describe(silent)))
        }
        _ => Judgement::held(requirement),
    }
}

/// One finding for each gist: the smallest counterexample if there is one.
fn violated(
    requirement: &str,
    offences: &[(usize, &Exchange, Offence)],
    exchanges: &[(usize, &Exchange)],
) -> Judgement {
    let mut best: BTreeMap<&str, &(usize, &Exchange, Offence)> = BTreeMap::new();
    let rank = |(index, exchange, _): &(usize, &Exchange, Offence)| {
        (exchange.label != SMALLEST, exchange.label == SHRINKING, *index)
    };
    for offence in offences {
        let kept = best.entry(offence.2.gist.as_str()).or_insert(offence);
        if rank(offence) < rank(kept) {
            *kept = offence;
        }
    }
    let mut chosen: Vec<_> = best.into_values().collect();
    chosen.sort_by_key(|offence| rank(offence));
    let more = chosen.len().saturating_sub(SHOWN);
    let mut findings: Vec<Finding> = chosen
        .into_iter()
        .take(SHOWN)
        .map(|(index, exchange, offence)| Finding {
            requirement: requirement.to_owned(),
            expected: offence.expected.clone(),
            actual: offence.actual.clone(),
            pointer: offence.pointer.clone(),
            observation: Some(*index),
            counterexample: Some(counterexample(*index, exchange, exchanges)),
        })
        .collect();
    if let (Some(last), true) = (findings.last_mut(), more > 0) {
        last.actual = format!("{} (and {more} more of this kind)", last.actual);
    }
    Judgement {
        requirement: requirement.to_owned(),
        outcome: Outcome::Violated(findings),
    }
}

fn counterexample(index: usize, exchange: &Exchange, exchanges: &[(usize, &Exchange)]) -> Counterexample {
    // The requests spent on it are those just before it.
    let spent = exchanges
        .iter()
        .rev()
        .skip_while(|(i, _)| *i >= index)
        .take_while(|(_, e)| e.label == SHRINKING);
    let shrink_requests = if exchange.label == SMALLEST {
        u32::try_from(spent.count()).unwrap_or(u32::MAX)
    } else {
        0
    };
    match &exchange.intent {
        Intent::Honest => Counterexample {
            operator: "a valid request".to_owned(),
            pointer: None,
            honest: None,
            sent: None,
            shrink_requests,
        },
        Intent::Faulty {
            operator,
            pointer,
            honest,
            sent,
            ..
        } => Counterexample {
            operator: operator.clone(),
            pointer: pointer.clone(),
            honest: honest.clone(),
            sent: sent.clone(),
            shrink_requests,
        },
    }
}
