//! The other legal ways to read the clauses that the documents leave open: what the mock does where it is told to
//! take another alternative of a reading than it does by itself.
//!
//! The code that reads a clause asks [`Ways::take`]; nothing else in the mock depends on this list. No way is a
//! mistake: whoever certifies the mock while it goes one, by a profile that allows it, must find it clean.

mod asked;
mod list;
mod seen;

pub(crate) use asked::asked;
pub use list::Way;
pub(crate) use seen::Earlier;

use crate::operation::Operation;
use serde::Deserialize;
use specs::catalogue::{Alternative, Catalogue, Profile, Reading, SignatureScheme};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Why there is nothing to be seen of a reading in what a server does.
const UNSEEN: &str = include_str!("../readings.toml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Unseen {
    /// Reading id → the reason.
    unseen: BTreeMap<String, String>,
}

impl Way {
    /// The way of this id: a reading, `=`, and one of its alternatives.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::all().iter().copied().find(|way| way.id() == id)
    }

    /// The reading's id.
    pub fn reading(self) -> &'static str {
        self.parts().0
    }

    /// The alternative's id.
    pub fn alternative(self) -> &'static str {
        self.parts().1
    }

    /// What a follower does, in the words of the register.
    pub fn statement(self) -> &'static str {
        let found = Catalogue::bundled().reading(self.reading());
        let found = found.and_then(|reading| reading.alternative(self.alternative()));
        found.map_or("", |alternative: &'static Alternative| &alternative.statement)
    }

    fn parts(self) -> (&'static str, &'static str) {
        self.id().split_once('=').unwrap_or((self.id(), ""))
    }

    /// Whether anything of it can be seen under a profile: it has an operation that shows it.
    pub fn exists_under(self, profile: &Profile) -> bool {
        let shown = |operation: &Operation| profile.operations.contains_key(operation.id());
        let scheme = profile.signature.scheme;
        let fits = match self {
            Self::SignaturePresenceOptional | Self::KeyIdOwn => scheme.signs(),
            Self::SkewFiveMinutes | Self::SkewUnchecked => scheme == SignatureScheme::DciHttpSignature,
            Self::EncryptionNone | Self::EncryptionIgnored | Self::ExchangeEncryptionNone => {
                profile.encryption().is_some()
            }
            Self::GraphqlNo => profile.document != "dci-social.yaml",
            Self::MachinerySource => profile.document == "dci-farmer.yaml",
            Self::ProgrammeEnrolmentYes => profile.document == "dci-beneficiary.yaml",
            Self::TxnSubscriptionsCoreOnly | Self::TxnUnsubscribeNo => {
                ["dci-social.yaml", "dci-beneficiary.yaml"].contains(&profile.document.as_str())
            }
            _ => true,
        };
        fits && self.shown_by().iter().any(shown)
    }

    /// Whether it is gone alone: it leaves nothing to be seen of some other ways, or none of it is seen beside them.
    pub fn goes_alone(self) -> bool {
        matches!(
            self,
            // There is no status or message left in which anything else could be said.
            Self::TxnStatusWord
                | Self::EnrollmentReplyBare
                | Self::BatchWholeRefused
                // Why a search is rejected is to be told, which other ways leave out.
                | Self::TooManyRecords
        )
    }

    /// The profile as it is for a target that goes this way.
    #[must_use]
    pub fn taken_by(self, profile: &Profile) -> Profile {
        profile.taking(self.reading(), self.alternative())
    }

    /// The ways of one reading.
    pub fn of(reading: &str) -> impl Iterator<Item = Self> {
        Self::all()
            .iter()
            .copied()
            .filter(move |way| way.reading() == reading)
    }

    /// Why the mock goes no other way about a reading than its own, if so: nothing of it can be seen in what a
    /// server does.
    pub fn unseen(reading: &Reading) -> Option<&'static str> {
        static UNSEEN_READINGS: OnceLock<BTreeMap<String, String>> = OnceLock::new();
        let read = || {
            let file: Unseen = toml::from_str(UNSEEN).expect("a test proves the data");
            file.unseen
        };
        UNSEEN_READINGS
            .get_or_init(read)
            .get(&reading.id)
            .map(String::as_str)
    }
}

/// The ways that one profile goes: a bit for each, settled at the start, so that asking costs next to nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ways {
    bits: Box<[u64]>,
    any: bool,
}

impl Ways {
    /// The ways of a profile: of each reading that it names, the alternative that it prefers.
    pub(crate) fn of(profile: &Profile) -> Self {
        let mut bits = vec![0; Way::all().len().div_ceil(64)].into_boxed_slice();
        let preferred = |way: &&Way| {
            let allowed = profile.readings.get(way.reading());
            let first = allowed.and_then(|allowed| allowed.first());
            first.is_some_and(|first| first == way.alternative()) && way.exists_under(profile)
        };
        let mut any = false;
        for way in Way::all().iter().filter(preferred) {
            let nth = *way as usize;
            bits[nth / 64] |= 1 << (nth % 64);
            any = true;
        }
        Self { bits, any }
    }

    /// Whether the profile goes this way.
    pub(crate) fn take(&self, way: Way) -> bool {
        let nth = way as usize;
        self.any && self.bits[nth / 64] & (1 << (nth % 64)) != 0
    }

    /// Whether it goes any.
    pub(crate) fn exist(&self) -> bool {
        self.any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_reading_is_embodied_or_has_a_reason_why_not() {
        let catalogue = Catalogue::bundled();
        let file: Unseen = toml::from_str(UNSEEN).unwrap();
        for reading in catalogue.readings() {
            let embodied = Way::of(&reading.id).count();
            let reason = Way::unseen(reading);
            assert_eq!(
                embodied == 0,
                reason.is_some(),
                "{}: {embodied} ways, {reason:?}",
                reading.id
            );
            assert!(reason.is_none_or(|reason| reason.len() > 20), "{}", reading.id);
        }
        for id in file.unseen.keys() {
            assert!(catalogue.reading(id).is_some(), "{id} is no reading");
        }
    }

    #[test]
    fn every_way_is_an_alternative_of_the_register_and_exists_somewhere() {
        let catalogue = Catalogue::bundled();
        let mut ids = BTreeSet::new();
        for way in Way::all() {
            assert!(ids.insert(way.id()), "{} is there twice", way.id());
            assert!(!way.statement().is_empty(), "{} is not in the register", way.id());
            assert_eq!(Way::from_id(way.id()), Some(*way));
            let mut profiles = catalogue.profiles().iter();
            assert!(profiles.any(|profile| way.exists_under(profile)), "{}", way.id());
        }
        let listed: Vec<&str> = Way::all().iter().map(|way| way.id()).collect();
        assert!(listed.is_sorted(), "the list is sorted");
    }

    #[test]
    fn every_way_has_a_bit_of_its_own() {
        for way in Way::all() {
            let mut profiles = Catalogue::bundled().profiles().iter();
            let profile = profiles.find(|profile| way.exists_under(profile)).unwrap();
            let before = Ways::of(profile);
            let ways = Ways::of(&way.taken_by(profile));
            let more = |other: &&Way| ways.take(**other) && !before.take(**other);
            let taken: Vec<_> = Way::all().iter().filter(more).collect();
            assert!(taken == [way] || before.take(*way), "{}: {taken:?}", way.id());
        }
    }
}
