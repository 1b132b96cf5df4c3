//! Documents as they are found in the field: odd ones are understood, broken ones are refused with the
//! place of the fault.

use serde_json::{Value, json};
use specs::document::{Document, DocumentError, OperationDoc};
use specs::schema::Schema;
use std::path::PathBuf;

fn load(name: &str) -> Document {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/documents")
        .join(name);
    Document::load(&path).unwrap_or_else(|error| panic!("{error}"))
}

fn oddities(document: &Document) -> Vec<String> {
    let describe = |o: &DocumentError| format!("{} {} {}", o.line.unwrap(), o.pointer, o.message);
    document.oddities().iter().map(describe).collect()
}

fn request(operation: &OperationDoc) -> &Value {
    &operation.request.as_ref().unwrap().content["application/json"]
}

/// The error of a document that holds these paths and components.
fn refusal(rest: &str) -> DocumentError {
    let text = format!("openapi: 3.0.3\ninfo: {{title: t, version: v}}\n{rest}");
    Document::parse("test.yaml", &text).unwrap_err()
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
fn a_document_without_a_version_is_read() {
    let document = load("missing-version.yaml");
    assert_eq!((document.title(), document.version()), ("Without a version", ""));
    assert_eq!(oddities(&document), ["3 /info the member `version` is missing"]);
}

#[test]
fn a_misspelt_component_is_noted_and_security_is_understood() {
    let document = load("misspelt-component.yaml");
    assert_eq!(
        oddities(&document),
        ["19 /components/securitySchemas `securitySchemas` is no kind of component"]
    );
    let secured: Vec<_> = document
        .operations()
        .iter()
        .map(|o| (o.method.as_str(), o.secured))
        .collect();
    assert_eq!(secured, [("GET", true), ("POST", false), ("PUT", false)]);
    let get = document.operation("get", "/ping").unwrap();
    assert_eq!(get.operation_id.as_deref(), Some("ping"));
    assert_eq!(get.summary.as_deref(), Some("Says pong"));
    assert_eq!(document.operation("GET", "/pong"), None);
}

#[test]
fn a_schema_in_the_place_of_a_response_says_nothing_about_bodies() {
    let document = load("schema-as-response.yaml");
    let operation = document.operation("GET", "/a").unwrap();
    let responses: Vec<_> = operation
        .responses
        .iter()
        .map(|(s, r)| (s.as_str(), r.content.len()))
        .collect();
    assert_eq!(responses, [("default", 0), ("401", 0)]);
    assert_eq!(
        oddities(&document),
        [
            "10 /paths/~1a/get/responses/401 a schema stands where a response belongs; it is ignored",
            "16 /components/schemas/Ack a schema stands where a response belongs; it is ignored",
        ]
    );
}

#[test]
fn schemas_become_draft_4_and_keep_members_of_any_name() {
    let document = load("odd-schemas.yaml");
    let operation = document.operation("POST", "/odd").unwrap();
    assert!(operation.request.as_ref().unwrap().required);
    assert_eq!(
        *request(operation),
        json!({
            "type": "object",
            "properties": {
                "list": {"type": "array"},
                "name": {"type": ["null", "string"]},
                "nothing": {"type": "null"},
                "kind": {"type": ["string", "null"], "enum": ["a", "b", null]},
                "note": {"type": ["string", "null"]},
                "example": {"type": "string", "description": "a member of this name"},
                "xml": {"type": "integer", "format": "int64"},
                "$ref": {"type": "string"},
                "id": {"type": "string"},
            }
        })
    );
    assert_eq!(document.oddities().len(), 2);
    Schema::compile(request(operation)).unwrap();
}

#[test]
fn references_through_references_are_followed() {
    let document = load("deep-references.yaml");
    assert!(oddities(&document).is_empty());
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
fn members_have_lines() {
    let document = load("several-files.yaml");
    assert_eq!(document.line_of("/info/title"), Some(3));
    assert_eq!(document.line_of("/paths/~1a/post"), Some(6));
    assert_eq!(document.line_of("/components/schemas/Sex/enum/1"), Some(15));
    assert_eq!(
        document.line_of("/components/schemas/Sex/no/such/member"),
        Some(15)
    );
    let json = "{\n  \"openapi\": \"3.0.3\",\n  \"info\": {\"title\": \"}\\\"{\",\n\"version\": \"\"},\n\
                  \"paths\": {}, \"tags\": [\n{\"name\": \"a\"},\n{\"name\": \"b\"}]\n}";
    let document = Document::parse("d.json", json).unwrap();
    let lines = [
        "",
        "/openapi",
        "/info/version",
        "/paths",
        "/tags/1",
        "/tags/1/name",
    ];
    assert_eq!(lines.map(|p| document.line_of(p).unwrap()), [1, 2, 4, 5, 7, 7]);
}

#[test]
fn structural_faults_name_their_place() {
    for (rest, expected) in [
        (
            "paths: []",
            "test.yaml:3:1 at /paths: expected an object, found an array",
        ),
        (
            "paths:\n  /a: 1",
            "test.yaml:4:3 at /paths/~1a: expected an object, found a number",
        ),
        (
            "paths:\n  /a:\n    post:\n      responses:\n        default:\n          description: [x]",
            "test.yaml:8:11 at /paths/~1a/post/responses/default/description: invalid type: sequence, expected a string",
        ),
        (
            "paths:\n  /a:\n    get:\n      parameters: [{name: a, in: query}]\n      responses: {}",
            "test.yaml:6:20 at /paths/~1a/get/parameters/0: the member `schema` is missing",
        ),
        (
            "paths: {}\ncomponents:\n  schemas:\n    A:\n      type: enum",
            "test.yaml:7:7 at /components/schemas/A/type: \"enum\" is no type",
        ),
        (
            "paths: {}\ncomponents:\n  schemas:\n    A:\n      properties:\n        b: {required: true}",
            "test.yaml:8:13 at /components/schemas/A/properties/b/required: \
             `required` must be an array of strings, found a boolean",
        ),
        (
            "paths: {}\ncomponents:\n  schemas:\n    A:\n      properties:\n        b:",
            "test.yaml:8:9 at /components/schemas/A/properties/b: expected an object, found null",
        ),
        (
            "paths: {}\npaths: {}",
            "test.yaml:4:1 at /paths: the member `paths` is there twice",
        ),
        ("", "test.yaml:1:1: missing member `paths`"),
    ] {
        let error = refusal(rest).to_string();
        assert!(
            error.starts_with(&format!("failed to load {expected}")),
            "{rest}\n{error}"
        );
    }
}

#[test]
fn what_is_no_openapi_3_0_document_is_refused() {
    for (text, expected) in [
        ("", "d.yaml: it is empty"),
        ("# nothing", "d.yaml: it is empty"),
        ("a: b: c", "d.yaml:1:5: it is not YAML"),
        (
            "openapi: 3.1.0",
            "d.yaml:1:1 at /openapi: it is no OpenAPI 3.0 document",
        ),
        ("swagger: '2.0'", "d.yaml:1:1: the member `openapi` is missing"),
        ("hello", "d.yaml:1:1: the member `openapi` is missing"),
        (
            "openapi: 3.0.0\n---\na: 1",
            "d.yaml:2:1: it holds more than one YAML document",
        ),
        (
            "? {a: b}\n: c",
            "d.yaml:1:3: the name of a member is not a plain text",
        ),
        ("a: !thing b", "d.yaml:1:4: the tag `!thing` is not understood"),
        ("a: .nan", "d.yaml:1:4: `.nan` is a number that JSON cannot hold"),
        (
            "a: &x [*x]",
            "d.yaml:1:8 at /a: an alias stands within its own anchor",
        ),
    ] {
        let error = Document::parse("d.yaml", text).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("failed to load {expected}")),
            "{text}\n{error}"
        );
    }
    let error = Document::parse("d.json", "{\n\"a\": 1,\n}").unwrap_err();
    assert_eq!((error.line, error.column), (Some(3), Some(1)), "{error}");
    let error = Document::parse("d.json", "{\"a\": {\n\"b\": 1, \"b\": 2}}").unwrap_err();
    assert_eq!((error.line, error.pointer.as_str()), (Some(2), "/a/b"), "{error}");
}

