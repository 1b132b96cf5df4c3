//! The indexes of a register, and the search that uses them. Records go by their number, which grows in
//! the order of registration.

use super::column::{Column, narrow, wide};
use super::criteria::{Criteria, Order, Rejection};
use super::identifiers::Identifiers;
use super::key::Key;
use super::plan::Plan;
use super::{Found, MOST_RECORDS, Window};
use crate::Defect;
use crate::defect::Defects;
use serde_json::Value;
use specs::catalogue::Registry;
use std::cmp::Ordering;

/// What is indexed of one register: every attribute that can be searched, and identifiers.
#[derive(Debug)]
pub(crate) struct Index {
    pointers: Vec<String>,
    columns: Vec<Column>,
    identifiers: Identifiers,
    /// How many records were there from the start; they stay.
    first: u32,
    /// How many may come to them at most.
    room: u32,
    /// The oldest of those that came, and the next one that will.
    oldest: u32,
    next: u32,
}

impl Index {
    /// The index over the first records; `columns` are those of the registry's attributes, in order.
    pub(crate) fn of(
        registry: &Registry,
        first: usize,
        room: usize,
        columns: Vec<Column>,
        identifiers: Identifiers,
    ) -> Self {
        let first = narrow(first);
        Self {
            pointers: registry.attributes.values().cloned().collect(),
            columns,
            identifiers,
            first,
            room: narrow(room),
            oldest: first,
            next: first,
        }
    }

    /// How many records there are.
    pub(crate) fn len(&self) -> usize {
        wide(self.first + (self.next - self.oldest))
    }

    /// The records in the order of registration.
    pub(crate) fn ids(&self) -> impl Iterator<Item = u32> {
        (0..self.first).chain(self.oldest..self.next)
    }

    /// The records that may hold an identifier of this value, in the order of registration.
    pub(crate) fn identified(&self, value: &str) -> impl Iterator<Item = u32> + use<> {
        self.identifiers.holders(value).into_iter()
    }

    pub(super) fn column(&self, pointer: &str) -> Option<&Column> {
        let at = self.pointers.iter().position(|known| known == pointer)?;
        self.columns.get(at)
    }

    /// Where columns keep what they know of a record.
    pub(super) fn slot(&self, id: u32) -> usize {
        if id < self.first {
            wide(id)
        } else {
            wide(self.first + (id - self.first) % self.room)
        }
    }

    /// A record is registered; its number.
    pub(crate) fn push(&mut self, record: &Value, identifiers: &[&str]) -> u32 {
        let id = self.next;
        self.next += 1;
        self.insert(id, record, identifiers);
        id
    }

    /// A record is there.
    pub(crate) fn insert(&mut self, id: u32, record: &Value, identifiers: &[&str]) {
        let slot = self.slot(id);
        for (column, pointer) in self.columns.iter_mut().zip(&self.pointers) {
            column.add(id, slot, Key::of(record.pointer(pointer)));
        }
        for value in identifiers {
            self.identifiers.add(value, id);
        }
    }

    /// A record is gone, or about to be replaced.
    pub(crate) fn remove(&mut self, id: u32, identifiers: &[&str]) {
        let slot = self.slot(id);
        self.columns.iter_mut().for_each(|column| column.remove(id, slot));
        for value in identifiers {
            self.identifiers.remove(value, id);
        }
    }

    /// The oldest of those that came is gone for ever.
    pub(crate) fn forget_oldest(&mut self, identifiers: &[&str]) {
        self.remove(self.oldest, identifiers);
        self.oldest += 1;
    }

    /// Runs a search, and returns the numbers of records; `record` reads one.
    pub(crate) fn search(
        &self,
        criteria: &Criteria,
        cx: &Defects,
        record: impl Fn(u32) -> Option<Value>,
    ) -> Result<Found<u32>, Rejection> {
        let window = Window::of(criteria.page, cx);
        let (mut page, mut total) = if criteria.groups {
            // Only members are registered.
            (Vec::new(), 0)
        } else {
            let plan = Plan::of(&criteria.query.formula(cx), self, cx, &record);
            let order: &[Order] = if cx.commits(Defect::SortIgnored) {
                &[]
            } else {
                &criteria.order
            };
            match order {
                [first, ..] if cx.commits(Defect::SortAsText) => self.by_text(&plan, first, &window, &record),
                _ => self.page(&plan, &self.keys(order, cx), &window),
            }
        };
        if cx.commits(Defect::TotalCountsBound) && total > 0 {
            let formula = criteria.query.formula(cx).with_bounds();
            total = Plan::of(&formula, self, cx, &record).ids(self).len();
        }
        if total == 0 && cx.commits(Defect::NoMatchFirstRecord) {
            let first: Vec<u32> = self.ids().take(1).collect();
            total = first.len();
            page = window.cut(first);
        }
        if page.len() > MOST_RECORDS {
            let message = format!("{total} records were found; ask for pages of {MOST_RECORDS} at most");
            return Err(Rejection::new("rjct.search.too_many_records_found", message));
        }
        Ok(window.found(page, total, cx))
    }

