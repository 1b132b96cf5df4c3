//! The outbound client: sends one request and reports whatever comes of it, within a deadline and a size.

use crate::record::Redactor;
use crate::run::Ration;
use crate::run::pace::Pace;
use crate::tls::{Tls, Trouble};
use bytes::{Bytes, BytesMut};
use specs::evidence::{FailureKind, Outcome, Request, Response};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// How long a connection may wait for its next request. Servers close idle ones, the quickest after five
/// seconds; a request that meets such a closing shows nothing of the server.
const IDLE: Duration = Duration::from_secs(2);

/// How many bytes of a response we are willing to read.
const LARGEST_RESPONSE: usize = 32 * 1024 * 1024;

/// A request ready to be sent.
#[derive(Debug, Clone)]
pub struct Outbound {
    /// HTTP method.
    pub method: http::Method,
    /// Address.
    pub url: String,
    /// Header fields.
    pub headers: Vec<(http::HeaderName, String)>,
    /// Body.
    pub body: Bytes,
}

/// What came of a request: the recorded outcome and the raw body, which may hold secrets.
#[derive(Debug)]
pub struct Answered {
    /// As it goes into the log.
    pub outcome: Outcome,
    /// The body as it arrived.
    pub raw: Bytes,
    /// Why the connection could not be secured, where that was the matter.
    pub trouble: Option<Trouble>,
    /// When the response had come, or was given up.
    pub at: Instant,
}

/// Sends requests.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    timeout: Duration,
    pace: Pace,
    ration: Ration,
    redactor: Redactor,
}

impl Client {
    /// A client that gives each request this long, and secures connections in this way.
    ///
    /// # Errors
    /// The TLS library cannot be set up.
    pub fn new(timeout: Duration, redactor: Redactor, tls: &Tls) -> Result<Self, reqwest::Error> {
        let http = tls
            .applied(reqwest::Client::builder())
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("dcx/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(timeout)
            .pool_idle_timeout(IDLE)
            .build()?;
        Ok(Self {
            http,
            timeout,
            pace: Pace::new(timeout),
            ration: Ration::new(timeout),
            redactor,
        })
    }

    /// How long a request may take at most.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// How fast answers come, and how long they are therefore waited for.
    pub fn pace(&self) -> &Pace {
        &self.pace
    }

    /// How the target rations requests.
    pub fn ration(&self) -> &Ration {
        &self.ration
    }

    /// The request as it is recorded.
    pub fn recorded(&self, outbound: &Outbound) -> Request {
        Request {
            method: outbound.method.as_str().to_owned(),
            url: self.redactor.text(&outbound.url),
            headers: outbound
                .headers
                .iter()
                .map(|(name, value)| (name.as_str().to_owned(), self.redactor.text(value)))
                .collect(),
            body: self.redactor.body(&outbound.body),
        }
    }

    /// Sends a request and waits for its complete response. `conceal` sees the raw body before it is
    /// recorded, so that secrets in it can be made known.
    pub async fn send(&self, outbound: &Outbound, conceal: impl FnOnce(&Bytes)) -> Answered {
        self.send_until(outbound, (), conceal).await
    }

    /// The same; `until` is dropped as soon as the response has come, or will not. That is noticed by a task
    /// of its own, so that neither this moment nor [`Answered::at`] depends on what the caller is busy with.
    pub async fn send_until<U: Send + 'static>(
        &self,
        outbound: &Outbound,
        until: U,
        conceal: impl FnOnce(&Bytes),
    ) -> Answered {
        let deadline = self.pace.deadline();
        let mut request = self.http.request(outbound.method.clone(), &outbound.url);
        for (name, value) in &outbound.headers {
            request = request.header(name, value);
        }
        let request = request.body(outbound.body.clone());
        // Whoever stops waiting drops the set, which ends the task.
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let began = Instant::now();
            let came = tokio::time::timeout(deadline, attempt(request)).await;
            drop(until);
            (came, began.elapsed(), Instant::now())
        });
        let (came, took, at) = match tasks.join_next().await {
            Some(Ok(done)) => done,
            _ => {
                let failed = Failed::new(FailureKind::Connect, "the request was given up".to_owned());
                (Ok(Err(failed)), deadline, Instant::now())
            }
        };
        match came {
            Ok(Ok((status, headers, raw))) => {
                self.pace.came(took);
                conceal(&raw);
                let response = Response {
                    status,
                    headers: self.redactor.headers(&headers),
                    body: self.redactor.body(&raw),
                };
                Answered {
                    outcome: Outcome::Response(response),
                    raw,
                    trouble: None,
                    at,
                }
            }
            Ok(Err(Failed {
                kind,
                message,
                trouble,
            })) => {
                let message = self.redactor.text(&message);
                Answered {
                    outcome: Outcome::Failure { kind, message },
                    raw: Bytes::new(),
                    trouble,
                    at,
                }
            }
            Err(_) => {
                self.pace.missed();
                let message = format!("no complete response within {:.1} s", deadline.as_secs_f64());
                let outcome = Outcome::Failure {
                    kind: FailureKind::Timeout,
                    message,
                };
                Answered {
                    outcome,
                    raw: Bytes::new(),
                    trouble: None,
                    at,
                }
            }
        }
    }
}

async fn attempt(request: reqwest::RequestBuilder) -> Result<(u16, http::HeaderMap, Bytes), Failed> {
    let mut response = request.send().await.map_err(|e| explain(&e))?;
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| explain(&e))? {
        if body.len() + chunk.len() > LARGEST_RESPONSE {
            let message = format!("the response is longer than {} MiB", LARGEST_RESPONSE >> 20);
            return Err(Failed::new(FailureKind::TooLarge, message));
        }
        body.extend_from_slice(&chunk);
    }
    Ok((status, headers, body.freeze()))
}

/// Why there is no response.
struct Failed {
    kind: FailureKind,
    message: String,
    trouble: Option<Trouble>,
}

impl Failed {
    fn new(kind: FailureKind, message: String) -> Self {
        Self {
            kind,
            message,
            trouble: None,
        }
    }
}

/// The kind of a failure, and the innermost cause in words.
fn explain(error: &reqwest::Error) -> Failed {
    if let Some(trouble) = Trouble::of(error) {
        return Failed {
            kind: FailureKind::Tls,
            message: trouble.to_string(),
            trouble: Some(trouble),
        };
    }
    let mut cause: &dyn std::error::Error = error;
    let mut not_http = false;
    while let Some(inner) = cause.source() {
        cause = inner;
        if let Some(hyper) = cause.downcast_ref::<hyper::Error>() {
            // Whoever speaks first, as mail and SSH servers do, speaks no HTTP; hyper has no name for that.
            not_http |= hyper.is_parse() || hyper.to_string().contains("unexpected message");
        }
    }
    if not_http {
        return Failed::new(
            FailureKind::NotHttp,
            format!("what the server sent is not HTTP ({cause})"),
        );
    }
    if error.is_timeout() {
        return Failed::new(FailureKind::Timeout, "the connection timed out".to_owned());
    }
    if error.is_connect() {
        return Failed::new(
            FailureKind::Connect,
            format!("no connection could be made ({cause})"),
        );
    }
    Failed::new(
        FailureKind::Closed,
        format!("the connection was closed before the response was complete ({cause})"),
    )
}
