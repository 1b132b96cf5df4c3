//! Which requirement asks for a refusal that has this code, and which member it is about.

use crate::validate::Fault;
use http::StatusCode;
use specs::catalogue::Profile;

/// Code, operation where it matters, requirement.
const BY_CODE: &[(&str, Option<&str>, &str)] = &[
    (
        "err.sender_id.invalid",
        Some("exchange"),
        "digit.exchange.sender-known",
    ),
    (
        "err.receiver_id.invalid",
        Some("exchange"),
        "digit.exchange.receiver-known",
    ),
    (
        "err.signature.missing",
        Some("exchange"),
        "digit.exchange.signature-missing",
    ),
    (
        "err.signature.invalid",
        Some("exchange"),
        "digit.exchange.signature-checked",
    ),
    (
        "err.encryption.invalid",
        Some("exchange"),
        "digit.encryption.checked",
    ),
    ("err.encryption.invalid", None, "dci.encryption.checked"),
    ("err.request.not_found", Some("exchange"), "digit.exchange.types"),
    ("rjct.notify_types.invalid", None, "dci.subscribe.unknown-event"),
    ("rjct.event.already_subscribed", None, "dci.subscribe.duplicate"),
    (
        "rjct.subscription_code.invalid",
        None,
        "dci.unsubscribe.unknown-code",
    ),
    ("rjct.event.already_unsubscribed", None, "dci.unsubscribe.twice"),
    ("invalid_client", Some("token"), "dci.token.secret-checked"),
    ("unsupported_grant_type", Some("token"), "dci.token.grant-type"),
    ("invalid_request", Some("token"), "dci.token.form"),
];

/// The member that a code is about.
const POINTERS: &[(&str, &str)] = &[
    ("err.sender_id.invalid", "/header/sender_id"),
    ("err.receiver_id.invalid", "/header/receiver_id"),
    ("err.sender_uri.invalid", "/header/sender_uri"),
    ("err.signature.missing", "/signature"),
    ("err.signature.invalid", "/signature"),
    ("err.encryption.invalid", "/message"),
];

/// The requirement behind a code, where the profile has it.
pub(super) fn of_code(code: &str, operation: &str, profile: &Profile) -> Option<&'static str> {
    let (_, _, id) = BY_CODE
        .iter()
        .find(|(known, of, _)| *known == code && of.is_none_or(|of| of == operation))?;
    let demanded = profile.requirement_set().is_ok_and(|set| set.is_match(id));
    demanded.then_some(*id)
}

/// The requirement that a fault is about, with `{family}` for the specification.
pub(super) fn of_fault(fault: &Fault) -> Option<&'static str> {
    if fault.status == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        return Some("{family}.request.media-type").filter(|_| fault.lacks.is_empty());
    }
    fault.unreadable.then_some("{family}.request.not-json")
}

/// The member that a refusal with this code is about.
pub(super) fn pointer_of(code: &str) -> Option<&'static str> {
    POINTERS
        .iter()
        .find(|(known, _)| *known == code)
        .map(|(_, pointer)| *pointer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use specs::catalogue::Catalogue;

    #[test]
    fn every_requirement_is_in_the_catalogue() {
        let named = BY_CODE.iter().map(|(_, _, id)| *id);
        let bearer = ["dci.bearer.required", "dci.bearer.expiry", "dci.bearer.tampered"];
        let others = [
            "dci.bearer.unknown-token",
            "dci.request.not-json",
            "digit.request.not-json",
        ];
        for id in named.chain(bearer).chain(others) {
            assert!(Catalogue::bundled().requirement(id).is_some(), "{id}");
        }
    }

    #[test]
    fn a_code_means_what_its_operation_makes_of_it() {
        let profile = |id: &str| Catalogue::bundled().profile(id).unwrap();
        let unknown = |operation: &str, id: &str| of_code("err.request.not_found", operation, profile(id));
        assert_eq!(
            unknown("exchange", "digit-exchange"),
            Some("digit.exchange.types")
        );
        assert_eq!(unknown("search", "dci-social"), None);
        assert_eq!(of_code("rjct.nothing", "search", profile("dci-social")), None);
    }
}
