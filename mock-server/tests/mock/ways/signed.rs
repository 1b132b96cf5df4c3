//! Signed requests, and the keys of the registry.

use super::Said;
use crate::bench::Bench;
use crate::signatures::{now, request, signature, with_signature};
use mock_server::Keys;
use serde_json::json;

pub(super) async fn talk(b: &Bench, said: &mut Said) {
    said.note("keys", &b.get("/.well-known/jwks.json").await);
    let body = request(b);
    said.note("unsigned", &b.sync_search(&body).await);
    for ahead in [0.0, 200.0, 2000.0] {
        let signed = json!(signature(b, &Keys::demo(), &body, now() + ahead));
        let reply = b.sync_search(&with_signature(&body, &signed)).await;
        said.note(&format!("signed {ahead} s ahead"), &reply);
    }
}
