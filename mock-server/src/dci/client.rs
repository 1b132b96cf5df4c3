//! The one registered client of a registry.

use crate::ids;
use specs::catalogue::Profile;
use subtle::ConstantTimeEq as _;

/// The database that token requests name, where the profile wants one.
pub(crate) const DB_NAME: &str = "openspp";

/// Who may obtain a token.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) db_name: Option<&'static str>,
}

impl Client {
    /// The demonstration client. Its secret derives from the seed, so that scripts can rely on it.
    pub(crate) fn of(profile: &Profile, seed: u64) -> Self {
        let secret: String = ids::derive(&["client_secret", &seed.to_string()]).replace('-', "");
        Self {
            id: "dcx-demo-client".to_owned(),
            secret: format!("dcx-demo-secret-{secret}"),
            db_name: profile.authentication.db_name.then_some(DB_NAME),
        }
    }

    /// Whether this is the client's secret. How long the answer takes tells nothing about it.
    pub(crate) fn has_secret(&self, presented: &str) -> bool {
        self.secret.as_bytes().ct_eq(presented.as_bytes()).into()
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client({}, hidden)", self.id)
    }
}
