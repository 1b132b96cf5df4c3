//! Named ways to be wrong: what they are, which requirement each breaks, and who asks for them.
//!
//! The code that a defect spoils asks [`Defects::commits`]; nothing else in the mock depends on this list.

pub(crate) mod death;
mod list;
mod memory;

pub use list::Defect;
pub(crate) use memory::Memory;

use include_dir::{Dir, include_dir};
use serde::Deserialize;
use specs::catalogue::{Catalogue, Profile};
use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/defects");

/// What a defect's file says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    requirement: String,
    /// Every profile that demands the requirement, unless the mistake exists only under some.
    #[serde(default)]
    profiles: Vec<String>,
    /// Whether it names no profiles.
    #[serde(skip)]
    anywhere: bool,
    mistake: String,
}

impl Defect {
    /// The defect of this id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::all().iter().copied().find(|d| d.id() == id)
    }

    /// The requirement that it breaks.
    pub fn requirement(self) -> &'static str {
        &self.entry().requirement
    }

    /// The profiles under which it can be committed.
    pub fn profiles(self) -> &'static [String] {
        &self.entry().profiles
    }

    /// Whether it can be committed under a profile: one of [`Self::profiles`], or one of the user's own that
    /// demands what it breaks.
    pub fn exists_under(self, profile: &Profile) -> bool {
        let catalogue = Catalogue::bundled();
        let listed = self.profiles();
        if catalogue.profile(&profile.id).is_some() {
            return listed.contains(&profile.id);
        }
        // What exists only under some of ours exists under others of the same document.
        let documents = listed.iter().filter_map(|id| catalogue.profile(id));
        let mut documents = documents.map(|known| &known.document);
        demands(profile, self.requirement())
            && (self.entry().anywhere || documents.any(|document| *document == profile.document))
    }

    /// The developer's mistake that it stands for.
    pub fn mistake(self) -> &'static str {
        &self.entry().mistake
    }

    fn entry(self) -> &'static Entry {
        static ENTRIES: OnceLock<HashMap<Defect, Entry>> = OnceLock::new();
        let entries = ENTRIES.get_or_init(|| Self::all().iter().map(|d| (*d, d.read())).collect());
        entries.get(&self).expect("every defect was read")
    }

    fn read(self) -> Entry {
        let file = FILES.get_file(format!("{}.toml", self.id()));
        let text = file
            .and_then(|f| f.contents_utf8())
            .expect("a test proves that the file exists");
        let mut entry: Entry = toml::from_str(text).expect("a test proves the data");
        entry.anywhere = entry.profiles.is_empty();
        if entry.anywhere {
            entry.profiles = demanding(&entry.requirement);
        }
        entry
    }
}

/// The profiles that demand a requirement and have one of the operations that it is about.
fn demanding(requirement: &str) -> Vec<String> {
    let profiles = Catalogue::bundled().profiles().iter();
    let demanding = profiles.filter(|profile| demands(profile, requirement));
    demanding.map(|p| p.id.clone()).collect()
}

/// Whether a profile demands a requirement and has one of the operations that it is about.
fn demands(profile: &Profile, requirement: &str) -> bool {
    let about = Catalogue::bundled().requirement(requirement);
    let offers = about.is_none_or(|r| r.operations.iter().any(|id| profile.operations.contains_key(id)));
    offers
        && profile
            .requirement_set()
            .is_ok_and(|set| set.is_match(requirement))
}

/// The defects that one profile commits: a bit for each, so that they can be switched while requests are
/// being answered, and asking costs next to nothing.
#[derive(Debug)]
pub(crate) struct Defects(Box<[AtomicU64]>);

impl Default for Defects {
    fn default() -> Self {
        let words = Defect::all().len().div_ceil(64);
        Self((0..words).map(|_| AtomicU64::new(0)).collect())
    }
}

impl Defects {
    /// Those of the chosen defects that exist under this profile.
    pub(crate) fn under(profile: &Profile, chosen: &[Defect]) -> Self {
        let defects = Self::default();
        defects.switch(profile, chosen);
        defects
    }

    /// Those of a bundled profile.
    #[cfg(test)]
    pub(crate) fn of_bundled(id: &str, chosen: &[Defect]) -> Self {
        let profile = Catalogue::bundled().profile(id).expect("a bundled profile");
        Self::under(profile, chosen)
    }

    /// From now on, those of the chosen defects that exist under this profile.
    pub(crate) fn switch(&self, profile: &Profile, chosen: &[Defect]) {
        let applies = |d: &&Defect| d.exists_under(profile);
        let mut words = vec![0; self.0.len()];
        for defect in chosen.iter().filter(applies) {
            let (word, bit) = place(*defect);
            words[word] |= bit;
        }
        for (kept, word) in self.0.iter().zip(words) {
            kept.store(word, Ordering::Relaxed);
        }
    }

