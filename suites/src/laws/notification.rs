//! Notifications: who is told of an event, of what, and when that ends. The events are made to happen by the
//! trigger that the target was configured with, about people whom the laws invent.

mod delivered;
mod withheld;

pub(super) use delivered::Delivered;
pub(super) use withheld::{Selective, Stops};

use super::subscription::{codes, subscribe};
use super::support::{
    accepted, answered_later, callbacks, discovery, identifier_of, known_people, newcomer, registry,
};
use crate::context::Context;
use crate::oracle::{Event, notified};
use crate::plan::Step;
use crate::request::{event_type, identifier, subscription};
use serde_json::Value;
use specs::evidence::{Callback, Observation};

/// Label of the request for the subscription.
const SUBSCRIPTION: &str = "subscription";
/// Label of the event that the subscription is told of.
const HAPPENED: &str = "event";

/// A person whom a law invents, and whom nobody else knows.
fn somebody(cx: &Context, seen: &[Observation], name: &str) -> Result<(String, Value), String> {
    let people = known_people(cx, seen)?;
    let (_, known) = &people[people.len() / 2];
    newcomer(cx, known, name).ok_or_else(|| "no record was seen that could be a model".to_owned())
}

/// The subscription of every law here: events of the first type about one person.
fn beginning(cx: &Context, seen: &[Observation]) -> Vec<Step> {
    let mut steps = vec![discovery(cx)];
    let Ok((registry, (id, _))) = registry(cx).and_then(|r| Ok((r, somebody(cx, seen, "told")?))) else {
        return steps;
    };
    let criteria = subscription(cx, event_type(cx), &identifier(cx, &registry.id_type, &id));
    steps.extend(answered_later(
        subscribe(cx, SUBSCRIPTION, &[criteria]),
        SUBSCRIPTION,
        seen,
    ));
    steps
}

pub(super) fn trigger(label: &str, event_type: &str, record: &Value) -> Step {
    Step::Trigger {
        label: label.to_owned(),
        event_type: event_type.to_owned(),
        record: record.clone(),
    }
}

/// Why nothing can be said of notifications yet, if so: nobody subscribed.
fn subscribed(cx: &Context, seen: &[Observation]) -> Result<(String, Value), String> {
    let somebody = somebody(cx, seen, "told")?;
    accepted(seen, SUBSCRIPTION)?;
    if codes(seen, &[SUBSCRIPTION]).is_empty() {
        return Err("no subscription succeeded".to_owned());
    }
    Ok(somebody)
}

/// A notification that arrived.
struct Told<'a> {
    index: usize,
    callback: &'a Callback,
    events: Vec<Event>,
}

impl Told<'_> {
    fn records(&self) -> impl Iterator<Item = &Value> {
        self.events.iter().flat_map(|event| &event.records)
    }

    fn about(&self, cx: &Context, id: &str) -> bool {
        self.records()
            .any(|record| identifier_of(cx, record).as_deref() == Some(id))
    }
}

fn notifications(seen: &[Observation]) -> Vec<Told<'_>> {
    callbacks(seen, SUBSCRIPTION)
        .into_iter()
        .filter_map(|(index, callback)| {
            Some(Told {
                index,
                callback,
                events: notified(&callback.request.body)?,
            })
        })
        .collect()
}
