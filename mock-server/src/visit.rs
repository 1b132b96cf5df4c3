//! One request from its arrival to its answer: what somebody wished for is done to it, and it is noted in
//! the log and in the journal.

use crate::answer::{Answer, Note};
use crate::connection::Line;
use crate::house::Place;
use crate::incoming::Incoming;
use crate::journal::{Asked, Entry, Kind, Side, Verdict};
use crate::operation::Operation;
use crate::refusal::{Refusal, Violated};
use crate::service::Service;
use crate::steering::Plan;
use crate::{clock, dci, pipe};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::Value;
use std::sync::Arc;
use std::time::Instant;
use tracing::info;

const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
/// The number of the journal's entry, where the request asked for it.
const JOURNAL: HeaderName = HeaderName::from_static("dcx-journal");
/// The requirements that the request violates, where it asked for them.
const REQUIREMENT: HeaderName = HeaderName::from_static("dcx-requirement");

/// A request that is being answered.
pub(crate) struct Visit {
    place: Place,
    pub(crate) cx: Arc<Service>,
    pub(crate) incoming: Incoming,
    operation: &'static str,
    line: String,
    plan: Plan,
    connection: Option<Line>,
    at: f64,
    started: Instant,
}

impl Visit {
    /// Reads a request, and waits if somebody wishes so.
    pub(crate) async fn begin(place: Place, operation: &'static str, mut request: Request) -> Self {
        let (at, started) = (clock::now(), Instant::now());
        let line = format!("{} {}", request.method(), request.uri().path());
        let connection = request.extensions_mut().remove::<Line>();
        let mut incoming = Incoming::read(request).await;
        let cx = place.service();
        let plan = place
            .house
            .steering
            .plan(&cx.profile, operation, &incoming.headers);
        incoming.manner = plan.manner();
        if let Some(time) = plan.delay() {
            tokio::time::sleep(time).await;
        }
        Self {
            place,
            cx,
            incoming,
            operation,
            line,
            plan,
            connection,
            at,
            started,
        }
    }

    /// Lets the caller of an operation in, to the registry that is the caller's, or says why not.
    pub(crate) async fn admit(&mut self, operation: Operation) -> Result<(), Box<Answer>> {
        self.incoming.caller = dci::admit(&self.cx, operation, &self.incoming)?;
        if let Some(caller) = &self.incoming.caller {
            self.cx = self.place.of_client(&caller.id).await.map_err(|why| {
                let (status, code) = (StatusCode::SERVICE_UNAVAILABLE, "err.service.unavailable");
                Box::new(Answer::errors(status, code, &why))
            })?;
        }
        Ok(())
    }

    /// The answer that is given without looking at the request, where somebody wishes for one.
    pub(crate) fn instead(&self) -> Option<Answer> {
        let status = self.plan.status()?;
        let message = format!("answered with {} as was wished", status.as_u16());
        let mut answer = Answer::errors(status, code(status), &message);
        answer.note = Note {
            verdict: message,
            ..Note::default()
        };
        Some(match self.plan.retry_after() {
            Some(seconds) => answer.with_header(RETRY_AFTER, seconds.into()),
            None => answer,
        })
    }

    /// Notes an answer and sends it off.
    pub(crate) fn end(self, mut answer: Answer) -> Response {
        self.log(&answer);
        if let Some(granted) = self.plan.granted().and_then(|words| words.try_into().ok()) {
            answer = answer.with_header(PREFERENCE_APPLIED, granted);
        }
        let violated = self.violated(&answer);
        let kept = self.place.house.journal.is_kept();
        let id = kept.then(|| self.note(&answer, &violated));
        if self.plan.explains() {
            answer = explained(answer, id, &violated);
        }
        self.send(answer)
    }

    fn violated(&self, answer: &Answer) -> Vec<Violated> {
        let journal = self.place.house.journal.is_kept();
        if !(journal || self.plan.explains()) {
            return Vec::new();
        }
        let profile = &self.cx.profile;
        match &answer.note.refusal {
            Some(refusal) => refusal.violated(profile, self.operation),
            None if answer.says_rjct() => {
                let reply: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
                Violated::in_message(&reply, profile, self.operation)
            }
            None => Vec::new(),
        }
    }

