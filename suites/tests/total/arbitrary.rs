//! Values that a target could send: honest ones with something wrong, and garbage.

use proptest::prelude::*;
use serde_json::{Value, json};
use specs::evidence::{
    Body, Callback, Exchange, FailureKind, Intent, Observation, Outcome, Request, Response,
};

/// What a target does with one step.
#[derive(Debug, Clone)]
pub(crate) struct Behaviour {
    /// The values of the date attribute of the records that it returns.
    pub(crate) dates: Vec<Value>,
    /// How many of these records a page holds at most.
    pub(crate) page: usize,
    /// What it says the result holds in all.
    pub(crate) total: Option<Value>,
    /// What it changes in its honest answer: which member, and what it becomes; removed when absent.
    pub(crate) spoilt: Vec<(prop::sample::Index, Option<Value>)>,
    /// What it sends instead of its honest answer.
    pub(crate) instead: Option<Outcome>,
    /// The status of its honest answer.
    pub(crate) status: u16,
    /// The media type of its honest answer.
    pub(crate) media_type: Option<String>,
    /// How often it calls back, and what it sends instead of an honest callback.
    pub(crate) callbacks: (usize, Option<Body>),
    /// Whether a wait ended as wished.
    pub(crate) satisfied: bool,
    /// When things happened, in microseconds.
    pub(crate) at_us: (u64, u64),
}

pub(crate) fn behaviour() -> impl Strategy<Value = Behaviour> {
    let answer = (
        proptest::collection::vec(date(), 0..60),
        prop_oneof![4 => Just(1000), 1 => 0..5usize],
        proptest::option::weighted(
            0.8,
            prop_oneof![6 => (0..70u64).prop_map(|n| json!(n)), 1 => json()],
        ),
        proptest::collection::vec((any::<prop::sample::Index>(), proptest::option::of(json())), 0..3),
        proptest::option::weighted(0.1, outcome()),
        prop_oneof![12 => Just(200), 1 => Just(202), 2 => status()],
        prop_oneof![6 => Just(Some("application/json".to_owned())), 1 => proptest::option::of(any::<String>())],
    );
    let afterwards = (
        (
            prop_oneof![3 => Just(1), 1 => 0..4usize],
            proptest::option::weighted(0.2, body()),
        ),
        any::<bool>(),
        (time(), time()),
    );
    (answer, afterwards).prop_map(
        |((dates, page, total, spoilt, instead, status, media_type), (callbacks, satisfied, at_us))| {
            Behaviour {
                dates,
                page,
                total,
                spoilt,
                instead,
                status,
                media_type,
                callbacks,
                satisfied,
                at_us,
            }
        },
    )
}

/// Dates as registries hold them, with and without a time, and things that are none.
fn date() -> impl Strategy<Value = Value> {
    let day = (0..3u8).prop_map(|d| format!("2020-11-0{d}"));
    let time = prop_oneof![
        Just(String::new()),
        (0..9u8).prop_map(|h| format!("T0{h}:00:00Z")),
        Just("é".to_owned()),
        "[a-z]{0,2}"
    ];
    prop_oneof![
        20 => (day, time).prop_map(|(day, time)| Value::String(day + &time)),
        1 => any::<String>().prop_map(Value::String),
        1 => json(),
    ]
}

/// Statuses, most of them of the kind that servers send.
fn status() -> impl Strategy<Value = u16> {
    prop_oneof![
        prop::sample::select(vec![
            200, 201, 202, 204, 301, 400, 401, 403, 404, 422, 429, 500, 503
        ]),
        any::<u16>()
    ]
}

fn time() -> impl Strategy<Value = u64> {
    prop_oneof![6 => 0..10_000_000u64, 1 => any::<u64>(), 1 => Just(u64::MAX)]
}

