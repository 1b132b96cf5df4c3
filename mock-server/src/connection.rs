//! Connections: each is a task of its own, so that none can hold up another.

mod line;

pub(crate) use line::{Line, Socket};

use crate::stop::Stopped;
use crate::tls::Gate;
use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use line::Reset;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tracing::{debug, warn};

/// How long the head of a request may take; an idle connection is closed after it.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// How long answers may still be written once the mock is to stop.
const FAREWELL: Duration = Duration::from_secs(2);
/// How long to wait when the system has no more connections to give.
const BREATH: Duration = Duration::from_millis(50);

/// Accepts connections until the mock is stopped, then lets those that are open finish.
pub(crate) async fn accept(listener: TcpListener, router: Router, gate: Option<Gate>, mut stopped: Stopped) {
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    drop(open.spawn(serve(stream, router.clone(), gate.clone(), stopped.clone())));
                }
                Err(error) => {
                    warn!(%error, "failed to accept a connection");
                    tokio::time::sleep(BREATH).await;
                }
            },
            Some(_) = open.join_next() => {}
            () = stopped.wait() => break,
        }
    }
    drop(listener);
    let farewell = async { while open.join_next().await.is_some() {} };
    if tokio::time::timeout(FAREWELL, farewell).await.is_err() {
        open.shutdown().await;
    }
}

async fn serve(stream: TcpStream, router: Router, gate: Option<Gate>, mut stopped: Stopped) {
    // Answers are small; waiting for more to send would only delay them.
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "failed to set nodelay");
    }
    let line = Line::default();
    let socket = Socket {
        stream,
        line: line.clone(),
    };
    let Some(gate) = gate else {
        return talk(socket, line, false, router, stopped).await;
    };
    let admitted = tokio::select! {
        admitted = gate.admit(socket) => admitted,
        () = stopped.wait() => None,
    };
    if let Some(secured) = admitted {
        talk(secured, line, true, router, stopped).await;
    }
}

/// Answers what comes over a connection until it ends.
async fn talk<S>(socket: S, line: Line, secured: bool, router: Router, mut stopped: Stopped)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let service = TowerToHyperService::new(router);
    let service = service_fn(|mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(line.clone());
        let (answer, line) = (service.call(request), line.clone());
        async move {
            let Ok(response) = answer.await;
            if line.is_reset() { Err(Reset) } else { Ok(response) }
        }
    });
    let late = line.clone();
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .serve_connection(TokioIo::new(socket), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopped.wait() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // Under TLS it would have to be written before the connection is given up.
        if error.is_timeout() && !secured {
            late.close_late();
        }
        debug!(%error, "a connection ended early");
    }
}
