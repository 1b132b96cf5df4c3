//! The criteria of a search as another reading takes them, written in the way that the mock reads by itself.
//!
//! Without another way they stay as they are.

use crate::query::Rejection;
use crate::readings::Way;
use crate::service::Service;
use serde_json::{Map, Value, json};
use specs::catalogue::Registry;
use std::borrow::Cow;

/// The identifier types of the vocabulary.
const LISTED: [&str; 4] = ["UIN", "BRN", "MRN", "DRN"];

/// The ways that concern criteria.
const CONCERNED: [Way; 14] = [
    Way::DateComparisonDate,
    Way::ExpressionNever,
    Way::IdentifierTypesListed,
    Way::ListJoinOr,
    Way::LoneConditionNextItem,
    Way::LoneConditionRefused,
    Way::LoneSecondIgnored,
    Way::LoneSecondRefused,
    Way::NotScopeBoth,
    Way::NotScopeFirst,
    Way::QueryMismatchByForm,
    Way::RegTypeBare,
    Way::UnknownAttributeIgnored,
    Way::UnknownAttributeNoMatch,
];

/// The criteria as they are to be read, or why the search is not made.
pub(super) fn read<'c>(cx: &Service, criteria: &'c Value) -> Result<Cow<'c, Value>, Rejection> {
    if !cx.ways.exist() || !CONCERNED.iter().any(|way| cx.ways.take(*way)) {
        return Ok(Cow::Borrowed(criteria));
    }
    let mut criteria = criteria.clone();
    let registry = cx.registry();
    let names_ours = || {
        let asked = criteria.get("reg_type").and_then(Value::as_str)?;
        Some(asked == last_word(registry.reg_type.as_deref()?))
    };
    if cx.ways.take(Way::RegTypeBare)
        && names_ours() == Some(true)
        && let Some(members) = criteria.as_object_mut()
    {
        members.shift_remove("reg_type");
    }
    let query = criteria.get("query").cloned().unwrap_or_default();
    match criteria.get("query_type").and_then(Value::as_str) {
        Some("expression") if cx.ways.take(Way::ExpressionNever) => {
            let message = "an expression cannot be told from an identifier, so none is understood";
            return Err(Rejection::new("rjct.search_criteria.invalid", message.to_owned()));
        }
        Some("idtype-value") if cx.ways.take(Way::IdentifierTypesListed) => {
            let kind = query.get("type").and_then(Value::as_str).unwrap_or_default();
            if !LISTED.contains(&kind) {
                let message = format!(
                    "unknown identifier type {kind:?}; known are {}",
                    LISTED.join(", ")
                );
                return Err(Rejection::new("rjct.search_criteria.invalid", message));
            }
        }
        Some("predicate") => {
            let items = query.as_array().cloned().unwrap_or_default();
            let (query_type, query) = predicate(cx, registry, items)?;
            criteria["query_type"] = query_type.into();
            criteria["query"] = query;
        }
        _ => {}
    }
    Ok(Cow::Owned(criteria))
}

/// What follows the last colon of a qualified word.
pub(super) fn last_word(qualified: &str) -> &str {
    qualified.rsplit(':').next().unwrap_or(qualified)
}

/// The query type of a query that has the form of another than it names.
pub(super) fn type_of_form(query: &Value) -> &'static str {
    match query {
        Value::Array(_) => "predicate",
        _ if query.pointer("/value/expression").is_some() => "expression",
        _ => "idtype-value",
    }
}

fn refused(message: &str) -> Rejection {
    Rejection::new("rjct.search_criteria.invalid", message.to_owned())
}

