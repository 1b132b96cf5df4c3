//! What is asked of a message before it is acknowledged, in this order: that it is JSON of the right
//! form, that we know its sender, that it is meant for us, that its sender signed it, that we can decrypt
//! it where it is encrypted, and that we may call back.

use super::kind::Kind;
use super::party::is_same;
use crate::callback::Target;
use crate::ids::as_text;
use crate::incoming::Incoming;
use crate::operation::Operation;
use crate::readings::Way;
use crate::sealed::{self, Slips};
use crate::service::Service;
use crate::validate::Fault;
use crate::{Defect, clock};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use specs::wire::demo;
use specs::wire::jwe::Form;
use specs::wire::key::PublicKey;
use specs::wire::rsa::SignatureError;

/// A message that passed every check.
#[derive(Debug)]
pub(super) struct Accepted {
    pub(super) kind: Kind,
    /// With the message in clear.
    pub(super) envelope: Value,
    /// How the message was encrypted, where it was.
    pub(super) form: Option<Form>,
    /// Where its reply goes.
    pub(super) target: Target,
}

/// The mistakes with encrypted messages.
const SLIPS: Slips = Slips {
    algorithm_ignored: Defect::ExchangeEncryptionAlgorithmIgnored,
    any_key: Defect::ExchangeEncryptionAnyKey,
    code_generic: Defect::ExchangeEncryptionCodeGeneric,
    flag_ignored: Defect::ExchangeEncryptionFlagIgnored,
    tag_unchecked: Defect::ExchangeEncryptionTagUnchecked,
};

pub(super) fn accept(cx: &Service, incoming: &Incoming, segment: &str) -> Result<Accepted, Fault> {
    incoming.bytes()?;
    let kind = Kind::read(cx, segment).ok_or_else(|| {
        Fault::coded(
            "err.request.not_found",
            format!("there is no exchange type {segment:?}"),
        )
    })?;
    if !incoming.is_labelled_json() {
        return Err(Fault::media_type(&incoming.media_type()));
    }
    let mut envelope = match incoming.json() {
        Ok(read) if cx.commits(Defect::ExchangeShapeUnchecked) && !read["header"].is_object() => {
            return Ok(Accepted {
                kind,
                envelope: json!({}),
                form: None,
                target: Target::Mailbox,
            });
        }
        Err(_) if cx.commits(Defect::ExchangeNotJsonAccepted) => {
            return Ok(Accepted {
                kind,
                envelope: json!({}),
                form: None,
                target: Target::Mailbox,
            });
        }
        read => read?,
    };
    let kind = addressed(cx, kind, &envelope).map_err(|fault| fault.in_request(&envelope))?;
    match check(cx, &envelope) {
        Ok((opened, target)) => {
            let mut form = None;
            if let Some((text, encrypted)) = opened {
                form = Some(encrypted);
                envelope["message"] = inner(cx, text);
            }
            Ok(Accepted {
                kind,
                envelope,
                form,
                target,
            })
        }
        Err(fault) => Err(fault.in_request(&envelope)),
    }
}

/// The type that counts where the header names another than the path.
fn addressed(cx: &Service, kind: Kind, envelope: &Value) -> Result<Kind, Fault> {
    let named = envelope.pointer("/header/message_type").and_then(Value::as_str);
    let Some(named) = named.and_then(|named| Kind::read(cx, named)) else {
        return Ok(kind);
    };
    if named != kind && cx.ways.take(Way::ExchangeMismatchRefused) {
        let message = "/header/message_type: it is not the type that the path names".to_owned();
        return Err(Fault::bad(message));
    }
    Ok(if cx.ways.take(Way::ExchangeMismatchHeader) {
        named
    } else {
        kind
    })
}

/// How old a message may be where that is looked at, in seconds.
const WINDOW: f64 = 86_400.0;

/// Whether a message is young enough, and came only once, where that is asked for.
fn unused(cx: &Service, envelope: &Value) -> Result<(), Fault> {
    if !cx.ways.exist() {
        return Ok(());
    }
    let text = |name: &str| envelope.get("header")?.get(name).and_then(as_text);
    let written = text("message_ts").and_then(|ts| ts.parse::<f64>().ok());
    // Whoever counts milliseconds is far in the future of whoever counts seconds.
    let moment = written.map(|ts| if ts > 1e11 { ts / 1000.0 } else { ts });
    if cx.ways.take(Way::ExchangeFreshnessWindow) && moment.is_some_and(|at| at < clock::now() - WINDOW) {
        return Err(Fault::bad(
            "/header/message_ts: the message is too old".to_owned(),
        ));
    }
    let [ever, same] =
        [Way::ExchangeMessageIdEver, Way::ExchangeMessageIdSameDirection].map(|w| cx.ways.take(w));
    if ever || same {
        let [sender, id, kind] =
            ["sender_id", "message_id", "message_type"].map(|name| text(name).unwrap_or_default());
        let mark = format!("{kind} {}", message_text(envelope));
        let earlier = cx.earlier.note(format!("message {sender} {id}"), &mark);
        if earlier.is_some_and(|earlier| ever || earlier != mark) {
            return Err(Fault::bad("/header/message_id: it was used before".to_owned()));
        }
    }
    Ok(())
}

/// The text that was in an encrypted message.
fn inner(cx: &Service, text: String) -> Value {
    if cx.commits(Defect::ExchangeEncryptedAnsweredOtherwise) {
        return Value::from(text).to_string().into();
    }
    text.into()
}

type Opened = Option<(String, Form)>;

