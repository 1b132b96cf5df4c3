//! `/_dcx/faults`: the rules by which something is done to exchanges. `PUT` replaces all of them:
//! `{"faults": [{"prefer": "dcx-status=503", "operation": "search", "chance": 0.2}]}`; a rule may also be a
//! text, as on the command line.

use super::{ok, refused};
use crate::file::Wrong;
use crate::house::House;
use crate::incoming::Incoming;
use crate::steering::{self, operations};
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn get(State(house): State<Arc<House>>) -> Response {
    ok(&told(&house))
}

pub(super) async fn put(State(house): State<Arc<House>>, request: Request) -> Response {
    let incoming = Incoming::read(request).await;
    let rules = incoming.json().map_err(|fault| fault.message);
    let read = |written: Value| {
        let told = |wrong: Wrong| format!("{}: {}; {}", wrong.pointer, wrong.message, wrong.remedy);
        steering::rules(&written, &house.config.profiles).map_err(told)
    };
    match rules.and_then(read) {
        Ok(rules) => {
            house.steer(&rules);
            ok(&told(&house))
        }
        Err(why) => refused(StatusCode::UNPROCESSABLE_ENTITY, &why),
    }
}

pub(super) async fn delete(State(house): State<Arc<House>>) -> Response {
    house.steer(&[]);
    ok(&told(&house))
}

fn told(house: &House) -> Value {
    let mut told = house.steering.told();
    told["operations"] = json!(operations().collect::<Vec<_>>());
    told
}
