//! The clauses of one message in one document, ready to be looked up.

use super::place::{generalised, places};
use super::{Clause, Message, Rule, Site, When, clauses, record};
use crate::schema::Violation;
use serde_json::Value;
use std::borrow::Cow;
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

    /// The nearest place of a clause in this message, as a generalised pointer: one that belongs to this clause, if
    /// there is any. A record of two components has members about which the clauses of both say the same.
    pub fn pointer_to(&self, clause: &Clause) -> Option<String> {
        if let Some(site) = &clause.record {
            let paths = self.records.iter().flat_map(|(root, component)| {
                let paths = record::paths_to(component, &site.component).into_iter();
                paths.map(move |path| format!("{root}{path}{}", site.pointer))
            });
            let is_elsewhere = |pointer: &String| {
                let here = self.at(pointer, clause.rule);
                here.is_none_or(|here| here.id != clause.id)
            };
            return paths.min_by_key(|pointer| (is_elsewhere(pointer), pointer.len()));
        }
        let here = self.sites.iter().find(|(known, _)| known.id == clause.id);
        here.map(|(_, site)| site.pointer.clone())
    }

    /// Whether a clause applies to a member at this place of a body, should it be there.
    pub fn applies(&self, clause: &Clause, body: &Value, place: &str) -> bool {
        let mut sites = self.sites.iter().filter(|(known, _)| known.id == clause.id);
        clause.record.is_some() || sites.any(|(_, site)| holds(site, body, place))
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

    /// The id of the clause that a violation is about, or would be: a part of a message that has no clauses, since it
    /// has several forms, is spoken of like any other part by globs as `dci.form.*.timestamp.format`.
    pub fn id_of(&self, violation: &Violation) -> Option<Cow<'static, str>> {
        if let Some(clause) = self.clause_of(violation) {
            return Some(clause.id.as_str().into());
        }
        let rule = Rule::of_keyword(&violation.keyword)?.word();
        let (_, member) = violation.pointer.rsplit_once('/')?;
        Some(format!("dci.form.part.{}.{rule}", member.replace('_', "-")).into())
    }

    /// The clauses that a body is subject to, at the places that `concerns` names: their member is there, or
    /// should be.
    pub fn exercised(&self, body: &Value, concerns: impl Fn(&str) -> bool) -> Vec<&'static Clause> {
        let mut exercised: Vec<&'static Clause> = Vec::new();
        for (clause, site) in &self.sites {
            let applies = |place: &str| holds(site, body, place) && concerns(place);
            if members(body, &site.pointer, clause.rule).any(|place| applies(&place)) {
                exercised.push(clause);
            }
        }
        for (root, component) in &self.records {
            for (place, value) in places(body, root) {
                record::exercised(component, value, &place, &concerns, 0, &mut exercised);
            }
        }
        exercised
    }
}

/// Where a rule applies to the members of a body at a generalised pointer: where they are, and for the
/// rule that they are there, where they should be.
pub(super) fn members(body: &Value, pointer: &str, rule: Rule) -> impl Iterator<Item = String> {
    let found: Vec<String> = match (rule, pointer.rsplit_once('/')) {
        (Rule::Required, Some((holder, name))) => places(body, holder)
            .into_iter()
            .filter(|(_, value)| value.is_object())
            .map(|(place, _)| format!("{place}/{name}"))
            .collect(),
        _ => places(body, pointer)
            .into_iter()
            .map(|(place, _)| place)
            .collect(),
    };
    found.into_iter()
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
