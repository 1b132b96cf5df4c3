//! Judging generated requests. The harness makes and shrinks them; what they prove is decided here, from
//! the recorded exchanges alone.

mod differences;
mod invalid;
mod valid;

pub use valid::Valid;

use crate::case::{Case, Generate};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Answer, Read, belongs, classify_read, describe};
use serde_json::Value;
use specs::catalogue::Catalogue;
use specs::clause::{Message, Part, Rule};
use specs::evidence::{Exchange, Intent, Observation};
use specs::schema::Violation;

/// Label of the honest request that comes first.
pub const CONTROL: &str = "control";
/// Label of the faulty request that follows the valid ones.
pub const TWIN: &str = "twin";
/// Label of the requests sent while a counterexample is made smaller.
pub const SHRINKING: &str = "shrinking";
/// Label of the smallest counterexample.
pub const SMALLEST: &str = "smallest";

/// The requirement that says that a fault of this rule at this member of a request must be refused; none
/// where no requirement speaks about it, so that such a fault is not generated.
pub fn requirement_of(cx: &Context, operation: &str, rule: &str, pointer: &str) -> Option<String> {
    if rule == "enum" && pointer == "/header/action" {
        return Some(format!("{}.request.action", cx.family()));
    }
    let form = cx.schemas.form(Message::of(operation, Part::Request)?)?;
    let clause = form.at(pointer, Rule::of_keyword(rule)?)?;
    let requirement = Catalogue::bundled().requirement(&clause.id)?;
    requirement.untestable.is_none().then(|| clause.id.clone())
}

/// The answer to the plainest honest request, which the answers to others are compared with.
#[derive(Debug, Clone)]
pub struct Control {
    /// What was done with it.
    answer: Answer,
    /// What is wrong with it, and so no news in another answer.
    known: Vec<Place>,
}

impl Control {
    /// Looks at the answer to the plainest honest request.
    pub fn of(cx: &Context, exchange: &Exchange) -> Self {
        let read = Read::of(exchange);
        Self {
            answer: classify_read(&read),
            known: form_violations(cx, &read).iter().map(place).collect(),
        }
    }

    /// Whether it was accepted: nothing follows from other requests where it was not.
    pub fn is_accepted(&self) -> bool {
        is_accepted(self.answer)
    }

    /// Whether a generated exchange shows a violation, given its intent.
    pub fn is_violated_by(&self, cx: &Context, exchange: &Exchange) -> bool {
        let read = Read::of(exchange);
        match &exchange.intent {
            Intent::Honest => self.honest_violation(cx, &read).is_some(),
            Intent::Faulty { .. } => is_accepted(classify_read(&read)),
        }
    }

    /// What is wrong with the answer to a valid request, that is not wrong with the answer to the control:
    /// what is wrong with every answer is another requirement's business.
    fn honest_violation(&self, cx: &Context, read: &Read<'_>) -> Option<String> {
        match classify_read(read) {
            answer if is_accepted(answer) => {}
            // Who does not answer says nothing of the request.
            Answer::NoAnswer => return None,
            // A search may find more than a target tells: the code was made for it.
            Answer::Refused if found_too_many(cx, read) => return None,
            _ => return Some(describe(read.exchange)),
        }
        if read.exchange.operation == "sync-search"
            && let Some(body) = read.response()
            && !read.request().is_some_and(|request| belongs(body, request))
        {
            return Some("an answer that does not belong to the request".to_owned());
        }
        let mut violations = form_violations(cx, read).into_iter();
        let new = violations.find(|new| !self.known.contains(&place(new)))?;
        Some(format!(
            "an answer that is not valid at {}: {}",
            new.pointer, new.actual
        ))
    }
}

