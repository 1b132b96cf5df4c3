//! The counterexamples that a run reports are minimal by definition: taking back any difference from an accepted
//! request, or simplifying any value that differs, makes the failure vanish. The mock that failed is asked again to
//! see that; and what it took to find them is counted.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::iter;
use globset::{Glob, GlobSet};
use harness::client::{Client, Outbound};
use harness::embedded;
use harness::record::Redactor;
use harness::run::{Board, Certification, Earlier, Emitter, Limits, Selection};
use harness::target::Target;
use harness::tls::Tls;
use harness::tokens::Tokens;
use mock_server::{Breach, Mistake, MockServer};
use reports::event::{Entry, Event};
use serde_json::{Value, json};
use specs::catalogue::{Catalogue, Profile};
use specs::clause::{Message, Rule, clause};
use specs::evidence::{Counterexample, Exchange, Intent, Observation};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;
use suites::generated::{CONTROL, violates};
use tokio::sync::watch;

/// Runs side by side.
const SIDE_BY_SIDE: usize = 4;

/// Requests that may be spent on half of the counterexamples.
const MEDIAN: u32 = 60;

/// Of the rules that messages of one kind can break, so many of each are broken here.
const OF_EACH: usize = 2;

/// Messages that change nothing: what they are answered does not depend on what was sent before.
const MESSAGES: [Message; 6] = [
    Message::Search,
    Message::TxnStatus,
    Message::Disabled,
    Message::Enrolled,
    Message::CheckEnrollment,
    Message::Exchange,
];

/// What the mock does wrong under a profile.
type Seeded = (&'static Profile, Mistake);

/// Defects with a line of code of their own.
const DEFECTS: [(&str, &str); 12] = [
    ("dci-social", "meta-refused"),
    ("dci-social", "transaction-id-uuid-only"),
    ("dci-social", "locale-digit-accepted"),
    ("dci-social", "locale-unchecked"),
    ("dci-social", "operator-unknown-matches-all"),
    ("dci-social", "required-unchecked"),
    ("dci-social", "type-unchecked"),
    ("dci-crvs", "enum-unchecked"),
    ("dci-crvs", "bounds-unchecked"),
    ("dci-crvs", "timestamp-unchecked"),
    ("digit-exchange", "exchange-encrypted-flag-refused"),
    ("digit-exchange", "exchange-required-unchecked"),
];

/// Mistakes of as many kinds as there are: each rule in each message.
fn seeded() -> Vec<Seeded> {
    let profiles = Catalogue::bundled().profiles();
    let named = |id: &str| profiles.iter().find(|profile| profile.id == id).unwrap();
    let mut seeded: Vec<Seeded> = DEFECTS
        .iter()
        .map(|(profile, defect)| (named(profile), Mistake::from_id(defect).unwrap()))
        .collect();
    let mut kinds: BTreeMap<(String, &str), usize> = BTreeMap::new();
    for breach in Breach::all() {
        let clause = clause(breach.requirement()).unwrap();
        let Some(site) = clause.at.iter().find(|site| MESSAGES.contains(&site.message)) else {
            continue;
        };
        // A member of its own: those of the header are the same in every message.
        if clause.at.len() > 1 && site.message != Message::Search {
            continue;
        }
        let of_kind = kinds
            .entry((format!("{:?}", site.message), clause.rule.word()))
            .or_default();
        let profile = profiles
            .iter()
            .find(|profile| breach.exists_under(profile) && !profile.signature.scheme.signs())
            .or_else(|| {
                profiles
                    .iter()
                    .find(|profile| breach.exists_under(profile) && profile.exchange.is_some())
            });
        if let Some(profile) = profile
            && *of_kind < OF_EACH
        {
            *of_kind += 1;
            seeded.push((profile, Mistake::Breach(breach)));
        }
    }
    seeded
}

struct Run {
    target: Target,
    mock: MockServer,
    entries: Vec<Entry>,
}

async fn certify((profile, mistake): Seeded) -> Run {
    let lifetime = Duration::from_secs(600);
    let started = embedded::start(vec![profile.clone()], 1, &[mistake], lifetime).await;
    let (targets, mock) = started.unwrap();
    let set = |glob: &str| GlobSet::builder().add(Glob::new(glob).unwrap()).build().unwrap();
    let (_keep, cancel) = watch::channel(false);
    let mut emitter = Emitter::new(Vec::new());
    let certification = Certification {
        targets: targets.clone(),
        seed: 1,
        limits: Limits {
            examples: 200,
            ..Limits::default().embedded()
        },
        selection: Selection {
            cases: Some(set("*.{generated-valid,generated-invalid,covering}")),
            requirements: Some(set(mistake.requirement())),
            ..Selection::default()
        },
        callback_listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        callback_url: None,
        notices: Vec::new(),
        earlier: Earlier::default(),
        board: Board::default(),
    };
    certification.run(&mut emitter, cancel).await.unwrap();
    let target = targets.into_iter().next().unwrap();
    Run {
        target,
        mock,
        entries: emitter.finish().0,
    }
}

/// A counterexample as it is reported, the request that shows it, and the accepted request of its case.
struct Shown {
    counterexample: Counterexample,
    exchange: Exchange,
    control: Exchange,
}

fn shown(entries: &[Entry]) -> Vec<Shown> {
    let mut observed: BTreeMap<(&str, usize), &Exchange> = BTreeMap::new();
    let mut shown = Vec::new();
    for entry in entries {
        match &entry.event {
            Event::Observed(o) => {
                if let Observation::Exchange(exchange) = &o.observation {
                    observed.insert((&o.case, o.index), exchange);
                }
            }
            Event::CaseFinished(finished) => {
                for finding in finished.checks.iter().flat_map(|check| &check.findings) {
                    let Some(counterexample) = finding.counterexample.clone() else {
                        continue;
                    };
                    let case = finished.case.as_str();
                    let exchange = observed[&(case, finding.observation.unwrap())];
                    let control = observed
                        .iter()
                        .filter(|((of, _), e)| {
                            *of == case && e.label == CONTROL && e.operation == exchange.operation
                        })
                        .map(|(_, e)| *e)
                        .next();
                    shown.push(Shown {
                        counterexample,
                        exchange: exchange.clone(),
                        control: control.unwrap().clone(),
                    });
                }
            }
            _ => {}
        }
    }
    shown
}

/// Asks the mock again.
struct Asking<'a> {
    run: &'a Run,
    client: Client,
    token: Option<String>,
}

