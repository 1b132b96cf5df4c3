//! Servers that hang or answer garbage end in verdicts, and no record of a case makes the judge panic.

use crate::items::ITEMS;
use crate::ran::run_with;
use harness::openapi::Judge;
use proptest::prelude::*;
use specs::document::Document;
use specs::evidence::{
    Body, Exchange, FailureKind, Intent, Observation, Outcome, Request, Response, Verdict,
};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// A server that answers its base path, so that preflight passes, and everything else in turn with these
/// bytes; with nothing at all where there are none.
async fn serve(answers: &'static [&'static [u8]]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        let turn = AtomicUsize::new(0);
        let mut silent = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 1 << 16];
            let read = stream.read(&mut request).await.unwrap_or(0);
            let answer = if request[..read].starts_with(b"GET / ") {
                &b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"[..]
            } else if answers.is_empty() {
                silent.push(stream);
                continue;
            } else {
                answers[turn.fetch_add(1, Ordering::Relaxed) % answers.len()]
            };
            // The client may have hung up already.
            let _ = stream.write_all(answer).await;
        }
    });
    url
}

#[tokio::test]
async fn a_server_that_hangs_is_undecided_soon() {
    let url = serve(&[]).await;
    let ran = run_with(ITEMS, &url, |run| run.limits.timeout = Duration::from_millis(300)).await;
    assert_eq!(ran.exit_code, 101);
    for (case, (verdict, _)) in ran.cases() {
        assert_eq!(verdict, Verdict::Inconclusive, "{case}");
        assert!(ran.observations(case).len() <= 3, "{case} asked on in vain");
    }
}

#[tokio::test]
async fn a_server_of_garbage_is_not_conformant() {
    let url = serve(&[
        b"\x00\xff\xfegarbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"a\"",
        b"HTTP/1.1 200 OK\r\ncontent-type: \xff\r\ncontent-length: 4\r\nconnection: close\r\n\r\n\xff\xfe\x00\x01",
        b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n[[[[[[[",
        b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\nconnection: close\r\n\r\nnull",
        b"HTTP/1.1 999 Beyond\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    ])
    .await;
    let ran = run_with(ITEMS, &url, |_| ()).await;
    assert_eq!(ran.exit_code, 100);
    assert!(!ran.cases().is_empty());
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let media_type = prop_oneof![
        Just("application/json".to_owned()),
        Just("application/problem+json".to_owned()),
        ".{0,20}",
    ];
    let text = prop_oneof![
        Just(r#"{"id": 1, "count": "x"}"#.to_owned()),
        Just("[[[".to_owned()),
        Just(String::new()),
        ".{0,30}",
    ];
    let body = (text, any::<bool>(), proptest::option::of(any::<u64>())).prop_map(
        |(text, binary, cut_from_bytes)| {
            let base64 = binary.then(|| "/w==".to_owned());
            Body {
                text: if binary { String::new() } else { text },
                base64,
                cut_from_bytes,
            }
        },
    );
    let response =
        (any::<u16>(), proptest::option::of(media_type), body).prop_map(|(status, media_type, body)| {
            let headers = media_type
                .into_iter()
                .map(|m| ("content-type".to_owned(), m))
                .collect();
            Outcome::Response(Response {
                status,
                headers,
                body,
            })
        });
    prop_oneof![
        4 => response,
        1 => ".{0,10}".prop_map(|message| Outcome::Failure { kind: FailureKind::Closed, message }),
    ]
}

fn observation() -> impl Strategy<Value = Observation> {
    let intent = prop_oneof![
        Just(Intent::Honest),
        (proptest::option::of(".{0,8}"), ".{0,8}").prop_map(|(pointer, rule)| Intent::Faulty {
            operator: "any".to_owned(),
            pointer,
            honest: None,
            sent: None,
            rule,
        }),
    ];
    let label = prop_oneof![
        Just("shrinking"),
        Just("smallest"),
        Just("control"),
        Just("twin"),
        Just("faulty")
    ];
    (label, intent, outcome()).prop_map(|(label, intent, outcome)| {
        let request = Request {
            method: "POST".to_owned(),
            url: String::new(),
            headers: Vec::new(),
            body: Body::default(),
        };
        Observation::Exchange(Exchange {
            label: label.to_owned(),
            operation: "add".to_owned(),
            intent,
            request,
            outcome,
            sent_us: 0,
            done_us: 0,
            put_off: Vec::new(),
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_record_is_judged(seen in proptest::collection::vec(observation(), 0..12), aim in "covering|valid|invalid") {
        let document = Document::parse("items.yaml", ITEMS).expect("a document");
        let checks = Judge::by(&document).judge(&format!("openapi.add.{aim}"), &seen).expect("a case of it");
        prop_assert_eq!(checks.len(), 4);
        for check in checks {
            for finding in check.findings {
                prop_assert!(finding.observation.is_some_and(|index| index < seen.len()));
            }
        }
    }
}
