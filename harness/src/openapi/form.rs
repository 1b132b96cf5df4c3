//! Whether one answer has the form that the document declares for it.

use super::judge::{ANSWER_VALID, Offence, STATUS_DECLARED};
use super::operation::{Operation, essence, is_json};
use specs::evidence::{Exchange, Response};
use suites::oracle::describe;

/// How many violations of one body are reported.
const SHOWN: usize = 3;

/// What was found about the form of one answer.
#[derive(Debug, Default)]
pub(super) struct Form {
    pub(super) offences: Vec<Offence>,
    pub(super) status_judged: bool,
    pub(super) body_judged: bool,
    pub(super) undecided: Option<String>,
}

/// Judges the status, the media type and the body of an answer.
pub(super) fn form(operation: &Operation, exchange: &Exchange, response: &Response) -> Form {
    let mut form = Form::default();
    let status = response.status;
    let Some(reply) = operation.reply(status) else {
        let implied = operation.doc.secured && matches!(status, 401 | 403 | 407);
        if !implied {
            form.status_judged = true;
            form.offences.push(Offence {
                requirement: STATUS_DECLARED,
                expected: format!(
                    "{} answers with a declared status: {}",
                    operation.name(),
                    operation.declared()
                ),
                actual: describe(exchange),
                pointer: None,
                gist: status.to_string(),
            });
        }
        return form;
    };
    form.status_judged = true;
    if reply.is_empty() || operation.doc.method == "HEAD" || matches!(status, 204 | 205 | 304) {
        return form;
    }
    let declared = || reply.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    let mut offend = |expected: String, actual: String, pointer: Option<String>, gist: String| {
        let gist = format!("{status} {gist}");
        form.offences.push(Offence {
            requirement: ANSWER_VALID,
            expected,
            actual,
            pointer,
            gist,
        });
    };
    let body = &response.body;
    let empty = body.text.is_empty() && body.base64.is_none();
    let media_type = response
        .header("content-type")
        .map(essence)
        .filter(|m| !m.is_empty());
    let Some(media_type) = media_type.filter(|_| !empty) else {
        let missing = if empty {
            "no body"
        } else {
            "a body without a Content-Type"
        };
        form.body_judged = true;
        offend(
            format!("a status {status} answer has a body of {}", declared()),
            missing.to_owned(),
            None,
            missing.to_owned(),
        );
        return form;
    };
    let matching = |exact: bool| {
        reply.iter().find(|(key, _)| {
            let key = essence(key);
            if exact {
                key == media_type
            } else {
                key == "*/*"
                    || key
                        .strip_suffix('*')
                        .is_some_and(|prefix| media_type.starts_with(prefix))
            }
        })
    };
    let Some((_, schema)) = matching(true).or_else(|| matching(false)) else {
        form.body_judged = true;
        offend(
            format!("a status {status} answer has the media type {}", declared()),
            media_type.clone(),
            None,
            "media type".to_owned(),
        );
        return form;
    };
    if !is_json(&media_type) {
        form.body_judged = true;
        return form;
    }
    match (body.json(), schema) {
        _ if body.cut_from_bytes.is_some() => {
            form.undecided = Some("an answer was longer than what is kept of it".to_owned());
        }
        (None, _) => {
            form.body_judged = true;
            offend(
                format!("a body of {media_type} is JSON"),
                "text that is not JSON".to_owned(),
                Some(String::new()),
                "not JSON".to_owned(),
            );
        }
        (Some(_), Err(reason)) => {
            form.undecided = Some(format!(
                "the declared schema of status {status} cannot be used: {reason}"
            ));
        }
        (Some(value), Ok(schema)) => {
            form.body_judged = true;
            for violation in schema.violations(&value).into_iter().take(SHOWN) {
                let gist = format!("{} {}", violation.keyword, without_numbers(&violation.pointer));
                offend(
                    violation.expected,
                    violation.actual,
                    Some(violation.pointer),
                    gist,
                );
            }
        }
    }
    form
}

/// A pointer with `*` for list positions.
fn without_numbers(pointer: &str) -> String {
    let parts = pointer.split('/').map(|part| match part.parse::<u64>() {
        Ok(_) => "*",
        Err(_) => part,
    });
    parts.collect::<Vec<_>>().join("/")
}