    /// One line per request. What the caller wrote is quoted, so that it cannot forge a line.
    fn log(&self, answer: &Answer) {
        let note = &answer.note;
        info!(
            profile = self.cx.profile.id,
            operation = self.operation,
            status = answer.status.as_u16(),
            message_id = ?note.message_id,
            transaction_id = ?note.transaction_id,
            correlation_id = ?note.correlation_id,
            verdict = ?note.verdict,
            elapsed = ?self.started.elapsed(),
            "request"
        );
    }

    fn note(&self, answer: &Answer, violated: &[Violated]) -> u64 {
        let side = if self.operation == Operation::Token.id() {
            Side::of_token
        } else {
            Side::of
        };
        let note = &answer.note;
        let mut headers: HeaderMap = answer.headers.iter().cloned().collect();
        headers.insert(CONTENT_TYPE, answer.content_type.clone());
        let entry = Entry {
            at: self.at,
            kind: Kind::Exchange,
            profile: self.cx.profile.id.clone(),
            operation: self.operation.to_owned(),
            client: self.incoming.caller.as_ref().map(|caller| caller.id.clone()),
            verdict: self.verdict(answer, violated),
            says: note.verdict.clone(),
            status: Some(answer.status.as_u16()),
            asked: Asked {
                message_id: note.message_id.clone(),
                transaction_id: note.transaction_id.clone(),
                correlation_id: note.correlation_id.clone(),
            },
            violations: violated.iter().map(|v| v.told(Some(&self.cx.profile))).collect(),
            steered: self.plan.steered(),
            ignored: self.plan.ignored().to_vec(),
            request: side(
                self.line.clone(),
                &self.incoming.headers,
                &self.incoming.received(),
            ),
            response: side(answer.status.to_string(), &headers, &answer.body),
            milliseconds: self.started.elapsed().as_secs_f64() * 1000.0,
            ..Entry::default()
        };
        let forbidden = note.refusal.as_ref().filter(|refusal| refusal.forbids_callback());
        let forbidden = forbidden.map(|refusal| self.forbidden(note, refusal));
        let id = self.place.house.journal.put(entry);
        if let Some(entry) = forbidden {
            self.place.house.journal.put(entry);
        }
        id
    }

    /// The callback that does not come about because its address may not be called.
    fn forbidden(&self, note: &Note, refusal: &Refusal) -> Entry {
        Entry {
            at: self.at,
            kind: Kind::Callback,
            profile: self.cx.profile.id.clone(),
            operation: format!("on-{}", self.operation),
            verdict: Verdict::Forbidden,
            says: refusal.message().to_owned(),
            asked: Asked {
                message_id: None,
                transaction_id: note.transaction_id.clone(),
                correlation_id: note.correlation_id.clone(),
            },
            ..Entry::default()
        }
    }

    fn verdict(&self, answer: &Answer, violated: &[Violated]) -> Verdict {
        if self.plan.status().is_some() {
            Verdict::Steered
        } else if answer.note.refusal.is_some() || !answer.status.is_success() || answer.rejects_all() {
            Verdict::Refused
        } else if violated.is_empty() {
            Verdict::Accepted
        } else {
            Verdict::Partly
        }
    }

    fn send(self, answer: Answer) -> Response {
        if self.plan.resets() {
            if let Some(connection) = &self.connection {
                connection.reset();
            }
            return answer.into_response();
        }
        let bytes = answer.body.clone();
        let length = bytes.len();
        let body = if self.plan.truncates() {
            pipe::truncated(bytes)
        } else if let Some(over) = self.plan.drip() {
            pipe::dripping(bytes, over)
        } else {
            return answer.into_response();
        };
        let mut response = answer.into_response();
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
        *response.body_mut() = body;
        response
    }
}

/// The answer with what its caller asked to be told.
fn explained(mut answer: Answer, id: Option<u64>, violated: &[Violated]) -> Answer {
    if let Some(id) = id {
        answer = answer.with_header(JOURNAL, id.into());
    }
    let mut ids: Vec<&str> = violated.iter().filter_map(|v| v.requirement.as_deref()).collect();
    ids.dedup();
    match HeaderValue::try_from(ids.join(", ")) {
        Ok(ids) if !ids.is_empty() => answer.with_header(REQUIREMENT, ids),
        _ => answer,
    }
}

/// The code that goes with a status.
fn code(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "err.request.unauthorized",
        403 => "err.request.forbidden",
        404 => "err.request.not_found",
        408 | 504 => "err.request.timeout",
        429 => "err.request.too_many_requests",
        500.. => "err.service.unavailable",
        _ => "err.request.bad",
    }
}
