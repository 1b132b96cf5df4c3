//! A mock behind TLS: real handshakes, on both sides in this process.

use crate::bench::{config, envelope, profile};
use mock_server::{ClientAuth, Config, MockServer, Papers, Tls};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

struct Secured {
    mock: MockServer,
    papers: Papers,
    dir: TempDir,
}

impl Secured {
    async fn asking(clients: ClientAuth) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (tls, papers) = Tls::self_signed(dir.path(), Ipv4Addr::LOCALHOST.into(), &clients).unwrap();
        let config = Config {
            tls: Some(tls),
            ..config(&["dci-social"])
        };
        let mock = MockServer::start(config).await.unwrap();
        Self { mock, papers, dir }
    }

    fn certificate(&self) -> reqwest::Certificate {
        reqwest::Certificate::from_pem(&std::fs::read(&self.papers.ca).unwrap()).unwrap()
    }

    /// A client that trusts the mock, and presents what these two files hold.
    fn client(&self, presents: Option<(&Path, &Path)>) -> reqwest::Client {
        let mut builder = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([self.certificate()]);
        if let Some((certificate, key)) = presents {
            let [mut pem, key] = [certificate, key].map(|path| std::fs::read(path).unwrap());
            pem.extend(key);
            builder = builder.identity(reqwest::Identity::from_pem(&pem).unwrap());
        }
        builder.build().unwrap()
    }

    async fn token(&self, client: &reqwest::Client) -> String {
        let endpoint = &self.mock.endpoints()[0];
        let [id, secret] =
            [&endpoint.client_id, &endpoint.client_secret].map(|text| text.as_deref().unwrap());
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let request = client.post(endpoint.token_url.as_deref().unwrap());
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let reply: Value = json_of(request.body(form).send().await.unwrap()).await;
        reply["access_token"].as_str().unwrap().to_owned()
    }

    /// What the journal says of connections that were not let in.
    async fn refused(&self, client: &reqwest::Client) -> Vec<Value> {
        let page = client.get(format!("{}/_dcx/journal", self.mock.origin()));
        let page = json_of(page.send().await.unwrap()).await;
        let entries = page["entries"].as_array().unwrap().iter();
        entries
            .filter(|e| e["operation"] == "handshake")
            .cloned()
            .collect()
    }

    /// A connection of a client that trusts the mock.
    async fn connected(&self) -> tokio_rustls::client::TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_file(&self.papers.ca).unwrap())
            .unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(self.mock.addr()).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let connector = TlsConnector::from(Arc::new(config));
        connector.connect(name, stream).await.unwrap()
    }

    /// What comes back over a connection, and how it ended.
    async fn raw(&self, wish: &str) -> (Vec<u8>, std::io::Result<usize>) {
        let token = self.token(&self.client(None)).await;
        let mut stream = self.connected().await;
        let body = search().to_string();
        let head = format!(
            "POST /registry/sync/search HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\nprefer: {wish}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer);
        let ended = tokio::time::timeout(Duration::from_secs(10), read).await.unwrap();
        (answer, ended)
    }
}

async fn json_of(response: reqwest::Response) -> Value {
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

fn search() -> Value {
    let registry = profile("dci-social").registry.unwrap();
    let expression =
        json!({"attribute_name": registry.date_attribute, "operator": "ge", "attribute_value": "2020-01-01"});
    let criteria = json!({"query_type": "predicate", "query": [{"expression1": expression}]});
    envelope("t", &[criteria])
}

#[tokio::test]
async fn whoever_trusts_the_authority_is_served() {
    let s = Secured::asking(ClientAuth::None).await;
    let endpoint = &s.mock.endpoints()[0];
    assert!(
        endpoint.base_url.starts_with("https://127.0.0.1:"),
        "{endpoint:?}"
    );
    assert!(
        endpoint
            .token_url
            .as_deref()
            .unwrap()
            .starts_with("https://127.0.0.1:")
    );
    let client = s.client(None);
    let token = s.token(&client).await;
    for host in ["127.0.0.1", "localhost"] {
        let url = format!("https://{host}:{}/registry/sync/search", s.mock.addr().port());
        let request = client.post(url).header("content-type", "application/json");
        let reply = request.bearer_auth(&token).body(search().to_string());
        let reply = json_of(reply.send().await.unwrap()).await;
        assert_eq!(reply["header"]["status"], "succ", "{host}");
    }
    assert!(s.refused(&client).await.is_empty());
    s.mock.stop().await;
}

#[tokio::test]
async fn whoever_does_not_trust_it_finds_the_reason_in_the_journal() {
    let s = Secured::asking(ClientAuth::None).await;
    let elsewhere = Secured::asking(ClientAuth::None).await;
    let stranger = elsewhere.client(None);
    assert!(
        stranger
            .get(s.mock.origin())
            .send()
            .await
            .unwrap_err()
            .is_connect()
    );
    let refused = s.refused(&s.client(None)).await;
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0]["verdict"], "refused");
    let says = refused[0]["says"].as_str().unwrap();
    assert!(says.contains("give it the CA certificate"), "{says}");
}

