//! Whatever is given, the answer is a value or an error: never a panic.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use specs::document::Document;
use specs::schema::Schema;
use specs::wire::{rsa, time, token};

/// Texts made of what YAML, JSON and OpenAPI are made of.
fn fragments() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "openapi: 3.0.3\n",
        "info: {title: t, version: v}\n",
        "paths:\n",
        "  /a:\n",
        "    post:\n",
        "      responses:\n",
        "        default: {$ref: '#/a'}\n",
        "{",
        "}",
        "[",
        "]",
        ":",
        ": ",
        ",",
        "- ",
        "? ",
        "\n",
        "\n  ",
        "\t",
        "\r",
        "&a ",
        "*a ",
        "!!str ",
        "!x ",
        "<<",
        "'",
        "\"",
        "|\n",
        ">-\n",
        "#",
        " # ",
        "---\n",
        "...\n",
        "%YAML 1.2\n",
        "%TAG ! tag:x,2000:\n",
        "\u{feff}",
        "\u{85}",
        "\u{2028}",
        "é",
        "\0",
        "\"\\ud83d\"",
        "1e400",
        "0x",
        "~",
        "null",
        "{\"a\":",
        "\"a\": 1,",
        "\\",
        "@",
        "`",
    ]);
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

/// Names and values that mean something in a document, in places where they may not belong.
fn documents() -> impl Strategy<Value = Value> {
    let references = prop::sample::select(vec![
        "#",
        "#/",
        "#/paths",
        "#/components/schemas/A",
        "#/components/schemas/B",
        "#/components/schemas/A/items",
        "#/components/schemas/B/properties/a",
        "#/components/schemas/A/oneOf/0",
        "#/components/responses/A",
        "x.yaml",
        "",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        prop::sample::select(vec!["object", "array", "string", "date-time", "(", "query", ""])
            .prop_map(Value::from),
        references.prop_map(|r| json!({"$ref": r})),
    ];
    let names = prop::sample::select(vec![
        "type",
        "properties",
        "items",
        "oneOf",
        "anyOf",
        "allOf",
        "not",
        "required",
        "enum",
        "nullable",
        "format",
        "pattern",
        "additionalProperties",
        "minLength",
        "maximum",
        "exclusiveMaximum",
        "a",
        "b",
        "example",
        "default",
        "schema",
        "content",
        "application/json",
        "parameters",
        "in",
        "name",
        "post",
        "responses",
        "requestBody",
        "description",
        "security",
        "headers",
        "callbacks",
        "encoding",
        "x-a",
        "/a",
    ]);
    let inner = leaf.prop_recursive(8, 64, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((names.clone(), inner), 0..5).prop_map(|members| {
                Value::Object(
                    members
                        .into_iter()
                        .map(|(name, value)| (name.to_owned(), value))
                        .collect(),
                )
            }),
        ]
    });
    (inner.clone(), inner.clone(), inner.clone(), inner).prop_map(|(a, b, schema, response)| {
        json!({
            "openapi": "3.0.3",
            "info": {"title": "t", "version": "v"},
            "paths": {"/a": {"post": {
                "requestBody": {"content": {"application/json": {"schema": schema}}},
                "responses": {"default": response}
            }}},
            "components": {"schemas": {"A": a, "B": b}}
        })
    })
}

