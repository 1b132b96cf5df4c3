//! Valid requests: an honest request, grown by the optional members that its document allows.

mod each;

pub use each::each;

use super::flat::flat;
use super::schema::{self, small_object};
use proptest::prelude::*;
use serde_json::{Value, json};
use suites::Context;
use suites::request::{expression, identifier, page, predicate};

/// A strategy for valid bodies of an operation around an honest one. Its simplest value is the honest
/// body itself.
pub fn strategy(cx: &Context, operation: &str, honest: &Value) -> BoxedStrategy<Value> {
    let Some(compiled) = cx.schemas.request(operation) else {
        return Just(honest.clone()).boxed();
    };
    grow(cx, &flat(compiled.value(), compiled.value(), honest), honest, "")
}

fn grow(cx: &Context, schema: &Value, honest: &Value, pointer: &str) -> BoxedStrategy<Value> {
    if pointer == CRITERIA {
        return criteria(cx, honest);
    }
    match (honest, schema.get("properties")) {
        (Value::Object(members), Some(Value::Object(properties))) => {
            let mut grown: Vec<BoxedStrategy<Option<(String, Value)>>> = Vec::new();
            for (name, value) in members {
                let name = name.clone();
                let below = format!("{pointer}/{name}");
                let child = properties.get(&name).cloned().unwrap_or(Value::Bool(true));
                grown.push(
                    grow(cx, &child, value, &below)
                        .prop_map(move |v| Some((name.clone(), v)))
                        .boxed(),
                );
            }
            for (name, property) in properties.iter().filter(|(name, _)| !members.contains_key(*name)) {
                let name = name.clone();
                let Some(value) = optional(cx, &format!("{pointer}/{name}"), property) else {
                    continue;
                };
                let value = proptest::option::weighted(0.3, value);
                grown.push(value.prop_map(move |v| v.map(|v| (name.clone(), v))).boxed());
            }
            grown
                .prop_map(|members| Value::Object(members.into_iter().flatten().collect()))
                .boxed()
        }
        (Value::Array(items), _) => {
            let schema = schema.get("items").cloned().unwrap_or(Value::Bool(true));
            let items: Vec<BoxedStrategy<Value>> = items
                .iter()
                .enumerate()
                .map(|(i, item)| grow(cx, &schema, item, &format!("{pointer}/{i}")))
                .collect();
            items.prop_map(Value::Array).boxed()
        }
        _ => leaf(cx, pointer, honest),
    }
}

/// Languages that a request may ask for.
const LANGUAGES: [&str; 7] = ["eng", "fra", "spa", "por", "ara", "hin", "swa"];

/// How dates are compared.
const OPERATORS: [&str; 5] = ["ge", "le", "gt", "lt", "eq"];

/// The address of the criteria of a search.
const CRITERIA: &str = "/message/search_request/0/search_criteria";

/// Another honest value of a member that the honest body holds.
fn leaf(cx: &Context, pointer: &str, honest: &Value) -> BoxedStrategy<Value> {
    match pointer {
        "/message/search_request/0/locale" => proptest::sample::select(LANGUAGES.to_vec())
            .prop_map(|code| json!(code))
            .boxed(),
        "/message" if honest.is_string() => {
            let honest = honest.clone();
            let other = (small_object(), "[a-zA-Zé中]{0,12}").prop_map(|(further, name)| {
                Value::String(
                    json!({"name": name, "location_code": "pg.citya", "further": further}).to_string(),
                )
            });
            prop_oneof![1 => Just(honest), 2 => other].boxed()
        }
        _ if asks_for_person(pointer) && !cx.known.identifiers.is_empty() => {
            let known = proptest::sample::select(cx.known.identifiers.clone());
            prop_oneof![1 => Just(honest.clone()), 2 => known.prop_map(Value::String)].boxed()
        }
        _ => Just(honest.clone()).boxed(),
    }
}

/// Whether somebody's identifier stands there, in a question about a single person.
fn asks_for_person(pointer: &str) -> bool {
    let query = pointer.strip_prefix("/message/").unwrap_or_default();
    query.contains("_criteria/query/") && query.ends_with("_identifier/eq")
}

