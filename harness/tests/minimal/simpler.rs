//! What is simpler than a reported counterexample by one step.

use crate::{Run, Shown};
use serde_json::{Value, json};
use specs::evidence::Intent;

/// Members that are new in every request.
const FRESH: [&str; 7] = [
    "message_id",
    "message_ts",
    "transaction_id",
    "reference_id",
    "timestamp",
    "signature",
    "sender_uri",
];

/// The members in which a body differs from an accepted one. `at` is the member that is said to be at fault, and
/// counts whatever it is.
fn differences(control: &Value, body: &Value, pointer: &str, at: &str, found: &mut Vec<String>) {
    match (control, body) {
        (Value::Object(left), Value::Object(right)) => {
            for name in left
                .keys()
                .chain(right.keys().filter(|name| !left.contains_key(*name)))
            {
                let below = format!("{pointer}/{name}");
                if FRESH.contains(&name.as_str()) && below != at {
                    continue;
                }
                match (left.get(name), right.get(name)) {
                    (Some(left), Some(right)) => differences(left, right, &below, at, found),
                    _ => found.push(below),
                }
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (n, (left, right)) in left.iter().zip(right).enumerate() {
                differences(left, right, &format!("{pointer}/{n}"), at, found);
            }
        }
        _ if control == body => {}
        _ => found.push(pointer.to_owned()),
    }
}

fn put(body: &Value, pointer: &str, value: Option<Value>) -> Value {
    let mut body = body.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match (body.pointer_mut(parent), value) {
        (Some(Value::Object(members)), Some(value)) => {
            members.insert(name.to_owned(), value);
        }
        (Some(Value::Object(members)), None) => {
            members.shift_remove(name);
        }
        (Some(Value::Array(items)), Some(value)) => items[name.parse::<usize>().unwrap()] = value,
        _ => {}
    }
    body
}

/// What a value becomes by one step: a member, an item or a character less, a number nearer to nought, or a part of
/// it simpler.
fn simpler(value: &Value) -> Vec<Value> {
    match value {
        Value::Null | Value::Bool(false) => Vec::new(),
        Value::Bool(true) => vec![json!(false)],
        Value::Number(number) => match number.as_i64() {
            Some(0) => Vec::new(),
            Some(n) => vec![json!(0), json!(n / 2), json!(n - n.signum())],
            None => vec![json!(0)],
        },
        Value::String(text) => {
            let characters: Vec<char> = text.chars().collect();
            let without = |n: usize| {
                characters[..n]
                    .iter()
                    .chain(&characters[n + 1..])
                    .collect::<String>()
            };
            (0..characters.len()).map(|n| json!(without(n))).collect()
        }
        Value::Array(items) => {
            let mut all: Vec<Value> = Vec::new();
            for (n, item) in items.iter().enumerate() {
                all.push([&items[..n], &items[n + 1..]].concat().into());
                all.extend(simpler(item).into_iter().map(|item| {
                    let mut items = items.clone();
                    items[n] = item;
                    items.into()
                }));
            }
            all
        }
        Value::Object(members) => {
            let mut all: Vec<Value> = Vec::new();
            for (name, member) in members {
                let mut fewer = members.clone();
                fewer.shift_remove(name);
                all.push(fewer.into());
                all.extend(simpler(member).into_iter().map(|member| {
                    let mut members = members.clone();
                    members.insert(name.clone(), member);
                    members.into()
                }));
            }
            all
        }
    }
}

/// What the faulty value becomes when one thing about it is mended or simplified and it still has the fault of the
/// same name.
fn simpler_fault(rule: &str, honest: Option<&Value>, sent: &Value) -> Vec<Value> {
    // A text that is almost right is simplest where one character is wrong: others are taken back.
    if let (Some(Value::String(honest)), Value::String(sent), true) = (honest, sent, rule == "pattern") {
        let (honest, sent): (Vec<char>, Vec<char>) = (honest.chars().collect(), sent.chars().collect());
        if honest.len() != sent.len() {
            return Vec::new();
        }
        let mended = (0..sent.len()).filter(|n| honest[*n] != sent[*n]).map(|n| {
            let mut mended = sent.clone();
            mended[n] = honest[n];
            json!(mended.iter().collect::<String>())
        });
        return mended.collect();
    }
    // A time without its zone has no simpler form.
    if rule == "format" && sent.as_str().is_some_and(|text| text.contains('-')) {
        return Vec::new();
    }
    let mut all = simpler(sent);
    all.retain(|value| std::mem::discriminant(value) == std::mem::discriminant(sent));
    all
}

/// Bodies that are simpler than a reported one.
pub(crate) fn candidates(run: &Run, shown: &Shown) -> Vec<Value> {
    let schemas = &run.target.schemas;
    let schema = schemas.request(&shown.exchange.operation).unwrap();
    let body = shown.exchange.request.body.json().unwrap();
    let control = shown.control.request.body.json().unwrap();
    let at = shown.counterexample.pointer.clone().unwrap_or_default();
    let mut differing = Vec::new();
    differences(&control, &body, "", &at, &mut differing);
    assert!(!differing.is_empty(), "{:?}", shown.counterexample);
    let back: Vec<Value> = differing
        .iter()
        .map(|pointer| put(&body, pointer, control.pointer(pointer).cloned()))
        .collect();
    match &shown.exchange.intent {
        Intent::Faulty {
            rule, honest, sent, ..
        } => {
            // What is wrong is wrong at this member and nowhere else.
            let within = |pointer: &str| pointer == at || pointer.starts_with(&format!("{at}/"));
            let mut all = back;
            if let Some(sent) = sent {
                let simpler = simpler_fault(rule, honest.as_ref(), sent).into_iter();
                all.extend(simpler.map(|value| put(&body, &at, Some(value))));
            }
            all.retain(|body| {
                let violations = schema.violations(body);
                !violations.is_empty()
                    && violations.iter().all(|v| within(&v.pointer))
                    && violations.iter().any(|v| v.keyword == *rule)
            });
            all
        }
        Intent::Honest => {
            let mut all = back;
            for pointer in &differing {
                let values = body.pointer(pointer).map(simpler).unwrap_or_default();
                all.extend(values.into_iter().map(|value| put(&body, pointer, Some(value))));
            }
            all.retain(|body| schema.is_valid(body));
            all
        }
    }
}
