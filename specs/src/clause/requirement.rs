//! The requirement that a clause is.

use super::{Clause, Message, Rule};
use crate::catalogue::{Kind, Requirement, Role, Source};
use crate::evidence::Level;

/// Query types that a registry may leave out, so that nothing in a query of theirs can be demanded.
const MAY_BE_LEFT_OUT: &[&str] = &["expression", "graphql"];

/// The requirement of a clause.
pub(crate) fn requirement(clause: &Clause) -> Requirement {
    let mut messages: Vec<Message> = clause.at.iter().map(|site| site.message).collect();
    if clause.record.is_some() {
        messages = vec![
            Message::SearchReply,
            Message::Notification,
            Message::TxnStatusReply,
        ];
    }
    messages.dedup();
    let mut operations: Vec<String> = messages
        .iter()
        .flat_map(|message| message.parts().map(|(operation, _)| operation.to_owned()))
        .collect();
    operations.sort();
    operations.dedup();
    let is_request = messages.iter().any(|m| m.is_request());
    let digit = clause.id.starts_with("digit.");
    let ours = !clause.errata.is_empty();
    Requirement {
        id: clause.id.clone(),
        level: if ours { Level::Should } else { Level::Must },
        kind: if is_request { Kind::Behaviour } else { Kind::Form },
        role: if digit { Role::Exchange } else { Role::Registry },
        operations,
        statement: statement(clause, &messages, is_request),
        why: if ours {
            format!(
                "The published documents do not say so; our edition does, for the reason in {}.",
                clause.errata.join(" and ")
            )
        } else if clause.record.is_some() {
            "The record types are part of the standard, and a consumer parses by them.".to_owned()
        } else {
            "The document's schema says so, and whoever receives messages validates by it.".to_owned()
        },
        remedy: if is_request {
            "Validate requests against the document before you act on them.".to_owned()
        } else {
            "Validate your own messages against the document in your tests.".to_owned()
        },
        sources: sources(clause),
        untestable: untestable(clause, is_request),
    }
}

fn statement(clause: &Clause, messages: &[Message], is_request: bool) -> String {
    let path = |pointer: &str| {
        let path = pointer
            .trim_start_matches('/')
            .replace("/[]", "[]")
            .replace('/', ".");
        path.replace("~1", "/").replace("~0", "~")
    };
    let header = clause.id.contains("-header.");
    let (whose, member, when) = match (&clause.record, clause.at.first()) {
        (Some(site), _) => (
            format!("a record of type {}", site.component),
            path(&site.pointer),
            &[][..],
        ),
        (None, Some(site)) if header => {
            let whose = if is_request { "a request" } else { "an answer" };
            (whose.to_owned(), path(&site.pointer), &[][..])
        }
        (None, Some(site)) => {
            let title = messages.first().map_or("a message", |m| m.title());
            (title.to_owned(), path(&site.pointer), site.when.as_slice())
        }
        (None, None) => return String::new(),
    };
    let says = &clause.says;
    let rule = match clause.rule {
        Rule::Required => "is there".to_owned(),
        Rule::Length | Rule::Items => format!("has {says}"),
        Rule::Type | Rule::Enum | Rule::Pattern | Rule::Format | Rule::Range => format!("is {says}"),
    };
    let when = when.iter().fold(String::new(), |text, w| {
        format!("{text}, where {} is {}", path(&w.at), w.is.join(" or "))
    });
    let there = if clause.rule == Rule::Required {
        ""
    } else {
        ", where it is there,"
    };
    let refused = if is_request {
        "; a request that is otherwise is refused"
    } else {
        ""
    };
    format!("In {whose}, `{member}`{there} {rule}{when}{refused}.")
}

fn sources(clause: &Clause) -> Vec<Source> {
    let pointer = match (&clause.record, clause.at.first()) {
        (Some(site), _) => format!("{}{}", site.component, site.pointer),
        (None, Some(site)) => format!("{}{}", site.message.word(), site.pointer),
        (None, None) => String::new(),
    };
    let of = |file: &String| {
        let edition = match file.as_str() {
            _ if clause.record.is_some() => "SPDCI schemas 2026-04",
            "digit-exchange.yaml" => "DIGIT Exchange 1.0.0",
            "openspp-dci.yaml" => "OpenSPP documentation, DCI API",
            "dci-economic-support.yaml" => "mock server of the economic support service",
            "dci-crvs.yaml" => "SPDCI standards 2025-01, registry core",
            _ => "SPDCI standards 2025-01",
        };
        Source {
            document: format!("{edition}, as consolidated in {file}"),
            at: pointer.clone(),
        }
    };
    clause.documents.iter().map(of).collect()
}

fn untestable(clause: &Clause, is_request: bool) -> Option<String> {
    if clause.id.starts_with("dci.form.token-reply.access-token.") {
        let reason =
            "Without a token nothing can be tried, so preflight says so before any requirement is judged.";
        return Some(reason.to_owned());
    }
    if clause.id.contains(".reciever-id.") {
        return Some("The spelling of a member is a reading (digit.receiver-spelling); a target may know only the other.".to_owned());
    }
    let optional = |site: &super::Site| {
        site.when
            .iter()
            .any(|w| w.is.iter().all(|value| MAY_BE_LEFT_OUT.contains(&value.as_str())))
    };
    (is_request && !clause.at.is_empty() && clause.at.iter().all(optional)).then(|| {
        "A registry may refuse every query of this type (see the reading dci.query-types), so that a refusal \
         does not show what it checks."
            .to_owned()
    })
}
