//! The configuration verdict: whether conformance can be judged at all.

use super::Env;
use super::offered;
use super::send::{CaseState, send};
use crate::client::Outbound;
use crate::tokens::Encoding;
use bytes::Bytes;
use reports::event::{PreflightCheck, PreflightFinished};
use specs::catalogue::SignatureScheme;
use specs::evidence::{FailureKind, Outcome};
use std::net::IpAddr;
use suites::{oracle, request};

/// How far clocks may be apart before times in messages can be refused for it.
const LARGEST_SKEW_S: f64 = 60.0;

/// Looks at everything a run depends on, within the time of one request.
pub async fn preflight(env: &Env) -> PreflightFinished {
    let mut checks = match tokio::time::timeout(env.limits.timeout, look(env)).await {
        Ok(checks) => checks,
        Err(_) if env.client.ration().told().is_some() => vec![rationed(env)],
        Err(_) => vec![failed(
            "reachable",
            format!(
                "{} did not answer within {:.1} s",
                env.target.url,
                env.limits.timeout.as_secs_f64()
            ),
            "check that the server is up and that nothing between here and there swallows connections; --timeout allows more time",
        )],
    };
    let mut absent = Vec::new();
    let optional = env.target.profile.operations.values().any(|op| op.optional);
    if optional && checks.iter().all(|check| check.ok) {
        let found = offered::absent(env).await;
        checks.push(operations(&found));
        absent = found.into_iter().map(|(operation, _)| operation).collect();
    }
    PreflightFinished {
        profile: env.target.profile.id.clone(),
        checks,
        absent,
    }
}

/// The target puts off what preflight asks for.
fn rationed(env: &Env) -> PreflightCheck {
    let ration = env.client.ration();
    let detail = ration.exhausted().unwrap_or_else(|| {
        let seconds = env.limits.timeout.as_secs_f64();
        format!("the target put off every request, for {seconds:.1} s")
    });
    ration.exhaust(&detail);
    failed(
        "token",
        detail,
        "wait until this partner may send again, or have its share enlarged; --timeout allows preflight more time",
    )
}

fn operations(absent: &[(String, String)]) -> PreflightCheck {
    if absent.is_empty() {
        return passed("operations", "every optional operation is offered".to_owned());
    }
    let told: Vec<String> = absent
        .iter()
        .map(|(operation, answer)| format!("{operation} ({answer})"))
        .collect();
    passed(
        "operations",
        format!(
            "not offered, and not judged, since the profile calls them optional: {}",
            told.join(", ")
        ),
    )
}

async fn look(env: &Env) -> Vec<PreflightCheck> {
    let mut checks = reachable(env).await;
    if checks.iter().any(|check| !check.ok) {
        return checks;
    }
    if env.target.profile.wants_token() {
        checks.push(token(env).await);
    }
    if env.target.wants_callbacks() {
        checks.push(callback(env).await);
    }
    if env.target.profile.signature.scheme != SignatureScheme::None && checks.iter().all(|check| check.ok) {
        checks.push(keys(env).await);
    }
    checks
}

fn passed(name: &str, detail: String) -> PreflightCheck {
    PreflightCheck {
        name: name.to_owned(),
        ok: true,
        detail,
        remedy: None,
    }
}

fn failed(name: &str, detail: String, remedy: &str) -> PreflightCheck {
    PreflightCheck {
        name: name.to_owned(),
        ok: false,
        detail,
        remedy: Some(remedy.to_owned()),
    }
}

async fn reachable(env: &Env) -> Vec<PreflightCheck> {
    let url = format!("{}/", env.target.url);
    let outbound = Outbound {
        method: http::Method::GET,
        url,
        headers: Vec::new(),
        body: Bytes::new(),
    };
    let before = now();
    let answered = env.client.send(&outbound, |_| ()).await;
    let url = &env.target.url;
    if let Some(trouble) = answered.trouble {
        let detail = format!("{url} cannot be certified: {trouble}");
        return vec![failed("reachable", detail, trouble.remedy())];
    }
    match answered.outcome {
        Outcome::Response(response) => {
            vec![
                passed(
                    "reachable",
                    format!("{url} speaks HTTP (status {} for its base path)", response.status),
                ),
                clock(response.header("date"), before),
            ]
        }
        Outcome::Failure { kind, message } => {
            let remedy = match kind {
                FailureKind::Connect => "start the server, or correct the URL's host and port",
                FailureKind::NotHttp => {
                    "something else listens there: correct the port, or the scheme (http or https)"
                }
                FailureKind::Timeout => {
                    "the connection is accepted and nothing answers: look at the server's log; --timeout allows more time"
                }
                FailureKind::Tls | FailureKind::Closed | FailureKind::TooLarge | FailureKind::Rationed => {
                    "look at the server's log, and at proxies in between; an https server closes http connections"
                }
            };
            vec![failed(
                "reachable",
                format!("{url} cannot be certified: {message}"),
                remedy,
            )]
        }
    }
}

fn now() -> f64 {
    let now = jiff::Timestamp::now();
    now.as_millisecond() as f64 / 1000.0
}