#[test]
fn anchors_repeat_values() {
    let text = "openapi: 3.0.3\ninfo: &i {title: t, version: v, x-a: [1, {b: c}]}\npaths: {}\nx-copy: *i\n";
    let document = Document::parse("d.yaml", text).unwrap();
    assert_eq!(document.value()["x-copy"], document.value()["info"]);
    assert_eq!(document.line_of("/x-copy/title"), Some(4));
}

#[test]
fn what_would_exhaust_memory_is_refused() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let below = format!("*a{}, ", level - 1).repeat(10);
        bomb.push_str(&format!("a{level}: &a{level} [{below}]\n"));
    }
    let deep = format!("a: {}{}", "[".repeat(5_000), "]".repeat(5_000));
    let mut nested = "a0: &a0 [x]\n".to_owned();
    for level in 1..200 {
        nested.push_str(&format!("a{level}: &a{level} [*a{}]\n", level - 1));
    }
    let deep_json = format!("{{\"a\": {}{}}}", "[".repeat(5_000), "]".repeat(5_000));
    for text in [bomb, deep, nested, deep_json] {
        Document::parse("d.yaml", &text).unwrap_err();
    }
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
        components.push_str(&format!(
            "    S{level}: {{type: object, properties: {{a: {below}, b: {below}, c: {below}}}}}\n"
        ));
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
        let all: String = (0..length)
            .map(|n| format!("a{n}: {{$ref: '#/components/schemas/S{n}'}},"))
            .collect();
        Document::parse(
            "d.yaml",
            &with_schema(&format!("{{properties: {{{all}}}}}"), &components),
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
    let components: String = (1..90)
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
        &format!("    S0: {{type: string}}\n{components}"),
    );
    let schema = Schema::compile(request(
        &Document::parse("d.yaml", &text).unwrap().operations()[0],
    ))
    .unwrap();
    let instance = (0..89).fold(json!(1), |within, _| json!({"a": [within]}));
    assert_eq!(schema.violations(&instance).len(), 1);
}

#[test]
fn our_own_documents_load_without_oddities_and_all_their_schemas_compile() {
    for name in Document::bundled_names() {
        let document = Document::bundled(name).unwrap_or_else(|error| panic!("{error}"));
        assert!(document.oddities().is_empty(), "{:?}", oddities(&document));
        for operation in document.operations() {
            let request = operation.request.iter().flat_map(|r| r.content.values());
            let responses = operation.responses.values().flat_map(|r| r.content.values());
            let parameters = operation.parameters.iter().map(|p| &p.schema);
            for schema in request.chain(responses).chain(parameters) {
                Schema::compile(schema).unwrap_or_else(|error| panic!("{name} {}: {error}", operation.path));
            }
        }
    }
    let error = Document::bundled("no-such.yaml").unwrap_err();
    assert!(error.to_string().contains("no built-in document"), "{error}");
}
