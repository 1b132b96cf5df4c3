//! The register: records in the order in which they were registered.

use super::indexing;
use crate::data::{People, Record};
use crate::defect::Defects;
use crate::query::{Criteria, Found, Index, Person, Rejection, identifiers};
use serde_json::Value;
use specs::catalogue::Registry;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

/// How many records may come to those that are there from the start; the oldest of these go first.
const MOST_NEWCOMERS: usize = 50_000;
/// The number of the first person whom a timeline makes up: no event makes up so many others.
const FIRST_OF_TIMELINE: usize = 4_000_000_000;
/// How many people are made up before one is taken who is registered already.
const MOST_ATTEMPTS: usize = 100_000;

/// The records of one profile.
#[derive(Debug)]
pub(crate) struct Register {
    records: RwLock<Records>,
    registry: Registry,
    newcomers: AtomicUsize,
}

/// All records, and their indexes.
#[derive(Debug)]
struct Records {
    index: Index,
    people: People,
    /// The records that are not what they were at the start.
    changed: HashMap<u32, Value>,
    /// The records that came since, oldest first, and how many of them are gone.
    came: VecDeque<Value>,
    gone: usize,
    room: usize,
}

impl Register {
    /// A register of these people.
    pub(crate) fn of(people: People, registry: &Registry) -> Self {
        Self::with_room(people, registry, MOST_NEWCOMERS)
    }

    fn with_room(people: People, registry: &Registry, room: usize) -> Self {
        Self {
            records: RwLock::new(Records {
                index: indexing::index(&people, registry, room),
                people,
                changed: HashMap::new(),
                came: VecDeque::new(),
                gone: 0,
                room,
            }),
            registry: registry.clone(),
            newcomers: AtomicUsize::new(0),
        }
    }

    fn records(&self) -> RwLockReadGuard<'_, Records> {
        self.records.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a search.
    pub(crate) fn search(&self, criteria: &Criteria, cx: &Defects) -> Result<Found<Record>, Rejection> {
        let records = self.records();
        let found = records.index.search(criteria, cx, |id| records.value(id))?;
        Ok(found.read(|id| records.record(id)))
    }

    /// The records of those whom a question is about.
    pub(crate) fn about(&self, person: &Person) -> Vec<Value> {
        let records = self.records();
        person.found(&records.index, &self.registry, |id| records.value(id))
    }

    /// The record that was registered first.
    pub(crate) fn first(&self) -> Option<Value> {
        let records = self.records();
        let first = records.index.ids().next()?;
        records.value(first)
    }

    /// The records from `from` on in the order of registration, no more than `most`.
    pub(crate) fn some(&self, from: usize, most: usize) -> Vec<Record> {
        let records = self.records();
        let ids = records.index.ids().skip(from).take(most);
        ids.filter_map(|id| records.record(id)).collect()
    }

    /// The record of somebody who is not registered yet.
    pub(crate) fn newcomer(&self, event_type: &str) -> Value {
        let records = self.records();
        for _ in 0..MOST_ATTEMPTS {
            let nth = self.newcomers.fetch_add(1, Ordering::Relaxed);
            let record = records.people.newcomer(nth, event_type);
            if records.like(&record, &self.registry).is_none() {
                return record;
            }
        }
        let nth = self.newcomers.fetch_add(1, Ordering::Relaxed);
        records.people.newcomer(nth, event_type)
    }

    /// The record of somebody to whom the `nth` event of a timeline happens: the same whatever else happens.
    pub(crate) fn somebody(&self, nth: usize, event_type: &str) -> Value {
        let records = self.records();
        records.people.newcomer(FIRST_OF_TIMELINE + nth, event_type)
    }

    /// What is not as it was at the start: the records that changed, then those that came, oldest first.
    pub(crate) fn since_the_start(&self) -> Vec<Value> {
        let records = self.records();
        let mut changed: Vec<_> = records.changed.iter().collect();
        changed.sort_by_key(|(id, _)| **id);
        let changed = changed.into_iter().map(|(_, record)| record);
        changed.chain(&records.came).cloned().collect()
    }

    /// How many records there are.
    pub(crate) fn count(&self) -> usize {
        self.records().index.ids().count()
    }

    /// Takes a record in: in the place of the one that shares an identifier with it, which is returned,
    /// or at the end.
    pub(crate) fn put(&self, record: &Value) -> Option<Value> {
        let mut records = self.records.write().unwrap_or_else(PoisonError::into_inner);
        match records.like(record, &self.registry) {
            Some((id, before)) => {
                records.replace(id, &before, record, &self.registry);
                Some(before)
            }
            None => {
                records.push(record, &self.registry);
                None
            }
        }
    }
}

