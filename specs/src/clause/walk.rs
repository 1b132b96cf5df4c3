//! Which rules a schema holds for which members, with the alternatives told apart.

use super::bad::bad;
use super::{Rule, When, words};
use indexmap::IndexMap;
use serde_json::Value;

/// A rule of a schema for a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) pointer: String,
    pub(super) rule: Rule,
    pub(super) says: String,
    pub(super) bad: Value,
    pub(super) when: Vec<When>,
}

/// How deep members are followed; our documents' messages are far from it.
const MAX_DEPTH: usize = 24;

/// Every rule of a resolved schema.
pub(super) fn walk(schema: &Value) -> Vec<Found> {
    let mut found = Vec::new();
    node(&[schema], "", &[], &mut found);
    found
}

fn add(found: &mut Vec<Found>, new: Found) {
    let same = |f: &Found| f.pointer == new.pointer && f.rule == new.rule;
    match found.iter_mut().find(|f| same(f)) {
        None => found.push(new),
        // Said in one alternative and said in general: in general.
        Some(known) if new.when.is_empty() && !known.when.is_empty() => *known = new,
        Some(known) if !known.when.is_empty() && known.when != new.when => {
            let more = new.when.into_iter().flat_map(|w| w.is);
            if let [only] = known.when.as_mut_slice() {
                only.is.extend(more);
                only.is.sort();
                only.is.dedup();
            }
        }
        Some(_) => {}
    }
}

/// The schemas that hold together at one place: these, and all parts of their `allOf`.
fn together<'v>(schemas: &[&'v Value]) -> Vec<&'v Value> {
    let mut parts = Vec::new();
    for schema in schemas {
        parts.push(*schema);
        if let Some(more) = schema.get("allOf").and_then(Value::as_array) {
            parts.extend(together(&more.iter().collect::<Vec<_>>()));
        }
    }
    parts
}

fn node(schemas: &[&Value], pointer: &str, when: &[When], found: &mut Vec<Found>) {
    if pointer.matches('/').count() > MAX_DEPTH {
        return;
    }
    let parts = together(schemas);
    own(&parts, pointer, when, found);
    members(&parts, pointer, when, found);
    for part in &parts {
        for keyword in ["oneOf", "anyOf"] {
            if let Some(branches) = part.get(keyword).and_then(Value::as_array) {
                alternatives(branches, pointer, when, found);
            }
        }
    }
}

fn members(parts: &[&Value], pointer: &str, when: &[When], found: &mut Vec<Found>) {
    let mut properties: IndexMap<&String, Vec<&Value>> = IndexMap::new();
    for part in parts {
        for (name, schema) in part
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            properties.entry(name).or_default().push(schema);
        }
        let required = part
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        for name in required.filter_map(Value::as_str) {
            add(
                found,
                Found {
                    pointer: below(pointer, name),
                    rule: Rule::Required,
                    says: words::says(Rule::Required, &[]),
                    bad: Value::Null,
                    when: when.to_vec(),
                },
            );
        }
    }
    for (name, schemas) in properties {
        node(&schemas, &below(pointer, name), when, found);
    }
    let items: Vec<&Value> = parts.iter().filter_map(|part| part.get("items")).collect();
    if !items.is_empty() {
        node(&items, &format!("{pointer}/[]"), when, found);
    }
}

fn below(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// The rules for the value itself; where it is one of several kinds of value, those of any kind.
fn own(parts: &[&Value], pointer: &str, when: &[When], found: &mut Vec<Found>) {
    if pointer.is_empty() {
        return;
    }
    let mut here: Vec<&Value> = parts.to_vec();
    for part in parts {
        for keyword in ["oneOf", "anyOf"] {
            let branches = part.get(keyword).and_then(Value::as_array);
            let branches: Vec<&Value> = branches.into_iter().flatten().collect();
            // A branch without a type that only adds a condition says nothing of the value's kind.
            if !branches.is_empty() && branches.iter().all(|b| b.get("type").is_some()) {
                here.extend(branches.into_iter().filter(|b| !is_compound(b)));
            }
        }
    }
    let kinds: Vec<&Value> = parts
        .iter()
        .copied()
        .filter(|p| p.get("type").is_some())
        .take(1)
        .collect();
    let kinds = if kinds.is_empty() { all_kinds(parts) } else { kinds };
    let mut say = |rule: Rule, schemas: &[&Value]| {
        let says = words::says(rule, schemas);
        add(
            found,
            Found {
                pointer: pointer.to_owned(),
                rule,
                says,
                bad: bad(rule, schemas),
                when: when.to_vec(),
            },
        );
    };
    // A list of values, a pattern and a format say of what type they are.
    let says_more = |s: &&Value| ["enum", "pattern", "format"].iter().any(|k| s.get(*k).is_some());
    if !kinds.is_empty() && words::kinds(&kinds).len() < 6 && !here.iter().any(says_more) {
        say(Rule::Type, &kinds);
    }
    for rule in [
        Rule::Enum,
        Rule::Length,
        Rule::Range,
        Rule::Items,
        Rule::Pattern,
        Rule::Format,
    ] {
        let holders: Vec<&Value> = here
            .iter()
            .copied()
            .filter(|s| rule.keywords().iter().any(|k| s.get(*k).is_some()))
            .collect();
        if !holders.is_empty() {
            say(rule, &holders);
        }
    }
}

/// Whether a schema is of an object or a list.
fn is_compound(schema: &Value) -> bool {
    schema.get("properties").is_some() || schema.get("items").is_some()
}

/// The branches of the first alternative in which every branch names its type.
fn all_kinds<'v>(parts: &[&'v Value]) -> Vec<&'v Value> {
    for part in parts {
        for keyword in ["oneOf", "anyOf"] {
            let branches: Vec<&Value> = part
                .get(keyword)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .flat_map(|branch| together(&[branch]))
                .collect();
            if !branches.is_empty() && branches.iter().all(|b| b.get("type").is_some()) {
                return branches;
            }
        }
    }
    Vec::new()
}

