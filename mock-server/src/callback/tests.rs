//! What is called, how often, and what never is. A listener counts whoever connects to it.

use super::*;
use crate::journal::{Journal, JournalConfig};
use crate::stop::{self, Stop};
use specs::catalogue::Partner;
use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// Answers each connection with the next of these texts, and keeps what it read.
struct Consumer {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Consumer {
    async fn answering(answers: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let consumer = Self {
            address: listener.local_addr().unwrap(),
            connections: Arc::default(),
            heads: Arc::default(),
        };
        let (connections, heads) = (Arc::clone(&consumer.connections), Arc::clone(&consumer.heads));
        let mut answers: std::collections::VecDeque<String> =
            answers.iter().map(|answer| (*answer).to_owned()).collect();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                let mut read = Vec::new();
                while !read.ends_with(b"}") {
                    if stream.read_buf(&mut read).await.unwrap_or(0) == 0 {
                        break;
                    }
                }
                heads
                    .lock()
                    .unwrap()
                    .push(String::from_utf8_lossy(&read).into_owned());
                let answer = answers.pop_front().unwrap_or_else(|| "200 OK\r\n".to_owned());
                let head = format!("HTTP/1.1 {answer}content-length: 0\r\nconnection: close\r\n\r\n");
                let _ = stream.write_all(head.as_bytes()).await;
            }
        });
        consumer
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    fn attempts(&self) -> Vec<Option<String>> {
        self.headers("dcx-attempt: ")
    }

    /// What follows the beginning of a line, for each request.
    fn headers(&self, beginning: &str) -> Vec<Option<String>> {
        let heads = self.heads.lock().unwrap();
        let named = |head: &String| {
            let line = head.lines().find_map(|line| line.strip_prefix(beginning));
            line.map(ToOwned::to_owned)
        };
        heads.iter().map(named).collect()
    }
}

/// A courier, its journal, and how many names it asked for.
struct Office {
    courier: Arc<Courier>,
    journal: Arc<Journal>,
    asked: Arc<AtomicUsize>,
    _stop: Stop,
}

impl Office {
    /// Names lead to the first of these addresses, then to the second, and so on; the last stays.
    fn of(allowed: &[&str], answers: &[&[&str]]) -> Self {
        let partner = Partner {
            sender_id: String::new(),
            receiver_id: String::new(),
        };
        let allowed: Vec<String> = allowed.iter().map(|host| (*host).to_owned()).collect();
        let hosts = Arc::new(Hosts::new(&allowed).unwrap());
        let policy = Policy::new(&hosts, &partner);
        let journal = Arc::new(Journal::open(&JournalConfig::default()).unwrap());
        let clerk = Clerk {
            journal: Arc::clone(&journal),
            profile: "p".to_owned(),
        };
        let (stop, stopped) = stop::channel();
        let asked: Arc<AtomicUsize> = Arc::default();
        let answers: Vec<Vec<IpAddr>> = answers
            .iter()
            .map(|answer| answer.iter().map(|address| address.parse().unwrap()).collect())
            .collect();
        let counted = Arc::clone(&asked);
        let ask: Ask = Arc::new(move |_| {
            let nth = counted.fetch_add(1, Ordering::SeqCst);
            let answer = answers.get(nth).or(answers.last()).cloned().unwrap_or_default();
            Box::pin(async move { Ok(answer) })
        });
        let times = Times {
            bearer: false,
            delay: Duration::ZERO,
            pauses: [50, 50, 60].map(Duration::from_millis).to_vec(),
        };
        let courier = Courier::new(
            asking(ask, &hosts).unwrap(),
            policy,
            times,
            Ledger::default(),
            clerk,
            stopped,
        );
        Self {
            courier: Arc::new(courier),
            journal,
            asked,
            _stop: stop,
        }
    }

    /// Delivers a callback to its end, or says why that address is not called.
    async fn deliver(&self, uri: &str) -> Result<(), String> {
        let delivery = Delivery {
            operation: "on-search".into(),
            target: self.courier.policy.target(Some(uri))?,
            sender_uri: Some(uri.to_owned()),
            correlation_id: "c".to_owned(),
            body: json!({"header": {}}),
            attempts: 0,
            signature: Some("a..b".to_owned()),
            after: None,
            delivered: None,
            dying: None,
        };
        self.courier.deliver(&delivery).await;
        Ok(())
    }