impl<'a> Asking<'a> {
    async fn of(run: &'a Run) -> Self {
        let redactor = Redactor::default();
        let client = Client::new(Duration::from_secs(20), redactor.clone(), &Tls::default()).unwrap();
        let token = match run.target.profile.wants_token() {
            true => Some(
                Tokens::new(&run.target, client.clone(), redactor)
                    .current()
                    .await
                    .unwrap()
                    .text,
            ),
            false => None,
        };
        Self { run, client, token }
    }

    /// Whether a body fails as the shown one does.
    async fn fails(&self, shown: &Shown, body: &Value) -> bool {
        let mut headers = vec![(http::header::CONTENT_TYPE, "application/json".to_owned())];
        headers.extend(
            self.token
                .as_ref()
                .map(|token| (http::header::AUTHORIZATION, format!("Bearer {token}"))),
        );
        let outbound = Outbound {
            method: http::Method::POST,
            url: shown.exchange.request.url.clone(),
            headers,
            body: Bytes::from(body.to_string()),
        };
        let mut exchange = shown.exchange.clone();
        exchange.outcome = self.client.send(&outbound, |_| ()).await.outcome;
        exchange.request.body = specs::evidence::Body::text(body.to_string());
        violates(&self.run.target.context(1), &shown.control, &exchange)
    }
}

/// Members that are new in every request.
const FRESH: [&str; 7] = [
    "message_id",
    "message_ts",
    "transaction_id",
    "reference_id",
    "timestamp",
    "signature",
    "sender_uri",
];

