//! The register: records in the order in which they were registered.

use crate::data::People;
use serde_json::Value;
use specs::catalogue::Registry;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// How many records may come to those that are there from the start; the oldest of these go first.
const MOST_NEWCOMERS: usize = 50_000;

/// The records at one moment; it stays as it is while the register goes on.
pub(crate) type Snapshot = Arc<Vec<Arc<Value>>>;

/// The records of one profile.
#[derive(Debug)]
pub(crate) struct Register {
    records: RwLock<Snapshot>,
    /// How many records were there from the start.
    first: usize,
    people: People,
    newcomers: AtomicUsize,
}

impl Register {
    /// A register of these people.
    pub(crate) fn of(people: People) -> Self {
        let records: Vec<_> = people.records().into_iter().map(Arc::new).collect();
        Self {
            first: records.len(),
            records: RwLock::new(Arc::new(records)),
            people,
            newcomers: AtomicUsize::new(0),
        }
    }

    /// All records, as they are now.
    pub(crate) fn snapshot(&self) -> Snapshot {
        Arc::clone(&self.records.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The record of somebody who is not registered yet.
    pub(crate) fn newcomer(&self, event_type: &str) -> Value {
        let nth = self.newcomers.fetch_add(1, Ordering::Relaxed);
        self.people.newcomer(nth, event_type)
    }

    /// Takes a record in: in the place of the one that shares an identifier with it, which is returned,
    /// or at the end.
    pub(crate) fn put(&self, record: Arc<Value>, registry: &Registry) -> Option<Arc<Value>> {
        let mut records = self.records.write().unwrap_or_else(PoisonError::into_inner);
        // Whoever is searching keeps the list of before.
        let records = Arc::make_mut(&mut records);
        let known = records
            .iter_mut()
            .find(|known| share_an_identifier(known, &record, registry));
        match known {
            Some(known) => Some(std::mem::replace(known, record)),
            None => {
                if records.len() >= self.first + MOST_NEWCOMERS {
                    records.remove(self.first);
                }
                records.push(record);
                None
            }
        }
    }
}

/// The identifiers of a record, as pairs of type and value.
pub(crate) fn identifiers<'r>(
    record: &'r Value,
    registry: &'r Registry,
) -> impl Iterator<Item = (&'r str, &'r str)> {
    let held = record.pointer(&registry.identifiers).and_then(Value::as_array);
    held.into_iter().flatten().filter_map(|identifier| {
        let text = |name: &str| identifier.get(name).and_then(Value::as_str);
        Some((
            text(&registry.identifier_type)?,
            text(&registry.identifier_value)?,
        ))
    })
}

fn share_an_identifier(a: &Value, b: &Value, registry: &Registry) -> bool {
    identifiers(a, registry).any(|held| identifiers(b, registry).any(|other| held == other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use specs::catalogue::Catalogue;

    #[test]
    fn records_are_added_or_replaced_and_snapshots_stay() {
        let profile = Catalogue::bundled().profile("dci-crvs").unwrap();
        let registry = profile.registry.as_ref().unwrap();
        let register = Register::of(People::of(profile, 5, 1));
        let before = register.snapshot();
        assert!(
            register
                .put(register.newcomer("x:LiveBirth").into(), registry)
                .is_none()
        );
        let mut changed = (*before[2]).clone();
        changed["sex"] = "other".into();
        let replaced = register.put(changed.clone().into(), registry);
        assert_eq!(replaced.as_deref(), Some(&*before[2]));
        let after = register.snapshot();
        assert_eq!((before.len(), after.len()), (5, 6));
        assert_eq!(*after[2], changed);
        assert_ne!(*before[2], changed);
    }
}
