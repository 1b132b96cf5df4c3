//! Whether a request has the form that its document demands, and how to say that it has not.

mod relax;

use crate::text::clipped;
use http::StatusCode;
pub(crate) use relax::relaxed;
use relax::without_member;
use serde_json::Value;
use specs::document::Document;
use specs::schema::{Schema, SchemaError, Violation};

/// Why a request is refused.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) status: StatusCode,
    /// For acknowledgements: a code of the `err.` list.
    pub(crate) code: &'static str,
    /// For replies: a code of the `rjct.` list, where one fits.
    pub(crate) reason: Option<&'static str>,
    pub(crate) message: String,
    /// Whether the fault lies below the level of messages.
    pub(crate) transport: bool,
    /// The request, where it could be read.
    pub(crate) request: Box<Value>,
    /// What of the document's form it lacks.
    pub(crate) lacks: Vec<Lack>,
    /// Whether the body is no JSON at all.
    pub(crate) unreadable: bool,
    /// The requirement that asks for the refusal, where the code alone does not tell.
    pub(crate) requirement: Option<&'static str>,
}

/// One way in which a request lacks the form of the document.
#[derive(Debug, Clone)]
pub(crate) struct Lack {
    pub(crate) violation: Violation,
    /// The misspelt name, and what was probably meant.
    pub(crate) near_miss: Option<String>,
}

impl Fault {
    fn new(status: StatusCode, code: &'static str, message: String) -> Self {
        Self {
            status,
            code,
            reason: None,
            message: clipped(message),
            transport: false,
            request: Box::default(),
            lacks: Vec::new(),
            unreadable: false,
            requirement: None,
        }
    }

    /// A request that cannot be processed, for no more specific reason.
    pub(crate) fn bad(message: String) -> Self {
        Self::coded("err.request.bad", message)
    }

    /// A request that cannot be processed, for a reason that has a code.
    pub(crate) fn coded(code: &'static str, message: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// A body that could not be read.
    pub(crate) fn transport(status: StatusCode, code: &'static str, message: String) -> Self {
        Self {
            transport: true,
            ..Self::new(status, code, message)
        }
    }

    /// A body that is not JSON.
    pub(crate) fn not_json(why: &serde_json::Error) -> Self {
        Self {
            unreadable: true,
            ..Self::bad(format!("the body is not JSON: {why}"))
        }
    }

    /// A body that is not labelled as JSON.
    pub(crate) fn media_type(found: &str) -> Self {
        let message = format!("expected the media type application/json, found {found:?}");
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "err.request.bad", message)
    }

    /// It is this requirement that asks for the refusal.
    pub(crate) fn breaking(mut self, requirement: &'static str) -> Self {
        self.requirement = Some(requirement);
        self
    }

    /// Remembers the request that is refused.
    pub(crate) fn in_request(mut self, request: &Value) -> Self {
        *self.request = request.clone();
        self
    }
}

impl Lack {
    fn of(violation: &Violation, request: &Value) -> Self {
        Self {
            violation: violation.clone(),
            near_miss: hint(violation, request),
        }
    }
}

/// The request form of one operation.
#[derive(Debug)]
pub(crate) struct Form(Schema);

impl Form {
    /// The form that the document demands of an operation's JSON body, as far as it is checked; `None`
    /// where it takes no such body. One member may be left to a check that has a code of its own; `checked` is what
    /// is left of the schema for this one.
    pub(crate) fn of(
        document: &Document,
        path: &str,
        leaving: Option<&str>,
        checked: impl FnOnce(Value) -> Value,
    ) -> Option<Result<Self, SchemaError>> {
        let schema = document
            .operation("POST", path)?
            .request
            .as_ref()?
            .content
            .get("application/json")?;
        let schema = leaving.map_or_else(|| schema.clone(), |member| without_member(schema, member));
        Some(Schema::compile(&checked(schema)).map(Self))
    }

    /// The first way in which a request lacks the form.
    pub(crate) fn check(&self, request: &Value) -> Result<(), Fault> {
        if self.0.is_valid(request) {
            return Ok(());
        }
        let violations = self.0.violations(request);
        let first = violations.first();
        let fault = first.map_or_else(
            || Fault::bad("the request does not have the form of the document".to_owned()),
            |violation| Fault {
                reason: reason(&violation.pointer),
                lacks: violations.iter().map(|v| Lack::of(v, request)).collect(),
                ..Fault::coded(code(&violation.pointer), describe(violation, request))
            },
        );
        Err(fault.in_request(request))
    }
}

/// The acknowledgement's code for a member that is wrong.
fn code(pointer: &str) -> &'static str {
    match pointer {
        "/header/sender_uri" => "err.sender_uri.invalid",
        _ => "err.request.bad",
    }
}

/// The reply's code for a member that is wrong.
fn reason(pointer: &str) -> Option<&'static str> {
    match pointer {
        "/header/action" => Some("rjct.action.invalid"),
        "/header/message_ts" => Some("rjct.message_ts.invalid"),
        "/header/total_count" => Some("rjct.total_count.invalid"),
        "/header/version" => Some("rjct.version.invalid"),
        _ => None,
    }
}

fn describe(violation: &Violation, request: &Value) -> String {
    let Violation {
        pointer,
        expected,
        actual,
        ..
    } = violation;
    let place = if pointer.is_empty() { "the body" } else { pointer };
    let hint = hint(violation, request).map_or_else(String::new, |hint| format!("; {hint}"));
    format!("{place}: expected {expected}, found {actual}{hint}")
}

/// What was probably meant, where a member is missing and a similar one is there.
fn hint(violation: &Violation, request: &Value) -> Option<String> {
    let missing = violation.keyword == "required";
    missing.then(|| near_miss(&violation.pointer, request)).flatten()
}

/// A member beside the missing one whose name was probably meant to be its name.
fn near_miss(pointer: &str, request: &Value) -> Option<String> {
    let (parent, missing) = pointer.rsplit_once('/')?;
    let members = request.pointer(parent)?.as_object()?;
    let near = |name: &&String| {
        let distance = strsim::damerau_levenshtein(name, missing);
        distance > 0 && distance <= 2 && missing.len() > 3
    };
    let misspelt = members
        .keys()
        .filter(near)
        .min_by_key(|n| strsim::damerau_levenshtein(n, missing))?;
    Some(format!("`{misspelt}` — did you mean `{missing}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_misspelt_member_is_recognised() {
        let request = json!({"header": {"sender_idd": "x", "action": "search"}});
        let hint = near_miss("/header/sender_id", &request).unwrap();
        assert!(
            hint.contains("`sender_idd` — did you mean `sender_id`?"),
            "{hint}"
        );
        assert_eq!(near_miss("/header/message_ts", &request), None);
    }
}
