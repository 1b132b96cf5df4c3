//! The callback receiver: one listener, a private address for every step that expects to be called.

use crate::record::Redactor;
use axum::Router;
use axum::body::Body as HttpBody;
use axum::extract::State;
use axum::http::{Request as HttpRequest, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value;
use specs::evidence::Request;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use suites::plan::Consumer;
use tokio::sync::{Notify, watch};

/// How long a callback's body may be.
const LARGEST_CALLBACK: usize = 8 * 1024 * 1024;

/// How many callbacks of one address are kept; more say nothing new.
const KEPT: usize = 100;

/// Where callbacks are kept, by their key.
const KEPT_AT: &str = "/cb/";
/// Where they are not.
const DROPPED_AT: &str = "/cb-dropped/";

/// A callback as it arrived.
#[derive(Debug, Clone)]
pub struct Received {
    /// What followed the address that was given.
    pub path_suffix: String,
    /// The request, redacted.
    pub request: Request,
    /// When it arrived.
    pub at: Instant,
}

#[derive(Default)]
struct Inbox {
    received: Mutex<HashMap<String, Vec<Received>>>,
    strays: Mutex<u64>,
    arrived: Notify,
    /// Keys whose request has not been answered yet.
    unanswered: Mutex<HashMap<String, watch::Receiver<bool>>>,
    /// Keys whose callbacks are not acknowledged at once.
    consumers: Mutex<HashMap<String, Consumer>>,
}

/// How long a slow consumer takes to acknowledge a callback.
const SLOW: Duration = Duration::from_secs(2);

/// How long the answer to a callback is held back while the acknowledgement of its request is missing. A
/// target that calls back before it acknowledges is found out by this: its acknowledgement waits for us.
const HOLD: Duration = Duration::from_secs(2);

/// A request that may be called back before it is answered. Dropping it says that it is answered.
pub struct Unanswered {
    inbox: Arc<Inbox>,
    key: String,
    answered: watch::Sender<bool>,
}

impl Drop for Unanswered {
    fn drop(&mut self) {
        lock(&self.inbox.unanswered).remove(&self.key);
        // Nobody may be waiting.
        let _ = self.answered.send(true);
    }
}

/// Receives callbacks.
pub struct CallbackReceiver {
    inbox: Arc<Inbox>,
    listen: SocketAddr,
    url: String,
    server: tokio::task::JoinHandle<()>,
}

impl CallbackReceiver {
    /// Listens for callbacks. `public_url` is how targets reach us, when that is not the listening
    /// address.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn start(
        listen: SocketAddr,
        public_url: Option<String>,
        redactor: Redactor,
    ) -> std::io::Result<Self> {
        let listener = tokio::net::TcpListener::bind(listen).await?;
        let listen = listener.local_addr()?;
        let inbox = Arc::new(Inbox::default());
        let url = public_url
            .unwrap_or_else(|| format!("http://{listen}"))
            .trim_end_matches('/')
            .to_owned();
        let prefix = url::Url::parse(&url)
            .map(|u| u.path().trim_end_matches('/').to_owned())
            .unwrap_or_default();
        let app = Router::new()
            .fallback(receive)
            .with_state((Arc::clone(&inbox), redactor, prefix));
        let server = tokio::spawn(async move {
            // The listener lives as long as the run; its end has nobody to report to.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self {
            inbox,
            listen,
            url,
            server,
        })
    }

    /// Where we listen.
    pub fn listen(&self) -> SocketAddr {
        self.listen
    }

    /// How targets reach us.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address to give to a target, by key.
    pub fn address(&self, key: &str) -> String {
        format!("{}{KEPT_AT}{key}", self.url)
    }

    /// The same where nobody will look at what arrives: it is acknowledged, and not kept.
    pub fn careless_address(&self, key: &str) -> String {
        format!("{}{DROPPED_AT}{key}", self.url)
    }

    /// What has arrived for a key so far.
    pub fn received(&self, key: &str) -> Vec<Received> {
        lock(&self.inbox.received).get(key).cloned().unwrap_or_default()
    }

    /// Says that a request for this key is on its way, until the returned value is dropped.
    pub fn sending(&self, key: String) -> Unanswered {
        let (answered, receiver) = watch::channel(false);
        lock(&self.inbox.unanswered).insert(key.clone(), receiver);
        Unanswered {
            inbox: Arc::clone(&self.inbox),
            key,
            answered,
        }
    }

    /// From now on, answers the callbacks of a key like this.
    pub fn answer_as(&self, key: String, consumer: Consumer) {
        lock(&self.inbox.consumers).insert(key, consumer);
    }

    /// How many requests came that no step expected.
    pub fn strays(&self) -> u64 {
        *lock(&self.inbox.strays)
    }

    /// Waits until more than `seen` callbacks have arrived for a key, or the deadline has passed. Says
    /// which.
    pub async fn wait(&self, key: &str, seen: usize, deadline: tokio::time::Instant) -> bool {
        loop {
            let arrived = self.inbox.arrived.notified();
            tokio::pin!(arrived);
            // Registered before looking, so that an arrival in between is not missed.
            arrived.as_mut().enable();
            if lock(&self.inbox.received)
                .get(key)
                .is_some_and(|r| r.len() > seen)
            {
                return true;
            }
            if tokio::time::timeout_at(deadline, arrived).await.is_err() {
                return lock(&self.inbox.received)
                    .get(key)
                    .is_some_and(|r| r.len() > seen);
            }
        }
    }
}

