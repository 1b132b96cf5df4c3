//! Sequences of requests, judged against a small model of what they lead to. The harness makes sequences
//! and shrinks them; what each action sends, and what follows from its answer, is decided here.

mod judged;
mod model;

pub use judged::{Sequences, judge};

use super::notification::trigger;
use super::subscription::unsubscribe;
use super::support::{answered_later, discovery, known_people, newcomer, registry};
use super::{asynchronous, subscription, transaction};
use crate::context::Context;
use crate::oracle::{Answer, classify};
use crate::plan::{Payload, Step};
use crate::request::{event_type, everybody, identifier, page, subscription as criteria};
use model::Model;
use serde_json::{Value, json};
use specs::evidence::{Exchange, Observation};
use std::fmt;
use std::str::FromStr;

/// How many people a sequence is about.
pub const PEOPLE: usize = 2;

/// One thing that a sequence does. What makes no sense where it stands sends nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Subscribes to the events of one of the people.
    Subscribe(usize),
    /// Ends the last subscription to the events of one of the people, live or not.
    Unsubscribe(usize),
    /// An event happens to one of the people.
    Event(usize),
    /// Searches.
    Search,
    /// Asks what became of a search of this sequence; the latest one counts as 0.
    Status(usize),
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Subscribe(who) => write!(f, "subscribe {}", name(*who)),
            Self::Unsubscribe(who) => write!(f, "unsubscribe {}", name(*who)),
            Self::Event(who) => write!(f, "event {}", name(*who)),
            Self::Search => write!(f, "search"),
            Self::Status(back) => write!(f, "status {back}"),
        }
    }
}

impl FromStr for Action {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        let who = || (0..PEOPLE).find(|who| name(*who) == rest).ok_or(());
        Ok(match word {
            "subscribe" => Self::Subscribe(who()?),
            "unsubscribe" => Self::Unsubscribe(who()?),
            "event" => Self::Event(who()?),
            "search" => Self::Search,
            "status" => Self::Status(rest.parse().map_err(|_| ())?),
            _ => return Err(()),
        })
    }
}

/// What one of the people is called.
fn name(who: usize) -> &'static str {
    if who == 0 { "a" } else { "b" }
}

/// The actions that make sense at a target, which has a trigger for events or not.
pub fn actions(cx: &Context, events: bool) -> Vec<Action> {
    let mut actions = Vec::new();
    if cx.serves("subscribe") {
        actions.extend((0..PEOPLE).map(Action::Subscribe));
        if cx.serves("unsubscribe") {
            actions.extend((0..PEOPLE).map(Action::Unsubscribe));
        }
        if events {
            actions.extend((0..PEOPLE).map(Action::Event));
        }
    }
    if cx.serves("sync-search") && (cx.serves("txn-status") || cx.serves("sync-txn-status")) {
        actions.extend([Action::Search, Action::Status(0), Action::Status(1)]);
    }
    actions
}

/// The sequences that are tried before those that chance makes, as far as their actions make sense.
pub fn known(actions: &[Action]) -> Vec<Vec<Action>> {
    use Action::{Event, Search, Status, Subscribe, Unsubscribe};
    let all = [
        vec![Subscribe(0), Event(0), Unsubscribe(0), Event(0)],
        vec![Subscribe(0), Subscribe(0), Unsubscribe(0), Unsubscribe(0)],
        vec![Subscribe(0), Unsubscribe(0), Subscribe(0), Event(0)],
        vec![
            Subscribe(0),
            Subscribe(1),
            Unsubscribe(0),
            Event(1),
            Unsubscribe(1),
        ],
        vec![Search, Status(0), Search, Status(1), Status(0)],
    ];
    let kept = all.into_iter().map(|sequence| {
        let possible = sequence.into_iter().filter(|action| actions.contains(action));
        possible.collect::<Vec<_>>()
    });
    kept.filter(|sequence| !sequence.is_empty()).collect()
}

/// The label of an action: number of its sequence, its place in it, and what it does.
fn label(sequence: usize, nth: usize, action: Action) -> String {
    format!("{sequence}.{nth} {action}")
}

/// Sequence, place and action of a label.
fn read(label: &str) -> Option<(usize, usize, Action)> {
    let (place, action) = label.split_once(' ')?;
    let (sequence, nth) = place.split_once('.')?;
    Some((sequence.parse().ok()?, nth.parse().ok()?, action.parse().ok()?))
}

/// The number of the sequence that a label belongs to.
fn sequence_of(label: &str) -> Option<usize> {
    label.split_once('.')?.0.parse().ok()
}

/// The address at which a person's subscriptions are answered and told of events.
fn address(sequence: usize, who: usize) -> String {
    format!("{sequence}. {}", name(who))
}

/// The search by which the people of all sequences are learnt to know.
pub fn beginning(cx: &Context) -> Step {
    discovery(cx)
}

