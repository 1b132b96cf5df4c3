//! Queries in the language of the documents' example: `$and`, `$or`, `$not` and comparisons such as `$eq`.

use super::criteria::{Rejection, unknown_attribute};
use super::formula::{Comparison, Formula};
use super::predicate::Operator;
use serde_json::{Map, Value};
use specs::catalogue::Registry;

/// The last word of the `type` of such a query.
const LANGUAGE: &str = "nosql";
/// How deep a query may nest.
const DEEPEST: usize = 32;

/// Reads an expression: `{type, value: {expression: {query: …}}}`.
pub(super) fn read(query: &Value, registry: &Registry) -> Result<Formula, Rejection> {
    let language = query.get("type").and_then(Value::as_str).unwrap_or_default();
    let word = language.rsplit(':').next().unwrap_or_default();
    if !word.eq_ignore_ascii_case(LANGUAGE) {
        let message = format!(
            "expressions in {language:?} are not supported; this registry reads ns:org:QueryType:NoSql"
        );
        return Err(Rejection::criteria(message));
    }
    match query.pointer("/value/expression/query") {
        Some(Value::Object(members)) => all(members, registry, DEEPEST),
        _ => Err(bad("/value/expression/query is no object")),
    }
}

fn bad(what: &str) -> Rejection {
    Rejection::criteria(format!("the expression cannot be read: {what}"))
}

/// The members of an object, all of which must hold.
fn all(members: &Map<String, Value>, registry: &Registry, depth: usize) -> Result<Formula, Rejection> {
    if members.is_empty() {
        return Err(bad("an object has no members"));
    }
    let parts = members
        .iter()
        .map(|(name, asked)| member(name, asked, registry, depth));
    parts.collect::<Result<_, _>>().map(Formula::All)
}

fn member(name: &str, asked: &Value, registry: &Registry, depth: usize) -> Result<Formula, Rejection> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(bad(&format!("it nests deeper than {DEEPEST}")));
    };
    match (name, asked) {
        ("$and", Value::Array(parts)) => listed(name, parts, registry, depth).map(Formula::All),
        ("$or", Value::Array(parts)) => listed(name, parts, registry, depth).map(Formula::Any),
        ("$nor", Value::Array(parts)) => {
            let parts = listed(name, parts, registry, depth)?;
            Ok(Formula::Not(Box::new(Formula::Any(parts))))
        }
        ("$not", Value::Object(members)) => {
            all(members, registry, depth).map(|part| Formula::Not(Box::new(part)))
        }
        ("$and" | "$or" | "$nor", _) => Err(bad(&format!("{name} wants a list"))),
        ("$not", _) => Err(bad("$not wants an object")),
        _ if name.starts_with('$') => Err(bad(&format!("unknown operator {name:?}"))),
        _ => attribute(name, asked, registry, depth),
    }
}

fn listed(name: &str, parts: &[Value], registry: &Registry, depth: usize) -> Result<Vec<Formula>, Rejection> {
    if parts.is_empty() {
        return Err(bad(&format!("the list of {name} is empty")));
    }
    let read = |part: &Value| match part {
        Value::Object(members) => all(members, registry, depth),
        _ => Err(bad(&format!(
            "the list of {name} holds something else than objects"
        ))),
    };
    parts.iter().map(read).collect()
}

/// What is asked of an attribute: a value, or operators with values.
fn attribute(name: &str, asked: &Value, registry: &Registry, depth: usize) -> Result<Formula, Rejection> {
    let pointer = registry
        .attributes
        .get(name)
        .ok_or_else(|| Rejection::criteria(unknown_attribute(name, registry)))?;
    let Value::Object(operators) = asked else {
        return Ok(comparison(pointer, Operator::Eq, asked));
    };
    if operators.is_empty() {
        return Err(bad(&format!("nothing is asked of {name:?}")));
    }
    let parts = operators.iter().map(|(operator, value)| {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(bad(&format!("it nests deeper than {DEEPEST}")));
        };
        Ok(match operator.as_str() {
            "$eq" => comparison(pointer, Operator::Eq, value),
            "$ne" => Formula::Not(Box::new(comparison(pointer, Operator::Eq, value))),
            "$gt" => comparison(pointer, Operator::Gt, value),
            "$gte" | "$ge" => comparison(pointer, Operator::Ge, value),
            "$lt" => comparison(pointer, Operator::Lt, value),
            "$lte" | "$le" => comparison(pointer, Operator::Le, value),
            "$in" | "$nin" if !value.is_array() => return Err(bad(&format!("{operator} wants a list"))),
            "$in" => comparison(pointer, Operator::In, value),
            "$nin" => Formula::Not(Box::new(comparison(pointer, Operator::In, value))),
            "$not" if value.is_object() => Formula::Not(Box::new(attribute(name, value, registry, depth)?)),
            _ => return Err(bad(&format!("unknown operator {operator:?}"))),
        })
    });
    parts.collect::<Result<_, _>>().map(Formula::All)
}

fn comparison(pointer: &str, operator: Operator, value: &Value) -> Formula {
    Formula::Comparison(Comparison {
        attribute: pointer.to_owned(),
        operator,
        value: value.clone(),
    })
}
