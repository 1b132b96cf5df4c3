//! Arbitrary event streams: also such as no runner would write.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use reports::event::{
    CaseFinished, CaseSkipped, CaseStarted, Counts, Entry, Event, Notice, Observed, PreflightCheck,
    PreflightFinished, ReadingObserved, RequirementFact, RunFinished, RunStarted, Target,
};
use serde_json::{Value, json};
use specs::evidence::OwnFile;
use specs::evidence::{
    Body, Callback, Check, Counterexample, Exchange, FailureKind, Finding, Intent, Level, Observation,
    Outcome, Phase, PutOff, Request, Response, Verdict,
};

/// Few names, so that events meet.
fn name() -> BoxedStrategy<String> {
    prop_oneof![
        Just("a".to_owned()),
        Just("b".to_owned()),
        Just("c<&\"'\u{1b}[0m".to_owned()),
        Just(String::new())
    ]
    .boxed()
}

fn text() -> BoxedStrategy<String> {
    prop_oneof![3 => "\\PC{0,30}", 1 => any::<String>(), 1 => "[\u{0}-\u{20}\u{fffe}\u{ffff}\u{202e}x<>&\\]]{0,20}"].boxed()
}

fn pointer() -> BoxedStrategy<Option<String>> {
    option::of(prop_oneof![
        Just("/a/0".to_owned()),
        Just("/a~1".to_owned()),
        text()
    ])
    .boxed()
}

fn value() -> BoxedStrategy<Option<Value>> {
    option::of(prop_oneof![
        Just(json!({"a": [1, {"b": null}], "a/": "x"})),
        any::<i64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ])
    .boxed()
}

fn body() -> BoxedStrategy<Body> {
    let text = prop_oneof![
        text(),
        Just("{\"a\":[1,{\"b\":{}}],\"c\":[]}".to_owned()),
        Just("[".repeat(200)),
        Just(format!("[{}]", vec!["\"xxxxxxxxxxxx\""; 900].join(","))),
    ];
    (
        text,
        option::weighted(0.1, Just("AAE=".to_owned())),
        option::weighted(0.1, any::<u64>()),
    )
        .prop_map(|(text, base64, cut_from_bytes)| Body {
            text,
            base64,
            cut_from_bytes,
        })
        .boxed()
}

fn request() -> BoxedStrategy<Request> {
    (text(), text(), vec((text(), text()), 0..3), body())
        .prop_map(|(method, url, headers, body)| Request {
            method,
            url,
            headers,
            body,
        })
        .boxed()
}

fn response() -> BoxedStrategy<Response> {
    (any::<u16>(), vec((text(), text()), 0..3), body())
        .prop_map(|(status, headers, body)| Response {
            status,
            headers,
            body,
        })
        .boxed()
}

fn put_off() -> BoxedStrategy<Vec<PutOff>> {
    let one = (response(), any::<u64>(), any::<u64>()).prop_map(|(response, sent_us, done_us)| PutOff {
        response,
        sent_us,
        done_us,
    });
    vec(one, 0..2).boxed()
}

fn outcome() -> BoxedStrategy<Outcome> {
    prop_oneof![
        response().prop_map(Outcome::Response),
        text().prop_map(|message| Outcome::Failure {
            kind: FailureKind::Closed,
            message
        }),
    ]
    .boxed()
}

fn intent() -> BoxedStrategy<Intent> {
    prop_oneof![
        Just(Intent::Honest),
        (text(), pointer(), value(), value(), text()).prop_map(|(operator, pointer, honest, sent, rule)| {
            Intent::Faulty {
                operator,
                pointer,
                honest,
                sent,
                rule,
            }
        }),
    ]
    .boxed()
}

fn observation() -> BoxedStrategy<Observation> {
    prop_oneof![
        (
            name(),
            text(),
            intent(),
            request(),
            outcome(),
            (any::<u64>(), any::<u64>()),
            put_off()
        )
            .prop_map(
                |(label, operation, intent, request, outcome, (sent_us, done_us), put_off)| {
                    Observation::Exchange(Exchange {
                        label,
                        operation,
                        intent,
                        request,
                        outcome,
                        sent_us,
                        done_us,
                        put_off,
                    })
                }
            ),
        (name(), text(), request(), any::<u64>()).prop_map(|(label, path_suffix, request, at_us)| {
            Observation::Callback(Callback {
                label,
                path_suffix,
                request,
                at_us,
            })
        }),
        (
            name(),
            option::of(any::<usize>()),
            option::of(body()),
            option::of(text())
        )
            .prop_map(|(label, of, content, reason)| {
                Observation::Opened {
                    label,
                    of,
                    content,
                    reason,
                }
            }),
        (text(), any::<bool>(), option::of(text()), any::<u64>()).prop_map(
            |(awaited, satisfied, reason, waited_us)| {
                Observation::Wait {
                    awaited,
                    satisfied,
                    reason,
                    waited_us,
                }
            }
        ),
    ]
    .boxed()
}