impl Records {
    fn record(&self, id: u32) -> Option<Record> {
        let nth = id as usize;
        let value = match nth.checked_sub(self.people.count()) {
            None => match self.changed.get(&id) {
                None => return self.people.record(nth),
                changed => changed,
            },
            Some(nth) => self.came.get(nth.checked_sub(self.gone)?),
        };
        value.cloned().map(Record::from)
    }

    fn value(&self, id: u32) -> Option<Value> {
        self.record(id).map(Record::into_value)
    }

    /// The first record that shares an identifier with this one.
    fn like(&self, record: &Value, registry: &Registry) -> Option<(u32, Value)> {
        let values = identifiers(record, registry).map(|(_, value)| value);
        let mut candidates: Vec<u32> = values.flat_map(|v| self.index.identified(v)).collect();
        candidates.sort_unstable();
        let read = candidates
            .into_iter()
            .filter_map(|id| Some((id, self.value(id)?)));
        { read }.find(|(_, known)| share_an_identifier(known, record, registry))
    }

    fn replace(&mut self, id: u32, before: &Value, record: &Value, registry: &Registry) {
        self.index.remove(id, &indexing::values(before, registry));
        self.index.insert(id, record, &indexing::values(record, registry));
        match (id as usize).checked_sub(self.people.count() + self.gone) {
            Some(nth) if id as usize >= self.people.count() => {
                if let Some(known) = self.came.get_mut(nth) {
                    known.clone_from(record);
                }
            }
            _ => {
                self.changed.insert(id, record.clone());
            }
        }
    }

    fn push(&mut self, record: &Value, registry: &Registry) {
        if self.came.len() >= self.room
            && let Some(oldest) = self.came.pop_front()
        {
            self.index.forget_oldest(&indexing::values(&oldest, registry));
            self.gone += 1;
        }
        self.index.push(record, &indexing::values(record, registry));
        self.came.push_back(record.clone());
    }
}

fn share_an_identifier(a: &Value, b: &Value, registry: &Registry) -> bool {
    identifiers(a, registry).any(|held| identifiers(b, registry).any(|other| held == other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use specs::catalogue::{Catalogue, Profile};

    fn profile() -> &'static Profile {
        Catalogue::bundled().profile("dci-crvs").unwrap()
    }

    fn register(count: usize, room: usize) -> Register {
        let registry = profile().registry.as_ref().unwrap();
        Register::with_room(People::of(profile(), count, 1), registry, room)
    }

    #[test]
    fn records_are_added_or_replaced() {
        let register = register(5, 10);
        let some = |from, most| -> Vec<Value> {
            let records = register.some(from, most).into_iter();
            records.map(Record::into_value).collect()
        };
        let before = some(0, 99);
        let newcomer = register.newcomer("x:LiveBirth");
        assert_eq!(register.put(&newcomer), None);
        for nth in [2, 5] {
            let known = some(nth, 1).remove(0);
            let mut changed = known.clone();
            changed["sex"] = "other".into();
            assert_eq!(register.put(&changed), Some(known));
            assert_eq!(some(nth, 1), [changed]);
        }
        assert_eq!((before.len(), some(0, 99).len()), (5, 6));
        assert_eq!(register.first().as_ref(), before.first());
    }

    #[test]
    fn the_oldest_newcomers_go_first_and_searches_follow() {
        let register = register(5, 3);
        let criteria = json!({"query_type": "predicate", "query": [{"expression1":
            {"attribute_name": "sex", "operator": "eq", "attribute_value": "other"}}]});
        let criteria = Criteria::read(&criteria, &register.registry).unwrap();
        for n in 0..8_usize {
            let mut record = register.newcomer("x:LiveBirth");
            record["sex"] = "other".into();
            record["nth"] = n.into();
            assert_eq!(register.put(&record), None);
            let found = register.search(&criteria, &Defects::default()).unwrap();
            let found = found.records.into_iter().map(Record::into_value);
            let nth: Vec<u64> = found.map(|r| r["nth"].as_u64().unwrap()).collect();
            let expected: Vec<u64> = (0..=n as u64).skip(n.saturating_sub(2)).collect();
            assert_eq!(nth, expected);
        }
    }

    #[test]
    fn nobody_is_made_up_twice() {
        let (one, other) = (register(5, 10), register(5, 10));
        let newcomer = one.newcomer("x:LiveBirth");
        other.put(&newcomer);
        assert_ne!(
            other.newcomer("x:LiveBirth")["identifier"],
            newcomer["identifier"]
        );
    }
}
