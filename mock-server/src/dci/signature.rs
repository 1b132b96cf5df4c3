//! Signatures of messages: those of the partner, which are verified, and our own.

use super::kind::Kind;
use crate::incoming::Incoming;
use crate::service::Service;
use crate::validate::Fault;
use crate::{Defect, clock};
use serde_json::{Map, Value};
use specs::catalogue::SignatureScheme;
use specs::wire::canonical;
use specs::wire::covered::Covered;
use specs::wire::http_signature::{Field, FieldError, LIFETIME};
use specs::wire::jws::JwsError;
use specs::wire::key::{Algorithm, PublicKey};
use specs::wire::scheme::SchemeError;
use specs::wire::{demo, jws, scheme};

/// Whether the sender is our partner and signed exactly this request, where the profile wants signatures.
pub(super) fn check(cx: &Service, incoming: &Incoming, request: &Value) -> Result<(), Fault> {
    if !cx.profile.signature.scheme.signs() {
        let registered = incoming
            .caller
            .as_ref()
            .is_some_and(|caller| caller.sender_id.is_some());
        let checked = if registered {
            sender(cx, incoming, request)
        } else {
            Ok(())
        };
        return checked.map_err(|fault| fault.in_request(request));
    }
    let checked = sender(cx, incoming, request).and_then(|()| signature(cx, incoming, request));
    checked.map_err(|fault| fault.in_request(request))
}

fn sender(cx: &Service, incoming: &Incoming, request: &Value) -> Result<(), Fault> {
    // Who is registered as a client may have an id and a key of its own.
    let own = incoming
        .caller
        .as_ref()
        .and_then(|caller| caller.sender_id.as_ref());
    let registered = own.unwrap_or(&cx.profile.partner.sender_id);
    match sender_id(request) {
        Some(id) if id != registered => {
            let message = format!("{id:?} is not registered here; the registered sender is {registered:?}");
            Err(Fault::coded("err.sender_id.invalid", message))
        }
        // Only a server that does not check the form gets here without one.
        _ => Ok(()),
    }
}

fn sender_id(request: &Value) -> Option<&str> {
    let id = request.pointer("/header/sender_id").and_then(Value::as_str);
    id.filter(|id| !id.is_empty())
}

fn signature(cx: &Service, incoming: &Incoming, request: &Value) -> Result<(), Fault> {
    let code = |code| {
        if cx.commits(Defect::SignatureCodeGeneric) {
            "err.request.bad"
        } else {
            code
        }
    };
    let text = match request.get("signature") {
        None | Some(Value::Null) => "",
        Some(Value::String(text)) => text,
        Some(_) => {
            let message = "the signature is not a text".to_owned();
            return Err(Fault::coded(code("err.signature.invalid"), message));
        }
    };
    if text.is_empty() {
        if cx.commits(Defect::UnsignedAccepted) {
            return Ok(());
        }
        let message = "the message is not signed".to_owned();
        return Err(Fault::coded(code("err.signature.missing"), message));
    }
    let body = String::from_utf8_lossy(incoming.bytes()?);
    let covered = Covered::in_text(&body).unwrap_or_default();
    let seen = Seen {
        cx,
        scheme: cx.profile.signature.scheme,
        text,
        sender: sender_id(request),
        partner: incoming.caller.as_ref().and_then(|caller| caller.key.clone()),
    };
    seen.verified(&covered).map_err(|unproven| {
        let message = format!("the signature proves nothing: {}", unproven.why);
        Fault::coded(code("err.signature.invalid"), message).breaking(unproven.requirement)
    })
}

/// Why a signature proves nothing.
struct Unproven {
    why: String,
    requirement: &'static str,
}

impl From<SchemeError> for Unproven {
    fn from(error: SchemeError) -> Self {
        let requirement = match &error {
            SchemeError::Field(FieldError::Algorithm) | SchemeError::Jws(JwsError::Algorithm) => {
                "dci.signature.algorithm"
            }
            SchemeError::Field(FieldError::Sender) => "dci.signature.sender",
            SchemeError::Field(FieldError::Future) => "dci.signature.future",
            SchemeError::Field(FieldError::Expired) => "dci.signature.expired",
            _ => "dci.signature.checked",
        };
        Self {
            why: error.to_string(),
            requirement,
        }
    }
}

/// A signature, and what is known of it.
struct Seen<'a> {
    cx: &'a Service,
    scheme: SignatureScheme,
    text: &'a str,
    sender: Option<&'a str>,
    /// The key that the caller registered.
    partner: Option<PublicKey>,
}

