//! The ids of the ways, each a reading and one of its alternatives, and the operations that show it.

use crate::named::named;
use crate::operation::Operation;

const SYNC_SEARCH: &[Operation] = &[Operation::SyncSearch];
const SEARCH: &[Operation] = &[Operation::SyncSearch, Operation::Search];
const SUBSCRIBE: &[Operation] = &[Operation::Subscribe];
const UNSUBSCRIBE: &[Operation] = &[Operation::Unsubscribe];
const TXN: &[Operation] = &[Operation::TxnStatus, Operation::SyncTxnStatus];
const TOKEN: &[Operation] = &[Operation::Token];
const SUPPORT: &[Operation] = &[Operation::DisabilitySupport];
const ENROLLED: &[Operation] = &[Operation::Enrolled];
const CHECK: &[Operation] = &[Operation::CheckEnrollment];
const EXCHANGE: &[Operation] = &[Operation::Exchange];
/// What concerns enrolments.
const ENROLMENT: &[Operation] = &[
    Operation::Enrolled,
    Operation::EnrollmentUpdates,
    Operation::CheckEnrollment,
];
/// Questions about one person.
const PERSON: &[Operation] = &[
    Operation::Disabled,
    Operation::DisabilitySupport,
    Operation::DisabilityDetails,
    Operation::Enrolled,
    Operation::CheckEnrollment,
];
/// What is answered by a callback.
const ASYNC: &[Operation] = &[
    Operation::Search,
    Operation::Subscribe,
    Operation::Unsubscribe,
    Operation::TxnStatus,
];
/// Every registry searches.
const REGISTRY: &[Operation] = &[Operation::SyncSearch];

/// Declares [`Way`] from a list of variants, ids and the operations that show them.
macro_rules! ways {
    ($($variant:ident = $id:literal in $operations:ident,)*) => {
        named! {
            /// Another legal way to read an open clause than the mock's own. Its id is a reading, `=`, and one of
            /// its alternatives.
            Way { $($variant = $id,)* }
        }

        impl Way {
            /// The operations that show it.
            pub(super) fn shown_by(self) -> &'static [Operation] {
                match self {
                    $(Self::$variant => $operations,)*
                }
            }
        }
    };
}

