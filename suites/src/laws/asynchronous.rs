//! Operations that are answered later: acknowledgement, then a correlated callback, and silence after a
//! refusal.

use super::Law;
use super::acknowledgement::{
    FAULTY, HONEST, Silence, ack_form, acknowledged, after_ack, arrives, callback_form, plan,
};
use super::search::references;
use super::support::{callbacks, equal, exchange, spoil_action, text, waits};
use super::{subscription, transaction};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Answer, classify, describe};
use crate::plan::{Send, Step};
use crate::request::{self, everybody, page};
use serde_json::{Value, json};
use specs::evidence::{Callback as Received, Exchange, Observation};

/// An operation whose valid request is acknowledged and answered by one correlated callback.
pub(super) struct Asynchronous {
    /// Its id.
    pub(super) operation: &'static str,
    /// The action of its callback.
    pub(super) action: &'static str,
    /// What its callback owes, by the last words of the requirements' ids.
    pub(super) owes: &'static [&'static str],
    /// What prepares its request.
    pub(super) before: fn(&Context) -> Vec<Step>,
    /// Its valid request, by what the preparation taught; none where that is not enough.
    pub(super) honest: fn(&Context, &[Observation], &str) -> Option<Send>,
    /// What else follows from its callback.
    pub(super) further: fn(&Context, &CalledBack<'_>) -> Vec<Judgement>,
    /// What is left to do in the end.
    pub(super) tidy: fn(&Context, &[Observation]) -> Option<Step>,
}

/// The callbacks of an honest request.
pub(super) struct CalledBack<'a> {
    /// The first one, with its index.
    pub(super) index: usize,
    /// Its body.
    pub(super) body: Value,
    /// The request's body.
    pub(super) request: Value,
    /// Everything that was observed.
    pub(super) seen: &'a [Observation],
}

/// What the callback of an asynchronous operation owes.
const CALLBACK: [&str; 7] = [
    "callback-once",
    "callback-form",
    "callback-action",
    "callback-correlation",
    "callback-transaction",
    "callback-reference",
    "callback-after-ack",
];

/// Asynchronous search.
pub(super) static SEARCH: Asynchronous = Asynchronous {
    operation: "search",
    action: "on-search",
    owes: &CALLBACK,
    before: |_| Vec::new(),
    honest: |cx, _, label| {
        let criteria = [everybody(cx, &[page(2, 1)]), everybody(cx, &[page(3, 1)])];
        Some(search(cx, label, &criteria))
    },
    further: |_, _| Vec::new(),
    tidy: |_, _| None,
};

/// Subscriptions.
pub(super) static SUBSCRIBE: Asynchronous = Asynchronous {
    operation: "subscribe",
    action: "on-subscribe",
    owes: &CALLBACK,
    before: |_| Vec::new(),
    honest: |cx, _, label| Some(subscription::two(cx, label)),
    further: |_, called| vec![subscription::codes_unique(called)],
    tidy: |cx, seen| subscription::end(cx, seen, &[HONEST]),
};

/// The end of subscriptions.
pub(super) static UNSUBSCRIBE: Asynchronous = Asynchronous {
    operation: "unsubscribe",
    action: "on-unsubscribe",
    owes: &[
        "callback-form",
        "callback-action",
        "callback-correlation",
        "callback-transaction",
    ],
    before: |cx| {
        let label = request::prepared("unsubscribe");
        vec![Step::send(subscription::two(cx, &label)), Step::answer(&label)]
    },
    honest: subscription::end_of_prepared,
    further: |cx, called| vec![subscription::codes_ended(cx, called)],
    tidy: |_, _| None,
};

/// Questions about transactions.
pub(super) static TXN_STATUS: Asynchronous = Asynchronous {
    operation: "txn-status",
    action: "txn-on-status",
    owes: &[
        "callback-form",
        "callback-action",
        "callback-correlation",
        "callback-transaction",
    ],
    before: |cx| request::preparation(cx, "txn-status"),
    honest: |cx, _, label| Some(request::plainest(cx, "txn-status", label)),
    further: |_, called| transaction::of_prepared_search(called),
    tidy: |_, _| None,
};

