//! How a formula is answered from the indexes: by the smallest of its parts, and the others as tests.

use super::column::Column;
use super::formula::{Comparison, Formula};
use super::index::Index;
use crate::defect::Defects;
use serde_json::Value;
use std::ops::Range;

/// A formula, looked up in the indexes.
pub(super) enum Plan<'i> {
    Everything,
    /// The records whose value is at one of these places.
    Places(Places<'i>),
    /// These records, ascending.
    These(Vec<u32>),
    All(Vec<Plan<'i>>),
    Any(Vec<Plan<'i>>),
    Not(Box<Plan<'i>>),
}

/// Places in the index of one attribute.
pub(super) struct Places<'i> {
    pub(super) column: &'i Column,
    ranges: Vec<Range<u32>>,
    records: usize,
}

impl Places<'_> {
    /// Whether this place is one of them.
    pub(super) fn contain(&self, place: u32) -> bool {
        let after = self.ranges.partition_point(|range| range.start <= place);
        after > 0 && place < self.ranges[after - 1].end
    }
}

impl<'i> Plan<'i> {
    /// Looks a formula up; `record` reads a record where no index can answer.
    pub(super) fn of(
        formula: &Formula,
        index: &'i Index,
        cx: &Defects,
        record: &impl Fn(u32) -> Option<Value>,
    ) -> Self {
        let all_of = |parts: &[Formula]| parts.iter().map(|f| Self::of(f, index, cx, record)).collect();
        match formula {
            Formula::Everything => Self::Everything,
            Formula::Identifier(wanted) => {
                let holds = |id: &u32| record(*id).is_some_and(|r| wanted.is_held_by(&r, cx));
                Self::These(match wanted.exactly(cx) {
                    Some(value) => index.identified(value).filter(holds).collect(),
                    None => index.ids().filter(holds).collect(),
                })
            }
            Formula::Comparison(comparison) => Self::comparison(comparison, index, cx, record),
            Formula::All(parts) => Self::All(all_of(parts)),
            Formula::Any(parts) => Self::Any(all_of(parts)),
            Formula::Not(part) => Self::Not(Box::new(Self::of(part, index, cx, record))),
        }
    }

    fn comparison(
        comparison: &Comparison,
        index: &'i Index,
        cx: &Defects,
        record: &impl Fn(u32) -> Option<Value>,
    ) -> Self {
        let Some(column) = index.column(&comparison.attribute) else {
            let holds = |id: &u32| record(*id).is_some_and(|r| comparison.holds(&r, cx));
            return Self::These(index.ids().filter(holds).collect());
        };
        let ranges = column.places(comparison.operator, &comparison.value, cx);
        let records = ranges.iter().map(|range| column.holders_within(range)).sum();
        Self::Places(Places {
            column,
            ranges,
            records,
        })
    }

    /// How many records satisfy it, where that is known without looking.
    pub(super) fn count(&self, index: &Index) -> Option<usize> {
        match self {
            Self::Everything => Some(index.len()),
            Self::Places(places) => Some(places.records),
            Self::These(ids) => Some(ids.len()),
            Self::All(parts) | Self::Any(parts) if parts.len() == 1 => parts[0].count(index),
            Self::Not(part) => Some(index.len() - part.count(index)?),
            Self::All(_) | Self::Any(_) => None,
        }
    }

    /// No more than this many records satisfy it.
    fn most(&self, index: &Index) -> usize {
        let most = match self {
            Self::All(parts) => parts.iter().map(|p| p.most(index)).min(),
            Self::Any(parts) => Some(parts.iter().map(|p| p.most(index)).sum()),
            _ => self.count(index),
        };
        most.unwrap_or_else(|| index.len()).min(index.len())
    }

    /// Whether a record satisfies it.
    pub(super) fn holds(&self, index: &Index, id: u32) -> bool {
        match self {
            Self::Everything => true,
            Self::Places(places) => places.contain(places.column.place(index.slot(id))),
            Self::These(ids) => ids.binary_search(&id).is_ok(),
            Self::All(parts) => parts.iter().all(|part| part.holds(index, id)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(index, id)),
            Self::Not(part) => !part.holds(index, id),
        }
    }

    /// The places that are all there is to it.
    pub(super) fn places(&self) -> Option<&Places<'i>> {
        match self {
            Self::Places(places) => Some(places),
            Self::All(parts) | Self::Any(parts) if parts.len() == 1 => parts[0].places(),
            _ => None,
        }
    }

    /// The records that satisfy it, ascending.
    pub(super) fn ids(&self, index: &Index) -> Vec<u32> {
        if self.is_dense(index) {
            return index.ids().filter(|id| self.holds(index, *id)).collect();
        }
        match self {
            Self::Places(places) => {
                let mut ids = Vec::with_capacity(places.records);
                let values = places.ranges.iter().cloned().flatten();
                values.for_each(|place| ids.extend_from_slice(places.column.holders(place)));
                ids.sort_unstable();
                ids
            }
            Self::These(ids) => ids.clone(),
            Self::All(parts) => {
                let smallest = (0..parts.len()).min_by_key(|i| parts[*i].most(index));
                let Some(smallest) = smallest else {
                    return index.ids().collect();
                };
                let mut ids = parts[smallest].ids(index);
                let others = || parts.iter().enumerate().filter(|(i, _)| *i != smallest);
                ids.retain(|id| others().all(|(_, part)| part.holds(index, *id)));
                ids
            }
            Self::Any(parts) => {
                let mut ids: Vec<u32> = parts.iter().flat_map(|part| part.ids(index)).collect();
                ids.sort_unstable();
                ids.dedup();
                ids
            }
            Self::Everything | Self::Not(_) => index.ids().filter(|id| self.holds(index, *id)).collect(),
        }
    }

    /// Whether so many records satisfy it that going through all of them costs less than collecting.
    pub(super) fn is_dense(&self, index: &Index) -> bool {
        const SHARE: usize = 16;
        self.most(index) > index.len() / SHARE
    }
}
