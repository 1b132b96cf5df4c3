//! What a validator says of an instance.

use serde_json::{Value, json};
use specs::schema::Schema;

/// Each violation as `pointer keyword: expected; actual`.
#[track_caller]
fn violations(schema: &Value, instance: &Value) -> Vec<String> {
    let schema = Schema::compile(schema).expect("a schema");
    let found = schema.violations(instance);
    assert_eq!(found.is_empty(), schema.is_valid(instance));
    found
        .iter()
        .map(|v| format!("{} {}: {}; {}", v.pointer, v.keyword, v.expected, v.actual))
        .collect()
}

#[test]
fn each_keyword_has_its_words() {
    for (schema, instance, expected) in [
        (
            json!({"required": ["a/b"]}),
            json!({}),
            "/a~1b required: the member `a/b`; it is missing",
        ),
        (
            json!({"type": "string"}),
            json!(1),
            " type: a string; the number 1",
        ),
        (
            json!({"type": ["integer", "null"]}),
            json!(1.5),
            " type: an integer or null; the number 1.5",
        ),
        (
            json!({"enum": ["a", "b", 3]}),
            json!(true),
            " enum: \"a\", \"b\" or 3; the boolean true",
        ),
        (
            json!({"pattern": "^[a-z]{3}$"}),
            json!("en"),
            " pattern: a string that matches `^[a-z]{3}$`; the string \"en\"",
        ),
        (
            json!({"minLength": 1}),
            json!(""),
            " minLength: at least 1 character; 0 characters: \"\"",
        ),
        (
            json!({"maxLength": 2}),
            json!("äöü"),
            " maxLength: at most 2 characters; 3 characters: \"äöü\"",
        ),
        (
            json!({"minItems": 1}),
            json!([]),
            " minItems: at least 1 item; 0 items",
        ),
        (
            json!({"maxItems": 1}),
            json!([1, 2]),
            " maxItems: at most 1 item; 2 items",
        ),
        (
            json!({"uniqueItems": true}),
            json!([1, 1]),
            " uniqueItems: items that all differ; an array: [1,1]",
        ),
        (
            json!({"minimum": 1}),
            json!(0),
            " minimum: 1 or more; the number 0",
        ),
        (
            json!({"minimum": 1, "exclusiveMinimum": true}),
            json!(1),
            " exclusiveMinimum: more than 1; the number 1",
        ),
        (
            json!({"maximum": 1}),
            json!(2),
            " maximum: 1 or less; the number 2",
        ),
        (
            json!({"multipleOf": 2}),
            json!(3),
            " multipleOf: a multiple of 2; the number 3",
        ),
        (
            json!({"minProperties": 1}),
            json!({}),
            " minProperties: at least 1 member; 0 members",
        ),
        (
            json!({"properties": {"a": {}}, "additionalProperties": false}),
            json!({"a": 1, "b": null}),
            "/b additionalProperties: no member `b`; null",
        ),
        (
            json!({"not": {"type": "null"}}),
            json!(null),
            " not: anything but what the schema excludes; null",
        ),
        (
            json!({"oneOf": [{"type": "integer"}, {"type": "number"}, {"type": "null"}]}),
            json!(1),
            " oneOf: exactly one of 3 alternatives to fit; 2 do; the number 1",
        ),
        (
            json!({"items": {"required": ["a"]}}),
            json!([{"a": 1}, {}]),
            "/1/a required: the member `a`; it is missing",
        ),
    ] {
        assert_eq!(violations(&schema, &instance), [expected], "{schema}");
    }
}

#[test]
fn formats_are_checked() {
    for (format, valid, invalid) in [
        ("date-time", "2025-01-01T00:00:00+02:00", "2025-01-01T00:00:00"),
        ("date", "2025-01-01", "2025-02-30"),
        (
            "uuid",
            "123e4567-e89b-12d3-a456-426614174000",
            "123e4567e89b12d3a456426614174000",
        ),
        ("uri", "https://example.org/a?b", "/relative"),
        ("email", "a@example.org", "a"),
    ] {
        let schema = json!({"type": "string", "format": format});
        assert!(violations(&schema, &json!(valid)).is_empty(), "{format}");
        let found = violations(&schema, &json!(invalid));
        assert!(
            found.len() == 1 && found[0].starts_with(" format: a"),
            "{found:?}"
        );
    }
    assert!(violations(&json!({"type": "string", "format": "int64"}), &json!("x")).is_empty());
}

