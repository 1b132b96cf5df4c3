//! A person of a civil registry: where they were born, whom they married, when they died.

use super::{Day, Identifier, Midnight, Name, Place, identifier, sex};
use crate::data::person::Person;
use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use serde::Serialize;

/// How old somebody is at a wedding, at least.
const AGE_AT_WEDDING: i16 = 19;

/// As it is written.
#[derive(Serialize)]
pub(super) struct Civil<'p> {
    #[serde(rename = "@type")]
    kind: &'static str,
    identifier: (Identifier<'p>, Birth),
    name: Name,
    sex: &'static str,
    birth_date: Day,
    birth_place: Place,
    marital_status: &'static str,
    registration_date: Midnight,
    last_updated: Midnight,
    #[serde(skip_serializing_if = "Option::is_none")]
    marriage_date: Option<[Day; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    death_date: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    death_place: Option<Place>,
}

/// The number under which a birth was registered.
#[derive(Serialize)]
struct Birth {
    identifier_type: &'static str,
    identifier_value: String,
}

pub(super) fn of(person: &Person) -> Civil<'_> {
    let mut random = person.random();
    let birth_number = format!("{}-{:06}", person.born.year(), random.below(1_000_000));
    let place = Place { name: person.place };
    let married = person.marital_status != "S";
    let wedding = married.then(|| {
        let wedding = later(person.born, AGE_AT_WEDDING, random.below(365)).min(person.updated);
        [Day(wedding)]
    });
    let dead = person.born < date(1950, 1, 1) && random.chance(40);
    Civil {
        kind: "Person",
        identifier: (
            identifier(person),
            Birth {
                identifier_type: "BRN",
                identifier_value: birth_number,
            },
        ),
        name: Name::of(person),
        sex: sex(person),
        birth_date: Day(person.born),
        birth_place: place,
        marital_status: person.marital_status,
        registration_date: Midnight(person.registered),
        last_updated: Midnight(person.updated),
        marriage_date: wedding,
        death_date: dead.then_some(Day(person.updated)),
        death_place: dead.then_some(place),
    }
}

/// A day some years and days after this one.
fn later(day: Date, years: i16, days: u64) -> Date {
    let span = years.years().days(i64::try_from(days).unwrap_or(0));
    day.checked_add(span).unwrap_or(day)
}
