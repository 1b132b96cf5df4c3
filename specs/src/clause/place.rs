//! Pointers that stand for a member of every item of a list.

use serde_json::Value;

/// The pointer with `[]` for every index.
pub fn generalised(pointer: &str) -> String {
    let segments = pointer.split('/').map(|segment| {
        let index = !segment.is_empty() && segment.bytes().all(|b| b.is_ascii_digit());
        if index { "[]" } else { segment }
    });
    segments.collect::<Vec<_>>().join("/")
}

/// A generalised pointer as the segments it consists of.
pub(super) fn segments(pointer: &str) -> impl Iterator<Item = String> {
    pointer
        .split('/')
        .skip(1)
        .map(|segment| segment.replace("~1", "/").replace("~0", "~"))
}

/// Every place of a body at a generalised pointer, as plain pointers with what is there.
pub fn places<'v>(body: &'v Value, pointer: &str) -> Vec<(String, &'v Value)> {
    let mut found = vec![(String::new(), body)];
    for (raw, segment) in pointer.split('/').skip(1).zip(segments(pointer)) {
        let mut next = Vec::new();
        for (at, value) in found {
            match value {
                Value::Array(items) if segment == "[]" => {
                    next.extend(
                        items
                            .iter()
                            .enumerate()
                            .map(|(i, item)| (format!("{at}/{i}"), item)),
                    );
                }
                Value::Object(members) => {
                    next.extend(
                        members
                            .get(&segment)
                            .map(|member| (format!("{at}/{raw}"), member)),
                    );
                }
                _ => {}
            }
        }
        found = next;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn indices_become_brackets_and_back() {
        assert_eq!(generalised("/a/0/b/12/c"), "/a/[]/b/[]/c");
        assert_eq!(generalised(""), "");
        let body = json!({"a": [{"b": 1}, {"c": 2}, {"b": 3}]});
        let found: Vec<String> = places(&body, "/a/[]/b").into_iter().map(|(p, _)| p).collect();
        assert_eq!(found, ["/a/0/b", "/a/2/b"]);
        assert!(places(&body, "/a/[]/b/[]").is_empty());
    }
}
