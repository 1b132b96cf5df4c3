//! Whether a target accepted a request, refused it, or did something else.

use super::Read;
use crate::plan::EVENT;
use serde_json::{Value, json};
use specs::evidence::{Exchange, FailureKind, Outcome};
use specs::wire::jwe;

/// What a target did with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It did what was asked: a token, a reply with results, ACK.
    Accepted,
    /// It acknowledged the request and announced that nothing will follow (NACK).
    AcceptedSilently,
    /// It refused, in one of the ways that deployments do.
    Refused,
    /// It failed: a 5xx status.
    ServerError,
    /// It answered something that is neither.
    Unrecognised,
    /// No complete answer came, or one that only puts the request off.
    NoAnswer,
}

/// Classifies the outcome of an exchange by its operation.
pub fn classify(exchange: &Exchange) -> Answer {
    classify_read(&Read::of(exchange))
}

/// The same of an exchange whose bodies may have been read already.
pub fn classify_read(read: &Read<'_>) -> Answer {
    let exchange = read.exchange;
    let Some(response) = exchange.response() else {
        return Answer::NoAnswer;
    };
    // Who only comes too early was neither taken nor refused.
    if response.rationed() {
        return Answer::NoAnswer;
    }
    if response.status >= 500 {
        return Answer::ServerError;
    }
    if (400..500).contains(&response.status) {
        return Answer::Refused;
    }
    if !(200..300).contains(&response.status) {
        return Answer::Unrecognised;
    }
    let Some(body) = read.response() else {
        return Answer::Unrecognised;
    };
    match exchange.operation.as_str() {
        "token" => token(body),
        // A trigger of events is no part of the standard: whatever it says with success is an acceptance.
        EVENT => Answer::Accepted,
        operation => match answers_with(operation) {
            Some(member) => reply(body, member),
            None => acknowledgement(body),
        },
    }
}

/// The member in which questions about enrolment and reports of it are answered.
const ENROLLED: &str = "enrolled_response";

/// An answer in an envelope, also where it came without one.
pub(crate) fn enveloped(body: Value) -> Value {
    if body.get("message").is_none() && body.get(ENROLLED).is_some() {
        return json!({"message": body});
    }
    body
}

/// The member of the message with which a synchronous operation answers; none where an acknowledgement does.
pub fn answers_with(operation: &str) -> Option<&'static str> {
    Some(match operation {
        "sync-search" | "get-disability-support" | "get-disability-details" => "search_response",
        "sync-txn-status" => "txnstatus_response",
        "disabled" => "disabled_response",
        "enrolled" | "enrollment-updates" | "check-enrollment" => ENROLLED,
        _ => return None,
    })
}

fn token(body: &Value) -> Answer {
    match body.get("access_token") {
        Some(Value::String(token)) if !token.is_empty() => Answer::Accepted,
        _ if body.get("error").is_some() || body.get("errors").is_some() => Answer::Refused,
        _ => Answer::Unrecognised,
    }
}

fn acknowledgement(body: &Value) -> Answer {
    match body.pointer("/message/ack_status").and_then(Value::as_str) {
        Some("ACK") => Answer::Accepted,
        Some("NACK") => Answer::AcceptedSilently,
        Some("ERR") => Answer::Refused,
        _ => Answer::Unrecognised,
    }
}

fn reply(body: &Value, member: &str) -> Answer {
    let rejected = |value: Option<&Value>| value.and_then(Value::as_str) == Some("rjct");
    if rejected(body.pointer("/header/status")) || acknowledgement(body) == Answer::Refused {
        return Answer::Refused;
    }
    // What is encrypted for us is an answer; what it says is another question.
    if is_encrypted(body) {
        return Answer::Accepted;
    }
    // By one reading, the answer to a question about enrolment is the message alone.
    let bare = (member == ENROLLED)
        .then(|| body.get(member)?.as_array())
        .flatten();
    let items = match body.get("message").and_then(|message| message.get(member)) {
        Some(Value::Array(items)) => items.as_slice(),
        None if bare.is_some() => bare.map(Vec::as_slice).unwrap_or_default(),
        Some(Value::Object(_)) if member == "txnstatus_response" => &[],
        _ => {
            return match body.pointer("/header/status") {
                // A success without a message is an acceptance, if a poor one.
                Some(_) if body.get("message").is_none() => Answer::Accepted,
                _ => Answer::Unrecognised,
            };
        }
    };
    if !items.is_empty() && items.iter().all(|item| rejected(item.get("status"))) {
        return Answer::Refused;
    }
    if body.get("header").is_some() || bare.is_some() {
        Answer::Accepted
    } else {
        Answer::Unrecognised
    }
}

/// Whether a message is encrypted, and its header says so.
fn is_encrypted(body: &Value) -> bool {
    body.pointer("/header/is_msg_encrypted") == Some(&Value::Bool(true))
        && body.get("message").is_some_and(jwe::resembles)
}

