//! What the mock offers beside its profiles, once, below `/_dcx/` at the root: its journal, the faults and
//! defects that can be switched while it runs, and the inspector, a page that shows and does all of it.

pub(crate) mod clients;
mod defects;
mod faults;
mod guard;
mod journal;
pub(crate) mod keys;
mod page;
mod profiles;
mod stream;
pub(crate) mod tokens;

pub(crate) use guard::guard;

use crate::answer::Answer;
use crate::house::House;
use axum::Router;
use axum::extract::State;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::StatusCode;
use serde_json::json;
use std::sync::Arc;

/// The paths that no profile can have.
pub(crate) const PATHS: [&str; 9] = [
    "/_dcx",
    "/_dcx/",
    "/_dcx/journal",
    "/_dcx/journal/{id}",
    "/_dcx/stream",
    "/_dcx/profiles",
    "/_dcx/faults",
    "/_dcx/defects",
    "/_dcx/reset",
];

/// The routes of the house.
pub(crate) fn router(house: &Arc<House>) -> Router {
    let [home, page, list, entry, stream, profiles, faults, defects, again] = PATHS;
    let to_page = || async { Redirect::permanent("/_dcx/") };
    Router::new()
        .route(home, get(to_page))
        .route(page, get(page::page))
        .route(list, get(journal::list))
        .route(entry, get(journal::entry))
        .route(stream, get(stream::stream))
        .route(profiles, get(profiles::profiles))
        .route(faults, get(faults::get).put(faults::put).delete(faults::delete))
        .route(defects, get(defects::get).put(defects::put))
        .route(again, post(reset))
        .layer(from_fn_with_state(Arc::clone(house), guard))
        .with_state(Arc::clone(house))
}

/// Everything as it was after the start.
async fn reset(State(house): State<Arc<House>>) -> Response {
    // Making the people may take a while.
    let done = tokio::task::spawn_blocking(move || house.reset()).await;
    match done {
        Ok(Ok(())) => ok(&json!({"reset": true})),
        Ok(Err(error)) => refused(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
        Err(_) => refused(StatusCode::INTERNAL_SERVER_ERROR, "the reset was interrupted"),
    }
}

/// An answer of the house.
fn ok(body: &serde_json::Value) -> Response {
    Answer::json(StatusCode::OK, body).uncached().into_response()
}

/// Why there is none.
fn refused(status: StatusCode, message: &str) -> Response {
    let code = if status == StatusCode::NOT_FOUND {
        "err.request.not_found"
    } else {
        "err.request.bad"
    };
    Answer::errors(status, code, message).uncached().into_response()
}