/// Those whom sequences are about: each sequence invents people of its own, after a record that was seen.
#[derive(Debug, Clone)]
pub struct Cast(Result<Value, String>);

impl Cast {
    /// Takes a record of those that the first search found.
    pub fn of(cx: &Context, beginning: &[Observation]) -> Self {
        let people = known_people(cx, beginning);
        Self(people.map(|people| people[people.len() / 2].1.clone()))
    }

    /// Identifier and record of one of the people of a sequence.
    fn person(&self, cx: &Context, sequence: usize, who: usize) -> Option<(String, Value)> {
        newcomer(cx, self.0.as_ref().ok()?, &address(sequence, who))
    }
}

/// What an action sends; nothing where it makes no sense. `seen` is what was observed of its sequence.
pub fn begin(
    cx: &Context,
    cast: &Cast,
    seen: &[Observation],
    (sequence, nth): (usize, usize),
    action: Action,
) -> Option<Step> {
    let label = label(sequence, nth, action);
    match action {
        Action::Subscribe(who) => {
            let (id, _) = cast.person(cx, sequence, who)?;
            let id_type = &registry(cx).ok()?.id_type;
            let wanted = criteria(cx, event_type(cx), &identifier(cx, id_type, &id));
            let mut send = subscription::subscribe(cx, &label, &[wanted]);
            if let Payload::Json(body) = &mut send.payload {
                body["header"]["sender_uri"] = json!(format!("${{callback of {}}}", address(sequence, who)));
            }
            Some(Step::send(send))
        }
        Action::Unsubscribe(who) => {
            let model = Model::of(cx, cast, seen, sequence);
            let codes = model.latest(who)?;
            Some(Step::send(unsubscribe(cx, &label, &codes)))
        }
        Action::Event(who) => {
            let (_, record) = cast.person(cx, sequence, who)?;
            Some(trigger(&label, event_type(cx), &record))
        }
        Action::Search => {
            let criteria = [everybody(cx, &[page(1, 1)]), everybody(cx, &[page(2, 1)])];
            Some(super::support::search(cx, &label, &criteria))
        }
        Action::Status(back) => {
            let model = Model::of(cx, cast, seen, sequence);
            let asked = json!(model.searched(back)?.transaction);
            let by = ("search", "transaction_id", &asked);
            transaction::ask(cx, &label, by, seen).into_iter().next()
        }
    }
}

/// What is to be waited for after an action was sent.
pub fn follow(
    cx: &Context,
    cast: &Cast,
    seen: &[Observation],
    (sequence, nth): (usize, usize),
    action: Action,
) -> Option<Step> {
    let label = label(sequence, nth, action);
    let accepted = |e: &Exchange| e.label == label && classify(e) == Answer::Accepted;
    let sent = |o: &Observation| matches!(o, Observation::Exchange(e) if accepted(e));
    if !seen.iter().rev().any(sent) {
        return None;
    }
    match action {
        Action::Subscribe(who) => Some(Step::answer(&address(sequence, who))),
        Action::Unsubscribe(_) => Some(Step::answer(&label)),
        Action::Event(who) => {
            let address = address(sequence, who);
            Some(if Model::of(cx, cast, seen, sequence).is_live(who) {
                Step::notification(&address)
            } else {
                Step::no_notification(&address)
            })
        }
        Action::Status(_) if !cx.serves("sync-txn-status") => Some(Step::answer(&label)),
        Action::Search | Action::Status(_) => None,
    }
}

/// Ends what a sequence has left live, so that a server is left as it was found.
pub fn ending(cx: &Context, cast: &Cast, seen: &[Observation], sequence: usize) -> Vec<Step> {
    let model = Model::of(cx, cast, seen, sequence);
    let codes: Vec<String> = (0..PEOPLE).flat_map(|who| model.live(who)).collect();
    if codes.is_empty() || !cx.serves("unsubscribe") {
        return Vec::new();
    }
    let label = format!("{sequence}. {}", subscription::TIDY);
    answered_later(unsubscribe(cx, &label, &codes), &label, seen)
}

/// A sequence in words.
fn words(actions: &[Action]) -> String {
    let words: Vec<String> = actions.iter().map(ToString::to_string).collect();
    words.join(", ")
}

/// Whether callbacks answer questions about transactions.
fn answers_later(cx: &Context) -> bool {
    transaction::operation(cx) == asynchronous::TXN_STATUS.operation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_says_what_was_done() {
        for action in [
            Action::Subscribe(0),
            Action::Unsubscribe(1),
            Action::Event(1),
            Action::Search,
            Action::Status(1),
        ] {
            assert_eq!(read(&label(3, 2, action)), Some((3, 2, action)));
        }
        assert_eq!(read("3. tidy"), None);
        assert_eq!(read("discovery"), None);
        assert_eq!(read("1.1 subscribe c"), None);
    }
}
