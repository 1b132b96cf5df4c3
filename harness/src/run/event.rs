//! Making an event happen at the target, by the trigger that it was configured with.

use super::Env;
use super::send::CaseState;
use crate::client::Outbound;
use bytes::Bytes;
use http::header;
use serde_json::{Value, json};
use specs::evidence::{Exchange, Intent, Observation};
use std::time::Instant;
use suites::plan::EVENT;

/// Why events cannot be made to happen, and what to do about it.
pub(super) const NO_TRIGGER: &str = "it takes an event at the target: give a URL that makes one happen, as `trigger` in the section [events] of dcx.toml";

/// Triggers an event and records what came of it.
pub(super) async fn trigger(
    env: &Env,
    state: &CaseState,
    label: &str,
    event_type: &str,
    record: &Value,
) -> Observation {
    let Some(url) = &env.target.events else {
        return Observation::Wait {
            awaited: format!("the event of step `{label}`"),
            satisfied: false,
            reason: Some(NO_TRIGGER.to_owned()),
            waited_us: 0,
        };
    };
    env.turn().await;
    let body = json!({"reg_event_type": event_type, "record": record});
    let outbound = Outbound {
        method: http::Method::POST,
        url: url.clone(),
        headers: vec![
            (header::ACCEPT, "application/json".to_owned()),
            (header::CONTENT_TYPE, "application/json".to_owned()),
        ],
        body: Bytes::from(body.to_string()),
    };
    let attempt = async || {
        let sent = Instant::now();
        let answered = env.client.send(&outbound, |_| ()).await;
        Exchange {
            label: label.to_owned(),
            operation: EVENT.to_owned(),
            intent: Intent::Honest,
            request: env.client.recorded(&outbound),
            outcome: answered.outcome,
            sent_us: state.micros(sent),
            done_us: state.micros(Instant::now()),
            put_off: Vec::new(),
        }
    };
    Observation::Exchange(env.served(attempt).await)
}
