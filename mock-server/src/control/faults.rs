//! `/_dcx/faults`: the rules by which something is done to exchanges. `PUT` replaces all of them:
//! `{"faults": [{"prefer": "dcx-status=503", "operation": "search", "chance": 0.2}]}`; a rule may also be a
//! text, as on the command line.

use super::{ok, refused};
use crate::house::House;
use crate::incoming::Incoming;
use crate::steering::{FaultRule, operations};
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;

/// How many rules there may be: each is looked at on every request.
const MOST_RULES: usize = 100;

pub(super) async fn get(State(house): State<Arc<House>>) -> Response {
    ok(&told(&house))
}

pub(super) async fn put(State(house): State<Arc<House>>, request: Request) -> Response {
    let incoming = Incoming::read(request).await;
    let rules = incoming.json().map_err(|fault| fault.message);
    match rules.and_then(|written| read(&house, &written)) {
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

fn read(house: &House, written: &Value) -> Result<Vec<FaultRule>, String> {
    let written = written.get("faults").and_then(Value::as_array);
    let written = written.ok_or("expected an object with a list `faults`")?;
    if written.len() > MOST_RULES {
        return Err(format!("there may be at most {MOST_RULES} rules"));
    }
    let read = |(nth, rule): (usize, &Value)| {
        let rule = FaultRule::from_json(rule.clone()).map_err(|why| format!("/faults/{nth}: {why}"))?;
        let unknown = |id: &&str| !house.config.profiles.iter().any(|p| p.id == *id);
        match rule.profile().filter(unknown) {
            Some(id) => Err(format!("/faults/{nth}: the profile `{id}` is not served")),
            None => Ok(rule),
        }
    };
    written.iter().enumerate().map(read).collect()
}
