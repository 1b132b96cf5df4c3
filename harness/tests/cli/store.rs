//! `dcx mock --store sqlite:FILE`: what was acknowledged survives whatever ends the process.

use crate::mock::Mock;
use crate::process::{run, until};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::tempdir;

const STORE: [&str; 4] = ["--profile", "dci-social", "--store", "sqlite:state.db"];
const PATIENCE: Duration = Duration::from_secs(20);

/// Reads one HTTP message: its first line and its body.
fn read(stream: &TcpStream) -> Option<(String, Vec<u8>)> {
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|n| *n > 0)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((first, body))
}

/// Sends a request; the answer, if one came whole.
fn send(url: &str, headers: &str, body: &str) -> Option<Value> {
    let (host, path) = url.strip_prefix("http://")?.split_once('/')?;
    let mut stream = TcpStream::connect(host).ok()?;
    let length = body.len();
    let method = if body.is_empty() { "GET" } else { "POST" };
    let head = format!("{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{headers}");
    write!(stream, "{head}content-length: {length}\r\n\r\n{body}").ok()?;
    let (first, body) = read(&stream)?;
    first
        .contains(" 200 ")
        .then(|| serde_json::from_slice(&body).ok())?
}

/// A client of a mock, with a token.
#[derive(Clone)]
struct Client {
    base: String,
    headers: String,
}

impl Client {
    fn of(mock: &Mock) -> Self {
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            mock.text("client_id"),
            mock.text("client_secret")
        );
        let labelled = "content-type: application/x-www-form-urlencoded\r\n";
        let token = send(mock.text("token_url"), labelled, &form).unwrap();
        let token = token["access_token"].as_str().unwrap();
        Self {
            base: mock.text("base_url").to_owned(),
            headers: format!("content-type: application/json\r\nauthorization: Bearer {token}\r\n"),
        }
    }

    fn post(&self, path: &str, header: &Value, message: &Value) -> Option<Value> {
        let body = json!({"header": header, "message": message}).to_string();
        send(&format!("{}{path}", self.base), &self.headers, &body)
    }

    fn get(&self, path: &str) -> Value {
        send(&format!("{}{path}", self.base), "", "").unwrap()
    }

    /// An asynchronous search: the correlation_id of its acknowledgement, if there was one.
    fn search(&self, transaction: &str, sender_uri: &str) -> Option<String> {
        let message = json!({"transaction_id": transaction, "search_request": [{"reference_id": "r",
            "timestamp": "2025-01-01T00:00:00Z", "search_criteria": {"query_type": "predicate",
            "query": [{"expression1": {"attribute_name": "birth_date", "operator": "eq",
            "attribute_value": "2020-11-02"}}]}}]});
        let answer = self.post(
            "/registry/search",
            &header("search", transaction, sender_uri),
            &message,
        )?;
        assert_eq!(answer["message"]["ack_status"], "ACK", "{answer}");
        Some(answer["message"]["correlation_id"].as_str().unwrap().to_owned())
    }
}

fn header(action: &str, id: &str, sender_uri: &str) -> Value {
    json!({"message_id": id, "message_ts": "2025-01-01T00:00:00Z", "action": action,
        "sender_id": "spmis.example.org", "sender_uri": sender_uri, "total_count": 1})
}

/// Somebody who is called back, and who does not answer until told to.
struct Receiver {
    url: String,
    answering: Arc<AtomicBool>,
    /// The callbacks that came while it did not answer, and since.
    came: [Arc<Mutex<Vec<Value>>>; 2],
}

impl Receiver {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let receiver = Self {
            url: format!("http://{}/on-search", listener.local_addr().unwrap()),
            answering: Arc::default(),
            came: [Arc::default(), Arc::default()],
        };
        let (answering, came) = (Arc::clone(&receiver.answering), receiver.came.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answering, came) = (Arc::clone(&answering), came.clone());
                std::thread::spawn(move || {
                    while let Some((_, body)) = read(&stream) {
                        let answers = answering.load(Ordering::SeqCst);
                        let body = serde_json::from_slice(&body).unwrap_or_default();
                        came[usize::from(answers)].lock().unwrap().push(body);
                        if answers {
                            let _ = (&stream).write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
                        }
                    }
                });
            }
        });
        receiver
    }

    /// Transaction → ids of its callbacks.
    fn seen(&self, since_it_answers: bool) -> BTreeMap<String, BTreeSet<[String; 2]>> {
        let mut seen: BTreeMap<String, BTreeSet<[String; 2]>> = BTreeMap::new();
        for callback in self.came[usize::from(since_it_answers)].lock().unwrap().iter() {
            let text = |pointer: &str| callback.pointer(pointer).unwrap().as_str().unwrap().to_owned();
            let ids = [text("/header/message_id"), text("/message/correlation_id")];
            seen.entry(text("/message/transaction_id"))
                .or_default()
                .insert(ids);
        }
        seen
    }
}

