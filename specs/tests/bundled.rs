//! Our own documents: every operation has a name and examples, every example has the form it illustrates,
//! and no component stands for nothing.

use serde_json::Value;
use specs::document::Document;
use specs::records;
use specs::schema::Schema;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Components that no reference leads to, and why they are there.
const UNREFERENCED: [(&str, &str); 3] = [
    (
        "dci-common.yaml EncryptedMessage",
        "stands for any message once both sides agreed on encryption; the documents show messages in clear",
    ),
    (
        "dci-records.yaml EnrolmentStatusCode",
        "a code list without a member that uses it: the only known server answers with words",
    ),
    (
        "dci-records.yaml VitalEventCode",
        "a code list without a member that uses it: reg_event_type is free text in every edition",
    ),
];

fn documents() -> impl Iterator<Item = (&'static str, Document)> {
    let names = Document::bundled_names().into_iter();
    names.map(|name| {
        (
            name,
            Document::bundled(name).unwrap_or_else(|error| panic!("{error}")),
        )
    })
}

/// Fails with all complaints at once.
#[track_caller]
fn expect_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let mut complaints = Vec::new();
    for (name, document) in documents() {
        let mut seen = BTreeSet::new();
        for operation in document.operations() {
            match operation.operation_id.clone() {
                None => complaints.push(format!("{name} {}: no operationId", operation.path)),
                Some(id) if !seen.insert(id.clone()) => complaints.push(format!("{name}: `{id}` twice")),
                Some(_) => {}
            }
            if operation.summary.as_deref().unwrap_or_default().is_empty() {
                complaints.push(format!("{name} {}: no summary", operation.path));
            }
        }
    }
    expect_none(&complaints);
}

#[test]
fn an_operation_has_the_same_name_in_every_document() {
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, document) in documents() {
        for operation in document.operations() {
            let id = operation.operation_id.clone().unwrap_or_default();
            names.entry(operation.path.clone()).or_default().insert(id);
        }
    }
    names.retain(|_, ids| ids.len() > 1);
    assert!(names.is_empty(), "{names:?}");
}

#[test]
fn every_operation_shows_a_request_and_a_response() {
    let mut complaints = Vec::new();
    for (name, document) in documents() {
        let examples = document.examples().unwrap();
        for operation in document.operations() {
            let of = |request: bool| {
                examples.iter().any(|e| {
                    e.path == operation.path
                        && e.method == operation.method
                        && (e.part == "request") == request
                        && (request || ["200", "default"].contains(&e.part.as_str()))
                })
            };
            if operation.request.is_some() && !of(true) {
                complaints.push(format!("{name} {}: no example of a request", operation.path));
            }
            if !of(false) {
                complaints.push(format!("{name} {}: no example of a response", operation.path));
            }
        }
    }
    expect_none(&complaints);
}

#[test]
fn every_example_has_the_form_it_illustrates() {
    let mut complaints = Vec::new();
    let mut count = 0;
    for (name, document) in documents() {
        for example in document.examples().unwrap() {
            count += 1;
            let schema = Schema::compile(&example.schema).unwrap();
            for violation in schema.violations(&example.value) {
                complaints.push(format!(
                    "{name} {} {} {}: {} {}: {}; {}",
                    example.path,
                    example.part,
                    example.name,
                    violation.pointer,
                    violation.keyword,
                    violation.expected,
                    violation.actual
                ));
            }
            complaints.extend(
                faulty_records(&example.value, "").map(|fault| format!("{name} {}: {fault}", example.path)),
            );
        }
    }
    expect_none(&complaints);
    println!("{count} examples");
}

/// What the record dictionary says against the records of a message, wherever they stand.
fn faulty_records<'v>(value: &'v Value, pointer: &str) -> Box<dyn Iterator<Item = String> + 'v> {
    let schema = value
        .get("reg_record_type")
        .and_then(Value::as_str)
        .and_then(records::schema_of);
    let records = value
        .get("reg_records")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let here = pointer.to_owned();
    let own = records.flat_map(move |record| {
        let violations = schema.map_or_else(Vec::new, |schema| schema.violations(record));
        let here = here.clone();
        violations
            .into_iter()
            .map(move |v| format!("{here}: {}: {}", v.pointer, v.expected))
    });
    let children: Vec<(String, &Value)> = match value {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(n, v)| (n.to_string(), v))
            .collect(),
        Value::Object(members) => members.iter().map(|(n, v)| (n.clone(), v)).collect(),
        _ => Vec::new(),
    };
    let pointer = pointer.to_owned();
    Box::new(
        own.chain(
            children
                .into_iter()
                .flat_map(move |(name, child)| faulty_records(child, &format!("{pointer}/{name}"))),
        ),
    )
}

#[test]
fn no_component_stands_for_nothing() {
    fn references(value: &Value, file: &str, into: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    match (name.as_str(), member.as_str()) {
                        ("$ref", Some(target)) => {
                            let (other, pointer) = target.split_once('#').unwrap_or((target, ""));
                            let other = if other.is_empty() { file } else { other };
                            into.insert(format!("{other} {pointer}"));
                        }
                        _ => references(member, file, into),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, file, into)),
            _ => {}
        }
    }
    let mut used = BTreeSet::new();
    for (name, document) in documents() {
        references(document.value(), name, &mut used);
    }
    for record_type in records::types() {
        used.insert(format!(
            "dci-records.yaml /components/schemas/{}",
            record_type.component
        ));
    }
    let mut unreferenced = BTreeSet::new();
    for (name, document) in documents() {
        for kind in ["schemas", "responses", "parameters", "requestBodies", "examples"] {
            let components = document.value()["components"][kind].as_object();
            for (component, _) in components.into_iter().flatten() {
                if !used.contains(&format!("{name} /components/{kind}/{component}")) {
                    unreferenced.insert(format!("{name} {component}"));
                }
            }
        }
    }
    let justified: BTreeSet<String> = UNREFERENCED
        .iter()
        .map(|(component, _)| (*component).to_owned())
        .collect();
    assert_eq!(unreferenced, justified);
}

#[test]
fn the_schemas_of_a_document_are_compiled_in_little_time() {
    for (name, document) in documents() {
        let mut schemas = 0;
        let begin = Instant::now();
        for operation in document.operations() {
            let request = operation.request.iter().flat_map(|r| r.content.values());
            let responses = operation.responses.values().flat_map(|r| r.content.values());
            for schema in request.chain(responses) {
                Schema::compile(schema).unwrap();
                schemas += 1;
            }
        }
        let took = begin.elapsed();
        println!(
            "{name}: {} operations, {schemas} schemas in {took:?}",
            document.operations().len()
        );
        // A document takes a few milliseconds when it is optimised; this only catches what explodes.
        assert!(took < Duration::from_secs(10), "{name}: {took:?}");
    }
}
