//! The ids of the defects. Each has a file `defects/<id>.toml` and a place in the code that asks
//! whether it is to be committed; a test keeps this list and the files one to one.

/// Declares [`Defect`] from a list of variants and ids.
macro_rules! defects {
    ($($variant:ident = $id:literal,)*) => {
        /// A named, deliberate violation that the mock can be told to commit.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Defect {
            $(#[doc = concat!("`", $id, "`")] $variant,)*
        }

        impl Defect {
            /// Every defect, sorted by id.
            pub fn all() -> &'static [Self] {
                &[$(Self::$variant,)*]
            }

            /// Its id, as it is named on the command line.
            pub fn id(self) -> &'static str {
                match self {
                    $(Self::$variant => $id,)*
                }
            }
        }
    };
}

defects! {
    AckCorrelationMissing = "ack-correlation-missing",
    AckNack = "ack-nack",
    ActionUnchecked = "action-unchecked",
    AsyncEmpty = "async-empty",
    BatchLastDropped = "batch-last-dropped",
    BearerErrorText = "bearer-error-text",
    BearerNeverExpires = "bearer-never-expires",
    BearerNoChallenge = "bearer-no-challenge",
    BearerNotRequired = "bearer-not-required",
    BearerOpaqueAccepted = "bearer-opaque-accepted",
    BearerSignatureUnchecked = "bearer-signature-unchecked",
    BoundsUnchecked = "bounds-unchecked",
    CallbackActionSearch = "callback-action-search",
    CallbackAfterErr = "callback-after-err",
    CallbackBeforeAck = "callback-before-ack",
    CallbackCorrelationFresh = "callback-correlation-fresh",
    CallbackNever = "callback-never",
    CallbackReferenceFresh = "callback-reference-fresh",
    CallbackStatusMissing = "callback-status-missing",
    CallbackTransactionFresh = "callback-transaction-fresh",
    CallbackTwice = "callback-twice",
    CorrelationConstant = "correlation-constant",
    DiesOfNesting = "dies-of-nesting",
    EnumUnchecked = "enum-unchecked",
    EqFindsNothing = "eq-finds-nothing",
    ExchangeAckTimestampMissing = "exchange-ack-timestamp-missing",
    ExchangeActionUnchecked = "exchange-action-unchecked",
    ExchangeAnyReceiver = "exchange-any-receiver",
    ExchangeAnyRegisteredKey = "exchange-any-registered-key",
    ExchangeAnySender = "exchange-any-sender",
    ExchangeCallbackAfterErr = "exchange-callback-after-err",
    ExchangeCallbackBeforeAck = "exchange-callback-before-ack",
    ExchangeCallbackIdsKept = "exchange-callback-ids-kept",
    ExchangeCallbackMessageObject = "exchange-callback-message-object",
    ExchangeCallbackNever = "exchange-callback-never",
    ExchangeCallbackStaleSignature = "exchange-callback-stale-signature",
    ExchangeCallbackTwice = "exchange-callback-twice",
    ExchangeCodeGeneric = "exchange-code-generic",
    ExchangeCorrelationConstant = "exchange-correlation-constant",
    ExchangeEncryptedFlagRefused = "exchange-encrypted-flag-refused",
    ExchangeErrWithoutError = "exchange-err-without-error",
    ExchangeMessageReserialised = "exchange-message-reserialised",
    ExchangeNotJsonAccepted = "exchange-not-json-accepted",
    ExchangeRefusal500 = "exchange-refusal-500",
    ExchangeRequiredUnchecked = "exchange-required-unchecked",
    ExchangeSanctionRefused = "exchange-sanction-refused",
    ExchangeSignatureUnchecked = "exchange-signature-unchecked",
    ExchangeTimestampUnchecked = "exchange-timestamp-unchecked",
    ExchangeTypeUnchecked = "exchange-type-unchecked",
    ExchangeUnsignedAccepted = "exchange-unsigned-accepted",
    ExchangeUpdateRefused = "exchange-update-refused",
    Expression2Ignored = "expression2-ignored",
    GeAsGt = "ge-as-gt",
    GtAsGe = "gt-as-ge",
    IdentifierFindsNothing = "identifier-finds-nothing",
    IdentifierPrefixMatch = "identifier-prefix-match",
    IdentifierTypeIgnored = "identifier-type-ignored",
    InFirstOnly = "in-first-only",
    LaterItemsIgnored = "later-items-ignored",
    LeAsLt = "le-as-lt",
    LocaleDigitAccepted = "locale-digit-accepted",
    LocaleUnchecked = "locale-unchecked",
    LtAsLe = "lt-as-le",
    MediaTypeIgnored = "media-type-ignored",
    MetaRefused = "meta-refused",
    NoMatchFirstRecord = "no-match-first-record",
    NotJsonAccepted = "not-json-accepted",
    OrAsAnd = "or-as-and",
    PageSizeIgnored = "page-size-ignored",
    PageTwoRepeatsOne = "page-two-repeats-one",
    PagesFromZero = "pages-from-zero",
    PredicateIgnored = "predicate-ignored",
    RecordBirthDateLocal = "record-birth-date-local",
    ReferenceIdFresh = "reference-id-fresh",
    Refusal500 = "refusal-500",
    RefusalHtml = "refusal-html",
    ReplyActionWrong = "reply-action-wrong",
    ReplyMediaTypeText = "reply-media-type-text",
    ReplyMessageMissing = "reply-message-missing",
    ReplyStatusMissing = "reply-status-missing",
    ReplyTimestampZoneless = "reply-timestamp-zoneless",
    RequiredUnchecked = "required-unchecked",
    SecondAnswerShorter = "second-answer-shorter",
    SortAlwaysAscending = "sort-always-ascending",
    SortIgnored = "sort-ignored",
    TimestampUnchecked = "timestamp-unchecked",
    TokenAnyClient = "token-any-client",
    TokenAnyDatabase = "token-any-database",
    TokenAnyGrant = "token-any-grant",
    TokenAnySecret = "token-any-secret",
    TokenErrorNotRfc6749 = "token-error-not-rfc6749",
    TokenFormRefused = "token-form-refused",
    TokenJsonRefused = "token-json-refused",
    TokenTypeMissing = "token-type-missing",
    TotalCountRecords = "total-count-records",
    TotalOfPage = "total-of-page",
    TransactionIdFresh = "transaction-id-fresh",
    TypeUnchecked = "type-unchecked",
}
