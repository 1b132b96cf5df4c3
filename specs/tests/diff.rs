//! Differences between documents: what is one, what is none, and what accounts for it.

use serde_json::{Value, json};
use specs::catalogue::Catalogue;
use specs::diff::{Difference, DifferenceKind as Kind, diff};
use specs::document::Document;
use std::collections::BTreeSet;

/// A document with one operation whose body has this schema, and these components.
fn document(schema: &Value, components: &Value) -> Document {
    let text = json!({
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"post": {
            "requestBody": {"content": {"application/json": {"schema": schema}}},
            "responses": {"200": {"description": "Done."}},
        }}},
        "components": {"schemas": components},
    });
    Document::parse("t.json", &text.to_string()).expect("a document")
}

fn between(left: &Value, right: &Value) -> Vec<Difference> {
    let none = json!({});
    diff(
        &document(left, &none),
        &document(right, &none),
        Catalogue::bundled(),
    )
}

/// What the differences between two schemas are, without the pointer of the body.
#[track_caller]
fn expect(left: &Value, right: &Value, expected: &[(&str, Kind)]) {
    let found = between(left, right);
    let found: Vec<(&str, Kind)> = found
        .iter()
        .map(|d| {
            (
                d.pointer
                    .strip_prefix("/~1a/post/request/application~1json")
                    .expect("a pointer within the body"),
                d.kind,
            )
        })
        .collect();
    assert_eq!(found, expected);
    let turned: BTreeSet<Kind> = between(right, left).iter().map(|d| d.kind).collect();
    let inverse: BTreeSet<Kind> = expected.iter().map(|(_, kind)| kind.inverse()).collect();
    assert_eq!(turned, inverse, "the other way round");
}

