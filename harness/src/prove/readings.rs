//! The other legal readings: the compliant mock that takes one, certified by the profile of a target that takes it,
//! is found to be clean as well.

use super::matrix::stains;
use super::{LONG_LIFE, ProveError, Trial, certify, clean, limits};
use crate::embedded::{self, EmbeddedError};
use crate::generate::runner;
use crate::run::{Limits, Selection};
use crate::target::Target;
use mock_server::Way;
use proptest::prelude::RngExt as _;
use serde::Serialize;
use specs::catalogue::{Catalogue, Profile};
use std::collections::BTreeMap;

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

/// Of each reading one of some ways, as far as they can be gone together; another one for another seed.
pub fn together(ways: &[Way], seed: u64) -> Vec<Way> {
    let turn = usize::try_from(seed).unwrap_or_default();
    by_reading(ways)
        .into_values()
        .map(|ways| ways[turn % ways.len()])
        .collect()
}

/// A mixture as servers have it: of about every second reading one of some ways, drawn by the seed.
pub fn mixture(ways: &[Way], seed: u64) -> Vec<Way> {
    let mut runner = runner(seed, "readings");
    let mut drawn = |below: usize| runner.rng().random_range(..below);
    let readings = by_reading(ways).into_values();
    readings
        .filter_map(|ways| ways.get(drawn(2 * ways.len())).copied())
        .collect()
}

/// The ways of each reading that can be gone together with others.
fn by_reading(ways: &[Way]) -> BTreeMap<&'static str, Vec<Way>> {
    let mut readings: BTreeMap<&str, Vec<Way>> = BTreeMap::new();
    for way in ways.iter().filter(|way| !way.goes_alone()) {
        readings.entry(way.reading()).or_default().push(*way);
    }
    readings
}

/// Of how many readings of the register nothing can be seen in what a server does.
pub fn unseen() -> usize {
    let readings = Catalogue::bundled().readings().iter();
    readings.filter(|reading| Way::unseen(reading).is_some()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alternative_has_its_turn_and_no_reading_is_taken_twice() {
        let all = Way::all();
        let expected: usize = all.iter().filter(|way| !way.goes_alone()).count();
        for many in [together, mixture] {
            let mut met: Vec<Way> = Vec::new();
            for seed in 1..=40 {
                let ways = many(all, seed);
                assert_eq!(ways, many(all, seed));
                let mut readings: Vec<&str> = ways.iter().map(|way| way.reading()).collect();
                readings.dedup();
                assert_eq!(readings.len(), ways.len());
                met.extend(ways);
            }
            met.sort_by_key(|way| way.id());
            met.dedup();
            assert_eq!(met.len(), expected);
        }
        assert!(mixture(all, 1).len() < together(all, 1).len() * 2 / 3);
    }
}
