//! Names become addresses here, and nowhere else: an address that is handed to the client is one that the
//! policy has seen, so that no second answer of a name server can lead elsewhere.

use super::Hosts;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

/// What is waited for until a name has been looked up.
pub(super) type Looking = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Asks whoever knows the addresses of a name.
pub(super) type Ask = Arc<dyn Fn(String) -> Looking + Send + Sync>;

/// The name server of this machine.
pub(super) fn system() -> Ask {
    Arc::new(|name| {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    })
}

/// Why a name is not called.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Refused(String);

impl Refused {
    /// The refusal at the bottom of an error, if that is what it is about.
    pub(super) fn within<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e Self> {
        let mut cause = Some(error);
        while let Some(here) = cause {
            if let Some(refused) = here.downcast_ref() {
                return Some(refused);
            }
            cause = here.source();
        }
        None
    }
}

/// Looks names up for the client that calls back.
#[derive(Clone)]
pub(super) struct Lookup {
    pub(super) hosts: Arc<Hosts>,
    pub(super) ask: Ask,
}

impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookup").finish_non_exhaustive()
    }
}

impl Resolve for Lookup {
    fn resolve(&self, name: Name) -> Resolving {
        let Self { hosts, ask } = self.clone();
        Box::pin(async move {
            let addresses = found(&hosts, &ask, name.as_str()).await?;
            // The client sets the port of the address that is called.
            let addresses: Addrs = Box::new(addresses.into_iter().map(|ip| SocketAddr::new(ip, 0)));
            Ok(addresses)
        })
    }
}

async fn found(
    hosts: &Hosts,
    ask: &Ask,
    name: &str,
) -> Result<Vec<IpAddr>, Box<dyn std::error::Error + Send + Sync>> {
    if name == "localhost" {
        // Whatever the name server believes, this name is this machine.
        return Ok(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
    }
    let addresses = ask(name.to_owned()).await?;
    hosts.check(name, &addresses).map_err(Refused)?;
    Ok(addresses)
}
