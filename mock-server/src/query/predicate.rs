//! Predicates: `expression1`, and where there is a `condition`, `expression2`.

use super::criteria::{Rejection, unknown_attribute};
use super::value::compare;
use crate::Defect;
use crate::defect::Defects;
use serde_json::Value;
use specs::catalogue::Registry;

/// One item of a predicate list.
#[derive(Debug)]
pub(super) struct Clause {
    first: Expression,
    condition: Condition,
    second: Option<Expression>,
}

#[derive(Debug, Clone, Copy)]
enum Condition {
    And,
    Or,
    /// The first and not the second.
    Not,
}

impl Clause {
    pub(super) fn read(clause: &Value, registry: &Registry) -> Result<Self, Rejection> {
        Ok(Self {
            first: Expression::read(clause.get("expression1").unwrap_or(&Value::Null), registry)?,
            condition: match clause.get("condition").and_then(Value::as_str) {
                Some("or") => Condition::Or,
                Some("not") => Condition::Not,
                // Two expressions without a condition: both, which discloses least.
                _ => Condition::And,
            },
            second: clause
                .get("expression2")
                .map(|e| Expression::read(e, registry))
                .transpose()?,
        })
    }

    pub(super) fn holds(&self, record: &Value, cx: &Defects) -> bool {
        let first = self.first.holds(record, cx);
        let second = self
            .second
            .as_ref()
            .filter(|_| !cx.commits(Defect::Expression2Ignored));
        let Some(second) = second.map(|e| e.holds(record, cx)) else {
            return first;
        };
        match self.condition {
            Condition::Or | Condition::Not if cx.commits(Defect::OrAsAnd) => first && second,
            Condition::And => first && second,
            Condition::Or => first || second,
            Condition::Not => first && !second,
        }
    }
}

/// A comparison of an attribute with a value.
#[derive(Debug)]
enum Expression {
    /// One that says nothing. Only a server that does not check its requests gets to see one.
    Everything,
    Comparison {
        /// JSON pointer of the attribute's value.
        attribute: String,
        operator: Operator,
        value: Value,
    },
}

/// How two values are compared.
#[derive(Debug, Clone, Copy)]
pub(super) enum Operator {
    Eq,
    Gt,
    Ge,
    Lt,
    Le,
    In,
}

impl Operator {
    pub(super) fn read(operator: &str) -> Option<Self> {
        Some(match operator {
            "eq" => Self::Eq,
            "gt" => Self::Gt,
            "ge" => Self::Ge,
            "lt" => Self::Lt,
            "le" => Self::Le,
            "in" => Self::In,
            _ => return None,
        })
    }
}

impl Expression {
    fn read(expression: &Value, registry: &Registry) -> Result<Self, Rejection> {
        let text = |name| {
            expression
                .get(name)
                .and_then(Value::as_str)
                .filter(|t| !t.is_empty())
        };
        let (Some(name), Some(operator), Some(value)) = (
            text("attribute_name"),
            text("operator").and_then(Operator::read),
            expression.get("attribute_value"),
        ) else {
            return Ok(Self::Everything);
        };
        let Some(attribute) = registry.attributes.get(name) else {
            return Err(Rejection::criteria(unknown_attribute(name, registry)));
        };
        Ok(Self::Comparison {
            attribute: attribute.clone(),
            operator,
            value: value.clone(),
        })
    }

    fn holds(&self, record: &Value, cx: &Defects) -> bool {
        match self {
            Self::Everything => true,
            Self::Comparison {
                attribute,
                operator,
                value,
            } => record
                .pointer(attribute)
                .is_some_and(|held| compares(held, *operator, value, cx)),
        }
    }
}

/// Whether a held value compares as asked. Values of different kinds do not compare in any way.
pub(super) fn compares(held: &Value, operator: Operator, asked: &Value, cx: &Defects) -> bool {
    if let Operator::In = operator {
        return is_any_of(held, asked, cx);
    }
    let Some(order) = compare(held, asked) else {
        return false;
    };
    match operator {
        Operator::Eq if cx.commits(Defect::EqFindsNothing) => false,
        Operator::Gt if cx.commits(Defect::GtAsGe) => order.is_ge(),
        Operator::Ge if cx.commits(Defect::GeAsGt) => order.is_gt(),
        Operator::Lt if cx.commits(Defect::LtAsLe) => order.is_le(),
        Operator::Le if cx.commits(Defect::LeAsLt) => order.is_lt(),
        Operator::Eq | Operator::In => order.is_eq(),
        Operator::Gt => order.is_gt(),
        Operator::Ge => order.is_ge(),
        Operator::Lt => order.is_lt(),
        Operator::Le => order.is_le(),
    }
}

/// A list of values; a single value counts as a list of one.
fn is_any_of(held: &Value, asked: &Value, cx: &Defects) -> bool {
    let values = asked
        .as_array()
        .map_or(std::slice::from_ref(asked), Vec::as_slice);
    let considered = if cx.commits(Defect::InFirstOnly) {
        1
    } else {
        values.len()
    };
    values
        .iter()
        .take(considered)
        .any(|value| compare(held, value).is_some_and(std::cmp::Ordering::is_eq))
}
