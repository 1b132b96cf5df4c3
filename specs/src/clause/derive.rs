//! Derives the table of clauses from our documents.

use super::dictionary::{bundled, reachable};
use super::walk::{Found, walk};
use super::{Clause, Message, Part, RecordSite, Rule, Site, When, record};
use crate::catalogue::{Covers, Erratum, Published, read_errata, read_published};
use crate::diff::DifferenceKind;
use crate::document::{Document, DocumentError, OperationDoc};
use serde_json::Value;
use std::collections::BTreeMap;

/// The documents whose clauses are requirements: those that a profile can claim.
const DOCUMENTS: &[&str] = &[
    "dci-beneficiary.yaml",
    "dci-crvs.yaml",
    "dci-disability.yaml",
    "dci-economic-support.yaml",
    "dci-farmer.yaml",
    "dci-social.yaml",
    "digit-exchange.yaml",
    "openspp-dci.yaml",
];

/// Every clause of our documents, sorted by id.
///
/// # Errors
/// A document that cannot be read.
pub fn derive() -> Result<Vec<Clause>, DocumentError> {
    let published = read_published().expect("a test proves the data");
    let errata = read_errata().expect("a test proves the data");
    let mut clauses: BTreeMap<String, Clause> = BTreeMap::new();
    for file in DOCUMENTS {
        let document = Document::bundled(file)?;
        let errata = errata_of(file, &published, &errata);
        for operation in document.operations() {
            for (message, schema, at) in messages(operation) {
                for found in walk(schema) {
                    of_message(file, message, &found, &mut clauses, |known| {
                        covered(&errata, &at, &found, schema, known);
                    });
                }
                for (_, component) in record::roots(file, message) {
                    of_records(file, component, &mut clauses);
                }
            }
        }
    }
    Ok(clauses.into_values().collect())
}

/// The errata of the published documents that one of ours stands for.
fn errata_of<'e>(file: &str, published: &[Published], errata: &'e [Erratum]) -> Vec<(&'e str, Covers<'e>)> {
    // The registry core is published for the civil registry.
    let file = if file == "dci-crvs.yaml" {
        "dci-core.yaml"
    } else {
        file
    };
    let published: Vec<&str> = published
        .iter()
        .filter(|published| published.ours == file)
        .map(|published| published.id.as_str())
        .collect();
    let errata = errata
        .iter()
        .filter(|erratum| published.iter().any(|id| erratum.is_about(id)));
    errata
        .filter_map(|erratum| Some((erratum.id.as_str(), erratum.compiled().ok()?)))
        .collect()
}

fn of_message(
    file: &str,
    message: Message,
    found: &Found,
    clauses: &mut BTreeMap<String, Clause>,
    covered: impl Fn(&mut Vec<String>),
) {
    // Which action belongs to which operation is a requirement of its own.
    if matches!(found.rule, Rule::Enum | Rule::Type) && found.pointer == "/header/action" {
        return;
    }
    // Whether the parties and addresses of an exchange are known is, too.
    let parties = [
        "/header/sender_id",
        "/header/receiver_id",
        "/header/reciever_id",
        "/header/sender_uri",
    ];
    if message.family() == "digit" && found.rule == Rule::Length && parties.contains(&found.pointer.as_str())
    {
        return;
    }
    // What a status says of its transaction is what the answer to the transaction would say.
    let told = found
        .pointer
        .starts_with("/message/txnstatus_response/txn_status/");
    if told && !found.when.iter().any(says_of_what) {
        return;
    }
    // Signatures have requirements of their own, by their scheme.
    if found.pointer == "/signature" {
        return;
    }
    // The members of records are the dictionary's, not the message's.
    let within = |(root, _): &(&str, &str)| {
        found
            .pointer
            .strip_prefix(root)
            .is_some_and(|r| r.starts_with('/'))
    };
    if record::roots(file, message).iter().any(within) {
        return;
    }
    let (family, subject, pointer) = subject(file, message, found);
    let id = id(family, &subject, pointer, found.rule);
    let clause = clauses.entry(id.clone()).or_insert_with(|| plain(id, found));
    push(&mut clause.documents, file.to_owned());
    push(
        &mut clause.at,
        Site {
            message,
            pointer: found.pointer.clone(),
            when: found.when.clone(),
        },
    );
    // That a request has a header and a message, everybody says.
    if !(message.is_request() && found.rule == Rule::Required && found.pointer.matches('/').count() == 1) {
        covered(&mut clause.errata);
    }
}