impl Asynchronous {
    fn requirement(&self, word: &str) -> String {
        format!("dci.{}.{word}", self.operation)
    }

    fn owed(&self, word: &str) -> Option<String> {
        self.owes.contains(&word).then(|| self.requirement(word))
    }
}

impl Law for Asynchronous {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        let requests = || {
            let honest = (self.honest)(cx, seen, HONEST)?;
            let mut faulty = (self.honest)(cx, seen, FAULTY)?;
            let other = if self.operation == "subscribe" {
                "search"
            } else {
                "subscribe"
            };
            spoil_action(&mut faulty, other);
            Some(vec![honest, faulty])
        };
        let before = (self.before)(cx);
        let waited = before
            .iter()
            .filter(|step| matches!(step, Step::Await { .. }))
            .count();
        if let Some(step) = plan(before, requests, HONEST, seen) {
            return Some(step);
        }
        // Once, after the quiet period.
        let over = waits(seen) == waited + 2 && exchange(seen, subscription::TIDY).is_none();
        over.then(|| (self.tidy)(cx, seen)).flatten()
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let always = ["ack", "ack-form", "callback"].map(|word| self.requirement(word));
        let Some((index, honest)) = exchange(seen, HONEST).filter(|(_, e)| e.operation == self.operation)
        else {
            let reason = unprepared(seen).unwrap_or_else(|| "the case was cut short".to_owned());
            return always
                .iter()
                .map(|requirement| Judgement::undecided(requirement, reason.clone()))
                .collect();
        };
        let [ack, form, arrived] = always;
        let faulty = exchange(seen, FAULTY);
        let mut judgements = vec![acknowledged(&ack, index, honest, faulty)];
        judgements.extend(ack_form(cx, &form, index, honest));
        let refused = faulty.is_some_and(|(_, e)| classify(e) == Answer::Refused);
        judgements.push(arrives(&arrived, index, honest, seen, refused));
        judgements.extend(self.called_back(cx, honest, seen));
        judgements
    }
}

/// Why the honest request could not be made.
fn unprepared(seen: &[Observation]) -> Option<String> {
    let last = seen.iter().rev().find_map(|observation| match observation {
        Observation::Exchange(exchange) => Some(exchange),
        _ => None,
    })?;
    Some(match classify(last) {
        Answer::Accepted => format!("the answer to the step `{}` taught no code", last.label),
        _ => format!("the step `{}` was not accepted: {}", last.label, describe(last)),
    })
}

impl Asynchronous {
    fn called_back(&self, cx: &Context, honest: &Exchange, seen: &[Observation]) -> Vec<Judgement> {
        let received = callbacks(seen, HONEST);
        let Some((index, first)) = received.first() else {
            let owed = self.owes.iter().map(|word| self.requirement(word));
            return owed
                .map(|requirement| Judgement::undecided(&requirement, "no callback came"))
                .collect();
        };
        let index = *index;
        let Some(request) = honest.request.body.json() else {
            return Vec::new();
        };
        let mut judgements = Vec::new();
        judgements.extend(
            self.owed("callback-once")
                .map(|requirement| once(&requirement, &received)),
        );
        let (body, form) = callback_form(
            cx,
            &self.requirement("callback-form"),
            self.operation,
            index,
            first,
        );
        judgements.extend(form);
        let Some(body) = body else { return judgements };
        let mut is = |word: &str, pointer: &str, expected: &str, what: &str| {
            judgements.push(equal(
                &self.requirement(word),
                index,
                &body,
                pointer,
                expected,
                what,
            ));
        };
        is("callback-action", "/header/action", self.action, "the action");
        let asked = text(&request, "/message/transaction_id").unwrap_or("none");
        is(
            "callback-transaction",
            "/message/transaction_id",
            asked,
            "the request's transaction_id",
        );
        let acknowledged = honest.response().and_then(|r| r.body.json()).unwrap_or_default();
        match text(&acknowledged, "/message/correlation_id") {
            Some(id) => is(
                "callback-correlation",
                "/message/correlation_id",
                id,
                "the acknowledged correlation_id",
            ),
            None if self.operation == "unsubscribe"
                && cx
                    .profile
                    .allows("dci.unsubscribe-acknowledgement", "status-only") =>
            {
                judgements.push(Judgement::not_applicable(
                    &self.requirement("callback-correlation"),
                    "by the readings of this profile, the acknowledgement holds no more than its status",
                ));
            }
            None => judgements.push(Judgement::undecided(
                &self.requirement("callback-correlation"),
                "the acknowledgement carries no correlation_id",
            )),
        }
        if let Some(requirement) = self.owed("callback-reference") {
            let (member, answered) = answered(&received);
            judgements.push(references(&requirement, index, &request, member, &answered));
        }
        if let Some(requirement) = self.owed("callback-after-ack") {
            judgements.push(after_ack(&requirement, index, honest, first));
        }
        let called = CalledBack {
            index,
            body,
            request,
            seen,
        };
        judgements.extend((self.further)(cx, &called));
        judgements
    }
}

