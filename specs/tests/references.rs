//! References within documents: followed wherever they lead, refused where they lead nowhere.

use serde_json::{Value, json};
use specs::document::{Document, OperationDoc};
use specs::schema::Schema;
use std::fmt::Write as _;
use std::path::PathBuf;

fn load(name: &str) -> Document {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/documents")
        .join(name);
    Document::load(&path).unwrap_or_else(|error| panic!("{error}"))
}

fn request(operation: &OperationDoc) -> &Value {
    &operation.request.as_ref().expect("a request body").content["application/json"]
}

/// A document whose only request body has this schema.
fn with_schema(schema: &str, components: &str) -> String {
    format!(
        "openapi: 3.0.3\ninfo: {{title: t, version: v}}\npaths:\n  /p:\n    post:\n      requestBody:\n        \
         content:\n          application/json:\n            schema: {schema}\n      responses: {{}}\n\
         components:\n  schemas:\n{components}"
    )
}

#[test]
fn references_through_references_are_followed() {
    let document = load("deep-references.yaml");
    assert!(document.oddities().is_empty());
    let search = document.operation("POST", "/registry/search").unwrap();
    let parameters: Vec<_> = search
        .parameters
        .iter()
        .map(|p| (p.name.as_str(), p.required))
        .collect();
    assert_eq!(parameters, [("trace", true), ("limit", false)]);
    assert_eq!(
        search.parameters[0].schema,
        json!({"type": "string", "minLength": 3})
    );
    assert_eq!(search.parameters[1].schema, json!({"type": "integer"}));
    let code = json!({"type": "string", "minLength": 2});
    assert_eq!(
        search.responses["200"].content["application/json"],
        json!({"type": "object", "properties": {"code": code}})
    );
    let again = document.operation("POST", "/registry/{type}/again").unwrap();
    assert_eq!(
        *request(again),
        json!({
            "type": "object",
            "properties": {
                "through_path": {"type": "string", "maxLength": 9},
                "through_items": code,
                "through_template": {"type": "boolean"},
                "with_siblings": code,
            }
        })
    );
    assert_eq!(again.responses["default"].content["text/plain"], json!({}));
}

#[test]
fn a_schema_that_contains_itself_becomes_a_definition() {
    let document = load("cycle.yaml");
    let operation = document.operation("POST", "/tree").unwrap();
    let tree = json!({
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "minLength": 1},
            "children": {"type": "array", "items": {"$ref": "#/definitions/Tree"}}
        }
    });
    let mut expected = tree.clone();
    expected["definitions"] = json!({"Tree": tree});
    assert_eq!(*request(operation), expected);
    let schema = Schema::compile(request(operation)).unwrap();
    assert!(schema.is_valid(&json!({"name": "a", "children": [{"name": "b", "children": []}]})));
    let violations = schema.violations(&json!({"name": "a", "children": [{"name": "b", "children": [{}]}]}));
    let found: Vec<_> = violations
        .iter()
        .map(|v| (v.pointer.as_str(), v.keyword.as_str()))
        .collect();
    assert_eq!(found, [("/children/0/children/0/name", "required")]);

    let response = &operation.responses["default"].content["application/json"];
    assert_eq!(
        response["properties"]["member"],
        json!({"$ref": "#/definitions/Member"})
    );
    assert_eq!(
        response["properties"]["name"],
        json!({"type": "string", "minLength": 1})
    );
    let names: Vec<_> = response["definitions"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["Group", "Member"]);
    Schema::compile(response).unwrap();
}

#[test]
fn references_to_other_files_are_resolved_against_the_file_that_holds_them() {
    let document = load("several-files.yaml");
    let operation = document.operation("POST", "/a").unwrap();
    assert_eq!(
        *request(operation),
        json!({
            "type": "object",
            "properties": {"sex": {"type": "string", "enum": ["m", "f"]}, "answer": {"type": "boolean"}}
        })
    );
    assert_eq!(operation.responses["default"].description, "an answer 😀");
}

