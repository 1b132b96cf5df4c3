//! Counterexamples are minimal by definition, and cost few requests: measured over defects of many kinds.

use super::{around, differences, with};
use crate::generate::body::{filled, plainest};
use crate::generate::{grow, runner, schema};
use crate::target::Target;
use proptest::strategy::{BoxedStrategy, Strategy, ValueTree};
use serde_json::{Value, json};
use specs::catalogue::Catalogue;
use specs::schema::Schema;
use std::cell::Cell;

/// Requests that may be spent on half of the counterexamples; 14 are, when this is written.
const MEDIAN: u32 = 20;

/// Requests that may be spent on any; 70 are.
const MOST: u32 = 100;

/// Draws until a request fails.
const DRAWS: usize = 5000;

type Fails = fn(&Value) -> bool;

/// Bodies of one operation, and what an accepted one is.
struct Ground {
    strategy: BoxedStrategy<Value>,
    honest: Value,
    schema: Schema,
    /// Whether the message is signed when it is sent.
    signed: bool,
    /// Whether a value at a pointer means nothing to a server, so that any simpler one would do.
    free: fn(&str) -> bool,
}

impl Ground {
    fn fits(&self, body: &Value) -> bool {
        self.schema.is_valid(&filled(body, self.signed))
    }

    fn of_profile(profile: &str, operation: &str) -> Self {
        let profile = Catalogue::bundled().profile(profile).unwrap().clone();
        let target = Target::new(profile, "http://127.0.0.1").unwrap();
        let cx = target.context(1).for_case("measured");
        let honest = plainest(&cx, operation);
        Self {
            strategy: grow::strategy(&cx, operation, &honest),
            honest,
            schema: cx.schemas.request(operation).unwrap().schema.clone(),
            signed: cx.profile.signature.scheme.signs(),
            free: |pointer| {
                let free = ["/meta", "/consent", "/authorize"];
                free.iter().any(|name| pointer.contains(name))
            },
        }
    }

    fn of_schema(honest: Value, schema: &Value) -> Self {
        Self {
            strategy: schema::strategy(schema),
            honest,
            schema: Schema::compile(schema).unwrap(),
            signed: false,
            free: |_| true,
        }
    }

    /// The counterexample, and how many requests it took; `None` where no request fails.
    async fn shrunk(&self, name: &str, fails: Fails) -> Option<(Value, u32)> {
        let mut runner = runner(1, name);
        let mut tree = (0..DRAWS)
            .map(|_| self.strategy.new_tree(&mut runner).unwrap())
            .find(|tree| self.fits(&tree.current()) && fails(&tree.current()))?;
        let asked = Cell::new(0);
        let smallest = around(
            &self.honest,
            &mut tree,
            200,
            |body| self.fits(body),
            async |body| {
                asked.set(asked.get() + 1);
                fails(body)
            },
        )
        .await;
        Some((smallest, asked.get()))
    }

    /// Bodies that are simpler than a failing one, and fail too.
    fn simpler(&self, failing: &Value, fails: Fails) -> Vec<Value> {
        let all = differences(&self.honest, failing);
        let mut simpler: Vec<Value> = (0..all.len())
            .map(|left_out| {
                with(
                    &self.honest,
                    failing,
                    &[&all[..left_out], &all[left_out + 1..]].concat(),
                )
            })
            .collect();
        for pointer in all.iter().flat_map(|difference| &difference.pointers) {
            let Some(value) = failing.pointer(pointer).filter(|_| (self.free)(pointer)) else {
                continue;
            };
            for value in simplifications(value) {
                let mut body = failing.clone();
                *body.pointer_mut(pointer).unwrap() = value;
                simpler.push(body);
            }
        }
        simpler.retain(|body| self.fits(body) && fails(body));
        simpler
    }
}

/// What a value becomes by one step: a member or an item less, or one part of it simpler.
fn simplifications(value: &Value) -> Vec<Value> {
    match value {
        Value::Null | Value::Bool(false) => Vec::new(),
        Value::Bool(true) => vec![json!(false)],
        Value::Number(number) => match number.as_i64() {
            Some(0) => Vec::new(),
            Some(n) => vec![json!(0), json!(n / 2), json!(n - n.signum())],
            None => vec![json!(0)],
        },
        Value::String(text) => {
            let characters: Vec<char> = text.chars().collect();
            let without = |i: usize| {
                let left = characters.iter().enumerate().filter(|(j, _)| *j != i);
                json!(left.map(|(_, c)| *c).collect::<String>())
            };
            (0..characters.len()).map(without).collect()
        }
        Value::Array(items) => {
            let fewer = (0..items.len()).map(|i| {
                let left = items.iter().enumerate().filter(|(j, _)| *j != i);
                Value::Array(left.map(|(_, item)| item.clone()).collect())
            });
            let simpler = items.iter().enumerate().flat_map(|(i, item)| {
                simplifications(item).into_iter().map(move |item| {
                    let mut items = items.clone();
                    items[i] = item;
                    Value::Array(items)
                })
            });
            fewer.chain(simpler).collect()
        }
        Value::Object(members) => {
            let fewer = members.keys().map(|name| {
                let mut left = members.clone();
                left.shift_remove(name);
                Value::Object(left)
            });
            let simpler = members.iter().flat_map(|(name, value)| {
                simplifications(value).into_iter().map(move |value| {
                    let mut members = members.clone();
                    members.insert(name.clone(), value);
                    Value::Object(members)
                })
            });
            fewer.chain(simpler).collect()
        }
    }
}