    /// Whether this defect is to be committed.
    pub(crate) fn commits(&self, defect: Defect) -> bool {
        let (word, bit) = place(defect);
        self.0[word].load(Ordering::Relaxed) & bit != 0
    }
}

/// In which word and at which bit a defect stands.
fn place(defect: Defect) -> (usize, u64) {
    let nth = defect as usize;
    (nth / 64, 1 << (nth % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundled(id: &str) -> Profile {
        Catalogue::bundled().profile(id).unwrap().clone()
    }

    #[test]
    fn a_profile_of_the_users_own_has_the_defects_of_what_it_demands() {
        let mut own = bundled("g2p-registry");
        "mine".clone_into(&mut own.id);
        assert!(Defect::UnsignedAccepted.exists_under(&own));
        assert!(
            Defect::RecordBirthDateLocal.exists_under(&own),
            "another of its document has it"
        );
        assert!(
            !Defect::SignaturePayloadIgnored.exists_under(&own),
            "another document"
        );
        assert!(
            !Defect::SignatureExpiredAccepted.exists_under(&own),
            "not demanded"
        );
        own.requirements.push("dci.subscribe.*".to_owned());
        assert!(!Defect::SubscribeAckNack.exists_under(&own), "no such operation");
    }

    #[test]
    fn the_list_and_the_files_agree_one_to_one() {
        let listed: Vec<String> = Defect::all().iter().map(|d| format!("{}.toml", d.id())).collect();
        let mut files: Vec<String> = FILES.files().map(|f| f.path().display().to_string()).collect();
        files.sort();
        assert_eq!(listed, files, "also: the list is sorted");
    }

    #[test]
    fn every_defect_breaks_a_requirement_of_each_of_its_profiles() {
        let catalogue = Catalogue::bundled();
        for defect in Defect::all() {
            assert!(!defect.profiles().is_empty(), "{}", defect.id());
            assert!(!defect.mistake().is_empty(), "{}", defect.id());
            for id in defect.profiles() {
                let profile = catalogue
                    .profile(id)
                    .unwrap_or_else(|| panic!("{}: {id}", defect.id()));
                let demanded = catalogue.requirements_of(profile);
                assert!(
                    demanded.iter().any(|r| r.id == defect.requirement()),
                    "{} breaks {}, which {id} does not demand",
                    defect.id(),
                    defect.requirement()
                );
            }
        }
    }

    #[test]
    fn a_defect_without_profiles_exists_wherever_its_requirement_does() {
        let registries = [
            "dci-beneficiary",
            "dci-crvs",
            "dci-disability",
            "dci-economic-support",
            "dci-farmer",
            "dci-social",
            "g2p-registry",
            "opencrvs-registry",
        ];
        let all = [&registries[..], &["openspp-dci", "openspp-registry"]].concat();
        assert_eq!(Defect::GeAsGt.profiles(), all);
        let called_back = [&registries[..], &["openspp-registry"]].concat();
        assert_eq!(Defect::AckNack.profiles().to_vec(), called_back);
        assert_eq!(Defect::SignatureExpiredAccepted.profiles(), ["openspp-registry"]);
        assert_eq!(Defect::DisabledAlwaysYes.profiles(), ["dci-disability"]);
        assert!(
            !Defect::StatusAckNack
                .profiles()
                .iter()
                .any(|id| id == "dci-disability")
        );
        assert_eq!(Defect::TokenAnyDatabase.profiles(), ["openspp-dci"]);
    }

    #[test]
    fn ids_lead_back_to_their_defects() {
        for defect in Defect::all() {
            assert_eq!(Defect::from_id(defect.id()), Some(*defect));
        }
        assert_eq!(Defect::from_id("no-such-defect"), None);
    }

    #[test]
    fn every_defect_has_a_bit_of_its_own() {
        for defect in Defect::all() {
            let profile = &bundled(&defect.profiles()[0]);
            let defects = Defects::under(profile, &[*defect]);
            let committed: Vec<_> = Defect::all().iter().filter(|d| defects.commits(**d)).collect();
            assert_eq!(committed, [defect]);
            defects.switch(profile, &[]);
            assert!(!defects.commits(*defect));
        }
    }

    #[test]
    fn a_defect_is_committed_only_under_its_profiles() {
        let chosen = [Defect::GeAsGt, Defect::ExchangeAnySender];
        assert!(Defects::of_bundled("dci-social", &chosen).commits(Defect::GeAsGt));
        assert!(!Defects::of_bundled("digit-exchange", &chosen).commits(Defect::GeAsGt));
        assert!(Defects::of_bundled("digit-exchange", &chosen).commits(Defect::ExchangeAnySender));
    }
}