/// Well-formed schemas that refer to each other in any way.
fn schemas() -> impl Strategy<Value = Value> {
    let references = prop::sample::select(vec![
        "#/components/schemas/A",
        "#/components/schemas/B",
        "#/components/schemas/C",
        "#/components/schemas/A/items",
        "#/components/schemas/B/properties/a",
        "#/components/schemas/C/oneOf/0/properties/b",
    ]);
    let leaf = prop_oneof![
        3 => references.prop_map(|r| json!({"$ref": r})),
        2 => prop::sample::select(vec!["object", "array", "string", "null", "number"]).prop_map(|t| json!({"type": t})),
        1 => Just(json!({"type": "string", "enum": ["a", "b"], "nullable": true})),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| json!({"properties": {"a": a, "b": b}})),
            inner.clone().prop_map(|items| json!({"items": items})),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|all| json!({"oneOf": all})),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|all| json!({"allOf": all})),
            inner.clone().prop_map(|not| json!({"not": not})),
            inner.prop_map(|rest| json!({"additionalProperties": rest, "required": ["a"]})),
        ]
    })
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,5}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec(("[ab/~é]{0,2}", inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Uses everything of a document that could be read.
fn use_all(document: &Document, instance: &Value) {
    for operation in document.operations() {
        let request = operation.request.iter().flat_map(|r| r.content.values());
        let responses = operation.responses.values().flat_map(|r| r.content.values());
        for schema in request
            .chain(responses)
            .chain(operation.parameters.iter().map(|p| &p.schema))
        {
            if let Ok(schema) = Schema::compile(schema) {
                assert_eq!(schema.is_valid(instance), schema.violations(instance).is_empty());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_a_document_or_an_error(text in prop_oneof![fragments(), any::<String>()]) {
        for name in ["d.yaml", "d.json"] {
            if let Err(error) = Document::parse(name, &text) {
                prop_assert!(error.to_string().starts_with("failed to load d."));
            }
        }
    }

    #[test]
    fn any_document_is_resolved_or_refused(value in documents(), instance in values()) {
        let text = value.to_string();
        match Document::parse("d.json", &text) {
            Ok(document) => use_all(&document, &instance),
            Err(error) => prop_assert!(error.line.is_some() && !error.message.is_empty()),
        }
    }

    #[test]
    fn any_net_of_schemas_is_resolved_or_refused(all in [schemas(), schemas(), schemas(), schemas()], instance in values()) {
        let [root, a, b, c] = all;
        let text = json!({
            "openapi": "3.0.3",
            "info": {"title": "t", "version": "v"},
            "paths": {"/a": {"post": {
                "requestBody": {"content": {"application/json": {"schema": root}}},
                "responses": {}
            }}},
            "components": {"schemas": {"A": a, "B": b, "C": c}}
        }).to_string();
        if let Ok(document) = Document::parse("d.json", &text) {
            let schema = &document.operations()[0].request.as_ref().unwrap().content["application/json"];
            let compiled = Schema::compile(schema).unwrap();
            prop_assert_eq!(compiled.is_valid(&instance), compiled.violations(&instance).is_empty());
        }
    }

    #[test]
    fn any_json_is_the_same_read_as_yaml(value in values()) {
        // Only the name decides whether JSON is retried as YAML; both must give the same value.
        let yaml = format!("openapi: 3.0.3\ninfo: {{title: t, version: v}}\npaths: {{}}\nx-value: {}\n",
            serde_json::to_string(&value).unwrap());
        if let Ok(document) = Document::parse("d.yaml", &yaml) {
            prop_assert_eq!(&document.value()["x-value"], &value);
        }
    }

    #[test]
    fn any_schema_compiles_or_is_refused(schema in values(), instance in values()) {
        if let Ok(schema) = Schema::compile(&schema) {
            prop_assert_eq!(schema.is_valid(&instance), schema.violations(&instance).is_empty());
        }
    }

    #[test]
    fn any_text_is_a_time_or_none(text in prop_oneof![any::<String>(), "[0-9TZ:.+-]{0,30}", "[0-9]{4}-[01][0-9]-[0-3][0-9][Tt][0-9:.]{5,12}[Zz+-][0-9:]{0,5}"]) {
        let _ = time::parse_http_date(&text);
        prop_assert_eq!(time::is_date_time_with_zone(&text), time::parse_date_time(&text).is_some());
    }

    #[test]
    fn written_times_are_read_back(seconds in -62_135_596_800.0..253_402_207_200.0) {
        let read = time::parse_date_time(&time::format_date_time(seconds)).unwrap();
        prop_assert!((read - seconds).abs() < 0.001);
    }

    #[test]
    fn any_time_is_written(seconds in any::<f64>()) {
        prop_assert!(time::is_date_time_with_zone(&time::format_date_time(seconds)));
    }

    #[test]
    fn any_text_is_a_key_or_an_error(text in any::<String>(), body in "[A-Za-z0-9+/=\n]{0,200}") {
        for text in [text, format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"),
            format!("-----BEGIN RSA PUBLIC KEY-----\n{body}\n-----END RSA PUBLIC KEY-----\n")] {
            prop_assert!(rsa::SigningKey::from_pem(&text).is_err());
            prop_assert!(rsa::VerifyingKey::from_pem(&text).is_err());
        }
    }

    #[test]
    fn any_text_is_a_token_or_none(text in prop_oneof![any::<String>(), "[A-Za-z0-9_.-]{0,60}"]) {
        let _ = token::decode_unverified(&text);
    }
}