/// The code of a refusal: of an acknowledgement, or of the first error where the body is one of errors, as it may
/// be with a status that the documents do not declare.
pub fn error_code(exchange: &Exchange) -> Option<String> {
    let body = exchange.response()?.body.json()?;
    let code = |pointer| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    code("/message/error/code").or_else(|| code("/errors/0/code"))
}

/// What came of an exchange, in a few words for people.
pub fn describe(exchange: &Exchange) -> String {
    match &exchange.outcome {
        Outcome::Failure {
            kind: FailureKind::Rationed,
            message,
        } => message.clone(),
        Outcome::Failure { message, .. } => format!("no complete answer: {message}"),
        Outcome::Response(response) => {
            let body = response.body.json();
            let at = |pointer: &str| {
                body.as_ref()
                    .and_then(|b| b.pointer(pointer))
                    .and_then(Value::as_str)
                    .map(str::to_owned)
            };
            let word = at("/message/ack_status")
                .map(|status| match at("/message/error/code") {
                    Some(code) => format!(", ack_status {status} ({code})"),
                    None => format!(", ack_status {status}"),
                })
                .or_else(|| {
                    at("/header/status").map(|status| match at("/header/status_reason_code") {
                        Some(code) => format!(", header status {status} ({code})"),
                        None => format!(", header status {status}"),
                    })
                })
                .or_else(|| at("/error").map(|error| format!(", error {error}")))
                .or_else(|| at("/errors/0/code").map(|code| format!(", errors[0].code {code}")))
                .or_else(|| at("/access_token").map(|_| ", an access token".to_owned()))
                .unwrap_or_default();
            format!("HTTP {}{word}", response.status)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use specs::evidence::{Body, Intent, Request, Response};

    fn answered(operation: &str, status: u16, body: &Value) -> Answer {
        classify(&Exchange {
            label: "honest".to_owned(),
            operation: operation.to_owned(),
            intent: Intent::Honest,
            request: Request {
                method: "POST".to_owned(),
                url: "http://127.0.0.1/".to_owned(),
                headers: Vec::new(),
                body: Body::default(),
            },
            outcome: Outcome::Response(Response {
                status,
                headers: Vec::new(),
                body: Body::text(body.to_string()),
            }),
            sent_us: 0,
            done_us: 1,
            put_off: Vec::new(),
        })
    }

    #[test]
    fn each_operation_is_accepted_in_its_own_words_and_in_no_others() {
        let replies = [
            ("sync-search", json!({"search_response": []})),
            ("get-disability-support", json!({"search_response": []})),
            ("sync-txn-status", json!({"txnstatus_response": {}})),
            ("disabled", json!({"disabled_response": []})),
            ("check-enrollment", json!({"enrolled_response": []})),
        ];
        for (operation, message) in &replies {
            let reply = json!({"header": {"status": "succ"}, "message": message});
            for (other, _) in &replies {
                let same = answers_with(operation) == answers_with(other);
                let answer = answered(other, 200, &reply);
                assert_eq!(answer == Answer::Accepted, same, "{operation} {other}");
            }
            assert_eq!(answered("txn-status", 200, &reply), Answer::Unrecognised);
        }
        let ack = json!({"message": {"ack_status": "ACK"}});
        assert_eq!(answered("subscribe", 200, &ack), Answer::Accepted);
        assert_eq!(answered("disabled", 200, &ack), Answer::Unrecognised);
    }

    #[test]
    fn who_comes_too_early_is_neither_taken_nor_refused() {
        let nothing = json!({});
        assert_eq!(answered("sync-search", 429, &nothing), Answer::NoAnswer);
        assert_eq!(answered("sync-search", 503, &nothing), Answer::ServerError);
        let code = "err.request.too_many_requests";
        let ack = json!({"message": {"ack_status": "ERR", "error": {"code": code}}});
        assert_eq!(answered("search", 200, &ack), Answer::NoAnswer);
        let other =
            json!({"message": {"ack_status": "ERR", "error": {"code": "err.request.bad", "message": code}}});
        assert_eq!(answered("search", 200, &other), Answer::Refused);
    }

    #[test]
    fn a_rejection_is_a_refusal_wherever_it_stands() {
        let header = json!({"header": {"status": "rjct"}});
        assert_eq!(answered("sync-txn-status", 200, &header), Answer::Refused);
        let items =
            json!({"header": {"status": "succ"}, "message": {"disabled_response": [{"status": "rjct"}]}});
        assert_eq!(answered("disabled", 200, &items), Answer::Refused);
        assert_eq!(answered(EVENT, 200, &json!({})), Answer::Accepted);
        assert_eq!(answered(EVENT, 400, &json!({})), Answer::Refused);
    }
}
