//! The deterministic phase of a profile: the honest request, with one thing about it changed at a time, as far as
//! we know what the change means.

use super::super::body::set;
use super::super::cover::{Varied, simplest, values};
use super::super::flat::flat;
use super::super::runner;
use super::{CRITERIA, LANGUAGES, OPERATORS, optional};
use proptest::strategy::{Strategy, ValueTree};
use serde_json::{Value, json};
use suites::Context;
use suites::request::{expression, identifier, page, predicate};

/// Members whose text names a message, and may be any.
const NAMES: [&str; 3] = ["message_id", "transaction_id", "reference_id"];

/// Every request that differs from an honest one in one thing. Whether it is valid by the document is for the
/// caller to see.
pub fn each(cx: &Context, operation: &str, honest: &Value) -> Vec<Varied> {
    let Some(compiled) = cx.schemas.request(operation) else {
        return Vec::new();
    };
    let mut each = Each {
        cx,
        honest,
        found: Vec::new(),
    };
    each.at(&flat(compiled.value(), compiled.value(), honest), honest, "");
    each.found
}

struct Each<'a> {
    cx: &'a Context,
    honest: &'a Value,
    found: Vec<Varied>,
}

impl Each<'_> {
    fn vary(&mut self, pointer: &str, what: impl Into<String>, value: Value) {
        let mut body = self.honest.clone();
        set(&mut body, pointer, Some(value), self.honest);
        let known = body == *self.honest || self.found.iter().any(|earlier| earlier.body == body);
        if !known {
            self.found.push(Varied {
                pointer: pointer.to_owned(),
                what: what.into(),
                body,
            });
        }
    }

    fn at(&mut self, schema: &Value, value: &Value, pointer: &str) {
        if pointer == CRITERIA {
            self.criteria(value);
            return;
        }
        match (value, schema.get("properties").and_then(Value::as_object)) {
            (Value::Object(members), Some(properties)) => {
                for (name, property) in properties {
                    let below = format!("{pointer}/{name}");
                    match members.get(name) {
                        Some(value) => self.at(property, value, &below),
                        None => self.optional(property, &below),
                    }
                }
            }
            (Value::Array(items), _) => {
                if let (Some(first), Some(schema)) = (items.first(), schema.get("items")) {
                    self.at(schema, first, &format!("{pointer}/0"));
                }
            }
            _ => self.leaf(schema, pointer),
        }
    }

    /// A member that the honest request leaves out: with its simplest value, and at its bounds where any value
    /// will do.
    fn optional(&mut self, property: &Value, pointer: &str) {
        let Some(strategy) = optional(self.cx, pointer, property) else {
            return;
        };
        let mut runner = runner(0, pointer);
        let fixed = strategy.new_tree(&mut runner).map(|tree| tree.current());
        let fixed = fixed.ok().filter(|_| is_given(pointer));
        if let Some(value) = fixed {
            self.vary(pointer, "present", value);
            return;
        }
        if let Some(value) = simplest(property) {
            self.vary(pointer, "present", value);
        }
        for (what, value) in values(property, None) {
            self.vary(pointer, what, value);
        }
    }

    /// A member that the honest request has.
    fn leaf(&mut self, schema: &Value, pointer: &str) {
        if pointer == "/message/search_request/0/locale" {
            for language in LANGUAGES {
                self.vary(pointer, format!("the language {language}"), json!(language));
            }
        }
        let name = pointer.rsplit('/').next().unwrap_or_default();
        // A short name would be somebody else's as well.
        let longest = schema.get("maxLength").and_then(Value::as_u64);
        if let Some(longest) = longest.and_then(|n| usize::try_from(n).ok())
            && NAMES.contains(&name)
            && longest < 1000
        {
            let text: String = self.cx.id(pointer).chars().cycle().take(longest).collect();
            self.vary(pointer, "the longest text", json!(text));
        }
    }

    /// Search criteria over what the profile knows: each operator and condition, each order, pages, and the
    /// members beside the query.
    fn criteria(&mut self, honest: &Value) {
        let Some(registry) = &self.cx.profile.registry else {
            return;
        };
        let (attribute, id_type) = (registry.date_attribute.clone(), registry.id_type.clone());
        let since = |operator: &str| expression(&attribute, operator, &json!("2000-01-01"));
        for operator in OPERATORS {
            let query = predicate(self.cx, &[json!({"expression1": since(operator)})], &[]);
            self.vary(CRITERIA, format!("a predicate with {operator}"), query);
        }
        for condition in ["and", "or", "not"] {
            let joined = json!({
                "seq_num": 1, "expression1": since("ge"), "condition": condition, "expression2": since("le"),
            });
            let query = predicate(self.cx, &[joined], &[]);
            self.vary(CRITERIA, format!("a predicate with {condition}"), query);
        }
        let query = predicate(
            self.cx,
            &[
                json!({"expression1": since("ge")}),
                json!({"expression1": since("le")}),
            ],
            &[],
        );
        self.vary(CRITERIA, "a predicate of two", query);
        let query = identifier(self.cx, &id_type, "1234567890");
        self.vary(CRITERIA, "an identifier", query);
        let sorted = |order: &str| json!([{"attribute_name": attribute, "sort_order": order}]);
        for (name, what, value) in [
            ("sort", "an ascending order", sorted("asc")),
            ("sort", "a descending order", sorted("desc")),
            ("pagination", "a second page", page(1, 2).1),
            ("pagination", "a page of twenty", page(20, 1).1),
            ("version", "present", json!("1.0.0")),
            ("consent", "present", json!({})),
            ("authorize", "present", json!({})),
        ] {
            let mut criteria = honest.clone();
            criteria[name] = value;
            self.vary(CRITERIA, format!("{name}: {what}"), criteria);
        }
    }
}

/// Whether a member has the one value that we know to be honest there.
fn is_given(pointer: &str) -> bool {
    let name = pointer.strip_prefix("/header/").unwrap_or_default();
    [
        "version",
        "is_msg_encrypted",
        "sender_uri",
        "receiver_id",
        "reciever_id",
        "message_type",
    ]
    .contains(&name)
}
