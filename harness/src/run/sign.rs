//! The text of a JSON body as it is sent, with its signature.

use crate::target::Target;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::HeaderName;
use serde_json::{Map, Value};
use specs::catalogue::SignatureScheme;
use specs::wire::covered::Covered;
use specs::wire::http_signature::Field;
use specs::wire::key::PrivateKey;
use specs::wire::{confusion, scheme};
use std::fmt::Write as _;
use suites::plan::{Signing, Spelling};

/// A body as it is sent.
pub(super) struct Spelt {
    /// Its text.
    pub(super) text: String,
    /// Its signature, where that travels as a header.
    pub(super) header: Option<(HeaderName, String)>,
}

impl From<String> for Spelt {
    fn from(text: String) -> Self {
        Self { text, header: None }
    }
}

/// Spells a body and puts its signature first, or beside it into a header, where the scheme and the step want
/// one and the body holds none. `now` is in seconds since 1970.
pub(super) fn spelt(target: &Target, signing: &Signing, spelling: Spelling, body: &Value, now: f64) -> Spelt {
    let text = spell(body, spelling);
    let scheme = target.profile.signature.scheme;
    let Some(members) = text.strip_prefix('{').filter(|_| scheme.signs()) else {
        return text.into();
    };
    let header = scheme::header(scheme).map(HeaderName::from_static);
    if header.is_none() && body.get("signature").is_some() {
        return text.into();
    }
    let Some(signature) = signature(target, signing, &text, now) else {
        return text.into();
    };
    if let Some(name) = header {
        let header = Some((name, signature));
        return Spelt { text, header };
    }
    let signature = spell(&Value::String(signature), Spelling::Compact);
    let separator = if members.trim_start().starts_with('}') {
        ""
    } else {
        ","
    };
    format!("{{\"signature\":{signature}{separator}{members}").into()
}

/// The signature that a step wants over a body of this text; none where it wants none.
fn signature(target: &Target, signing: &Signing, text: &str, now: f64) -> Option<String> {
    let scheme = target.profile.signature.scheme;
    let covered = Covered::in_text(text).unwrap_or_default();
    let sender: &PrivateKey = &target.keys.sender;
    let sign = |covered: &Covered, key: &PrivateKey, name: &str, now: f64| {
        scheme::sign(scheme, covered, key, name, now).unwrap_or_default()
    };
    let own = |covered: &Covered| sign(covered, sender, &target.sender_id, now);
    Some(match signing {
        Signing::Absent => return None,
        Signing::Empty => String::new(),
        Signing::Own => own(&covered),
        Signing::Over(body) => own(&Covered::in_value(body)),
        Signing::OverHeader => own(&covered.header_alone()),
        Signing::OverMessage => own(&covered.message_alone()),
        Signing::At(seconds) => sign(&covered, sender, &target.sender_id, now + f64::from(*seconds)),
        Signing::As(name) => sign(&covered, sender, name, now),
        Signing::OtherKey => sign(&covered, &target.keys.other, &target.sender_id, now),
        Signing::UnknownKeyId => {
            let sender_id = &target.sender_id;
            scheme::sign_naming(scheme, &covered, sender, "dcx-no-such-key", sender_id, now)
                .unwrap_or_default()
        }
        Signing::PublicKeySecret => {
            confusion::sign(scheme, &covered, &sender.public(), &target.sender_id, now).unwrap_or_default()
        }
        Signing::NoAlgorithm => without_algorithm(scheme, &own(&covered)),
        Signing::Truncated => truncated(scheme, own(&covered)),
        Signing::Doubled => doubled(scheme, &own(&covered)),
    })
}

/// The signature cut to half its length, in a text that has the syntax of the scheme still.
fn truncated(scheme: SignatureScheme, mut whole: String) -> String {
    // A multiple of four characters is cut, so that what is left is base64 still.
    let half = |text: &mut String| text.truncate(text.len() / 8 * 4);
    match (scheme, Field::parse(&whole)) {
        (SignatureScheme::DciHttpSignature, Ok(mut field)) => {
            half(&mut field.signature);
            field.to_string()
        }
        (SignatureScheme::JwsCompact | SignatureScheme::DetachedJwsHeader, _) => {
            let start = whole.rfind('.').map_or(0, |dot| dot + 1);
            let mut last = whole.split_off(start);
            half(&mut last);
            whole + &last
        }
        _ => {
            half(&mut whole);
            whole
        }
    }
}

/// The bytes of the signature twice, in a text that has the syntax of the scheme still.
fn doubled(scheme: SignatureScheme, whole: &str) -> String {
    let twice = |mut bytes: Vec<u8>| {
        bytes.extend_from_within(..);
        bytes
    };
    let plain = |text: &str| Some(STANDARD.encode(twice(STANDARD.decode(text).ok()?)));
    let doubled = match (scheme, Field::parse(whole)) {
        (SignatureScheme::DciHttpSignature, Ok(mut field)) => plain(&field.signature).map(|signature| {
            field.signature = signature;
            field.to_string()
        }),
        (SignatureScheme::JwsCompact | SignatureScheme::DetachedJwsHeader, _) => {
            let (before, last) = whole.rsplit_once('.').unwrap_or_default();
            let last = URL_SAFE_NO_PAD.decode(last).ok();
            last.map(|bytes| format!("{before}.{}", URL_SAFE_NO_PAD.encode(twice(bytes))))
        }
        _ => plain(whole),
    };
    doubled.unwrap_or_else(|| whole.repeat(2))
}

