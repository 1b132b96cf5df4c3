//! `GET /_dcx/journal`, and one of its entries.

use super::{ok, refused};
use crate::house::House;
use crate::journal::Entry;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// How many entries are listed, unless somebody asks for less.
const MOST_LISTED: usize = 1000;

/// What is asked for. Several values of one member stand with commas between them.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Asked {
    after: u64,
    limit: Option<usize>,
    kind: String,
    profile: String,
    operation: String,
    verdict: String,
}

impl Asked {
    fn wants(&self, entry: &Entry) -> bool {
        let one_of =
            |wanted: &str, held: &str| wanted.is_empty() || wanted.split(',').any(|w| w.trim() == held);
        one_of(&self.profile, &entry.profile)
            && one_of(&self.operation, &entry.operation)
            && one_of(&self.verdict, entry.verdict.word())
            && one_of(&self.kind, entry.kind.word())
    }
}

/// The newest entries that are wanted, without headers and bodies, oldest first.
pub(super) async fn list(
    State(house): State<Arc<House>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let asked = match asked {
        Ok(Query(asked)) => asked,
        Err(error) => return refused(StatusCode::BAD_REQUEST, &error.body_text()),
    };
    let limit = asked.limit.unwrap_or(MOST_LISTED).min(MOST_LISTED);
    let page = house.journal.page(asked.after, limit, |entry| asked.wants(entry));
    let entries: Vec<Value> = page.entries.iter().map(|entry| entry.summary()).collect();
    ok(&json!({"entries": entries, "last": page.last, "dropped": page.dropped}))
}

/// All of one entry.
pub(super) async fn entry(State(house): State<Arc<House>>, id: Result<Path<u64>, PathRejection>) -> Response {
    let entry = id.ok().and_then(|Path(id)| house.journal.entry(id));
    match entry {
        Some(entry) => ok(&entry.full()),
        None => refused(
            StatusCode::NOT_FOUND,
            "the journal has no entry of this number, or no longer",
        ),
    }
}
