//! A beneficiary: a member, the programme they are enrolled in, and what they received.

use super::{member, midnight};
use crate::data::person::Person;
use serde_json::{Value, json};

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

pub(super) fn write(person: &Person) -> Value {
    let mut random = person.random();
    let (name, id, kind, value) = random.pick(&PROGRAMMES);
    json!({
        "@type": "Beneficiary",
        "assistance_unit": PERSON,
        "member": member::write(person, "IBRPerson"),
        "programme_identifier": [{"programme_name": name, "programme_identifier": id}],
        "enrollment_date": midnight(person.registered),
        "enrollment_status": ACTIVE,
        "benefits": [
            {"benefit_type": kind, "benefit_date": midnight(person.updated), "benefit_value": value},
        ],
    })
}
