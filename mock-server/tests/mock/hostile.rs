//! Very many at once, some of them hostile: the others are served.

use crate::bench::{Bench, envelope, predicate};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// What came back, as far as it did: the first line, or nothing.
async fn answer(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    // A connection that breaks after the answer has still been answered.
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    answer.lines().next().unwrap_or_default().to_owned()
}

/// One byte a second until somebody answers or hangs up.
async fn drip(mut stream: TcpStream, start: &str) -> String {
    stream.write_all(start.as_bytes()).await.unwrap();
    let (mut reading, mut writing) = stream.into_split();
    let dripping = async {
        while writing.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        std::future::pending::<()>().await;
    };
    let mut answer = Vec::new();
    tokio::select! {
        _ = reading.read_to_end(&mut answer) => {}
        () = dripping => {}
    }
    let answer = String::from_utf8_lossy(&answer).into_owned();
    answer.lines().next().unwrap_or_default().to_owned()
}

/// A body of so many bytes, written to its end or until nobody takes any more.
async fn flood(mut stream: TcpStream, head: &str, bytes: usize) -> String {
    let head = format!("{head}content-length: {bytes}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let piece = vec![b'x'; 256 * 1024];
    let mut left = bytes;
    while left > 0 {
        let now = left.min(piece.len());
        if stream.write_all(&piece[..now]).await.is_err() {
            break;
        }
        left -= now;
    }
    answer(&mut stream).await
}

/// How many of each kind, and how large a large body is.
struct Load {
    honest: usize,
    hostile: usize,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Outcome {
    honest: Vec<String>,
    slow_heads: Vec<String>,
    slow_bodies: Vec<String>,
    floods: Vec<String>,
    malformed: Vec<String>,
    /// How long the slowest of the honest ones waited, and how long all took.
    slowest: Duration,
    all: Duration,
}

async fn under(load: Load) -> Outcome {
    #[derive(Clone, Copy)]
    enum Kind {
        Honest,
        SlowHead,
        SlowBody,
        Flood,
        Malformed,
    }
    let b = Bench::new("openspp-dci", &[]).await;
    let started = Instant::now();
    let address = b.mock.addr();
    let post = format!(
        "POST /registry/sync/search HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\nauthorization: Bearer {}\r\n",
        b.token
    );
    let mut tasks = JoinSet::new();
    let mut spawn = |kind: Kind, nth: usize| {
        let (post, criteria) = (post.clone(), predicate(&[b.date_is("eq", "2020-11-02")]));
        tasks.spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let answered = match kind {
                Kind::Honest => {
                    let body = envelope(&format!("h-{nth}"), &[criteria]).to_string();
                    let request = format!("{post}content-length: {}\r\n\r\n{body}", body.len());
                    stream.write_all(request.as_bytes()).await.unwrap();
                    answer(&mut stream).await
                }
                Kind::SlowHead => drip(stream, &format!("{post}x-slow: ")).await,
                Kind::SlowBody => drip(stream, &format!("{post}content-length: 1000\r\n\r\n")).await,
                Kind::Flood => flood(stream, &post, load.bytes).await,
                Kind::Malformed => {
                    let garbage = [
                        "GET\r\n\r\n",
                        "POST / HTTP/9.9\r\n\r\n",
                        "\u{1}\r\n\r\n",
                        "GET / HTTP/1.1\r\na b\r\n\r\n",
                    ];
                    stream.write_all(garbage[nth % 4].as_bytes()).await.unwrap();
                    answer(&mut stream).await
                }
            };
            (kind, answered, started.elapsed())
        });
    };
    for nth in 0..load.hostile {
        // Half of those who drip do so in the head.
        spawn(
            if nth % 2 == 0 {
                Kind::SlowHead
            } else {
                Kind::SlowBody
            },
            nth,
        );
        spawn(Kind::Flood, nth);
        spawn(Kind::Malformed, nth);
    }
    (0..load.honest).for_each(|nth| spawn(Kind::Honest, nth));
    let mut outcome = Outcome::default();
    while let Some(done) = tasks.join_next().await {
        let (kind, answered, took) = done.unwrap();
        match kind {
            Kind::Honest => {
                outcome.slowest = outcome.slowest.max(took);
                outcome.honest.push(answered);
            }
            Kind::SlowHead => outcome.slow_heads.push(answered),
            Kind::SlowBody => outcome.slow_bodies.push(answered),
            Kind::Flood => outcome.floods.push(answered),
            Kind::Malformed => outcome.malformed.push(answered),
        }
    }
    outcome.all = started.elapsed();
    outcome
}

#[track_caller]
fn all(answers: &[String], status: &str, what: &str) {
    let others: Vec<_> = answers
        .iter()
        .filter(|a| !a.starts_with(&format!("HTTP/1.1 {status}")))
        .collect();
    assert!(!answers.is_empty() && others.is_empty(), "{what}: {others:?}");
}

fn judge(outcome: &Outcome) {
    all(&outcome.honest, "200", "honest requests");
    all(&outcome.slow_heads, "408", "heads that drip");
    all(&outcome.slow_bodies, "408", "bodies that drip");
    all(&outcome.floods, "413", "bodies that are too large");
    all(&outcome.malformed, "400", "what is no HTTP");
}

/// A thousand connections and a gigabyte take more memory for sockets and more time than every run of the tests
/// should: `DCX_WHOLE_CROWD=1` asks for them, and for the figures.
fn wants_the_whole() -> bool {
    std::env::var_os("DCX_WHOLE_CROWD").is_some()
}

fn load() -> Load {
    if wants_the_whole() {
        return Load {
            honest: 970,
            hostile: 10,
            bytes: 100 * 1024 * 1024,
        };
    }
    Load {
        honest: 150,
        hostile: 6,
        bytes: 20 * 1024 * 1024,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_honest_are_served_among_the_hostile() {
    let outcome = under(load()).await;
    judge(&outcome);
    if !wants_the_whole() {
        return;
    }
    let figures = format!(
        "{} honest (slowest {:?}), {} + {} dripping, {} floods, {} malformed in {:?}\n",
        outcome.honest.len(),
        outcome.slowest,
        outcome.slow_heads.len(),
        outcome.slow_bodies.len(),
        outcome.floods.len(),
        outcome.malformed.len(),
        outcome.all
    );
    std::io::Write::write_all(&mut std::io::stderr(), figures.as_bytes()).unwrap();
}

#[tokio::test]
async fn whoever_asks_first_need_not_send_a_body_that_is_too_large() {
    let b = Bench::new("openspp-dci", &[]).await;
    let mut stream = TcpStream::connect(b.mock.addr()).await.unwrap();
    let head = format!(
        "POST /registry/sync/search HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\nexpect: 100-continue\r\ncontent-length: 99999999\r\n\r\n",
        b.token
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let answered = tokio::time::timeout(Duration::from_secs(3), answer(&mut stream)).await;
    assert!(answered.unwrap().starts_with("HTTP/1.1 413"));
}

#[tokio::test]
async fn an_idle_connection_is_closed_without_a_word() {
    let b = Bench::new("openspp-dci", &[]).await;
    let mut stream = TcpStream::connect(b.mock.addr()).await.unwrap();
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    let mut answers = String::new();
    let read = tokio::time::timeout(Duration::from_secs(15), stream.read_to_string(&mut answers)).await;
    read.expect("it is closed").unwrap();
    assert!(
        answers.starts_with("HTTP/1.1 200") && answers.ends_with("ok\n"),
        "{answers}"
    );
}
