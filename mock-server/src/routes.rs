//! Which path leads to which operation of which profile.

use crate::Defect;
use crate::answer::Answer;
use crate::config::StartError;
use crate::house::{House, Place};
use crate::operation::Operation;
use crate::readings::Way;
use crate::service::Service;
use crate::steering::EVENT;
use crate::visit::Visit;
use crate::{clients, clock, control, dci, digit, export, stray};
use axum::Router;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, Request, State};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use specs::wire::jwk;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where events are made and listed.
const EVENTS: &str = "/_dcx/events";
/// Where the records are listed, one a line.
const RECORDS: &str = "/_dcx/records";
/// Where the live subscriptions are listed.
const SUBSCRIPTIONS: &str = "/_dcx/subscriptions";
/// Where clients are listed and changed.
const CLIENTS: [&str; 3] = ["/_dcx/clients", "/_dcx/clients/{id}", "/_dcx/clients/{id}/rotate"];
/// Where tokens are made that must be refused.
const TOKENS: &str = "/_dcx/tokens";
/// Where the names of all keys are listed.
const KEYS: &str = "/_dcx/keys";
/// Where our key is replaced.
const ROTATE: &str = "/_dcx/keys/rotate";
/// Where the partner's keys are registered.
const PARTNER: &str = "/_dcx/keys/partner";
/// Where our public keys are.
const KEY_SET: &str = "/.well-known/jwks.json";

/// The whole mock as a router. A profile is served below its base path; one that is alone is served at
/// the root as well.
pub(crate) fn router(house: &Arc<House>) -> Result<Router, StartError> {
    let mut router = Router::new().route("/healthz", get(|| async { "ok\n" }));
    let mut taken = BTreeMap::from([("/healthz".to_owned(), "the mock itself".to_owned())]);
    for path in control::PATHS {
        claim(&mut taken, path, "the mock itself")?;
    }
    let places: Vec<Place> = house.places().collect();
    for place in &places {
        let service = place.service();
        let base = service.profile.base_path.trim_end_matches('/');
        let alone = places.len() == 1 && !base.is_empty();
        for prefix in [base].into_iter().chain(alone.then_some("")) {
            for path in paths(&service) {
                claim(&mut taken, &format!("{prefix}{path}"), &service.profile.id)?;
            }
            router = router.merge(mounted(place, &service, prefix));
        }
    }
    let known: Arc<[String]> = taken.into_keys().collect();
    let [nothing, otherwise] = [Arc::clone(house), Arc::clone(house)];
    Ok(router
        .merge(control::router(house))
        .fallback(async move |request: Request| stray::not_found(&nothing, &known, &request))
        .method_not_allowed_fallback(async move |request: Request| stray::not_allowed(&otherwise, &request)))
}

fn paths(service: &Service) -> impl Iterator<Item = &str> {
    service
        .operations
        .iter()
        .map(|(_, path)| path.as_str())
        .chain(["/_dcx/mailbox"])
        .chain(service.profile.registry.is_some().then_some(RECORDS))
        .chain(
            tells_of_events(service)
                .then_some([EVENTS, SUBSCRIPTIONS])
                .into_iter()
                .flatten(),
        )
        .chain([KEY_SET])
        .chain(
            signs(service)
                .then_some([KEYS, ROTATE, PARTNER])
                .into_iter()
                .flatten(),
        )
        .chain(issues(service).then_some(CLIENTS).into_iter().flatten())
        .chain(issues(service).then_some(TOKENS))
}

/// Whether our messages are signed.
fn signs(service: &Service) -> bool {
    service.profile.signature.scheme.signs()
}

/// Whether clients obtain tokens here.
fn issues(service: &Service) -> bool {
    service.path(Operation::Token).is_some()
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

fn mounted(place: &Place, service: &Service, prefix: &str) -> Router {
    let mut router = Router::new().route(&format!("{prefix}/_dcx/mailbox"), get(mailbox));
    if service.profile.registry.is_some() {
        router = router.route(&format!("{prefix}{RECORDS}"), get(records));
    }
    if tells_of_events(service) {
        router = router
            .route(&format!("{prefix}{EVENTS}"), get(events).post(make_event))
            .route(&format!("{prefix}{SUBSCRIPTIONS}"), get(subscriptions));
    }
    router = router.route(&format!("{prefix}{KEY_SET}"), get(key_set));
    if signs(service) {
        router = router
            .route(&format!("{prefix}{KEYS}"), get(control::keys::get))
            .route(&format!("{prefix}{ROTATE}"), post(control::keys::rotate))
            .route(&format!("{prefix}{PARTNER}"), put(control::keys::register));
    }
    if issues(service) {
        use control::{clients, tokens};
        let [all, one, rotate] = CLIENTS.map(|path| format!("{prefix}{path}"));
        router = router
            .route(&all, get(clients::list).post(clients::create))
            .route(&one, delete(clients::revoke))
            .route(&rotate, post(clients::rotate))
            .route(&format!("{prefix}{TOKENS}"), post(tokens::make));
    }
    router = router.layer(from_fn_with_state(Arc::clone(&place.house), control::guard));
    for (operation, path) in &service.operations {
        let path = format!("{prefix}{path}");
        let operation = *operation;
        router = match operation {
            Operation::Exchange => router.route(&path, post(exchange)),
            _ => router.route(
                &path,
                post(move |place, request| of_registry(operation, place, request)),
            ),
        };
    }
    router.with_state(place.clone())
}

async fn of_registry(operation: Operation, State(place): State<Place>, request: Request) -> Response {
    let mut visit = Visit::begin(place, operation.id(), request).await;
    let answer = match visit.instead() {
        Some(answer) => answer,
        None => match visit.admit(operation).await {
            Ok(()) => dci::answer(&visit.cx, operation, &visit.incoming).await,
            Err(answer) => *answer,
        },
    };
    visit.end(answer)
}

async fn exchange(
    State(place): State<Place>,
    kind: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    // A segment that is no text is no type either.
    let kind = kind.map(|Path(kind)| kind).unwrap_or_default();
    let visit = Visit::begin(place, Operation::Exchange.id(), request).await;
    let answer = match visit.instead() {
        Some(answer) => answer,
        None => digit::exchange(&visit.cx, &visit.incoming, &kind).await,
    };
    visit.end(answer)
}

/// Whose registry is meant, where each client has its own.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Whose {
    client: Option<String>,
}

