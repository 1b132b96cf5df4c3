//! `/_dcx/defects`: what the mock does wrong. `PUT {"active": [ID, …]}` switches to these and no others.

use super::{ok, refused};
use crate::house::House;
use crate::incoming::Incoming;
use crate::mistake::Mistake;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn get(State(house): State<Arc<House>>) -> Response {
    let available = Mistake::all().filter_map(|mistake| {
        let under = under(&house, mistake);
        let told = || {
            json!({
                "id": mistake.id(),
                "requirement": mistake.requirement(),
                "mistake": mistake.mistake(),
                "profiles": under,
            })
        };
        (!under.is_empty()).then(told)
    });
    let available: Vec<Value> = available.collect();
    let mut told = active(&house);
    told["available"] = available.into();
    ok(&told)
}

pub(super) async fn put(State(house): State<Arc<House>>, request: Request) -> Response {
    let incoming = Incoming::read(request).await;
    let written = incoming.json().map_err(|fault| fault.message);
    let mistakes = match written.and_then(|written| read(&house, &written)) {
        Ok(mistakes) => mistakes,
        Err(why) => return refused(StatusCode::UNPROCESSABLE_ENTITY, &why),
    };
    let switching = Arc::clone(&house);
    // Every schema that is checked is compiled anew.
    let done = tokio::task::spawn_blocking(move || switching.make_mistakes(&mistakes)).await;
    match done {
        Ok(Ok(())) => ok(&active(&house)),
        Ok(Err(error)) => refused(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
        Err(_) => refused(StatusCode::INTERNAL_SERVER_ERROR, "the switch was interrupted"),
    }
}

fn active(house: &House) -> Value {
    let ids: Vec<String> = house.mistakes().into_iter().map(Mistake::id).collect();
    json!({"active": ids})
}

/// The served profiles under which a mistake can be made.
fn under(house: &House, mistake: Mistake) -> Vec<&str> {
    let profiles = house.config.profiles.iter();
    let concerned = profiles.filter(|profile| mistake.exists_under(profile));
    concerned.map(|profile| profile.id.as_str()).collect()
}

fn read(house: &House, written: &Value) -> Result<Vec<Mistake>, String> {
    let ids = written.get("active").and_then(Value::as_array);
    let ids = ids.ok_or("expected an object with a list `active`")?;
    let mut mistakes: Vec<Mistake> = Vec::new();
    for (nth, id) in ids.iter().enumerate() {
        let id = id
            .as_str()
            .ok_or_else(|| format!("/active/{nth}: expected the id of a defect"))?;
        let mistake = Mistake::from_id(id).ok_or_else(|| format!("/active/{nth}: {}", unknown(id)))?;
        if under(house, mistake).is_empty() {
            return Err(format!(
                "/active/{nth}: no profile that is served can commit `{id}`"
            ));
        }
        if !mistakes.contains(&mistake) {
            mistakes.push(mistake);
        }
    }
    Ok(mistakes)
}

fn unknown(id: &str) -> String {
    let near = Mistake::all().map(Mistake::id);
    let near = near.min_by_key(|known| strsim::damerau_levenshtein(known, id));
    match near.filter(|known| strsim::damerau_levenshtein(known, id) <= 3) {
        Some(known) => format!("there is no defect `{id}` — did you mean `{known}`?"),
        None => format!("there is no defect `{id}`"),
    }
}
