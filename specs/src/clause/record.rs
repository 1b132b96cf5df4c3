//! The clauses of records: which stand where, whatever message a record travels in.

use super::dictionary::{bundled, lineage};
use super::form::members;
use super::place::places;
use super::{Clause, Message, Rule, clauses};
use serde_json::Value;
use std::collections::{HashMap, VecDeque};
use std::sync::OnceLock;

/// How deep records within records are followed.
const MAX_DEPTH: usize = 12;

/// The records of one of our documents: pointer of a list's items (or of a lone record), component.
pub(super) fn roots(document: &str, message: Message) -> Vec<(&'static str, &'static str)> {
    let component = match document {
        "dci-beneficiary.yaml" => "Beneficiary",
        "dci-crvs.yaml" => "CRVSPerson",
        "dci-disability.yaml" => "PWDPerson",
        "dci-economic-support.yaml" => "ESSMember",
        "dci-farmer.yaml" => "Farmer",
        "dci-social.yaml" => "SocialRecord",
        _ => return Vec::new(),
    };
    match message {
        Message::SearchReply | Message::DisabilityDetailsReply => {
            vec![("/message/search_response/[]/data/reg_records/[]", component)]
        }
        Message::Notification if document != "dci-social.yaml" => vec![
            ("/message/notify_event/[]/data/reg_records/[]", component),
            ("/message/notify_event/[]/data/reg_records", component),
        ],
        Message::TxnStatusReply if document != "dci-social.yaml" => vec![(
            "/message/txnstatus_response/txn_status/search_response/[]/data/reg_records/[]",
            component,
        )],
        Message::DisabilitySupportReply => vec![
            (
                "/message/search_response/[]/data/reg_records/[]/[]",
                "DisabilitySupport",
            ),
            (
                "/message/search_response/[]/data/reg_records/[]",
                "DisabilitySupport",
            ),
        ],
        Message::EnrollmentUpdates => vec![("/message/enrolled_updates/beneficiaries/[]", component)],
        _ => Vec::new(),
    }
}

type Index = HashMap<&'static str, Vec<&'static Clause>>;

/// Component → the clauses of its own members.
fn index() -> &'static Index {
    static INDEX: OnceLock<Index> = OnceLock::new();
    INDEX.get_or_init(|| {
        let mut index = Index::new();
        for clause in clauses() {
            if let Some(site) = &clause.record {
                index.entry(site.component.as_str()).or_default().push(clause);
            }
        }
        index
    })
}

fn of(component: &str) -> impl Iterator<Item = (&'static Clause, &'static str)> {
    let clauses = lineage(component)
        .into_iter()
        .filter_map(|name| index().get(name))
        .flatten();
    clauses.filter_map(|clause| Some((*clause, clause.record.as_ref()?.pointer.as_str())))
}

/// The records within a record of this component: generalised pointer, component.
fn children(component: &str) -> impl Iterator<Item = &'static (String, String)> {
    lineage(component)
        .into_iter()
        .flat_map(|name| &bundled()[name].children)
}

/// The clause of one of these rules at a generalised pointer within a record.
pub(super) fn at(component: &str, pointer: &str, rules: &[Rule], depth: usize) -> Option<&'static Clause> {
    let here = |rule: &Rule| of(component).find(|(clause, at)| clause.rule == *rule && *at == pointer);
    if let Some((clause, _)) = rules.iter().find_map(here) {
        return Some(clause);
    }
    let mut inner = children(component).filter_map(|(at, child)| {
        let rest = pointer.strip_prefix(at.as_str())?;
        rest.starts_with('/').then_some((child, rest))
    });
    inner.find_map(|(child, rest)| (depth < MAX_DEPTH).then(|| self::at(child, rest, rules, depth + 1))?)
}

/// The ways from a record of one component to one of another, the shortest first: generalised pointers.
pub(super) fn paths_to(from: &str, to: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    let mut waiting = VecDeque::from([(from.to_owned(), String::new())]);
    while let Some((component, path)) = waiting.pop_front() {
        if lineage(&component).contains(&to) {
            found.push(path.clone());
        }
        if seen.contains(&component) {
            continue;
        }
        for (pointer, child) in children(&component) {
            waiting.push_back((child.clone(), format!("{path}{pointer}")));
        }
        seen.push(component);
    }
    found
}

/// Adds the clauses that a record at this place is subject to.
pub(super) fn exercised(
    component: &str,
    record: &Value,
    place: &str,
    concerns: &impl Fn(&str) -> bool,
    depth: usize,
    found: &mut Vec<&'static Clause>,
) {
    if depth > MAX_DEPTH || !record.is_object() {
        return;
    }
    for (clause, pointer) in of(component) {
        let new = !found.iter().any(|f| std::ptr::eq(*f, clause));
        if new && members(record, pointer, clause.rule).any(|below| concerns(&format!("{place}{below}"))) {
            found.push(clause);
        }
    }
    for (pointer, child) in children(component) {
        for (below, value) in places(record, pointer) {
            exercised(
                child,
                value,
                &format!("{place}{below}"),
                concerns,
                depth + 1,
                found,
            );
        }
    }
}