/// A predicate, as a predicate or as the expression that means the same.
fn predicate(
    cx: &Service,
    registry: &Registry,
    items: Vec<Value>,
) -> Result<(&'static str, Value), Rejection> {
    let takes = |way| cx.ways.take(way);
    let mut kept = Vec::new();
    for mut item in items {
        let Some(members) = item.as_object_mut() else {
            continue;
        };
        if takes(Way::DateComparisonDate) && expressions(members).any(|e| is_moment(e, registry)) {
            return Err(refused("a date is compared with a date alone, e.g. 2000-11-02"));
        }
        let known = |expression: &Value| {
            let name = expression.get("attribute_name").and_then(Value::as_str);
            name.is_none_or(|name| registry.attributes.contains_key(name))
        };
        if takes(Way::UnknownAttributeNoMatch) && !expressions(members).all(known) {
            let nobody = json!({"type": registry.id_type, "value": ""});
            return Ok(("idtype-value", nobody));
        }
        if takes(Way::UnknownAttributeIgnored) && !expressions(members).all(known) {
            members.retain(|name, expression| !name.starts_with("expression") || known(expression));
            members.shift_remove("condition");
            if let Some(second) = members.shift_remove("expression2") {
                members.insert("expression1".to_owned(), second);
            }
            if !members.contains_key("expression1") {
                continue;
            }
        }
        let [second, condition] = ["expression2", "condition"].map(|name| members.contains_key(name));
        match (second, condition) {
            (false, true) if takes(Way::LoneConditionRefused) => {
                return Err(refused("a condition joins two expressions; there is one"));
            }
            (true, false) if takes(Way::LoneSecondRefused) => {
                return Err(refused("two expressions want a condition; there is none"));
            }
            (true, false) if takes(Way::LoneSecondIgnored) => {
                members.shift_remove("expression2");
            }
            _ => {}
        }
        kept.push(item);
    }
    let otherwise = [
        Way::ListJoinOr,
        Way::LoneConditionNextItem,
        Way::NotScopeBoth,
        Way::NotScopeFirst,
    ];
    if kept.is_empty() || !otherwise.into_iter().any(takes) {
        return Ok(("predicate", kept.into()));
    }
    let formula = formula(cx, &kept);
    let query = json!({"type": "ns:org:QueryType:NoSql", "value": {"expression": {"query": formula}}});
    Ok(("expression", query))
}

fn expressions(item: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    ["expression1", "expression2"]
        .into_iter()
        .filter_map(|name| item.get(name))
}

/// Whether the date attribute is compared with something longer than a date.
fn is_moment(expression: &Value, registry: &Registry) -> bool {
    let is_date = expression
        .get("attribute_name")
        .is_some_and(|n| *n == *registry.date_attribute);
    let longer = |value: &Value| value.as_str().is_some_and(|text| text.contains('T'));
    let value = expression.get("attribute_value").unwrap_or(&Value::Null);
    is_date && (longer(value) || value.as_array().is_some_and(|list| list.iter().any(longer)))
}

/// The items of a predicate as one formula.
fn formula(cx: &Service, items: &[Value]) -> Value {
    let mut whole: Option<Value> = None;
    let mut next: Option<&str> = None;
    let usual = if cx.ways.take(Way::ListJoinOr) {
        "or"
    } else {
        "and"
    };
    for item in items {
        let part = of_item(cx, item);
        whole = Some(match whole {
            None => part,
            Some(before) => joined(cx, &before, next.unwrap_or(usual), &part),
        });
        let lone = item
            .get("condition")
            .filter(|_| item.get("expression2").is_none());
        next = lone
            .and_then(Value::as_str)
            .filter(|_| cx.ways.take(Way::LoneConditionNextItem));
    }
    whole.unwrap_or_default()
}

fn of_item(cx: &Service, item: &Value) -> Value {
    let first = compared(&item["expression1"]);
    match item.get("expression2") {
        None => first,
        Some(second) => {
            let condition = item.get("condition").and_then(Value::as_str).unwrap_or("and");
            joined(cx, &first, condition, &compared(second))
        }
    }
}

fn joined(cx: &Service, first: &Value, condition: &str, second: &Value) -> Value {
    match condition {
        "or" => json!({"$or": [first, second]}),
        "not" if cx.ways.take(Way::NotScopeBoth) => json!({"$nor": [first, second]}),
        "not" if cx.ways.take(Way::NotScopeFirst) => json!({"$and": [{"$nor": [first]}, second]}),
        "not" => json!({"$and": [first, {"$nor": [second]}]}),
        _ => json!({"$and": [first, second]}),
    }
}

fn compared(expression: &Value) -> Value {
    let text = |name: &str| expression.get(name).and_then(Value::as_str).unwrap_or_default();
    let operator = match text("operator") {
        "ge" => "$gte".to_owned(),
        "le" => "$lte".to_owned(),
        other => format!("${other}"),
    };
    let value = expression.get("attribute_value").cloned().unwrap_or_default();
    json!({text("attribute_name"): {operator: value}})
}
