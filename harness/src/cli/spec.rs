//! `dcx spec`: what is wrong with an OpenAPI document, and how two of them differ.

use super::args::{DiffArgs, FormatArg, LintArgs, SpecArgs, SpecCommand};
use super::fault::Fault;
use crate::run::gate::exit;
use serde_json::{Value, json};
use specs::catalogue::Catalogue;
use specs::diff::{Difference, diff};
use specs::document::{CONSOLIDATED, Document};
use specs::lint::{LintReport, Severity, lint_document, lint_file};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

/// Runs the command.
pub(super) fn run(args: &SpecArgs) -> Result<u8, Fault> {
    let (text, code) = match &args.command {
        SpecCommand::Lint(args) => lint(args)?,
        SpecCommand::Diff(args) => compare(args)?,
    };
    // A reader that had enough, such as `head`, is no failure.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
    Ok(code)
}

/// One of our documents in an edition; `None` where the text is the name of a file.
fn ours(text: &str) -> Result<Option<Document>, Fault> {
    let Some((specification, edition)) = text.rsplit_once('@').filter(|_| !Path::new(text).exists()) else {
        return Ok(None);
    };
    let known = Document::bundled_names();
    if known.contains(&format!("{specification}.yaml").as_str()) {
        let found = Document::edition(specification, edition);
        return found
            .map(Some)
            .map_err(|e| Fault::usage(format!("{text}: {}", e.message), e.remedy));
    }
    let known = known.iter().filter_map(|name| name.strip_suffix(".yaml"));
    let known: Vec<String> = known.map(|name| format!("{name}@{CONSOLIDATED}")).collect();
    Err(Fault::usage(
        format!("there is no file `{text}`, and no document of ours of that name"),
        format!("give a file, or one of {}", known.join(", ")),
    ))
}

fn load(text: &str) -> Result<Document, Fault> {
    match ours(text)? {
        Some(document) => Ok(document),
        None => Ok(Document::load(Path::new(text))?),
    }
}

fn lint(args: &LintArgs) -> Result<(String, u8), Fault> {
    let report = match ours(&args.document)? {
        Some(document) => lint_document(&document),
        None => {
            let path = Path::new(&args.document);
            if let Err(e) = std::fs::File::open(path) {
                return Err(Fault::Read {
                    path: args.document.clone(),
                    message: e.to_string(),
                });
            }
            lint_file(path)
        }
    };
    let code = if report.count(Severity::Error) > 0 {
        exit::NOT_CONFORMANT
    } else {
        exit::CONFORMANT
    };
    let text = if args.format == FormatArg::Json {
        pretty(&serde_json::to_value(&report).unwrap_or_default())
    } else {
        described(&report)
    };
    Ok((text, code))
}

fn described(report: &LintReport) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
        let (severity, code) = (finding.severity.word(), finding.code.name());
        let _ = writeln!(
            text,
            "{}{line}: {severity} [{code}] {}",
            finding.file, finding.message
        );
        let _ = writeln!(text, "    {}", finding.effect);
        if let Some(remedy) = &finding.remedy {
            let _ = writeln!(text, "    → {remedy}");
        }
    }
    if report.cut_short {
        let _ = writeln!(text, "there is more; only this much is listed");
    }
    let counted = |severity, one: &str, many: &str| {
        let count = report.count(severity);
        format!("{count} {}", if count == 1 { one } else { many })
    };
    let _ = writeln!(
        text,
        "{}: {}, {}, {}",
        report.file,
        counted(Severity::Error, "error", "errors"),
        counted(Severity::Warning, "warning", "warnings"),
        counted(Severity::Note, "note", "notes"),
    );
    text
}

fn compare(args: &DiffArgs) -> Result<(String, u8), Fault> {
    let (left, right) = (load(&args.left)?, load(&args.right)?);
    let differences = diff(&left, &right, Catalogue::bundled());
    let code = if differences.iter().any(|d| d.covered_by.is_empty()) {
        exit::NOT_CONFORMANT
    } else {
        exit::CONFORMANT
    };
    let text = if args.format == FormatArg::Json {
        pretty(&json!({ "differences": differences }))
    } else {
        listed(&differences)
    };
    Ok((text, code))
}

fn listed(differences: &[Difference]) -> String {
    let mut text = String::new();
    for difference in differences {
        let said = |value: &Value| match value {
            Value::Null => "nothing".to_owned(),
            value => value.to_string(),
        };
        let _ = writeln!(text, "{}: {}", difference.pointer, difference.kind.name());
        let _ = writeln!(
            text,
            "    {} → {}",
            said(&difference.left),
            said(&difference.right)
        );
        if !difference.covered_by.is_empty() {
            let _ = writeln!(text, "    accounted for by {}", difference.covered_by.join(", "));
        }
    }
    let open = differences.iter().filter(|d| d.covered_by.is_empty()).count();
    let _ = match (differences.len(), open) {
        (0, _) => writeln!(text, "no difference"),
        (1, 0) => writeln!(text, "1 difference, accounted for"),
        (all, 0) => writeln!(text, "{all} differences, all accounted for"),
        (1, _) => writeln!(text, "1 difference, not accounted for"),
        (all, open) => writeln!(text, "{all} differences, {open} not accounted for"),
    };
    text
}

fn pretty(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
