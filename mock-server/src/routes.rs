//! Which path leads to which operation of which profile.

use crate::answer::Answer;
use crate::config::StartError;
use crate::incoming::Incoming;
use crate::service::{Operation, Service};
use crate::{dci, digit};
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::StatusCode;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use tracing::info;

/// The whole mock as a router. A profile is served below its base path; one that is alone is served at
/// the root as well.
pub(crate) fn router(services: &[Arc<Service>]) -> Result<Router, StartError> {
    let mut router = Router::new().route("/healthz", get(|| async { "ok\n" }));
    let mut taken = BTreeMap::from([("/healthz".to_owned(), "the mock itself".to_owned())]);
    for service in services {
        let base = service.profile.base_path.trim_end_matches('/');
        let alone = services.len() == 1 && !base.is_empty();
        for prefix in [base].into_iter().chain(alone.then_some("")) {
            for path in paths(service) {
                claim(&mut taken, &format!("{prefix}{path}"), &service.profile.id)?;
            }
            router = router.merge(mounted(service, prefix));
        }
    }
    Ok(router
        .fallback(not_found)
        .method_not_allowed_fallback(not_allowed))
}

fn paths(service: &Service) -> impl Iterator<Item = &str> {
    service
        .operations
        .iter()
        .map(|(_, path)| path.as_str())
        .chain(["/_dcx/mailbox"])
}

fn claim(taken: &mut BTreeMap<String, String>, path: &str, profile: &str) -> Result<(), StartError> {
    match taken.insert(path.to_owned(), profile.to_owned()) {
        None => Ok(()),
        Some(first) => {
            let (second, path) = (profile.to_owned(), path.to_owned());
            Err(StartError::SameAddress { first, second, path })
        }
    }
}

fn mounted(service: &Arc<Service>, prefix: &str) -> Router {
    let mut router = Router::new().route(&format!("{prefix}/_dcx/mailbox"), get(mailbox));
    for (operation, path) in &service.operations {
        let path = format!("{prefix}{path}");
        router = match operation {
            Operation::Token => router.route(&path, post(token)),
            Operation::SyncSearch => router.route(&path, post(sync_search)),
            Operation::Search => router.route(&path, post(search)),
            Operation::Exchange => router.route(&path, post(exchange)),
        };
    }
    router.with_state(Arc::clone(service))
}

async fn token(State(cx): State<Arc<Service>>, request: Request) -> Response {
    let started = Instant::now();
    let incoming = Incoming::read(request).await;
    logged(&cx, "token", started, dci::token(&cx, &incoming))
}

async fn sync_search(State(cx): State<Arc<Service>>, request: Request) -> Response {
    let started = Instant::now();
    let incoming = Incoming::read(request).await;
    logged(&cx, "sync-search", started, dci::sync_search(&cx, &incoming))
}

async fn search(State(cx): State<Arc<Service>>, request: Request) -> Response {
    let started = Instant::now();
    let incoming = Incoming::read(request).await;
    logged(&cx, "search", started, dci::search(&cx, &incoming).await)
}

async fn exchange(
    State(cx): State<Arc<Service>>,
    kind: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    // A segment that is no text is no type either.
    let kind = kind.map(|Path(kind)| kind).unwrap_or_default();
    let started = Instant::now();
    let incoming = Incoming::read(request).await;
    logged(
        &cx,
        "exchange",
        started,
        digit::exchange(&cx, &incoming, &kind).await,
    )
}

async fn mailbox(State(cx): State<Arc<Service>>) -> Response {
    Answer::json(StatusCode::OK, &Value::Array(cx.courier.mailbox.list()))
        .uncached()
        .into_response()
}

async fn not_found(request: Request) -> Response {
    let message = format!("there is nothing at {}", request.uri().path());
    Answer::errors(StatusCode::NOT_FOUND, "err.request.not_found", &message).into_response()
}

async fn not_allowed(request: Request) -> Response {
    let message = format!("{} is not offered at {}", request.method(), request.uri().path());
    Answer::errors(StatusCode::METHOD_NOT_ALLOWED, "err.request.not_found", &message).into_response()
}

/// One line per request. What the caller wrote is quoted, so that it cannot forge a line.
fn logged(cx: &Service, operation: &str, started: Instant, answer: Answer) -> Response {
    let note = &answer.note;
    info!(
        profile = cx.profile.id,
        operation,
        status = answer.status.as_u16(),
        message_id = ?note.message_id,
        transaction_id = ?note.transaction_id,
        correlation_id = ?note.correlation_id,
        verdict = ?note.verdict,
        elapsed = ?started.elapsed(),
        "request"
    );
    answer.into_response()
}
