//! The indexes over the people who are registered from the start.

use crate::data::{Fact, People};
use crate::query::{Column, Identifiers, Index, Key};
use serde_json::Value;
use specs::catalogue::Registry;
use std::collections::HashMap;
use std::hash::Hash;

/// The values of a record's identifiers, as they are looked up.
pub(super) fn values<'r>(record: &'r Value, registry: &Registry) -> Vec<&'r str> {
    let held = record.pointer(&registry.identifiers).and_then(Value::as_array);
    let value = |identifier: &'r Value| {
        let value = identifier.get(&registry.identifier_value);
        value.and_then(Value::as_str).unwrap_or_default()
    };
    held.into_iter().flatten().map(value).collect()
}

/// Indexes these people. A record is written only where a fact about the person does not tell enough.
pub(super) fn index(people: &People, registry: &Registry, room: usize) -> Index {
    let count = people.count();
    let pointers = || registry.attributes.values();
    let mut columns: Vec<Option<Column>> = pointers()
        .map(|pointer| people.fact(pointer).map(|fact| of_fact(people, fact)))
        .collect();
    let mut identifiers = Identifiers::default();
    identifiers.reserve(count);
    let mut kept: Vec<Distinct<Key>> = columns.iter().map(|_| Distinct::default()).collect();
    for (id, nth) in (0..).zip(0..count) {
        let only = people.only_identifier(nth);
        if let Some(only) = only {
            identifiers.add(only, id);
        }
        if only.is_some() && columns.iter().all(Option::is_some) {
            continue;
        }
        let record = people.value(nth).unwrap_or_default();
        if only.is_none() {
            for value in values(&record, registry) {
                identifiers.add(value, id);
            }
        }
        for ((column, pointer), kept) in columns.iter().zip(pointers()).zip(&mut kept) {
            if column.is_none() {
                kept.put(Key::of(record.pointer(pointer)), Clone::clone);
            }
        }
    }
    for (column, kept) in columns.iter_mut().zip(kept) {
        column.get_or_insert_with(|| Column::of(kept.keys, kept.value_of));
    }
    let columns = columns.into_iter().flatten().collect();
    Index::of(registry, count, room, columns, identifiers)
}

fn of_fact(people: &People, fact: Fact) -> Column {
    let mut kept = Distinct::default();
    for told in (0..people.count()).filter_map(|nth| people.told(fact, nth)) {
        kept.put(told, |told| Key::of(Some(&told.value())));
    }
    Column::of(kept.keys, kept.value_of)
}

/// Values of records, each kind of which is turned into a key once.
struct Distinct<T> {
    numbers: HashMap<T, u32>,
    keys: Vec<Key>,
    value_of: Vec<u32>,
}

impl<T> Default for Distinct<T> {
    fn default() -> Self {
        Self {
            numbers: HashMap::new(),
            keys: Vec::new(),
            value_of: Vec::new(),
        }
    }
}

impl<T: Hash + Eq> Distinct<T> {
    fn put(&mut self, value: T, key: impl FnOnce(&T) -> Key) {
        let next = u32::try_from(self.keys.len()).unwrap_or(u32::MAX);
        let number = match self.numbers.get(&value) {
            Some(number) => *number,
            None => {
                self.keys.push(key(&value));
                self.numbers.insert(value, next);
                next
            }
        };
        self.value_of.push(number);
    }
}