type Asked = Result<Query<Whose>, QueryRejection>;

/// The registry that is meant: without a client, the one of the demonstration client.
async fn meant(place: &Place, asked: Asked) -> Result<Arc<Service>, Box<Answer>> {
    let refused = |status, why: &str| {
        Err(Box::new(
            Answer::errors(status, "err.request.bad", why).uncached(),
        ))
    };
    let Query(Whose { client }) = match asked {
        Ok(asked) => asked,
        Err(error) => return refused(StatusCode::BAD_REQUEST, &error.body_text()),
    };
    let shared = place.service();
    let Some(client) = client else {
        return Ok(shared);
    };
    let known = shared.clients.get(&client);
    if known.is_none_or(|known| known.state(clock::now()) == clients::State::Revoked) {
        return refused(
            StatusCode::NOT_FOUND,
            "there is no such client, or it was revoked",
        );
    }
    match place.of_client(&client).await {
        Ok(service) => Ok(service),
        Err(why) => refused(StatusCode::SERVICE_UNAVAILABLE, &why),
    }
}

async fn mailbox(State(place): State<Place>, asked: Asked) -> Response {
    let kept = match meant(&place, asked).await {
        Ok(service) => service.courier.mailbox.list(),
        Err(answer) => return answer.into_response(),
    };
    Answer::json(StatusCode::OK, &Value::Array(kept))
        .uncached()
        .into_response()
}

async fn key_set(State(place): State<Place>) -> Response {
    let cx = place.service();
    if cx.commits(Defect::KeySetMissing) {
        let message = "keys are handed out otherwise";
        return Answer::errors(StatusCode::NOT_FOUND, "err.request.not_found", message).into_response();
    }
    let mut keys: Vec<Value> = Vec::new();
    if signs(&cx) {
        keys.extend(cx.ring.served().iter().map(jwk::write));
        if cx.commits(Defect::KeySetPrivate) {
            // The name alone is the mistake; the real number stays where it is.
            keys[0]["d"] = keys[0]["kid"].clone();
        }
    }
    if cx.ways.take(Way::KeyIdOwn) {
        for (nth, key) in keys.iter_mut().enumerate() {
            key["kid"] = format!("registry-{}", nth + 1).into();
        }
    }
    // Whoever wants to may encrypt, under every profile.
    keys.push(jwk::write_for_encryption(&cx.keys.own().verifying_key()));
    Answer::json(StatusCode::OK, &json!({"keys": keys})).into_response()
}

async fn records(State(place): State<Place>, asked: Asked) -> Response {
    match meant(&place, asked).await {
        Ok(service) => export::records(&service),
        Err(answer) => answer.into_response(),
    }
}

async fn make_event(State(place): State<Place>, asked: Asked, request: Request) -> Response {
    let meant = meant(&place, asked).await;
    let visit = Visit::begin(place, EVENT, request).await;
    let answer = match (visit.instead(), meant) {
        (Some(answer), _) => answer,
        (None, Err(answer)) => *answer,
        (None, Ok(service)) => dci::control::make_event(&service, &visit.incoming).await,
    };
    visit.end(answer)
}

async fn events(State(place): State<Place>, asked: Asked) -> Response {
    let answer = meant(&place, asked)
        .await
        .map(|service| dci::control::events(&service));
    answer.unwrap_or_else(|answer| *answer).uncached().into_response()
}

async fn subscriptions(State(place): State<Place>, asked: Asked) -> Response {
    let answer = meant(&place, asked).await;
    let answer = answer.map(|service| dci::control::subscriptions(&service));
    answer.unwrap_or_else(|answer| *answer).uncached().into_response()
}
