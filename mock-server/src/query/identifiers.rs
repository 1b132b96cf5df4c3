//! The index of identifiers: which records may hold one of this value.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hasher};

/// Values by their hash, so that none of them is kept; whoever looks one up reads the record to be sure.
#[derive(Debug, Default)]
pub(crate) struct Identifiers {
    first: HashMap<u64, u32, BuildHasherDefault<AsItIs>>,
    /// Records beside the first whose identifier has this hash.
    more: HashMap<u64, Vec<u32>>,
}

/// A hash is not hashed again.
#[derive(Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, n: u64) {
        self.0 = n;
    }
}

fn hash(value: &str) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(value)
}

impl Identifiers {
    /// Makes room for so many.
    pub(crate) fn reserve(&mut self, count: usize) {
        self.first.reserve(count);
    }

    /// A record holds an identifier of this value.
    pub(crate) fn add(&mut self, value: &str, id: u32) {
        let hash = hash(value);
        match self.first.get(&hash) {
            None => {
                self.first.insert(hash, id);
            }
            Some(first) if *first != id => {
                let more = self.more.entry(hash).or_default();
                if !more.contains(&id) {
                    more.push(id);
                }
            }
            Some(_) => {}
        }
    }

    /// A record holds it no more.
    pub(super) fn remove(&mut self, value: &str, id: u32) {
        let hash = hash(value);
        let Some(more) = self.more.get_mut(&hash) else {
            if self.first.get(&hash) == Some(&id) {
                self.first.remove(&hash);
            }
            return;
        };
        if self.first.get(&hash) == Some(&id) {
            self.first.insert(hash, more.swap_remove(0));
        } else {
            more.retain(|other| *other != id);
        }
        if more.is_empty() {
            self.more.remove(&hash);
        }
    }

    /// The records that may hold it, ascending.
    pub(super) fn holders(&self, value: &str) -> Vec<u32> {
        let hash = hash(value);
        let more = self.more.get(&hash).into_iter().flatten();
        let mut holders: Vec<u32> = self.first.get(&hash).into_iter().chain(more).copied().collect();
        holders.sort_unstable();
        holders
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_records_may_hold_one_value() {
        let mut index = Identifiers::default();
        for id in [7, 3, 5, 3] {
            index.add("a", id);
        }
        index.add("b", 3);
        assert_eq!(index.holders("a"), [3, 5, 7]);
        for (gone, left) in [(7, vec![3, 5]), (9, vec![3, 5]), (3, vec![5]), (5, vec![])] {
            index.remove("a", gone);
            assert_eq!(index.holders("a"), left);
        }
        assert_eq!(index.holders("b"), [3]);
    }
}
