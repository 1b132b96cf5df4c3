//! Each code of the linter has a document that shows it and nothing else; our own documents show no error.

use specs::document::Document;
use specs::lint::{LintCode, LintReport, Severity, lint, lint_bundled, lint_file};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn witness(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/lint")
        .join(format!("{name}.yaml"))
}

fn listed(report: &LintReport) -> String {
    let lines = report.findings.iter().map(|f| {
        let line = f.line.unwrap_or_default();
        format!("{line} {} {} {}", f.code.name(), f.message, f.pointer)
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn each_code_has_a_witness_that_shows_it_and_nothing_else() {
    let mut complaints = Vec::new();
    for code in LintCode::ALL {
        let report = lint_file(&witness(code.name()));
        let found: BTreeSet<LintCode> = report.findings.iter().map(|f| f.code).collect();
        // The default answer that is an error is also an operation without a status of success.
        let beside = match code {
            LintCode::SuccessIsError => BTreeSet::from([LintCode::NoSuccessStatus, *code]),
            _ => BTreeSet::from([*code]),
        };
        if found != beside {
            complaints.push(format!("{}:\n{}", code.name(), listed(&report)));
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n\n"));
}

#[test]
fn each_witness_belongs_to_a_code() {
    let folder = witness("clean");
    let folder = folder.parent().unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(stem == "clean" || LintCode::from_name(&stem).is_some(), "{stem}");
    }
}

#[test]
fn a_document_without_fault_has_no_finding() {
    let report = lint_file(&witness("clean"));
    assert_eq!(listed(&report), "");
}

#[test]
fn a_finding_names_its_line_and_its_member_and_says_what_to_do() {
    let report = lint_file(&witness("required-but-undefined"));
    let finding = &report.findings[0];
    assert_eq!(finding.line, Some(19));
    assert_eq!(finding.pointer, "/components/schemas/Thing/required/1");
    assert_eq!(
        finding.message,
        "`reciever_id` is required and not defined; `receiver_id` is defined"
    );
    assert!(
        finding
            .remedy
            .as_deref()
            .unwrap()
            .contains("Did you mean `receiver_id`?")
    );
    let report = lint_file(&witness("misspelt-component-kind"));
    assert_eq!(
        report.findings[0].remedy.as_deref(),
        Some("Did you mean `securitySchemes`?")
    );
}

#[test]
fn everything_is_listed_also_in_a_document_that_cannot_be_loaded() {
    let text = "openapi: 3.0.3\ninfo: {title: t}\npaths:\n  /a:\n    post:\ncomponents:\n  schemas:\n    A: {type: enum}\n    B: {$ref: '#/components/schemas/C'}\n    D: {type: string, minLength: x}\n";
    Document::parse("broken.yaml", text).unwrap_err();
    let report = lint("broken.yaml", text);
    let codes: Vec<&str> = report.findings.iter().map(|f| f.code.name()).collect();
    assert_eq!(
        codes,
        [
            "missing-info-version",
            "empty-operation",
            "invalid-type",
            "unresolvable-reference",
            "invalid-keyword-value"
        ]
    );
    assert_eq!(report.worst(), Some(Severity::Error));
}

#[test]
fn a_file_that_is_not_there_is_a_finding() {
    let report = lint_file(&witness("no-such-file"));
    assert_eq!(report.findings[0].code, LintCode::Unreadable);
}

/// What our own documents do that the linter points out, and why they do it.
const ACCEPTED: &[(LintCode, &str)] = &[
    (
        LintCode::NoSuccessStatus,
        "the published documents declare none; which status a server uses is the reading dci.ack-status",
    ),
    (
        LintCode::AcceptsEmpty,
        "code and message of an HTTP error are optional in every edition",
    ),
    (
        LintCode::OptionalContent,
        "a reply whose header is rejected need not have a message",
    ),
    (LintCode::AcceptsEmptyList, "a reply may answer nothing"),
    (
        LintCode::UnlinkedMember,
        "a reason without a rejection, or the other way round, is judged by requirements, not by the schema",
    ),
    (
        LintCode::MisspeltMember,
        "reciever_id is the published misspelling, which is accepted",
    ),
    (
        LintCode::NoSecurityScheme,
        "DIGIT Exchange authenticates by signature, which OpenAPI cannot express",
    ),
    (
        LintCode::CallbackUndeclared,
        "openspp-dci shares its components with registries that call back",
    ),
];

#[test]
fn our_documents_have_no_error_and_each_other_finding_has_a_reason() {
    let mut complaints = Vec::new();
    for name in Document::bundled_names() {
        let report = lint_bundled(name).unwrap();
        let accepted = |code: LintCode| ACCEPTED.iter().any(|(known, _)| *known == code);
        for finding in report
            .findings
            .iter()
            .filter(|f| f.severity == Severity::Error || !accepted(f.code))
        {
            complaints.push(format!(
                "{} ({}:{}) {} {} {}",
                name,
                finding.file,
                finding.line.unwrap_or_default(),
                finding.code.name(),
                finding.message,
                finding.pointer
            ));
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}
