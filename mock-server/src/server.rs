//! Listening, serving, stopping.

use crate::clients::DB_NAME;
use crate::config::{Config, StartError};
use crate::connection;
use crate::house::House;
use crate::operation::Operation;
use crate::reload::{self, Watched};
use crate::routes;
use crate::service::Service;
use crate::steering::FaultRule;
use crate::stop::{self, Stop};
use crate::timeline;
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Where one profile is served, and what a client needs to call it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Endpoint {
    /// The profile's id.
    #[serde(rename = "id")]
    pub profile: String,
    /// What precedes the operation paths.
    pub base_url: String,
    /// Where to obtain a token, where the profile wants one.
    pub token_url: Option<String>,
    /// `client_id` of the registered client.
    pub client_id: Option<String>,
    /// Its secret.
    pub client_secret: Option<String>,
    /// The database to name in a token request, where the profile wants one.
    pub db_name: Option<String>,
    /// `sender_id` of the registered partner: who may call.
    pub sender_id: String,
    /// `receiver_id` of the mock: whom to address.
    pub receiver_id: String,
}

impl Endpoint {
    fn of(service: &Service, origin: &str) -> Self {
        let profile = &service.profile;
        let base_url = format!("{origin}{}", profile.base_path);
        let token = profile.wants_token();
        Self {
            profile: profile.id.clone(),
            token_url: service
                .path(Operation::Token)
                .map(|path| format!("{base_url}{path}")),
            client_id: token.then(|| service.demonstration.id.clone()),
            client_secret: token.then(|| service.demonstration.secret.clone()),
            db_name: profile.authentication.db_name.then(|| DB_NAME.to_owned()),
            sender_id: profile.partner.sender_id.clone(),
            receiver_id: profile.partner.receiver_id.clone(),
            base_url,
        }
    }
}

/// A running mock. It stops when it is dropped.
#[derive(Debug)]
pub struct MockServer {
    address: SocketAddr,
    origin: String,
    endpoints: Vec<Endpoint>,
    stop: Stop,
    accepting: Option<JoinHandle<()>>,
}

impl MockServer {
    /// Starts a mock on the current tokio runtime. When this returns, it is listening.
    pub async fn start(mut config: Config) -> Result<Self, StartError> {
        if config.profiles.is_empty() {
            return Err(StartError::NoProfile);
        }
        for defect in &config.defects {
            if !config.profiles.iter().any(|profile| defect.exists_under(profile)) {
                return Err(StartError::IdleDefect { defect: *defect });
            }
        }
        for profile in config.faults.iter().filter_map(FaultRule::profile) {
            if !config.profiles.iter().any(|p| p.id == profile) {
                let profile = profile.to_owned();
                return Err(StartError::IdleFault { profile });
            }
        }
        for client in &config.clients {
            let named = client.profile();
            let unknown = named.filter(|id| !config.profiles.iter().any(|p| p.id == **id));
            if let Some(profile) = unknown {
                let (client, profile) = (client.id().to_owned(), profile.to_owned());
                return Err(StartError::IdleClient { client, profile });
            }
        }
        take_readings(&mut config)?;
        let (stop, stopped) = stop::channel();
        let listen = config.listen;
        let files = Watched::of(&config);
        let house = House::new(config, stopped.clone())?;
        let router = routes::router(&house)?;

        let failed = |source| StartError::Listen {
            address: listen,
            source,
        };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let gate = house.config.tls.as_ref().map(|tls| tls.gate(&house.journal));
        let scheme = if gate.is_some() { "https" } else { "http" };
        let origin = format!("{scheme}://{}", reachable(address));
        let endpoints = house.services().map(|s| Endpoint::of(&s, &origin)).collect();
        for service in house.services().chain(house.isolated()) {
            service.courier.resume()?;
        }
        reload::spawn(&house, files);
        timeline::spawn(&house);
        let accepting = tokio::spawn(connection::accept(listener, router, gate, stopped));
        Ok(Self {
            address,
            origin,
            endpoints,
            stop,
            accepting: Some(accepting),
        })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// The address with its scheme, as a client on this machine writes it.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// What it serves, in the order of the configuration.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// Stops it: requests that are being answered get their answer, callbacks that are due are dropped.
    pub async fn stop(mut self) {
        self.stop.now();
        if let Some(accepting) = self.accepting.take() {
            // Its only failure is that the runtime ends first, which stops it just as well.
            let _ = accepting.await;
        }
    }
}

/// From now on, the profiles prefer the readings that are to be taken.
fn take_readings(config: &mut Config) -> Result<(), StartError> {
    let ways = config.readings.clone();
    for (nth, way) in ways.iter().enumerate() {
        let mut earlier = ways[..nth].iter();
        if let Some(first) = earlier.find(|first| *first != way && first.reading() == way.reading()) {
            let (first, second) = (*first, *way);
            return Err(StartError::TwoAlternatives { first, second });
        }
        let mut shown = false;
        for profile in config.profiles.iter_mut().filter(|p| way.exists_under(p)) {
            *profile = way.taken_by(profile);
            shown = true;
        }
        if !shown {
            return Err(StartError::IdleReading { way: *way });
        }
    }
    Ok(())
}

/// An address that a client on this machine can use.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}
