//! The target's key set: it holds the key that signs, by its standard name, and nothing private.

use super::Law;
use crate::context::Context;
use crate::judgement::Judgement;
use crate::plan::{KEY_SET, Step};
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
    fn next(&self, _: &Context, seen: &[Observation]) -> Option<Step> {
        reading(seen)
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
        vec![served(cx, index, &set), public(index, &set)]
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
    let wanted = scheme::algorithm(cx.profile.signature.scheme);
    let keys = found(seen).map_or_else(Vec::new, |(_, _, set)| jwk::read_set(&set));
    let keys = keys.into_iter().map(|(_, key)| key);
    keys.filter(|key| Some(key.algorithm()) == wanted).collect()
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

fn served(cx: &Context, index: usize, set: &Value) -> Judgement {
    let violated = |expected: &str, actual: String| {
        Judgement::violated(SERVED, index, Some("/keys".to_owned()), expected, actual)
    };
    let wanted = scheme::algorithm(cx.profile.signature.scheme);
    let keys = jwk::read_set(set).into_iter();
    let fitting: Vec<_> = keys.filter(|(_, key)| Some(key.algorithm()) == wanted).collect();
    if fitting.is_empty() {
        let name = wanted.map_or("the scheme", |algorithm| algorithm.name());
        return violated(
            &format!("a key of {name} for signatures"),
            "no usable one".to_owned(),
        );
    }
    if let Some((kid, key)) = fitting
        .iter()
        .find(|(kid, key)| kid.as_deref() != Some(&*jwk::thumbprint(key)))
    {
        return violated(
            &format!(
                "kid {}, the thumbprint of the key (RFC 7638)",
                jwk::thumbprint(key)
            ),
            kid.clone().unwrap_or_else(|| "no kid".to_owned()),
        );
    }
    match &cx.receiver_key {
        Some(signs) if !fitting.iter().any(|(_, key)| *key == **signs) => violated(
            "the key by which the target's signatures are verified",
            "other keys".to_owned(),
        ),
        _ => Judgement::held(SERVED),
    }
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
