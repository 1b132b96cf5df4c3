//! How a person is written: each registry has a record of its own in the dictionary.

#![expect(
    clippy::struct_field_names,
    reason = "members have the names of the dictionary"
)]

mod beneficiary;
mod civil;
mod disability;
mod farmer;
mod individual;
mod member;
mod worker;

use super::person::{Person, Sex};
use jiff::civil::Date;
use serde::{Serialize, Serializer};
use serde_json::Value;
use specs::catalogue::Profile;

/// The record forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A flat individual, as the OpenSPP page describes it.
    Individual,
    /// A person of a civil registry.
    Civil,
    /// A member of a social registry.
    Member,
    /// A person with a disability.
    Disability,
    /// A farmer.
    Farmer,
    /// A beneficiary of a programme.
    Beneficiary,
    /// A member of an economic support service.
    Worker,
}

impl Form {
    /// The form of the records that the profile names; without a name, the flat one.
    pub(super) fn of(profile: &Profile) -> Self {
        let named = profile
            .registry
            .as_ref()
            .and_then(|r| r.reg_record_type.as_deref());
        let Some(named) = named else {
            return Self::Individual;
        };
        match specs::records::type_of(named).map(|known| known.component.as_str()) {
            Some("Person" | "CRVSPerson") => Self::Civil,
            Some("PWDPerson") => Self::Disability,
            Some("Farmer") => Self::Farmer,
            Some("Beneficiary") => Self::Beneficiary,
            Some("ESSMember") => Self::Worker,
            _ => Self::Member,
        }
    }

    /// Whether records name people by their UIN and by nothing else.
    pub(super) fn has_one_identifier(self) -> bool {
        self != Self::Civil
    }

    /// Whether records show people at an age at which they farm or work.
    pub(super) fn is_of_adults(self) -> bool {
        matches!(self, Self::Farmer | Self::Worker)
    }

    /// Writes the record of a person, wherever it is to go.
    pub(super) fn serialize<S: Serializer>(self, person: &Person, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Individual => individual::of(person).serialize(serializer),
            Self::Civil => civil::of(person).serialize(serializer),
            Self::Member => member::of(person, "SRPerson").serialize(serializer),
            Self::Disability => disability::of(person).serialize(serializer),
            Self::Farmer => farmer::of(&person.grown_up()).serialize(serializer),
            Self::Beneficiary => beneficiary::of(person).serialize(serializer),
            Self::Worker => worker::of(&person.grown_up()).serialize(serializer),
        }
    }

    /// The record of a person as a value.
    pub(super) fn write(self, person: &Person) -> Value {
        self.serialize(person, serde_json::value::Serializer)
            .expect("a record has texts for names, and no number that is none")
    }
}

/// An identifier of the dictionary.
#[derive(Serialize)]
struct Identifier<'p> {
    identifier_type: &'static str,
    identifier_value: &'p str,
}

fn identifier(person: &Person) -> Identifier<'_> {
    Identifier {
        identifier_type: "UIN",
        identifier_value: &person.uin,
    }
}

/// A name of the dictionary.
#[derive(Serialize)]
struct Name {
    surname: &'static str,
    given_name: &'static str,
}

impl Name {
    fn of(person: &Person) -> Self {
        Self {
            surname: person.family,
            given_name: person.given,
        }
    }
}

/// A place of the dictionary.
#[derive(Clone, Copy, Serialize)]
struct Place {
    name: &'static str,
}

pub(super) fn sex(person: &Person) -> &'static str {
    match person.sex {
        Sex::Female => "female",
        Sex::Male => "male",
    }
}

/// A day, as records write it.
#[derive(Clone, Copy)]
struct Day(Date);

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// The midnight with which a day begins.
#[derive(Clone, Copy)]
struct Midnight(Date);

impl Serialize for Midnight {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}T00:00:00Z", self.0))
    }
}

pub(super) fn midnight(day: Date) -> String {
    format!("{day}T00:00:00Z")
}
