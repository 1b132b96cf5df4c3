//! The plain search: every record in turn. It is what searches by index are compared with.

use super::criteria::{Criteria, Order};
use super::{Found, Window, matches, value};
use crate::Defect;
use crate::defect::Defects;
use serde_json::Value;
use std::cmp::Ordering;

/// Runs a search.
pub(super) fn search(records: &[Value], criteria: &Criteria, cx: &Defects) -> Found<Value> {
    let satisfying = records.iter().filter(|r| matches(&criteria.query, r, cx));
    let mut result: Vec<&Value> = satisfying.collect();
    if criteria.groups {
        result.clear();
    }
    if result.is_empty() && cx.commits(Defect::NoMatchFirstRecord) {
        result.extend(records.first());
    }
    if !cx.commits(Defect::SortIgnored) {
        // The sort is stable: what is equal stays in the order of registration.
        result.sort_by(|a, b| in_order(&criteria.order, a, b, cx));
    }
    let window = Window::of(criteria.page, cx);
    let total = result.len();
    let page = window.cut(result).into_iter().cloned().collect();
    window.found(page, total, cx)
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
