//! `{base}/_dcx/clients`: who may obtain a token. `POST` takes one in, `POST ID/rotate` gives one another secret,
//! `DELETE ID` takes all rights from one. A secret stands in one answer and nowhere else.

use super::refused;
use crate::answer::Answer;
use crate::clients::{Client, ClientEntry, Unchanged};
use crate::clock;
use crate::house::Place;
use crate::incoming::Incoming;
use crate::journal::News;
use crate::operation::Operation;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

/// Every client, and which scopes there are. No secrets.
pub(crate) async fn list(State(place): State<Place>) -> Response {
    let service = place.service();
    let now = clock::now();
    let clients: Vec<Value> = service.clients.list().iter().map(|c| c.told(now)).collect();
    let scopes: Vec<&str> = Operation::scopes()
        .filter(|scope| service.operations.iter().any(|(o, _)| o.scope() == Some(*scope)))
        .collect();
    let isolated = place.house.config.isolate;
    super::ok(&json!({"clients": clients, "scopes": scopes, "isolated": isolated}))
}

/// Takes a client in: `{"client_id", "scopes", "sender_id", "public_key", "callback", "expires"}`, all of which
/// may be absent.
pub(crate) async fn create(State(place): State<Place>, request: Request) -> Response {
    let written = match read(request).await {
        Ok(written) => written,
        Err(response) => return response,
    };
    let entry = match ClientEntry::of_json(&written) {
        Ok(entry) => entry,
        Err(why) => return refused(StatusCode::UNPROCESSABLE_ENTITY, &why),
    };
    match place.service().clients.create(entry) {
        Ok((client, secret)) => changed(&place, StatusCode::CREATED, &client, secret),
        Err(why) => unchanged(&why),
    }
}

/// Gives a client another secret: `{"grace": SECONDS}` is how long the one before it goes on, by default not at
/// all.
pub(crate) async fn rotate(
    State(place): State<Place>,
    id: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let written = match read(request).await {
        Ok(written) => written,
        Err(response) => return response,
    };
    let known = |name: &String| name == "grace";
    let members = written.as_object().map(|members| members.keys().all(known));
    let grace = written.get("grace").map_or(Some(0.0), Value::as_f64);
    let (Some(true), Some(grace)) = (members, grace) else {
        let message = "expected an object with nothing but a number `grace`, in seconds";
        return refused(StatusCode::UNPROCESSABLE_ENTITY, message);
    };
    let id = id.map(|Path(id)| id).unwrap_or_default();
    match place.service().clients.rotate(&id, grace) {
        Ok((client, secret)) => changed(&place, StatusCode::OK, &client, Some(secret)),
        Err(why) => unchanged(&why),
    }
}

/// Takes all rights from a client, at once.
pub(crate) async fn revoke(State(place): State<Place>, id: Result<Path<String>, PathRejection>) -> Response {
    let id = id.map(|Path(id)| id).unwrap_or_default();
    match place.service().clients.revoke(&id) {
        Ok(client) => {
            place.forget(&id);
            changed(&place, StatusCode::OK, &client, None)
        }
        Err(why) => unchanged(&why),
    }
}

/// An object of a request; one that is empty says nothing.
pub(super) async fn read(request: Request) -> Result<Value, Response> {
    let incoming = Incoming::read(request).await;
    let read = match incoming.bytes() {
        Ok([]) => Ok(json!({})),
        _ => incoming.json(),
    };
    // What cannot be read may hold a secret; why it cannot says only where.
    read.map_err(|fault| refused(StatusCode::UNPROCESSABLE_ENTITY, &fault.message))
}

fn changed(place: &Place, status: StatusCode, client: &Client, secret: Option<String>) -> Response {
    place.house.journal.tell(News::Changed);
    let mut told = client.told(clock::now());
    if let Some(secret) = secret {
        told["client_secret"] = secret.into();
    }
    let answer = Answer::json(status, &told).uncached();
    place.service().unless_lost(answer).into_response()
}

fn unchanged(why: &Unchanged) -> Response {
    let status = match why {
        Unchanged::NoSuchClient => StatusCode::NOT_FOUND,
        Unchanged::Taken | Unchanged::Revoked => StatusCode::CONFLICT,
        Unchanged::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Unchanged::Unfit(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    refused(status, &why.to_string())
}
