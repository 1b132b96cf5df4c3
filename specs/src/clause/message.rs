//! The messages of the specifications, and which part of which operation each is.

use serde::{Deserialize, Serialize};

/// A message of a certain form. Operations whose messages have the same form share it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Message {
    /// The token.
    TokenReply,
    /// A search, synchronous or not.
    Search,
    /// What a search found.
    SearchReply,
    /// A subscription.
    Subscribe,
    /// What became of a subscription.
    SubscribeReply,
    /// The end of a subscription.
    Unsubscribe,
    /// What became of it.
    UnsubscribeReply,
    /// Word of an event.
    Notification,
    /// A question for the status of a transaction.
    TxnStatus,
    /// The status of a transaction.
    TxnStatusReply,
    /// A question about somebody's disability.
    Disabled,
    /// Whether somebody is registered as disabled.
    DisabledReply,
    /// The support of somebody.
    DisabilitySupportReply,
    /// The impairments of somebody.
    DisabilityDetailsReply,
    /// A question whether somebody is enrolled.
    Enrolled,
    /// Whether somebody is enrolled.
    EnrolledReply,
    /// A report of enrolments.
    EnrollmentUpdates,
    /// What became of the report.
    EnrollmentUpdatesReply,
    /// A question for an enrolment, as the economic support service has it.
    CheckEnrollment,
    /// The enrolment.
    CheckEnrollmentReply,
    /// The acknowledgement of an asynchronous request.
    Acknowledgement,
    /// A message of an exchange.
    Exchange,
    /// The message that answers it.
    ExchangeReply,
    /// The acknowledgement of an exchange.
    ExchangeAcknowledgement,
}

/// A part of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// What we send.
    Request,
    /// What comes back at once.
    Reply,
    /// What comes later, at our callback address.
    Callback,
}

use Message as M;
use Part::{Callback, Reply, Request};

/// Operation, part, message.
const PARTS: &[(&str, Part, M)] = &[
    ("token", Reply, M::TokenReply),
    ("sync-search", Request, M::Search),
    ("sync-search", Reply, M::SearchReply),
    ("search", Request, M::Search),
    ("search", Reply, M::Acknowledgement),
    ("search", Callback, M::SearchReply),
    ("subscribe", Request, M::Subscribe),
    ("subscribe", Reply, M::Acknowledgement),
    ("subscribe", Callback, M::SubscribeReply),
    ("unsubscribe", Request, M::Unsubscribe),
    ("unsubscribe", Reply, M::Acknowledgement),
    ("unsubscribe", Callback, M::UnsubscribeReply),
    ("txn-status", Request, M::TxnStatus),
    ("txn-status", Reply, M::Acknowledgement),
    ("txn-status", Callback, M::TxnStatusReply),
    ("sync-txn-status", Request, M::TxnStatus),
    ("sync-txn-status", Reply, M::TxnStatusReply),
    ("disabled", Request, M::Disabled),
    ("disabled", Reply, M::DisabledReply),
    ("get-disability-support", Request, M::Disabled),
    ("get-disability-support", Reply, M::DisabilitySupportReply),
    ("get-disability-details", Request, M::Disabled),
    ("get-disability-details", Reply, M::DisabilityDetailsReply),
    ("enrolled", Request, M::Enrolled),
    ("enrolled", Reply, M::EnrolledReply),
    ("enrollment-updates", Request, M::EnrollmentUpdates),
    ("enrollment-updates", Reply, M::EnrollmentUpdatesReply),
    ("check-enrollment", Request, M::CheckEnrollment),
    ("check-enrollment", Reply, M::CheckEnrollmentReply),
    ("exchange", Request, M::Exchange),
    ("exchange", Reply, M::ExchangeAcknowledgement),
    ("exchange", Callback, M::ExchangeReply),
];

impl Message {
    /// The message that a part of an operation is.
    pub fn of(operation: &str, part: Part) -> Option<Self> {
        PARTS
            .iter()
            .find(|(o, p, _)| *o == operation && *p == part)
            .map(|(_, _, message)| *message)
    }

    /// The operations of which it is a part, with the part.
    pub fn parts(self) -> impl Iterator<Item = (&'static str, Part)> {
        let mut parts: Vec<_> = PARTS
            .iter()
            .filter(|(_, _, message)| *message == self)
            .map(|(operation, part, _)| (*operation, *part))
            .collect();
        // Word of an event comes to whoever subscribed; it is the part of no request alone.
        if self == M::Notification {
            parts.push(("subscribe", Callback));
        }
        parts.into_iter()
    }

    /// Whether we send it, rather than the target.
    pub fn is_request(self) -> bool {
        self.parts().any(|(_, part)| part == Request)
    }

    /// Its name within the ids of clauses.
    pub fn word(self) -> String {
        match self {
            // The family tells it from the registry's.
            M::ExchangeAcknowledgement => "acknowledgement".to_owned(),
            other => serde_json::to_value(other)
                .ok()
                .and_then(|v| v.as_str().map(str::to_owned))
                .unwrap_or_default(),
        }
    }

    /// The specification it belongs to: the first part of the ids of its clauses.
    pub fn family(self) -> &'static str {
        match self {
            M::Exchange | M::ExchangeReply | M::ExchangeAcknowledgement => "digit",
            _ => "dci",
        }
    }

    /// What it is, for sentences.
    pub fn title(self) -> &'static str {
        match self {
            M::TokenReply => "the reply to a request for a token",
            M::Search => "a search",
            M::SearchReply => "the answer to a search",
            M::Subscribe => "a request to subscribe",
            M::SubscribeReply => "the answer to a request to subscribe",
            M::Unsubscribe => "a request to unsubscribe",
            M::UnsubscribeReply => "the answer to a request to unsubscribe",
            M::Notification => "a notification",
            M::TxnStatus => "a request for the status of a transaction",
            M::TxnStatusReply => "the answer to a request for the status of a transaction",
            M::Disabled => "a question about somebody's disability",
            M::DisabledReply => "the answer to the question whether somebody is registered as disabled",
            M::DisabilitySupportReply => "the answer to a question for somebody's support",
            M::DisabilityDetailsReply => "the answer to a question for somebody's impairments",
            M::Enrolled => "the question whether somebody is enrolled",
            M::EnrolledReply => "the answer to the question whether somebody is enrolled",
            M::EnrollmentUpdates => "a report of enrolments",
            M::EnrollmentUpdatesReply => "the answer to a report of enrolments",
            M::CheckEnrollment => "the question for an enrolment",
            M::CheckEnrollmentReply => "the answer to the question for an enrolment",
            M::Acknowledgement | M::ExchangeAcknowledgement => "an acknowledgement",
            M::Exchange => "a message of an exchange",
            M::ExchangeReply => "the message that answers an exchange",
        }
    }
}