const CRITERIA: &str = "/message/search_request/0/search_criteria";

fn criterion<'b>(body: &'b Value, name: &str) -> Option<&'b Value> {
    body.pointer(&format!("{CRITERIA}/{name}"))
}

fn meta(body: &Value) -> Option<&serde_json::Map<String, Value>> {
    body.pointer("/header/meta").and_then(Value::as_object)
}

fn any_meta(body: &Value, is: fn(&Value) -> bool) -> bool {
    meta(body).is_some_and(|members| members.values().any(is))
}

fn locale(body: &Value) -> &str {
    let locale = body.pointer("/message/search_request/0/locale");
    locale.and_then(Value::as_str).unwrap_or_default()
}

fn query(body: &Value) -> String {
    criterion(body, "query").map(Value::to_string).unwrap_or_default()
}

fn has(body: &Value, pointer: &str) -> bool {
    body.pointer(pointer).is_some()
}

/// What a server might wrongly refuse in a search.
fn of_searches() -> Vec<(&'static str, Fails)> {
    vec![
        ("any meta", |b| has(b, "/header/meta")),
        ("a meta that holds something", |b| any_meta(b, |_| true)),
        ("a boolean in meta", |b| any_meta(b, Value::is_boolean)),
        ("a number in meta", |b| any_meta(b, Value::is_number)),
        ("a number above 10 in meta", |b| {
            any_meta(b, |v| v.as_i64().is_some_and(|n| n > 10))
        }),
        ("a text of three in meta", |b| {
            any_meta(b, |v| v.as_str().is_some_and(|t| t.len() >= 3))
        }),
        ("two members in meta", |b| meta(b).is_some_and(|m| m.len() > 1)),
        ("a long name in meta", |b| {
            meta(b).is_some_and(|m| m.keys().any(|k| k.len() > 3))
        }),
        ("a flag about encryption", |b| has(b, "/header/is_msg_encrypted")),
        ("a sort", |b| criterion(b, "sort").is_some()),
        ("a descending sort", |b| {
            criterion(b, "sort/0/sort_order") == Some(&json!("desc"))
        }),
        ("another page", |b| {
            criterion(b, "pagination") != Some(&json!({"page_size": 1, "page_number": 1}))
        }),
        ("a large page", |b| {
            criterion(b, "pagination/page_size").is_some_and(|n| n.as_u64() > Some(5))
        }),
        ("a second page", |b| {
            criterion(b, "pagination/page_number") == Some(&json!(2))
        }),
        ("consent", |b| criterion(b, "consent").is_some()),
        ("consent that holds something", |b| {
            criterion(b, "consent").is_some_and(|c| c != &json!({}))
        }),
        ("authorize", |b| criterion(b, "authorize").is_some()),
        ("a number in authorize", |b| {
            criterion(b, "authorize").is_some_and(|a| a.as_object().unwrap().values().any(Value::is_number))
        }),
        ("criteria with a version", |b| criterion(b, "version").is_some()),
        ("another language", |b| locale(b) != "eng"),
        ("one language", |b| locale(b) == "swa"),
        ("languages of one letter", |b| locale(b).starts_with('f')),
        ("a predicate with lt", |b| query(b).contains("\"lt\"")),
        ("a condition", |b| query(b).contains("\"or\"")),
        ("two conditions", |b| criterion(b, "query/1").is_some()),
        ("a date after 2000", |b| query(b).contains("\"20")),
        ("a second expression", |b| query(b).contains("expression2")),
        ("meta with a sort", |b| {
            has(b, "/header/meta") && criterion(b, "sort").is_some()
        }),
        ("a page with consent", |b| {
            criterion(b, "pagination/page_number") == Some(&json!(2)) && criterion(b, "consent").is_some()
        }),
        ("a language with a version", |b| {
            locale(b) != "eng" && criterion(b, "version").is_some()
        }),
        ("three at once", |b| {
            locale(b) != "eng" && criterion(b, "version").is_some() && has(b, "/header/meta")
        }),
    ]
}

/// What a server might wrongly refuse in a message of an exchange.
fn of_exchanges() -> Vec<(&'static str, Fails)> {
    vec![
        ("a flag of encryption", |b| has(b, "/header/is_msg_encrypted")),
        ("letters beyond ASCII", |b| {
            !b["message"].as_str().unwrap_or_default().is_ascii()
        }),
    ]
}