#[tokio::test]
async fn a_request_without_tls_is_told_so() {
    let s = Secured::asking(ClientAuth::None).await;
    let plain = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = plain.post(format!("http://{}/registry/sync/search", s.mock.addr()));
    let answer = answer.body(search().to_string()).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    let text = answer.text().await.unwrap();
    assert!(text.contains("https://"), "{text}");
    // What is no HTTP either gets no answer.
    let mut noise = TcpStream::connect(s.mock.addr()).await.unwrap();
    noise.write_all(b"\x00\x01\x02").await.unwrap();
    let mut answer = Vec::new();
    let read = noise.read_to_end(&mut answer);
    // It may end with a reset, since what was sent is not read.
    let _ = tokio::time::timeout(Duration::from_secs(5), read).await.unwrap();
    assert!(answer.is_empty());
    let refused = s.refused(&s.client(None)).await;
    let statuses: Vec<_> = refused.iter().map(|entry| entry["status"].clone()).collect();
    assert_eq!(statuses, [json!(400), Value::Null]);
    assert!(
        refused[0]["says"]
            .as_str()
            .unwrap()
            .contains("write https:// in the address")
    );
}

#[tokio::test]
async fn a_client_certificate_is_demanded_where_one_is_wanted() {
    let s = Secured::asking(ClientAuth::SelfSigned).await;
    let elsewhere = Secured::asking(ClientAuth::SelfSigned).await;
    let url = format!("{}/healthz", s.mock.origin());
    assert!(s.client(None).get(&url).send().await.is_err());
    let (certificate, key) = elsewhere.papers.client.clone().unwrap();
    let stranger = s.client(Some((&certificate, &key)));
    assert!(stranger.get(&url).send().await.is_err());
    let (certificate, key) = s.papers.client.clone().unwrap();
    let client = s.client(Some((&certificate, &key)));
    assert_eq!(client.get(&url).send().await.unwrap().status(), 200);
    assert!(!s.token(&client).await.is_empty());
    let says: Vec<_> = s
        .refused(&client)
        .await
        .into_iter()
        .map(|e| e["says"].clone())
        .collect();
    assert_eq!(says.len(), 2, "{says:?}");
    assert!(
        says[0].as_str().unwrap().contains("presented no certificate"),
        "{says:?}"
    );
    assert!(
        says[1].as_str().unwrap().contains("certificate is refused"),
        "{says:?}"
    );
}

#[tokio::test]
async fn authorities_of_a_file_let_their_clients_in() {
    let elsewhere = Secured::asking(ClientAuth::SelfSigned).await;
    let s = Secured::asking(ClientAuth::File(elsewhere.papers.ca.clone())).await;
    assert_eq!(s.papers.client, None);
    assert!(s.dir.path().join("tls-ca.pem").exists());
    let (certificate, key) = elsewhere.papers.client.clone().unwrap();
    let client = s.client(Some((&certificate, &key)));
    let answer = client.get(format!("{}/healthz", s.mock.origin())).send().await;
    assert_eq!(answer.unwrap().status(), 200);
}

#[tokio::test]
async fn faults_of_the_connection_are_the_same_under_tls() {
    let s = Secured::asking(ClientAuth::None).await;
    let (answer, ended) = s.raw("dcx-reset").await;
    assert!(answer.is_empty(), "{}", String::from_utf8_lossy(&answer));
    assert_eq!(ended.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    let (answer, ended) = s.raw("dcx-body=truncated").await;
    assert!(answer.starts_with(b"HTTP/1.1 200") && !answer.ends_with(b"}"));
    assert_eq!(ended.unwrap_err().kind(), std::io::ErrorKind::UnexpectedEof);
    let (answer, ended) = s.raw("dcx-drip=0.2").await;
    assert!(answer.ends_with(b"}") && ended.is_ok());
}

#[tokio::test]
async fn a_handshake_that_never_comes_holds_nobody_up() {
    let s = Secured::asking(ClientAuth::None).await;
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(TcpStream::connect(s.mock.addr()).await.unwrap());
    }
    let mut half = TcpStream::connect(s.mock.addr()).await.unwrap();
    half.write_all(&[22, 3, 1, 2, 0]).await.unwrap();
    assert!(!s.token(&s.client(None)).await.is_empty());
    let started = Instant::now();
    s.mock.stop().await;
    assert!(
        started.elapsed() < Duration::from_secs(2),
        "{:?}",
        started.elapsed()
    );
    drop((silent, half));
}

#[tokio::test]
async fn a_connection_that_waits_is_ended_properly_when_the_mock_stops() {
    let s = Secured::asking(ClientAuth::None).await;
    let mut stream = s.connected().await;
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await
        .unwrap();
    let mut piece = [0; 4096];
    let read = stream.read(&mut piece).await.unwrap();
    assert!(piece[..read].starts_with(b"HTTP/1.1 200"));
    s.mock.stop().await;
    let mut rest = Vec::new();
    // `Ok` is a proper end: without it, reading fails.
    stream.read_to_end(&mut rest).await.unwrap();
}
