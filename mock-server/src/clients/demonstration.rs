//! The client that every registry knows from the start, so that whoever tries it out needs no other.

use crate::ids;
use specs::catalogue::Profile;

/// The database that token requests name, where the profile wants one.
pub(crate) const DB_NAME: &str = "openspp";

/// The demonstration client.
#[derive(Clone)]
pub(crate) struct Demonstration {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) db_name: Option<&'static str>,
}

impl Demonstration {
    /// Its secret derives from the seed, so that scripts can rely on it.
    pub(crate) fn of(profile: &Profile, seed: u64) -> Self {
        let secret: String = ids::derive(&["client_secret", &seed.to_string()]).replace('-', "");
        Self {
            id: "dcx-demo-client".to_owned(),
            secret: format!("dcx-demo-secret-{secret}"),
            db_name: profile.authentication.db_name.then_some(DB_NAME),
        }
    }
}

impl std::fmt::Debug for Demonstration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Demonstration({}, hidden)", self.id)
    }
}