fn of_schemas() -> Vec<(&'static str, Value, Value, Fails)> {
    let letters = json!({"type": "object", "properties": {
        "a": {"type": "string"}, "b": {"type": "integer"}, "c": {"type": "string"},
        "d": {"type": "array", "items": {"type": "integer", "maximum": 20}},
        "e": {"type": "boolean"}, "f": {"type": "string", "nullable": true}}});
    let deep = json!({"type": "object", "properties": {"x": {"type": "object", "properties": {
        "y": {"type": "object", "properties": {"z": {"type": "boolean"}, "w": {"type": "string"}}}}}}});
    let map = json!({"type": "object", "additionalProperties": {"type": "integer"}});
    let either = json!({"type": "object", "properties": {"v": {"oneOf": [
        {"type": "boolean"}, {"type": "object", "required": ["k"], "properties":
            {"k": {"type": "string", "minLength": 1}, "l": {"type": "string"}}}]}}});
    let tree = json!({"$ref": "#/definitions/t", "definitions": {"t": {"type": "object", "properties": {
        "name": {"type": "string"}, "all": {"type": "array", "items": {"$ref": "#/definitions/t"}}}}}});
    let none = || json!({});
    vec![
        ("a text of four", none(), letters.clone(), |b| {
            b["c"].as_str().is_some_and(|t| t.chars().count() > 3)
        }),
        ("a digit", none(), letters.clone(), |b| {
            b["a"]
                .as_str()
                .is_some_and(|t| t.contains(|c: char| c.is_ascii_digit()))
        }),
        ("a large number", none(), letters.clone(), |b| {
            b["b"].as_i64() > Some(700)
        }),
        ("three items", none(), letters.clone(), |b| {
            b["d"].as_array().is_some_and(|d| d.len() >= 3)
        }),
        ("an item above 10", none(), letters.clone(), |b| {
            b["d"]
                .as_array()
                .is_some_and(|d| d.iter().any(|n| n.as_i64() > Some(10)))
        }),
        ("a flag that is set", none(), letters.clone(), |b| {
            b["e"] == json!(true)
        }),
        ("two of six", none(), letters.clone(), |b| {
            has(b, "/a") && has(b, "/e")
        }),
        ("four of six", none(), letters, |b| {
            ["a", "b", "d", "f"].iter().all(|n| b.get(n).is_some())
        }),
        ("a deep flag", none(), deep.clone(), |b| {
            b.pointer("/x/y/z") == Some(&json!(true))
        }),
        ("a deep text", none(), deep, |b| b.pointer("/x/y/w").is_some()),
        ("a value of a map", none(), map.clone(), |b| {
            b.as_object().unwrap().values().any(|n| n.as_i64() > Some(50))
        }),
        ("two of a map", none(), map, |b| b.as_object().unwrap().len() > 1),
        (
            "the second alternative",
            json!({"v": false}),
            either.clone(),
            |b| b["v"].is_object(),
        ),
        (
            "a member of the second alternative",
            json!({"v": false}),
            either,
            |b| has(b, "/v/l"),
        ),
        ("two levels", none(), tree.clone(), |b| has(b, "/all/0/all/0")),
        ("a name below", none(), tree, |b| has(b, "/all/0/name")),
    ]
}

#[tokio::test]
async fn counterexamples_are_minimal_and_cost_few_requests() {
    let mut defects: Vec<(String, Ground, Fails)> = Vec::new();
    for (name, fails) in of_searches() {
        let profile = if defects.len().is_multiple_of(2) {
            "dci-social"
        } else {
            "dci-crvs"
        };
        let ground = Ground::of_profile(profile, "sync-search");
        defects.push((format!("{profile}: {name}"), ground, fails));
    }
    for (name, fails) in of_exchanges() {
        let ground = Ground::of_profile("digit-exchange", "exchange");
        defects.push((format!("digit-exchange: {name}"), ground, fails));
    }
    for (name, honest, schema, fails) in of_schemas() {
        defects.push((name.to_owned(), Ground::of_schema(honest, &schema), fails));
    }
    let mut complaints = Vec::new();
    let mut costs: Vec<(u32, String)> = Vec::new();
    for (name, ground, fails) in &defects {
        if fails(&ground.honest) {
            complaints.push(format!("{name}: the honest body fails"));
            continue;
        }
        let Some((smallest, asked)) = ground.shrunk(name, *fails).await else {
            complaints.push(format!("{name}: no request of {DRAWS} meets it"));
            continue;
        };
        assert!(fails(&smallest) && ground.fits(&smallest), "{name}: {smallest}");
        if let Some(simpler) = ground.simpler(&smallest, *fails).first() {
            complaints.push(format!("{name}: {smallest}\n    could be {simpler}"));
        }
        costs.push((asked, name.clone()));
    }
    costs.sort();
    let median = costs[costs.len() / 2].0;
    assert!(complaints.is_empty(), "\n  {}\n", complaints.join("\n  "));
    assert!(costs.len() >= 45, "{} defects", costs.len());
    assert!(median < MEDIAN, "{median}: {costs:?}");
    assert!(costs.iter().all(|(asked, _)| *asked < MOST), "{costs:?}");
}