/// The lists in which a batch is answered.
const ITEMS: [&str; 2] = ["search_response", "subscribe_response"];

/// The items with which a callback answers a batch, and the list that holds them.
fn items(callback: &Received) -> Option<(&'static str, Value)> {
    let body = callback.request.body.json()?;
    let message = body.get("message")?;
    ITEMS
        .iter()
        .find_map(|name| Some((*name, message.get(*name)?.clone())))
}

/// The reference_ids that several callbacks answer. A result may come in parts, so their items are taken
/// together; an answer that is delivered again is no part.
fn answered(received: &[(usize, &Received)]) -> (&'static str, Vec<Option<String>>) {
    let mut member = ITEMS[0];
    let mut answered = Vec::new();
    let mut told: Vec<Value> = Vec::new();
    for (_, callback) in received {
        let Some((name, list)) = items(callback) else {
            continue;
        };
        if told.contains(&list) {
            continue;
        }
        member = name;
        for item in list.as_array().into_iter().flatten() {
            answered.push(text(item, "/reference_id").map(str::to_owned));
        }
        told.push(list);
    }
    (member, answered)
}

fn once(requirement: &str, received: &[(usize, &Received)]) -> Judgement {
    for (n, (index, callback)) in received.iter().enumerate() {
        let body = |c: &Received| c.request.body.json();
        let same = |earlier: &Received| {
            let items = (items(earlier), items(callback));
            (items.0.is_some() && items.0 == items.1) || body(earlier) == body(callback)
        };
        if received[..n].iter().any(|(_, earlier)| same(earlier)) {
            return Judgement::violated(
                requirement,
                *index,
                None,
                "each answer delivered once, since we acknowledged it with HTTP 200",
                format!("the same answer delivered again, as callback number {}", n + 1),
            );
        }
    }
    Judgement::held(requirement)
}

pub(super) fn search(cx: &Context, label: &str, criteria: &[Value]) -> Send {
    let mut body = request::search_envelope(cx, label, criteria);
    body["header"]["sender_uri"] = json!("${callback}");
    request::send(label, "search", body)
}

pub(super) fn one_search(cx: &Context, label: &str) -> Send {
    search(cx, label, &[everybody(cx, &[page(1, 1)])])
}

/// After the refusal of a search no callback comes.
pub(super) static SEARCH_SILENCE: Silence = Silence {
    requirement: "dci.search.no-callback-after-err",
    honest: |cx| one_search(cx, HONEST),
    faulty: |cx| {
        let mut send = one_search(cx, FAULTY);
        spoil_action(&mut send, "subscribe");
        send
    },
};

/// After the refusal of a subscription no callback comes.
pub(super) static SUBSCRIBE_SILENCE: Silence = Silence {
    requirement: "dci.subscribe.no-callback-after-err",
    honest: |cx| request::plainest(cx, "subscribe", HONEST),
    faulty: |cx| {
        let mut send = request::plainest(cx, "subscribe", FAULTY);
        spoil_action(&mut send, "search");
        send
    },
};
