//! What a query comes down to: comparisons, joined by and, or and not.

use super::identifier::Wanted;
use super::predicate::{Operator, compares};
use crate::defect::Defects;
use serde_json::Value;

/// A condition on one record.
#[derive(Debug, Clone)]
pub(super) enum Formula {
    Everything,
    Identifier(Wanted),
    Comparison(Comparison),
    All(Vec<Formula>),
    Any(Vec<Formula>),
    Not(Box<Formula>),
}

/// A comparison of an attribute with a value.
#[derive(Debug, Clone)]
pub(super) struct Comparison {
    /// JSON pointer of the attribute's value.
    pub(super) attribute: String,
    pub(super) operator: Operator,
    pub(super) value: Value,
}

impl Comparison {
    pub(super) fn holds(&self, record: &Value, cx: &Defects) -> bool {
        record
            .pointer(&self.attribute)
            .is_some_and(|held| compares(held, self.operator, &self.value, cx))
    }
}

impl Formula {
    /// The same with every bound included.
    pub(super) fn with_bounds(&self) -> Self {
        let all = |parts: &[Self]| parts.iter().map(Self::with_bounds).collect();
        match self {
            Self::Comparison(comparison) => Self::Comparison(Comparison {
                operator: match comparison.operator {
                    Operator::Gt => Operator::Ge,
                    Operator::Lt => Operator::Le,
                    other => other,
                },
                ..comparison.clone()
            }),
            Self::All(parts) => Self::All(all(parts)),
            Self::Any(parts) => Self::Any(all(parts)),
            other => other.clone(),
        }
    }

    /// Whether a record satisfies it.
    pub(super) fn holds(&self, record: &Value, cx: &Defects) -> bool {
        match self {
            Self::Everything => true,
            Self::Identifier(wanted) => wanted.is_held_by(record, cx),
            Self::Comparison(comparison) => comparison.holds(record, cx),
            Self::All(parts) => parts.iter().all(|part| part.holds(record, cx)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(record, cx)),
            Self::Not(part) => !part.holds(record, cx),
        }
    }
}
