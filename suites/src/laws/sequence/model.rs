//! The model: which subscriptions are live, which have ended, and which searches were made.

use super::{Action, Cast, PEOPLE, address, answers_later, name, read};
use crate::context::Context;
use crate::judgement::{Judgement, Outcome};
use crate::laws::support::text;
use crate::laws::transaction;
use crate::oracle::{Answer, Subscribed, Unsubscribed, classify, describe, notified, reference_ids};
use serde_json::Value;
use specs::evidence::{Callback, Exchange, Observation};
use std::collections::BTreeSet;

pub(super) const SUBSCRIBE: &str = "dci.subscribe.sequence";
pub(super) const NOTIFY: &str = "dci.notify.sequence";
pub(super) const STATUS: &str = "dci.txn-status.sequence";

/// A search that was made.
#[derive(Debug, Clone)]
pub(super) struct Searched {
    pub(super) transaction: String,
    references: Vec<String>,
}

/// How many notifications of events of somebody may still be on their way: of two subscriptions to the same events,
/// each may bring one, and only the first is waited for.
#[derive(Debug, Default)]
struct Owed(usize);

impl Owed {
    /// So many came; how many of them nobody owes, given how many subscriptions were live to the event.
    fn came(&mut self, notifications: usize, live: usize) -> usize {
        let due = self.0 + live;
        self.0 = due.saturating_sub(notifications);
        notifications.saturating_sub(due)
    }
}

/// What a sequence has led to so far.
#[derive(Debug, Default)]
pub(super) struct Model {
    live: [Vec<String>; PEOPLE],
    ended: [Vec<String>; PEOPLE],
    owed: [Owed; PEOPLE],
    searches: Vec<Searched>,
    /// What was done.
    pub(super) actions: Vec<Action>,
    /// What departed from the model.
    pub(super) found: Vec<Judgement>,
    /// The requirements that were exercised in a way that shows something.
    pub(super) shown: BTreeSet<&'static str>,
}

/// An action with all that was observed of it.
struct Done<'a> {
    index: usize,
    action: Action,
    exchange: &'a Exchange,
    callbacks: Vec<(usize, &'a Callback)>,
    waited: bool,
}

impl Done<'_> {
    fn callback_at(&self, address: &str) -> impl Iterator<Item = &(usize, &Callback)> {
        let at = address.to_owned();
        self.callbacks
            .iter()
            .filter(move |(_, callback)| callback.label == at)
    }
}

/// The actions of a sequence, each with what was observed until the next request.
fn done(seen: &[Observation], sequence: usize) -> Vec<Done<'_>> {
    let mut all: Vec<Done<'_>> = Vec::new();
    let mut within = false;
    for (index, observation) in seen.iter().enumerate() {
        match observation {
            Observation::Exchange(exchange) => {
                let own = read(&exchange.label).filter(|(s, _, _)| *s == sequence);
                within = own.is_some();
                all.extend(own.map(|(_, _, action)| Done {
                    index,
                    action,
                    exchange,
                    callbacks: Vec::new(),
                    waited: false,
                }));
            }
            Observation::Callback(callback) if within => {
                if let Some(last) = all.last_mut() {
                    last.callbacks.push((index, callback));
                }
            }
            Observation::Wait { .. } if within => {
                if let Some(last) = all.last_mut() {
                    last.waited = true;
                }
            }
            _ => {}
        }
    }
    all
}

impl Model {
    /// What the actions of a sequence have led to.
    pub(super) fn of(cx: &Context, cast: &Cast, seen: &[Observation], sequence: usize) -> Self {
        let mut model = Self::default();
        for done in done(seen, sequence) {
            model.actions.push(done.action);
            if !matches!(done.action, Action::Event(_)) {
                model.late(&done, sequence);
            }
            match done.action {
                Action::Subscribe(who) => model.subscribe(&done, &address(sequence, who), who),
                Action::Unsubscribe(who) => model.unsubscribe(&done, who),
                Action::Event(who) => {
                    if let Some((id, _)) = cast.person(cx, sequence, who) {
                        model.event(cx, &done, &address(sequence, who), who, &id);
                    }
                }
                Action::Search => model.search(&done),
                Action::Status(back) => model.status(cx, &done, back),
            }
        }
        model
    }

    pub(super) fn is_live(&self, who: usize) -> bool {
        !self.live[who].is_empty()
    }

    pub(super) fn live(&self, who: usize) -> Vec<String> {
        self.live[who].clone()
    }

    /// The codes to end next: those that are live, or else those that ended last.
    pub(super) fn latest(&self, who: usize) -> Option<Vec<String>> {
        let codes = [&self.live[who], &self.ended[who]];
        codes.into_iter().find(|codes| !codes.is_empty()).cloned()
    }

    /// The search before so many others.
    pub(super) fn searched(&self, back: usize) -> Option<&Searched> {
        self.searches.iter().rev().nth(back)
    }

    fn violate(&mut self, requirement: &str, index: usize, expected: String, actual: String) {
        let judgement = Judgement::violated(requirement, index, None, expected, actual);
        self.found.push(judgement);
    }