/// Makes an event about a new person; the person's record.
fn event(client: &Client) -> Value {
    let url = format!("{}/_dcx/events", client.base);
    send(
        &url,
        "content-type: application/json\r\n",
        r#"{"reg_event_type": "REGISTER"}"#,
    )
    .unwrap()["record"]
        .clone()
}

#[test]
fn what_was_acknowledged_survives_a_kill_in_the_midst_of_it() {
    let dir = tempdir().unwrap();
    let receiver = Receiver::start();
    let mock = Mock::start(dir.path(), &STORE);
    let client = Client::of(&mock);
    let subscribe = json!({"transaction_id": "s-1", "subscribe_request": [{"reference_id": "r",
        "timestamp": "2025-01-01T00:00:00Z", "subscribe_criteria": {"reg_event_type": "REGISTER",
        "filter_type": "predicate", "filter": [{"expression1": {"attribute_name": "birth_date", "operator": "gt",
        "attribute_value": "1900-01-01"}}], "notify_record_type": "spdci-extensions-social:Member"}}]});
    let partner = header("subscribe", "s-1", "https://spmis.example.org/told");
    client.post("/registry/subscribe", &partner, &subscribe).unwrap();
    let subscriptions = client.get("/_dcx/subscriptions");
    assert_eq!(subscriptions.as_array().unwrap().len(), 1);
    let newcomer = event(&client);

    let acknowledged: Arc<Mutex<BTreeMap<String, String>>> = Arc::default();
    let load: Vec<_> = (0..4)
        .map(|thread| {
            let (client, url, acknowledged) =
                (client.clone(), receiver.url.clone(), Arc::clone(&acknowledged));
            std::thread::spawn(move || {
                // Until the mock is gone.
                for n in 0.. {
                    let transaction = format!("t-{thread}-{n}");
                    let Some(correlation) = client.search(&transaction, &url) else {
                        return;
                    };
                    acknowledged.lock().unwrap().insert(transaction, correlation);
                }
            })
        })
        .collect();
    until("a hundred acknowledgements", || {
        acknowledged.lock().unwrap().len() >= 100
    });
    mock.running.signal("KILL");
    for thread in load {
        thread.join().unwrap();
    }
    assert_eq!(mock.running.end(PATIENCE).code, None, "a signal ended it");
    let acknowledged = acknowledged.lock().unwrap().clone();
    let before = receiver.seen(false);
    assert!(!before.is_empty(), "some callbacks were on their way");

    receiver.answering.store(true, Ordering::SeqCst);
    let mock = Mock::start(dir.path(), &STORE);
    until("every callback that was promised", || {
        let came = receiver.seen(true);
        acknowledged
            .keys()
            .all(|transaction| came.contains_key(transaction))
    });
    let after = receiver.seen(true);
    for (transaction, correlation) in &acknowledged {
        let ids = &after[transaction];
        assert_eq!(ids.len(), 1, "{transaction}");
        assert!(ids.iter().all(|[_, c]| c == correlation), "{transaction}");
        if let Some(earlier) = before.get(transaction) {
            assert_eq!(earlier, ids, "a redelivery keeps its ids");
        }
    }

    let client = Client::of(&mock);
    assert_eq!(client.get("/_dcx/subscriptions"), subscriptions);
    assert_ne!(event(&client), newcomer, "whoever was registered is known still");
    let asked = |transaction: &str| {
        let request = json!({"reference_id": "r", "txn_type": "search", "attribute_type": "transaction_id",
            "attribute_value": transaction});
        let message = json!({"transaction_id": "q", "txnstatus_request": request});
        let answer = client.post(
            "/registry/sync/txn/status",
            &header("txn-status", "q", &receiver.url),
            &message,
        );
        answer.unwrap()["message"]["txnstatus_response"]["txn_status"]["correlation_id"].clone()
    };
    for (transaction, correlation) in acknowledged.iter().take(20) {
        assert_eq!(asked(transaction), *correlation);
    }
}

