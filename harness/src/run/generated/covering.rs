//! The deterministic phase: valid requests that differ from the plainest one in one thing each.

use super::Driver;
use crate::generate::body::{filled, plainest};
use crate::generate::cover::{Shorter, Varied};
use crate::generate::{grow, shrink};
use crate::run::send::send;
use serde_json::Value;
use specs::evidence::Intent;
use specs::schema::Schema;
use suites::generated::{SHRINKING, SMALLEST};

impl Driver<'_> {
    /// Sends each of them until one fails, then a faulty one.
    pub(super) async fn covering(&mut self, schema: &Schema) {
        let honest = plainest(self.cx, self.operation);
        for varied in grow::each(self.cx, self.operation, &honest) {
            if self.hopeless() {
                break;
            }
            let signed = self.signed();
            if !schema.is_valid(&filled(&varied.body, signed)) {
                continue;
            }
            let label = format!("{} {}", varied.pointer, varied.what);
            if self.fails(&label, &varied.pointer, varied.body.clone()).await {
                self.shorten(schema, varied).await;
                break;
            }
        }
        self.twin().await;
    }

    /// It differs in one member already; that one can become shorter.
    async fn shorten(&mut self, schema: &Schema, varied: Varied) {
        let (pointer, requests, signed) = (
            varied.pointer.clone(),
            self.env.limits.shrink_requests,
            self.signed(),
        );
        let Some(mut shorter) = Shorter::of(varied) else {
            return;
        };
        let fits = |body: &Value| schema.is_valid(&filled(body, signed));
        let fails = async |body: &Value| self.fails(SHRINKING, &pointer, body.clone()).await;
        let smallest = shrink::smallest(&mut shorter, requests, fits, fails).await;
        self.fails(SMALLEST, &pointer, smallest).await;
    }

    /// Sends a valid request; whether what comes of it is a violation.
    async fn fails(&mut self, label: &str, pointer: &str, body: Value) -> bool {
        let plan = self.plan_sparing(label, Intent::Honest, body, Some(pointer));
        let exchange = send(self.env, self.state, &plan).await;
        self.record(exchange)
    }
}
