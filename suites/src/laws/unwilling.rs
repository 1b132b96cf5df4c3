//! A consumer that does not take its callback harms nobody but itself.

use super::Law;
use super::asynchronous::one_search;
use super::robustness::{after, probe, recover, recovery, served_by};
use super::support::{callbacks, exchange};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::oracle::{Answer, classify, describe};
use crate::plan::{Consumer, Send, Step};
use crate::request;
use specs::evidence::{Exchange, Observation};

/// After a callback that fails, an honest request is served as before.
pub(super) struct UnwillingConsumer {
    requirement: &'static str,
    /// What is called back, by its label.
    called_back: fn(&Context, &str) -> Send,
    /// The operation that is to be served afterwards.
    served: &'static str,
}

/// Of a registry.
pub(super) static REGISTRY: UnwillingConsumer = UnwillingConsumer {
    requirement: "dci.search.unwilling-consumer",
    called_back: one_search,
    served: "sync-search",
};

/// Of an exchange.
pub(super) static EXCHANGE: UnwillingConsumer = UnwillingConsumer {
    requirement: "digit.exchange.unwilling-consumer",
    called_back: |cx, label| request::plainest(cx, "exchange", label),
    served: "exchange",
};

const BEFORE: &str = "before";

/// Each kind of consumer, by the label of the search whose callback it gets.
const CONSUMERS: [(&str, Consumer); 3] = [
    ("a consumer that answers 500", Consumer::Failing),
    ("a consumer that answers late", Consumer::Slow),
    ("a consumer that never answers", Consumer::Silent),
];

impl Law for UnwillingConsumer {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        if let Some(step) = recovery(cx, seen) {
            return Some(step);
        }
        let probe = |label: &str| Step::send(probe(cx, self.served, label));
        if exchange(seen, BEFORE).is_none() {
            return Some(probe(BEFORE));
        }
        if let Some(Observation::Exchange(last)) = seen.last()
            && CONSUMERS.iter().any(|(label, _)| *label == last.label)
            && stopped(last)
        {
            return Some(recover(cx, self.served));
        }
        let (label, consumer) = CONSUMERS
            .into_iter()
            .find(|(label, _)| exchange(seen, &after(label)).is_none())?;
        let mut search = (self.called_back)(cx, label);
        search.consumer = consumer;
        let waited = |since: usize| {
            let later = &mut seen.iter().skip(since);
            later.any(|o| matches!(o, Observation::Wait { .. }))
        };
        match exchange(seen, label) {
            None => Some(Step::send(search)),
            Some((index, asked)) if classify(asked) == Answer::Accepted && !waited(index) => {
                Some(Step::answer(label))
            }
            // Twice: the first may be answered while the callback still fails.
            Some(_) if exchange(seen, &again(label)).is_none() => Some(probe(&again(label))),
            Some(_) => Some(probe(&after(label))),
        }
    }

    fn judge(&self, _: &Context, seen: &[Observation]) -> Vec<Judgement> {
        match exchange(seen, BEFORE) {
            Some((_, before)) if served_by(before) => {}
            Some((_, before)) => {
                let reason = format!(
                    "an honest request was not served to begin with: {}",
                    describe(before)
                );
                return vec![Judgement::undecided(self.requirement, reason)];
            }
            None => return vec![Judgement::undecided(self.requirement, "the case was cut short")],
        }
        let judge = |(n, (label, _)): (usize, &(&str, Consumer))| {
            if callbacks(seen, label).is_empty() {
                let reason = format!("{label} was not called back");
                return Judgement::undecided(self.requirement, reason);
            }
            let probes = [again(label), after(label)];
            let probes = probes.iter().filter_map(|probe| exchange(seen, probe));
            // Who dies of a callback may take a moment to do so, and be met by the next search only.
            let next = CONSUMERS.get(n + 1);
            let next = next.and_then(|(next, _)| exchange(seen, next));
            let mut failed = probes
                .filter(|(_, probe)| !served_by(probe))
                .chain(next.filter(|(_, search)| stopped(search)));
            match failed.next() {
                Some((_, probe)) if probe.is_rationed() => {
                    Judgement::undecided(self.requirement, describe(probe))
                }
                Some((index, probe)) => Judgement::violated(
                    self.requirement,
                    index,
                    None,
                    format!("an honest request is served after {label}, as it was before"),
                    format!("the target stopped answering after {label}: {}", describe(probe)),
                ),
                None if exchange(seen, &after(label)).is_none() => {
                    Judgement::undecided(self.requirement, "the case was cut short")
                }
                None => Judgement::held(self.requirement),
            }
        };
        CONSUMERS.iter().enumerate().map(judge).collect()
    }
}

/// Whether a search that the target took before met no service at all.
fn stopped(search: &Exchange) -> bool {
    matches!(classify(search), Answer::ServerError | Answer::NoAnswer)
}

/// Label of the first request after the callback to this consumer.
fn again(label: &str) -> String {
    after(&format!("the callback to {label}"))
}
