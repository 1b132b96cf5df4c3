//! In what two bodies differ, each difference by itself.

use crate::generate::body::set;
use serde_json::{Map, Value};

/// Members that go together: a body with the one of an honest request and the other of another would be wrong
/// by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) pointers: Vec<String>,
}

/// Members that hold a language of their own: part of one and part of another may mean nothing.
const WHOLE: [&str; 2] = ["query", "filter"];

/// The differences, in the order of the failing body.
pub(super) fn differences(honest: &Value, failing: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    differ(honest, failing, "", &mut found);
    found
}

/// The honest body, with some of its differences from another.
pub(super) fn with(honest: &Value, failing: &Value, differences: &[Difference]) -> Value {
    let mut body = honest.clone();
    for pointer in differences.iter().flat_map(|difference| &difference.pointers) {
        set(&mut body, pointer, failing.pointer(pointer).cloned(), failing);
    }
    body
}

fn differ(honest: &Value, failing: &Value, pointer: &str, found: &mut Vec<Difference>) {
    match (honest, failing) {
        (Value::Object(left), Value::Object(right)) => members(left, right, pointer, found),
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (i, (left, right)) in left.iter().zip(right).enumerate() {
                differ(left, right, &format!("{pointer}/{i}"), found);
            }
        }
        _ if honest == failing => {}
        _ => found.push(Difference {
            pointers: vec![pointer.to_owned()],
        }),
    }
}

fn members(
    left: &Map<String, Value>,
    right: &Map<String, Value>,
    pointer: &str,
    found: &mut Vec<Difference>,
) {
    let gone = left.keys().filter(|name| !right.contains_key(*name));
    let names: Vec<&String> = right.keys().chain(gone).collect();
    let at = |name: &str| format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
    for name in &names {
        // What a member means, another says: `query` and `query_type`.
        let kind = format!("{name}_type");
        let said_by = |kind: &String| left.get(kind) != right.get(kind);
        let says = name
            .strip_suffix("_type")
            .filter(|said| names.iter().any(|n| n == said));
        if says.is_some() && left.get(*name) != right.get(*name) {
            continue;
        }
        if said_by(&kind) && names.contains(&&kind) {
            found.push(Difference {
                pointers: vec![at(&kind), at(name)],
            });
            continue;
        }
        match (left.get(*name), right.get(*name)) {
            (Some(left), Some(right)) if left == right => {}
            (Some(left), Some(right)) if !WHOLE.contains(&name.as_str()) => {
                differ(left, right, &at(name), found);
            }
            _ => found.push(Difference {
                pointers: vec![at(name)],
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn differences_stand_by_themselves_unless_one_says_what_the_other_means() {
        let honest = json!({"a": 1, "query_type": "x", "query": {"v": 1}, "list": [{"b": 1}], "gone": 1});
        let failing =
            json!({"a": 1, "query_type": "y", "query": [], "list": [{"b": 2, "c": {"d": 1}}], "new": true});
        let found = differences(&honest, &failing);
        let pointers: Vec<Vec<&str>> = found
            .iter()
            .map(|d| d.pointers.iter().map(String::as_str).collect())
            .collect();
        let expected: [&[&str]; 5] = [
            &["/query_type", "/query"],
            &["/list/0/b"],
            &["/list/0/c"],
            &["/new"],
            &["/gone"],
        ];
        assert_eq!(pointers, expected);
        assert_eq!(with(&honest, &failing, &found), failing);
        assert_eq!(with(&honest, &failing, &[]), honest);
        let one = with(&honest, &failing, &found[2..3]);
        assert_eq!(one["list"], json!([{"b": 1, "c": {"d": 1}}]));
    }
}
