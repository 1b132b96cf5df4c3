//! What a target is known to hold, so that it can be asked for something that is there.

use crate::context::Context;
use crate::laws::support;
use crate::oracle::{Reply, value_of};
use crate::plan::Send;
use crate::request;
use serde_json::Value;
use specs::evidence::Exchange;
use std::collections::BTreeMap;

/// How many values of one kind are remembered at most.
const MOST: usize = 50;

/// People and values that a target holds: as the user says, or as it was seen to return.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// Identifiers of people, of the type that the profile names.
    pub identifiers: Vec<String>,
    /// Values of attributes, by their names in a query.
    pub values: BTreeMap<String, Vec<Value>>,
}

impl Known {
    /// Both, each thing once and no more than fifty of a kind.
    #[must_use]
    pub fn and(mut self, further: Self) -> Self {
        take(&mut self.identifiers, further.identifiers);
        for (attribute, values) in further.values {
            take(self.values.entry(attribute).or_default(), values);
        }
        self
    }

    /// What the answer to [`discovery`] teaches; nothing where it holds no record.
    pub fn of(cx: &Context, exchange: &Exchange) -> Self {
        let mut known = Self::default();
        let (Some(registry), Some(reply)) = (&cx.profile.registry, Reply::of(exchange)) else {
            return known;
        };
        for record in reply.records() {
            take(&mut known.identifiers, support::identifier_of(cx, record));
            for attribute in registry.attributes.keys() {
                if let Some(value) = value_of(registry, record, attribute).filter(|value| is_scalar(value)) {
                    let values = known.values.entry(attribute.clone()).or_default();
                    take(values, [value.clone()]);
                }
            }
        }
        known
    }
}

/// The search by which generated requests learn what the target holds; none where the profile has no registry
/// that answers at once.
pub fn discovery(cx: &Context) -> Option<Send> {
    let registry = cx.profile.registry.is_some() && cx.serves("sync-search");
    registry.then(|| {
        let body = request::search_envelope(cx, support::DISCOVERY, &support::discovered_by(cx));
        request::send(support::DISCOVERY, "sync-search", body)
    })
}

/// Whether a search can compare with a value.
pub fn is_scalar(value: &Value) -> bool {
    matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_))
}

fn take<T: PartialEq>(known: &mut Vec<T>, further: impl IntoIterator<Item = T>) {
    for one in further {
        if known.len() < MOST && !known.contains(&one) {
            known.push(one);
        }
    }
}
