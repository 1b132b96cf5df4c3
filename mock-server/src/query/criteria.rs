//! Search criteria as the document writes them, read into what they ask for.

use super::DEFAULT_PAGE_SIZE;
use super::formula::Formula;
use super::identifier::Wanted;
use super::predicate::Clause;
use super::{expression, predicate};
use crate::Defect;
use crate::defect::Defects;
use crate::text::clipped;
use serde_json::Value;
use specs::catalogue::Registry;

/// What one search asks for.
#[derive(Debug)]
pub(crate) struct Criteria {
    pub(super) query: Query,
    /// Whether groups are asked for, of which this registry has none.
    pub(super) groups: bool,
    pub(super) order: Vec<Order>,
    /// The page that is asked for, if one is.
    pub(super) page: Option<Page>,
}

#[derive(Debug)]
pub(super) enum Query {
    /// A query that says nothing. Only a server that does not check its requests gets to see one.
    Everything,
    Identifier(Wanted),
    /// All of these.
    Predicate(Vec<Clause>),
    Expression(Formula),
}

/// One attribute to sort by.
#[derive(Debug)]
pub(super) struct Order {
    /// JSON pointer of its value.
    pub(super) attribute: String,
    pub(super) descending: bool,
}

/// A page of the result, counted from 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    pub(super) size: usize,
    pub(super) number: usize,
}

/// Why one search of a batch is not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rejection {
    /// A code of the document's list for searches.
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Rejection {
    pub(crate) fn new(code: &'static str, message: String) -> Self {
        Self {
            code,
            message: clipped(message),
        }
    }

    pub(super) fn criteria(message: String) -> Self {
        Self::new("rjct.search_criteria.invalid", message)
    }
}

impl Criteria {
    /// Reads `search_criteria` for this registry.
    pub(crate) fn read(criteria: &Value, registry: &Registry) -> Result<Self, Rejection> {
        let asked = criteria.get("reg_type").and_then(Value::as_str);
        if let (Some(asked), Some(ours)) = (asked, &registry.reg_type)
            && asked != ours
        {
            return Err(Rejection::criteria(format!(
                "reg_type is {asked:?}; this registry holds {ours:?}"
            )));
        }
        Ok(Self {
            query: Query::read(criteria, registry)?,
            groups: criteria.get("response_entity").and_then(Value::as_str) == Some("Group"),
            order: Order::read(criteria.get("sort"), registry)?,
            page: Page::read(criteria.get("pagination")),
        })
    }

    /// Whether it does not say how many records it wants.
    pub(crate) fn asks_for_no_page(&self) -> bool {
        self.page.is_none()
    }

    /// Whether it asks for the holder of an identifier.
    pub(crate) fn is_by_identifier(&self) -> bool {
        matches!(self.query, Query::Identifier(_))
    }
}

impl Query {
    fn read(criteria: &Value, registry: &Registry) -> Result<Self, Rejection> {
        let query = criteria.get("query").unwrap_or(&Value::Null);
        match criteria.get("query_type").and_then(Value::as_str) {
            Some("idtype-value") => Ok(Self::Identifier(Wanted::read(query, registry))),
            Some("predicate") => {
                let clauses = query.as_array().map(Vec::as_slice).unwrap_or_default();
                predicate::in_sequence(clauses)
                    .into_iter()
                    .map(|c| Clause::read(c, registry))
                    .collect::<Result<_, _>>()
                    .map(Self::Predicate)
            }
            Some("expression") => expression::read(query, registry).map(Self::Expression),
            Some("graphql") => {
                let message = "the query type `graphql` is not supported by this registry";
                Err(Rejection::criteria(message.to_owned()))
            }
            _ => Ok(Self::Everything),
        }
    }

    /// What it comes down to.
    pub(super) fn formula(&self, cx: &Defects) -> Formula {
        match self {
            Self::Everything => Formula::Everything,
            Self::Identifier(wanted) => Formula::Identifier(wanted.clone()),
            Self::Predicate(_) if cx.commits(Defect::PredicateIgnored) => Formula::Everything,
            Self::Predicate(clauses) => {
                let considered = if cx.commits(Defect::LaterItemsIgnored) {
                    1
                } else {
                    clauses.len()
                };
                let clauses = clauses.iter().take(considered);
                Formula::All(clauses.map(|clause| clause.formula(cx)).collect())
            }
            Self::Expression(formula) => formula.clone(),
        }
    }
}

impl Order {
    fn read(sort: Option<&Value>, registry: &Registry) -> Result<Vec<Self>, Rejection> {
        let mut order = Vec::new();
        for key in sort.and_then(Value::as_array).into_iter().flatten() {
            let Some(name) = key.get("attribute_name").and_then(Value::as_str) else {
                continue;
            };
            let Some(attribute) = registry.attributes.get(name) else {
                return Err(Rejection::new(
                    "rjct.sort.invalid",
                    unknown_attribute(name, registry),
                ));
            };
            let descending = key.get("sort_order").and_then(Value::as_str) == Some("desc");
            order.push(Self {
                attribute: attribute.clone(),
                descending,
            });
        }
        Ok(order)
    }
}

impl Page {
    fn read(pagination: Option<&Value>) -> Option<Self> {
        let pagination = pagination?;
        let count = |name: &str| {
            let count = pagination.get(name)?;
            // The JSON number 2.0 is a whole number too.
            let whole = count
                .as_u64()
                .or_else(|| count.as_f64().filter(|n| n.fract() == 0.0).map(saturated));
            usize::try_from(whole?).ok().filter(|n| *n >= 1)
        };
        Some(Self {
            size: count("page_size").unwrap_or(DEFAULT_PAGE_SIZE),
            number: count("page_number").unwrap_or(1),
        })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, as wanted"
)]
fn saturated(number: f64) -> u64 {
    number as u64
}

/// How the message of a rejection begins that is about an attribute: the code alone does not tell.
pub(crate) const UNKNOWN_ATTRIBUTE: &str = "unknown attribute";

/// Says that an attribute cannot be searched, and which can.
pub(super) fn unknown_attribute(name: &str, registry: &Registry) -> String {
    let known: Vec<&str> = registry.attributes.keys().map(String::as_str).collect();
    format!(
        "{UNKNOWN_ATTRIBUTE} {name:?}; this registry can search {}",
        known.join(", ")
    )
}
