//! Facts about a generated person that a record shows as they are, so that an index of them can be made
//! without writing the record.

use super::person::{Person, Sex};
use super::record::{Form, midnight, sex};
use jiff::civil::{Date, date};
use serde_json::Value;

/// A fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fact {
    Given,
    Family,
    Sex,
    Place,
    /// The day of birth.
    Born,
    /// The midnight with which that day begins.
    BornAt,
}

/// What a fact is for one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Told {
    Text(&'static str),
    Day(Date),
    Midnight(Date),
}

impl Fact {
    const ALL: [Self; 6] = [
        Self::Given,
        Self::Family,
        Self::Sex,
        Self::Place,
        Self::Born,
        Self::BornAt,
    ];

    /// The fact that records of this form hold at a place, found by looking at two people of whom
    /// everything differs.
    pub(super) fn at(form: Form, pointer: &str) -> Option<Self> {
        let people = [
            example(["Ada", "Byron", "London"], Sex::Female, date(2021, 3, 5)),
            example(["Alan", "Turing", "Wilmslow"], Sex::Male, date(1971, 8, 9)),
        ];
        let records = people.each_ref().map(|person| form.write(person));
        Self::ALL.into_iter().find(|fact| {
            let mut both = records.iter().zip(&people);
            both.all(|(record, person)| record.pointer(pointer) == Some(&fact.of(form, person).value()))
        })
    }

    /// What it is for one person.
    pub(super) fn of(self, form: Form, person: &Person) -> Told {
        let born = || {
            if form.is_of_adults() {
                person.grown_up().born
            } else {
                person.born
            }
        };
        match self {
            Self::Given => Told::Text(person.given),
            Self::Family => Told::Text(person.family),
            Self::Sex => Told::Text(sex(person)),
            Self::Place => Told::Text(person.place),
            Self::Born => Told::Day(born()),
            Self::BornAt => Told::Midnight(born()),
        }
    }
}

impl Told {
    /// As a record shows it.
    pub(crate) fn value(self) -> Value {
        match self {
            Self::Text(text) => text.into(),
            Self::Day(day) => day.to_string().into(),
            Self::Midnight(day) => midnight(day).into(),
        }
    }
}

fn example([given, family, place]: [&'static str; 3], sex: Sex, born: Date) -> Person {
    Person {
        uin: "1000000000".to_owned(),
        given,
        family,
        sex,
        born,
        place,
        registered: date(2022, 6, 7),
        updated: date(2023, 4, 10),
        marital_status: "S",
        disabled: false,
    }
}

#[cfg(test)]
mod tests {
    use crate::data::People;
    use specs::catalogue::Catalogue;

    #[test]
    fn facts_are_what_records_show() {
        for profile in Catalogue::bundled().profiles() {
            let Some(registry) = &profile.registry else {
                continue;
            };
            let people = People::of(profile, 300, 4);
            let mut known = 0;
            for pointer in registry.attributes.values() {
                let Some(fact) = people.fact(pointer) else {
                    continue;
                };
                known += 1;
                for nth in 0..300 {
                    let told = people.told(fact, nth).unwrap().value();
                    let record = people.value(nth).unwrap();
                    assert_eq!(record.pointer(pointer), Some(&told), "{}{pointer}", profile.id);
                }
            }
            assert_eq!(known, registry.attributes.len(), "{}", profile.id);
        }
    }

    #[test]
    fn an_only_identifier_is_the_only_one() {
        for profile in Catalogue::bundled().profiles() {
            let Some(registry) = &profile.registry else {
                continue;
            };
            let people = People::of(profile, 50, 4);
            for nth in 0..50 {
                let record = people.value(nth).unwrap();
                let held = record.pointer(&registry.identifiers).unwrap();
                let held: Vec<_> = held.as_array().unwrap().iter().collect();
                if let Some(only) = people.only_identifier(nth) {
                    assert_eq!(held.len(), 1, "{}", profile.id);
                    assert_eq!(held[0][&registry.identifier_value], only);
                } else {
                    assert!(held.len() > 1, "{}", profile.id);
                }
            }
        }
    }
}
