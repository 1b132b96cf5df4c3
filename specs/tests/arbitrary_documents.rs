//! Arbitrary documents are linted and compared without a panic.

use proptest::prelude::*;
use serde_json::{Value, json};
use specs::catalogue::Catalogue;
use specs::diff::{DifferenceKind as Kind, diff};
use specs::document::Document;
use specs::lint::lint;

/// Schemas as they may be written, sense or nonsense.
fn schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({})),
        prop::sample::select(vec!["string", "integer", "number", "boolean", "object", "array"])
            .prop_map(|t| json!({"type": t})),
        Just(json!({"type": "string", "enum": ["a", "b"], "pattern": "^a$"})),
        Just(json!({"type": "integer", "minimum": 3, "maximum": 1})),
        Just(json!({"$ref": "#/components/schemas/A"})),
        Just(json!({"type": "string", "format": "int64", "nullable": true})),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            list.clone().prop_map(|all| json!({"oneOf": all})),
            list.clone().prop_map(|all| json!({"anyOf": all})),
            list.prop_map(|all| json!({"allOf": all})),
            inner
                .clone()
                .prop_map(|items| json!({"type": "array", "items": items})),
            inner.clone().prop_map(|not| json!({"not": not})),
            (inner.clone(), inner).prop_map(|(a, b)| {
                json!({"type": "object", "required": ["a", "c"], "properties": {"a": a, "b_type": b}})
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn any_two_documents_are_compared(a in schema(), b in schema(), c in schema(), d in schema()) {
        let parse = |schema: &Value, component: &Value| {
            let text = json!({
                "openapi": "3.0.3", "info": {"title": "T", "version": "1"},
                "paths": {"/a": {"post": {
                    "requestBody": {"content": {"application/json": {"schema": schema}}},
                    "responses": {"200": {"description": "Done."}}}}},
                "components": {"schemas": {"A": component}},
            });
            (lint("t.json", &text.to_string()), Document::parse("t.json", &text.to_string()))
        };
        let ((_, left), (_, right)) = (parse(&a, &b), parse(&c, &d));
        if let (Ok(left), Ok(right)) = (left, right) {
            prop_assert_eq!(diff(&left, &left, Catalogue::bundled()), vec![]);
            let forth = diff(&left, &right, Catalogue::bundled());
            prop_assert!(forth.iter().all(|d| d.kind != Kind::CutShort));
        }
    }

    #[test]
    fn any_text_is_linted(text in "\\PC{0,200}") {
        lint("t.yaml", &text);
    }

    #[test]
    fn any_value_is_linted(value in value()) {
        lint("t.json", &value.to_string());
    }
}

/// Values whose members are named like those of documents.
fn value() -> impl Strategy<Value = Value> {
    let names = vec![
        "openapi",
        "info",
        "paths",
        "/a",
        "post",
        "get",
        "responses",
        "200",
        "default",
        "content",
        "application/json",
        "schema",
        "requestBody",
        "components",
        "schemas",
        "A",
        "type",
        "properties",
        "items",
        "required",
        "enum",
        "oneOf",
        "allOf",
        "anyOf",
        "$ref",
        "security",
        "parameters",
        "example",
        "pattern",
        "format",
        "callbacks",
        "header",
        "additionalProperties",
        "not",
        "minimum",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        prop::sample::select(vec![
            "3.0.3",
            "string",
            "object",
            "#/components/schemas/A",
            "#/paths",
            "[",
            "in",
            "a"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        let name = prop::sample::select(names.clone());
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..6).prop_map(|members| members
                .into_iter()
                .map(|(k, v)| (k.to_owned(), v))
                .collect::<Value>()),
        ]
    })
}