/// The members in which a body differs from an accepted one. `at` is the member that is said to be at fault, and
/// counts whatever it is.
fn differences(control: &Value, body: &Value, pointer: &str, at: &str, found: &mut Vec<String>) {
    match (control, body) {
        (Value::Object(left), Value::Object(right)) => {
            for name in left
                .keys()
                .chain(right.keys().filter(|name| !left.contains_key(*name)))
            {
                let below = format!("{pointer}/{name}");
                if FRESH.contains(&name.as_str()) && below != at {
                    continue;
                }
                match (left.get(name), right.get(name)) {
                    (Some(left), Some(right)) => differences(left, right, &below, at, found),
                    _ => found.push(below),
                }
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (n, (left, right)) in left.iter().zip(right).enumerate() {
                differences(left, right, &format!("{pointer}/{n}"), at, found);
            }
        }
        _ if control == body => {}
        _ => found.push(pointer.to_owned()),
    }
}

fn put(body: &Value, pointer: &str, value: Option<Value>) -> Value {
    let mut body = body.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match (body.pointer_mut(parent), value) {
        (Some(Value::Object(members)), Some(value)) => {
            members.insert(name.to_owned(), value);
        }
        (Some(Value::Object(members)), None) => {
            members.shift_remove(name);
        }
        (Some(Value::Array(items)), Some(value)) => items[name.parse::<usize>().unwrap()] = value,
        _ => {}
    }
    body
}

/// What a value becomes by one step: a member, an item or a character less, a number nearer to nought, or a part of
/// it simpler.
fn simpler(value: &Value) -> Vec<Value> {
    match value {
        Value::Null | Value::Bool(false) => Vec::new(),
        Value::Bool(true) => vec![json!(false)],
        Value::Number(number) => match number.as_i64() {
            Some(0) => Vec::new(),
            Some(n) => vec![json!(0), json!(n / 2), json!(n - n.signum())],
            None => vec![json!(0)],
        },
        Value::String(text) => {
            let characters: Vec<char> = text.chars().collect();
            let without = |n: usize| {
                characters[..n]
                    .iter()
                    .chain(&characters[n + 1..])
                    .collect::<String>()
            };
            (0..characters.len()).map(|n| json!(without(n))).collect()
        }
        Value::Array(items) => {
            let mut all: Vec<Value> = Vec::new();
            for (n, item) in items.iter().enumerate() {
                all.push([&items[..n], &items[n + 1..]].concat().into());
                all.extend(simpler(item).into_iter().map(|item| {
                    let mut items = items.clone();
                    items[n] = item;
                    items.into()
                }));
            }
            all
        }
        Value::Object(members) => {
            let mut all: Vec<Value> = Vec::new();
            for (name, member) in members {
                let mut fewer = members.clone();
                fewer.shift_remove(name);
                all.push(fewer.into());
                all.extend(simpler(member).into_iter().map(|member| {
                    let mut members = members.clone();
                    members.insert(name.clone(), member);
                    members.into()
                }));
            }
            all
        }
    }
}

/// What the faulty value becomes when one thing about it is mended or simplified and it still has the fault of the
/// same name.
fn simpler_fault(rule: &str, honest: Option<&Value>, sent: &Value) -> Vec<Value> {
    // A text that is almost right is simplest where one character is wrong: others are taken back.
    if let (Some(Value::String(honest)), Value::String(sent), true) = (honest, sent, rule == "pattern") {
        let (honest, sent): (Vec<char>, Vec<char>) = (honest.chars().collect(), sent.chars().collect());
        if honest.len() != sent.len() {
            return Vec::new();
        }
        let mended = (0..sent.len()).filter(|n| honest[*n] != sent[*n]).map(|n| {
            let mut mended = sent.clone();
            mended[n] = honest[n];
            json!(mended.iter().collect::<String>())
        });
        return mended.collect();
    }
    // A time without its zone has no simpler form.
    if rule == "format" && sent.as_str().is_some_and(|text| text.contains('-')) {
        return Vec::new();
    }
    let mut all = simpler(sent);
    all.retain(|value| std::mem::discriminant(value) == std::mem::discriminant(sent));
    all
}

/// Bodies that are simpler than a reported one.
fn candidates(run: &Run, shown: &Shown) -> Vec<Value> {
    let schemas = &run.target.schemas;
    let schema = schemas.request(&shown.exchange.operation).unwrap();
    let body = shown.exchange.request.body.json().unwrap();
    let control = shown.control.request.body.json().unwrap();
    let at = shown.counterexample.pointer.clone().unwrap_or_default();
    let mut differing = Vec::new();
    differences(&control, &body, "", &at, &mut differing);
    assert!(!differing.is_empty(), "{:?}", shown.counterexample);
    let back: Vec<Value> = differing
        .iter()
        .map(|pointer| put(&body, pointer, control.pointer(pointer).cloned()))
        .collect();
    match &shown.exchange.intent {
        Intent::Faulty {
            rule, honest, sent, ..
        } => {
            // What is wrong is wrong at this member and nowhere else.
            let within = |pointer: &str| pointer == at || pointer.starts_with(&format!("{at}/"));
            let mut all = back;
            if let Some(sent) = sent {
                let simpler = simpler_fault(rule, honest.as_ref(), sent).into_iter();
                all.extend(simpler.map(|value| put(&body, &at, Some(value))));
            }
            all.retain(|body| {
                let violations = schema.violations(body);
                !violations.is_empty()
                    && violations.iter().all(|v| within(&v.pointer))
                    && violations.iter().any(|v| v.keyword == *rule)
            });
            all
        }
        Intent::Honest => {
            let mut all = back;
            for pointer in &differing {
                let values = body.pointer(pointer).map(simpler).unwrap_or_default();
                all.extend(values.into_iter().map(|value| put(&body, pointer, Some(value))));
            }
            all.retain(|body| schema.is_valid(body));
            all
        }
    }
}

#[derive(Default)]
struct Found {
    kinds: BTreeSet<String>,
    costs: Vec<u32>,
    tried: usize,
    complaints: Vec<String>,
}

async fn measured(seeded: Seeded) -> Found {
    let run = certify(seeded).await;
    let asking = Asking::of(&run).await;
    let id = seeded.1.id();
    let mut found = Found::default();
    let all = shown(&run.entries);
    if all.is_empty() {
        found
            .complaints
            .push(format!("{id} under {}: no counterexample", seeded.0.id));
    }
    for shown in &all {
        let body = shown.exchange.request.body.json().unwrap();
        if !asking.fails(shown, &body).await {
            found
                .complaints
                .push(format!("{id}: the counterexample does not fail again: {body}"));
            continue;
        }
        for candidate in candidates(&run, shown) {
            found.tried += 1;
            if asking.fails(shown, &candidate).await {
                let (pointer, sent) = (&shown.counterexample.pointer, &shown.counterexample.sent);
                found.complaints.push(format!(
                    "{id}: {} at {pointer:?}, {sent:?}, could be {candidate}",
                    shown.counterexample.operator
                ));
                break;
            }
        }
        let rule = match &shown.exchange.intent {
            Intent::Faulty { rule, .. } => rule.as_str(),
            Intent::Honest => "refused though valid",
        };
        found.kinds.insert(format!("{} {rule}", shown.exchange.operation));
        found.costs.push(shown.counterexample.shrink_requests);
    }
    run.mock.stop().await;
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn reported_counterexamples_are_minimal_by_definition() {
    let seeded = seeded();
    let count = seeded.len();
    assert!(seeded.iter().any(
        |(_, m)| matches!(m, Mistake::Breach(b) if clause(b.requirement()).unwrap().rule == Rule::Type)
    ));
    let all: Vec<Found> = iter(seeded).map(measured).buffered(SIDE_BY_SIDE).collect().await;
    let mut whole = Found::default();
    for found in all {
        whole.kinds.extend(found.kinds);
        whole.costs.extend(found.costs);
        whole.tried += found.tried;
        whole.complaints.extend(found.complaints);
    }
    whole.costs.sort_unstable();
    let median = whole.costs[whole.costs.len() / 2];
    println!(
        "{count} defects of {} kinds, {} counterexamples, {} simpler requests tried; requests per shrink: median {median}, most {}",
        whole.kinds.len(),
        whole.costs.len(),
        whole.tried,
        whole.costs.last().unwrap()
    );
    assert!(
        whole.complaints.is_empty(),
        "\n  {}\n",
        whole.complaints.join("\n  ")
    );
    assert!(count >= 40, "{count} defects");
    assert!(median < MEDIAN, "{median}: {:?}", whole.costs);
}
