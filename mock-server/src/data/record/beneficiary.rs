//! A beneficiary: a member, the programme they are enrolled in, and what they received.

use super::Midnight;
use super::member::{self, Member};
use crate::data::person::Person;
use serde::Serialize;

/// `assistance_unit` of a single person.
const PERSON: &str = "1";
/// `enrollment_status` of somebody who receives benefits.
const ACTIVE: &str = "1";

/// Programmes: name, identifier, and the kind and value of the benefit.
const PROGRAMMES: [(&str, &str, &str, &str); 4] = [
    ("Cash for schooling", "PRG-EDU-01", "1", "USD 50"),
    ("Old-age pension", "PRG-AGE-02", "1", "USD 80"),
    ("Food for families", "PRG-NUT-03", "2", "USD 35"),
    ("Work for the village", "PRG-WRK-04", "1", "USD 60"),
];

/// As it is written.
#[derive(Serialize)]
pub(super) struct Beneficiary<'p> {
    #[serde(rename = "@type")]
    kind: &'static str,
    assistance_unit: &'static str,
    member: Member<'p>,
    programme_identifier: [Programme; 1],
    enrollment_date: Midnight,
    enrollment_status: &'static str,
    benefits: [Benefit; 1],
}

#[derive(Serialize)]
struct Programme {
    programme_name: &'static str,
    programme_identifier: &'static str,
}

#[derive(Serialize)]
struct Benefit {
    benefit_type: &'static str,
    benefit_date: Midnight,
    benefit_value: &'static str,
}

pub(super) fn of(person: &Person) -> Beneficiary<'_> {
    let mut random = person.random();
    let (name, id, kind, value) = random.pick(&PROGRAMMES);
    Beneficiary {
        kind: "Beneficiary",
        assistance_unit: PERSON,
        member: member::of(person, "IBRPerson"),
        programme_identifier: [Programme {
            programme_name: name,
            programme_identifier: id,
        }],
        enrollment_date: Midnight(person.registered),
        enrollment_status: ACTIVE,
        benefits: [Benefit {
            benefit_type: kind,
            benefit_date: Midnight(person.updated),
            benefit_value: value,
        }],
    }
}
