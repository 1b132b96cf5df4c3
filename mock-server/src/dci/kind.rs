//! The messages that a registry sends, apart from acknowledgements, and where a defect spoils one.

use crate::Defect;
use specs::clause::Message;

/// One kind of message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    SyncSearch,
    OnSearch,
    OnSubscribe,
    OnUnsubscribe,
    Notify,
    SyncTxnStatus,
    TxnOnStatus,
    Disabled,
    Support,
    Details,
    Enrolled,
    EnrollmentUpdates,
    CheckEnrollment,
}

impl Kind {
    /// The action of its header.
    pub(super) fn action(self) -> &'static str {
        match self {
            Self::OnSubscribe => "on-subscribe",
            Self::OnUnsubscribe => "on-unsubscribe",
            Self::Notify => "notify",
            Self::SyncTxnStatus | Self::TxnOnStatus | Self::CheckEnrollment => "txn-on-status",
            Self::SyncSearch
            | Self::OnSearch
            | Self::Disabled
            | Self::Support
            | Self::Details
            | Self::Enrolled
            | Self::EnrollmentUpdates => "on-search",
        }
    }

    /// What the documents call it.
    pub(super) fn message(self) -> Message {
        match self {
            Self::SyncSearch | Self::OnSearch => Message::SearchReply,
            Self::OnSubscribe => Message::SubscribeReply,
            Self::OnUnsubscribe => Message::UnsubscribeReply,
            Self::Notify => Message::Notification,
            Self::SyncTxnStatus | Self::TxnOnStatus => Message::TxnStatusReply,
            Self::Disabled => Message::DisabledReply,
            Self::Support => Message::DisabilitySupportReply,
            Self::Details => Message::DisabilityDetailsReply,
            Self::Enrolled => Message::EnrolledReply,
            Self::EnrollmentUpdates => Message::EnrollmentUpdatesReply,
            Self::CheckEnrollment => Message::CheckEnrollmentReply,
        }
    }

    /// Whether it is posted to the partner, rather than answered at once.
    pub(super) fn is_callback(self) -> bool {
        matches!(
            self,
            Self::OnSearch | Self::OnSubscribe | Self::OnUnsubscribe | Self::Notify | Self::TxnOnStatus
        )
    }

    /// The mistakes that every kind of message admits.
    pub(super) fn slips(self) -> Slips {
        match self {
            Self::SyncSearch => Slips {
                in_list: Some(Defect::ReplyInList),
                transaction_fresh: Some(Defect::TransactionIdFresh),
                action: Some((Defect::ReplyActionWrong, "on-subscribe")),
                ..Slips::default()
            },
            Self::OnSearch => Slips {
                in_list: Some(Defect::CallbackInList),
                transaction_fresh: Some(Defect::CallbackTransactionFresh),
                action: Some((Defect::CallbackActionSearch, "search")),
                ack_nack: Some(Defect::AckNack),
                ack_in_list: Some(Defect::AckInList),
                never: Some(Defect::CallbackNever),
                late: Some(Defect::CallbackLate),
                twice: Some(Defect::CallbackTwice),
                before_ack: Some(Defect::CallbackBeforeAck),
                after_err: Some(Defect::CallbackAfterErr),
                correlation_fresh: Some(Defect::CallbackCorrelationFresh),
            },
            Self::OnSubscribe => Slips {
                in_list: Some(Defect::SubscribeCallbackInList),
                transaction_fresh: Some(Defect::SubscribeCallbackTransactionFresh),
                action: Some((Defect::SubscribeCallbackActionSubscribe, "subscribe")),
                ack_nack: Some(Defect::SubscribeAckNack),
                ack_in_list: Some(Defect::SubscribeAckInList),
                never: Some(Defect::SubscribeCallbackNever),
                late: None,
                twice: Some(Defect::SubscribeCallbackTwice),
                before_ack: Some(Defect::SubscribeCallbackBeforeAck),
                after_err: Some(Defect::SubscribeCallbackAfterErr),
                correlation_fresh: Some(Defect::SubscribeCallbackCorrelationFresh),
            },
            Self::OnUnsubscribe => Slips {
                in_list: Some(Defect::UnsubscribeCallbackInList),
                transaction_fresh: Some(Defect::UnsubscribeCallbackTransactionFresh),
                action: Some((Defect::UnsubscribeCallbackActionUnsubscribe, "unsubscribe")),
                ack_nack: Some(Defect::UnsubscribeAckNack),
                ack_in_list: Some(Defect::UnsubscribeAckInList),
                never: Some(Defect::UnsubscribeCallbackNever),
                correlation_fresh: Some(Defect::UnsubscribeCallbackCorrelationFresh),
                ..Slips::default()
            },
            Self::Notify => Slips {
                transaction_fresh: Some(Defect::NotifyTransactionFresh),
                action: Some((Defect::NotifyActionEvent, "event")),
                never: Some(Defect::NotifyNever),
                twice: Some(Defect::NotifyTwice),
                ..Slips::default()
            },
            Self::SyncTxnStatus => Slips {
                in_list: Some(Defect::StatusReplyInList),
                action: Some((Defect::StatusReplyActionWrong, "on-search")),
                ..Slips::default()
            },
            Self::TxnOnStatus => Slips {
                in_list: Some(Defect::StatusCallbackInList),
                transaction_fresh: Some(Defect::StatusCallbackTransactionFresh),
                action: Some((Defect::StatusCallbackActionStatus, "txn-status")),
                ack_nack: Some(Defect::StatusAckNack),
                ack_in_list: Some(Defect::StatusAckInList),
                never: Some(Defect::StatusCallbackNever),
                correlation_fresh: Some(Defect::StatusCallbackCorrelationFresh),
                ..Slips::default()
            },
            Self::Disabled => Slips {
                in_list: Some(Defect::DisabledInList),
                transaction_fresh: Some(Defect::DisabledTransactionFresh),
                action: Some((Defect::DisabledActionWrong, "disabled")),
                ..Slips::default()
            },
            Self::Support => Slips {
                in_list: Some(Defect::SupportInList),
                transaction_fresh: Some(Defect::SupportTransactionFresh),
                ..Slips::default()
            },
            Self::Details => Slips {
                in_list: Some(Defect::DetailsInList),
                transaction_fresh: Some(Defect::DetailsTransactionFresh),
                ..Slips::default()
            },
            Self::Enrolled => Slips {
                in_list: Some(Defect::EnrolledInList),
                transaction_fresh: Some(Defect::EnrolledTransactionFresh),
                action: Some((Defect::EnrolledActionWrong, "enrolled")),
                ..Slips::default()
            },
            Self::EnrollmentUpdates => Slips {
                in_list: Some(Defect::UpdatesInList),
                transaction_fresh: Some(Defect::UpdatesTransactionFresh),
                ..Slips::default()
            },
            Self::CheckEnrollment => Slips {
                in_list: Some(Defect::CheckInList),
                transaction_fresh: Some(Defect::CheckTransactionFresh),
                ..Slips::default()
            },
        }
    }
}

/// The defects that spoil one kind of message; `None` where nobody makes that mistake.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Slips {
    /// It is the only item of a list.
    pub(super) in_list: Option<Defect>,
    /// The message has a transaction_id of its own.
    pub(super) transaction_fresh: Option<Defect>,
    /// The header has this action instead of its own.
    pub(super) action: Option<(Defect, &'static str)>,
    /// The acknowledgement before it says NACK.
    pub(super) ack_nack: Option<Defect>,
    /// The acknowledgement before it is the only item of a list.
    pub(super) ack_in_list: Option<Defect>,
    /// It is not sent.
    pub(super) never: Option<Defect>,
    /// It is sent late.
    pub(super) late: Option<Defect>,
    /// It is sent again.
    pub(super) twice: Option<Defect>,
    /// It is sent before the acknowledgement.
    pub(super) before_ack: Option<Defect>,
    /// It is sent although the request was refused.
    pub(super) after_err: Option<Defect>,
    /// It has another correlation_id than the acknowledgement.
    pub(super) correlation_fresh: Option<Defect>,
}
