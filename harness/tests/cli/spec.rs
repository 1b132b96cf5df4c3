//! `dcx spec lint` and `dcx spec diff`.

use crate::process::run;
use serde_json::Value;
use std::fs;
use tempfile::tempdir;

/// A document that requires a member which it does not define.
const BROKEN: &str = "openapi: 3.0.3
info: {title: Things, version: '1'}
paths:
  /things:
    post:
      operationId: things
      security: []
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [reciever]
              properties:
                receiver: {type: string}
      responses:
        '200': {description: Done.}
";

#[test]
fn a_document_is_linted_as_text_and_as_json() {
    let dir = tempdir().unwrap();
    fs::write(dir.path().join("broken.yaml"), BROKEN).unwrap();
    fs::write(
        dir.path().join("right.yaml"),
        BROKEN.replace("reciever", "receiver"),
    )
    .unwrap();
    let text = run(dir.path(), &["spec", "lint", "broken.yaml"]).expect(100).out;
    assert!(
        text.contains("broken.yaml:14: error [required-but-undefined] `reciever`"),
        "{text}"
    );
    assert!(text.contains("Did you mean `receiver`?"), "{text}");
    assert!(
        text.ends_with("broken.yaml: 1 error, 0 warnings, 0 notes\n"),
        "{text}"
    );
    let json = run(dir.path(), &["spec", "lint", "broken.yaml", "--format", "json"])
        .expect(100)
        .out;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["findings"][0]["code"], "required-but-undefined");
    assert_eq!(json["findings"][0]["line"], 14);
    assert_eq!(json["findings"][0]["severity"], "error");
    // Notes are no errors.
    let text = run(dir.path(), &["spec", "lint", "right.yaml"]).expect(0).out;
    assert!(text.contains(": 0 errors, "), "{text}");
    run(dir.path(), &["spec", "lint", "dci-social@consolidated"]).expect(0);
    run(dir.path(), &["spec", "lint", "absent.yaml"])
        .expect(96)
        .says("absent.yaml");
}

#[test]
fn documents_are_compared_as_text_and_as_json() {
    let dir = tempdir().unwrap();
    fs::write(dir.path().join("left.yaml"), BROKEN).unwrap();
    fs::write(
        dir.path().join("right.yaml"),
        BROKEN.replace("reciever", "receiver"),
    )
    .unwrap();
    let same = run(dir.path(), &["spec", "diff", "left.yaml", "left.yaml"])
        .expect(0)
        .out;
    assert_eq!(same, "no difference\n");
    let text = run(dir.path(), &["spec", "diff", "left.yaml", "right.yaml"])
        .expect(100)
        .out;
    let pointer = "/~1things/post/request/application~1json/reciever";
    assert!(text.contains(&format!("{pointer}: required-removed")), "{text}");
    assert!(text.ends_with("2 differences, 2 not accounted for\n"), "{text}");
    let json = run(
        dir.path(),
        &["spec", "diff", "left.yaml", "right.yaml", "--format", "json"],
    )
    .expect(100)
    .out;
    let json: Value = serde_json::from_str(&json).unwrap();
    let first = &json["differences"][0];
    assert_eq!(first["pointer"], pointer);
    assert_eq!(first["kind"], "required-removed");
    assert_eq!(
        (&first["left"], &first["right"]),
        (&Value::Bool(true), &Value::Bool(false))
    );
    assert_eq!(first["covered_by"], Value::Array(Vec::new()));
    let ours = [
        "spec",
        "diff",
        "dci-social@consolidated",
        "dci-farmer@consolidated",
    ];
    run(dir.path(), &ours).expect(100);
}

#[test]
fn a_name_that_is_none_is_refused_with_those_that_are() {
    let dir = tempdir().unwrap();
    let ended = run(dir.path(), &["spec", "diff", "dci-social@2019", "x.yaml"]).expect(2);
    ended.says("dci-social@2019").says("consolidated");
    let ended = run(dir.path(), &["spec", "diff", "dci-nobody@2025-01", "x.yaml"]).expect(2);
    ended.says("dci-nobody@2025-01").says("dci-social@consolidated");
    run(dir.path(), &["spec", "diff", "dci-social@consolidated", "x.yaml"])
        .expect(96)
        .says("x.yaml");
}

#[test]
fn errata_and_lint_codes_are_explained() {
    let dir = tempdir().unwrap();
    let text = run(dir.path(), &["explain", "er.dci.in-list"]).expect(0).out;
    assert!(text.contains("dci.in-list") && text.contains("we do"), "{text}");
    let text = run(dir.path(), &["explain", "one-of-overlap"]).expect(0).out;
    assert!(text.contains("remedy"), "{text}");
    run(dir.path(), &["explain", "one-of-overlp"])
        .expect(2)
        .says("one-of-overlap");
}
