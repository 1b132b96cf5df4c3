//! A record that was found. It is written straight into the text of a reply; a value of it is made only for
//! whoever looks into it.

use super::person::Person;
use super::record::Form;
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::sync::Arc;

/// A record.
#[derive(Debug, Clone)]
pub(crate) struct Record(Kept);

/// What is kept of it.
#[derive(Debug, Clone)]
enum Kept {
    /// The record of the `nth` person.
    Person(Form, Arc<Vec<Person>>, usize),
    Value(Value),
}

impl Record {
    pub(super) fn of_person(form: Form, people: &Arc<Vec<Person>>, nth: usize) -> Option<Self> {
        (nth < people.len()).then(|| Self(Kept::Person(form, Arc::clone(people), nth)))
    }

    /// The record as a value.
    pub(crate) fn into_value(self) -> Value {
        match self.0 {
            Kept::Person(form, people, nth) => form.write(&people[nth]),
            Kept::Value(value) => value,
        }
    }
}

impl From<Value> for Record {
    fn from(value: Value) -> Self {
        Self(Kept::Value(value))
    }
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Kept::Person(form, people, nth) => form.serialize(&people[*nth], serializer),
            Kept::Value(value) => value.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::data::People;
    use specs::catalogue::Catalogue;

    #[test]
    fn the_text_of_a_record_is_that_of_its_value() {
        for profile in Catalogue::bundled().profiles() {
            let people = People::of(profile, 300, 9);
            for nth in 0..300 {
                let record = people.record(nth).unwrap();
                let text = serde_json::to_string(&record).unwrap();
                let value = record.into_value();
                assert_eq!(text, value.to_string(), "{}", profile.id);
                assert_eq!(
                    text,
                    serde_json::from_str::<serde_json::Value>(&text)
                        .unwrap()
                        .to_string()
                );
            }
            assert!(people.record(300).is_none());
        }
    }
}
