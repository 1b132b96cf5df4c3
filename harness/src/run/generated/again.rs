//! Generated requests of an earlier run, sent again: the same counterexample with ids, times, addresses and a
//! signature of its own.

use super::Driver;
use crate::generate::body::plainest;
use serde_json::Value;
use specs::evidence::{Exchange, Intent};
use suites::Context;
use suites::generated::SMALLEST;

impl Driver<'_> {
    /// Sends these requests again.
    pub(super) async fn again(&mut self, recorded: &[&Exchange]) {
        for exchange in recorded {
            let Some(body) = renewed(self.cx, exchange) else {
                continue;
            };
            self.send(SMALLEST, exchange.intent.clone(), body).await;
        }
    }
}

/// The body of a recorded request with everything that has to be new. None where the record does not hold
/// the whole body.
pub(crate) fn renewed(cx: &Context, recorded: &Exchange) -> Option<Value> {
    let mut body = recorded.request.body.json()?;
    let fault = match &recorded.intent {
        Intent::Faulty { pointer, .. } => pointer.as_deref(),
        Intent::Honest => None,
    };
    let mut then = cx.clone();
    then.salt.clear();
    let then = plainest(&then, &recorded.operation);
    let now = plainest(cx, &recorded.operation);
    renew("", &mut body, (&then, &now), fault);
    if let Value::Object(members) = &mut body
        && fault.is_none_or(|fault| !fault.starts_with("/signature"))
    {
        members.shift_remove("signature");
    }
    Some(body)
}

/// Members that the plainest request of then held, or that are filled in when it is sent, get what that of
/// now holds; the fault stays as it was.
fn renew(at: &str, body: &mut Value, (then, now): (&Value, &Value), fault: Option<&str>) {
    if fault == Some(at) {
        return;
    }
    match (body, then, now) {
        (Value::Object(body), Value::Object(then), Value::Object(now)) => {
            for (name, value) in body {
                if let (Some(then), Some(now)) = (then.get(name), now.get(name)) {
                    let name = name.replace('~', "~0").replace('/', "~1");
                    renew(&format!("{at}/{name}"), value, (then, now), fault);
                }
            }
        }
        (Value::Array(body), Value::Array(then), Value::Array(now)) => {
            for (i, value) in body.iter_mut().enumerate() {
                // Items that the plainest request does not have are like its last.
                let same = |items: &[Value]| items.get(i).or_else(|| items.last()).cloned();
                if let (Some(then), Some(now)) = (same(then), same(now)) {
                    renew(&format!("{at}/{i}"), value, (&then, &now), fault);
                }
            }
        }
        (Value::String(body), Value::String(then), Value::String(now))
            if body == then || then.starts_with("${") =>
        {
            body.clone_from(now);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_has_to_be_new_is_new_and_the_fault_stays() {
        let then = json!({"header": {"id": "old", "ts": "${now}", "n": 1}, "items": [{"ts": "${now}", "ref": "old"}]});
        let now = json!({"header": {"id": "new", "ts": "${now}", "n": 1}, "items": [{"ts": "${now}", "ref": "new"}]});
        let sent = json!({
            "header": {"id": "old", "ts": "2024", "n": 2, "more": "kept"},
            "items": [{"ts": "2024", "ref": "other"}, {"ts": "not a date", "ref": "old"}],
        });
        let mut body = sent.clone();
        renew("", &mut body, (&then, &now), Some("/items/1/ts"));
        let expected = json!({
            "header": {"id": "new", "ts": "${now}", "n": 2, "more": "kept"},
            "items": [{"ts": "${now}", "ref": "other"}, {"ts": "not a date", "ref": "new"}],
        });
        assert_eq!(body, expected);
    }
}