ways! {
    AbsentEmptyText = "dci.absent-values=empty-text" in SEARCH,
    AbsentNull = "dci.absent-values=null" in SEARCH,
    AckStatusAccepted = "dci.ack-status=accepted" in ASYNC,
    AdditionalMembersRefused = "dci.additional-members=refused" in REGISTRY,
    AllBadHeader = "dci.all-items-bad=header" in SEARCH,
    AllBadItems = "dci.all-items-bad=items" in SEARCH,
    BatchWholeRefused = "dci.batch-fault=whole-refused" in SEARCH,
    CallbackWithOperation = "dci.callback-address=with-operation" in ASYNC,
    CallbackOnce = "dci.callback-retries=once" in ASYNC,
    CallbackBearer = "dci.callback-token=bearer" in ASYNC,
    CheckReplyOnSearch = "dci.check-enrollment-reply-action=on-search" in CHECK,
    CompletedAbsent = "dci.completed-count=absent" in ASYNC,
    CompletedRecords = "dci.completed-count=records" in ASYNC,
    CorrelationTransaction = "dci.correlation=transaction-id" in REGISTRY,
    DateComparisonDate = "dci.date-comparison=date" in SEARCH,
    EmptyBatchAccepted = "dci.empty-batch=accepted" in SEARCH,
    EmptyPredicateEverything = "dci.empty-predicate=everything" in SEARCH,
    EmptyQueryAccepted = "dci.empty-query=accepted" in SEARCH,
    EncryptionIgnored = "dci.encryption=ignored" in SEARCH,
    EncryptionNone = "dci.encryption=none" in SEARCH,
    EnrolledCode = "dci.enrolled-status=code" in ENROLLED,
    EnrolledWord = "dci.enrolled-status=word" in ENROLLED,
    EnrollmentReplyBare = "dci.enrollment-updates-reply=bare" in ENROLMENT,
    ErrDetailOptional = "dci.err-detail=optional" in ASYNC,
    ErrorStatusAlwaysOk = "dci.error-status=always-ok" in REGISTRY,
    ErrorStatusUnmapped = "dci.error-status=unmapped" in REGISTRY,
    ExpiresAbsent = "dci.expires-in=absent" in TOKEN,
    ExpiresNumber = "dci.expires-in=number" in TOKEN,
    ExpressionNever = "dci.expression-overlap=never" in SEARCH,
    FilterTypeRefused = "dci.filter-type-missing=refused" in SUBSCRIBE,
    GraphqlNo = "dci.graphql-type=no" in SEARCH,
    IdentifierTypesListed = "dci.identifier-types=listed" in SEARCH,
    IntegersRefused = "dci.integer-values=refused" in SEARCH,
    KeyIdOwn = "dci.key-id=own" in SEARCH,
    LinkedDataRequired = "dci.linked-data-members=required" in SEARCH,
    ListJoinOr = "dci.list-join=or" in SEARCH,
    LocaleTwoLetters = "dci.locale-code=iso-639-1" in SEARCH,
    LoneConditionNextItem = "dci.lone-condition=next-item" in SEARCH,
    LoneConditionRefused = "dci.lone-condition=refused" in SEARCH,
    LoneSecondIgnored = "dci.lone-second=ignored" in SEARCH,
    LoneSecondRefused = "dci.lone-second=refused" in SEARCH,
    MachinerySource = "dci.machinery-type=source" in SEARCH,
    CharsetExact = "dci.media-type-charset=exact" in REGISTRY,
    MessageIdEver = "dci.message-id-duplicate=ever" in REGISTRY,
    MessageIdSameContent = "dci.message-id-duplicate=same-content" in REGISTRY,
    NoMatchItemOmitted = "dci.no-match=item-omitted" in SEARCH,
    NoMatchNoData = "dci.no-match=no-data" in SEARCH,
    NoPaginationEverything = "dci.no-pagination=everything" in SEARCH,
    NotScopeBoth = "dci.not-scope=both" in SEARCH,
    NotScopeFirst = "dci.not-scope=first" in SEARCH,
    NotifyRecordTypeOptional = "dci.notify-record-type=optional" in SUBSCRIBE,
    NotifyRecordsObject = "dci.notify-records=object" in SUBSCRIBE,
    NotifyTypeResponseEntity = "dci.notify-type=response-entity" in SUBSCRIBE,
    OnSubscribeRequestHeader = "dci.on-subscribe-header=request" in SUBSCRIBE,
    OnUnsubscribeLiteral = "dci.on-unsubscribe-timestamp=literal" in UNSUBSCRIBE,
    PageBeyondRejected = "dci.page-beyond=rejected" in SEARCH,
    PageBoundsAccepted = "dci.page-bounds=accepted" in SEARCH,
    ProgrammeEnrolmentYes = "dci.programme-enrolment=yes" in SEARCH,
    QueryMismatchByForm = "dci.query-mismatch=by-form" in SEARCH,
    ReasonIgnored = "dci.reason-without-rejection=ignored" in SEARCH,
    RecordCodesLabel = "dci.record-codes=label" in SEARCH,
    RecordCodesQualified = "dci.record-codes=qualified" in SEARCH,
    RecordDatesDateTime = "dci.record-dates=date-time" in SEARCH,
    RecordTypeUnnamed = "dci.record-type-named=optional" in SEARCH,
    RecordTypeBare = "dci.record-type-vocabulary=bare" in SEARCH,
    ReferenceUnchecked = "dci.reference-id-duplicate=unchecked" in SEARCH,
    ReferenceWithinTransaction = "dci.reference-id-duplicate=within-transaction" in SEARCH,
    RefusalOk = "dci.refusal=ok-with-rejection" in REGISTRY,
    RegRecordsObject = "dci.reg-records=object" in SEARCH,
    RegTypeBare = "dci.reg-type-vocabulary=bare" in SEARCH,
    RejectionWithoutReason = "dci.rejection-reason=optional" in REGISTRY,
    ReplyActionSearch = "dci.reply-action=search" in SYNC_SEARCH,
    ReplyAlwaysMessage = "dci.reply-without-message=never" in SYNC_SEARCH,
    SenderUriNotAcknowledged = "dci.sender-uri-missing=not-acknowledged" in ASYNC,
    SenderUriRefused = "dci.sender-uri-missing=refused" in ASYNC,
    SignaturePresenceOptional = "dci.signature-presence=optional" in SEARCH,
    SkewFiveMinutes = "dci.signature-skew=five-minutes" in SEARCH,
    SkewUnchecked = "dci.signature-skew=unchecked" in SEARCH,
    RejectedStatusYes = "dci.status-of-rejected=yes" in PERSON,
    StatusActionOwn = "dci.status-query-action=own" in PERSON,
    StatusFormAttributes = "dci.status-query-form=attributes" in PERSON,
    StatusFormIdentifier = "dci.status-query-form=identifier" in PERSON,
    StatusQueryOptional = "dci.status-query-required=optional" in PERSON,
    StatusReferenceIdentifier = "dci.status-reference=identifier" in PERSON,
    SubscribeSameCode = "dci.subscribe-duplicate=same-code" in SUBSCRIBE,
    SubscribeSecond = "dci.subscribe-duplicate=second" in SUBSCRIBE,
    SubscriptionLiteral = "dci.subscription-info=literal" in SUBSCRIBE,
    SubscriptionStates = "dci.subscription-status=states" in SUBSCRIBE,
    SupportList = "dci.support-records=list" in SUPPORT,
    ZoneOptional = "dci.timestamp-zone=optional" in REGISTRY,
    TokenErrorHttpErrors = "dci.token-error=http-errors" in TOKEN,
    TokenErrorOwn = "dci.token-error=own" in TOKEN,
    TooManyRecords = "dci.too-many-records=allowed" in SEARCH,
    TransactionReuseRefused = "dci.transaction-id-reuse=refused" in REGISTRY,
    TxnSubscriptionsCoreOnly = "dci.txn-attribute-types=core-only" in TXN,
    TxnReplyCallbackType = "dci.txn-reply-type=callback" in TXN,
    TxnStatusWord = "dci.txn-status-form=word" in TXN,
    TxnUnknownEmpty = "dci.txn-unknown=empty" in TXN,
    TxnUnknownRefused = "dci.txn-unknown=refused" in TXN,
    TxnUnsubscribeNo = "dci.txn-unsubscribe=no" in TXN,
    UndeclaredHttpErrors = "dci.undeclared-status=http-errors" in REGISTRY,
    UndeclaredOwn = "dci.undeclared-status=own" in REGISTRY,
    UnknownAttributeIgnored = "dci.unknown-attribute=ignored" in SEARCH,
    UnknownAttributeNoMatch = "dci.unknown-attribute=no-match" in SEARCH,
    UnsecuredOpen = "dci.unsecured-operations=open" in PERSON,
    UnsubscribeAckStatusOnly = "dci.unsubscribe-acknowledgement=status-only" in UNSUBSCRIBE,
    ValuesScalars = "dci.value-types=scalars" in SEARCH,
    ValuesScalarsAndObjects = "dci.value-types=scalars-and-objects" in SEARCH,
    VersionFirst = "dci.version-member=first" in REGISTRY,
    ExchangeBusinessFailure = "digit.business-failure=answer" in EXCHANGE,
    ExchangeEmptyTextAccepted = "digit.empty-text=accepted" in EXCHANGE,
    ExchangeEncryptionNone = "digit.encryption=none" in EXCHANGE,
    ExchangeErrDetailFree = "digit.err-detail=free" in EXCHANGE,
    ExchangeErrorStatusFixed = "digit.error-status=fixed" in EXCHANGE,
    ExchangeFreshnessWindow = "digit.freshness=window" in EXCHANGE,
    ExchangeLengthsBounded = "digit.lengths=bounded" in EXCHANGE,
    ExchangeMessageIdEver = "digit.message-id-duplicate=ever" in EXCHANGE,
    ExchangeMessageIdSameDirection = "digit.message-id-duplicate=same-direction" in EXCHANGE,
    ExchangeTypeAbsent = "digit.message-type=absent" in EXCHANGE,
    ExchangeTypeRequired = "digit.message-type=required" in EXCHANGE,
    ExchangeNackUnused = "digit.nack=unused" in EXCHANGE,
    ExchangeReceiverCorrect = "digit.receiver-spelling=correct" in EXCHANGE,
    ExchangeReceiverSilent = "digit.receiver-unknown=silent" in EXCHANGE,
    ExchangeRefusalOk = "digit.refusal=ok-with-rejection" in EXCHANGE,
    ExchangeActionUpdate = "digit.reply-action=update" in EXCHANGE,
    ExchangeSearchAction = "digit.search-action=yes" in EXCHANGE,
    ExchangeSignatureServerError = "digit.signature-refusal=server-error" in EXCHANGE,
    ExchangeSuccess = "digit.status-code-success=success" in EXCHANGE,
    ExchangeStatusReason = "digit.status-reason=answer" in EXCHANGE,
    ExchangeStatusAccepted = "digit.success-status=accepted" in EXCHANGE,
    ExchangeMilliseconds = "digit.timestamp-unit=milliseconds" in EXCHANGE,
    ExchangeTimestampNumber = "digit.timestamp=number" in EXCHANGE,
    ExchangeCaseLower = "digit.type-case=lower" in EXCHANGE,
    ExchangeMismatchHeader = "digit.type-mismatch=header" in EXCHANGE,
    ExchangeMismatchRefused = "digit.type-mismatch=refused" in EXCHANGE,
    ExchangeTypesAll = "digit.types=all" in EXCHANGE,
    ExchangeUnknownSilent = "digit.unknown-type=silent" in EXCHANGE,
}
