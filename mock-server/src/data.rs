//! The people in the registry: generated from a seed, in the record form of the profile, or imported.
//!
//! Nothing here knows how records are searched or served. What is kept of a generated person is far
//! smaller than the record, which is written whenever it is asked for.

mod fact;
mod held;
mod import;
mod names;
mod person;
mod random;
mod record;

pub(crate) use fact::{Fact, Told};
pub(crate) use held::Record;
pub use import::ImportError;
pub(crate) use import::import;

use serde_json::Value;
use specs::catalogue::Profile;
use std::sync::Arc;

/// The people of one seed, whatever form their records have.
#[derive(Debug, Clone)]
pub(crate) struct Population {
    people: Arc<Vec<person::Person>>,
    seed: u64,
}

impl Population {
    /// So many people of this seed.
    pub(crate) fn of(count: usize, seed: u64) -> Self {
        Self {
            people: Arc::new(person::population(count, seed)),
            seed,
        }
    }
}

/// Those who are registered from the start.
#[derive(Debug, Clone)]
enum First {
    Generated(Arc<Vec<person::Person>>),
    /// Records as JSON texts.
    Imported(Arc<Vec<Box<str>>>),
}

/// The people of one registry: the same seed makes the same ones.
#[derive(Debug, Clone)]
pub(crate) struct People {
    form: record::Form,
    first: First,
    seed: u64,
}

impl People {
    /// `count` people of this seed, in the record form of the profile.
    #[cfg(test)]
    pub(crate) fn of(profile: &Profile, count: usize, seed: u64) -> Self {
        Self::generated(profile, &Population::of(count, seed))
    }

    /// These people in the record form of the profile.
    pub(crate) fn generated(profile: &Profile, population: &Population) -> Self {
        Self {
            form: record::Form::of(profile),
            first: First::Generated(Arc::clone(&population.people)),
            seed: population.seed,
        }
    }

    /// People whose records were imported; whoever is registered later is made from the seed.
    pub(crate) fn imported(profile: &Profile, records: Arc<Vec<Box<str>>>, seed: u64) -> Self {
        Self {
            form: record::Form::of(profile),
            first: First::Imported(records),
            seed,
        }
    }

    /// How many are registered from the start.
    pub(crate) fn count(&self) -> usize {
        match &self.first {
            First::Generated(people) => people.len(),
            First::Imported(records) => records.len(),
        }
    }

    /// The record of the `nth` of them, in the order in which they were registered.
    pub(crate) fn record(&self, nth: usize) -> Option<Record> {
        match &self.first {
            First::Generated(people) => Record::of_person(self.form, people, nth),
            First::Imported(records) => {
                let record: Value = serde_json::from_str(records.get(nth)?).ok()?;
                Some(record.into())
            }
        }
    }

    /// The same as a value.
    pub(crate) fn value(&self, nth: usize) -> Option<Value> {
        self.record(nth).map(Record::into_value)
    }

    /// The fact that records hold at a place, where that is all there is to it.
    pub(crate) fn fact(&self, pointer: &str) -> Option<Fact> {
        match &self.first {
            First::Generated(_) => Fact::at(self.form, pointer),
            First::Imported(_) => None,
        }
    }

    /// What a fact is for the `nth` person.
    pub(crate) fn told(&self, fact: Fact, nth: usize) -> Option<Told> {
        match &self.first {
            First::Generated(people) => people.get(nth).map(|person| fact.of(self.form, person)),
            First::Imported(_) => None,
        }
    }

    /// The only identifier of the `nth` person, where records have no other.
    pub(crate) fn only_identifier(&self, nth: usize) -> Option<&str> {
        match &self.first {
            First::Generated(people) if self.form.has_one_identifier() => {
                people.get(nth).map(|person| person.uin.as_str())
            }
            _ => None,
        }
    }

    /// The record of the `nth` person who is registered later, by an event of this type.
    pub(crate) fn newcomer(&self, nth: usize, event_type: &str) -> Value {
        let child = concerns_a_child(event_type);
        let person = person::newcomer(self.count(), self.seed, nth, child);
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
