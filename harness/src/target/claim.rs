//! What a profile means, wherever its target is: found out once for each, since a proof starts thousands of targets
//! of the same few profiles, and their schemas are dear to compile.

use super::{TargetError, TargetKeys, in_edition};
use specs::catalogue::{Catalogue, Demands, Profile};
use std::sync::{Arc, Mutex, PoisonError};
use suites::context::Schemas;

/// What follows from a profile alone. Cheap to clone.
#[derive(Clone)]
pub(super) struct Claim {
    /// The profile as its edition has it.
    pub(super) profile: Arc<Profile>,
    pub(super) demands: Demands,
    pub(super) schemas: Arc<Schemas>,
    pub(super) keys: TargetKeys,
}

/// How many are remembered: all of ours and some of the user's.
const KEPT: usize = 32;

/// Those that were found out, each with the profile as it was given.
static FOUND: Mutex<Vec<(Profile, Claim)>> = Mutex::new(Vec::new());

impl Claim {
    /// That of a profile.
    pub(super) fn of(given: Profile) -> Result<Self, TargetError> {
        let known = |found: &[(Profile, Self)]| {
            let mut found = found.iter();
            let found = found.find(|(profile, _)| *profile == given);
            found.map(|(_, claim)| claim.clone())
        };
        if let Some(claim) = known(&FOUND.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(claim);
        }
        // Nobody is kept waiting meanwhile: two who are at it at once find the same.
        let (profile, document) = in_edition(given.clone())?;
        let schemas = Schemas::of(&profile, &document).map_err(TargetError::Schema)?;
        let claim = Self {
            demands: Demands::of(&profile, Catalogue::bundled()),
            schemas: Arc::new(schemas),
            keys: TargetKeys::demonstration(profile.signature.scheme),
            profile: Arc::new(profile),
        };
        let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
        if known(&found).is_none() {
            if found.len() == KEPT {
                found.remove(0);
            }
            found.push((given, claim.clone()));
        }
        Ok(claim)
    }
}
