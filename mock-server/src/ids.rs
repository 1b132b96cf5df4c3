//! Ids that the mock sets. They derive from the request and the seed, so that the same seed and the same
//! requests give the same answers, in whatever order they arrive.

use serde_json::Value;
use specs::wire::digest::sha256_hex;

/// A UUID (version 8) that derives from these parts and from nothing else.
pub(crate) fn derive(parts: &[&str]) -> String {
    let mut text = String::new();
    for part in parts {
        text.push_str(&part.len().to_string());
        text.push(':');
        text.push_str(part);
    }
    let hex = sha256_hex(text.as_bytes());
    format!(
        "{}-{}-8{}-a{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[13..16],
        &hex[17..20],
        &hex[20..32]
    )
}

/// What tells one transaction from another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RequestIds {
    pub(crate) sender: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) transaction: Option<String>,
}

impl RequestIds {
    /// The ids that can be read from an envelope, however faulty the rest of it is.
    pub(crate) fn of(envelope: &Value) -> Self {
        // Not by a pointer, which would have to be read each time.
        let text = |part, name| envelope.get(part)?.get(name).and_then(as_text);
        Self {
            sender: text("header", "sender_id"),
            message: text("header", "message_id"),
            transaction: text("message", "transaction_id"),
        }
    }

    /// Whether nothing could be read.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The ids in a fixed order.
    pub(crate) fn parts(&self) -> [&str; 3] {
        [&self.sender, &self.message, &self.transaction].map(|id| id.as_deref().unwrap_or_default())
    }
}

/// A text as it is; a number or a truth value as it is written. An honest request holds texts.
pub(crate) fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_depend_on_each_part_and_on_where_it_ends() {
        assert_eq!(derive(&["a", "b"]), derive(&["a", "b"]));
        assert_ne!(derive(&["a", "b"]), derive(&["ab", ""]));
        assert_ne!(derive(&["a", "b"]), derive(&["b", "a"]));
        assert_eq!(derive(&[]).len(), 36);
        assert_eq!(
            derive(&[]).split('-').map(str::len).collect::<Vec<_>>(),
            [8, 4, 4, 4, 12]
        );
    }
}
