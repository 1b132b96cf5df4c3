//! How a person is written: each registry has a record of its own in the dictionary.

mod beneficiary;
mod civil;
mod disability;
mod farmer;
mod individual;
mod member;
mod worker;

use super::person::{Person, Sex};
use jiff::civil::Date;
use serde_json::{Value, json};
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

    pub(super) fn write(self, person: &Person) -> Value {
        match self {
            Self::Individual => individual::write(person),
            Self::Civil => civil::write(person),
            Self::Member => member::write(person, "SRPerson"),
            Self::Disability => disability::write(person),
            Self::Farmer => farmer::write(&person.grown_up()),
            Self::Beneficiary => beneficiary::write(person),
            Self::Worker => worker::write(&person.grown_up()),
        }
    }
}

fn identifier(person: &Person) -> Value {
    json!({"identifier_type": "UIN", "identifier_value": person.uin})
}

pub(super) fn sex(person: &Person) -> &'static str {
    match person.sex {
        Sex::Female => "female",
        Sex::Male => "male",
    }
}

pub(super) fn midnight(day: Date) -> String {
    format!("{day}T00:00:00Z")
}