fn clock(date: Option<&str>, before: f64) -> PreflightCheck {
    let Some(theirs) = date.and_then(specs::wire::time::parse_http_date) else {
        return passed(
            "clock",
            "the server sends no Date header, so its clock could not be compared".to_owned(),
        );
    };
    let skew = theirs - before;
    if skew.abs() <= LARGEST_SKEW_S {
        return passed("clock", "the clocks agree to within a minute".to_owned());
    }
    failed(
        "clock",
        format!(
            "the server's clock is {:.0} s {} ours",
            skew.abs(),
            if skew > 0.0 { "ahead of" } else { "behind" }
        ),
        "synchronise both clocks (NTP): tokens and signed times are judged by them",
    )
}

async fn token(env: &Env) -> PreflightCheck {
    if env.target.credentials.is_none() {
        return failed(
            "token",
            "no client credentials are configured".to_owned(),
            "set DCX_CLIENT_ID and DCX_CLIENT_SECRET, or [credentials] in dcx.toml",
        );
    }
    match env.tokens.current().await {
        Ok(token) => {
            let life = token.lifetime.map_or_else(
                || "an unknown time".to_owned(),
                |lifetime| format!("{} s", (lifetime.as_secs_f64() * 10.0).round() / 10.0),
            );
            let how = match env.tokens.encoding() {
                Some(Encoding::Json) => "as JSON",
                Some(Encoding::Query) => "in the query",
                _ => "as a form",
            };
            passed(
                "token",
                format!("an access token was obtained ({how}); it lives {life}"),
            )
        }
        Err(_) if env.client.ration().exhausted().is_some() => rationed(env),
        Err(message) => {
            let base = &env.target.profile.base_path;
            let mut hint =
                "check client_id, client_secret and db_name against what the server has registered"
                    .to_owned();
            if !base.is_empty() && !env.target.url.ends_with(base.as_str()) {
                hint = format!(
                    "is the URL complete? servers of this profile usually have the base path {base}; then {hint}"
                );
            }
            failed(
                "token",
                format!("no access token could be obtained: {message}"),
                &hint,
            )
        }
    }
}

async fn callback(env: &Env) -> PreflightCheck {
    let url = env.callbacks.url();
    let ours = host_is_local(url);
    if ours && !host_is_local(&env.target.url) {
        return failed(
            "callback",
            format!(
                "{} cannot reach the callback address {url}, which is this machine's own loopback",
                env.target.url
            ),
            "give an address that the server can reach: --callback-listen 0.0.0.0:PORT and --callback-url http://THIS-HOST:PORT",
        );
    }
    let outbound = Outbound {
        method: http::Method::POST,
        url: env.callbacks.address("preflight"),
        headers: vec![(http::header::CONTENT_TYPE, "application/json".to_owned())],
        body: Bytes::from_static(b"{}"),
    };
    match env.client.send(&outbound, |_| ()).await.outcome {
        Outcome::Response(response) if response.status == 200 => {
            passed("callback", format!("callbacks are received at {url}"))
        }
        Outcome::Response(response) => failed(
            "callback",
            format!(
                "{url} answers HTTP {}: it does not lead to this program",
                response.status
            ),
            "make --callback-url lead to the address of --callback-listen",
        ),
        Outcome::Failure { message, .. } => failed(
            "callback",
            format!("the callback address {url} cannot be reached even from here: {message}"),
            "make --callback-url lead to the address of --callback-listen",
        ),
    }
}

fn host_is_local(url: &str) -> bool {
    let Ok(url) = url::Url::parse(url) else {
        return false;
    };
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(url::Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        None => false,
    }
}

/// Whether the target knows our key: an honest message is not refused for its signature or its sender.
async fn keys(env: &Env) -> PreflightCheck {
    let context = env.context.for_case("preflight");
    // Only an operation that is answered by an acknowledgement says which error it is.
    let operations = &env.target.profile.operations;
    let first = ["exchange", "search", "sync-search"]
        .into_iter()
        .find(|id| operations.contains_key(*id));
    let plan = request::plainest(&context, first.unwrap_or("exchange"), "preflight");
    let exchange = send(env, &mut CaseState::new("preflight"), &plan).await;
    let code = exchange
        .response()
        .and_then(|response| response.body.json())
        .and_then(|body| {
            body.pointer("/message/error/code")
                .and_then(|c| c.as_str())
                .map(str::to_owned)
        });
    let which = if env.target.keys.demonstration {
        "the built-in demonstration key"
    } else {
        "the configured key"
    };
    match code.as_deref() {
        Some("err.signature.invalid" | "err.sender_id.invalid" | "err.receiver_id.invalid") => failed(
            "keys",
            format!(
                "the server refuses an honest message signed with {which}, from {} to {}: {}",
                env.target.sender_id,
                env.target.receiver_id,
                oracle::describe(&exchange)
            ),
            "register our public key and sender_id with the server, or set keys.sender, identity.sender_id and identity.receiver_id in dcx.toml",
        ),
        _ => passed(
            "keys",
            format!("messages are signed with {which} as {}", env.target.sender_id),
        ),
    }
}
