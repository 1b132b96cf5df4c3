//! A target can do anything with a connection; the client ends within its time and says what happened.

use bytes::Bytes;
use harness::client::{Client, Outbound};
use harness::record::Redactor;
use harness::tls::Tls;
use specs::evidence::{FailureKind, Outcome};
use std::future::Future;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const TIMEOUT: Duration = Duration::from_secs(1);
/// What a machine under load may add to it.
const SLACK: Duration = Duration::from_secs(4);

async fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    (listener, url)
}

/// Serves every connection in this way; the request has been read when it is called.
async fn serve<F>(behave: impl Fn(TcpStream) -> F + Send + 'static) -> String
where
    F: Future<Output = std::io::Result<()>> + Send + 'static,
{
    let (listener, url) = listener().await;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            if stream.read(&mut request).await.is_ok() {
                tokio::spawn(behave(stream));
            }
        }
    });
    url
}

async fn send_within(url: &str, timeout: Duration) -> Outcome {
    let client = Client::new(timeout, Redactor::default(), &Tls::default()).expect("a client");
    let outbound = Outbound {
        method: http::Method::POST,
        url: url.to_owned(),
        headers: Vec::new(),
        body: Bytes::from("{}"),
    };
    let started = Instant::now();
    let answered = client.send(&outbound, |_| ()).await;
    assert!(
        started.elapsed() < timeout + SLACK,
        "it took {:?}",
        started.elapsed()
    );
    answered.outcome
}

async fn kind(url: &str) -> FailureKind {
    match send_within(url, TIMEOUT).await {
        Outcome::Failure { kind, message } => {
            assert!(!message.is_empty());
            kind
        }
        Outcome::Response(response) => panic!("an answer: {response:?}"),
    }
}

#[tokio::test]
async fn nothing_listens() {
    let (listener, url) = listener().await;
    drop(listener);
    assert_eq!(kind(&url).await, FailureKind::Connect);
    assert_eq!(kind("http://no-such-host.invalid/").await, FailureKind::Connect);
}

#[tokio::test]
async fn a_connection_is_accepted_and_nothing_is_answered() {
    let url = serve(|stream| async {
        std::future::pending::<()>().await;
        drop(stream);
        Ok(())
    })
    .await;
    assert_eq!(kind(&url).await, FailureKind::Timeout);
    // Not even accepted: the connection waits in the system's queue.
    let (listener, url) = listener().await;
    assert_eq!(kind(&url).await, FailureKind::Timeout);
    drop(listener);
}

#[tokio::test]
async fn an_answer_that_drips_does_not_take_longer_than_its_time() {
    let url = serve(|mut stream| async move {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
            .await?;
        loop {
            stream.write_all(b"1\r\nx\r\n").await?;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    assert_eq!(kind(&url).await, FailureKind::Timeout);
}

#[tokio::test]
async fn what_is_answered_is_not_http() {
    for answer in [
        &b"SSH-2.0-OpenSSH_9.6\r\n"[..],
        b"\x15\x03\x01\x00\x02\x02\x46",
        b"\x00\xff garbage \r\n\r\n",
    ] {
        let url = serve(move |mut stream| async move { stream.write_all(answer).await }).await;
        assert_eq!(kind(&url).await, FailureKind::NotHttp, "{answer:?}");
    }
}

#[tokio::test]
async fn header_fields_without_end_are_not_read_without_end() {
    let url = serve(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
        loop {
            stream.write_all(b"x-more: and more\r\n").await?;
        }
    })
    .await;
    assert_eq!(kind(&url).await, FailureKind::NotHttp);
}

#[tokio::test]
async fn the_connection_closes_before_the_answer_or_within_it() {
    let url = serve(|stream| async move {
        drop(stream);
        Ok(())
    })
    .await;
    assert_eq!(kind(&url).await, FailureKind::Closed);
    for answer in [
        &b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"half"[..],
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"hal",
        b"HTTP/1.1 200 OK\r\ncontent-type: appl",
    ] {
        let url = serve(move |mut stream| async move { stream.write_all(answer).await }).await;
        assert_eq!(
            kind(&url).await,
            FailureKind::Closed,
            "{:?}",
            String::from_utf8_lossy(answer)
        );
    }
}

#[tokio::test]
async fn a_gigabyte_is_not_read() {
    for head in ["content-length: 1073741824", "transfer-encoding: chunked"] {
        let url = serve(move |mut stream| async move {
            stream
                .write_all(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n").as_bytes())
                .await?;
            let piece = vec![b' '; 1 << 16];
            for _ in 0..1 << 14 {
                if head.ends_with("chunked") {
                    stream.write_all(b"10000\r\n").await?;
                }
                stream.write_all(&piece).await?;
                if head.ends_with("chunked") {
                    stream.write_all(b"\r\n").await?;
                }
            }
            Ok(())
        })
        .await;
        // Reading what we are willing to read may take a while where the machine is busy.
        let outcome = send_within(&url, Duration::from_secs(20)).await;
        assert!(
            matches!(
                outcome,
                Outcome::Failure {
                    kind: FailureKind::TooLarge,
                    ..
                }
            ),
            "{head}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn a_gigabyte_that_is_only_announced_takes_no_longer_than_its_time() {
    let url = serve(|mut stream| async move {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n")
            .await?;
        std::future::pending().await
    })
    .await;
    assert_eq!(kind(&url).await, FailureKind::Timeout);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    // Who follows the redirect gets no answer at all.
    let elsewhere = serve(|stream| async move {
        drop(stream);
        Ok(())
    })
    .await;
    let url = serve(move |mut stream| {
        let answer =
            format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: {elsewhere}\r\ncontent-length: 0\r\n\r\n");
        async move { stream.write_all(answer.as_bytes()).await }
    })
    .await;
    match send_within(&url, TIMEOUT).await {
        Outcome::Response(response) => {
            assert_eq!(response.status, 307);
            assert!(
                response
                    .header("location")
                    .is_some_and(|l| l.starts_with("http://127.0.0.1:"))
            );
        }
        Outcome::Failure { message, .. } => panic!("{message}"),
    }
}

#[tokio::test]
async fn a_complete_answer_is_an_answer_whatever_it_holds() {
    for answer in [
        &b"HTTP/1.1 599 \r\ncontent-length: 2\r\n\r\n\xff\xfe"[..],
        b"HTTP/1.0 200 OK\r\n\r\nuntil the end",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx-odd: \xe9\xff\r\ncontent-length: 0\r\n\r\n",
    ] {
        let url = serve(move |mut stream| async move { stream.write_all(answer).await }).await;
        let outcome = send_within(&url, TIMEOUT).await;
        assert!(
            matches!(outcome, Outcome::Response(_)),
            "{:?}: {outcome:?}",
            String::from_utf8_lossy(answer)
        );
    }
}
