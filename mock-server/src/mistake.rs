//! Everything that the mock can be told to do wrong.

use crate::{Breach, Defect};
use specs::catalogue::Profile;

/// One thing to do wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mistake {
    /// One that has code of its own.
    Defect(Defect),
    /// Disregard of one clause of the documents.
    Breach(Breach),
}

impl Mistake {
    /// Every one: defects first, each kind in its order.
    pub fn all() -> impl Iterator<Item = Self> {
        let defects = Defect::all().iter().copied().map(Self::Defect);
        defects.chain(Breach::all().map(Self::Breach))
    }

    /// The one of this id.
    pub fn from_id(id: &str) -> Option<Self> {
        let breach = || Breach::from_id(id).map(Self::Breach);
        Defect::from_id(id).map(Self::Defect).or_else(breach)
    }

    /// Its id.
    pub fn id(self) -> String {
        match self {
            Self::Defect(defect) => defect.id().to_owned(),
            Self::Breach(breach) => breach.id(),
        }
    }

    /// The requirement that it breaks.
    pub fn requirement(self) -> &'static str {
        match self {
            Self::Defect(defect) => defect.requirement(),
            Self::Breach(breach) => breach.requirement(),
        }
    }

    /// The developer's mistake that it stands for.
    pub fn mistake(self) -> String {
        match self {
            Self::Defect(defect) => defect.mistake().to_owned(),
            Self::Breach(breach) => breach.mistake(),
        }
    }

    /// The two kinds apart, as [`crate::Config`] wants them.
    pub fn sorted(mistakes: &[Self]) -> (Vec<Defect>, Vec<Breach>) {
        let mut sorted = (Vec::new(), Vec::new());
        for mistake in mistakes {
            match mistake {
                Self::Defect(defect) => sorted.0.push(*defect),
                Self::Breach(breach) => sorted.1.push(*breach),
            }
        }
        sorted
    }

    /// Whether it can be made under a profile.
    pub fn exists_under(self, profile: &Profile) -> bool {
        match self {
            Self::Defect(defect) => defect.exists_under(profile),
            Self::Breach(breach) => breach.exists_under(profile),
        }
    }
}
