//! What is to be done to one exchange.

use super::Effect;
use super::effect::Callback;
use crate::callback::Manner;
use http::StatusCode;
use std::time::Duration;

/// The operations that are answered by a callback which names the correlation_id.
const CORRELATED: [&str; 4] = ["search", "subscribe", "unsubscribe", "txn-status"];
/// Those that are followed by a callback which does not.
const CALLING: [&str; 3] = ["exchange", "enrollment-updates", super::EVENT];

/// The effects of one exchange, none of them twice.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    operation: String,
    /// Whether messages are signed.
    signed: bool,
    /// Asked for by the request itself.
    wished: Vec<Effect>,
    /// Asked for by a rule.
    ruled: Vec<Effect>,
    ignored: Vec<String>,
}

impl Plan {
    pub(super) fn of(operation: &str, signed: bool) -> Self {
        Self {
            operation: operation.to_owned(),
            signed,
            ..Self::default()
        }
    }

    /// Adds what the request itself asks for.
    pub(super) fn add_wish(&mut self, effect: Effect) {
        if self.has(effect) {
            self.ignore(&effect.to_string(), "something else was wished for before it");
        } else if let Some(why) = self.means_nothing(effect) {
            self.ignore(&effect.to_string(), why);
        } else {
            self.wished.push(effect);
        }
    }

    /// Adds what a rule asks for, unless the request asks for something else.
    pub(super) fn add_rule(&mut self, effect: Effect) {
        if !self.has(effect) && self.means_nothing(effect).is_none() {
            self.ruled.push(effect);
        }
    }

    /// Notes a wish that is not granted.
    pub(super) fn ignore(&mut self, word: &str, why: &str) {
        self.ignored.push(format!("{word}: {why}"));
    }

    fn has(&self, effect: Effect) -> bool {
        self.effects().any(|held| held.rivals(effect))
    }

    fn means_nothing(&self, effect: Effect) -> Option<&'static str> {
        let Effect::Callback(callback) = effect else {
            return None;
        };
        let operation = self.operation.as_str();
        if matches!(callback, Callback::Unsigned | Callback::BadlySigned) && !self.signed {
            return Some("messages are not signed here");
        }
        if CORRELATED.contains(&operation) {
            return None;
        }
        if !CALLING.contains(&operation) {
            return Some("nothing is called back here");
        }
        (callback == Callback::Uncorrelated).then_some("the callback names no correlation_id here")
    }

    fn effects(&self) -> impl Iterator<Item = Effect> {
        self.wished.iter().chain(&self.ruled).copied()
    }

    fn find<T>(&self, of: impl Fn(Effect) -> Option<T>) -> Option<T> {
        self.effects().find_map(of)
    }

    /// The status of an answer that is given without looking at the request.
    pub(crate) fn status(&self) -> Option<StatusCode> {
        let wished = self.find(|effect| match effect {
            Effect::Status(status) => Some(status),
            _ => None,
        });
        wished.or(self.retry_after().map(|_| StatusCode::TOO_MANY_REQUESTS))
    }

    pub(crate) fn retry_after(&self) -> Option<u32> {
        self.find(|effect| match effect {
            Effect::RetryAfter(seconds) => Some(seconds),
            _ => None,
        })
    }

    pub(crate) fn delay(&self) -> Option<Duration> {
        self.find(|effect| match effect {
            Effect::Delay(time) => Some(time),
            _ => None,
        })
    }

    pub(crate) fn drip(&self) -> Option<Duration> {
        self.find(|effect| match effect {
            Effect::Drip(time) => Some(time),
            _ => None,
        })
    }

    pub(crate) fn truncates(&self) -> bool {
        self.has(Effect::Truncated)
    }

    pub(crate) fn resets(&self) -> bool {
        self.has(Effect::Reset)
    }

    pub(crate) fn explains(&self) -> bool {
        self.has(Effect::Explain)
    }

    /// How the callback is sent.
    pub(crate) fn manner(&self) -> Manner {
        let callback = self.find(|effect| match effect {
            Effect::Callback(callback) => Some(callback),
            _ => None,
        });
        let mut manner = Manner::default();
        match callback {
            None => {}
            Some(Callback::Twice) => manner.twice = true,
            Some(Callback::Never) => manner.never = true,
            Some(Callback::Early) => manner.before_ack = true,
            Some(Callback::Late(time)) => manner.late = time,
            Some(Callback::Uncorrelated) => manner.uncorrelated = true,
            Some(Callback::OutOfOrder) => manner.out_of_order = true,
            Some(Callback::Unsigned) => manner.unsigned = true,
            Some(Callback::BadlySigned) => manner.badly_signed = true,
        }
        manner
    }

    /// The wishes of the request that are granted, as `Preference-Applied` lists them.
    pub(crate) fn granted(&self) -> Option<String> {
        let words: Vec<String> = self.wished.iter().map(ToString::to_string).collect();
        (!words.is_empty()).then(|| words.join(", "))
    }

    /// Everything that is done, in words.
    pub(crate) fn steered(&self) -> Vec<String> {
        self.effects().map(|effect| effect.to_string()).collect()
    }

    /// What was wished for in vain, and why.
    pub(crate) fn ignored(&self) -> &[String] {
        &self.ignored
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(operation: &str, wish: &str, rule: &str) -> Plan {
        let mut plan = Plan::of(operation, operation == "exchange");
        plan.add_wish(wish.parse().unwrap());
        plan.add_rule(rule.parse().unwrap());
        plan
    }

    #[test]
    fn a_wish_goes_before_a_rule() {
        let plan = plan("search", "dcx-status=503", "dcx-status=500");
        assert_eq!(plan.status(), Some(StatusCode::SERVICE_UNAVAILABLE));
        assert_eq!(plan.steered(), ["dcx-status=503"]);
    }

    #[test]
    fn retry_after_is_429_unless_something_else_is_wished() {
        let alone = plan("token", "dcx-retry-after=5", "dcx-delay=0");
        assert_eq!(alone.status(), Some(StatusCode::TOO_MANY_REQUESTS));
        let other = plan("token", "dcx-retry-after=5", "dcx-status=503");
        assert_eq!(other.status(), Some(StatusCode::SERVICE_UNAVAILABLE));
        assert_eq!(other.granted().as_deref(), Some("dcx-retry-after=5"));
    }

    #[test]
    fn callbacks_can_be_steered_where_there_are_any() {
        assert!(
            plan("search", "dcx-callback=uncorrelated", "dcx-reset")
                .manner()
                .uncorrelated
        );
        assert!(plan("exchange", "dcx-callback=twice", "dcx-reset").manner().twice);
        assert!(
            plan("exchange", "dcx-callback=unsigned", "dcx-reset")
                .manner()
                .unsigned
        );
        for (operation, wish) in [
            ("sync-search", "dcx-callback=twice"),
            ("exchange", "dcx-callback=uncorrelated"),
            ("search", "dcx-callback=unsigned"),
            ("search", "dcx-callback=badly-signed"),
        ] {
            let plan = plan(operation, wish, wish);
            assert_eq!(
                (plan.ignored().len(), plan.steered().len()),
                (1, 0),
                "{operation}"
            );
        }
    }
}
