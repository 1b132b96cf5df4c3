//! The start of a connection under TLS. It may take only so long; whoever fails at it is told why as far as the
//! protocol allows, and the journal says what to do about it.

use super::Tls;
use crate::clock;
use crate::connection::Socket;
use crate::journal::{Entry, Journal, Side, Verdict};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use rustls::AlertDescription as Alert;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tracing::warn;

/// How long a handshake may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the peer is given to read why it failed.
const FAREWELL: Duration = Duration::from_millis(500);
/// The first byte of every handshake.
const HANDSHAKE: u8 = 22;
/// How much of a request without TLS is read before it is answered.
const MOST_READ: usize = 16 * 1024;

/// What a request without TLS is told.
const PLAIN: &str = "this port speaks TLS: write https:// in the address\n";

/// Lets connections in.
#[derive(Clone)]
pub(crate) struct Gate {
    acceptor: TlsAcceptor,
    journal: Arc<Journal>,
}

/// Why a connection is not let in.
struct Refused {
    says: String,
    status: Option<StatusCode>,
}

impl Tls {
    /// The gate of a mock.
    pub(crate) fn gate(&self, journal: &Arc<Journal>) -> Gate {
        Gate {
            acceptor: TlsAcceptor::from(Arc::clone(&self.server)),
            journal: Arc::clone(journal),
        }
    }
}

impl Gate {
    /// The connection once it is secured; `None` where it is not to be.
    pub(crate) async fn admit(&self, socket: Socket) -> Option<TlsStream<Socket>> {
        let refused = match timeout(PATIENCE, self.shake(socket)).await {
            Ok(Ok(stream)) => return stream,
            Ok(Err(refused)) => refused,
            Err(_) => Refused {
                says: format!(
                    "there was no complete TLS handshake within {} s",
                    PATIENCE.as_secs()
                ),
                status: None,
            },
        };
        self.note(refused);
        None
    }

    async fn shake(&self, mut socket: Socket) -> Result<Option<TlsStream<Socket>>, Refused> {
        let mut first = [0];
        match socket.stream.peek(&mut first).await {
            // Somebody only looked whether the port is open.
            Ok(0) | Err(_) => return Ok(None),
            Ok(_) if first[0] != HANDSHAKE => {
                let says = "a request came without TLS; write https:// in the address".to_owned();
                let told = first[0].is_ascii_uppercase();
                if told {
                    answer_plainly(&mut socket).await;
                }
                let status = told.then_some(StatusCode::BAD_REQUEST);
                return Err(Refused { says, status });
            }
            Ok(_) => {}
        }
        match self.acceptor.accept(socket).into_fallible().await {
            Ok(stream) => Ok(Some(stream)),
            Err((error, mut socket)) => {
                // The alert that says why is on its way; a reset would overtake it.
                linger(&mut socket).await;
                let says = explained(&error);
                Err(Refused { says, status: None })
            }
        }
    }

    fn note(&self, refused: Refused) {
        warn!(why = refused.says, "a connection was refused");
        if !self.journal.is_kept() {
            return;
        }
        let response = refused.status.map(|status| {
            let line = status.to_string();
            Side::of(line, &HeaderMap::new(), &Bytes::from_static(PLAIN.as_bytes()))
        });
        self.journal.put(Entry {
            at: clock::now(),
            operation: "handshake".to_owned(),
            verdict: Verdict::Refused,
            says: refused.says,
            status: refused.status.map(|status| status.as_u16()),
            response: response.unwrap_or_default(),
            ..Entry::default()
        });
    }
}

/// Tells a client that speaks HTTP without TLS what it has to do.
async fn answer_plainly(socket: &mut Socket) {
    let mut read = Vec::new();
    let head = async {
        let mut piece = [0; 1024];
        while read.len() < MOST_READ && !read.windows(4).any(|w| w == b"\r\n\r\n") {
            match socket.read(&mut piece).await {
                Ok(n) if n > 0 => read.extend_from_slice(&piece[..n]),
                _ => break,
            }
        }
    };
    // What is missing of its head changes nothing.
    let _ = timeout(FAREWELL, head).await;
    let length = PLAIN.len();
    let answer = format!(
        "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{PLAIN}"
    );
    if socket.write_all(answer.as_bytes()).await.is_ok() {
        linger(socket).await;
    }
}

/// Ends a connection properly, and waits a moment for the peer to do the same.
async fn linger(socket: &mut Socket) {
    let end = async {
        let mut piece = [0; 1024];
        if socket.shutdown().await.is_ok() {
            while matches!(socket.read(&mut piece).await, Ok(n) if n > 0) {}
        }
    };
    // A peer that goes on writing has had its chance.
    let _ = timeout(FAREWELL, end).await;
}

/// Why a handshake failed, and what to do about it.
fn explained(error: &io::Error) -> String {
    let cause = error.get_ref().and_then(|e| e.downcast_ref::<rustls::Error>());
    match cause {
        Some(rustls::Error::NoCertificatesPresented) => {
            "the client presented no certificate, and this mock wants one: with curl, --cert FILE --key FILE"
                .to_owned()
        }
        Some(rustls::Error::InvalidCertificate(why)) => {
            format!("the client's certificate is refused: {why}")
        }
        Some(rustls::Error::AlertReceived(
            Alert::UnknownCA
            | Alert::BadCertificate
            | Alert::CertificateUnknown
            | Alert::CertificateExpired
            | Alert::DecryptError,
        )) => "the client does not trust our certificate: give it the CA certificate, and address the mock by a name \
             that its certificate has"
            .to_owned(),
        Some(other) => format!("the TLS handshake failed: {other}"),
        None => format!("the TLS handshake failed: {error}"),
    }
}
