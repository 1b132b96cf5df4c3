//! The counterexamples that a run reports are minimal by definition: taking back any difference from an accepted
//! request, or simplifying any value that differs, makes the failure vanish. The mock that failed is asked again to
//! see that; and what it took to find them is counted.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod seeded;
mod simpler;

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
use mock_server::MockServer;
use reports::event::{Entry, Event};
use seeded::{Seeded, seeded};
use serde_json::Value;
use simpler::candidates;
use specs::evidence::{Counterexample, Exchange, Intent, Observation};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;
use suites::generated::{CONTROL, Control};
use tokio::sync::watch;

/// Runs side by side.
const SIDE_BY_SIDE: usize = 4;

/// Requests that may be spent on half of the counterexamples.
const MEDIAN: u32 = 60;

pub(crate) struct Run {
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
        entries: emitter.finish().entries().unwrap(),
    }
}

/// A counterexample as it is reported, the request that shows it, and the accepted request of its case.
pub(crate) struct Shown {
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
        let token = if run.target.profile.wants_token() {
            let tokens = Tokens::new(&run.target, client.clone(), redactor);
            Some(tokens.current().await.unwrap().text)
        } else {
            None
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
        let cx = self.run.target.context(1);
        Control::of(&cx, &shown.control).is_violated_by(&cx, &exchange)
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
