//! A member: what the records of most registries are built around.

use super::{identifier, midnight, sex};
use crate::data::person::Person;
use serde_json::{Value, json};

/// A member whose person is of this type.
pub(super) fn write(person: &Person, person_type: &str) -> Value {
    let identifier = identifier(person);
    json!({
        "@type": "Member",
        "member_identifier": [identifier],
        "demographic_info": {
            "@type": person_type,
            "identifier": [identifier],
            "name": {"surname": person.family, "given_name": person.given},
            "sex": sex(person),
            "birth_date": midnight(person.born),
            "registration_date": midnight(person.registered),
        },
        "is_disabled": person.disabled,
        "marital_status": person.marital_status,
        "registration_date": midnight(person.registered),
        "last_updated": midnight(person.updated),
    })
}
