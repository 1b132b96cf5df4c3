//! Which path leads to which operation of which profile.

use crate::Defect;
use crate::answer::Answer;
use crate::config::StartError;
use crate::incoming::Incoming;
use crate::operation::Operation;
use crate::service::Service;
use crate::{dci, digit};
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::StatusCode;
use serde_json::Value;
use specs::wire::jwk;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use tracing::info;

/// Where events are made and listed.
const EVENTS: &str = "/_dcx/events";
/// Where the live subscriptions are listed.
const SUBSCRIPTIONS: &str = "/_dcx/subscriptions";
/// Where our public keys are.
const KEY_SET: &str = "/.well-known/jwks.json";

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
        .chain(
            tells_of_events(service)
                .then_some([EVENTS, SUBSCRIPTIONS])
                .into_iter()
                .flatten(),
        )
        .chain(signs(service).then_some(KEY_SET))
}

/// Whether our messages are signed.
fn signs(service: &Service) -> bool {
    service.profile.signature.scheme.signs()
}

/// Whether there is anything to subscribe to.
fn tells_of_events(service: &Service) -> bool {
    service.path(Operation::Subscribe).is_some()
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
    if tells_of_events(service) {
        router = router
            .route(&format!("{prefix}{EVENTS}"), get(events).post(make_event))
            .route(&format!("{prefix}{SUBSCRIPTIONS}"), get(subscriptions));
    }
    if signs(service) {
        router = router.route(&format!("{prefix}{KEY_SET}"), get(key_set));
    }
    for (operation, path) in &service.operations {
        let path = format!("{prefix}{path}");
        let operation = *operation;
        router = match operation {
            Operation::Exchange => router.route(&path, post(exchange)),
            _ => router.route(
                &path,
                post(move |cx, request| of_registry(operation, cx, request)),
            ),
        };
    }
    router.with_state(Arc::clone(service))
}

async fn of_registry(operation: Operation, State(cx): State<Arc<Service>>, request: Request) -> Response {
    let started = Instant::now();
    let incoming = Incoming::read(request).await;
    let answer = dci::answer(&cx, operation, &incoming).await;
    logged(&cx, operation.id(), started, answer)
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

async fn key_set(State(cx): State<Arc<Service>>) -> Response {
    if cx.commits(Defect::KeySetMissing) {
        let message = "keys are handed out otherwise";
        return Answer::errors(StatusCode::NOT_FOUND, "err.request.not_found", message).into_response();
    }
    let key = cx.keys.receiver_of(cx.profile.signature.scheme).public();
    let mut set = jwk::write_set([&key]);
    if cx.commits(Defect::KeySetPrivate) {
        // The name alone is the mistake; the real number stays where it is.
        set["keys"][0]["d"] = jwk::thumbprint(&key).into();
    }
    Answer::json(StatusCode::OK, &set).into_response()
}

async fn make_event(State(cx): State<Arc<Service>>, request: Request) -> Response {
    let started = Instant::now();
    let incoming = Incoming::read(request).await;
    let answer = dci::control::make_event(&cx, &incoming).await;
    logged(&cx, "event", started, answer)
}

async fn events(State(cx): State<Arc<Service>>) -> Response {
    dci::control::events(&cx).uncached().into_response()
}

async fn subscriptions(State(cx): State<Arc<Service>>) -> Response {
    dci::control::subscriptions(&cx).uncached().into_response()
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