fn verdict() -> BoxedStrategy<Verdict> {
    proptest::sample::select(Verdict::ALL.to_vec()).boxed()
}

fn finding() -> BoxedStrategy<Finding> {
    let example = (text(), pointer(), value(), value(), any::<u32>()).prop_map(
        |(operator, pointer, honest, sent, shrink_requests)| Counterexample {
            operator,
            pointer,
            honest,
            sent,
            shrink_requests,
        },
    );
    (
        name(),
        text(),
        text(),
        pointer(),
        option::of(0usize..3),
        option::of(example),
    )
        .prop_map(
            |(requirement, expected, actual, pointer, observation, counterexample)| Finding {
                requirement,
                expected,
                actual,
                pointer,
                observation,
                counterexample,
            },
        )
        .boxed()
}

fn check() -> BoxedStrategy<Check> {
    (name(), verdict(), option::of(text()), vec(finding(), 0..3))
        .prop_map(|(requirement, verdict, reason, findings)| Check {
            requirement,
            verdict,
            reason,
            findings,
        })
        .boxed()
}

fn start() -> BoxedStrategy<RunStarted> {
    let target = (name(), text(), text(), text(), any::<bool>()).prop_map(
        |(profile, title, specification, url, embedded)| Target {
            profile,
            title,
            specification,
            url,
            embedded,
        },
    );
    let file = || (text(), text()).prop_map(|(path, text)| OwnFile { path, text });
    let level = proptest::sample::select(vec![Level::Must, Level::Should, Level::May]);
    let fact = (name(), name(), level, text(), text(), vec(text(), 0..2)).prop_map(
        |(id, profile, level, statement, remedy, sources)| RequirementFact {
            id,
            profile,
            level,
            statement,
            remedy,
            sources,
        },
    );
    (
        any::<u64>(),
        vec(target, 0..3),
        vec(text(), 0..2),
        any::<usize>(),
        vec(fact, 0..5),
        text(),
        (vec(file(), 0..2), vec(file(), 0..2)),
    )
        .prop_map(
            |(
                seed,
                targets,
                selection,
                case_count,
                requirements,
                requirement_digest,
                (own_cases, document),
            )| {
                RunStarted {
                    tool: "dcx".to_owned(),
                    version: "1".to_owned(),
                    seed,
                    targets,
                    selection,
                    case_count,
                    requirements,
                    requirement_digest,
                    own_cases,
                    document,
                }
            },
        )
        .boxed()
}

fn event() -> BoxedStrategy<Event> {
    let preflight =
        (text(), any::<bool>(), text(), option::of(text())).prop_map(|(name, ok, detail, remedy)| {
            PreflightCheck {
                name,
                ok,
                detail,
                remedy,
            }
        });
    prop_oneof![
        1 => start().prop_map(Event::RunStarted),
        1 => (name(), vec(preflight, 0..3)).prop_map(|(profile, checks)| Event::PreflightFinished(PreflightFinished { profile, checks, absent: Vec::new() })),
        4 => (name(), name(), text(), select(&Phase::ALL[..])).prop_map(|(profile, case, title, phase)| {
            Event::CaseStarted(CaseStarted { profile, case, title, requirements: Vec::new(), phase })
        }),
        6 => (name(), name(), 0usize..3, any::<bool>(), observation()).prop_map(|(profile, case, index, routine, observation)| {
            Event::Observed(Observed { profile, case, index, routine, observation })
        }),
        6 => (name(), name(), verdict(), vec(check(), 0..3), any::<u64>(), any::<bool>()).prop_map(|(profile, case, verdict, checks, elapsed_us, cut)| {
            Event::CaseFinished(CaseFinished { profile, case, verdict, checks, elapsed_us, cut })
        }),
        2 => (name(), name(), text(), text()).prop_map(|(profile, case, title, reason)| {
            Event::CaseSkipped(CaseSkipped { profile, case, title, reason })
        }),
        1 => (name(), text(), text(), text(), text(), name()).prop_map(|(profile, reading, question, alternative, statement, case)| {
            Event::ReadingObserved(ReadingObserved { profile, reading, question, alternative, statement, case })
        }),
        1 => text().prop_map(|text| Event::Notice(Notice { text })),
        1 => (any::<bool>(), option::of(text()), any::<u8>(), text(), any::<u64>()).prop_map(|(complete, cut_reason, exit_code, gate, elapsed_us)| {
            Event::RunFinished(RunFinished {
                complete, cut_reason, cases: Counts::default(), checks: Counts::default(), exchanges: 0, callbacks: 0, elapsed_us, exit_code, gate, paces: Vec::new(),
            })
        }),
    ].boxed()
}

/// A stream of any events in any order.
pub(crate) fn entries() -> BoxedStrategy<Vec<Entry>> {
    vec(event(), 0..24)
        .prop_map(|events| {
            (events.into_iter().zip(0u64..))
                .map(|(event, seq)| Entry {
                    v: 1,
                    seq,
                    at: "2026-11-03T09:15:00Z".to_owned(),
                    event,
                })
                .collect()
        })
        .boxed()
}
