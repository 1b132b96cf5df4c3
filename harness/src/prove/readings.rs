//! The other legal readings: the compliant mock that takes one, certified by the profile of a target that takes it,
//! is found to be clean as well.

use super::matrix::stains;
use super::{LONG_LIFE, ProveError, Trial, certify, clean, limits};
use crate::embedded::{self, EmbeddedError};
use crate::run::{Limits, Selection};
use crate::target::Target;
use mock_server::Way;
use serde::Serialize;
use specs::catalogue::{Catalogue, Profile};

/// What a mock was blamed for that takes other readings.
#[derive(Debug, Clone, Serialize)]
pub struct Other {
    /// The profile.
    pub profile: String,
    /// The readings that it takes, each with its alternative; many, where it takes all at once.
    pub readings: Vec<String>,
    /// The seed.
    pub seed: u64,
    /// Everything that is not a pass or a skip, in words.
    pub stains: Vec<String>,
}

impl Other {
    /// The readings in one word.
    pub fn name(&self) -> String {
        match self.readings.as_slice() {
            [one] => one.clone(),
            many => format!("{} at once", many.len()),
        }
    }
}

/// Certifies the mock that takes these readings.
///
/// # Errors
/// The mock or the run could not be started.
pub async fn other(profile: &Profile, ways: &[Way], trial: impl Into<Trial>) -> Result<Other, ProveError> {
    let trial = trial.into();
    let taking = ways
        .iter()
        .fold(profile.clone(), |profile, way| way.taken_by(&profile));
    Ok(Other {
        profile: profile.id.clone(),
        readings: ways.iter().map(|way| way.id().to_owned()).collect(),
        seed: trial.seed,
        stains: clean(&taking, trial).await?,
    })
}

/// What the mock that takes a reading is blamed for by a profile that does not allow it: whatever is the same
/// under both would prove nothing.
///
/// # Errors
/// The mock or the run could not be started.
pub async fn blamed(profile: &Profile, way: Way, trial: impl Into<Trial>) -> Result<Vec<String>, ProveError> {
    let Trial { seed, examples } = trial.into();
    let limits = Limits { examples, ..limits() };
    let taking = vec![way.taken_by(profile)];
    let (targets, mock) = embedded::start(taking, seed, &[], LONG_LIFE).await?;
    let strict = targets.into_iter().map(|lenient| {
        let strict = Target::new(profile.clone(), &lenient.url).map_err(EmbeddedError::from)?;
        Ok(Target {
            profile: strict.profile,
            demands: strict.demands,
            schemas: strict.schemas,
            ..lenient
        })
    });
    let strict = strict.collect::<Result<Vec<_>, ProveError>>()?;
    let run = certify(strict, seed, limits, Selection::default()).await?;
    mock.stop().await;
    Ok(stains(&run))
}

/// The ways that are tried under a profile: each that can be seen there and that the profile does not take by itself.
pub fn ways(profile: &Profile) -> Vec<Way> {
    let taken = |way: &Way| {
        let allowed = profile.readings.get(way.reading());
        allowed.and_then(|allowed| allowed.first()).map(String::as_str) == Some(way.alternative())
    };
    let all = Way::all().iter().copied();
    all.filter(|way| way.exists_under(profile) && !taken(way))
        .collect()
}

/// Of each reading the first of some ways, as far as they can be gone together.
pub fn together(ways: &[Way]) -> Vec<Way> {
    let mut chosen: Vec<Way> = Vec::new();
    for way in ways.iter().filter(|way| !way.goes_alone()) {
        if !chosen.iter().any(|other| other.reading() == way.reading()) {
            chosen.push(*way);
        }
    }
    chosen
}

/// Of how many readings of the register nothing can be seen in what a server does.
pub fn unseen() -> usize {
    let readings = Catalogue::bundled().readings().iter();
    readings.filter(|reading| Way::unseen(reading).is_some()).count()
}
