//! On what a refusal that has this code rests: a requirement, or a rule of the mock's own where no document
//! demands one; and which member it is about.

use crate::query::UNKNOWN_ATTRIBUTE;
use crate::validate::Fault;
use http::StatusCode;
use specs::catalogue::{Catalogue, Profile};

/// On what a refusal rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Basis {
    /// A requirement demands it; `{family}` stands for the specification.
    Demanded(&'static str),
    /// No requirement does. The text says why the mock refuses nevertheless.
    Ours(&'static str),
}

use Basis::{Demanded, Ours};

/// Code, operation where it matters, basis. The first that the profile knows counts.
const BY_CODE: &[(&str, Option<&str>, Basis)] = &[
    (
        "err.sender_id.invalid",
        Some("exchange"),
        Demanded("digit.exchange.sender-known"),
    ),
    (
        "err.receiver_id.invalid",
        Some("exchange"),
        Demanded("digit.exchange.receiver-known"),
    ),
    (
        "err.signature.missing",
        Some("exchange"),
        Demanded("digit.exchange.signature-missing"),
    ),
    (
        "err.signature.invalid",
        Some("exchange"),
        Demanded("digit.exchange.signature-checked"),
    ),
    (
        "err.request.not_found",
        Some("exchange"),
        Demanded("digit.exchange.types"),
    ),
    (
        "err.encryption.invalid",
        Some("exchange"),
        Demanded("digit.encryption.checked"),
    ),
    // Whoever is not registered has no registered key.
    ("err.sender_id.invalid", None, Demanded("dci.signature.other-key")),
    (
        "err.sender_id.invalid",
        None,
        Ours("the client registered another sender_id for its messages"),
    ),
    ("err.signature.missing", None, Demanded("dci.signature.missing")),
    ("err.signature.invalid", None, Demanded("dci.signature.checked")),
    (
        "err.sender_uri.invalid",
        None,
        Ours("the mock calls back nobody but whom its operator allows"),
    ),
    (
        "rjct.notify_types.invalid",
        None,
        Demanded("dci.subscribe.unknown-event"),
    ),
    (
        "rjct.event.already_subscribed",
        None,
        Demanded("dci.subscribe.duplicate"),
    ),
    ("err.encryption.invalid", None, Demanded("dci.encryption.checked")),
    (
        "rjct.subscription_code.invalid",
        None,
        Demanded("dci.unsubscribe.unknown-code"),
    ),
    (
        "rjct.event.already_unsubscribed",
        None,
        Demanded("dci.unsubscribe.twice"),
    ),
    (
        "rjct.sort.invalid",
        None,
        Demanded("dci.sync-search.unknown-sort"),
    ),
    (
        "rjct.search_criteria.invalid",
        None,
        Ours(
            "the registry cannot answer it; the documents have this code and leave open when it is due (readings dci.query-types, dci.reg-type-vocabulary)",
        ),
    ),
    (
        "rjct.notify_details.invalid",
        None,
        Ours(
            "the registry cannot apply the filter; the documents have this code and leave open when it is due (reading dci.unknown-attribute)",
        ),
    ),
    (
        "rjct.reference_id.duplicate",
        None,
        Ours(
            "two answers by one reference_id could not be told apart; the documents have this code and leave open when it is due",
        ),
    ),
    (
        "rjct.total_count.limit_exceeded",
        None,
        Ours("a limit of the mock; the documents have this code and set no limit"),
    ),
    (
        "rjct.search.too_many_records_found",
        None,
        Ours("a limit of the mock; the documents have this code and set no limit"),
    ),
    (
        "rjct.pagination.invalid",
        None,
        Ours(
            "a page after the last is refused, by the reading dci.page-beyond that the mock was told to take",
        ),
    ),
    (
        "rjct.message_id.duplicate",
        None,
        Ours("a message_id comes once, by the reading of duplicates that the mock was told to take"),
    ),
    (
        "err.version.not_supported",
        None,
        Ours("only 1.0.0 is understood, by the reading dci.version-member that the mock was told to take"),
    ),
    (
        "err.service.unavailable",
        None,
        Ours("the mock cannot keep what it would promise"),
    ),
    (
        "err.request.forbidden",
        None,
        Ours("the client, or its token, has not the scope that this operation needs"),
    ),
    (
        "invalid_scope",
        Some("token"),
        Ours("the client has none of the scopes that it asks for (RFC 6749, section 5.2)"),
    ),
    (
        "invalid_client",
        Some("token"),
        Demanded("dci.token.secret-checked"),
    ),
    (
        "unsupported_grant_type",
        Some("token"),
        Demanded("dci.token.grant-type"),
    ),
    ("invalid_request", Some("token"), Demanded("dci.token.form")),
];

/// The member that a code is about.
const POINTERS: &[(&str, &str)] = &[
    ("err.sender_id.invalid", "/header/sender_id"),
    ("err.receiver_id.invalid", "/header/receiver_id"),
    ("err.sender_uri.invalid", "/header/sender_uri"),
    ("err.signature.missing", "/signature"),
    ("err.signature.invalid", "/signature"),
    ("err.encryption.invalid", "/message"),
    ("rjct.total_count.limit_exceeded", "/message"),
];

/// The basis of a code, where the profile has one.
pub(super) fn of_code(code: &str, operation: &str, profile: &Profile) -> Option<Basis> {
    let mut rows = BY_CODE.iter().filter(|(known, of, basis)| {
        let exists = match basis {
            Demanded(id) => is_demanded(id, profile),
            Ours(_) => true,
        };
        *known == code && of.is_none_or(|of| of == operation) && exists
    });
    rows.next().map(|(_, _, basis)| *basis)
}

/// The basis of an item that is rejected with a code and a message.
pub(super) fn of_item(code: &str, message: &str, operation: &str, profile: &Profile) -> Option<Basis> {
    let id = "dci.sync-search.unknown-attribute";
    let is_about_attribute = code == "rjct.search_criteria.invalid" && message.starts_with(UNKNOWN_ATTRIBUTE);
    if is_about_attribute && operation == "sync-search" && is_demanded(id, profile) {
        return Some(Demanded(id));
    }
    of_code(code, operation, profile)
}

fn is_demanded(id: &str, profile: &Profile) -> bool {
    profile.requirement_set().is_ok_and(|set| set.is_match(id))
}

/// The basis of an answer that rejects the request in its header alone.
pub(super) fn of_header(operation: &str) -> Option<Basis> {
    matches!(operation, "txn-status" | "sync-txn-status").then_some(Demanded("dci.txn-status.unknown"))
}

/// What a fault rests on, where the code alone does not tell.
pub(super) fn of_fault(fault: &Fault) -> Option<Basis> {
    if let Some(id) = fault.requirement {
        return Some(Demanded(id));
    }
    if fault.transport {
        return Some(match fault.status {
            StatusCode::BAD_REQUEST => Ours("HTTP: a body is as long as its announced length"),
            _ => Ours("a limit of the mock; no document sets one"),
        });
    }
    if fault.status == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        return Some(Demanded("{family}.request.media-type")).filter(|_| fault.lacks.is_empty());
    }
    fault.unreadable.then_some(Demanded("{family}.request.not-json"))
}

