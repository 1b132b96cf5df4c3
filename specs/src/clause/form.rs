//! The clauses of one message in one document, ready to be looked up.

use super::place::{generalised, places};
use super::{Clause, Message, Rule, Site, When, clauses, record};
use crate::schema::Violation;
use serde_json::Value;
use std::collections::HashMap;

/// The clauses of one message as one document has it, those of its records included.
#[derive(Debug, Clone, Default)]
pub struct Form {
    sites: Vec<(&'static Clause, &'static Site)>,
    by_place: HashMap<(&'static str, Rule), usize>,
    /// Where its records are, and of which component.
    records: Vec<(&'static str, &'static str)>,
}

impl Form {
    /// The clauses of a message in one of our documents.
    pub fn of(document: &str, message: Message) -> Self {
        let mut form = Self {
            records: record::roots(document, message),
            ..Self::default()
        };
        for clause in clauses() {
            if !clause.documents.iter().any(|d| d == document) {
                continue;
            }
            for site in clause.at.iter().filter(|site| site.message == message) {
                let place = (site.pointer.as_str(), clause.rule);
                form.by_place.entry(place).or_insert(form.sites.len());
                form.sites.push((clause, site));
            }
        }
        form
    }

    /// The clause at this place of a body to which a breach of this rule belongs. Where a member has no
    /// clause about its type, the one that lists its values or names its format says it too.
    pub fn at(&self, pointer: &str, rule: Rule) -> Option<&'static Clause> {
        let rules = rules(rule);
        let pointer = generalised(pointer);
        for (root, component) in &self.records {
            if let Some(rest) = pointer.strip_prefix(root)
                && rest.starts_with('/')
                && let Some(clause) = record::at(component, rest, rules, 0)
            {
                return Some(clause);
            }
        }
        self.site(&pointer, rules).map(|(clause, _)| clause)
    }

    /// What the message must hold for the clause at this place to apply.
    pub fn conditions_at(&self, pointer: &str, rule: Rule) -> &'static [When] {
        let site = self.site(&generalised(pointer), rules(rule));
        site.map_or(&[], |(_, site)| site.when.as_slice())
    }

    fn site(&self, pointer: &str, rules: &[Rule]) -> Option<(&'static Clause, &'static Site)> {
        let index = rules
            .iter()
            .find_map(|rule| self.by_place.get(&(pointer, *rule)))?;
        Some(self.sites[*index])
    }

    /// The clause that a violation is about.
    pub fn clause_of(&self, violation: &Violation) -> Option<&'static Clause> {
        self.at(&violation.pointer, Rule::of_keyword(&violation.keyword)?)
    }

    /// The clauses that a body is subject to: their member is there, or should be.
    pub fn exercised(&self, body: &Value) -> Vec<&'static Clause> {
        let applies = |(clause, site): &&(&'static Clause, &'static Site)| {
            let required = clause.rule == Rule::Required;
            let holder = match clause.rule {
                Rule::Required => site.pointer.rsplit_once('/').map_or("", |(parent, _)| parent),
                _ => site.pointer.as_str(),
            };
            places(body, holder)
                .iter()
                .any(|(place, value)| (!required || value.is_object()) && holds(site, body, place))
        };
        let here = self.sites.iter().filter(applies);
        let mut exercised: Vec<&'static Clause> = here.map(|(clause, _)| *clause).collect();
        for (root, component) in &self.records {
            for (_, value) in places(body, root) {
                record::exercised(component, value, 0, &mut exercised);
            }
        }
        exercised
    }
}

/// The rules to which a breach of one can belong.
fn rules(broken: Rule) -> &'static [Rule] {
    match broken {
        Rule::Required => &[Rule::Required],
        Rule::Type => &[Rule::Type, Rule::Enum, Rule::Pattern, Rule::Format],
        Rule::Enum => &[Rule::Enum],
        Rule::Length => &[Rule::Length],
        Rule::Range => &[Rule::Range],
        Rule::Items => &[Rule::Items],
        Rule::Pattern => &[Rule::Pattern, Rule::Format],
        Rule::Format => &[Rule::Format, Rule::Pattern],
    }
}

/// Whether what the clause depends on holds around a place of a body.
fn holds(site: &Site, body: &Value, place: &str) -> bool {
    site.when.iter().all(|when| {
        let mut indices = place
            .split('/')
            .filter(|s| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit()));
        // The member stands in the same items of the same lists.
        let at: Vec<&str> = when
            .at
            .split('/')
            .map(|segment| {
                if segment == "[]" {
                    indices.next().unwrap_or("0")
                } else {
                    segment
                }
            })
            .collect();
        let value = body.pointer(&at.join("/")).and_then(Value::as_str);
        value.is_some_and(|value| when.is.iter().any(|v| v == value))
    })
}
