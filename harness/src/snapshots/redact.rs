//! What differs from one answer to the next by design, and what stands in its place: ids, times, tokens,
//! counts and addresses become their names; the records of a registry become their common shape.

use reports::event::{Entry, Event};
use serde_json::{Map, Value};
use specs::wire::time::is_date_time_with_zone;

/// Members that hold secrets, signatures or what follows from the clock.
const VARYING: [&str; 11] = [
    "access_token",
    "refresh_token",
    "id_token",
    "signature",
    "expires_in",
    "exp",
    "iat",
    "nbf",
    "jti",
    "nonce",
    "ciphertext",
];
/// What the names of members end with whose values are ids, times, addresses or counts.
const ENDINGS: [&str; 9] = [
    "_id",
    "_ts",
    "_at",
    "_time",
    "_timestamp",
    "_uri",
    "_url",
    "_count",
    "Id",
];
/// Members whose values are ids or times.
const NAMES: [&str; 4] = ["id", "uuid", "ts", "timestamp"];

/// Replaces what varies.
#[derive(Debug, Default)]
pub(super) struct Redaction {
    /// Host and port of the target.
    authority: Option<String>,
}

impl Redaction {
    /// For the answers of a profile's target.
    pub(super) fn of(entries: &[Entry], profile: &str) -> Self {
        let target = entries.iter().find_map(|entry| match &entry.event {
            Event::RunStarted(started) => started.targets.iter().find(|target| target.profile == profile),
            _ => None,
        });
        let url = target.and_then(|target| url::Url::parse(&target.url).ok());
        Self {
            authority: url
                .map(|url| url.authority().to_owned())
                .filter(|a| !a.is_empty()),
        }
    }

    /// Replaces what varies in a body, and sorts its members.
    pub(super) fn value(&self, value: &mut Value) {
        match value {
            Value::Object(members) => {
                for (name, member) in members.iter_mut() {
                    match (name.as_str(), &mut *member) {
                        ("reg_records", records) => *records = records_shape(records),
                        (name, Value::String(_) | Value::Number(_)) if varies(name) => {
                            *member = Value::String(format!("[{name}]"));
                        }
                        (_, member) => self.value(member),
                    }
                }
                members.sort_keys();
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::String(text) => *text = self.text(text),
            _ => {}
        }
    }

    /// Replaces what varies within a text.
    pub(super) fn text(&self, text: &str) -> String {
        let text = match &self.authority {
            Some(authority) => text.replace(authority.as_str(), "[address]"),
            None => text.to_owned(),
        };
        let mut out = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let end = rest.find(|c| !in_word(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            // A stop after the word is the sentence's.
            let core = word.trim_end_matches(['.', ':']);
            out.push_str(name_of(core).unwrap_or(core));
            out.push_str(&word[core.len()..]);
            let mut characters = after.chars();
            out.extend(characters.next());
            rest = characters.as_str();
        }
        out
    }
}

fn varies(name: &str) -> bool {
    VARYING.contains(&name) || NAMES.contains(&name) || ENDINGS.iter().any(|ending| name.ends_with(ending))
}

fn in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.:+".contains(c)
}

/// What a word is, where it is something that varies.
fn name_of(word: &str) -> Option<&'static str> {
    if word.len() < 20 {
        return None;
    }
    let hex_groups: Vec<usize> = word
        .split('-')
        .map(|g| {
            if g.bytes().all(|b| b.is_ascii_hexdigit()) {
                g.len()
            } else {
                0
            }
        })
        .collect();
    if hex_groups == [8, 4, 4, 4, 12] {
        return Some("[uuid]");
    }
    if is_date_time_with_zone(word) {
        return Some("[timestamp]");
    }
    let parts: Vec<&str> = word.split('.').collect();
    (word.starts_with("eyJ") && parts.len() == 3).then_some("[token]")
}

/// The shape that the records of a list have in common: the members that any of them has, with the types
/// of their values. How many there are, and who they are, is the registry's business.
fn records_shape(records: &Value) -> Value {
    match records {
        Value::Array(records) => {
            let merged = records.iter().map(shape).reduce(merge);
            Value::Array(merged.into_iter().collect())
        }
        other => shape(other),
    }
}

fn shape(value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::Bool(_) => Value::from("[boolean]"),
        Value::Number(_) => Value::from("[number]"),
        Value::String(_) => Value::from("[string]"),
        Value::Array(_) => records_shape(value),
        Value::Object(members) => {
            let mut shapes: Map<String, Value> = members.iter().map(|(k, v)| (k.clone(), shape(v))).collect();
            shapes.sort_keys();
            Value::Object(shapes)
        }
    }
}

fn merge(left: Value, right: Value) -> Value {
    match (left, right) {
        (Value::Object(mut left), Value::Object(right)) => {
            for (name, value) in right {
                let merged = match left.remove(&name) {
                    Some(old) => merge(old, value),
                    None => value,
                };
                left.insert(name, merged);
            }
            left.sort_keys();
            Value::Object(left)
        }
        (Value::Array(left), Value::Array(right)) => {
            Value::Array(left.into_iter().chain(right).reduce(merge).into_iter().collect())
        }
        (Value::Null, other) | (other, Value::Null) => other,
        (left, right) if left == right => left,
        _ => Value::from("[several types]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn redacted(mut value: Value) -> Value {
        Redaction {
            authority: Some("127.0.0.1:8080".to_owned()),
        }
        .value(&mut value);
        value
    }

    #[test]
    fn what_varies_becomes_its_name() {
        let value = redacted(json!({
            "header": {"message_id": "1", "message_ts": "now", "action": "search", "total_count": 4, "senderId": 7},
            "access_token": "secret", "token_type": "Bearer", "expires_in": 599,
            "callback": "http://127.0.0.1:8080/cb", "identifier": [],
            "note": "seen 2026-01-02T03:04:05.678Z for 0f8fad5b-d9cb-469f-a165-70867728950e.",
            "odd": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl",
        }));
        assert_eq!(
            value,
            json!({
                "header": {"message_id": "[message_id]", "message_ts": "[message_ts]", "action": "search",
                    "total_count": "[total_count]", "senderId": "[senderId]"},
                "access_token": "[access_token]", "token_type": "Bearer", "expires_in": "[expires_in]",
                "callback": "http://[address]/cb", "identifier": [],
                "note": "seen [timestamp] for [uuid].",
                "odd": "[token]",
            })
        );
    }

    #[test]
    fn records_become_their_common_shape() {
        let one = redacted(
            json!({"data": {"reg_records": [{"name": "A", "age": 1, "tags": [1]}, {"sex": null, "tags": []}]}}),
        );
        let other = redacted(
            json!({"data": {"reg_records": [{"tags": [7, 8], "name": "B", "sex": null, "age": 2}]}}),
        );
        assert_eq!(one, other);
        assert_eq!(
            one["data"]["reg_records"],
            json!([{"age": "[number]", "name": "[string]", "sex": null, "tags": ["[number]"]}])
        );
    }

    #[test]
    fn any_text_is_understood() {
        let redaction = Redaction::default();
        for text in [
            "",
            "é",
            "::::::::::::::::::::::::::",
            "--------------------",
            "eyJ..................",
        ] {
            assert_eq!(redaction.text(text), text);
        }
    }
}
