//! `GET /_dcx/stream`: what happens, as server-sent events. `entry` brings an entry of the journal without
//! headers and bodies; `reset` and `changed` say that what was known is out of date, and so does `lagged`
//! to a reader who was too slow.

use super::refused;
use crate::answer::Answer;
use crate::house::House;
use crate::journal::{Entry, News};
use crate::pipe::{Mouth, pipe};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::HeaderName;
use http::{HeaderMap, HeaderValue, StatusCode};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream");
/// How many readers there may be at once.
const MOST_READERS: usize = 64;
/// How many entries a reader who comes back is told of.
const MOST_MISSED: usize = 1000;
/// How long nothing is said at most, so that a reader who has gone away is noticed.
const SILENCE: Duration = Duration::from_secs(15);

pub(super) async fn stream(State(house): State<Arc<House>>, headers: HeaderMap) -> Response {
    if house.journal.listeners() >= MOST_READERS {
        return refused(StatusCode::SERVICE_UNAVAILABLE, "too many are reading the stream");
    }
    let after = headers
        .get(LAST_EVENT_ID)
        .and_then(|v| v.to_str().ok()?.parse().ok());
    let (mouth, body) = pipe();
    tokio::spawn(async move {
        let mut stopped = house.stopped.clone();
        tokio::select! {
            _ = tell(&house, after, &mouth) => {}
            () = stopped.wait() => {}
        }
    });
    let mut response = Answer::text(StatusCode::OK, EVENT_STREAM, String::new())
        .uncached()
        .into_response();
    *response.body_mut() = body;
    response
}

/// Tells a reader of all that happens; `None` once the reader is gone.
async fn tell(house: &House, after: Option<u64>, mouth: &Mouth) -> Option<()> {
    let mut news = house.journal.listen();
    say(mouth, "retry: 1000\n\n".to_owned()).await?;
    let mut told = 0;
    if let Some(after) = after {
        for entry in house.journal.page(after, MOST_MISSED, |_| true).entries {
            told = entry.id;
            say(mouth, of_entry(&entry)).await?;
        }
    }
    loop {
        let text = match tokio::time::timeout(SILENCE, news.recv()).await {
            Err(_) => ": nothing new\n\n".to_owned(),
            Ok(Ok(News::Entry(entry))) if entry.id <= told => continue,
            Ok(Ok(News::Entry(entry))) => of_entry(&entry),
            Ok(Ok(News::Reset)) => "event: reset\ndata: {}\n\n".to_owned(),
            Ok(Ok(News::Changed)) => "event: changed\ndata: {}\n\n".to_owned(),
            Ok(Err(RecvError::Lagged(missed))) => format!("event: lagged\ndata: {{\"missed\":{missed}}}\n\n"),
            Ok(Err(RecvError::Closed)) => return None,
        };
        say(mouth, text).await?;
    }
}

/// JSON holds no line break, so that it is one line of data.
fn of_entry(entry: &Entry) -> String {
    format!("id: {}\nevent: entry\ndata: {}\n\n", entry.id, entry.summary())
}

async fn say(mouth: &Mouth, text: String) -> Option<()> {
    mouth.send(Ok(text.into())).await.ok()
}
