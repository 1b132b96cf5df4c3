//! An individual of OpenSPP.

use super::sex;
use crate::data::person::Person;
use serde_json::{Value, json};

pub(super) fn write(person: &Person) -> Value {
    json!({
        "identifier": [{"name": "UIN", "identifier": person.uin}],
        "birthDate": person.born.to_string(),
        "givenName": person.given,
        "familyName": person.family,
        "sex": sex(person),
        "birthPlace": person.place,
    })
}
