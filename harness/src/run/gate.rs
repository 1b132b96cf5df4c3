//! The gate: from verdicts to an exit code that scripts can trust.

use specs::evidence::{Level, Verdict};

/// Exit codes of the `dcx` command.
pub mod exit {
    /// Conformant under the gate policy.
    pub const CONFORMANT: u8 = 0;
    /// The command was used wrongly.
    pub const USAGE: u8 = 2;
    /// The selection matches no case.
    pub const NOTHING_SELECTED: u8 = 4;
    /// Configuration, specification or catalogue cannot be used.
    pub const SETUP: u8 = 96;
    /// The configuration, not the implementation, is at fault.
    pub const PREFLIGHT: u8 = 97;
    /// At least one MUST failed.
    pub const NOT_CONFORMANT: u8 = 100;
    /// The run could not be completed, or is inconclusive as a whole.
    pub const INCONCLUSIVE: u8 = 101;
    /// A report could not be written.
    pub const REPORT: u8 = 110;
}

/// Why a run ended before its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cut {
    /// By the user.
    Interrupted,
    /// By a fault of the configuration.
    Preflight,
    /// By a target that stopped answering and did not come back, or that put off every request, in a sentence.
    Gone(String),
}

impl Cut {
    /// In words.
    pub fn reason(&self) -> String {
        match self {
            Self::Interrupted => "the run was interrupted".to_owned(),
            Self::Preflight => "the configuration is at fault, so nothing was judged".to_owned(),
            Self::Gone(sentence) => sentence.clone(),
        }
    }
}

/// Collects what matters for the exit code.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    failed: u64,
    warned: u64,
    undecided_musts: u64,
    errors: u64,
    held: u64,
}

impl Gate {
    /// Takes one check into account.
    pub(crate) fn take(&mut self, level: Level, verdict: Verdict) {
        match verdict {
            Verdict::Fail => self.failed += 1,
            Verdict::Warn => self.warned += 1,
            Verdict::Inconclusive if level == Level::Must => self.undecided_musts += 1,
            Verdict::Error => self.errors += 1,
            Verdict::Pass => self.held += 1,
            Verdict::Inconclusive | Verdict::Skipped => {}
        }
    }

    /// The exit code and the sentence that explains it.
    pub(crate) fn verdict(&self, cut: Option<&Cut>, selected: usize) -> (u8, String) {
        let plural = |n: u64, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
        if let Some(cut) = cut {
            return match cut {
                Cut::Preflight => (
                    exit::PREFLIGHT,
                    "Not judged: the configuration is at fault, not the implementation.".to_owned(),
                ),
                Cut::Interrupted | Cut::Gone(_) => {
                    let found = if self.failed > 0 {
                        format!(
                            " Until then {} failed.",
                            plural(self.failed, "MUST check", "MUST checks")
                        )
                    } else {
                        String::new()
                    };
                    (
                        exit::INCONCLUSIVE,
                        format!("Not decided: {}.{found}", cut.reason()),
                    )
                }
            };
        }
        if selected == 0 {
            return (
                exit::NOTHING_SELECTED,
                "Nothing was judged: the selection matches no case.".to_owned(),
            );
        }
        if self.failed > 0 {
            let checks = plural(self.failed, "check of a MUST", "checks of MUSTs");
            return (exit::NOT_CONFORMANT, format!("Not conformant: {checks} failed."));
        }
        if self.errors > 0 {
            return (
                exit::INCONCLUSIVE,
                "Not decided: this tool failed on some checks.".to_owned(),
            );
        }
        if self.undecided_musts > 0 {
            let checks = plural(self.undecided_musts, "check of a MUST", "checks of MUSTs");
            return (
                exit::INCONCLUSIVE,
                format!("Not decided: {checks} could not be decided."),
            );
        }
        if self.held == 0 && self.warned == 0 {
            return (
                exit::INCONCLUSIVE,
                "Not decided: no requirement could be exercised.".to_owned(),
            );
        }
        let warnings = match self.warned {
            0 => String::new(),
            n => format!(", with {}", plural(n, "warning", "warnings")),
        };
        (
            exit::CONFORMANT,
            format!("Conformant{warnings}: every MUST that was exercised held."),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(checks: &[(Level, Verdict)]) -> Gate {
        let mut gate = Gate::default();
        for (level, verdict) in checks {
            gate.take(*level, *verdict);
        }
        gate
    }

    #[test]
    fn each_outcome_has_its_code() {
        use Level::{Must, Should};
        let code = |checks: &[(Level, Verdict)], cut: Option<Cut>| gate(checks).verdict(cut.as_ref(), 1).0;
        assert_eq!(code(&[(Must, Verdict::Pass)], None), 0);
        assert_eq!(code(&[(Must, Verdict::Pass), (Should, Verdict::Warn)], None), 0);
        assert_eq!(
            code(&[(Must, Verdict::Pass), (Should, Verdict::Inconclusive)], None),
            0
        );
        assert_eq!(
            code(&[(Must, Verdict::Pass), (Must, Verdict::Inconclusive)], None),
            101
        );
        assert_eq!(
            code(&[(Must, Verdict::Fail), (Must, Verdict::Inconclusive)], None),
            100
        );
        assert_eq!(code(&[(Must, Verdict::Fail)], Some(Cut::Interrupted)), 101);
        let gone = Cut::Gone("the target stopped answering".to_owned());
        assert_eq!(code(&[(Must, Verdict::Fail)], Some(gone)), 101);
        assert_eq!(code(&[], Some(Cut::Preflight)), 97);
        assert_eq!(code(&[(Must, Verdict::Skipped)], None), 101);
        assert_eq!(gate(&[]).verdict(None, 0).0, 4);
    }
}
