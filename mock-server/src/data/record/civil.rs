//! A person of a civil registry: where they were born, whom they married, when they died.

use super::{identifier, midnight, sex};
use crate::data::person::Person;
use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use serde_json::{Value, json};

/// How old somebody is at a wedding, at least.
const AGE_AT_WEDDING: i16 = 19;

pub(super) fn write(person: &Person) -> Value {
    let mut random = person.random();
    let birth_number = format!("{}-{:06}", person.born.year(), random.below(1_000_000));
    let mut record = json!({
        "@type": "Person",
        "identifier": [
            identifier(person),
            {"identifier_type": "BRN", "identifier_value": birth_number},
        ],
        "name": {"surname": person.family, "given_name": person.given},
        "sex": sex(person),
        "birth_date": person.born.to_string(),
        "birth_place": {"name": person.place},
        "marital_status": person.marital_status,
        "registration_date": midnight(person.registered),
        "last_updated": midnight(person.updated),
    });
    if person.marital_status != "S" {
        let wedding = later(person.born, AGE_AT_WEDDING, random.below(365)).min(person.updated);
        record["marriage_date"] = json!([wedding.to_string()]);
    }
    if person.born < date(1950, 1, 1) && random.chance(40) {
        record["death_date"] = person.updated.to_string().into();
        record["death_place"] = json!({"name": person.place});
    }
    record
}

/// A day some years and days after this one.
fn later(day: Date, years: i16, days: u64) -> Date {
    let span = years.years().days(i64::try_from(days).unwrap_or(0));
    day.checked_add(span).unwrap_or(day)
}