/// The requirement about a member that is no clause of its own, since more than a schema is said of it.
pub(super) fn of_member(pointer: &str, family: &str) -> Option<String> {
    let id = (pointer == "/header/action").then(|| format!("{family}.request.action"));
    id.filter(|id| Catalogue::bundled().requirement(id).is_some())
}

/// What takes the place of a requirement that the specification of this family does not have.
pub(super) fn settled(basis: Basis, family: &str) -> (Option<String>, Option<&'static str>) {
    match basis {
        Ours(why) => (None, Some(why)),
        Demanded(id) => {
            let id = id.replace("{family}", family);
            match Catalogue::bundled().requirement(&id) {
                Some(_) => (Some(id), None),
                None => (None, Some("the document describes no other media type")),
            }
        }
    }
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
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn every_requirement_is_in_the_catalogue() {
        let named = BY_CODE.iter().filter_map(|(_, _, basis)| match basis {
            Demanded(id) => Some(*id),
            Ours(_) => None,
        });
        let bearer = ["dci.bearer.required", "dci.bearer.expiry", "dci.bearer.tampered"];
        let others = [
            "dci.bearer.unknown-token",
            "dci.request.not-json",
            "dci.request.media-type",
            "digit.request.not-json",
            "dci.txn-status.unknown",
            "dci.sync-search.unknown-attribute",
            "dci.request.action",
            "digit.request.action",
        ];
        for id in named.chain(bearer).chain(others) {
            assert!(Catalogue::bundled().requirement(id).is_some(), "{id}");
        }
        // The only one that a family lacks.
        assert!(
            Catalogue::bundled()
                .requirement("digit.request.media-type")
                .is_none()
        );
    }

    #[test]
    fn a_code_means_what_its_operation_makes_of_it() {
        let profile = |id: &str| Catalogue::bundled().profile(id).unwrap();
        let unknown = |operation: &str, id: &str| of_code("err.request.not_found", operation, profile(id));
        assert_eq!(
            unknown("exchange", "digit-exchange"),
            Some(Demanded("digit.exchange.types"))
        );
        assert_eq!(unknown("search", "dci-social"), None);
        assert_eq!(of_code("rjct.nothing", "search", profile("dci-social")), None);
        let unsigned = |operation: &str, id: &str| of_code("err.signature.missing", operation, profile(id));
        assert_eq!(
            unsigned("search", "openspp-registry"),
            Some(Demanded("dci.signature.missing"))
        );
        assert_eq!(
            unsigned("exchange", "digit-exchange"),
            Some(Demanded("digit.exchange.signature-missing"))
        );
    }

    /// Codes whose basis is found otherwise, and by what.
    const OTHERWISE: &[(&str, &str)] = &[
        ("err.request.bad", "the fault: its form, its media type, its size"),
        ("err.request.timeout", "the fault: its time"),
        ("err.request.unauthorized", "what is wrong with the token"),
        ("err.request.too_many_requests", "what somebody wished for"),
        ("rjct.errors.too_many", "the items, each of which has its own"),
        ("rjct.action.invalid", "the clause of the form"),
        (
            "rjct.action.not_supported",
            "no refusal: the status in an answer of an exchange",
        ),
        ("rjct.filter.invalid", "no refusal: a reason beside a success"),
        ("rjct.message_ts.invalid", "the clause of the form"),
        ("rjct.total_count.invalid", "the clause of the form"),
        ("rjct.version.invalid", "the clause of the form"),
    ];

    /// The codes that the sources of the mock write, but for their tests.
    fn written(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                written(&path, found);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            for quoted in text.split('"').skip(1).step_by(2) {
                let is_code = quoted.starts_with("err.") || quoted.starts_with("rjct.");
                if is_code
                    && quoted
                        .bytes()
                        .all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'.')
                {
                    found.insert(quoted.to_owned());
                }
            }
        }
    }

    #[test]
    fn every_code_that_the_mock_writes_has_a_basis() {
        let mut codes = BTreeSet::new();
        written(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut codes);
        assert!(codes.len() > 25, "{codes:?}");
        let known = |code: &str| {
            let by_code = BY_CODE.iter().any(|(known, _, _)| *known == code);
            by_code || OTHERWISE.iter().any(|(known, _)| *known == code)
        };
        let baseless: Vec<_> = codes.iter().filter(|code| !known(code)).collect();
        assert!(baseless.is_empty(), "{baseless:?}");
        let unwritten = OTHERWISE.iter().filter(|(code, _)| !codes.contains(*code));
        assert_eq!(unwritten.count(), 0, "a code that nobody writes is listed");
    }
}
