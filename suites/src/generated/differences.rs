//! Where two requests differ, but for what differs from one request to the next anyway.

use serde_json::{Map, Value};

/// Members whose texts differ by design from one request to the next.
const VARYING: [&str; 7] = [
    "message_id",
    "message_ts",
    "transaction_id",
    "reference_id",
    "timestamp",
    "signature",
    "sender_uri",
];

/// Where two bodies differ, but for ids and times: pointer, left value, right value.
pub(super) fn differences(left: &Value, right: &Value) -> Vec<(String, Option<Value>, Option<Value>)> {
    fn walk(
        pointer: &str,
        left: Option<&Value>,
        right: Option<&Value>,
        out: &mut Vec<(String, Option<Value>, Option<Value>)>,
    ) {
        if left == right {
            return;
        }
        if let (Some(Value::Object(l)), Some(Value::Object(r))) = (left, right) {
            let names = l.keys().chain(r.keys().filter(|name| !l.contains_key(*name)));
            let text =
                |members: &Map<String, Value>, name: &str| members.get(name).is_some_and(Value::is_string);
            // One id is as long as another, unless its length is what the request is about.
            let length = |members: &Map<String, Value>, name: &str| members.get(name)?.as_str().map(str::len);
            let alike = |name: &str| !name.ends_with("_id") || length(l, name) == length(r, name);
            let fresh = |name: &str| VARYING.contains(&name) && text(l, name) && text(r, name) && alike(name);
            for name in names.filter(|name| !fresh(name)) {
                let escaped = name.replace('~', "~0").replace('/', "~1");
                walk(&format!("{pointer}/{escaped}"), l.get(name), r.get(name), out);
            }
            return;
        }
        if let (Some(Value::Array(l)), Some(Value::Array(r))) = (left, right) {
            for i in 0..l.len().max(r.len()) {
                walk(&format!("{pointer}/{i}"), l.get(i), r.get(i), out);
            }
            return;
        }
        out.push((pointer.to_owned(), left.cloned(), right.cloned()));
    }
    let mut out = Vec::new();
    walk("", Some(left), Some(right), &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn differences_name_members_and_skip_ids() {
        let left = json!({"header": {"message_id": "1", "a": 1}, "message": [1, 2]});
        let right = json!({"header": {"message_id": "2", "a": 1, "meta": {}}, "message": [1, 3]});
        let found: Vec<String> = differences(&left, &right)
            .into_iter()
            .map(|(p, _, _)| p)
            .collect();
        assert_eq!(found, ["/header/meta", "/message/1"]);
    }

    #[test]
    fn an_id_of_another_length_is_a_difference() {
        let (left, right) = (json!({"transaction_id": "1"}), json!({"transaction_id": "22"}));
        assert_eq!(differences(&left, &right).len(), 1);
    }

    #[test]
    fn an_id_that_is_missing_or_no_text_is_a_difference() {
        let left = json!({"message_id": "1", "sender_uri": "http://a", "timestamp": "t"});
        let right = json!({"message_id": 1, "sender_uri": "http://b"});
        let found: Vec<String> = differences(&left, &right)
            .into_iter()
            .map(|(p, _, _)| p)
            .collect();
        assert_eq!(found, ["/message_id", "/timestamp"]);
    }
}
