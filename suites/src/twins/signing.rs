//! The ways in which a faulty twin is signed.

use super::set_member;
use crate::context::Context;
use crate::plan::{Payload, Signing};
use serde_json::Value;
use specs::catalogue::SignatureScheme;

/// The ways to sign that a fault may name.
pub const SIGNINGS: [&str; 15] = [
    "absent",
    "empty",
    "truncated",
    "doubled",
    "other-key",
    "before-change",
    "stale",
    "header-only",
    "message-only",
    "algorithm-none",
    "public-key-secret",
    "unknown-key-id",
    "expired",
    "future",
    "other-sender",
];

/// One of [`SIGNINGS`]; `honest` is the body before it was changed.
pub(super) fn named(name: &str, honest: Option<Value>) -> Option<Signing> {
    Some(match name {
        "absent" => Signing::Absent,
        "empty" => Signing::Empty,
        "truncated" => Signing::Truncated,
        "doubled" => Signing::Doubled,
        "other-key" => Signing::OtherKey,
        "before-change" => Signing::Over(Box::new(honest?)),
        "stale" => {
            let mut other = Payload::Json(honest?);
            set_member(
                &mut other,
                "/header/message_id",
                Some("an-earlier-message".into()),
            );
            set_member(
                &mut other,
                "/message/transaction_id",
                Some("an-earlier-transaction".into()),
            );
            let Payload::Json(other) = other else { return None };
            Signing::Over(Box::new(other))
        }
        "header-only" => Signing::OverHeader,
        "message-only" => Signing::OverMessage,
        "algorithm-none" => Signing::NoAlgorithm,
        "public-key-secret" => Signing::PublicKeySecret,
        "unknown-key-id" => Signing::UnknownKeyId,
        "expired" => Signing::At(-3600),
        "future" => Signing::At(3600),
        "other-sender" => Signing::As("another.example.org".to_owned()),
        _ => return None,
    })
}

/// Whether a text of the profile's scheme can be wrong in one of these ways: not every scheme names an
/// algorithm, a key, a signer or times, and not every profile looks at times.
pub(super) fn applies(name: &str, cx: &Context) -> bool {
    let scheme = cx.profile.signature.scheme;
    let of_field = scheme == SignatureScheme::DciHttpSignature;
    let of_jws = matches!(
        scheme,
        SignatureScheme::JwsCompact | SignatureScheme::DetachedJwsHeader
    );
    match name {
        "algorithm-none" | "public-key-secret" => of_field || of_jws,
        "unknown-key-id" => of_jws,
        "other-sender" => of_field,
        "expired" | "future" => of_field && !cx.profile.allows("dci.signature-skew", "unchecked"),
        _ => true,
    }
}
