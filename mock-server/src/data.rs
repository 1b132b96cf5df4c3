//! The people in the registry: generated from a seed, in the record form of the profile.
//!
//! Nothing here knows how records are searched or served.

mod names;
mod person;
mod random;
mod record;

use serde_json::Value;
use specs::catalogue::Profile;

/// Makes the people of one registry: the same seed makes the same ones.
#[derive(Debug, Clone, Copy)]
pub(crate) struct People {
    form: record::Form,
    /// How many are registered from the start.
    count: usize,
    seed: u64,
}

impl People {
    /// `count` people of this seed, in the record form of the profile.
    pub(crate) fn of(profile: &Profile, count: usize, seed: u64) -> Self {
        Self {
            form: record::Form::of(profile),
            count,
            seed,
        }
    }

    /// The records in the order in which they were registered.
    pub(crate) fn records(self) -> Vec<Value> {
        let people = person::population(self.count, self.seed);
        people.iter().map(|p| self.form.write(p)).collect()
    }

    /// The record of the `nth` person who is registered later, by an event of this type.
    pub(crate) fn newcomer(self, nth: usize, event_type: &str) -> Value {
        let person = person::newcomer(self.count, self.seed, nth, concerns_a_child(event_type));
        let mut record = self.form.write(&person);
        if word(event_type) == "Death" {
            record["death_date"] = person.updated.to_string().into();
        }
        record
    }
}

fn concerns_a_child(event_type: &str) -> bool {
    matches!(word(event_type), "LiveBirth" | "NewHouseHoldMember")
}

/// The last word of a qualified name: `LiveBirth` of `spdci-common:RegistryEventType:LiveBirth`.
fn word(event_type: &str) -> &str {
    event_type.rsplit(':').next().unwrap_or_default()
}
