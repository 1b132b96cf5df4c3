//! Requests with one fault: what can be spoilt in an envelope so that no reading of it is valid.

use super::encode;
use super::envelope::{BODY, Envelope, Part};
use crate::generate::body;
use crate::generate::fault::{Fault, faults_of};
use crate::generate::flat::flat;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use specs::evidence::Intent;

/// How often a value that turns out to be no fault is drawn again.
const REDRAWS: usize = 20;

/// A bad value that can be made smaller.
pub(super) type BadTree = Box<dyn ValueTree<Value = Option<Value>>>;

/// One way to spoil one member of an envelope.
pub(super) struct Spoil<'e> {
    part: &'e Part,
    envelope: &'e Envelope,
    /// JSON pointer within the envelope.
    pointer: String,
    fault: Fault,
}

/// Every way to spoil an honest envelope that the document's schemas name.
pub(super) fn spoils<'e>(envelope: &'e Envelope, honest: &Value) -> Vec<Spoil<'e>> {
    let mut spoils = Vec::new();
    for part in &envelope.parts {
        let Some(value) = honest.get(&part.key) else {
            continue;
        };
        let schema = flat(part.schema.value(), part.schema.value(), value);
        // Objects in parameters take several forms that a receiver may mend; leaving them out is plain.
        let opaque = part.text && part.parameter.is_some() && value.is_object();
        let mut wrapped = json!({"properties": {"v": schema}});
        let in_path = part.parameter.as_ref().is_some_and(|p| p.location == "path");
        if part.required && !in_path {
            wrapped["required"] = json!(["v"]);
        }
        for fault in faults_of(&wrapped, &json!({"v": value})) {
            let below = fault.pointer.strip_prefix("/v").unwrap_or_default();
            if opaque && !(below.is_empty() && fault.rule == "required") {
                continue;
            }
            let pointer = format!("/{}{below}", part.key.replace('~', "~0").replace('/', "~1"));
            spoils.push(Spoil {
                part,
                envelope,
                pointer,
                fault,
            });
        }
    }
    spoils
}

/// As many of the ways as wanted, of every rule some, in their own order.
pub(super) fn spread(spoils: Vec<Spoil<'_>>, wanted: usize) -> Vec<Spoil<'_>> {
    let mut rank: Vec<(usize, usize)> = Vec::new();
    let mut seen: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for (index, spoil) in spoils.iter().enumerate() {
        let nth = seen.entry(spoil.fault.rule).or_default();
        rank.push((*nth, index));
        *nth += 1;
    }
    rank.sort_unstable();
    let chosen: std::collections::BTreeSet<usize> =
        rank.into_iter().take(wanted).map(|(_, index)| index).collect();
    spoils
        .into_iter()
        .enumerate()
        .filter(|(index, _)| chosen.contains(index))
        .map(|(_, spoil)| spoil)
        .collect()
}

impl Spoil<'_> {
    /// The honest envelope, spoilt.
    pub(super) fn apply(&self, honest: &Value, bad: Option<&Value>) -> Value {
        let mut envelope = honest.clone();
        body::set(&mut envelope, &self.pointer, bad.cloned(), honest);
        envelope
    }

    /// Whether a value is a fault there: it can be sent, and however it is read it is not valid.
    pub(super) fn fits(&self, honest: &Value, bad: Option<&Value>) -> bool {
        let spoilt = self.apply(honest, bad);
        if self.envelope.valid(&spoilt) {
            return false;
        }
        if let Some(value) = spoilt.get(&self.part.key)
            && !self.part.sendable(value, false)
        {
            return false;
        }
        !self.part.text
            || encode::readings(bad)
                .iter()
                .all(|reading| !self.envelope.valid(&self.apply(honest, reading.as_ref())))
    }

    /// A value that is a fault.
    pub(super) fn draw(&self, honest: &Value, runner: &mut TestRunner) -> Option<BadTree> {
        (0..REDRAWS)
            .filter_map(|_| self.fault.values.new_tree(runner).ok())
            .find(|tree| self.fits(honest, tree.current().as_ref()))
    }

    /// Whether it is in the body, and leaves one.
    pub(super) fn is_of_body(&self) -> bool {
        self.part.key == BODY && (self.pointer != "/body" || self.fault.rule != "required")
    }

    /// Rule, operator and pointer within the envelope.
    pub(super) fn words(&self) -> (&'static str, &str, &str) {
        (self.fault.rule, &self.fault.operator, &self.pointer)
    }

    /// A name for it, for the seed.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.pointer, self.fault.operator)
    }

    /// How a request with it is meant.
    pub(super) fn intent(&self, sent: Option<&Value>) -> Intent {
        let (operator, pointer) = if self.part.key == BODY {
            let within = self.pointer.strip_prefix("/body").unwrap_or_default();
            match (within, self.fault.rule) {
                ("", "required") => ("the body left out".to_owned(), None),
                ("", _) => (format!("{} as body", self.fault.operator), Some(String::new())),
                _ => (self.fault.operator.clone(), Some(within.to_owned())),
            }
        } else {
            let (location, name) = self.part.key.split_once(' ').unwrap_or_default();
            let what = match self.fault.rule {
                "required" => "nothing",
                _ => &self.fault.operator,
            };
            (format!("{what} as {location} parameter `{name}`"), None)
        };
        Intent::Faulty {
            operator,
            pointer,
            honest: self.fault.honest.clone(),
            sent: sent.cloned(),
            rule: self.fault.rule.to_owned(),
        }
    }
}
