//! Searching: which records satisfy criteria, in which order, on which page.
//!
//! This room knows records as JSON and attributes by the pointers of the profile. It knows nothing of
//! envelopes, and it trusts that the form of the criteria was checked: what it cannot read, it ignores.

mod criteria;
mod identifier;
mod person;
mod predicate;
mod value;

pub(crate) use criteria::{Criteria, Rejection};
pub(crate) use person::Person;

use crate::Defect;
use crate::defect::Defects;
use criteria::{Order, Page, Query};
use serde_json::Value;
use std::borrow::Borrow;
use std::cmp::Ordering;

/// How many records a search returns that does not say how many it wants.
pub(crate) const DEFAULT_PAGE_SIZE: usize = 2000;

/// One page of a result.
#[derive(Debug)]
pub(crate) struct Found<'r> {
    pub(crate) records: Vec<&'r Value>,
    pub(crate) page_size: usize,
    pub(crate) page_number: usize,
    /// How many records the whole result has.
    pub(crate) total: usize,
}

/// Runs a search.
pub(crate) fn search<'r>(records: &'r [impl Borrow<Value>], criteria: &Criteria, cx: &Defects) -> Found<'r> {
    let mut result: Vec<&Value> = records
        .iter()
        .map(Borrow::borrow)
        .filter(|r| matches(&criteria.query, r, cx))
        .collect();
    if criteria.groups {
        // Only members are registered.
        result.clear();
    }
    if result.is_empty() && cx.commits(Defect::NoMatchFirstRecord) {
        result.extend(records.first().map(Borrow::borrow));
    }
    if !cx.commits(Defect::SortIgnored) {
        // The sort is stable: what is equal stays in the order of registration.
        result.sort_by(|a, b| in_order(&criteria.order, a, b, cx));
    }
    cut(result, criteria.page, cx)
}

/// Whether a single record satisfies criteria.
pub(crate) fn fits(record: &Value, criteria: &Criteria) -> bool {
    !criteria.groups && matches(&criteria.query, record, &Defects::default())
}

fn matches(query: &Query, record: &Value, cx: &Defects) -> bool {
    match query {
        Query::Everything => true,
        Query::Identifier(wanted) => wanted.is_held_by(record, cx),
        Query::Predicate(_) if cx.commits(Defect::PredicateIgnored) => true,
        Query::Predicate(clauses) if cx.commits(Defect::LaterItemsIgnored) => {
            clauses.iter().take(1).all(|clause| clause.holds(record, cx))
        }
        Query::Predicate(clauses) => clauses.iter().all(|clause| clause.holds(record, cx)),
    }
}

fn in_order(order: &[Order], a: &Value, b: &Value, cx: &Defects) -> Ordering {
    for Order {
        attribute,
        descending,
    } in order
    {
        let by_attribute = value::order(a.pointer(attribute), b.pointer(attribute));
        let descending = *descending && !cx.commits(Defect::SortAlwaysAscending);
        let by_attribute = if descending {
            by_attribute.reverse()
        } else {
            by_attribute
        };
        if by_attribute.is_ne() {
            return by_attribute;
        }
    }
    Ordering::Equal
}

fn cut<'r>(result: Vec<&'r Value>, asked: Option<Page>, cx: &Defects) -> Found<'r> {
    let whole = result.len();
    let page = asked.unwrap_or(Page {
        size: DEFAULT_PAGE_SIZE,
        number: 1,
    });
    let pages_before = match asked {
        Some(_) if cx.commits(Defect::PageTwoRepeatsOne) => 0,
        Some(page) if cx.commits(Defect::PagesFromZero) => page.number,
        _ => page.number - 1,
    };
    let records: Vec<&Value> = if cx.commits(Defect::PageSizeIgnored) {
        result
    } else {
        result
            .into_iter()
            .skip(page.size.saturating_mul(pages_before))
            .take(page.size)
            .collect()
    };
    let total = if cx.commits(Defect::TotalOfPage) {
        records.len()
    } else {
        whole
    };
    Found {
        records,
        page_size: page.size,
        page_number: page.number,
        total,
    }
}

#[cfg(test)]
mod tests;