impl Drop for CallbackReceiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

type Shared = (Arc<Inbox>, Redactor, String);

async fn receive(
    State((inbox, redactor, prefix)): State<Shared>,
    request: HttpRequest<HttpBody>,
) -> Response {
    let at = Instant::now();
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, LARGEST_CALLBACK).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let path = parts.uri.path();
    let below = path.strip_prefix(prefix.as_str()).unwrap_or(path);
    if below.starts_with(DROPPED_AT) {
        return acknowledge(&body);
    }
    let Some(rest) = below.strip_prefix(KEPT_AT) else {
        *lock(&inbox.strays) += 1;
        return StatusCode::NOT_FOUND.into_response();
    };
    let (key, suffix) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let received = Received {
        path_suffix: suffix.to_owned(),
        request: Request {
            method: parts.method.as_str().to_owned(),
            url: path.to_owned(),
            headers: redactor.headers(&parts.headers),
            body: redactor.body(&body),
        },
        at,
    };
    {
        let mut all = lock(&inbox.received);
        let list = all.entry(key.to_owned()).or_default();
        if list.len() < KEPT {
            list.push(received);
        }
    }
    inbox.arrived.notify_waiters();
    let unanswered = lock(&inbox.unanswered).get(key).cloned();
    if let Some(mut answered) = unanswered {
        // Whether it was answered or time ran out is for the oracle to see.
        let _ = tokio::time::timeout(HOLD, answered.wait_for(|answered| *answered)).await;
    }
    let consumer = lock(&inbox.consumers).get(key).copied().unwrap_or_default();
    match consumer {
        Consumer::Willing | Consumer::Careless => {}
        Consumer::Failing => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Consumer::Slow => tokio::time::sleep(SLOW).await,
        // Until the target gives up, or the run is over.
        Consumer::Silent => std::future::pending().await,
    }
    acknowledge(&body)
}

/// What an acknowledgement needs of a callback: nothing else of it is read.
#[derive(Default, Deserialize)]
struct Called<Message> {
    header: Option<Ids>,
    message: Option<Message>,
}

#[derive(Default, Deserialize)]
struct Ids {
    correlation_id: Option<Value>,
    message_id: Option<Value>,
}

/// Acknowledges a callback in the form of its own specification.
fn acknowledge(body: &[u8]) -> Response {
    let (ids, header, exchange) = match serde_json::from_slice::<Called<Ids>>(body) {
        Ok(Called { header, message }) => (message, header, false),
        // The message of an exchange is a text.
        Err(_) => match serde_json::from_slice::<Called<String>>(body) {
            Ok(Called { header, message }) => (None, header, message.is_some()),
            Err(_) => (None, None, false),
        },
    };
    let now = jiff::Timestamp::now();
    let timestamp = if exchange {
        now.as_second().to_string()
    } else {
        now.to_string()
    };
    let id = (ids.and_then(|ids| ids.correlation_id))
        .or_else(|| header.and_then(|ids| ids.message_id))
        .filter(Value::is_string)
        .unwrap_or_else(|| "none".into());
    let ack = serde_json::json!({
        "message": {"ack_status": "ACK", "timestamp": timestamp, "correlation_id": id}
    });
    ([(header::CONTENT_TYPE, "application/json")], ack.to_string()).into_response()
}
