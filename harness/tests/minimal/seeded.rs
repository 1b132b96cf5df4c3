//! What the mock does wrong: mistakes of as many kinds as there are.

use mock_server::{Breach, Mistake};
use specs::catalogue::{Catalogue, Profile};
use specs::clause::{Message, clause};
use std::collections::BTreeMap;

/// Of the rules that messages of one kind can break, so many of each are broken here.
const OF_EACH: usize = 2;

/// Messages that change nothing: what they are answered does not depend on what was sent before.
const MESSAGES: [Message; 6] = [
    Message::Search,
    Message::TxnStatus,
    Message::Disabled,
    Message::Enrolled,
    Message::CheckEnrollment,
    Message::Exchange,
];

/// What the mock does wrong under a profile.
pub(crate) type Seeded = (&'static Profile, Mistake);

/// Defects with a line of code of their own.
const DEFECTS: [(&str, &str); 12] = [
    ("dci-social", "meta-refused"),
    ("dci-social", "transaction-id-uuid-only"),
    ("dci-social", "locale-digit-accepted"),
    ("dci-social", "locale-unchecked"),
    ("dci-social", "operator-unknown-matches-all"),
    ("dci-social", "required-unchecked"),
    ("dci-social", "type-unchecked"),
    ("dci-crvs", "enum-unchecked"),
    ("dci-crvs", "bounds-unchecked"),
    ("dci-crvs", "timestamp-unchecked"),
    ("digit-exchange", "exchange-encrypted-flag-refused"),
    ("digit-exchange", "exchange-required-unchecked"),
];

/// Mistakes of as many kinds as there are: each rule in each message.
pub(crate) fn seeded() -> Vec<Seeded> {
    let profiles = Catalogue::bundled().profiles();
    let named = |id: &str| profiles.iter().find(|profile| profile.id == id).unwrap();
    let mut seeded: Vec<Seeded> = DEFECTS
        .iter()
        .map(|(profile, defect)| (named(profile), Mistake::from_id(defect).unwrap()))
        .collect();
    let mut kinds: BTreeMap<(String, &str), usize> = BTreeMap::new();
    for breach in Breach::all() {
        let clause = clause(breach.requirement()).unwrap();
        let Some(site) = clause.at.iter().find(|site| MESSAGES.contains(&site.message)) else {
            continue;
        };
        // A member of its own: those of the header are the same in every message.
        if clause.at.len() > 1 && site.message != Message::Search {
            continue;
        }
        let of_kind = kinds
            .entry((format!("{:?}", site.message), clause.rule.word()))
            .or_default();
        let profile = profiles
            .iter()
            .find(|profile| breach.exists_under(profile) && !profile.signature.scheme.signs())
            .or_else(|| {
                profiles
                    .iter()
                    .find(|profile| breach.exists_under(profile) && profile.exchange.is_some())
            });
        if let Some(profile) = profile
            && *of_kind < OF_EACH
        {
            *of_kind += 1;
            seeded.push((profile, Mistake::Breach(breach)));
        }
    }
    seeded
}
