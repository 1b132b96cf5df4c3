//! When a callback is sent, how often, and how it is signed, if anybody wishes that otherwise than usual.

use serde_json::Value;
use std::time::Duration;

/// When a callback is sent, and how often. Anything but the default is a defect, or what somebody wished.
#[derive(Debug, Clone, Copy, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is wished for, or committed, apart from the others"
)]
pub(crate) struct Manner {
    pub(crate) before_ack: bool,
    pub(crate) twice: bool,
    pub(crate) never: bool,
    /// After the next one to the same address.
    pub(crate) out_of_order: bool,
    /// How much later than usual.
    pub(crate) late: Duration,
    /// With a correlation_id that nobody was told; heeded by whoever writes the callback.
    pub(crate) uncorrelated: bool,
    /// Without its signature.
    pub(crate) unsigned: bool,
    /// With a signature that proves nothing.
    pub(crate) badly_signed: bool,
}

impl Manner {
    /// The body as it is sent.
    pub(super) fn dress(self, body: &mut Value) {
        if !(self.unsigned || self.badly_signed) {
            return;
        }
        match body {
            Value::Array(items) => items.iter_mut().for_each(|item| self.dress(item)),
            Value::Object(members) if self.unsigned => drop(members.shift_remove("signature")),
            Value::Object(members) => {
                if let Some(Value::String(signature)) = members.get_mut("signature") {
                    *signature = spoilt(signature);
                }
            }
            _ => {}
        }
    }
}

/// A signature of the same form that belongs to nothing: one of its last letters is another. In every scheme
/// the text ends with Base64 of some length.
fn spoilt(signature: &str) -> String {
    let mut letters: Vec<char> = signature.chars().collect();
    let text = letters.iter_mut().rev();
    let encoded = text.filter(|letter| letter.is_ascii_alphanumeric());
    // The very last letter may hold bits that nobody reads.
    if let Some(letter) = { encoded }.nth(9) {
        *letter = if *letter == 'A' { 'B' } else { 'A' };
    }
    letters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn signatures_are_left_out_or_spoilt_and_nothing_else() {
        let text = "namespace=\"dci\", signature=\"QUJDREVGR0hJSktMTU5PUFFSU1RVVg==\"";
        let body = json!({"signature": text, "header": {"a": 1}, "message": {}});
        let dressed = |manner: Manner, body: &Value| {
            let mut body = body.clone();
            manner.dress(&mut body);
            body
        };
        assert_eq!(dressed(Manner::default(), &body), body);
        let unsigned = Manner {
            unsigned: true,
            ..Manner::default()
        };
        assert_eq!(
            dressed(unsigned, &json!([body])),
            json!([{"header": {"a": 1}, "message": {}}])
        );
        let bad = Manner {
            badly_signed: true,
            ..Manner::default()
        };
        let spoilt = dressed(bad, &body);
        let signature = spoilt["signature"].as_str().unwrap();
        let differing = signature.chars().zip(text.chars()).filter(|(a, b)| a != b);
        assert_eq!((signature.len(), differing.count()), (text.len(), 1));
        assert_eq!(
            (&spoilt["header"], &spoilt["message"]),
            (&body["header"], &body["message"])
        );
    }
}
