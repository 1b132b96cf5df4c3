//! How a person is written: each specification has its own dictionary.

use super::person::{Person, Sex};
use jiff::civil::Date;
use serde_json::{Value, json};
use specs::catalogue::Profile;

/// The record forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A flat individual, as the OpenSPP page describes it.
    Individual,
    /// A member of the DCI social registry.
    Member,
}

impl Form {
    pub(super) fn of(profile: &Profile) -> Self {
        if profile.specification.starts_with("openspp-dci/") {
            Self::Individual
        } else {
            Self::Member
        }
    }

    pub(super) fn write(self, person: &Person) -> Value {
        match self {
            Self::Individual => individual(person),
            Self::Member => member(person),
        }
    }
}

fn individual(person: &Person) -> Value {
    json!({
        "identifier": [{"name": "UIN", "identifier": person.uin}],
        "birthDate": person.born.to_string(),
        "givenName": person.given,
        "familyName": person.family,
        "sex": sex(person),
        "birthPlace": person.place,
    })
}

fn member(person: &Person) -> Value {
    let identifier = json!({"identifier_type": "UIN", "identifier_value": person.uin});
    json!({
        "@type": "Member",
        "member_identifier": [identifier],
        "demographic_info": {
            "@type": "SRPerson",
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

fn sex(person: &Person) -> &'static str {
    match person.sex {
        Sex::Female => "female",
        Sex::Male => "male",
    }
}

fn midnight(day: Date) -> String {
    format!("{day}T00:00:00Z")
}
