//! The mock in this very process, as a target.

use crate::target::{Credentials, Target, TargetError};
use mock_server::{Config, Endpoint, JournalConfig, Mistake, MockServer, StartError};
use specs::catalogue::Profile;
use std::time::Duration;

/// Why the embedded mock cannot be certified.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// It does not start.
    #[error("failed to start the embedded mock: {0}")]
    Start(#[from] StartError),
    /// It cannot be described as a target.
    #[error(transparent)]
    Target(#[from] TargetError),
}

/// Where an event can be made to happen at the mock, below the base URL.
const EVENTS: &str = "/_dcx/events";

/// Starts the mock on a free loopback port for these profiles, with these defects, and describes it as
/// targets in the order of the profiles.
///
/// # Errors
/// No port is free, or a profile's document is broken.
pub async fn start(
    profiles: Vec<Profile>,
    seed: u64,
    mistakes: &[Mistake],
    token_lifetime: Duration,
) -> Result<(Vec<Target>, MockServer), EmbeddedError> {
    let (defects, breaches) = Mistake::sorted(mistakes);
    let config = Config {
        profiles: profiles.clone(),
        seed,
        defects,
        breaches,
        // The run keeps its own record of what was said.
        journal: JournalConfig {
            entries: 0,
            ..JournalConfig::default()
        },
        token_lifetime,
        ..Config::default()
    };
    let mock = MockServer::start(config).await?;
    let targets = profiles
        .into_iter()
        .filter_map(|profile| {
            let endpoint = mock
                .endpoints()
                .iter()
                .find(|endpoint| endpoint.profile == profile.id)?;
            Some(target_of(profile, endpoint))
        })
        .collect::<Result<Vec<Target>, TargetError>>()?;
    Ok((targets, mock))
}

fn target_of(profile: Profile, endpoint: &Endpoint) -> Result<Target, TargetError> {
    let mut target = Target::new(profile, &endpoint.base_url)?;
    target.embedded = true;
    if target.profile.operations.contains_key("subscribe") {
        target.events = Some(format!("{}{EVENTS}", target.url));
    }
    target.sender_id.clone_from(&endpoint.sender_id);
    target.receiver_id.clone_from(&endpoint.receiver_id);
    if let (Some(client_id), Some(client_secret)) = (&endpoint.client_id, &endpoint.client_secret) {
        target.credentials = Some(Credentials {
            client_id: client_id.clone(),
            client_secret: client_secret.clone(),
            db_name: endpoint.db_name.clone(),
        });
    }
    Ok(target)
}
