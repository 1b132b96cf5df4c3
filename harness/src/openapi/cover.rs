//! The deterministic phase: from an accepted request, valid ones that differ from it in one thing each. Every
//! optional member and parameter is once present and once absent, every value of an enumeration and every bound is
//! met once.

use super::drive::Driver;
use super::envelope::Envelope;
use crate::generate::cover::{Shorter, Varied, covering};
use crate::generate::flat::flat;
use crate::generate::shrink;
use serde_json::{Map, Value, json};
use specs::evidence::Intent;
use suites::generated::{SHRINKING, SMALLEST};

/// Every valid envelope that differs from an honest one in one thing.
pub(super) fn each(envelope: &Envelope, honest: &Value) -> Vec<Varied> {
    let mut properties = Map::new();
    let mut required: Vec<&str> = Vec::new();
    for part in &envelope.parts {
        let schema = part.schema.value();
        let schema = match honest.get(&part.key) {
            Some(value) => flat(schema, schema, value),
            None => schema.clone(),
        };
        properties.insert(part.key.clone(), schema);
        if part.required {
            required.push(&part.key);
        }
    }
    let whole = json!({"type": "object", "required": required, "properties": properties});
    let mut each = covering(&whole, honest);
    each.retain(|varied| envelope.fits(&varied.body));
    each
}

impl Driver<'_> {
    /// Sends as many of them as wanted, and makes one that fails smaller; then a faulty one.
    pub(super) async fn covering(&mut self) {
        let Some(honest) = self.control().await else {
            return;
        };
        let most = self.most().saturating_sub(self.count()).max(1);
        for varied in each(self.envelope, &honest).into_iter().take(most) {
            if self.hopeless() {
                return;
            }
            let label = format!("{} {}", varied.pointer, varied.what);
            let answered = self.send(&label, Intent::Honest, &varied.body).await;
            if let Some(requirement) = self.worth_shrinking(&answered.offences) {
                self.shorten(varied, requirement).await;
            }
        }
        self.twin(&honest).await;
    }

    /// It differs in one member already; that one can become shorter.
    async fn shorten(&mut self, varied: Varied, requirement: &'static str) {
        let Some(mut shorter) = Shorter::of(varied) else {
            return;
        };
        let (envelope, requests) = (self.envelope, self.env.limits.shrink_requests);
        let fails = async |value: &Value| self.still_offends(value, requirement).await;
        let smallest = shrink::smallest(&mut shorter, requests, |value| envelope.fits(value), fails).await;
        self.send(SMALLEST, Intent::Honest, &smallest).await;
    }

    async fn still_offends(&mut self, value: &Value, requirement: &'static str) -> bool {
        let answered = self.send(SHRINKING, Intent::Honest, value).await;
        let mut offences = answered.offences.iter();
        offences.any(|offence| offence.requirement == requirement)
    }
}
