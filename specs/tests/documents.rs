//! Documents as they are found in the field: odd ones are understood, broken ones are refused with the
//! place of the fault.

use serde_json::{Value, json};
use specs::document::{Document, DocumentError, OperationDoc};
use specs::schema::Schema;
use std::fmt::Write as _;
use std::path::PathBuf;

fn load(name: &str) -> Document {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/documents")
        .join(name);
    Document::load(&path).unwrap_or_else(|error| panic!("{error}"))
}

fn oddities(document: &Document) -> Vec<String> {
    let describe = |o: &DocumentError| format!("{} {} {}", o.line.unwrap_or_default(), o.pointer, o.message);
    document.oddities().iter().map(describe).collect()
}

fn request(operation: &OperationDoc) -> &Value {
    &operation.request.as_ref().expect("a request body").content["application/json"]
}

/// The error of a document that holds these paths and components.
fn refusal(rest: &str) -> DocumentError {
    let text = format!("openapi: 3.0.3\ninfo: {{title: t, version: v}}\n{rest}");
    Document::parse("test.yaml", &text).expect_err("a fault")
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
            "test.yaml:8:11 at /paths/~1a/post/responses/default/description: invalid type: array, expected a string",
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
        let _ = writeln!(bomb, "a{level}: &a{level} [{below}]");
    }
    let deep = format!("a: {}{}", "[".repeat(5_000), "]".repeat(5_000));
    let mut nested = "a0: &a0 [x]\n".to_owned();
    for level in 1..200 {
        let _ = writeln!(nested, "a{level}: &a{level} [*a{}]", level - 1);
    }
    let deep_json = format!("{{\"a\": {}{}}}", "[".repeat(5_000), "]".repeat(5_000));
    for text in [bomb, deep, nested, deep_json] {
        Document::parse("d.yaml", &text).unwrap_err();
    }
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
