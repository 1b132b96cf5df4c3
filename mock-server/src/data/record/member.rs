//! A member: what the records of most registries are built around.

use super::{Identifier, Midnight, Name, identifier, sex};
use crate::data::person::Person;
use serde::Serialize;

/// As it is written.
#[derive(Serialize)]
pub(super) struct Member<'p> {
    #[serde(rename = "@type")]
    pub(super) kind: &'static str,
    pub(super) member_identifier: [Identifier<'p>; 1],
    pub(super) demographic_info: Demographic<'p>,
    pub(super) is_disabled: bool,
    pub(super) marital_status: &'static str,
    pub(super) registration_date: Midnight,
    pub(super) last_updated: Midnight,
}

/// The person whom a member is.
#[derive(Serialize)]
pub(super) struct Demographic<'p> {
    #[serde(rename = "@type")]
    kind: &'static str,
    identifier: [Identifier<'p>; 1],
    name: Name,
    sex: &'static str,
    birth_date: Midnight,
    registration_date: Midnight,
}

/// A member whose person is of this type.
pub(super) fn of<'p>(person: &'p Person, person_type: &'static str) -> Member<'p> {
    Member {
        kind: "Member",
        member_identifier: [identifier(person)],
        demographic_info: Demographic {
            kind: person_type,
            identifier: [identifier(person)],
            name: Name::of(person),
            sex: sex(person),
            birth_date: Midnight(person.born),
            registration_date: Midnight(person.registered),
        },
        is_disabled: person.disabled,
        marital_status: person.marital_status,
        registration_date: Midnight(person.registered),
        last_updated: Midnight(person.updated),
    }
}