/// The clauses of every record that can travel in a record of this component.
fn of_records(file: &str, root: &str, clauses: &mut BTreeMap<String, Clause>) {
    for component in reachable(root) {
        for found in walk(&bundled()[component].schema) {
            let subject = format!("record.{}", slug(component));
            let id = id("dci", &subject, &found.pointer, found.rule);
            let clause = clauses.entry(id.clone()).or_insert_with(|| plain(id, &found));
            push(&mut clause.documents, file.to_owned());
            clause.record = Some(RecordSite {
                component: component.to_owned(),
                pointer: found.pointer.clone(),
            });
        }
    }
}

fn plain(id: String, found: &Found) -> Clause {
    Clause {
        id,
        rule: found.rule,
        says: found.says.clone(),
        bad: found.bad.clone(),
        documents: Vec::new(),
        at: Vec::new(),
        record: None,
        errata: Vec::new(),
    }
}

fn push<T: Ord>(list: &mut Vec<T>, item: T) {
    if let Err(place) = list.binary_search(&item) {
        list.insert(place, item);
    }
}

/// The messages of an operation, each with its schema and the pointer under which differences name it.
fn messages(operation: &OperationDoc) -> Vec<(Message, &Value, String)> {
    let id = operation.operation_id.as_deref().unwrap_or_default();
    let here = format!("/{}/post", operation.path.replace('~', "~0").replace('/', "~1"));
    let json = "application/json";
    let request = operation.request.as_ref().and_then(|body| {
        let form = "application/x-www-form-urlencoded";
        body.content.get(json).or_else(|| body.content.get(form))
    });
    let reply = ["default", "200"]
        .iter()
        .filter_map(|status| Some((status, operation.responses.get(*status)?.content.get(json)?)))
        // The default of a token request is an error.
        .find(|(status, _)| id != "token" || **status == "200");
    let sent = match id {
        "on-search" => Message::of("search", Part::Callback),
        "on-subscribe" => Message::of("subscribe", Part::Callback),
        "on-unsubscribe" => Message::of("unsubscribe", Part::Callback),
        "txn-on-status" => Message::of("txn-status", Part::Callback),
        "notify" => Some(Message::Notification),
        other => Message::of(other, Part::Request),
    };
    let mut messages = Vec::new();
    if let (Some(schema), Some(message)) = (request, sent) {
        let at = format!("{here}/request/application~1json");
        messages.push((message, schema, at.clone()));
        if message == Message::Exchange {
            // Both directions share one form.
            messages.push((Message::ExchangeReply, schema, at));
        }
    }
    if let (Some((status, schema)), Some(message)) = (reply, Message::of(id, Part::Reply)) {
        messages.push((message, schema, format!("{here}/{status}/application~1json")));
    }
    messages
}

/// Whether a condition is on the kind of transaction that a status is about.
fn says_of_what(when: &When) -> bool {
    when.at.ends_with("/txn_type")
}

/// What a member belongs to, and its pointer there: what several messages share is one subject.
fn subject<'f>(file: &str, message: Message, found: &'f Found) -> (&'static str, String, &'f str) {
    let family = message.family();
    let pointer = found.pointer.as_str();
    let whole = (family, message.word(), pointer);
    if family == "dci" && pointer.starts_with("/header/") {
        let header = if message.is_request() {
            "request-header"
        } else {
            "reply-header"
        };
        return (family, header.to_owned(), &pointer["/header".len()..]);
    }
    if let Some(rest) = pointer.strip_prefix("/message/txnstatus_response/txn_status/")
        && let Some(when) = found.when.iter().find(|when| says_of_what(when))
    {
        let told = match when.is.first().map(String::as_str) {
            Some("search" | "on-search") => Message::SearchReply,
            Some("subscribe" | "on-subscribe") => Message::SubscribeReply,
            _ => Message::UnsubscribeReply,
        };
        return (
            family,
            format!("{}.message", told.word()),
            &pointer[pointer.len() - rest.len() - 1..],
        );
    }
    match pointer.split_once("/reg_records/[]/") {
        Some((before, _)) if file == "openspp-dci.yaml" => {
            let at = before.len() + "/reg_records/[]".len();
            (family, "record.individual".to_owned(), &pointer[at..])
        }
        _ => whole,
    }
}

