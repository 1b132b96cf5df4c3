//! Values that break rules.

use super::Rule;
use serde_json::{Value, json};

/// A value that breaks a rule of these schemas; null for a member that has to be there.
pub(super) fn bad(rule: Rule, schemas: &[&Value]) -> Value {
    let bound = |name: &str| schemas.iter().find_map(|s| s.get(name)?.as_i64());
    let length = |name: &str| bound(name).and_then(|n| usize::try_from(n).ok());
    match rule {
        Rule::Required => Value::Null,
        Rule::Type => of_another_type(schemas),
        Rule::Enum | Rule::Pattern => json!("dcx-no-such-value"),
        Rule::Format => json!("02/11/2000"),
        Rule::Length => length("maxLength").map_or_else(|| json!(""), |most| json!("x".repeat(most + 1))),
        Rule::Items => length("maxItems").map_or_else(|| json!([]), |most| json!(vec![0; most + 1])),
        Rule::Range => match (bound("minimum"), bound("maximum")) {
            (Some(least), _) => json!(least - 1),
            (None, most) => json!(most.unwrap_or_default() + 1),
        },
    }
}

fn of_another_type(schemas: &[&Value]) -> Value {
    let allowed = super::words::kinds(schemas);
    let candidates = [
        (&["a number", "a whole number"][..], json!(12345)),
        (&["a text"][..], json!("dcx")),
        (&["an object"][..], json!({})),
        (&["a list"][..], json!([])),
        (&["true or false"][..], json!(true)),
    ];
    let fits = |(kinds, _): &(&[&str], Value)| !kinds.iter().any(|kind| allowed.contains(kind));
    let found = candidates.into_iter().find(fits);
    found.map_or(Value::Null, |(_, value)| value)
}
