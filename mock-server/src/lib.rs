//! A compliant server for every profile, and a catalogue of named ways to be wrong.
//!
//! The mock is the second, independent reading of the specifications: it knows `specs` and nothing else
//! of this workspace, above all none of the oracles that judge it. It serves each chosen [profile]
//! (a DCI registry with its token endpoint and all of its operations, a DIGIT exchange) from generated people, and it
//! can be told to commit any [`Defect`].
//!
//! [profile]: specs::catalogue::Profile
//!
//! It is started in a test like this, on a free port; nothing has to be installed, and nothing is left behind:
//!
//! ```
//! use mock_server::{Config, MockServer};
//! use serde_json::{Value, json};
//! use specs::catalogue::Catalogue;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let profile = Catalogue::bundled().profile("dci-social").ok_or("no such profile")?;
//! let config = Config { profiles: vec![profile.clone()], ..Config::default() };
//! let mock = MockServer::start(config).await?;
//! let endpoint = &mock.endpoints()[0];
//! let client = reqwest::Client::builder().no_proxy().build()?;
//! # async fn read(answer: reqwest::Response) -> Result<Value, Box<dyn std::error::Error>> {
//! #     Ok(serde_json::from_str(&answer.text().await?)?)
//! # }
//!
//! // A token, as your client asks for one.
//! let [id, secret] = [&endpoint.client_id, &endpoint.client_secret].map(|text| text.as_deref().unwrap_or_default());
//! let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
//! let asked = client.post(endpoint.token_url.as_deref().unwrap_or_default());
//! let asked = asked.header("content-type", "application/x-www-form-urlencoded").body(form);
//! let token = read(asked.send().await?).await?;
//!
//! // A search: the records are made up from the seed, and really searched.
//! let search = json!({
//!     "header": {
//!         "message_id": "1", "message_ts": "2026-01-05T12:00:00Z", "action": "search",
//!         "sender_id": endpoint.sender_id, "total_count": 1,
//!     },
//!     "message": {"transaction_id": "t-1", "search_request": [{
//!         "reference_id": "r-1", "timestamp": "2026-01-05T12:00:00Z",
//!         "search_criteria": {"query_type": "predicate", "query": [{"expression1": {
//!             "attribute_name": "birth_date", "operator": "ge", "attribute_value": "1900-01-01"}}]},
//!     }]},
//! });
//! let asked = client.post(format!("{}/registry/sync/search", endpoint.base_url));
//! let asked = asked.bearer_auth(token["access_token"].as_str().unwrap_or_default());
//! let asked = asked.header("content-type", "application/json").body(search.to_string());
//! let found = read(asked.send().await?).await?;
//! assert_eq!(found["message"]["search_response"][0]["pagination"]["total_count"], 200);
//!
//! // What the mock saw, and what it thought of it.
//! let journal = client.get(format!("http://{}/_dcx/journal", mock.addr()));
//! let journal = read(journal.send().await?).await?;
//! let seen = journal["entries"].as_array().into_iter().flatten();
//! let seen: Vec<_> = seen.map(|entry| (&entry["operation"], &entry["verdict"])).collect();
//! assert_eq!(seen, [
//!     (&json!("token"), &json!("accepted")),
//!     (&json!("sync-search"), &json!("accepted")),
//! ]);
//!
//! mock.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! [`Config`] has the rest: defects, faults, a timeline, records of your own, a store that survives.

mod answer;
mod breach;
mod callback;
mod clients;
mod clock;
mod config;
mod connection;
mod control;
mod data;
mod dci;
mod defect;
mod digit;
mod export;
mod file;
mod house;
mod ids;
mod incoming;
mod journal;
mod keys;
mod mailbox;
mod mistake;
mod named;
mod operation;
mod pipe;
mod query;
mod readings;
mod refusal;
mod reload;
mod ring;
mod routes;
mod sealed;
mod server;
mod service;
mod state;
mod steering;
mod stop;
mod store;
mod stray;
mod text;
mod timeline;
mod tls;
mod validate;
mod visit;

pub use breach::Breach;
pub use clients::{ClientEntry, ClientsError};
pub use config::{Config, StartError};
pub use data::ImportError;
pub use defect::Defect;
pub use file::FileError;
pub use journal::JournalConfig;
pub use keys::{Keys, KeysError};
pub use mistake::Mistake;
pub use readings::Way;
pub use server::{Endpoint, MockServer};
pub use steering::{FaultRule, FaultRuleError};
pub use store::{Store, StoreError};
pub use tls::{ClientAuth, Papers, Tls, TlsError};
