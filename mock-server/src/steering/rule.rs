//! A rule: to which exchanges something is done, and how often.

use super::prefer::words;
use super::{Effect, operations};
use serde::Deserialize;
use serde_json::{Value, json};
use std::str::FromStr;

/// What is done to which exchanges. Written as words with commas between them:
/// `dcx-status=503, operation=search, chance=0.2, skip=3, times=5`.
///
/// `profile` and `operation` narrow it down; `skip` leaves the first ones alone; `times` is how often it is
/// done at most; `chance` how likely it is each time, drawn from the mock's seed.
#[derive(Debug, Clone, PartialEq)]
pub struct FaultRule {
    profile: Option<String>,
    operation: Option<String>,
    pub(super) chance: f64,
    pub(super) skip: u64,
    pub(super) times: Option<u64>,
    effects: Vec<Effect>,
}

/// Why a rule cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FaultRuleError(String);

/// A rule as the control API takes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// The words, as in a `Prefer` header.
    prefer: String,
    #[serde(default)]
    profile: Option<String>,
    #[serde(default)]
    operation: Option<String>,
    #[serde(default)]
    chance: Option<f64>,
    #[serde(default)]
    skip: u64,
    #[serde(default)]
    times: Option<u64>,
}

impl Default for FaultRule {
    fn default() -> Self {
        Self {
            profile: None,
            operation: None,
            chance: 1.0,
            skip: 0,
            times: None,
            effects: Vec::new(),
        }
    }
}

impl FaultRule {
    /// The profile that it is for, where it is for one alone.
    pub fn profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }

    /// Reads a rule as the control API takes it.
    pub(crate) fn from_json(value: Value) -> Result<Self, FaultRuleError> {
        if let Value::String(text) = &value {
            return text.parse();
        }
        let written: Written = serde_json::from_value(value).map_err(|e| FaultRuleError(e.to_string()))?;
        let mut rule = Self {
            profile: written.profile,
            skip: written.skip,
            times: written.times,
            ..Self::default()
        };
        if let Some(operation) = &written.operation {
            rule.set("operation", operation)?;
        }
        if let Some(chance) = written.chance {
            rule.set("chance", &chance.to_string())?;
        }
        for word in words(&written.prefer) {
            rule.add(word)?;
        }
        rule.checked()
    }

    fn add(&mut self, word: &str) -> Result<(), FaultRuleError> {
        let effect: Effect = word.parse().map_err(FaultRuleError)?;
        if self.effects.iter().any(|held| held.rivals(effect)) {
            return Err(FaultRuleError(format!(
                "`{word}`: something else is wished for before it"
            )));
        }
        self.effects.push(effect);
        Ok(())
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), FaultRuleError> {
        let wanted = |what: &str| FaultRuleError(format!("`{name}` wants {what}"));
        let number = || value.parse::<u64>().map_err(|_| wanted("a whole number"));
        match name {
            "profile" => self.profile = Some(value.to_owned()),
            "operation" if operations().any(|known| known == value) => {
                self.operation = Some(value.to_owned());
            }
            "operation" => {
                return Err(wanted(&format!(
                    "one of {}",
                    operations().collect::<Vec<_>>().join(", ")
                )));
            }
            "skip" => self.skip = number()?,
            "times" => self.times = Some(number()?),
            "chance" => {
                let chance = value.parse::<f64>().ok().filter(|c| (0.0..=1.0).contains(c));
                self.chance = chance.ok_or_else(|| wanted("a number from 0 to 1"))?;
            }
            _ => return self.add(&format!("{name}={value}")),
        }
        Ok(())
    }

    fn checked(self) -> Result<Self, FaultRuleError> {
        if self.effects.is_empty() {
            return Err(FaultRuleError(
                "the rule says nothing to do, e.g. `dcx-status=503`".to_owned(),
            ));
        }
        Ok(self)
    }

    /// Whether it is about an operation of a profile.
    pub(super) fn concerns(&self, profile: &str, operation: &str) -> bool {
        self.profile.as_deref().is_none_or(|wanted| wanted == profile)
            && self.operation.as_deref().is_none_or(|wanted| wanted == operation)
    }

    /// What is done.
    pub(super) fn effects(&self) -> &[Effect] {
        &self.effects
    }

    /// The rule as the control API takes it.
    pub(super) fn told(&self) -> Value {
        let words: Vec<String> = self.effects.iter().map(ToString::to_string).collect();
        json!({
            "prefer": words.join(", "),
            "profile": self.profile,
            "operation": self.operation,
            "chance": self.chance,
            "skip": self.skip,
            "times": self.times,
        })
    }
}

impl FromStr for FaultRule {
    type Err = FaultRuleError;

    fn from_str(text: &str) -> Result<Self, FaultRuleError> {
        let mut rule = Self::default();
        for word in words(text) {
            match word.split_once('=') {
                Some((name, value)) => rule.set(name.trim(), value.trim())?,
                None => rule.add(word)?,
            }
        }
        rule.checked()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_say_the_same() {
        let text = "dcx-callback=late=3, dcx-delay=1, profile=dci-social, operation=search, chance=0.5, skip=1, times=2";
        let rule: FaultRule = text.parse().unwrap();
        assert_eq!(FaultRule::from_json(rule.told()).as_ref(), Ok(&rule));
        assert_eq!(FaultRule::from_json(text.into()), Ok(rule));
    }

    #[test]
    fn what_is_wrong_with_a_rule_is_said() {
        for (text, hint) in [
            ("", "nothing to do"),
            ("operation=search", "nothing to do"),
            ("dcx-status=503, operation=serach", "one of token,"),
            ("dcx-status=503, chance=2", "from 0 to 1"),
            ("dcx-status=503, times=often", "whole number"),
            ("dcx-status=503, dcx-status=500", "before it"),
            ("status=503", "did you mean `dcx-status`"),
        ] {
            let error = text.parse::<FaultRule>().unwrap_err().to_string();
            assert!(error.contains(hint), "{text}: {error}");
        }
        for value in [
            json!({"prefer": "dcx-reset", "often": 1}),
            json!({"prefer": ""}),
            json!(7),
        ] {
            assert!(FaultRule::from_json(value.clone()).is_err(), "{value}");
        }
    }
}