#[test]
fn members_and_what_is_required_of_them() {
    expect(
        &json!({"type": "object", "required": ["a", "gone"], "properties": {"a": {"type": "string"}, "gone": {"type": "string"}}}),
        &json!({"type": "object", "required": ["b"], "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}),
        &[
            ("/gone", Kind::MemberRemoved),
            ("/b", Kind::MemberAdded),
            ("/a", Kind::RequiredRemoved),
        ],
    );
    expect(
        &json!({"type": "object", "required": ["reciever"], "properties": {"receiver": {"type": "string"}}}),
        &json!({"type": "object", "required": ["receiver"], "properties": {"receiver": {"type": "string"}}}),
        &[
            ("/reciever", Kind::RequiredRemoved),
            ("/receiver", Kind::RequiredAdded),
        ],
    );
}

#[test]
fn rules_of_values() {
    expect(
        &json!({"type": "number"}),
        &json!({"type": "integer"}),
        &[("", Kind::TypeChanged)],
    );
    expect(
        &json!({"type": "string"}),
        &json!({"type": "string", "nullable": true}),
        &[("", Kind::NullableChanged)],
    );
    expect(
        &json!({"type": "string", "enum": ["a", "b"]}),
        &json!({"type": "string", "enum": ["b", "c"]}),
        &[("", Kind::EnumValueRemoved), ("", Kind::EnumValueAdded)],
    );
    expect(
        &json!({"type": "string", "pattern": "^a$", "format": "date", "minLength": 1}),
        &json!({"type": "string", "pattern": "^b$", "maxLength": 9}),
        &[
            ("", Kind::PatternChanged),
            ("", Kind::FormatChanged),
            ("", Kind::BoundChanged),
            ("", Kind::BoundChanged),
        ],
    );
    expect(
        &json!({"type": "array", "items": {"type": "string"}}),
        &json!({"type": "array", "items": {"type": "string", "enum": ["a"]}, "uniqueItems": true}),
        &[("", Kind::UniqueChanged), ("/[]", Kind::EnumAdded)],
    );
    expect(
        &json!({"type": "object"}),
        &json!({"type": "object", "additionalProperties": false}),
        &[("/{}", Kind::AdditionalChanged)],
    );
}

#[test]
fn alternatives_are_matched_by_likeness() {
    expect(
        &json!({"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "number"}]}),
        &json!({"anyOf": [{"type": "number"}, {"type": "string"}]}),
        &[("", Kind::CombinatorChanged), ("/oneOf/1", Kind::BranchRemoved)],
    );
    // The variants of an object are compared member by member.
    expect(
        &json!({"type": "object", "required": ["kind"], "properties": {
            "kind": {"type": "string", "enum": ["a", "b"]}, "value": {"type": "string"}, "more": {"type": "string"}}}),
        &json!({"oneOf": [
            {"type": "object", "required": ["kind"], "properties": {
                "kind": {"type": "string", "enum": ["a"]}, "value": {"type": "string"}, "more": {"type": "string"}}},
            {"type": "object", "required": ["kind", "value"], "properties": {
                "kind": {"type": "string", "enum": ["b", "c"]}, "value": {"type": "string"}, "more": {"type": "string"}}}]}),
        &[("", Kind::CombinatorChanged), ("/kind", Kind::EnumValueAdded)],
    );
}

#[test]
fn where_a_schema_stands_is_no_difference() {
    let name = json!({"type": "string", "minLength": 1, "description": "Of a person."});
    let plain = json!({"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "minLength": 1}}});
    let moved = json!({"allOf": [
        {"$ref": "#/components/schemas/Base"},
        {"properties": {"name": {"minLength": 1}}},
    ]});
    let components = json!({
        "Name": name,
        "Base": {"type": "object", "required": ["name"], "properties": {"name": {"$ref": "#/components/schemas/Name"}}},
    });
    let found = diff(
        &document(&plain, &json!({})),
        &document(&moved, &components),
        Catalogue::bundled(),
    );
    assert_eq!(found, []);
}

#[test]
fn a_schema_that_contains_itself_is_compared_to_its_end() {
    let tree = |leaf: &str| {
        json!({"Tree": {"type": "object", "properties": {
            "leaf": {"type": leaf},
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}}})
    };
    let schema = json!({"$ref": "#/components/schemas/Tree"});
    let (left, right) = (
        document(&schema, &tree("string")),
        document(&schema, &tree("boolean")),
    );
    let found = diff(&left, &right, Catalogue::bundled());
    assert!(found.iter().all(|d| d.kind == Kind::TypeChanged), "{found:?}");
    assert!((1..=2).contains(&found.len()), "{found:?}");
}

#[test]
fn operations_are_found_by_path_template_and_server() {
    let text = |server: &str, path: &str, extra: &str| {
        format!(
            "{{openapi: 3.0.3, info: {{title: T, version: '1'}}, servers: [{{url: '{server}'}}], paths: {{'{path}': {{get: {{responses: {{'200': {{description: Done.}}}}}}}}{extra}}}}}"
        )
    };
    let parse = |text: &str| Document::parse("t.yaml", text).unwrap();
    let left = parse(&text(
        "https://x.org/api/v1",
        "/things/KIND",
        ", '/old': {get: {responses: {}}}",
    ));
    let right = parse(&text(
        "/api",
        "/v1/things/{kind}",
        ", '/new': {get: {responses: {}}}",
    ));
    let found = diff(&left, &right, Catalogue::bundled());
    let kinds: Vec<(&str, Kind)> = found.iter().map(|d| (d.pointer.as_str(), d.kind)).collect();
    assert_eq!(
        kinds,
        [
            ("/~1things~1KIND/get", Kind::PathChanged),
            ("/~1old/get", Kind::OperationRemoved),
            ("/~1new/get", Kind::OperationAdded),
        ]
    );
}

#[test]
fn parameters_statuses_media_types_and_security() {
    let left = "
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /a:
    get:
      security: [{key: []}]
      parameters:
        - {name: X-One, in: header, required: true, schema: {type: string}}
        - {name: two, in: query, schema: {type: string}}
      responses:
        '200': {description: Done., content: {application/json: {schema: {type: string}}}}
        '404': {description: Nothing.}
components:
  securitySchemes:
    key: {type: http, scheme: bearer}
";
    let right = left
        .replace("X-One, in: header, required: true", "x-one, in: header")
        .replace("two, in: query", "three, in: query")
        .replace("application/json", "text/plain")
        .replace("'404'", "'400'")
        .replace("security: [{key: []}]", "security: []");
    let parse = |text: &str| Document::parse("t.yaml", text).unwrap();
    let found = diff(&parse(left), &parse(&right), Catalogue::bundled());
    let kinds: Vec<(&str, Kind)> = found.iter().map(|d| (d.pointer.as_str(), d.kind)).collect();
    assert_eq!(
        kinds,
        [
            ("/~1a/get/security", Kind::SecurityChanged),
            ("/~1a/get/parameters/header/X-One", Kind::RequiredRemoved),
            ("/~1a/get/parameters/query/two", Kind::ParameterRemoved),
            ("/~1a/get/parameters/query/three", Kind::ParameterAdded),
            ("/~1a/get/200/application~1json", Kind::MediaTypeRemoved),
            ("/~1a/get/200/text~1plain", Kind::MediaTypeAdded),
            ("/~1a/get/404", Kind::StatusRemoved),
            ("/~1a/get/400", Kind::StatusAdded),
        ]
    );
}

#[test]
fn an_erratum_accounts_for_a_difference_in_either_direction() {
    // In miniature: the token operation as the published document has it, which requires a token.
    let published = "
openapi: 3.0.3
info: {title: Interoperability APIs - Authz, version: 1.0.0}
paths:
  /oauth2/client/token:
    post:
      security: [{Authorization: []}]
      responses: {}
components:
  securitySchemes:
    Authorization: {type: http, scheme: bearer}
";
    let ours = published
        .replace("[{Authorization: []}]", "[]")
        .replace("Interoperability APIs - Authz", "Ours");
    let parse = |text: &str| Document::parse("t.yaml", text).unwrap();
    let (published, ours) = (parse(published), parse(&ours));
    let forth = diff(&published, &ours, Catalogue::bundled());
    assert_eq!(forth[0].covered_by, ["er.authz.secured", "dci.token-security"]);
    let back = diff(&ours, &published, Catalogue::bundled());
    assert_eq!(back[0].covered_by, ["er.authz.secured", "dci.token-security"]);
    let elsewhere = diff(&ours, &ours, Catalogue::bundled());
    assert_eq!(elsewhere, []);
}

#[test]
fn our_documents_do_not_differ_from_themselves() {
    for name in Document::bundled_names() {
        let document = Document::bundled(name).unwrap();
        assert_eq!(diff(&document, &document, Catalogue::bundled()), [], "{name}");
    }
}

#[test]
fn each_erratum_is_sound() {
    let catalogue = Catalogue::bundled();
    let mut complaints = Vec::new();
    for erratum in catalogue.errata() {
        let mut complain = |what: String| complaints.push(format!("{}: {what}", erratum.id));
        if let Some(broken) = erratum.broken_glob() {
            complain(broken);
        }
        if !catalogue.published().iter().any(|p| erratum.is_about(&p.id)) {
            complain("it is about no published document".to_owned());
        }
        for reading in erratum
            .readings
            .iter()
            .filter(|id| catalogue.reading(id).is_none())
        {
            complain(format!("there is no reading {reading}"));
        }
        for text in [&erratum.at, &erratum.says, &erratum.effect, &erratum.we_do] {
            if text.trim().is_empty() {
                complain("a text is empty".to_owned());
            }
        }
        if erratum.covers.is_empty()
            || erratum
                .covers
                .iter()
                .any(|c| c.at.is_empty() || c.kinds.is_empty())
        {
            complain("it covers nothing".to_owned());
        }
        for cover in &erratum.covers {
            if cover.kinds.contains(&Kind::BoundChanged) == cover.bounds.is_empty() {
                complain("it changes bounds and names none, or the other way round".to_owned());
            }
        }
        let other = catalogue.requirement(&erratum.id).is_some()
            || catalogue.reading(&erratum.id).is_some()
            || catalogue.profile(&erratum.id).is_some();
        if other || !erratum.id.starts_with("er.") {
            complain("its id is not `er.…`, or is taken".to_owned());
        }
    }
    for published in catalogue.published() {
        if !Document::bundled_names().contains(&published.ours.as_str()) {
            complaints.push(format!(
                "{}: we have no document {}",
                published.id, published.ours
            ));
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}