/// What holds in every alternative holds; what holds in one of those that a member tells apart holds
/// when that member says so.
fn alternatives(branches: &[Value], pointer: &str, when: &[When], found: &mut Vec<Found>) {
    let teller = telling_apart(branches);
    let mut each: Vec<Vec<Found>> = Vec::new();
    for branch in branches {
        let mut inner = Vec::new();
        let parts = together(&[branch]);
        members(&parts, pointer, &[], &mut inner);
        for part in &parts {
            for keyword in ["oneOf", "anyOf"] {
                if let Some(branches) = part.get(keyword).and_then(Value::as_array) {
                    alternatives(branches, pointer, &[], &mut inner);
                }
            }
        }
        each.push(inner);
    }
    let has = |all: &[Found], one: &Found| all.iter().any(|f| f.pointer == one.pointer && f.rule == one.rule);
    for (branch, inner) in branches.iter().zip(&each) {
        for rule in inner {
            let tells = |name: &String| rule.pointer == below(pointer, name);
            let mut rule = rule.clone();
            if let Some((name, listed)) = &teller
                && tells(name)
                && rule.rule == Rule::Enum
            {
                rule.says = format!("one of {}", listed.join(", "));
                rule.when = when.to_vec();
                add(found, rule);
                continue;
            }
            if each.iter().all(|other| has(other, &rule)) {
                rule.says = said_by_all(&each, &rule);
                let mut conditions = when.to_vec();
                conditions.append(&mut rule.when);
                rule.when = conditions;
                add(found, rule);
            } else if let Some((name, _)) = &teller {
                let mut conditions = when.to_vec();
                conditions.push(When {
                    at: below(pointer, name),
                    is: listed(branch, name),
                });
                conditions.append(&mut rule.when);
                rule.when = conditions;
                add(found, rule);
            }
        }
    }
}

/// What the alternatives say of the same member.
fn said_by_all(each: &[Vec<Found>], rule: &Found) -> String {
    let same = |f: &&Found| f.pointer == rule.pointer && f.rule == rule.rule;
    let mut said: Vec<&str> = Vec::new();
    for found in each.iter().filter_map(|inner| inner.iter().find(same)) {
        if !said.contains(&found.says.as_str()) {
            said.push(&found.says);
        }
    }
    said.join(" or ")
}

/// The member whose listed values tell the alternatives apart, with all of these values.
fn telling_apart(branches: &[Value]) -> Option<(String, Vec<String>)> {
    let parts = together(&[branches.first()?]);
    let names = parts
        .iter()
        .filter_map(|part| part.get("properties").and_then(Value::as_object))
        .flatten()
        .map(|(name, _)| name);
    for name in names {
        let lists: Vec<Vec<String>> = branches.iter().map(|branch| listed(branch, name)).collect();
        let all: Vec<String> = lists.iter().flatten().cloned().collect();
        let mut distinct = all.clone();
        distinct.sort();
        distinct.dedup();
        if lists.iter().all(|list| !list.is_empty()) && distinct.len() == all.len() {
            return Some((name.clone(), all));
        }
    }
    None
}

/// The values that a schema lists for a member.
fn listed(schema: &Value, name: &str) -> Vec<String> {
    let mut lists = together(&[schema]).into_iter().filter_map(|part| {
        let member = part.get("properties")?.get(name)?;
        Some(
            member
                .get("enum")?
                .as_array()?
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect::<Vec<_>>(),
        )
    });
    lists.next_back().unwrap_or_default()
}
