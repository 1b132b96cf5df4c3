//! What a signature covers: header and message of an envelope, as they stand in its text, or all of it.
//!
//! Some schemes sign the texts, others what they mean; so the texts are kept.

use serde::de::IgnoredAny;
use serde_json::{Deserializer, Map, Value};

/// Header and message of an envelope, each as the text that stands there; empty where it is absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Covered {
    /// The header.
    pub header: String,
    /// The message.
    pub message: String,
    /// The whole text, whatever it holds.
    pub body: String,
}

impl Covered {
    /// Those of an envelope as it travelled. Of several members of one name the last counts. `None` where
    /// the text is no JSON object.
    pub fn in_text(envelope: &str) -> Option<Self> {
        serde_json::from_str::<IgnoredAny>(envelope).ok()?;
        let mut covered = Self {
            body: envelope.to_owned(),
            ..Self::default()
        };
        let mut rest = envelope.trim_start().strip_prefix('{')?.trim_start();
        while !rest.starts_with('}') {
            let (name, after) = value(rest)?;
            let (text, after) = value(after.trim_start().strip_prefix(':')?.trim_start())?;
            match serde_json::from_str::<String>(name).ok()?.as_str() {
                "header" => text.clone_into(&mut covered.header),
                "message" => text.clone_into(&mut covered.message),
                _ => {}
            }
            let after = after.trim_start();
            rest = after.strip_prefix(',').unwrap_or(after).trim_start();
        }
        Some(covered)
    }

    /// Those of an envelope that is yet to be written, without any spaces.
    pub fn in_value(envelope: &Value) -> Self {
        let text = |name| envelope.get(name).map(Value::to_string).unwrap_or_default();
        Self {
            header: text("header"),
            message: text("message"),
            body: envelope.to_string(),
        }
    }

    /// What is covered where nobody thought of the message.
    #[must_use]
    pub fn header_alone(&self) -> Self {
        Self::of_member("header", &self.header, |covered| &mut covered.header)
    }

    /// What is covered where nobody thought of the header.
    #[must_use]
    pub fn message_alone(&self) -> Self {
        Self::of_member("message", &self.message, |covered| &mut covered.message)
    }

    fn of_member(name: &str, text: &str, place: impl FnOnce(&mut Self) -> &mut String) -> Self {
        let mut covered = Self {
            body: format!("{{\"{name}\":{text}}}"),
            ..Self::default()
        };
        text.clone_into(place(&mut covered));
        covered
    }

    /// Both as one JSON object, each as it stands; what is absent stays absent. `None` where one is no JSON.
    pub fn to_text(&self) -> Option<String> {
        let mut members = Vec::new();
        for (name, text) in [("header", &self.header), ("message", &self.message)] {
            if !text.is_empty() {
                serde_json::from_str::<IgnoredAny>(text).ok()?;
                members.push(format!("\"{name}\":{text}"));
            }
        }
        Some(format!("{{{}}}", members.join(",")))
    }

    /// Both as one JSON object; what is absent stays absent.
    pub fn to_value(&self) -> Option<Value> {
        let mut members = Map::new();
        for (name, text) in [("header", &self.header), ("message", &self.message)] {
            if !text.is_empty() {
                members.insert(name.to_owned(), serde_json::from_str(text).ok()?);
            }
        }
        Some(Value::Object(members))
    }
}

/// The text of the first value, and what comes after it.
fn value(text: &str) -> Option<(&str, &str)> {
    let mut stream = Deserializer::from_str(text).into_iter::<IgnoredAny>();
    stream.next()?.ok()?;
    text.split_at_checked(stream.byte_offset())
}