/// Values of a member that the honest body leaves out; none where leaving it out is the only honest
/// choice, because using it would mean something.
fn optional(cx: &Context, pointer: &str, schema: &Value) -> Option<BoxedStrategy<Value>> {
    let just = |value: Value| Some(Just(value).boxed());
    match pointer {
        "/signature" => None,
        "/header/version" => just(json!("1.0.0")),
        "/header/is_msg_encrypted" => just(json!(false)),
        "/header/sender_uri" => just(json!("${callback}")),
        "/header/receiver_id" | "/header/reciever_id" => just(json!(cx.receiver_id)),
        "/header/message_type" => just(json!("program")),
        _ => Some(schema::strategy(schema)),
    }
}

/// Search criteria over attributes and identifiers that the profile knows.
fn criteria(cx: &Context, honest: &Value) -> BoxedStrategy<Value> {
    let Some(registry) = &cx.profile.registry else {
        return Just(honest.clone()).boxed();
    };
    let attribute = registry.date_attribute.clone();
    let known = |attribute: &str| {
        let values = cx.known.values.get(attribute).filter(|values| !values.is_empty());
        values.map(|values| proptest::sample::select(values.clone()).boxed())
    };
    let date = || {
        let any =
            (1900..2030i32, 1..=12u8, 1..=28u8).prop_map(|(y, m, d)| json!(format!("{y:04}-{m:02}-{d:02}")));
        match known(&attribute) {
            Some(known) => prop_oneof![1 => any, 1 => known].boxed(),
            None => any.boxed(),
        }
    };
    let operator = || proptest::sample::select(OPERATORS.to_vec());
    let single = (operator(), date())
        .prop_map({
            let attribute = attribute.clone();
            move |(operator, date)| json!({"expression1": expression(&attribute, operator, &date)})
        })
        .boxed();
    let double = (
        operator(),
        date(),
        proptest::sample::select(vec!["and", "or"]),
        operator(),
        date(),
        proptest::option::weighted(0.7, Just(1)),
    )
        .prop_map({
            let attribute = attribute.clone();
            move |(o1, d1, condition, o2, d2, number)| {
                let mut item = json!({
                    "expression1": expression(&attribute, o1, &d1),
                    "condition": condition,
                    "expression2": expression(&attribute, o2, &d2),
                });
                if let Some(number) = number {
                    item["seq_num"] = json!(number);
                }
                item
            }
        })
        .boxed();
    let others = registry.attributes.keys().filter(|name| **name != attribute);
    let held: Vec<BoxedStrategy<Value>> = others
        .filter_map(|name| {
            let name = name.clone();
            let eq =
                known(&name)?.prop_map(move |value| json!({"expression1": expression(&name, "eq", &value)}));
            Some(eq.boxed())
        })
        .collect();
    let item = prop_oneof![2 => single, 1 => double].boxed();
    let item = if held.is_empty() {
        item
    } else {
        prop_oneof![2 => item, 1 => proptest::strategy::Union::new(held)].boxed()
    };
    let items = proptest::collection::vec(item, 1..3);
    let (by_predicate, by_identifier) = (cx.clone(), cx.clone());
    let id_type = registry.id_type.clone();
    let nobody = "[0-9]{10}".boxed();
    let somebody = if cx.known.identifiers.is_empty() {
        nobody
    } else {
        prop_oneof![1 => nobody, 3 => proptest::sample::select(cx.known.identifiers.clone())].boxed()
    };
    let query = prop_oneof![
        2 => Just(honest.clone()),
        3 => items.prop_map(move |items| predicate(&by_predicate, &items, &[])),
        1 => somebody.prop_map(move |value| identifier(&by_identifier, &id_type, &value)),
    ];
    let sort = proptest::sample::select(vec!["asc", "desc"])
        .prop_map(move |order| json!([{"attribute_name": attribute, "sort_order": order}]));
    // How many pages there are is not known, and one after the last may be no valid request.
    let pages = if cx.profile.allows("dci.page-beyond", "rejected") {
        1..2u64
    } else {
        1..3u64
    };
    let paging = (1..20u64, pages).prop_map(|(size, number)| page(size, number).1);
    (
        query,
        proptest::option::weighted(0.3, sort),
        proptest::option::weighted(0.5, paging),
        proptest::option::weighted(0.3, small_object()),
        proptest::option::weighted(0.3, small_object()),
        proptest::option::weighted(0.3, Just(json!("1.0.0"))),
    )
        .prop_map(|(mut criteria, sort, paging, consent, authorize, version)| {
            let further = [
                ("sort", sort),
                ("pagination", paging),
                ("consent", consent),
                ("authorize", authorize),
                ("version", version),
            ];
            for (name, value) in further {
                if let Some(value) = value {
                    criteria[name] = value;
                }
            }
            criteria
        })
        .boxed()
}