    /// The records that satisfy a formula.
    pub(super) fn matching(
        &self,
        formula: &super::formula::Formula,
        record: impl Fn(u32) -> Option<Value>,
    ) -> Vec<u32> {
        Plan::of(formula, self, &Defects::default(), &record).ids(self)
    }

    /// What to sort by, and whether downwards.
    fn keys(&self, order: &[Order], cx: &Defects) -> Vec<(&Column, bool)> {
        let upwards = cx.commits(Defect::SortAlwaysAscending);
        let known = |order: &Order| Some((self.column(&order.attribute)?, order.descending && !upwards));
        order.iter().filter_map(known).collect()
    }

    /// One page in the order of the texts that a screen shows, which begin with the day.
    fn by_text(
        &self,
        plan: &Plan<'_>,
        order: &Order,
        window: &Window,
        record: impl Fn(u32) -> Option<Value>,
    ) -> (Vec<u32>, usize) {
        let shown = |id: &u32| {
            let record = record(*id)?;
            let text = record.pointer(&order.attribute)?.as_str()?;
            Some([text.get(8..10)?, text.get(5..7)?, text.get(..4)?].join("/"))
        };
        let mut ids = plan.ids(self);
        ids.sort_by_cached_key(shown);
        if order.descending {
            ids.reverse();
        }
        let total = ids.len();
        (window.cut(ids), total)
    }

    fn in_order(&self, keys: &[(&Column, bool)], a: u32, b: u32) -> Ordering {
        let (slot_a, slot_b) = (self.slot(a), self.slot(b));
        for (column, descending) in keys {
            let order = column.rank(slot_a).cmp(&column.rank(slot_b));
            if order.is_ne() {
                return if *descending { order.reverse() } else { order };
            }
        }
        a.cmp(&b)
    }

    /// One page, and how many records the whole result has.
    fn page(&self, plan: &Plan<'_>, keys: &[(&Column, bool)], window: &Window) -> (Vec<u32>, usize) {
        if let Some(total) = plan.count(self)
            && window.end() < total
        {
            match keys {
                [] if self.is_soon_found(total, window) => {
                    let satisfying = self.ids().filter(|id| plan.holds(self, *id));
                    return (window.of_sequence(satisfying), total);
                }
                [] => {}
                [(column, descending), rest @ ..] => {
                    let walk = self.walk(plan, column, *descending, rest);
                    return (window.of_sequence(walk), total);
                }
            }
        }
        let mut ids = plan.ids(self);
        let total = ids.len();
        if !keys.is_empty() {
            let wanted = window.end();
            if wanted < total / 4 {
                ids.select_nth_unstable_by(wanted, |a, b| self.in_order(keys, *a, *b));
                ids.truncate(wanted);
            }
            ids.sort_unstable_by(|a, b| self.in_order(keys, *a, *b));
        }
        (window.cut(ids), total)
    }

    /// Whether going through the register until the page is full costs less than collecting the result.
    fn is_soon_found(&self, total: usize, window: &Window) -> bool {
        let steps = window.end().saturating_mul(self.len()) / total.max(1);
        steps < total.saturating_mul(4)
    }

    /// The records that satisfy a plan in the order of a sort, one value of its first attribute after the
    /// other, and no further than somebody asks.
    fn walk<'a>(
        &'a self,
        plan: &'a Plan<'_>,
        column: &'a Column,
        descending: bool,
        rest: &'a [(&'a Column, bool)],
    ) -> impl Iterator<Item = u32> + 'a {
        let same = plan.places().filter(|p| std::ptr::eq(p.column, column));
        column.sorted(descending).flat_map(move |group| {
            let wanted = group
                .into_iter()
                .filter(|place| same.is_none_or(|places| places.contain(*place)));
            let wanted: Vec<u32> = wanted.collect();
            let satisfies = move |id: &u32| same.is_some() || plan.holds(self, *id);
            let (mut one, mut several) = (None, None);
            if let ([place], []) = (wanted.as_slice(), rest) {
                one = Some(column.holders(*place).iter().copied().filter(satisfies));
            } else {
                let holders = wanted.iter().flat_map(|place| column.holders(*place));
                let mut ids: Vec<u32> = holders.copied().filter(satisfies).collect();
                ids.sort_unstable_by(|a, b| self.in_order(rest, *a, *b));
                several = Some(ids);
            }
            one.into_iter().flatten().chain(several.into_iter().flatten())
        })
    }
}
