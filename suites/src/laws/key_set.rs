//! The target's key set: it holds the key that signs, by its standard name, and nothing private.

use super::Law;
use super::acknowledgement::HONEST;
use super::signature::Signed;
use super::support::{accepted, exchange};
use crate::context::Context;
use crate::judgement::Judgement;
use crate::plan::{KEY_SET, Step};
use crate::request;
use serde_json::Value;
use specs::evidence::{Exchange, Observation};
use specs::wire::jwk;
use specs::wire::key::PublicKey;
use specs::wire::scheme;

/// What the key set holds.
pub(super) struct KeySet;

const SERVED: &str = "dci.signature.key-set";
const PUBLIC: &str = "dci.signature.key-set-public";

impl Law for KeySet {
    fn next(&self, cx: &Context, seen: &[Observation]) -> Option<Step> {
        if let Some(step) = reading(seen) {
            return Some(step);
        }
        // Where the key that we were told of is not there, a signature shows which one counts.
        let (_, _, set) = found(seen)?;
        let asks = holds_other_keys(cx, &fitting(cx, &set)) && exchange(seen, HONEST).is_none();
        asks.then(|| Step::send(request::plainest(cx, "sync-search", HONEST)))
    }

    fn judge(&self, cx: &Context, seen: &[Observation]) -> Vec<Judgement> {
        let Some((index, _, set)) = found(seen) else {
            let served = match readings(seen) {
                0 | 1 => Judgement::undecided(SERVED, "the case was cut short"),
                _ => Judgement::violated(
                    SERVED,
                    seen.len().saturating_sub(1),
                    None,
                    "a key set at /.well-known/jwks.json, below the base URL or at the root of its host",
                    "neither of them answers with a list of keys",
                ),
            };
            let public = Judgement::not_applicable(PUBLIC, "the target serves no key set");
            return vec![served, public];
        };
        vec![served(cx, index, &set, seen), public(index, &set)]
    }
}

/// The next step on the way to the target's key set; none where it was found, or is nowhere.
pub(super) fn reading(seen: &[Observation]) -> Option<Step> {
    let step = |label: &str, at_root| {
        Some(Step::ReadKeySet {
            label: label.to_owned(),
            at_root,
        })
    };
    match readings(seen) {
        0 => step("below the base URL", false),
        // The standard of such addresses puts them at the root of the host.
        1 if found(seen).is_none() => step("at the root", true),
        _ => None,
    }
}

/// How often the key set was asked for.
fn readings(seen: &[Observation]) -> usize {
    let asked = |o: &&Observation| matches!(o, Observation::Exchange(e) if e.operation == KEY_SET);
    seen.iter().filter(asked).count()
}

/// The keys of the target's key set that the profile's scheme can use, where it was read.
pub(super) fn served_keys(cx: &Context, seen: &[Observation]) -> Vec<PublicKey> {
    let keys = found(seen).map_or_else(Vec::new, |(_, _, set)| fitting(cx, &set));
    keys.into_iter().map(|(_, key)| key).collect()
}

/// The keys of a set that the profile's scheme can use, each with its name.
fn fitting(cx: &Context, set: &Value) -> Vec<(Option<String>, PublicKey)> {
    let wanted = scheme::algorithm(cx.profile.signature.scheme);
    let keys = jwk::read_set(set).into_iter();
    keys.filter(|(_, key)| Some(key.algorithm()) == wanted).collect()
}

/// Whether the key that we were told of is none of these.
fn holds_other_keys(cx: &Context, keys: &[(Option<String>, PublicKey)]) -> bool {
    let told = cx.receiver_key.as_ref();
    !keys.is_empty() && told.is_some_and(|told| keys.iter().all(|(_, key)| *key != **told))
}

/// The first answer that is a key set, with its index.
fn found(seen: &[Observation]) -> Option<(usize, &Exchange, Value)> {
    seen.iter().enumerate().find_map(|(index, observation)| {
        let Observation::Exchange(exchange) = observation else {
            return None;
        };
        let asked = exchange.operation == KEY_SET;
        let response = exchange.response().filter(|r| asked && r.status == 200)?;
        let set = response.body.json().filter(|set| set["keys"].is_array())?;
        Some((index, exchange, set))
    })
}

fn served(cx: &Context, index: usize, set: &Value, seen: &[Observation]) -> Judgement {
    let violated = |expected: &str, actual: String| {
        Judgement::violated(SERVED, index, Some("/keys".to_owned()), expected, actual)
    };
    let fitting = fitting(cx, set);
    if fitting.is_empty() {
        let name =
            scheme::algorithm(cx.profile.signature.scheme).map_or("the scheme", |algorithm| algorithm.name());
        return violated(
            &format!("a key of {name} for signatures"),
            "no usable one".to_owned(),
        );
    }
    if let Some((kid, key)) = fitting
        .iter()
        .find(|(kid, key)| !is_named(cx, kid.as_deref(), key))
    {
        return violated(
            &format!(
                "kid {}, the thumbprint of the key (RFC 7638)",
                jwk::thumbprint(key)
            ),
            kid.clone().unwrap_or_else(|| "no kid".to_owned()),
        );
    }
    if !holds_other_keys(cx, &fitting) {
        return Judgement::held(SERVED);
    }
    let (_, honest) = match accepted(seen, HONEST) {
        Ok(honest) => honest,
        Err(reason) => return Judgement::undecided(SERVED, reason),
    };
    let keys: Vec<PublicKey> = fitting.into_iter().map(|(_, key)| key).collect();
    let reply = Signed::reply(honest);
    if reply.is_some_and(|reply| reply.verified(cx, honest, &keys).is_ok()) {
        return Judgement::held(SERVED);
    }
    violated(
        "the key by which the target's signatures are verified",
        "other keys".to_owned(),
    )
}

/// Whether a key has the name that the profile wants: its thumbprint, or one that its owner chose.
fn is_named(cx: &Context, kid: Option<&str>, key: &PublicKey) -> bool {
    let own = cx.profile.allows("dci.key-id", "own");
    kid.is_some_and(|kid| own && !kid.is_empty() || kid == jwk::thumbprint(key))
}

fn public(index: usize, set: &Value) -> Judgement {
    let keys = set["keys"].as_array().map(Vec::as_slice).unwrap_or_default();
    if keys.is_empty() {
        return Judgement::undecided(PUBLIC, "the key set is empty");
    }
    let numbered = keys.iter().enumerate();
    let mut private = numbered.flat_map(|(n, key)| {
        let members = jwk::PRIVATE_MEMBERS.iter();
        members
            .filter(|name| key.get(**name).is_some())
            .map(move |name| format!("/keys/{n}/{name}"))
    });
    match private.next() {
        None => Judgement::held(PUBLIC),
        Some(pointer) => Judgement::violated(
            PUBLIC,
            index,
            Some(pointer),
            "only what makes a key public",
            "a private part of the key, with which anybody can sign as the target",
        ),
    }
}
