//! What a request can ask for.

/// An operation that a profile may offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Token,
    SyncSearch,
    Search,
    Subscribe,
    Unsubscribe,
    TxnStatus,
    SyncTxnStatus,
    Disabled,
    DisabilitySupport,
    DisabilityDetails,
    Enrolled,
    EnrollmentUpdates,
    CheckEnrollment,
    Exchange,
}

impl Operation {
    const ALL: [Self; 14] = [
        Self::Token,
        Self::SyncSearch,
        Self::Search,
        Self::Subscribe,
        Self::Unsubscribe,
        Self::TxnStatus,
        Self::SyncTxnStatus,
        Self::Disabled,
        Self::DisabilitySupport,
        Self::DisabilityDetails,
        Self::Enrolled,
        Self::EnrollmentUpdates,
        Self::CheckEnrollment,
        Self::Exchange,
    ];

    /// Every one.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter()
    }

    pub(crate) fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|o| o.id() == id)
    }

    /// Its id in profiles and requirements.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::SyncSearch => "sync-search",
            Self::Search => "search",
            Self::Subscribe => "subscribe",
            Self::Unsubscribe => "unsubscribe",
            Self::TxnStatus => "txn-status",
            Self::SyncTxnStatus => "sync-txn-status",
            Self::Disabled => "disabled",
            Self::DisabilitySupport => "get-disability-support",
            Self::DisabilityDetails => "get-disability-details",
            Self::Enrolled => "enrolled",
            Self::EnrollmentUpdates => "enrollment-updates",
            Self::CheckEnrollment => "check-enrollment",
            Self::Exchange => "exchange",
        }
    }

    /// The scope that a token needs for it, where tokens have scopes.
    pub(crate) fn scope(self) -> Option<&'static str> {
        Some(match self {
            Self::SyncSearch | Self::Search => "registry.search",
            Self::Subscribe | Self::Unsubscribe => "registry.subscribe",
            Self::TxnStatus | Self::SyncTxnStatus => "registry.txn-status",
            Self::Disabled | Self::DisabilitySupport | Self::DisabilityDetails => "registry.disability",
            Self::Enrolled | Self::EnrollmentUpdates | Self::CheckEnrollment => "registry.enrollment",
            Self::Token | Self::Exchange => return None,
        })
    }

    /// Every scope, once.
    pub(crate) fn scopes() -> impl Iterator<Item = &'static str> {
        let ones = [
            Self::Search,
            Self::Subscribe,
            Self::TxnStatus,
            Self::Disabled,
            Self::Enrolled,
        ];
        ones.into_iter().filter_map(Self::scope)
    }

    /// Whether it works on the records of a registry.
    pub(crate) fn is_of_registry(self) -> bool {
        !matches!(self, Self::Token | Self::Exchange)
    }
}
