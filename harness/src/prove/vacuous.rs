//! The vacuity meter: what trivial servers score. They hand out a token to anybody, so that preflight lets
//! them through, and otherwise never do what they are asked.

use super::{ProveError, certify, certify_mock, limits};
use crate::run::{Limits, Selection};
use crate::target::{Credentials, Target};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;
use specs::catalogue::{Catalogue, Kind, Profile};
use specs::evidence::{Level, Observation, Verdict};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use suites::oracle::{Answer, classify};
use tokio::net::TcpListener;

/// A server that does not do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Vacuous {
    /// `{}` for everything.
    EmptyObject,
    /// For each operation an answer that once was right.
    Recorded,
    /// ACK for everything.
    AlwaysAck,
    /// ERR for everything.
    AlwaysErr,
    /// The request's own body.
    Echo,
    /// 404 for everything.
    NotFound,
    /// No answer at all.
    Hang,
}

impl Vacuous {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::EmptyObject,
        Self::Recorded,
        Self::AlwaysAck,
        Self::AlwaysErr,
        Self::Echo,
        Self::NotFound,
        Self::Hang,
    ];

    /// What it does, in a few words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::EmptyObject => "answers {} to everything",
            Self::Recorded => "answers each operation with a recorded honest answer",
            Self::AlwaysAck => "answers ACK to everything",
            Self::AlwaysErr => "answers ERR to everything",
            Self::Echo => "answers with the request's own body",
            Self::NotFound => "answers 404 to everything",
            Self::Hang => "never answers",
        }
    }
}

/// What a trivial server scored.
#[derive(Debug, Clone, Serialize)]
pub struct Vacuity {
    /// The server.
    pub server: Vacuous,
    /// The profile it was certified for.
    pub profile: String,
    /// The exit code.
    pub exit_code: Option<u8>,
    /// How many requirements passed, of how many.
    pub passed: (usize, usize),
    /// MUSTs about behaviour that passed: each is a fault of the suite.
    pub credited: Vec<String>,
}

impl Vacuity {
    /// Whether the suite saw through it.
    pub fn exposed(&self) -> bool {
        self.exit_code.is_some_and(|code| code != 0) && self.credited.is_empty()
    }
}

/// Certifies a trivial server.
///
/// # Errors
/// It could not be started, or the run could not begin.
pub async fn vacuity(profile: &Profile, server: Vacuous, seed: u64) -> Result<Vacuity, ProveError> {
    let answers = if server == Vacuous::Recorded {
        recorded(profile, seed).await?
    } else {
        HashMap::new()
    };
    let running = VacuousServer::start(server, answers).await?;
    let base_url = format!("{}{}", running.url, profile.base_path);
    let mut target = Target::new(profile.clone(), &base_url).map_err(crate::embedded::EmbeddedError::from)?;
    if profile.wants_token() {
        target.credentials = Some(Credentials {
            client_id: "anybody".to_owned(),
            client_secret: "anything".to_owned(),
            db_name: profile.authentication.db_name.then(|| "any".to_owned()),
        });
    }
    let limits = Limits {
        timeout: Duration::from_millis(if server == Vacuous::Hang { 300 } else { 2000 }),
        callback_deadline: Duration::from_millis(300),
        quiet: Duration::from_millis(100),
        ..limits()
    };
    let run = certify(vec![target], seed, limits, Selection::default()).await?;
    let mut credited = Vec::new();
    let mut passed = 0;
    for requirement in &run.requirements {
        if requirement.verdict != Verdict::Pass {
            continue;
        }
        passed += 1;
        let behaviour = Catalogue::bundled()
            .requirement(&requirement.id)
            .is_some_and(|r| r.kind == Kind::Behaviour);
        if behaviour && requirement.level() == Some(Level::Must) {
            credited.push(requirement.id.clone());
        }
    }
    Ok(Vacuity {
        server,
        profile: profile.id.clone(),
        exit_code: run.finish.as_ref().map(|finish| finish.exit_code),
        passed: (passed, run.requirements.len()),
        credited,
    })
}

/// An accepted answer of the compliant mock for each path.
async fn recorded(profile: &Profile, seed: u64) -> Result<HashMap<String, (u16, String)>, ProveError> {
    let run = certify_mock(profile, seed, &[], Selection::default()).await?;
    let mut answers = HashMap::new();
    for (_, observation) in run.cases.iter().flat_map(|case| &case.observations) {
        let Observation::Exchange(exchange) = observation else {
            continue;
        };
        let Some(response) = exchange
            .response()
            .filter(|_| classify(exchange) == Answer::Accepted)
        else {
            continue;
        };
        let path = url::Url::parse(&exchange.request.url)
            .map(|url| url.path().to_owned())
            .unwrap_or_default();
        answers
            .entry(path)
            .or_insert_with(|| (response.status, response.body.text.clone()));
    }
    Ok(answers)
}

/// A running trivial server. Dropping it stops it.
pub struct VacuousServer {
    /// Where it listens.
    pub url: String,
    task: tokio::task::JoinHandle<()>,
}

type Shared = Arc<(Vacuous, HashMap<String, (u16, String)>)>;

impl VacuousServer {
    /// Starts one on a free loopback port.
    ///
    /// # Errors
    /// No port is free.
    pub async fn start(server: Vacuous, answers: HashMap<String, (u16, String)>) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let app = Router::new()
            .fallback(answer)
            .with_state(Arc::new((server, answers)));
        let task = tokio::spawn(async move {
            // It lives as long as the proof; its end has nobody to report to.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self { url, task })
    }
}

impl Drop for VacuousServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(shared): State<Shared>, request: Request<Body>) -> Response {
    let (server, answers) = &*shared;
    let path = request.uri().path().to_owned();
    let reply = |status: u16, body: String| {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
        (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
    };
    if path.ends_with("/oauth2/client/token") {
        let token = json!({"access_token": "anybody", "token_type": "Bearer", "expires_in": "1"});
        return reply(200, token.to_string());
    }
    if request.method() == "GET" {
        return reply(404, "{}".to_owned());
    }
    let exchange = path.contains("/exchange/");
    let timestamp = if exchange {
        "1704067200"
    } else {
        "2024-01-01T00:00:00Z"
    };
    match server {
        Vacuous::EmptyObject => reply(200, "{}".to_owned()),
        Vacuous::Recorded => match answers.get(&path) {
            Some((status, body)) => reply(*status, body.clone()),
            None => reply(404, "{}".to_owned()),
        },
        Vacuous::AlwaysAck => {
            let ack =
                json!({"message": {"ack_status": "ACK", "timestamp": timestamp, "correlation_id": "1"}});
            reply(200, ack.to_string())
        }
        Vacuous::AlwaysErr => {
            let error = json!({"code": "err.signature.invalid", "message": "no"});
            let ack = json!({"message": {"ack_status": "ERR", "timestamp": timestamp, "correlation_id": "1", "error": error}});
            reply(400, ack.to_string())
        }
        Vacuous::Echo => {
            let body = to_bytes(request.into_body(), 1 << 20).await.unwrap_or_default();
            reply(200, String::from_utf8_lossy(&body).into_owned())
        }
        Vacuous::NotFound => reply(404, "{}".to_owned()),
        Vacuous::Hang => std::future::pending().await,
    }
}
