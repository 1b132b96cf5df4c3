//! Why a request is refused, as somebody who has to repair it wants to know: which requirement it violates,
//! what was expected, what was found, what was probably meant.

mod requirement;

use requirement::Basis;

use crate::validate::{Fault, Lack};
use serde_json::{Value, json};
use specs::catalogue::{Catalogue, Profile};
use specs::clause::{Form, Message, Part};
use specs::schema::Violation;

/// How many violations of one request are told.
const MOST_TOLD: usize = 10;

/// What was said of a request when it was refused.
#[derive(Debug, Clone, Default)]
pub(crate) struct Refusal {
    /// A code of the `err.` or `rjct.` list, or of RFC 6749.
    code: String,
    message: String,
    /// What it rests on, where the code alone does not tell.
    basis: Option<Basis>,
    lacks: Vec<Lack>,
}

impl Refusal {
    /// The refusal of a request that has this fault.
    pub(crate) fn of(fault: &Fault) -> Self {
        Self {
            basis: requirement::of_fault(fault),
            lacks: fault.lacks.clone(),
            ..Self::coded(fault.reason.unwrap_or(fault.code), &fault.message)
        }
    }

    /// A refusal for a reason that has a code.
    pub(crate) fn coded(code: &str, message: &str) -> Self {
        Self {
            code: code.to_owned(),
            message: message.to_owned(),
            ..Self::default()
        }
    }

    /// It is this requirement that asks for the refusal.
    pub(crate) fn breaking(mut self, requirement: &'static str) -> Self {
        self.basis = Some(Basis::Demanded(requirement));
        self
    }

    /// What was said.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Whether the request is in order, but for an address that may not be called.
    pub(crate) fn forbids_callback(&self) -> bool {
        self.code == "err.sender_uri.invalid" && self.lacks.is_empty()
    }

    /// Each violation with the requirement that it is about.
    pub(crate) fn violated(&self, profile: &Profile, operation: &str) -> Vec<Violated> {
        if self.lacks.is_empty() {
            return vec![self.whole(profile, operation)];
        }
        let message = Message::of(operation, Part::Request);
        let family = message.map_or("dci", Message::family);
        let form = message.map(|message| Form::of(&profile.document, message));
        let lacks = self.lacks.iter().take(MOST_TOLD);
        let told = lacks.map(|Lack { violation, near_miss }| {
            let clause = form.as_ref().and_then(|form| form.clause_of(violation));
            let clause = clause.map(|clause| clause.id.clone());
            let clause = clause.or_else(|| requirement::of_member(&violation.pointer, family));
            Violated {
                code: self.code.clone(),
                ..Violated::of_form(clause, violation, near_miss.clone())
            }
        });
        told.collect()
    }

    /// The violation of a rule that no schema expresses.
    fn whole(&self, profile: &Profile, operation: &str) -> Violated {
        let family = Message::of(operation, Part::Request).map_or("dci", Message::family);
        let basis = self
            .basis
            .or_else(|| requirement::of_code(&self.code, operation, profile));
        let settled = basis.map(|basis| requirement::settled(basis, family));
        let (requirement, because) = settled.unwrap_or_default();
        Violated {
            requirement,
            because,
            code: self.code.clone(),
            pointer: requirement::pointer_of(&self.code).map(str::to_owned),
            expected: None,
            actual: self.message.clone(),
            near_miss: None,
        }
    }
}

/// One violation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violated {
    pub(crate) requirement: Option<String>,
    /// Why the mock refuses nevertheless, where no requirement demands it.
    pub(crate) because: Option<&'static str>,
    pub(crate) code: String,
    pub(crate) pointer: Option<String>,
    pub(crate) expected: Option<String>,
    pub(crate) actual: String,
    pub(crate) near_miss: Option<String>,
}

impl Violated {
    fn of_form(requirement: Option<String>, violation: &Violation, near_miss: Option<String>) -> Self {
        let because = requirement.is_none().then_some("the schema of the document");
        Self {
            requirement,
            because,
            code: String::new(),
            pointer: Some(violation.pointer.clone()),
            expected: Some(violation.expected.clone()),
            actual: violation.actual.clone(),
            near_miss,
        }
    }

    /// What the items of a message say that were rejected, and its header.
    pub(crate) fn in_message(body: &Value, profile: &Profile, operation: &str) -> Vec<Self> {
        let lists = body.get("message").and_then(Value::as_object).into_iter();
        let items = lists
            .flatten()
            .filter_map(|(name, list)| Some((name, list.as_array()?)));
        let items = items.flat_map(|(name, list)| {
            (0..)
                .zip(list)
                .map(move |(i, item)| (format!("/message/{name}/{i}"), item))
        });
        let rejected = items.filter_map(|(place, item)| Self::in_item(place, item, profile, operation));
        let rejected: Vec<Self> = rejected.take(MOST_TOLD).collect();
        if rejected.is_empty() {
            return Self::in_header(body, operation).into_iter().collect();
        }
        rejected
    }

    fn in_header(body: &Value, operation: &str) -> Option<Self> {
        let header = body.get("header")?;
        let text = |name: &str| header.get(name).and_then(Value::as_str).unwrap_or_default();
        if text("status") != "rjct" {
            return None;
        }
        let settled = requirement::of_header(operation).map(|basis| requirement::settled(basis, "dci"));
        let (requirement, because) = settled.unwrap_or_default();
        Some(Self {
            requirement,
            because,
            code: text("status_reason_code").to_owned(),
            pointer: Some("/message".to_owned()),
            expected: None,
            actual: text("status_reason_message").to_owned(),
            near_miss: None,
        })
    }

    fn in_item(place: String, item: &Value, profile: &Profile, operation: &str) -> Option<Self> {
        if item.get("status")? != "rjct" {
            return None;
        }
        let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
        let code = text("status_reason_code");
        let basis = requirement::of_item(code, text("status_reason_message"), operation, profile);
        let (requirement, because) = basis
            .map(|basis| requirement::settled(basis, "dci"))
            .unwrap_or_default();
        Some(Self {
            requirement,
            because,
            code: code.to_owned(),
            pointer: Some(place),
            expected: None,
            actual: text("status_reason_message").to_owned(),
            near_miss: None,
        })
    }

    /// A request for which there is no operation.
    pub(crate) fn of_address(actual: String, near_miss: Option<String>) -> Self {
        Self {
            requirement: None,
            because: Some("no profile that is served has an operation there"),
            code: "err.request.not_found".to_owned(),
            pointer: None,
            expected: Some("the path and method of an operation of a profile that is served".to_owned()),
            actual,
            near_miss,
        }
    }

    /// It with what the catalogue says of the requirement.
    pub(crate) fn told(&self, profile: Option<&Profile>) -> Value {
        let known = self.requirement.as_deref();
        let known = known.and_then(|id| Catalogue::bundled().requirement(id));
        json!({
            "requirement": self.requirement,
            "because": self.because,
            "level": known.zip(profile).map(|(requirement, profile)| profile.level_of(requirement)),
            "code": self.code,
            "pointer": self.pointer,
            "expected": self.expected,
            "actual": self.actual,
            "near_miss": self.near_miss,
            "statement": known.map(|r| &r.statement),
            "remedy": known.map(|r| &r.remedy),
        })
    }
}
