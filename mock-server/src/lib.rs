//! A compliant server for every profile, and a catalogue of named ways to be wrong.
//!
//! The mock is the second, independent reading of the specifications: it knows `specs` and nothing else
//! of this workspace, above all none of the oracles that judge it. It serves each chosen [profile]
//! (a DCI registry with its token endpoint and all of its operations, a DIGIT exchange) from generated people, and it
//! can be told to commit any [`Defect`].
//!
//! [profile]: specs::catalogue::Profile
//!
//! ```
//! # async fn example() -> Result<(), mock_server::StartError> {
//! let profile = specs::catalogue::Catalogue::bundled().profile("dci-social").cloned();
//! let config = mock_server::Config { profiles: profile.into_iter().collect(), ..Default::default() };
//! let mock = mock_server::MockServer::start(config).await?;
//! println!("{}", mock.endpoints()[0].base_url);
//! mock.stop().await;
//! # Ok(())
//! # }
//! ```

mod answer;
mod breach;
mod callback;
mod clock;
mod config;
mod connection;
mod control;
mod data;
mod dci;
mod defect;
mod digit;
mod export;
mod house;
mod ids;
mod incoming;
mod journal;
mod keys;
mod mailbox;
mod mistake;
mod operation;
mod pipe;
mod query;
mod refusal;
mod ring;
mod routes;
mod server;
mod service;
mod state;
mod steering;
mod stop;
mod store;
mod stray;
mod text;
mod validate;
mod visit;

pub use breach::Breach;
pub use config::{Config, StartError};
pub use data::ImportError;
pub use defect::Defect;
pub use journal::JournalConfig;
pub use keys::{Keys, KeysError};
pub use mistake::Mistake;
pub use server::{Endpoint, MockServer};
pub use steering::{FaultRule, FaultRuleError};
pub use store::{Store, StoreError};