/// Whether a search was rejected because it found too much, where the profile allows that.
fn found_too_many(cx: &Context, read: &Read<'_>) -> bool {
    let code = Some("rjct.search.too_many_records_found");
    let items = read
        .response()
        .and_then(|body| body.pointer("/message/search_response")?.as_array());
    let rejected = |item: &Value| {
        let text = |name: &str| item.get(name).and_then(Value::as_str);
        text("status") == Some("rjct") && text("status_reason_code") == code
    };
    cx.profile.allows("dci.too-many-records", "allowed")
        && items.is_some_and(|items| items.iter().any(rejected))
}

fn is_accepted(answer: Answer) -> bool {
    matches!(answer, Answer::Accepted | Answer::AcceptedSilently)
}

fn form_violations(cx: &Context, read: &Read<'_>) -> Vec<Violation> {
    let violations = || {
        let status = read.exchange.response()?.status;
        let schema = cx.schemas.reply(&read.exchange.operation, status)?;
        let found = schema.violations(read.response()?).into_iter();
        // Nor is a clause violated that its profile does not demand.
        let binds = |violation: &Violation| {
            let clause = schema.form.clause_of(violation);
            clause.is_none_or(|clause| cx.demands.contains(&clause.id))
        };
        Some(found.filter(binds).collect())
    };
    violations().unwrap_or_default()
}

/// Which member of which kind of item is at fault, and by which rule.
type Place = (String, String);

fn place(violation: &Violation) -> Place {
    let names = violation.pointer.split('/');
    let names = names.map(|name| if name.parse::<usize>().is_ok() { "0" } else { name });
    (names.collect::<Vec<_>>().join("/"), violation.keyword.clone())
}

/// Judges a case of generated requests.
pub(crate) fn judge(case: &Case, what: Generate, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
    let exchanges = seen.iter().enumerate().filter_map(|(i, o)| match o {
        Observation::Exchange(exchange) => Some((i, exchange)),
        _ => None,
    });
    match what {
        Generate::Covering | Generate::Valid => {
            let mut valid = Valid::default();
            for (index, exchange) in exchanges {
                valid.take(cx, index, &Read::of(exchange));
            }
            valid.judgements(case, cx)
        }
        Generate::Invalid => {
            let exchanges: Vec<(usize, &Exchange)> = exchanges.collect();
            let of = |operation| {
                let of_it = |(_, e): &(usize, &Exchange)| e.operation == operation;
                exchanges.iter().copied().filter(of_it).collect::<Vec<_>>()
            };
            let judged = case.operations_in(cx).map(|operation| {
                let group = of(operation);
                let control = group.iter().find(|(_, e)| e.label == CONTROL);
                let control = control.map(|(_, e)| (Control::of(cx, e), *e));
                match unprepared(case, cx, operation, control.as_ref().map(|(c, e)| (c, *e))) {
                    Some(undecided) => undecided,
                    None => invalid::judge(cx, &group),
                }
            });
            judged.flatten().collect()
        }
        // They are judged by their model.
        Generate::Sequences => Vec::new(),
    }
}

/// That nothing follows for an operation, where the plainest honest request was not sent or not accepted.
fn unprepared(
    case: &Case,
    cx: &Context,
    operation: &str,
    control: Option<(&Control, &Exchange)>,
) -> Option<Vec<Judgement>> {
    let reason = match control {
        None => format!("the case was cut short before {operation} was exercised"),
        Some((control, _)) if control.is_accepted() => return None,
        Some((_, exchange)) => format!(
            "the plainest honest request to {operation} was not accepted: {}",
            describe(exchange)
        ),
    };
    let spoken = spoken(case, cx, operation).into_iter();
    Some(spoken.map(|r| Judgement::undecided(r, reason.clone())).collect())
}

/// What a case speaks about in requests to one operation.
fn spoken<'d>(case: &Case, cx: &'d Context, operation: &str) -> Vec<&'d str> {
    let message = Message::of(operation, Part::Request);
    let of_it = |id: &&str| {
        specs::clause::clause(id)
            .is_none_or(|clause| clause.at.iter().any(|site| Some(site.message) == message))
    };
    let all = case.requirements_of(&cx.demands).into_iter();
    all.filter(of_it).collect()
}
