//! What the exchanges of a case prove, decided from the document and the record alone.

use super::form::{Form, form};
use super::operation::Operation;
use specs::evidence::{Exchange, Intent, Phase, Response};
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

pub(super) fn refused(exchange: &Exchange) -> bool {
    exchange
        .response()
        .is_some_and(|r| (400..500).contains(&r.status) && !r.rationed())
}

/// Whether a status is a refusal for reasons that no document states: who asks, what exists, what goes on.
fn beyond_form(operation: &Operation, status: u16) -> bool {
    let by_path = operation.doc.path.contains('{');
    matches!(status, 401..=403 | 407 | 409 | 410 | 412 | 423 | 424 | 428 | 451) || (status == 404 && by_path)
}

/// What an exchange violates by itself, and what was found about the form of its answer.
pub(super) fn looked_at(operation: &Operation, exchange: &Exchange, response: &Response) -> Form {
    // Who only comes too early learns nothing of the operation.
    if response.rationed() {
        return Form::default();
    }
    // A failure has no form to speak of; the answer of an address that the document does not know neither.
    let formed = response.status < 500 && !of_unknown_address(exchange);
    let mut found = if formed {
        form(operation, exchange, response)
    } else {
        Form::default()
    };
    let mut offences = offences(operation, exchange, response);
    offences.append(&mut found.offences);
    found.offences = offences;
    found
}

/// What an exchange violates by being answered as it was.
fn offences(operation: &Operation, exchange: &Exchange, response: &Response) -> Vec<Offence> {
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
    offences
}

fn of_unknown_address(exchange: &Exchange) -> bool {
    matches!(&exchange.intent, Intent::Faulty { rule, .. } if rule == ADDRESS)
}
