//! Predicates: `expression1`, and where there is a `condition`, `expression2`.

use super::criteria::{Rejection, unknown_attribute};
use super::formula::{Comparison, Formula};
use super::value::compare;
use crate::Defect;
use crate::defect::Defects;
use serde_json::Value;
use specs::catalogue::Registry;
use std::cmp::Ordering;

/// One item of a predicate list.
#[derive(Debug)]
pub(super) struct Clause {
    first: Formula,
    condition: Condition,
    second: Option<Formula>,
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
            first: read(clause.get("expression1").unwrap_or(&Value::Null), registry)?,
            condition: match clause.get("condition").and_then(Value::as_str) {
                Some("or") => Condition::Or,
                Some("not") => Condition::Not,
                // Two expressions without a condition: both, which discloses least.
                _ => Condition::And,
            },
            second: clause.get("expression2").map(|e| read(e, registry)).transpose()?,
        })
    }

    fn second(&self, cx: &Defects) -> Option<&Formula> {
        let second = self.second.as_ref();
        second.filter(|_| !cx.commits(Defect::Expression2Ignored))
    }

    pub(super) fn holds(&self, record: &Value, cx: &Defects) -> bool {
        let first = self.first.holds(record, cx);
        let Some(second) = self.second(cx).map(|e| e.holds(record, cx)) else {
            return first;
        };
        match self.condition {
            Condition::Or | Condition::Not if cx.commits(Defect::OrAsAnd) => first && second,
            Condition::Not if cx.commits(Defect::NotIgnored) => first && second,
            Condition::And => first && second,
            Condition::Or => first || second,
            Condition::Not => first && !second,
        }
    }

    /// What it comes down to.
    pub(super) fn formula(&self, cx: &Defects) -> Formula {
        let first = self.first.clone();
        let Some(second) = self.second(cx).cloned() else {
            return first;
        };
        match self.condition {
            Condition::Or if !cx.commits(Defect::OrAsAnd) => Formula::Any(vec![first, second]),
            Condition::Not if !cx.commits(Defect::OrAsAnd) && !cx.commits(Defect::NotIgnored) => {
                Formula::All(vec![first, Formula::Not(Box::new(second))])
            }
            _ => Formula::All(vec![first, second]),
        }
    }
}

/// The items of a predicate by `seq_num`; those without one come last, as they were sent.
pub(super) fn in_sequence(clauses: &[Value]) -> Vec<&Value> {
    let mut clauses: Vec<&Value> = clauses.iter().collect();
    let number = |clause: &Value| clause.get("seq_num").and_then(Value::as_f64);
    clauses.sort_by(|a, b| {
        let [a, b] = [number(a), number(b)].map(|n| n.unwrap_or(f64::INFINITY));
        a.total_cmp(&b)
    });
    clauses
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

/// A comparison of the request. One that says nothing is satisfied by everybody; only a server that does
/// not check its requests gets to see one.
fn read(expression: &Value, registry: &Registry) -> Result<Formula, Rejection> {
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
        return Ok(Formula::Everything);
    };
    let Some(attribute) = registry.attributes.get(name) else {
        return Err(Rejection::criteria(unknown_attribute(name, registry)));
    };
    Ok(Formula::Comparison(Comparison {
        attribute: attribute.clone(),
        operator,
        value: value.clone(),
    }))
}

/// Whether a held value compares as asked. Values of different kinds do not compare in any way.
pub(super) fn compares(held: &Value, operator: Operator, asked: &Value, cx: &Defects) -> bool {
    if let Operator::In = operator {
        return is_any_of(held, asked, cx);
    }
    compare(held, asked).is_some_and(|order| accepts(operator, order, cx))
}

/// Whether values that stand in this order compare as asked.
pub(super) fn accepts(operator: Operator, order: Ordering, cx: &Defects) -> bool {
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

/// The values that one of which is to be held: a list, or a single value, which counts as a list of one.
pub(super) fn considered<'v>(asked: &'v Value, cx: &Defects) -> &'v [Value] {
    let values = asked
        .as_array()
        .map_or(std::slice::from_ref(asked), Vec::as_slice);
    if cx.commits(Defect::InFirstOnly) {
        values.get(..1).unwrap_or_default()
    } else {
        values
    }
}

fn is_any_of(held: &Value, asked: &Value, cx: &Defects) -> bool {
    considered(asked, cx)
        .iter()
        .any(|value| compare(held, value).is_some_and(Ordering::is_eq))
}
