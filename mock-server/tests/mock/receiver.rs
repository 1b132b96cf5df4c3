//! Somebody who can be called back.

use axum::Router;
use axum::extract::State;
use http::HeaderMap;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

/// How long nothing must happen for us to believe that nothing will.
const SILENCE: Duration = Duration::from_millis(300);

#[derive(Debug)]
pub(crate) struct Callback {
    pub(crate) at: Instant,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) body: Value,
}

#[derive(Debug)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    calls: Mutex<mpsc::UnboundedReceiver<Callback>>,
    serving: JoinHandle<()>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let (sender, calls) = mpsc::unbounded_channel();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let path = format!("/here?verbatim={}", STARTED.fetch_add(1, Ordering::Relaxed));
        let url = format!("http://{}{path}", listener.local_addr().unwrap());
        let state = Arc::new(Listening { path, sender });
        let router = Router::new().fallback(receive).with_state(state);
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            url,
            calls: Mutex::new(calls),
            serving,
        }
    }

    /// The next callback, if one comes soon.
    pub(crate) async fn next(&self) -> Option<Callback> {
        self.within(Duration::from_secs(3)).await
    }

    /// The next callback, if one comes in about the time that the mock is told to wait.
    pub(crate) async fn soon(&self) -> Option<Callback> {
        self.within(Duration::from_millis(1500)).await
    }

    /// The next callback, if one comes before we believe that none will.
    pub(crate) async fn promptly(&self) -> Option<Callback> {
        self.within(SILENCE).await
    }

    /// Whether no further callback comes.
    pub(crate) async fn is_silent(&self) -> bool {
        self.promptly().await.is_none()
    }

    async fn within(&self, patience: Duration) -> Option<Callback> {
        tokio::time::timeout(patience, self.calls.lock().await.recv())
            .await
            .ok()
            .flatten()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// How many receivers there have been: a port may be another one's next.
static STARTED: AtomicUsize = AtomicUsize::new(0);

#[derive(Debug)]
struct Listening {
    /// Path and query of the address, to be called as they are.
    path: String,
    sender: mpsc::UnboundedSender<Callback>,
}

async fn receive(
    State(listening): State<Arc<Listening>>,
    uri: http::Uri,
    headers: HeaderMap,
    text: String,
) -> (http::StatusCode, &'static str) {
    if uri != listening.path.as_str() {
        return (http::StatusCode::NOT_FOUND, "{}");
    }
    let body = serde_json::from_str(&text).unwrap();
    // Nobody listens any more once a test is over.
    let _ = listening.sender.send(Callback {
        at: Instant::now(),
        headers,
        text,
        body,
    });
    (http::StatusCode::OK, "{}")
}
