//! Texts: by their pattern, by their format, or any within the bounds of their length.

use super::count;
use proptest::prelude::*;
use serde_json::{Value, json};

pub(super) fn text(schema: &Value) -> BoxedStrategy<Value> {
    let word = |name: &str| schema.get(name).and_then(Value::as_str);
    if let Some(pattern) = word("pattern")
        && let Ok(strategy) = proptest::string::string_regex(&plain(pattern))
    {
        return strategy.prop_map(Value::String).boxed();
    }
    if let Some(strategy) = word("format").and_then(of_format) {
        return strategy;
    }
    let least = count(schema, "minLength").unwrap_or(0).min(10_000);
    let most = count(schema, "maxLength")
        .unwrap_or(least + 12)
        .clamp(least, least + 120);
    let character = prop_oneof![
        8 => proptest::char::range('a', 'z'),
        2 => proptest::char::range('0', '9'),
        1 => proptest::sample::select(vec!['A', ' ', '-', '_', '.', 'é', '中', 'ق', '"', '\\', '\u{1F33E}']),
    ];
    proptest::collection::vec(character, least..=most)
        .prop_map(|characters| Value::String(characters.into_iter().collect()))
        .boxed()
}

fn of_format(format: &str) -> Option<BoxedStrategy<Value>> {
    let by = |pattern: &'static str| Some(pattern.prop_map(Value::String).boxed());
    match format {
        "date-time" => Some(
            (1990..2035i32, 1..=12u8, 1..=28u8, 0..24u8, 0..60u8)
                .prop_map(|(y, m, d, h, min)| json!(format!("{y:04}-{m:02}-{d:02}T{h:02}:{min:02}:00Z")))
                .boxed(),
        ),
        "date" => Some(
            (1930..2035i32, 1..=12u8, 1..=28u8)
                .prop_map(|(y, m, d)| json!(format!("{y:04}-{m:02}-{d:02}")))
                .boxed(),
        ),
        "time" => by("(0[0-9]|1[0-9]):[0-5][0-9]:[0-5][0-9]Z"),
        "uri" | "url" | "iri" | "uri-reference" => by("https://[a-z]{3,8}\\.example\\.org/[a-z]{0,8}"),
        "email" | "idn-email" => by("[a-z]{1,8}@[a-z]{3,8}\\.example\\.org"),
        "hostname" | "idn-hostname" => by("[a-z][a-z0-9]{0,8}\\.example\\.org"),
        "uuid" => by("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}"),
        "ipv4" => by("192\\.0\\.2\\.[1-9]"),
        "ipv6" => by("2001:db8::[1-9a-f]{1,4}"),
        "byte" => by("([A-Za-z0-9]{4}){0,6}"),
        _ => None,
    }
}

/// A pattern for a text as a whole: without anchors, and with the classes of ECMA 262, which know ASCII only.
fn plain(pattern: &str) -> String {
    let mut plain = String::new();
    let (mut within, mut escaped) = (false, false);
    for c in pattern.chars() {
        let class = |letters: &str| {
            if within {
                letters.to_owned()
            } else {
                format!("[{letters}]")
            }
        };
        match c {
            'd' if escaped => plain.push_str(&class("0-9")),
            'w' if escaped => plain.push_str(&class("A-Za-z0-9_")),
            's' if escaped => plain.push_str(&class(" ")),
            '/' if escaped => plain.push('/'),
            _ if escaped => {
                plain.push('\\');
                plain.push(c);
            }
            '\\' => {} // The next character says what is meant.
            '^' | '$' if !within => {}
            '[' if !within => {
                within = true;
                plain.push(c);
            }
            ']' if within => {
                within = false;
                plain.push(c);
            }
            '[' if within => plain.push_str("\\["),
            '.' if !within => plain.push_str("[ -~]"),
            _ => plain.push(c),
        }
        escaped = c == '\\' && !escaped;
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn patterns_become_those_of_whole_texts() {
        for (pattern, whole) in [
            ("^[a-z]{3}$", "[a-z]{3}"),
            ("^a$|^b$", "a|b"),
            (r"^\d+[\w-]\.$", r"[0-9]+[A-Za-z0-9_-]\."),
            (r"^[^\s]$", "[^ ]"),
            (r"\\d\^", r"\\d\^"),
        ] {
            assert_eq!(plain(pattern), whole, "{pattern}");
        }
    }
}
