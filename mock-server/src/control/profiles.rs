//! `GET /_dcx/profiles`: what is served, and where. No credentials.

use super::ok;
use crate::house::House;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn profiles(State(house): State<Arc<House>>) -> Response {
    let profiles = house.services().map(|service| {
        let profile = &service.profile;
        let operations: Vec<&str> = service
            .operations
            .iter()
            .map(|(operation, _)| operation.id())
            .collect();
        let tells = operations.contains(&"subscribe");
        let registry = profile.registry.as_ref().filter(|_| tells);
        json!({
            "id": profile.id,
            "title": profile.title,
            "base_path": profile.base_path.trim_end_matches('/'),
            "operations": operations,
            "event_types": registry.map(|r| r.event_types.clone()).unwrap_or_default(),
        })
    });
    ok(&json!({"profiles": profiles.collect::<Vec<Value>>(), "seed": house.config.seed}))
}
