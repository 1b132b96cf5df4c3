//! Which of the optional operations of its profile a target offers.

use super::Env;
use super::send::{CaseState, callback_key, send};
use serde_json::json;
use specs::evidence::{Exchange, FailureKind, Outcome};
use suites::oracle::{Subscribed, describe};
use suites::plan::Payload;
use suites::request;

/// The case under which these requests are sent.
const CASE: &str = "preflight";

/// Statuses that say that there is no such operation.
const ABSENT: [u16; 3] = [404, 405, 501];

/// Sends an honest request to each optional operation. Those that are not there, each with what was answered.
///
/// A subscription that comes of it is the one that is then ended, so that a server is left as it was found.
pub(super) async fn absent(env: &Env) -> Vec<(String, String)> {
    let cx = env.context.for_case(CASE);
    let mut state = CaseState::new(CASE);
    let mut absent = Vec::new();
    let mut code = cx.id("nobody's subscription");
    for (operation, entry) in &env.target.profile.operations {
        if !entry.optional {
            continue;
        }
        let mut plan = request::plainest(&cx, operation, operation);
        if let Payload::Json(body) = &mut plan.payload
            && let Some(codes) = body.pointer_mut("/message/subscription_codes")
        {
            *codes = json!([code]);
        }
        let exchange = send(env, &mut state, &plan).await;
        if is_absent(&exchange) {
            absent.push((operation.clone(), describe(&exchange)));
        } else if operation == "subscribe" {
            code = subscribed(env, operation).await.unwrap_or(code);
        }
    }
    absent
}

/// Whether an answer says that there is no such operation. A refusal in the words of the specification comes
/// from an operation, whatever its status.
fn is_absent(exchange: &Exchange) -> bool {
    match &exchange.outcome {
        Outcome::Failure { kind, .. } => {
            matches!(
                kind,
                FailureKind::Connect | FailureKind::Tls | FailureKind::Closed
            )
        }
        Outcome::Response(response) => {
            let body = response.body.json().unwrap_or_default();
            let spoken = ["/message/ack_status", "/header/status"];
            ABSENT.contains(&response.status) && spoken.iter().all(|pointer| body.pointer(pointer).is_none())
        }
    }
}

/// The code of the subscription that was made, once it is told.
async fn subscribed(env: &Env, label: &str) -> Option<String> {
    let key = callback_key(env, CASE, label);
    let deadline = tokio::time::Instant::now() + env.limits.callback_deadline;
    env.callbacks.wait(&key, 0, deadline).await;
    let received = env.callbacks.received(&key);
    let mut answers = received.iter().filter_map(|c| Subscribed::read(&c.request.body));
    answers.find_map(|answer| answer.codes().into_iter().next())
}
