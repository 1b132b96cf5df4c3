//! The index of one attribute: which records hold which value, and the values in order.

use super::key::{Asked, Key};
use super::predicate::{Operator, accepts, considered};
use crate::defect::Defects;
use serde_json::Value;
use std::cmp::Ordering;
use std::ops::Range;

/// An ordered index.
#[derive(Debug, Default)]
pub(crate) struct Column {
    /// The distinct values; what follows calls them by their number here.
    keys: Vec<Key>,
    /// The numbers in the order of keys.
    order: Vec<u32>,
    /// Number → its place in that order.
    place: Vec<u32>,
    /// Place → how many records stand before it; one more entry than there are places.
    before: Vec<u32>,
    /// The numbers in the order of a sort.
    sorted: Vec<u32>,
    /// Number → its rank in a sort; values that a sort does not tell apart share theirs.
    rank: Vec<u32>,
    /// Number → the records that hold it, ascending.
    holders: Vec<Vec<u32>>,
    /// Slot of a record → the number of its value.
    value_of: Vec<u32>,
}

/// An index counts with 32 bits; a register is far smaller.
pub(super) fn narrow(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// An index of what is held in memory.
pub(super) fn wide(n: u32) -> usize {
    n as usize
}

impl Column {
    /// An index of records 0, 1, 2…, each with the number of its value among `keys`, which are distinct.
    pub(crate) fn of(keys: Vec<Key>, value_of: Vec<u32>) -> Self {
        let mut column = Self {
            holders: vec![Vec::new(); keys.len()],
            place: vec![0; keys.len()],
            rank: vec![0; keys.len()],
            order: (0..narrow(keys.len())).collect(),
            keys,
            value_of,
            ..Self::default()
        };
        let mut counts = vec![0_u32; column.keys.len()];
        for &number in &column.value_of {
            counts[wide(number)] += 1;
        }
        for (holders, count) in column.holders.iter_mut().zip(counts) {
            holders.reserve_exact(wide(count));
        }
        for (id, &number) in column.value_of.iter().enumerate() {
            column.holders[wide(number)].push(narrow(id));
        }
        column.sorted.clone_from(&column.order);
        let keys = &column.keys;
        column.order.sort_by(|a, b| keys[wide(*a)].cmp(&keys[wide(*b)]));
        (column.sorted).sort_by(|a, b| keys[wide(*a)].sorted(&keys[wide(*b)]));
        column.number();
        column
    }

    /// Places, ranks and counts anew.
    fn number(&mut self) {
        for (place, &number) in (0..).zip(&self.order) {
            self.place[wide(number)] = place;
        }
        let mut rank = 0;
        for i in 0..self.sorted.len() {
            let [number, earlier] = [i, i.saturating_sub(1)].map(|i| wide(self.sorted[i]));
            if self.keys[number].sorted(&self.keys[earlier]).is_ne() {
                rank += 1;
            }
            self.rank[number] = rank;
        }
        self.count(0);
    }

    /// Counts anew from this place on.
    fn count(&mut self, from: usize) {
        self.before.resize(self.order.len() + 1, 0);
        for place in from..self.order.len() {
            let holders = self.holders[wide(self.order[place])].len();
            self.before[place + 1] = self.before[place] + narrow(holders);
        }
    }

    /// A record holds this now.
    pub(super) fn add(&mut self, id: u32, slot: usize, key: Key) {
        let found = self.order.binary_search_by(|n| self.keys[wide(*n)].cmp(&key));
        let number = match found {
            Ok(place) => self.order[place],
            Err(place) => self.introduce(place, key),
        };
        if self.value_of.len() <= slot {
            self.value_of.resize(slot + 1, 0);
        }
        self.value_of[slot] = number;
        let holders = &mut self.holders[wide(number)];
        let at = holders.partition_point(|holder| *holder < id);
        holders.insert(at, id);
        self.count(wide(self.place[wide(number)]));
    }

    /// A value that nobody held so far.
    fn introduce(&mut self, place: usize, key: Key) -> u32 {
        let number = narrow(self.keys.len());
        let keys = &self.keys;
        let at = (self.sorted).partition_point(|n| keys[wide(*n)].sorted(&key).is_le());
        self.order.insert(place, number);
        self.sorted.insert(at, number);
        self.keys.push(key);
        self.holders.push(Vec::new());
        self.place.push(0);
        self.rank.push(0);
        self.number();
        number
    }

    /// A record holds nothing any more.
    pub(super) fn remove(&mut self, id: u32, slot: usize) {
        let number = wide(self.value_of[slot]);
        if let Ok(at) = self.holders[number].binary_search(&id) {
            self.holders[number].remove(at);
        }
        self.count(wide(self.place[number]));
    }

    /// The place of a record's value.
    pub(super) fn place(&self, slot: usize) -> u32 {
        self.place[wide(self.value_of[slot])]
    }

    /// The rank of a record's value in a sort.
    pub(super) fn rank(&self, slot: usize) -> u32 {
        self.rank[wide(self.value_of[slot])]
    }

    /// The places of the values that compare as asked, in order and without overlap.
    pub(super) fn places(&self, operator: Operator, asked: &Value, cx: &Defects) -> Vec<Range<u32>> {
        let mut places = Vec::new();
        if let Operator::In = operator {
            for value in considered(asked, cx) {
                self.compare(&Asked::of(value), Ordering::is_eq, &mut places);
            }
        } else {
            let accepted = |order| accepts(operator, order, cx);
            self.compare(&Asked::of(asked), accepted, &mut places);
        }
        joined(places)
    }

    fn compare(&self, asked: &Asked<'_>, accepted: impl Fn(Ordering) -> bool, places: &mut Vec<Range<u32>>) {
        const GROUPS: [u8; 6] = [0, 1, 2, 3, 4, 5];
        const ELSEWHERE: u8 = 2;
        let key = |place: usize| &self.keys[wide(self.order[place])];
        let mut start = 0;
        for group in GROUPS {
            let end = start + self.order[start..].partition_point(|n| self.keys[wide(*n)].group() <= group);
            let mut accept = |places_of: Range<usize>, order| {
                if !places_of.is_empty() && accepted(order) {
                    places.push(narrow(places_of.start)..narrow(places_of.end));
                }
            };
            if group == ELSEWHERE {
                for place in start..end {
                    if let Some(order) = key(place).compare(asked) {
                        accept(place..place + 1, order);
                    }
                }
            } else if start < end && key(start).compare(asked).is_some() {
                let until = |before: fn(Ordering) -> bool| {
                    let here = &self.order[start..end];
                    let within = |n: &u32| self.keys[wide(*n)].compare(asked).is_some_and(before);
                    start + here.partition_point(within)
                };
                let (equal, greater) = (until(Ordering::is_lt), until(Ordering::is_le));
                accept(start..equal, Ordering::Less);
                accept(equal..greater, Ordering::Equal);
                accept(greater..end, Ordering::Greater);
            }
            start = end;
        }
    }

    /// How many records have their value at these places.
    pub(super) fn holders_within(&self, places: &Range<u32>) -> usize {
        wide(self.before[wide(places.end)] - self.before[wide(places.start)])
    }

    /// The records whose value is at this place, ascending.
    pub(super) fn holders(&self, place: u32) -> &[u32] {
        &self.holders[wide(self.order[wide(place)])]
    }

    /// The places in the order of a sort, those that it does not tell apart together.
    pub(super) fn sorted(&self, descending: bool) -> impl Iterator<Item = Vec<u32>> {
        let groups = self
            .sorted
            .chunk_by(|a, b| self.rank[wide(*a)] == self.rank[wide(*b)]);
        let places = |group: &[u32]| group.iter().map(|n| self.place[wide(*n)]).collect();
        let (mut up, mut down) = (None, None);
        if descending {
            down = Some(groups.rev().map(places));
        } else {
            up = Some(groups.map(places));
        }
        up.into_iter().flatten().chain(down.into_iter().flatten())
    }
}

/// Ranges in order, each as long as can be.
fn joined(mut ranges: Vec<Range<u32>>) -> Vec<Range<u32>> {
    ranges.sort_by_key(|range| range.start);
    let mut joined: Vec<Range<u32>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}
