//! Bodies that are no JSON, or more of it than anybody reads, and honest ones under another media type: what no
//! schema says is wrong, and everybody refuses.

use super::drive::Driver;
use super::envelope::BODY;
use super::operation::is_json;
use crate::client::Outbound;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};
use specs::evidence::Intent;

/// The rule that such a body breaks.
const RULE: &str = "json";

/// The rule that another media type breaks.
const MEDIA_TYPE: &str = "media type";

/// How deep the nested body goes: beyond what parsers allow by default.
const DEPTH: usize = 5000;

/// How long the oversize body is.
const SIZE: usize = 4_000_000;

/// The bodies, each with its name. An operation that wants a `list` is sent an object, and others a list.
fn bodies(list: bool) -> Vec<(&'static str, Vec<u8>)> {
    let (open, close) = if list { ("{\"a\":", "}") } else { ("[", "]") };
    let nested = format!(
        "{}{}{}",
        open.repeat(DEPTH),
        if list { "1" } else { "" },
        close.repeat(DEPTH)
    );
    let long = "a".repeat(SIZE);
    let long = if list {
        format!("{{\"a\":\"{long}\"}}")
    } else {
        format!("[\"{long}\"]")
    };
    vec![
        ("a body that is not JSON", b"{\"dcx\": ".to_vec()),
        ("invalid UTF-8", b"{\"dcx\": \"\xff\xfe\"}".to_vec()),
        ("deep nesting", nested.into_bytes()),
        ("four million characters", long.into_bytes()),
    ]
}

impl Driver<'_> {
    /// Sends an honest request with each of them as its body, and once as plain text.
    pub(super) async fn raw(&mut self, honest: &Value) {
        let is_of_json = self.envelope.media_type.as_deref().is_some_and(is_json);
        let (Some(body), true) = (honest.get(BODY), is_of_json) else {
            return;
        };
        // What is nested and long has to be of the wrong type, too: a document seldom bounds it.
        let list = body.is_array();
        let other = if list { json!({}) } else { json!([]) };
        let refused = self
            .envelope
            .parts
            .iter()
            .any(|part| part.key == BODY && !part.schema.is_valid(&other));
        if !refused {
            return;
        }
        for (name, body) in bodies(list) {
            if self.hopeless() {
                return;
            }
            if let Some(mut outbound) = self.outbound(honest) {
                outbound.body = Bytes::from(body);
                self.send_as("faulty", intent(name, RULE), Ok(outbound)).await;
            }
        }
        if !self.takes_text()
            && let Some(outbound) = self.outbound(honest)
        {
            let outbound = labelled(outbound, "text/plain");
            self.send_as(
                "faulty",
                intent("the media type text/plain", MEDIA_TYPE),
                Ok(outbound),
            )
            .await;
        }
    }

    /// Whether the document lets the operation take plain text as well.
    fn takes_text(&self) -> bool {
        let declared = self
            .operation
            .doc
            .request
            .iter()
            .flat_map(|request| request.content.keys());
        let mut declared = declared.map(|name| name.to_ascii_lowercase());
        declared.any(|name| name.starts_with("text/") || name.starts_with("*/"))
    }
}

fn labelled(mut outbound: Outbound, media_type: &str) -> Outbound {
    outbound.headers.retain(|(name, _)| *name != CONTENT_TYPE);
    outbound.headers.push((CONTENT_TYPE, media_type.to_owned()));
    outbound
}

fn intent(operator: &str, rule: &str) -> Intent {
    Intent::Faulty {
        operator: operator.to_owned(),
        pointer: None,
        honest: None,
        sent: None,
        rule: rule.to_owned(),
    }
}