    /// The verdicts of the journal, and what it says.
    fn told(&self) -> Vec<(Verdict, String)> {
        let page = self.journal.page(0, 100, |_| true);
        let entries = page.entries.iter();
        entries.map(|entry| (entry.verdict, entry.says.clone())).collect()
    }

    #[track_caller]
    fn says(&self, expected: &[(Verdict, &str)]) {
        let told = self.told();
        assert_eq!(told.len(), expected.len(), "{told:?}");
        for ((verdict, says), (wanted, part)) in told.iter().zip(expected) {
            assert!(
                verdict == wanted && says.contains(part),
                "{told:?}, expected {expected:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_busy_receiver_is_called_again_and_told_so() {
    let busy = [
        "503 Service Unavailable\r\n",
        "429 Too Many\r\nretry-after: 0\r\n",
        "500 Oh\r\n",
    ];
    let consumer = Consumer::answering(&busy).await;
    let office = Office::of(&[], &[]);
    office
        .deliver(&format!("http://{}/", consumer.address))
        .await
        .unwrap();
    office.says(&[
        (
            Verdict::Retried,
            "503 Service Unavailable; tried again after 0.05 s",
        ),
        (
            Verdict::Retried,
            "429 Too Many Requests (attempt 2); tried again after 0.1 s",
        ),
        (
            Verdict::Retried,
            "500 Internal Server Error (attempt 3); tried again after 0.06 s",
        ),
        (Verdict::Delivered, "200 OK (attempt 4)"),
    ]);
    let [two, three, four] = ["2", "3", "4"].map(|n| Some(n.to_owned()));
    assert_eq!(consumer.attempts(), [None, two, three, four]);
    // The signature beside the body travels with each of them.
    assert_eq!(consumer.headers("signature: "), vec![Some("a..b".to_owned()); 4]);
}

#[tokio::test]
async fn attempts_come_to_an_end() {
    let consumer = Consumer::answering(&["500 Oh\r\n"; 9]).await;
    let office = Office::of(&[], &[]);
    office
        .deliver(&format!("http://{}/", consumer.address))
        .await
        .unwrap();
    assert_eq!(consumer.connections(), 4);
    let told = office.told();
    let verdicts: Vec<_> = told.iter().map(|(verdict, _)| *verdict).collect();
    let retried = Verdict::Retried;
    assert_eq!(
        verdicts,
        [retried, retried, retried, Verdict::Undelivered],
        "{told:?}"
    );
}

#[tokio::test]
async fn a_receiver_that_refuses_is_not_called_again() {
    for refusal in ["400 Bad Request", "404 Not Found", "410 Gone", "422 No"] {
        let consumer = Consumer::answering(&[&format!("{refusal}\r\n")]).await;
        let office = Office::of(&[], &[]);
        office
            .deliver(&format!("http://{}/", consumer.address))
            .await
            .unwrap();
        office.says(&[(Verdict::Undelivered, &refusal[..3])]);
        assert_eq!(consumer.connections(), 1, "{refusal}");
    }
}

#[tokio::test]
async fn a_redirect_is_never_followed() {
    let inner = Consumer::answering(&[]).await;
    for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        let redirecting =
            Consumer::answering(&[&format!("{status}\r\nlocation: http://{}/\r\n", inner.address)]).await;
        let office = Office::of(&[], &[]);
        office
            .deliver(&format!("http://{}/", redirecting.address))
            .await
            .unwrap();
        office.says(&[(Verdict::Undelivered, "redirects are not followed")]);
        assert_eq!(redirecting.connections(), 1);
    }
    assert_eq!(inner.connections(), 0, "never connected");
}

#[tokio::test]
async fn what_is_spelt_to_deceive_is_never_connected_to() {
    let consumer = Consumer::answering(&[]).await;
    let port = consumer.address.port();
    let office = Office::of(&["0.0.0.0/0", "::/0"], &[&["127.0.0.1"]]);
    // Each of these reaches the listener, if it is connected to.
    for uri in [
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://[::ffff:7f00:1]:{port}/"),
        format!("http://0.0.0.0:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://0x7f000001:{port}/"),
        format!("http://0177.0.0.1:{port}/"),
        format!("http://127.1:{port}/"),
        format!("http://user@127.0.0.1:{port}/"),
        format!("http://user:word@127.0.0.1:{port}/"),
        format!("http://example.com@127.0.0.1:{port}/"),
        format!("file://127.0.0.1:{port}/etc/passwd"),
        format!("gopher://127.0.0.1:{port}/"),
        format!("ftp://127.0.0.1:{port}/"),
        format!("http://ci.example.net:{port}/"),
    ] {
        assert!(office.deliver(&uri).await.is_err(), "{uri}");
    }
    assert_eq!(
        (consumer.connections(), office.asked.load(Ordering::SeqCst)),
        (0, 0)
    );
    // The listener does count.
    office
        .deliver(&format!("http://127.0.0.1:{port}/"))
        .await
        .unwrap();
    assert_eq!(consumer.connections(), 1);
}

#[tokio::test]
async fn a_name_that_leads_inside_is_never_connected_to() {
    let consumer = Consumer::answering(&[]).await;
    let uri = format!("http://ci.example.net:{}/", consumer.address.port());
    for (address, says) in [
        // These two reach the listener, if they are connected to.
        ("0.0.0.0", "unspecified"),
        ("::ffff:127.0.0.1", "another spelling"),
        ("169.254.169.254", "link-local"),
        ("10.0.0.1", "private"),
        ("fe80::1", "link-local"),
        ("224.0.0.1", "multicast"),
    ] {
        let office = Office::of(&["ci.example.net"], &[&["127.0.0.1", address]]);
        office.deliver(&uri).await.unwrap();
        office.says(&[(
            Verdict::Forbidden,
            &format!("ci.example.net leads to {address}: "),
        )]);
        assert!(office.told()[0].1.contains(says), "{address}");
        assert_eq!(
            office.asked.load(Ordering::SeqCst),
            1,
            "a refusal is not tried again"
        );
    }
    assert_eq!(consumer.connections(), 0, "never connected");
}

#[tokio::test]
async fn the_address_that_was_checked_is_the_one_that_is_called() {
    // A name server that answers differently the second time.
    let consumer = Consumer::answering(&["503 Busy\r\n"]).await;
    let office = Office::of(&["ci.example.net"], &[&["127.0.0.1"], &["0.0.0.0"]]);
    let uri = format!("http://ci.example.net:{}/", consumer.address.port());
    office.deliver(&uri).await.unwrap();
    // One answer for one connection; another connection takes another answer, which is checked as well.
    office.says(&[
        (Verdict::Retried, "503"),
        (Verdict::Forbidden, "ci.example.net leads to 0.0.0.0: "),
    ]);
    assert_eq!(
        (consumer.connections(), office.asked.load(Ordering::SeqCst)),
        (1, 2)
    );

    let consumer = Consumer::answering(&[]).await;
    let office = Office::of(&["ci.example.net"], &[&["127.0.0.1"], &["0.0.0.0"]]);
    let uri = format!("http://ci.example.net:{}/", consumer.address.port());
    office.deliver(&uri).await.unwrap();
    office.says(&[(Verdict::Delivered, "200")]);
    assert_eq!(
        (consumer.connections(), office.asked.load(Ordering::SeqCst)),
        (1, 1)
    );
}

#[tokio::test]
async fn localhost_is_this_machine_whatever_the_name_server_says() {
    let consumer = Consumer::answering(&[]).await;
    let office = Office::of(&[], &[&["10.0.0.1"]]);
    let uri = format!("http://localhost:{}/", consumer.address.port());
    office.deliver(&uri).await.unwrap();
    office.says(&[(Verdict::Delivered, "200")]);
    assert_eq!(office.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_callback_out_of_order_goes_after_the_next() {
    let consumer = Consumer::answering(&[]).await;
    let office = Office::of(&[], &[]);
    let uri = format!("http://{}/", consumer.address);
    let send = async |id: &str, out_of_order: bool| {
        let delivery = Delivery {
            operation: "on-search".into(),
            target: office.courier.policy.target(Some(&uri)).unwrap(),
            sender_uri: None,
            correlation_id: id.to_owned(),
            body: json!({"header": {}}),
            attempts: 0,
            signature: None,
            after: None,
            delivered: None,
            dying: None,
        };
        let manner = Manner {
            out_of_order,
            ..Manner::default()
        };
        office.courier.dispatch(delivery, manner).await;
    };
    // Both are to be out of order: the second is the next of the first.
    send("one", true).await;
    send("two", true).await;
    send("three", false).await;
    let order = || -> Vec<_> {
        let page = office.journal.page(0, 100, |_| true);
        let ids = page
            .entries
            .iter()
            .map(|entry| entry.asked.correlation_id.clone());
        ids.flatten().collect()
    };
    while order().len() < 3 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let place = |id: &str| order().iter().position(|other| other == id);
    assert!(
        place("one") > place("two") || place("one") > place("three"),
        "{:?}",
        order()
    );
}
