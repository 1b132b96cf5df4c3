//! Searching: which records satisfy criteria, in which order, on which page.
//!
//! This room knows records as JSON and attributes by the pointers of the profile. It knows nothing of
//! envelopes, and it trusts that the form of the criteria was checked: what it cannot read, it ignores.
//! Searches are answered from indexes, so that they cost what their results are worth; a plain scan stands
//! beside them in the tests, and both find the same.

mod column;
mod criteria;
mod expression;
mod formula;
mod identifier;
mod identifiers;
mod index;
mod key;
mod person;
mod plan;
mod predicate;
#[cfg(test)]
mod scan;
mod value;
mod window;

pub(crate) use column::Column;
pub(crate) use criteria::{Criteria, Rejection, UNKNOWN_ATTRIBUTE};
pub(crate) use identifier::identifiers;
pub(crate) use identifiers::Identifiers;
pub(crate) use index::Index;
pub(crate) use key::Key;
pub(crate) use person::Person;

use crate::Defect;
use crate::defect::Defects;
use criteria::Query;
use serde_json::Value;
use window::Window;

/// How many records a search returns that does not say how many it wants.
pub(crate) const DEFAULT_PAGE_SIZE: usize = 2000;
/// How many records one page can hold.
pub(crate) const MOST_RECORDS: usize = 10_000;

/// One page of a result.
#[derive(Debug)]
pub(crate) struct Found<R> {
    pub(crate) records: Vec<R>,
    pub(crate) page_size: usize,
    pub(crate) page_number: usize,
    /// How many records the whole result has.
    pub(crate) total: usize,
}

impl<R> Found<R> {
    /// The same page with each record in another form; one that has none is left out.
    pub(crate) fn read<T>(self, record: impl Fn(R) -> Option<T>) -> Found<T> {
        Found {
            records: self.records.into_iter().filter_map(record).collect(),
            page_size: self.page_size,
            page_number: self.page_number,
            total: self.total,
        }
    }
}

/// The result of a search among nobody.
pub(crate) fn nobody<R>(criteria: &Criteria, cx: &Defects) -> Found<R> {
    Window::of(criteria.page, cx).found(Vec::new(), 0, cx)
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
        Query::Expression(formula) => formula.holds(record, cx),
    }
}

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod tests;
