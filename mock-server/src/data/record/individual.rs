//! An individual of OpenSPP.

use super::{Day, sex};
use crate::data::person::Person;
use serde::Serialize;

/// As it is written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Individual<'p> {
    identifier: [Identifier<'p>; 1],
    birth_date: Day,
    given_name: &'static str,
    family_name: &'static str,
    sex: &'static str,
    birth_place: &'static str,
}

#[derive(Serialize)]
struct Identifier<'p> {
    name: &'static str,
    identifier: &'p str,
}

pub(super) fn of(person: &Person) -> Individual<'_> {
    Individual {
        identifier: [Identifier {
            name: "UIN",
            identifier: &person.uin,
        }],
        birth_date: Day(person.born),
        given_name: person.given,
        family_name: person.family,
        sex: sex(person),
        birth_place: person.place,
    }
}