#[test]
fn of_alternatives_the_one_that_was_meant_is_reported() {
    let plain = json!({
        "type": "object",
        "required": ["kind", "query"],
        "properties": {
            "kind": {"enum": ["plain"]},
            "query": {"type": "object", "properties": {"value": {"type": "string"}, "more": {"type": "string"}}}
        }
    });
    let coded = json!({
        "type": "object",
        "required": ["kind", "code"],
        "properties": {"kind": {"enum": ["coded"]}, "code": {"type": "string"}}
    });
    for keyword in ["oneOf", "anyOf"] {
        let schema = json!({"properties": {"m": {keyword: [plain, coded]}}});
        // The listed value decides, however many violations follow.
        assert_eq!(
            violations(
                &schema,
                &json!({"m": {"kind": "plain", "query": {"value": 1, "more": 2}}})
            ),
            [
                "/m/query/more type: a string; the number 2",
                "/m/query/value type: a string; the number 1"
            ]
        );
        assert_eq!(
            violations(&schema, &json!({"m": {"kind": "coded"}})),
            ["/m/code required: the member `code`; it is missing"]
        );
        // Without it, what is violated only deep within fits best.
        assert_eq!(
            violations(&schema, &json!({"m": {"query": {"value": 1}}})),
            [
                "/m/kind required: the member `kind`; it is missing",
                "/m/query/value type: a string; the number 1"
            ]
        );
        assert_eq!(
            violations(&schema, &json!({"m": 5})),
            ["/m type: an object; the number 5"]
        );
    }
    let schema = json!({"oneOf": [{"type": "string"}, {"type": "array"}, {"oneOf": [{"type": "null"}]}]});
    assert_eq!(violations(&schema, &json!(1)).len(), 1);
    let schema = json!({"oneOf": [{"type": "string"}, {"type": "array"}]});
    assert_eq!(
        violations(&schema, &json!(1)),
        [" type: a string or an array; the number 1"]
    );
}

#[test]
fn alternatives_behind_references_are_told_apart_as_well() {
    let schema = json!({
        "items": {"$ref": "#/definitions/Any"},
        "definitions": {
            "Any": {"oneOf": [{"$ref": "#/definitions/A"}, {"$ref": "#/definitions/B"}]},
            "A": {"required": ["x"], "properties": {"t": {"enum": ["a"]}}},
            "B": {"allOf": [
                {"properties": {"t": {"enum": ["b"]}}},
                {"required": ["y", "z"], "properties": {"in": {"$ref": "#/definitions/Any"}}}
            ]}
        }
    });
    assert_eq!(
        violations(&schema, &json!([{"t": "b", "y": 1}])),
        ["/0/z required: the member `z`; it is missing"]
    );
    assert_eq!(
        violations(&schema, &json!([{"t": "b", "y": 1, "z": 1, "in": {"t": "a"}}])),
        ["/0/in/x required: the member `x`; it is missing"]
    );
}

#[test]
fn long_values_and_many_violations_are_cut() {
    let found = violations(&json!({"type": "string"}), &json!(vec!["x"; 100]));
    assert!(
        found[0].chars().count() < 130 && found[0].ends_with('…'),
        "{found:?}"
    );
    let found = violations(&json!({"type": "integer"}), &json!("é".repeat(500)));
    assert!(found[0].chars().count() < 130, "{found:?}");
    let codes: Vec<String> = (0..100).map(|n| format!("code-{n}")).collect();
    let found = violations(&json!({"enum": codes}), &json!("other"));
    assert!(found[0].contains("… (100 in all)"), "{found:?}");
    let found = violations(&json!({"items": {"type": "string"}}), &json!(vec![1; 5_000]));
    assert_eq!(found.len(), 50);
    assert_eq!(found[11], "/11 type: a string; the number 1");
}

#[test]
fn a_schema_that_cannot_be_compiled_says_where() {
    let error = Schema::compile(&json!({"properties": {"a": {"type": 1}}})).unwrap_err();
    assert_eq!(error.pointer, "/properties/a/type");
    let error = Schema::compile(&json!({"properties": {"a": {"pattern": "("}}})).unwrap_err();
    assert!(error.to_string().contains("pattern"), "{error}");
    Schema::compile(&json!({"$ref": "https://example.org/schema.json"})).unwrap_err();
    Schema::compile(&json!({"$ref": "#/definitions/none"})).unwrap_err();
}

#[test]
fn a_schema_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + Clone + 'static>(_: &T) {}
    shared(&Schema::compile(&json!({})).unwrap());
}
