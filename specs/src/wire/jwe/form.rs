//! How an encrypted message is written: as one text of five parts, or as an object.

use super::{ALGORITHM, CONTENT, IV_LENGTH, JweError, TAG_LENGTH};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

/// The forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Five parts of Base64url with dots between them.
    Compact,
    /// An object with a protected header.
    Flattened,
    /// The object of the DCI documents, whose header is not protected.
    Headed(Aad),
}

/// What is authenticated beside the content where no header is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aad {
    /// Nothing, as RFC 7516 has it for a JWE without a protected header.
    Nothing,
    /// The header, as if it were protected: its JSON without spaces, in Base64url.
    Header,
}

/// An encrypted message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jwe {
    /// How it is written.
    pub form: Form,
    /// What the header says, wherever it stands.
    pub header: Map<String, Value>,
    /// The protected header as it stands there; empty where there is none.
    pub protected: String,
    /// What is authenticated beside the protected header, as it stands there.
    pub aad: Option<String>,
    /// The key of the content, encrypted.
    pub encrypted_key: Vec<u8>,
    /// The initialisation vector.
    pub iv: Vec<u8>,
    /// The content, encrypted.
    pub ciphertext: Vec<u8>,
    /// What proves that nothing was changed.
    pub tag: Vec<u8>,
}

impl Jwe {
    /// Reads a message: a compact text, an object, or the text of an object.
    ///
    /// # Errors
    /// It is none of them.
    pub fn read(message: &Value) -> Result<Self, JweError> {
        match message {
            Value::Object(members) => Self::of_object(members),
            Value::String(text) if text.trim_start().starts_with('{') => match serde_json::from_str(text) {
                Ok(Value::Object(members)) => Self::of_object(&members),
                _ => Err(JweError::Malformed("the text is not the JSON of an object")),
            },
            Value::String(text) => Self::of_text(text),
            _ => Err(JweError::Malformed("it is neither a text nor an object")),
        }
    }

    fn of_text(text: &str) -> Result<Self, JweError> {
        let parts: Vec<&str> = text.split('.').collect();
        let [protected, encrypted_key, iv, ciphertext, tag] = parts[..] else {
            return Err(JweError::Malformed(
                "the text has not five parts with dots between them",
            ));
        };
        Ok(Self {
            form: Form::Compact,
            header: protected_header(protected)?,
            protected: protected.to_owned(),
            aad: None,
            encrypted_key: bytes("encrypted_key", encrypted_key)?,
            iv: bytes("iv", iv)?,
            ciphertext: bytes("ciphertext", ciphertext)?,
            tag: bytes("tag", tag)?,
        })
    }

    fn of_object(members: &Map<String, Value>) -> Result<Self, JweError> {
        if members.contains_key("recipients") {
            return Err(JweError::Unsupported("recipients"));
        }
        let text = |name: &'static str, missing| match members.get(name) {
            Some(Value::String(text)) => Ok(text.as_str()),
            _ => Err(JweError::Malformed(missing)),
        };
        let protected = match members.get("protected") {
            None => "",
            Some(_) => text("protected", "`protected` is not a text")?,
        };
        let aad = match members.get("aad") {
            None => None,
            Some(_) => Some(text("aad", "`aad` is not a text")?.to_owned()),
        };
        let mut header = Map::new();
        let mut form = Form::Headed(Aad::Nothing);
        if !protected.is_empty() {
            form = Form::Flattened;
            header = protected_header(protected)?;
        }
        for name in ["unprotected", "header"] {
            let beside = match members.get(name) {
                None => continue,
                Some(Value::Object(beside)) => beside,
                Some(_) => return Err(JweError::Malformed("a header is not an object")),
            };
            for (name, value) in beside {
                if header.insert(name.clone(), value.clone()).is_some() {
                    return Err(JweError::Malformed("a member stands in two headers"));
                }
            }
        }
        if form != Form::Flattened && !header.get("kid").is_some_and(Value::is_string) {
            return Err(JweError::Malformed("the header names no key (`kid`)"));
        }
        let part = |name, missing| bytes(name, text(name, missing)?);
        Ok(Self {
            form,
            header,
            protected: protected.to_owned(),
            aad,
            encrypted_key: part("encrypted_key", "`encrypted_key` is missing or not a text")?,
            iv: part("iv", "`iv` is missing or not a text")?,
            ciphertext: part("ciphertext", "`ciphertext` is missing or not a text")?,
            tag: part("tag", "`tag` is missing or not a text")?,
        })
    }

    /// As it travels.
    pub fn to_value(&self) -> Value {
        let [key, iv, ciphertext, tag] = [&self.encrypted_key, &self.iv, &self.ciphertext, &self.tag]
            .map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
        let mut object = match self.form {
            Form::Compact => return [&*self.protected, &key, &iv, &ciphertext, &tag].join(".").into(),
            Form::Flattened => json!({"protected": self.protected}),
            Form::Headed(_) => json!({"header": self.header}),
        };
        if let Some(aad) = &self.aad {
            object["aad"] = aad.as_str().into();
        }
        object["encrypted_key"] = key.into();
        object["iv"] = iv.into();
        object["ciphertext"] = ciphertext.into();
        object["tag"] = tag.into();
        object
    }

    /// What is authenticated beside the content, where the message is read in this form.
    pub(super) fn authenticated(&self, form: Form) -> Vec<u8> {
        let mut text = match form {
            Form::Headed(Aad::Header) => URL_SAFE_NO_PAD.encode(Value::from(self.header.clone()).to_string()),
            _ => self.protected.clone(),
        };
        if let Some(aad) = &self.aad {
            text.push('.');
            text.push_str(aad);
        }
        text.into_bytes()
    }

    /// Whether it can be decrypted at all with the key of this name.
    pub(super) fn check(&self, key_id: &str) -> Result<(), JweError> {
        let said = |name: &str| match self.header.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        if said("alg") != ALGORITHM {
            return Err(JweError::Algorithm(said("alg")));
        }
        if said("enc") != CONTENT {
            return Err(JweError::Content(said("enc")));
        }
        for name in ["crit", "zip"] {
            if self.header.contains_key(name) {
                return Err(JweError::Unsupported(name));
            }
        }
        if self.header.contains_key("kid") && said("kid") != key_id {
            return Err(JweError::KeyId {
                found: said("kid"),
                expected: key_id.to_owned(),
            });
        }
        for (member, found, expected) in [("iv", &self.iv, IV_LENGTH), ("tag", &self.tag, TAG_LENGTH)] {
            if found.len() != expected {
                return Err(JweError::Length {
                    member,
                    found: found.len(),
                    expected,
                });
            }
        }
        Ok(())
    }
}

/// Whether a message looks like an encrypted one, however faulty it is.
pub(super) fn resembles(message: &Value) -> bool {
    match message {
        Value::Object(members) => members.contains_key("ciphertext"),
        Value::String(text) if text.trim_start().starts_with('{') => {
            serde_json::from_str::<Value>(text).is_ok_and(|value| value.is_object() && resembles(&value))
        }
        Value::String(text) => {
            text.split('.').count() == 5
                && protected_header(text.split('.').next().unwrap_or_default()).is_ok()
        }
        _ => false,
    }
}

fn bytes(name: &'static str, text: &str) -> Result<Vec<u8>, JweError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| JweError::Base64(name))
}

fn protected_header(text: &str) -> Result<Map<String, Value>, JweError> {
    match serde_json::from_slice(&bytes("protected", text)?) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(JweError::Malformed(
            "the protected header is not the JSON of an object",
        )),
    }
}
