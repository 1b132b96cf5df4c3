//! Laws: properties over one or more exchanges that need no fixture. Each learns from the target what it
//! needs to know, in its first step.

mod acknowledgement;
mod agreement;
mod asked_registry;
mod asynchronous;
mod batch;
mod bounds;
mod encryption;
mod enrollment;
mod exchange;
mod identifier;
mod in_flight;
mod key_set;
mod negation;
mod notification;
mod paging;
mod person;
mod predicate;
mod robustness;
mod search;
pub mod sequence;
mod signature;
mod subscription;
pub(crate) mod support;
mod token;
mod transaction;
mod unknown;
mod unwilling;

use crate::context::Context;
use crate::judgement::Judgement;
use crate::plan::Step;
use specs::evidence::Observation;

/// A property that can plan its own experiment and judge it.
pub trait Law: Sync {
    /// What to do next, given what was observed so far; nothing when the experiment is over.
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step>;

    /// What follows from what was observed. Total: any observations, in any number, are judged.
    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement>;

    /// Whether it makes events happen, which takes a trigger at the target.
    fn needs_events(&self) -> bool {
        false
    }

    /// Whether it adds people to the registry, whom other cases are not to meet.
    fn adds_records(&self) -> bool {
        self.needs_events()
    }
}

static LAWS: &[(&str, &dyn Law)] = &[
    ("async-agrees-with-sync", &agreement::AgreesWithSync),
    ("async-callback", &asynchronous::SEARCH),
    ("async-in-flight", &in_flight::InFlight),
    ("async-silent-after-refusal", &asynchronous::SEARCH_SILENCE),
    ("async-unwilling-consumer", &unwilling::REGISTRY),
    ("bad-item", &batch::BadItem),
    ("batch-union", &batch::Union),
    ("check-enrollment", &person::CHECK_ENROLLMENT),
    ("disability-details", &person::DETAILS),
    ("disability-support", &person::SUPPORT),
    ("disabled", &person::DISABLED),
    ("encryption-answer", &encryption::Answered),
    ("encryption-callback", &encryption::CalledBack),
    ("encryption-checked", &encryption::CHECKED),
    ("encryption-error-code", &encryption::CODE),
    ("enrolled", &person::ENROLLED),
    ("enrollment-updates", &enrollment::Reported),
    ("exchange-actions-and-types", &exchange::ActionsAndTypes),
    ("exchange-callback", &exchange::Callback),
    ("exchange-encryption-answer", &encryption::Replied),
    ("exchange-encryption-checked", &encryption::EXCHANGE),
    ("exchange-hostile-bodies", &robustness::EXCHANGE),
    ("exchange-signature-bytes", &exchange::SignatureBytes),
    ("exchange-silent-after-nack", &exchange::SilentAfterNack),
    ("exchange-silent-after-refusal", &exchange::SILENCE),
    ("exchange-unwilling-consumer", &unwilling::EXCHANGE),
    ("hostile-bodies", &robustness::REGISTRY),
    ("identifier", &identifier::Identifier),
    ("notify-delivered", &notification::Delivered),
    ("notify-selective", &notification::Selective),
    ("notify-stops", &notification::Stops),
    ("pages", &paging::Pages),
    ("predicate-bounds", &bounds::Bounds),
    ("predicate-conditions", &predicate::Conditions),
    ("predicate-in", &predicate::In),
    ("predicate-list", &predicate::ListAnd),
    ("predicate-not", &negation::Not),
    ("predicate-seen-value", &predicate::SeenValue),
    ("reg-type", &asked_registry::RegType),
    ("repeatable", &search::Repeatable),
    ("signature-callback", &signature::Callback),
    ("signature-key-set", &key_set::KeySet),
    ("signature-reply", &signature::Reply),
    ("signature-spelling", &signature::Spellings),
    ("sort", &paging::Sort),
    ("subscribe-callback", &asynchronous::SUBSCRIBE),
    ("subscribe-not-made", &subscription::NotMade),
    ("subscribe-silent-after-refusal", &asynchronous::SUBSCRIBE_SILENCE),
    ("sync-reply", &search::SyncReply),
    ("token-expiry", &token::Expiry),
    ("token-reply", &token::ReplyForm),
    ("txn-status-callback", &asynchronous::TXN_STATUS),
    ("txn-status-told", &transaction::Told),
    ("unknown-attribute", &unknown::UnknownAttribute),
    ("unsubscribe-callback", &asynchronous::UNSUBSCRIBE),
    ("unsubscribe-not-ended", &subscription::NotEnded),
];

/// A law by its name.
pub fn law(name: &str) -> Option<&'static dyn Law> {
    LAWS.iter().find(|(n, _)| *n == name).map(|(_, law)| *law)
}

/// The names of all laws.
pub fn names() -> Vec<&'static str> {
    LAWS.iter().map(|(name, _)| *name).collect()
}
