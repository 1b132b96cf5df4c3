//! Signatures of messages: those of the partner, which are verified, and our own.

mod seen;

use super::kind::Kind;
use crate::answer::Answer;
use crate::incoming::Incoming;
use crate::readings::Way;
use crate::service::Service;
use crate::validate::Fault;
use crate::{Defect, clock};
use http::{HeaderName, HeaderValue, StatusCode};
use seen::Seen;
use serde_json::{Map, Value};
use specs::wire::covered::Covered;
use specs::wire::http_signature::{FieldError, LIFETIME, SKEW};
use specs::wire::jws::JwsError;
use specs::wire::scheme::{self, SchemeError};

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
    let scheme = cx.profile.signature.scheme;
    let text = match (scheme::header(scheme), request.get("signature")) {
        (Some(name), _) => in_header(incoming, name).map_err(|why| {
            let message = why.to_owned();
            Fault::coded(code("err.signature.invalid"), message)
        })?,
        (None, None | Some(Value::Null)) => "",
        (None, Some(Value::String(text))) => text,
        (None, Some(_)) => {
            let message = "the signature is not a text".to_owned();
            return Err(Fault::coded(code("err.signature.invalid"), message));
        }
    };
    if text.is_empty() {
        if cx.commits(Defect::UnsignedAccepted) || cx.ways.take(Way::SignaturePresenceOptional) {
            return Ok(());
        }
        let message = "the message is not signed".to_owned();
        return Err(Fault::coded(code("err.signature.missing"), message));
    }
    let body = String::from_utf8_lossy(incoming.bytes()?);
    let covered = Covered::in_text(&body).unwrap_or_default();
    let registered = incoming.caller.as_ref().and_then(|caller| caller.key.clone());
    let seen = Seen {
        cx,
        scheme,
        keys: registered.map_or_else(|| cx.ring.partner(), |key| vec![key]),
        text,
        sender: sender_id(request),
        skew: skew(cx),
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

impl Unproven {
    fn over_other_bytes() -> Self {
        Self {
            why: "it is over other bytes".to_owned(),
            requirement: "dci.signature.checked",
        }
    }
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
            SchemeError::UnknownKey(_) => "dci.jws.key-id",
            _ => "dci.signature.checked",
        };
        Self {
            why: error.to_string(),
            requirement,
        }
    }
}

/// The signature that travels in a header; empty where there is none.
fn in_header<'r>(incoming: &'r Incoming, name: &'static str) -> Result<&'r str, &'static str> {
    let mut named = incoming.headers.get_all(name).iter();
    match (named.next(), named.next()) {
        (None, _) => Ok(""),
        (Some(one), None) => one.to_str().map_err(|_| "the signature is not a text"),
        (Some(_), Some(_)) => Err("there are several signatures"),
    }
}

/// How far the clock of a partner may be off, as the profile reads it.
fn skew(cx: &Service) -> Option<i64> {
    if cx.ways.take(Way::SkewUnchecked) {
        return None;
    }
    Some(if cx.ways.take(Way::SkewFiveMinutes) {
        300
    } else {
        SKEW
    })
}

/// The signature of a message of ours, where the profile wants one.
fn made(cx: &Service, kind: Kind, mut covered: Covered) -> Option<String> {
    let scheme = cx.profile.signature.scheme;
    let (unsigned, stale) = if kind.is_callback() {
        (Defect::CallbackUnsigned, Defect::CallbackSignatureStale)
    } else {
        (Defect::ReplyUnsigned, Defect::ReplySignatureStale)
    };
    if !scheme.signs() || cx.commits(unsigned) {
        return None;
    }
    let mut now = clock::now();
    if cx.commits(stale) {
        "{}".clone_into(&mut covered.header);
        covered.body = covered.to_text().unwrap_or_default();
        now -= LIFETIME as f64;
    }
    // Header and message are JSON, and the key is the scheme's.
    scheme::sign(
        scheme,
        &covered,
        &cx.ring.own(),
        &cx.profile.partner.receiver_id,
        now,
    )
    .ok()
}

/// A message of ours with its signature, where the profile wants one within.
pub(super) fn signed(cx: &Service, kind: Kind, body: Value) -> Value {
    let scheme = cx.profile.signature.scheme;
    if !scheme.signs() || scheme::header(scheme).is_some() {
        return body;
    }
    let text = |name| body.get(name).map(Value::to_string).unwrap_or_default();
    // A signature within never covers the whole.
    let covered = Covered {
        header: text("header"),
        message: text("message"),
        body: String::new(),
    };
    let signature = made(cx, kind, covered);
    match (body, signature) {
        (Value::Object(members), Some(signature)) => {
            let mut signed = Map::new();
            signed.insert("signature".to_owned(), signature.into());
            signed.extend(members);
            Value::Object(signed)
        }
        (body, _) => body,
    }
}

/// The same of a message that is written already. It is an object.
pub(super) fn signed_text(cx: &Service, kind: Kind, body: Vec<u8>) -> Vec<u8> {
    let scheme = cx.profile.signature.scheme;
    if !scheme.signs() || scheme::header(scheme).is_some() {
        return body;
    }
    let covered = std::str::from_utf8(&body).ok().and_then(Covered::in_text);
    let Some(signature) = covered.and_then(|covered| made(cx, kind, covered)) else {
        return body;
    };
    let mut signed = format!("{{\"signature\":{},", Value::from(signature)).into_bytes();
    signed.extend_from_slice(&body[1..]);
    signed
}

/// The signature that travels in the header of a message of ours, where the profile wants one there.
pub(super) fn beside(cx: &Service, kind: Kind, body: &str) -> Option<String> {
    scheme::header(cx.profile.signature.scheme)?;
    let covered = Covered::in_text(body).unwrap_or_else(|| Covered {
        body: body.to_owned(),
        ..Covered::default()
    });
    made(cx, kind, covered)
}

/// An answer that is a message of ours.
pub(super) fn answer(cx: &Service, kind: Kind, status: StatusCode, message: &Value) -> Answer {
    beside_answer(cx, kind, Answer::json(status, message))
}

/// An answer with the signature of its body, where the profile wants one beside it.
pub(super) fn beside_answer(cx: &Service, kind: Kind, answer: Answer) -> Answer {
    let signature = || {
        let name = scheme::header(cx.profile.signature.scheme)?;
        let signature = beside(cx, kind, std::str::from_utf8(&answer.body).ok()?)?;
        let value = HeaderValue::try_from(signature).ok()?;
        Some((HeaderName::from_static(name), value))
    };
    match signature() {
        Some((name, value)) => answer.with_header(name, value),
        None => answer,
    }
}
