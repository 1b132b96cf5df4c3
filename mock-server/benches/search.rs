//! What a search costs: against a bare handler that does nothing but read and write the same bodies, and
//! in a register of a million against one of ten thousand; how long the start takes, and how many bytes a
//! record.
//!
//! `cargo bench -p mock-server --bench search`. Fails where a figure is out of its bounds.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use mock_server::{Config, MockServer};
use serde_json::{Value, json};
use specs::catalogue::Catalogue;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Throughput of the mock, as a share of the bare handler's: no less.
const SHARE: f64 = 0.5;
/// How much slower a million may be than ten thousand.
const SLOWER: f64 = 1.3;
/// How long the start of one profile may take with a thousand, and what the whole process may hold then.
const READY: Duration = Duration::from_millis(150);
const IDLE: f64 = 40.0 * 1024.0 * 1024.0;
/// How long the start may take with a million.
const START: Duration = Duration::from_secs(10);
/// Bytes of memory a record.
const BYTES: f64 = 1536.0;
const SOME: usize = 1_000;
const FEW: usize = 10_000;
const MANY: usize = 1_000_000;
/// Figures are taken in turns, and the turns backwards every other time, since a machine has moods; the best
/// of each counts.
const ROUNDS: usize = 16;
const REQUESTS: usize = 400;
const CLIENTS: usize = 4;
/// A day on which many of the people were born.
const SHARED: &str = "1985-01-01";

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let Ok(runtime) = runtime else {
        println!("no runtime");
        return ExitCode::FAILURE;
    };
    match runtime.block_on(measure()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("failed: {error}");
            ExitCode::FAILURE
        }
    }
}

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// A mock, and a token for it.
struct Served {
    _mock: MockServer,
    search: String,
    token: String,
    /// The UIN of somebody.
    known: Value,
}

async fn served(client: &reqwest::Client, records: usize) -> Outcome<Served> {
    let profile = Catalogue::bundled().profile("dci-social").cloned();
    let config = Config {
        profiles: profile.into_iter().collect(),
        records,
        token_lifetime: Duration::from_secs(3600),
        ..Config::default()
    };
    let mock = MockServer::start(config).await?;
    let endpoint = mock.endpoints()[0].clone();
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        endpoint.client_id.unwrap_or_default(),
        endpoint.client_secret.unwrap_or_default()
    );
    let request = client.post(endpoint.token_url.unwrap_or_default()).body(form);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let reply: Value = serde_json::from_slice(&request.send().await?.bytes().await?)?;
    let mut served = Served {
        search: format!("{}/registry/sync/search", endpoint.base_url),
        token: format!("Bearer {}", reply["access_token"].as_str().unwrap_or_default()),
        known: Value::Null,
        _mock: mock,
    };
    let all = body(
        &json!({"query_type": "predicate", "query": [expression("birth_date", "gt", "1900-01-01")],
        "pagination": {"page_size": 1, "page_number": 8}}),
    );
    let reply: Value = serde_json::from_slice(&ask(client, &served.search, &served.token, &all).await?)?;
    let record = &reply["message"]["search_response"][0]["data"]["reg_records"][0]["demographic_info"];
    served.known = record["identifier"][0]["identifier_value"].clone();
    Ok(served)
}

fn expression(name: &str, operator: &str, value: impl Into<Value>) -> Value {
    json!({"expression1": {"attribute_name": name, "operator": operator, "attribute_value": value.into()}})
}

fn body(criteria: &Value) -> Bytes {
    let body = json!({
        "header": {"message_id": "b-1", "message_ts": "2025-01-01T00:00:00Z", "action": "search",
            "sender_id": "spmis.example.org", "total_count": 1},
        "message": {"transaction_id": "b-1", "search_request": [{"reference_id": "b-1",
            "timestamp": "2025-01-01T00:00:00Z", "search_criteria": criteria}]},
    });
    body.to_string().into()
}

/// Searches whose pages are equally large in any register, by what they use of the index.
fn searches(served: &Served) -> Vec<(&'static str, Bytes)> {
    let uin = &served.known;
    let page = json!({"page_size": 10});
    let predicate = |query: Value, sort: Value| {
        body(&json!({"query_type": "predicate", "query": query, "sort": sort, "pagination": page}))
    };
    let since = expression("birth_date", "ge", "1990-01-01");
    let down = json!([{"attribute_name": "birth_date", "sort_order": "desc"}, {"attribute_name": "surname"}]);
    vec![
        (
            "by identifier",
            body(&json!({"query_type": "idtype-value", "query": {"type": "UIN", "value": uin}})),
        ),
        (
            "by date",
            predicate(json!([expression("birth_date", "eq", SHARED)]), json!([])),
        ),
        ("by range", predicate(json!([since.clone()]), json!([]))),
        ("by range, sorted", predicate(json!([since]), down)),
        (
            "by list",
            predicate(
                json!([expression("sex", "in", json!(["female", "other"]))]),
                json!([]),
            ),
        ),
    ]
}

