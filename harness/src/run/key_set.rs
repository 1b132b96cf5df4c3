//! Reading the target's key set.

use super::Env;
use super::send::CaseState;
use crate::client::Outbound;
use bytes::Bytes;
use http::header;
use specs::evidence::{Exchange, Intent, Observation};
use std::time::Instant;
use suites::plan::{KEY_SET, KEY_SET_PATH};
use url::Url;

/// Reads the key set below the base URL, or at the root of its host, and records what came of it.
pub(super) async fn read(env: &Env, state: &CaseState, label: &str, at_root: bool) -> Observation {
    env.turn().await;
    let base = &env.target.url;
    let root = || Url::parse(base).and_then(|base| base.join(KEY_SET_PATH));
    let url = match root() {
        Ok(url) if at_root => url.to_string(),
        _ => format!("{base}{KEY_SET_PATH}"),
    };
    let outbound = Outbound {
        method: http::Method::GET,
        url,
        headers: vec![(header::ACCEPT, "application/json".to_owned())],
        body: Bytes::new(),
    };
    let attempt = async || {
        let sent = Instant::now();
        let answered = env.client.send(&outbound, |_| ()).await;
        Exchange {
            label: label.to_owned(),
            operation: KEY_SET.to_owned(),
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