#[test]
fn a_store_that_cannot_be_used_is_named() {
    let dir = tempdir().unwrap();
    let refused = |file: &str, says: &str| {
        let store = format!("sqlite:{file}");
        run(
            dir.path(),
            &[
                "mock",
                "--profile",
                "dci-social",
                "--listen",
                "127.0.0.1:0",
                "--store",
                &store,
            ],
        )
        .expect(96)
        .says(file)
        .says(says);
    };
    let write = |file: &str, bytes: &[u8]| std::fs::write(dir.path().join(file), bytes).unwrap();
    write("notes.txt", "no database\n".repeat(100).as_bytes());
    refused("notes.txt", "is not a store of dcx");
    let mock = Mock::start(dir.path(), &STORE);
    refused("state.db", "is in use");
    drop(mock);
    refused("no/such/folder.db", "failed to use");
    run(dir.path(), &["mock", "--store", "tape"])
        .expect(2)
        .says("sqlite:FILE");
}

#[test]
fn records_are_imported_and_exported() {
    let dir = tempdir().unwrap();
    let write = |file: &str, text: &str| std::fs::write(dir.path().join(file), text).unwrap();
    let table =
        "UIN,birth_date,given_name,/marital_status\n7,1990-01-02,\"Ana, the elder\",S\n8,2001-02-03,Béa,\n";
    write("people.csv", table);
    let mock = Mock::start(dir.path(), &["--profile", "dci-social", "--data", "people.csv"]);
    let lines = |mock: &Mock| export(&format!("{}/_dcx/records", mock.text("base_url")));
    let exported = lines(&mock);
    let records: Vec<Value> = exported
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let ana = json!({"demographic_info": {
        "identifier": [{"identifier_type": "UIN", "identifier_value": "7"}],
        "birth_date": "1990-01-02", "name": {"given_name": "Ana, the elder"}}, "marital_status": "S"});
    assert_eq!((records.len(), &records[0]), (2, &ana));
    drop(mock);
    write("people.jsonl", &exported);
    let again = Mock::start(dir.path(), &["--profile", "dci-social", "--data", "people.jsonl"]);
    assert_eq!(lines(&again), exported);
    drop(again);

    let refused = |file: &str, text: &str, says: &str| {
        write(file, text);
        refused_data(dir.path(), file, says);
    };
    let good = exported.lines().next().unwrap();
    refused(
        "a.jsonl",
        &format!("{good}\n\n{{\"a\": }}\n"),
        "line 3: no JSON, column",
    );
    refused(
        "b.jsonl",
        &format!("{good}\n[]\n"),
        "line 2: a record is a JSON object",
    );
    refused("c.jsonl", "{}\n", "line 1: no identifier");
    refused(
        "d.jsonl",
        &format!("{good}\n{good}\n"),
        "line 2: UIN \"7\" is on line 1 already",
    );
    refused("e.jsonl", "\n", "it holds no records");
    refused(
        "f.csv",
        "UIN,shoe size\n1,2\n",
        "line 1: unknown column \"shoe size\"",
    );
    refused(
        "g.csv",
        "UIN,sex\n1,male\n2\n",
        "line 3: 1 cells; the first line names 2 columns",
    );
    refused_data(dir.path(), "nowhere.csv", "failed to read");
    run(dir.path(), &["mock", "--data", "people.csv"])
        .expect(96)
        .says("for one registry");
}

fn refused_data(dir: &Path, file: &str, says: &str) {
    let args = [
        "mock",
        "--profile",
        "dci-social",
        "--listen",
        "127.0.0.1:0",
        "--data",
        file,
    ];
    run(dir, &args).expect(96).says(file).says(says);
}

/// A whole body that is sent in chunks, as lines.
fn export(url: &str) -> String {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET /{path} HTTP/1.0\r\nhost: {host}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("application/x-ndjson"), "{head}");
    body.to_owned()
}
