//! The people in the registry: generated from a seed, in the record form of the profile.
//!
//! Nothing here knows how records are searched or served.

mod names;
mod person;
mod random;
mod record;

use person::Person;
use serde_json::Value;
use specs::catalogue::Profile;

/// The records of one registry, in the order in which they were registered.
#[derive(Debug)]
pub(crate) struct Records(Vec<Value>);

impl Records {
    /// `count` people of this seed, in the record form of the profile.
    pub(crate) fn generate(profile: &Profile, count: usize, seed: u64) -> Self {
        let form = record::Form::of(profile);
        Self(
            person::population(count, seed)
                .iter()
                .map(|p: &Person| form.write(p))
                .collect(),
        )
    }

    /// All of them.
    pub(crate) fn all(&self) -> &[Value] {
        &self.0
    }
}