async fn ask(client: &reqwest::Client, url: &str, token: &str, body: &Bytes) -> Outcome<Bytes> {
    let request = client.post(url).header("authorization", token).body(body.clone());
    let response = request.header("content-type", "application/json").send().await?;
    if !response.status().is_success() {
        return Err(format!("{url}: {}", response.status()).into());
    }
    Ok(response.bytes().await?)
}

/// Requests a second.
async fn rate(client: &reqwest::Client, url: &str, token: &str, body: &Bytes) -> Outcome<f64> {
    let started = Instant::now();
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..CLIENTS {
        let (client, url, token, body) = (client.clone(), url.to_owned(), token.to_owned(), body.clone());
        clients.spawn(async move {
            for _ in 0..REQUESTS / CLIENTS {
                ask(&client, &url, &token, &body).await?;
            }
            Outcome::Ok(())
        });
    }
    while let Some(done) = clients.join_next().await {
        done??;
    }
    Ok(REQUESTS as f64 / started.elapsed().as_secs_f64())
}

/// A handler that reads a request as JSON and writes a reply that it was given.
async fn bare(reply: Value) -> Outcome<String> {
    let reply = Arc::new(reply);
    let handler = move |body: Bytes| {
        let reply = Arc::clone(&reply);
        async move {
            let read: Option<Value> = serde_json::from_slice(&body).ok();
            let written = read
                .and_then(|_| serde_json::to_string(&*reply).ok())
                .unwrap_or_default();
            ([("content-type", "application/json")], written)
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/", listener.local_addr()?);
    let router: Router = Router::new().route("/", post(handler));
    tokio::spawn(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                return;
            };
            let _ = stream.set_nodelay(true);
            let service = hyper_util::service::TowerToHyperService::new(router.clone());
            tokio::spawn(
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(hyper_util::rt::TokioIo::new(stream), service),
            );
        }
    });
    Ok(url)
}

/// Bytes of memory that this process holds, where the system tells.
fn resident() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace()
        .nth(1)?
        .parse::<f64>()
        .ok()
        .map(|kib| kib * 1024.0)
}

/// How soon a small mock gives its first answer, and what it holds while nobody asks.
async fn ready(client: &reqwest::Client) -> Outcome<bool> {
    let started = Instant::now();
    let mock = served(client, SOME).await?;
    let start = started.elapsed();
    let mut good = said("start with 1,000", &format!("{start:.2?}"), start <= READY);
    if let Some(held) = resident() {
        let figure = format!("{:.1} MB in this process", held / 1024.0 / 1024.0);
        good &= said("idle with 1,000", &figure, held <= IDLE);
    }
    drop(mock);
    Ok(good)
}

async fn measure() -> Outcome<bool> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    // First of all, while nothing else is in this process.
    let mut good = ready(&client).await?;
    let few = served(&client, FEW).await?;
    let before = resident();
    let started = Instant::now();
    let many = served(&client, MANY).await?;
    let start = started.elapsed();
    good &= said("start with 1,000,000", &format!("{start:.2?}"), start <= START);
    if let (Some(before), Some(after)) = (before, resident()) {
        let bytes = (after - before) / MANY as f64;
        good &= said("bytes a record", &format!("{bytes:.0}"), bytes <= BYTES);
    }
    for ((name, in_few), (_, in_many)) in searches(&few).into_iter().zip(searches(&many)) {
        let reply: Value = serde_json::from_slice(&ask(&client, &few.search, &few.token, &in_few).await?)?;
        if reply["message"]["search_response"][0]["data"]["reg_records"][0].is_null() {
            return Err(format!("{name}: nothing was found").into());
        }
        let bare = bare(reply).await?;
        let (mut of_bare, mut of_few, mut of_many) = (0.0_f64, 0.0_f64, 0.0_f64);
        for round in 0..ROUNDS {
            let mut turns = [
                (&mut of_bare, bare.as_str(), "", &in_few),
                (&mut of_few, &few.search, &few.token, &in_few),
                (&mut of_many, &many.search, &many.token, &in_many),
            ];
            if round % 2 == 1 {
                turns.reverse();
            }
            for (best, url, token, body) in turns {
                *best = best.max(rate(&client, url, token, body).await?);
            }
        }
        let share = of_few / of_bare;
        let figure = format!("{of_few:.0} of {of_bare:.0} requests a second, {share:.2}");
        good &= said(&format!("{name}: to a bare handler"), &figure, share >= SHARE);
        let slower = of_few / of_many;
        let figure = format!("{slower:.2} times as long");
        good &= said(&format!("{name}: in 1,000,000"), &figure, slower <= SLOWER);
    }
    Ok(good)
}

fn said(what: &str, figure: &str, good: bool) -> bool {
    println!(
        "{what:<42} {figure:<48} {}",
        if good { "ok" } else { "OUT OF BOUNDS" }
    );
    good
}
