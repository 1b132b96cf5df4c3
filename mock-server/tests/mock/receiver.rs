//! Somebody who can be called back.

use axum::Router;
use axum::extract::State;
use http::HeaderMap;
use serde_json::Value;
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
        let url = format!("http://{}/here?verbatim=1", listener.local_addr().unwrap());
        let router = Router::new().fallback(receive).with_state(sender);
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

    /// Whether no further callback comes.
    pub(crate) async fn is_silent(&self) -> bool {
        self.within(SILENCE).await.is_none()
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

async fn receive(
    State(calls): State<mpsc::UnboundedSender<Callback>>,
    uri: http::Uri,
    headers: HeaderMap,
    body: String,
) -> &'static str {
    assert_eq!(uri, "/here?verbatim=1");
    let body = serde_json::from_str(&body).unwrap();
    // Nobody listens any more once a test is over.
    let _ = calls.send(Callback {
        at: Instant::now(),
        headers,
        body,
    });
    "{}"
}