/// The text with the algorithm `none` and without what that makes superfluous.
fn without_algorithm(scheme: SignatureScheme, whole: &str) -> String {
    match (scheme, Field::parse(whole)) {
        (SignatureScheme::DciHttpSignature, Ok(mut field)) => {
            "none".clone_into(&mut field.algorithm);
            "none".clone_into(&mut field.key_id.algorithm);
            field.signature.clear();
            field.to_string()
        }
        (SignatureScheme::JwsCompact | SignatureScheme::DetachedJwsHeader, _) => {
            // {"alg":"none"}
            let payload = whole.split('.').nth(1).unwrap_or_default();
            format!("eyJhbGciOiJub25lIn0.{payload}.")
        }
        // A scheme whose text names no algorithm has nothing to say so with.
        _ => String::new(),
    }
}

/// A value as JSON.
fn spell(value: &Value, spelling: Spelling) -> String {
    match spelling {
        Spelling::Compact => value.to_string(),
        Spelling::Spaced => serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string()),
        Spelling::Reversed => reversed(value).to_string(),
        Spelling::Escaped => escaped(&value.to_string()),
    }
}

fn reversed(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter().rev().map(|(k, v)| (k.clone(), reversed(v)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(reversed).collect(),
        other => other.clone(),
    }
}

/// The same JSON with every letter within a text that is not ASCII, and every slash, as an escape.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            // Outside of texts JSON has neither.
            '/' => text.push_str("\\/"),
            '\0'..='\u{7f}' => text.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(text, "\\u{unit:04X}");
                }
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_spelling_means_the_same() {
        let value = json!({"z": "Zo\u{eb} \u{1f600}/\"\\", "a": [{"b": 1, "c": 2.5}, null]});
        let mut spelt = std::collections::BTreeSet::new();
        for spelling in [
            Spelling::Compact,
            Spelling::Spaced,
            Spelling::Reversed,
            Spelling::Escaped,
        ] {
            let text = spell(&value, spelling);
            assert_eq!(serde_json::from_str::<Value>(&text).ok().as_ref(), Some(&value));
            spelt.insert(text);
        }
        assert_eq!(spelt.len(), 4);
    }

    fn target(scheme: &str) -> Target {
        let catalogue = specs::catalogue::Catalogue::bundled();
        let profile = catalogue.profile("g2p-registry").cloned();
        let mut profile = profile.expect("a profile that signs");
        profile.signature.scheme = serde_json::from_value(scheme.into()).expect("a scheme");
        Target::new(profile, "http://127.0.0.1:1").expect("a target")
    }

    #[test]
    fn what_is_signed_verifies_and_what_is_spoilt_does_not() {
        let body = json!({"header": {"sender_id": "x", "meta": {"b": "\u{eb}"}}, "message": {"a": 1}});
        for name in [
            "dci-http-signature",
            "rsa-header-message",
            "jws-compact",
            "detached-jws-header",
        ] {
            let target = target(name);
            let scheme = target.profile.signature.scheme;
            let keys = [target.keys.sender.public()];
            let verify = |signing: &Signing, spelling, now| {
                let Spelt { text, header } = spelt(&target, signing, spelling, &body, 1e9);
                let sent: Value = serde_json::from_str(&text).expect("JSON");
                assert_eq!(
                    (&sent["header"], &sent["message"]),
                    (&body["header"], &body["message"])
                );
                assert!(header.is_none() || name == "detached-jws-header");
                let header = header.map(|(_, signature)| Value::from(signature));
                let signature = header.as_ref().unwrap_or(&sent["signature"]);
                let signature = signature.as_str().unwrap_or_default();
                let covered = Covered::in_text(&text).expect("an object");
                let sender = Some(&*target.sender_id);
                scheme::verify_by_any(scheme, &covered, signature, &keys, sender, now).is_ok()
            };
            for spelling in [
                Spelling::Compact,
                Spelling::Spaced,
                Spelling::Reversed,
                Spelling::Escaped,
            ] {
                assert!(verify(&Signing::Own, spelling, 1e9), "{name} {spelling:?}");
            }
            let mut spoilt = vec![
                Signing::Absent,
                Signing::Empty,
                Signing::Truncated,
                Signing::Doubled,
                Signing::OtherKey,
                Signing::OverHeader,
                Signing::OverMessage,
                Signing::NoAlgorithm,
                Signing::PublicKeySecret,
                Signing::Over(Box::new(json!({"header": {}, "message": {"a": 1}}))),
            ];
            if name == "dci-http-signature" {
                assert!(verify(&Signing::At(-3600), Spelling::Compact, 1e9 - 3600.0));
                spoilt.extend([
                    Signing::At(-3600),
                    Signing::At(3600),
                    Signing::As("another".to_owned()),
                ]);
            }
            if name.contains("jws") {
                spoilt.push(Signing::UnknownKeyId);
            }
            for signing in spoilt {
                assert!(!verify(&signing, Spelling::Compact, 1e9), "{name} {signing:?}");
            }
        }
    }

    #[test]
    fn a_body_without_members_and_one_that_brings_its_signature_stay_json() {
        let target = target("rsa-header-message");
        for body in [json!({}), json!([]), json!({"signature": 5})] {
            let text = spelt(&target, &Signing::Own, Spelling::Compact, &body, 1e9).text;
            let sent: Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(sent.get("signature").is_some(), body.is_object());
            assert!(body.get("signature").is_none_or(|s| *s == sent["signature"]));
        }
    }
}