/// Any JSON, with the words that oracles look for among its texts and names.
pub(crate) fn json() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "header",
        "message",
        "status",
        "succ",
        "rjct",
        "ACK",
        "NACK",
        "ERR",
        "ack_status",
        "error",
        "errors",
        "code",
        "search_response",
        "search_request",
        "reference_id",
        "data",
        "reg_records",
        "pagination",
        "total_count",
        "access_token",
        "correlation_id",
        "transaction_id",
        "signature",
        "action",
        "on-search",
        "subscribe_response",
        "subscriptions",
        "subscription_status",
        "txnstatus_response",
        "txn_status",
        "notify",
        "notify_event",
        "disabled_response",
        "enrolled_response",
        "enrolled_status",
        "yes",
    ]);
    let word = word.prop_map(str::to_owned);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, move |inner| {
        let members = proptest::collection::hash_map(word.clone(), inner.clone(), 0..5);
        prop_oneof![
            proptest::collection::vec(inner, 0..5).prop_map(Value::Array),
            members.prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn body() -> impl Strategy<Value = Body> {
    prop_oneof![
        3 => json().prop_map(|value| Body::text(value.to_string())),
        1 => any::<String>().prop_map(Body::text),
        1 => Just(Body::default()),
        1 => Just(Body { base64: Some("//79".to_owned()), ..Body::default() }),
        1 => json().prop_map(|value| Body { cut_from_bytes: Some(u64::MAX), ..Body::text(value.to_string()) }),
    ]
}

fn headers() -> impl Strategy<Value = Vec<(String, String)>> {
    let name = prop::sample::select(vec!["content-type", "www-authenticate", "date"]);
    let value = prop_oneof![
        Just("application/json".to_owned()),
        Just("Bearer".to_owned()),
        any::<String>()
    ];
    proptest::collection::vec((name.prop_map(str::to_owned), value), 0..3)
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let kind = prop::sample::select(vec![
        FailureKind::Connect,
        FailureKind::Timeout,
        FailureKind::Closed,
        FailureKind::NotHttp,
        FailureKind::TooLarge,
        FailureKind::Rationed,
    ]);
    prop_oneof![
        4 => (status(), headers(), body())
            .prop_map(|(status, headers, body)| Outcome::Response(Response { status, headers, body })),
        1 => kind.prop_map(|kind| Outcome::Failure { kind, message: "it was not to be".to_owned() }),
    ]
}

/// The labels by which cases find their steps again.
const LABELS: &[&str] = &[
    "discovery",
    "honest",
    "faulty",
    "one",
    "batch",
    "first",
    "second",
    "eq",
    "list",
    "and",
    "or",
    "ge",
    "gt",
    "le",
    "lt",
    "in",
    "page 1",
    "page 2",
    "page 3",
    "without pagination",
    "asc",
    "desc",
    "holder",
    "other type",
    "cut short",
    "nobody",
    "before",
    "deep nesting",
    "after deep nesting",
    "invalid UTF-8",
    "after invalid UTF-8",
    "form",
    "json",
    "while it lives",
    "expired",
    "another",
    "sync",
    "action create",
    "action update",
    "type sanction",
    "unusual spacing",
    "before unsubscribe",
    "again",
    "unknown event",
    "unknown code",
    "subscription",
    "event",
    "outside the filter",
    "another type",
    "end",
    "later event",
    "search",
    "by transaction",
    "by reference",
    "by correlation",
    "by subscription",
    "unknown",
    "known 1",
    "known 2",
    "stranger",
    "search 1",
    "enrolled 1",
    "control",
    "twin",
    "shrinking",
    "smallest",
    "valid 1",
];

const POINTERS: &[&str] = &[
    "",
    "/header",
    "/header/action",
    "/header/message_id",
    "/header/message_ts",
    "/message",
    "/message/search_request/0/locale",
    "/message/search_request/0/search_criteria",
];

const RULES: &[&str] = &[
    "required",
    "type",
    "enum",
    "pattern",
    "format",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "minItems",
    "signature",
    "",
];

fn intent() -> impl Strategy<Value = Intent> {
    let faulty = (
        proptest::option::weighted(0.9, prop::sample::select(POINTERS)),
        prop::sample::select(RULES),
        proptest::option::of(json()),
        proptest::option::of(json()),
    );
    prop_oneof![
        2 => Just(Intent::Honest),
        3 => faulty.prop_map(|(pointer, rule, honest, sent)| Intent::Faulty {
            operator: format!("a spoilt {rule}"),
            pointer: pointer.map(str::to_owned),
            honest,
            sent,
            rule: rule.to_owned(),
        }),
    ]
}

fn request() -> impl Strategy<Value = Request> {
    (headers(), body()).prop_map(|(headers, body)| Request {
        method: "POST".to_owned(),
        url: "http://127.0.0.1/".to_owned(),
        headers,
        body,
    })
}

/// Any observation at all.
pub(crate) fn observation() -> impl Strategy<Value = Observation> {
    let label = || prop::sample::select(LABELS).prop_map(str::to_owned);
    let operation = prop::sample::select(vec![
        "token",
        "sync-search",
        "search",
        "exchange",
        "subscribe",
        "unsubscribe",
        "sync-txn-status",
        "txn-status",
        "disabled",
        "get-disability-support",
        "enrolled",
        "enrollment-updates",
        "event",
        "nothing",
    ]);
    let exchange = (
        label(),
        operation,
        intent(),
        request(),
        outcome(),
        (time(), time()),
    );
    prop_oneof![
        6 => exchange.prop_map(|(label, operation, intent, request, outcome, (sent_us, done_us))| {
            let operation = operation.to_owned();
            Observation::Exchange(Exchange { label, operation, intent, request, outcome, sent_us, done_us, put_off: Vec::new() })
        }),
        2 => (label(), any::<String>(), request(), time()).prop_map(|(label, path_suffix, request, at_us)| {
            Observation::Callback(Callback { label, path_suffix, request, at_us })
        }),
        1 => (label(), proptest::option::of(0..14_usize), proptest::option::of(body()), proptest::option::of(any::<String>())).prop_map(
            |(label, of, content, reason)| Observation::Opened { label, of, content, reason }
        ),
        1 => (any::<bool>(), proptest::option::of(any::<String>()), time()).prop_map(
            |(satisfied, reason, waited_us)| Observation::Wait {
                awaited: "a callback".to_owned(),
                satisfied,
                reason,
                waited_us,
            }
        ),
    ]
}