#[test]
fn references_that_lead_nowhere_are_refused_where_they_stand() {
    for (schema, components, line, pointer, message) in [
        (
            "{$ref: '#/components/schemas/B'}",
            "    A: {}",
            9,
            "/paths/~1p/post/requestBody/content/application~1json/schema/$ref",
            "there is no member `B` in /components/schemas",
        ),
        (
            "{$ref: '#/components/schemas/A'}",
            "    A: {$ref: '#/components/schemas/B'}\n    B: {$ref: '#/components/schemas/A'}",
            9,
            "/paths/~1p/post/requestBody/content/application~1json/schema/$ref",
            "it leads back to itself",
        ),
        (
            "{$ref: '#/components/schemas/A'}",
            "    A: {$ref: '#/components/schemas/A/properties/x'}",
            9,
            "/paths/~1p/post/requestBody/content/application~1json/schema/$ref",
            "it leads back to itself",
        ),
        (
            "{$ref: '#/components/schemas/A'}",
            "    A:\n      allOf:\n        - type: object\n        - $ref: '#/components/schemas/B'\n    \
             B: {oneOf: [{$ref: '#/components/schemas/A'}]}",
            16,
            "/components/schemas/A/allOf/1/$ref",
            "the schema consists of itself",
        ),
        (
            "{$ref: 'https://example.org/a.yaml#/A'}",
            "    A: {}",
            9,
            "/paths/~1p/post/requestBody/content/application~1json/schema/$ref",
            "nothing is fetched",
        ),
        (
            "{$ref: '/etc/passwd'}",
            "    A: {}",
            9,
            "/paths/~1p/post/requestBody/content/application~1json/schema/$ref",
            "must be relative",
        ),
        (
            "{$ref: 'other.yaml'}",
            "    A: {}",
            9,
            "/paths/~1p/post/requestBody/content/application~1json/schema/$ref",
            "this document cannot refer to other files",
        ),
        (
            "{$ref: '#A'}",
            "    A: {}",
            9,
            "/paths/~1p/post/requestBody/content/application~1json/schema/$ref",
            "is no JSON pointer",
        ),
    ] {
        let error = Document::parse("d.yaml", &with_schema(schema, components)).unwrap_err();
        assert_eq!(
            (error.line, error.pointer.as_str()),
            (Some(line), pointer),
            "{error}"
        );
        assert!(error.message.contains(message), "{error}");
        assert!(!error.remedy.is_empty());
    }
}

#[test]
fn schemas_that_multiply_are_kept_as_definitions() {
    let mut components = "    S0: {type: object, properties: {x: {type: string}}}\n".to_owned();
    for level in 1..40 {
        let below = format!("{{$ref: '#/components/schemas/S{}'}}", level - 1);
        let _ = writeln!(
            components,
            "    S{level}: {{type: object, properties: {{a: {below}, b: {below}, c: {below}}}}}"
        );
    }
    let text = with_schema("{$ref: '#/components/schemas/S39'}", &components);
    let document = Document::parse("d.yaml", &text).unwrap();
    let schema = request(&document.operations()[0]);
    assert_eq!(schema["definitions"].as_object().unwrap().len(), 39);
    let compiled = Schema::compile(schema).unwrap();
    assert!(!compiled.is_valid(&json!({"a": {"b": 1}})));
}

#[test]
fn schemas_that_nest_too_deep_are_refused_and_the_deepest_allowed_compile() {
    let chain = |length: usize, reversed: bool| {
        let mut lines: Vec<String> = (1..length)
            .map(|n| {
                format!(
                    "    S{n}: {{properties: {{a: {{$ref: '#/components/schemas/S{}'}}}}}}\n",
                    n - 1
                )
            })
            .collect();
        if reversed {
            lines.reverse();
        }
        let components = format!("    S0: {{type: string}}\n{}", lines.concat());
        let all: Vec<String> = (0..length)
            .map(|n| format!("a{n}: {{$ref: '#/components/schemas/S{n}'}},"))
            .collect();
        Document::parse(
            "d.yaml",
            &with_schema(&format!("{{properties: {{{}}}}}", all.concat()), &components),
        )
    };
    for reversed in [false, true] {
        let error = chain(5_000, reversed).unwrap_err();
        assert!(error.message.contains("nest deeper"), "{error}");
        let document = chain(240, reversed).unwrap();
        let schema = Schema::compile(request(&document.operations()[0])).unwrap();
        assert!(schema.is_valid(&json!({"a239": {"a": {}}})));
        assert_eq!(schema.violations(&json!({"a2": {"a": {"a": 1}}})).len(), 1);
    }
    let components: Vec<String> = (1..90)
        .map(|n| {
            format!(
                "    S{n}: {{allOf: [{{oneOf: [{{properties: {{a: {{items: {{$ref: \
                 '#/components/schemas/S{}'}}}}}}}}]}}]}}\n",
                n - 1
            )
        })
        .collect();
    let text = with_schema(
        "{$ref: '#/components/schemas/S89'}",
        &format!("    S0: {{type: string}}\n{}", components.concat()),
    );
    let schema = Schema::compile(request(
        &Document::parse("d.yaml", &text).unwrap().operations()[0],
    ))
    .unwrap();
    let instance = (0..89).fold(json!(1), |within, _| json!({"a": [within]}));
    assert_eq!(schema.violations(&instance).len(), 1);
}
