//! Which cases run, and which requirements are judged.

use crate::target::Target;
use globset::GlobSet;
use specs::evidence::Level;
use suites::{Case, Cases};

/// Which cases run, and which requirements are judged.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// The cases that are selected from: the built-in ones, unless the user brings others.
    pub from: Cases,
    /// Case ids; all when absent.
    pub cases: Option<GlobSet>,
    /// Requirement ids; all when absent.
    pub requirements: Option<GlobSet>,
    /// Requirements of at least this level; all when absent.
    pub level: Option<Level>,
    /// The filters as they were given, for the report.
    pub given: Vec<String>,
}

impl Selection {
    pub(crate) fn wants_requirement(&self, target: &Target, id: &str) -> bool {
        let level = (target.demands)
            .requirement(id)
            .map(|r| target.profile.level_of(r));
        self.requirements.as_ref().is_none_or(|set| set.is_match(id))
            && self
                .level
                .is_none_or(|least| level.is_some_and(|level| level >= least))
            && target.demands.contains(id)
    }

    pub(super) fn wants_case(&self, target: &Target, case: &Case) -> bool {
        self.cases.as_ref().is_none_or(|set| set.is_match(&case.id))
            && case
                .requirements_of(&target.demands)
                .iter()
                .any(|r| self.wants_requirement(target, r))
    }
}