impl Seen<'_> {
    fn verified(&self, covered: &Covered) -> Result<(), Unproven> {
        if self.cx.commits(Defect::SignatureRespelt) {
            let respelt = self.respelt(covered).ok_or_else(|| Unproven {
                why: "it is over other bytes".to_owned(),
                requirement: "dci.signature.checked",
            })?;
            return Ok(self.by_partner(&respelt)?);
        }
        let verified = self.by_partner(covered);
        if verified.is_ok() || self.is_believed(covered) {
            return Ok(());
        }
        Ok(verified?)
    }

    fn by_partner(&self, covered: &Covered) -> Result<(), SchemeError> {
        self.by(&self.partner_key(), covered, clock::now())
    }

    fn partner_key(&self) -> PublicKey {
        let demonstration = || self.cx.keys.sender_of(self.scheme).public();
        self.partner.clone().unwrap_or_else(demonstration)
    }

    fn by(&self, key: &PublicKey, covered: &Covered, now: f64) -> Result<(), SchemeError> {
        scheme::verify(self.scheme, covered, self.text, key, self.sender, now)
    }

    /// Whether a mistake lets a signature through that proves nothing.
    fn is_believed(&self, covered: &Covered) -> bool {
        let part = |header: bool, message: bool| Covered {
            header: if header {
                covered.header.clone()
            } else {
                String::new()
            },
            message: if message {
                covered.message.clone()
            } else {
                String::new()
            },
        };
        let commits = |defect| self.cx.commits(defect);
        (commits(Defect::SignatureUnchecked) && self.has_syntax())
            || (commits(Defect::SignatureOverMessageAccepted) && self.by_partner(&part(false, true)).is_ok())
            || (commits(Defect::SignatureOverHeaderAccepted) && self.by_partner(&part(true, false)).is_ok())
            || (commits(Defect::SignatureAnyKey) && self.by_any_key(covered))
            || (commits(Defect::SignatureAlgorithmTrusted) && self.algorithm().as_deref() == Some("none"))
            || (commits(Defect::SignatureExpiredAccepted) && self.at_another_time(covered, true))
            || (commits(Defect::SignatureFutureAccepted) && self.at_another_time(covered, false))
            || (commits(Defect::SignatureSenderUnchecked) && self.of_anybody(covered))
    }

    /// Whether the text could be a signature of the scheme: a server that does not verify it still reads it.
    fn has_syntax(&self) -> bool {
        match self.scheme {
            SignatureScheme::DciHttpSignature => {
                Field::parse(self.text).is_ok_and(|field| field.check(self.sender, clock::now()).is_ok())
            }
            SignatureScheme::JwsCompact => self.algorithm().as_deref() == Some(jws::ALGORITHM),
            _ => true,
        }
    }

    /// The algorithm that the text names.
    fn algorithm(&self) -> Option<String> {
        match self.scheme {
            SignatureScheme::DciHttpSignature => Field::parse(self.text).ok().map(|field| field.algorithm),
            SignatureScheme::JwsCompact => jws::algorithm_of(self.text),
            _ => None,
        }
    }

    fn by_any_key(&self, covered: &Covered) -> bool {
        let other = match scheme::algorithm(self.scheme) {
            Some(Algorithm::Ed25519) => demo::OTHER_ED25519_PUB_PEM,
            _ => demo::OTHER_PUB_PEM,
        };
        let other = PublicKey::from_pem(other).ok();
        let own = self.cx.keys.receiver_of(self.scheme).public();
        let mut keys = other.into_iter().chain([own]);
        keys.any(|key| self.by(&key, covered, clock::now()).is_ok())
    }

    /// Whether it would be valid at the time that it names: before now where it has expired, after now where
    /// it is yet to come.
    fn at_another_time(&self, covered: &Covered, expired: bool) -> bool {
        let key = self.partner_key();
        let named = Field::parse(self.text).ok().map(|field| field.created as f64);
        named.is_some_and(|named| (named < clock::now()) == expired && self.by(&key, covered, named).is_ok())
    }

    /// Whether the partner signed it, whomever it names as its signer.
    fn of_anybody(&self, covered: &Covered) -> bool {
        let key = self.partner_key();
        let now = clock::now();
        scheme::verify(self.scheme, covered, self.text, &key, None, now).is_ok()
    }

    /// What a library makes of header and message: without spaces, and with text as it is, not escaped.
    /// `None` where a digest over that cannot be the signer's.
    fn respelt(&self, covered: &Covered) -> Option<Covered> {
        let value = covered.to_value()?;
        let escapes = || canonical::text(&value).contains("\\u");
        if self.scheme == SignatureScheme::DciHttpSignature && escapes() {
            return None;
        }
        Some(Covered::in_value(&value))
    }
}

/// A message of ours with its signature, where the profile wants one.
pub(super) fn signed(cx: &Service, kind: Kind, body: Value) -> Value {
    let scheme = cx.profile.signature.scheme;
    let (unsigned, stale) = if kind.is_callback() {
        (Defect::CallbackUnsigned, Defect::CallbackSignatureStale)
    } else {
        (Defect::ReplyUnsigned, Defect::ReplySignatureStale)
    };
    if !scheme.signs() || cx.commits(unsigned) {
        return body;
    }
    let Value::Object(members) = body else { return body };
    let mut covered = Covered::in_value(&Value::Object(members.clone()));
    let mut now = clock::now();
    if cx.commits(stale) {
        "{}".clone_into(&mut covered.header);
        now -= LIFETIME as f64;
    }
    let key = cx.keys.receiver_of(scheme);
    let own = &cx.profile.partner.receiver_id;
    let signature = scheme::sign(scheme, &covered, &key, own, now);
    let mut signed = Map::new();
    // Header and message are JSON, and the key is the scheme's.
    if let Ok(signature) = signature {
        signed.insert("signature".to_owned(), signature.into());
    }
    signed.extend(members);
    Value::Object(signed)
}