fn check(cx: &Service, envelope: &Value) -> Result<(Opened, Target), Fault> {
    cx.check(Operation::Exchange, envelope)?;
    slips(cx, envelope)?;
    let stranger = sender(cx, envelope)?;
    receiver(cx, envelope)?;
    if !stranger {
        signature(cx, envelope)?;
    }
    unused(cx, envelope)?;
    // Signed is what travels, so nothing is decrypted that nobody signed.
    let opened = sealed::open(cx, SLIPS, envelope)?;
    Ok((opened, target(cx, envelope)?))
}

/// Refusals that no document asks for.
fn slips(cx: &Service, envelope: &Value) -> Result<(), Fault> {
    if cx.commits(Defect::ExchangeEncryptedFlagRefused)
        && envelope.pointer("/header/is_msg_encrypted").is_some()
    {
        return Err(Fault::bad("/header/is_msg_encrypted: unknown member".to_owned()));
    }
    let action = envelope.pointer("/header/action").and_then(Value::as_str);
    if cx.commits(Defect::ExchangeUpdateRefused) && action == Some("update") {
        return Err(Fault::bad("/header/action: unknown action".to_owned()));
    }
    Ok(())
}

/// Whether the sender is a stranger who was let through.
fn sender(cx: &Service, envelope: &Value) -> Result<bool, Fault> {
    let registered = &cx.profile.partner.sender_id;
    match envelope.pointer("/header/sender_id").and_then(Value::as_str) {
        Some(id) if is_same(id, registered) => Ok(false),
        Some(_) if cx.commits(Defect::ExchangeAnySender) => Ok(true),
        Some(id) => {
            let message = format!("{id:?} is not registered here; the registered sender is {registered:?}");
            Err(Fault::coded("err.sender_id.invalid", message))
        }
        // Only a server that does not check the form gets here.
        None => Ok(false),
    }
}

fn receiver(cx: &Service, envelope: &Value) -> Result<(), Fault> {
    let ours = &cx.profile.partner.receiver_id;
    // The document requires the misspelling and describes the other.
    let written = |name: &str| envelope.get("header")?.get(name)?.as_str();
    match written("receiver_id").or_else(|| written("reciever_id")) {
        Some(id) if !is_same(id, ours) && !cx.commits(Defect::ExchangeAnyReceiver) => {
            let message = format!("the message is for {id:?}; this is {ours:?}");
            Err(Fault::coded("err.receiver_id.invalid", message))
        }
        _ => Ok(()),
    }
}

fn signature(cx: &Service, envelope: &Value) -> Result<(), Fault> {
    let signature = match envelope.get("signature") {
        None | Some(Value::Null) => "",
        Some(Value::String(text)) => text,
        Some(_) => return Err(invalid("the signature is not a text")),
    };
    if signature.is_empty() {
        if cx.commits(Defect::ExchangeUnsignedAccepted) {
            return Ok(());
        }
        let message = "the message is not signed".to_owned();
        return Err(Fault::coded("err.signature.missing", message));
    }
    if cx.commits(Defect::ExchangeSignatureUnchecked) && STANDARD.decode(signature).is_ok() {
        return Ok(());
    }
    let cut = without_tail(signature).filter(|_| cx.commits(Defect::ExchangeSignatureTailIgnored));
    let signature = cut.as_deref().unwrap_or(signature);
    let message = signed_text(cx, envelope);
    let mut verified = Err(SignatureError::Mismatch);
    for key in cx.ring.partner() {
        verified = key.verify(message.as_bytes(), signature);
        if verified.is_ok() {
            break;
        }
    }
    match verified {
        Ok(()) => Ok(()),
        Err(_) if cx.commits(Defect::ExchangeAnyRegisteredKey) && other_partners(cx, &message, signature) => {
            Ok(())
        }
        Err(reason) => Err(invalid(&format!(
            "{reason}; it must be SHA256withRSA over exactly the bytes of `message`, by the key of the sender"
        ))),
    }
}

/// The signature with as many bytes as RSA keys of 2048 bits make.
fn without_tail(signature: &str) -> Option<String> {
    let bytes = STANDARD.decode(signature).ok()?;
    Some(STANDARD.encode(bytes.into_iter().take(256).collect::<Vec<u8>>()))
}

fn invalid(why: &str) -> Fault {
    Fault::coded("err.signature.invalid", why.to_owned())
}

/// The text that was signed: `message` as it was sent, never serialised again.
fn signed_text(cx: &Service, envelope: &Value) -> String {
    let text = message_text(envelope);
    if cx.commits(Defect::ExchangeMessageReserialised)
        && let Ok(parsed) = serde_json::from_str::<Value>(&text)
    {
        return parsed.to_string();
    }
    text
}

/// `message`. One that is no text and was let through is converted.
pub(super) fn message_text(envelope: &Value) -> String {
    match envelope.get("message") {
        None | Some(Value::Null) => String::new(),
        Some(message) => as_text(message).unwrap_or_else(|| message.to_string()),
    }
}

/// Whether the message was signed by somebody else whose key lies in the same store.
fn other_partners(cx: &Service, message: &str, signature: &str) -> bool {
    let other = PublicKey::from_pem(demo::OTHER_PUB_PEM).ok();
    let keys = other.into_iter().chain([cx.ring.own().public()]);
    keys.into_iter()
        .any(|key| key.verify(message.as_bytes(), signature).is_ok())
}

pub(super) fn sender_uri(envelope: &Value) -> Option<&str> {
    envelope.pointer("/header/sender_uri").and_then(Value::as_str)
}

pub(super) fn target(cx: &Service, envelope: &Value) -> Result<Target, Fault> {
    let target = cx.courier.policy.target(sender_uri(envelope));
    target.map_err(|why| Fault::coded("err.sender_uri.invalid", why))
}
