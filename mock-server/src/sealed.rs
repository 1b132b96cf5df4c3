//! Encrypted messages: what was in one, and ours for the partner. Each is read in whatever form it came,
//! and answered in the same.

use crate::Defect;
use crate::readings::Way;
use crate::service::Service;
use crate::validate::Fault;
use serde_json::Value;
use specs::wire::demo;
use specs::wire::jwe::{self, ALGORITHM, CONTENT, Draw, Form, Jwe, JweError, Opened};
use specs::wire::rsa::SigningKey;

/// The defects that spoil the reading of an encrypted message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slips {
    /// The header's algorithms are not looked at.
    pub(crate) algorithm_ignored: Defect,
    /// A message for somebody else is read too.
    pub(crate) any_key: Defect,
    /// The code of the refusal is the general one.
    pub(crate) code_generic: Defect,
    /// A message in clear is taken although its header calls it encrypted.
    pub(crate) flag_ignored: Defect,
    /// The tag is not verified.
    pub(crate) tag_unchecked: Defect,
}

/// What was in the message of an envelope, where its header says that it is encrypted.
pub(crate) fn open(cx: &Service, slips: Slips, envelope: &Value) -> Result<Option<(String, Form)>, Fault> {
    if envelope.pointer("/header/is_msg_encrypted") != Some(&Value::Bool(true)) {
        return Ok(None);
    }
    if cx.ways.take(Way::EncryptionIgnored) {
        return Ok(None);
    }
    let refused = |why: &str| {
        let code = if cx.commits(slips.code_generic) {
            "err.request.bad"
        } else {
            "err.encryption.invalid"
        };
        Fault::coded(code, why.to_owned())
    };
    if cx.ways.take(Way::EncryptionNone) || cx.ways.take(Way::ExchangeEncryptionNone) {
        return Err(refused("encrypted messages are not read here"));
    }
    let message = envelope.get("message").unwrap_or(&Value::Null);
    if !jwe::resembles(message) {
        if cx.commits(slips.flag_ignored) {
            return Ok(None);
        }
        return Err(refused(
            "header.is_msg_encrypted is true, and the message is not a JWE",
        ));
    }
    let read = Jwe::read(message).and_then(|jwe| decrypt(cx, slips, jwe));
    let opened = read.map_err(|why| refused(&format!("the message cannot be decrypted: {why}")))?;
    match String::from_utf8(opened.plain) {
        Ok(text) => Ok(Some((text, opened.form))),
        Err(_) => Err(refused("what was decrypted is not UTF-8")),
    }
}

fn decrypt(cx: &Service, slips: Slips, mut jwe: Jwe) -> Result<Opened, JweError> {
    if cx.commits(slips.algorithm_ignored) {
        jwe.header.insert("alg".to_owned(), ALGORITHM.into());
        jwe.header.insert("enc".to_owned(), CONTENT.into());
    }
    let decrypted = jwe::decrypt(&jwe, cx.keys.own());
    if decrypted.is_ok() {
        return decrypted;
    }
    if cx.commits(slips.any_key)
        && let Ok(other) = SigningKey::from_pem(demo::OTHER_KEY_PEM)
        && let Ok(opened) = jwe::decrypt(&jwe, &other)
    {
        return Ok(opened);
    }
    if decrypted == Err(JweError::Tag)
        && cx.commits(slips.tag_unchecked)
        && let Some(plain) = jwe::decrypt_unproven(&jwe, cx.keys.own())
    {
        return Ok(Opened {
            plain,
            form: jwe.form,
        });
    }
    decrypted
}

/// A content as the partner is sent it. `id` tells this message from all others.
pub(crate) fn close(cx: &Service, content: &str, form: Form, id: &str, own_key: bool) -> Value {
    let key = if own_key {
        cx.keys.own().verifying_key()
    } else {
        cx.keys.partner()
    };
    // Whoever has the private key may repeat a run; nobody else may guess what was drawn.
    let secret = cx.keys.receiver_pem();
    let draw = Draw::derived(&[secret.as_bytes(), id.as_bytes(), content.as_bytes()]);
    jwe::encrypt(content.as_bytes(), &key, form, &draw).to_value()
}