    fn subscribe(&mut self, done: &Done<'_>, address: &str, who: usize) {
        let again = !self.ended[who].is_empty() && !self.is_live(who);
        let item = done.callback_at(address).find_map(|(index, callback)| {
            let answer = Subscribed::read(&callback.request.body)?;
            Some((*index, answer.items.first()?.clone()))
        });
        let (index, actual) = match (classify(done.exchange), item) {
            (Answer::Accepted, Some((_, item))) if item.status.as_deref() == Some("succ") => {
                // What exists already may be told again, or made a second time: see dci.subscribe-duplicate.
                let known = self.live[who].clone();
                self.live[who].extend(item.codes.into_iter().filter(|code| !known.contains(code)));
                if again && self.is_live(who) {
                    self.shown.insert(SUBSCRIBE);
                }
                return;
            }
            (Answer::Accepted, Some((index, item))) if item.status.as_deref() == Some("rjct") => (
                index,
                format!("rjct with {}", item.reason.as_deref().unwrap_or("no reason")),
            ),
            (Answer::Refused, _) => (done.index, describe(done.exchange)),
            _ => return,
        };
        // That a first one is not made, or a second one of the same, is the business of other requirements.
        if again {
            let expected = format!(
                "a subscription to the events of {}, whose former one has ended",
                name(who)
            );
            self.violate(SUBSCRIBE, index, expected, actual);
        }
    }

    fn unsubscribe(&mut self, done: &Done<'_>, who: usize) {
        let live = self.is_live(who);
        let answer = done
            .callback_at(&done.exchange.label)
            .find_map(|(index, callback)| Some((*index, Unsubscribed::read(&callback.request.body)?)));
        let (index, actual) = match (classify(done.exchange), answer) {
            (Answer::Accepted, Some((_, answer))) if answer.status.as_deref() == Some("succ") => {
                let codes = std::mem::take(&mut self.live[who]);
                if !codes.is_empty() {
                    self.ended[who] = codes;
                    self.shown.insert(SUBSCRIBE);
                }
                return;
            }
            (Answer::Accepted, Some((index, answer))) if answer.status.as_deref() == Some("rjct") => (
                index,
                format!("rjct with {}", answer.reason.as_deref().unwrap_or("no reason")),
            ),
            (Answer::Refused, _) => (done.index, describe(done.exchange)),
            _ => return,
        };
        if live {
            let expected = format!(
                "the end of the subscription to the events of {}, which is live",
                name(who)
            );
            self.violate(SUBSCRIBE, index, expected, actual);
        }
    }

    /// Notifications that came with the answer to something else.
    fn late(&mut self, done: &Done<'_>, sequence: usize) {
        for (who, owed) in self.owed.iter_mut().enumerate() {
            let address = address(sequence, who);
            let at = done.callback_at(&address);
            let notifications = at.filter(|(_, callback)| notified(&callback.request.body).is_some());
            owed.came(notifications.count(), 0);
        }
    }

    fn event(&mut self, cx: &Context, done: &Done<'_>, address: &str, who: usize, id: &str) {
        if classify(done.exchange) != Answer::Accepted || !done.waited {
            return;
        }
        let about = |callback: &Callback| {
            let events = notified(&callback.request.body).unwrap_or_default();
            let mut records = events.iter().flat_map(|event| &event.records);
            records.any(|record| crate::laws::support::identifier_of(cx, record).as_deref() == Some(id))
        };
        let told = done.callback_at(address).filter(|(_, callback)| about(callback));
        let told: Vec<usize> = told.map(|(index, _)| *index).collect();
        let unowed = self.owed[who].came(told.len(), self.live[who].len());
        if self.is_live(who) {
            if !told.is_empty() {
                self.shown.insert(NOTIFY);
                return;
            }
            let expected = format!(
                "a notification of the event of {}, to whose events a subscription is live",
                name(who)
            );
            let actual = "none came within the deadline".to_owned();
            self.violate(NOTIFY, done.index, expected, actual);
        } else if unowed > 0 {
            let index = told[told.len() - unowed];
            let expected = format!(
                "no notification of the event of {}, to whose events no subscription is live",
                name(who)
            );
            self.violate(NOTIFY, index, expected, "a notification".to_owned());
        }
    }

    fn search(&mut self, done: &Done<'_>) {
        let asked = done.exchange.request.body.json().unwrap_or_default();
        if classify(done.exchange) == Answer::Accepted
            && let Some(transaction) = text(&asked, "/message/transaction_id")
        {
            self.searches.push(Searched {
                transaction: transaction.to_owned(),
                references: reference_ids(&asked),
            });
        }
    }

    fn status(&mut self, cx: &Context, done: &Done<'_>, back: usize) {
        let Some(searched) = self.searched(back).cloned() else {
            return;
        };
        let answered: Option<(usize, Value)> = match classify(done.exchange) {
            Answer::Refused => {
                let expected = format!("what became of the search before {back} others");
                self.violate(STATUS, done.index, expected, describe(done.exchange));
                return;
            }
            Answer::Accepted if answers_later(cx) => done
                .callback_at(&done.exchange.label)
                .find_map(|(index, callback)| Some((*index, callback.request.body.json()?))),
            Answer::Accepted => done
                .exchange
                .response()
                .and_then(|r| Some((done.index, r.body.json()?))),
            _ => None,
        };
        let Some((index, body)) = answered else { return };
        let told = transaction::of_search(STATUS, index, &body, &searched.transaction, &searched.references);
        match told.outcome {
            Outcome::Held if back > 0 => {
                self.shown.insert(STATUS);
            }
            Outcome::Held => {}
            _ => self.found.push(told),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_notification_may_be_late_and_a_third_is_owed_by_nobody() {
        let mut owed = Owed::default();
        assert_eq!(owed.came(1, 2), 0);
        assert_eq!(owed.came(2, 0), 1, "two subscriptions were live to one event");
        assert_eq!(owed.came(1, 0), 1);
        assert_eq!(owed.came(0, 1), 0);
        assert_eq!(owed.came(1, 0), 0, "it comes with the answer to something else");
    }
}