fn id(family: &str, subject: &str, pointer: &str, rule: Rule) -> String {
    let mut segments: Vec<String> = Vec::new();
    let mut rest = pointer.split('/').skip(1).peekable();
    while let Some(segment) = rest.next() {
        match segment {
            "[]" if rest.peek().is_none() => segments.push("item".to_owned()),
            "[]" => {}
            name => segments.push(slug(name)),
        }
    }
    format!("{family}.form.{subject}.{}.{}", segments.join("."), rule.word())
}

/// A name as ids write it.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    let mut before = None;
    for c in name.chars() {
        if c.is_ascii_uppercase() && before.is_some_and(|p: char| p.is_ascii_lowercase()) {
            slug.push('-');
        }
        slug.push(if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        });
        before = Some(c);
    }
    slug.trim_matches('-').to_owned()
}

/// Adds the errata that account for a rule which the published documents do not have.
fn covered(errata: &[(&str, Covers<'_>)], at: &str, found: &Found, schema: &Value, known: &mut Vec<String>) {
    let (kind, bounds) = match found.rule {
        Rule::Required => (DifferenceKind::RequiredAdded, Value::Null),
        Rule::Type => (DifferenceKind::TypeChanged, Value::Null),
        Rule::Enum => (DifferenceKind::EnumAdded, Value::Null),
        Rule::Pattern => (DifferenceKind::PatternChanged, Value::Null),
        Rule::Format => (DifferenceKind::FormatChanged, Value::Null),
        Rule::Length | Rule::Range | Rule::Items => {
            (DifferenceKind::BoundChanged, lower_bounds(schema, &found.pointer))
        }
    };
    // Published messages are one of two alternatives, plain or encrypted.
    let plain = found.pointer.replacen("/message/", "/message/oneOf/0/", 1);
    let pointers = [format!("{at}{}", found.pointer), format!("{at}{plain}")];
    for (id, covers) in errata {
        if pointers
            .iter()
            .any(|pointer| covers.cover(pointer, kind, &bounds))
        {
            push(known, (*id).to_owned());
        }
    }
}

/// The bounds of the member as errata write them. A published upper bound makes the clause theirs.
fn lower_bounds(schema: &Value, pointer: &str) -> Value {
    let mut here = vec![schema];
    for segment in super::place::segments(pointer) {
        here = here
            .into_iter()
            .flat_map(parts)
            .filter_map(|part| match segment.as_str() {
                "[]" => part.get("items"),
                name => part.get("properties")?.get(name),
            })
            .collect();
    }
    let mut bounds = serde_json::Map::new();
    for part in here.into_iter().flat_map(parts) {
        for name in [
            "minLength",
            "minItems",
            "minimum",
            "maxLength",
            "maxItems",
            "maximum",
        ] {
            if let Some(bound) = part.get(name) {
                bounds.insert(name.to_owned(), bound.clone());
            }
        }
    }
    let upper = ["maxLength", "maxItems", "maximum"];
    if upper.iter().any(|name| bounds.contains_key(*name)) {
        return Value::Null;
    }
    Value::Object(bounds)
}

/// A schema with everything it consists of at the same place.
fn parts(schema: &Value) -> Vec<&Value> {
    let mut found = vec![schema];
    for keyword in ["allOf", "oneOf", "anyOf"] {
        let more = schema
            .get(keyword)
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        found.extend(more.flat_map(parts));
    }
    found
}
