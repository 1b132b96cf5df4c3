//! Messages that are encrypted for the target, and what it encrypts for us.

use super::Env;
use super::send::CaseState;
use serde_json::Value;
use specs::evidence::{Body, Observation};
use specs::wire::jwe::{self, Draw, Form, Jwe};
use specs::wire::rsa::VerifyingKey;
use suites::plan::{Sealing, Send};

/// An algorithm that nobody should support, and that the message is not encrypted by.
const OTHER_ALGORITHM: &str = "RSA1_5";

/// Why a step that is to be encrypted cannot be taken.
pub(super) fn hindrance(env: &Env, plan: &Send) -> Option<&'static str> {
    if matches!(plan.sealing, Sealing::None | Sealing::FlagOnly) {
        return None;
    }
    if env.target.profile.encryption().is_none() {
        return Some("the profile names no form of encryption");
    }
    env.target.keys.encrypt.is_none().then_some(
        "the target's public key is not configured (keys.receiver or keys.encrypt), so nothing can be encrypted for it",
    )
}

/// What is recorded instead of a step that cannot be taken.
pub(super) fn unable(env: &Env, plan: &Send) -> Observation {
    Observation::Wait {
        awaited: format!("a key to encrypt step `{}` with", plan.label),
        satisfied: false,
        reason: hindrance(env, plan).map(str::to_owned),
        waited_us: 0,
    }
}

/// Encrypts the message of an envelope as its step wants it.
pub(super) fn seal(env: &Env, state: &CaseState, plan: &Send, envelope: &mut Value) {
    if plan.sealing == Sealing::None {
        return;
    }
    envelope["header"]["is_msg_encrypted"] = true.into();
    let keys = &env.target.keys;
    let (Some(form), Some(key)) = (env.target.profile.encryption(), &keys.encrypt) else {
        return;
    };
    if plan.sealing == Sealing::FlagOnly {
        return;
    }
    let text = match &envelope["message"] {
        Value::String(text) => text.clone(),
        message => message.to_string(),
    };
    // As secret as our key, and the same for the same seed: so the same requests are sent.
    let secret = keys.decrypt.as_ref().map(|key| key.to_pem()).unwrap_or_default();
    let seed = env.context.seed.to_string();
    let parts = [&secret, &seed, &state.case, &plan.label, &text];
    let draw = Draw::derived(&parts.map(String::as_bytes));
    let key = match plan.sealing {
        Sealing::OtherKey => &keys.encrypt_other,
        _ => key,
    };
    let jwe = sealed(plan.sealing, &text, key, form, &draw).to_value();
    envelope["message"] = match (&envelope["message"], jwe) {
        // The message of an exchange is a text, whatever is in it.
        (Value::String(_), object @ Value::Object(_)) => object.to_string().into(),
        (_, jwe) => jwe,
    };
}

fn sealed(sealing: Sealing, plain: &str, key: &VerifyingKey, form: Form, draw: &Draw) -> Jwe {
    let mut jwe = jwe::encrypt(plain.as_bytes(), key, form, draw);
    match sealing {
        Sealing::Algorithm => {
            let mut header = jwe.header;
            header.insert("alg".to_owned(), OTHER_ALGORITHM.into());
            jwe = jwe::encrypt_as(header, plain.as_bytes(), key, form, draw);
        }
        // The cipher changes each byte by itself: one digit becomes another, and JSON stays JSON.
        Sealing::Content => {
            let digit = plain.bytes().position(|b| b.is_ascii_digit()).unwrap_or_default();
            if let Some(byte) = jwe.ciphertext.get_mut(digit) {
                *byte ^= 1;
            }
        }
        Sealing::Tag => {
            if let Some(byte) = jwe.tag.last_mut() {
                *byte ^= 1;
            }
        }
        Sealing::None | Sealing::Own | Sealing::OtherKey | Sealing::FlagOnly => {}
    }
    jwe
}

/// Decrypts what a step was answered with: its first callback where one came, else its reply.
pub(super) fn open(env: &Env, label: &str, seen: &[Observation]) -> Observation {
    let found = answer(label, seen);
    let opened = match found {
        None => Err("there was no answer".to_owned()),
        Some((_, body)) => decrypted(env, body),
    };
    let (content, reason) = match opened {
        Ok(plain) => (Some(env.redactor.body(&plain)), None),
        Err(reason) => (None, Some(env.redactor.text(&reason))),
    };
    Observation::Opened {
        label: label.to_owned(),
        of: found.map(|(index, _)| index),
        content,
        reason,
    }
}

fn answer<'s>(label: &str, seen: &'s [Observation]) -> Option<(usize, &'s Body)> {
    let numbered = || seen.iter().enumerate();
    let callback = numbered().find_map(|(index, observation)| match observation {
        Observation::Callback(callback) if callback.label == label => Some((index, &callback.request.body)),
        _ => None,
    });
    callback.or_else(|| {
        numbered().find_map(|(index, observation)| match observation {
            Observation::Exchange(exchange) if exchange.label == label => {
                Some((index, &exchange.response()?.body))
            }
            _ => None,
        })
    })
}

fn decrypted(env: &Env, body: &Body) -> Result<Vec<u8>, String> {
    let body = body.json().ok_or("the answer is not JSON")?;
    if body.pointer("/header/is_msg_encrypted") != Some(&Value::Bool(true)) {
        return Err("its header does not call it encrypted".to_owned());
    }
    let key = env.target.keys.decrypt.as_ref();
    let key = key.ok_or("our key for decryption is not configured (keys.sender or keys.decrypt)")?;
    let message = body.get("message").unwrap_or(&Value::Null);
    let opened = Jwe::read(message).and_then(|jwe| jwe::decrypt(&jwe, key));
    Ok(opened.map_err(|why| why.to_string())?.plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use specs::wire::demo;
    use specs::wire::jwe::{ALGORITHM, CONTENT, JweError};
    use specs::wire::rsa::SigningKey;

    #[test]
    fn each_fault_spoils_what_it_says_and_nothing_else() {
        let key = SigningKey::from_pem(demo::RECEIVER_KEY_PEM).expect("a key");
        let plain = "{\"id\":\"a7\"}";
        let make = |sealing| {
            let draw = Draw::derived(&[b"x"]);
            sealed(sealing, plain, &key.verifying_key(), Form::Compact, &draw)
        };
        let opened = jwe::decrypt(&make(Sealing::Own), &key).expect("for us");
        assert_eq!(opened.plain, plain.as_bytes());
        for sealing in [Sealing::Tag, Sealing::Content] {
            assert_eq!(jwe::decrypt(&make(sealing), &key), Err(JweError::Tag));
        }
        let unproven = |sealing| jwe::decrypt_unproven(&make(sealing), &key).expect("a content");
        assert_eq!(unproven(Sealing::Tag), plain.as_bytes());
        assert_eq!(unproven(Sealing::Content), plain.replace('7', "6").as_bytes());
        let mut named = make(Sealing::Algorithm);
        let refused = Err(JweError::Algorithm(OTHER_ALGORITHM.to_owned()));
        assert_eq!(jwe::decrypt(&named, &key), refused);
        named.header.insert("alg".to_owned(), ALGORITHM.into());
        named.header.insert("enc".to_owned(), CONTENT.into());
        assert!(jwe::decrypt(&named, &key).is_ok(), "only the name is wrong");
    }
}
