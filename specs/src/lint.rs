//! What is unsatisfiable, contradictory or invalid in an OpenAPI 3.0 document.
//!
//! Unlike [`crate::document`], which refuses a document at its first fault, this lists everything that is
//! wrong, also in documents that cannot be loaded. A rule looks at one thing; [`LintCode`] says what each
//! code means and what it does to a validator.

mod code;
mod context;
mod near;
mod rules;
mod sites;
mod words;

pub use code::{LintCode, Severity};

use crate::document::library::{Library, Place, Reader};
use crate::document::{self, Document, DocumentError};
use context::Context;
use serde::Serialize;
use std::collections::HashSet;
use std::path::Path;

/// How many findings are reported.
const MAX_FINDINGS: usize = 5_000;

/// One thing that is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LintFinding {
    /// Which kind of thing.
    pub code: LintCode,
    /// How bad it is.
    pub severity: Severity,
    /// The file as it was named.
    pub file: String,
    /// Line, counted from 1, where it is known.
    pub line: Option<u32>,
    /// JSON pointer of the member at fault; empty for the document as a whole.
    pub pointer: String,
    /// What is wrong there.
    pub message: String,
    /// What it does to whoever validates by the document.
    pub effect: String,
    /// What to do about it, where that can be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// What is wrong with a document, in the order of its lines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LintReport {
    /// The file as it was named.
    pub file: String,
    /// What was found.
    pub findings: Vec<LintFinding>,
    /// Whether more was found than is listed.
    pub cut_short: bool,
}

impl LintReport {
    /// How many findings are of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|f| f.severity == severity).count()
    }

    /// The worst severity, if anything was found.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|f| f.severity).max()
    }
}

/// Lints a file. References to other files are resolved against its folder; nothing is fetched.
pub fn lint_file(path: &Path) -> LintReport {
    let shown = path.display().to_string();
    let folder = path.parent().unwrap_or(Path::new(""));
    let reader = |name: &str| document::read_text(&folder.join(name));
    match document::read_text(path) {
        Ok(text) => {
            let relative = path.file_name().unwrap_or_default().to_string_lossy();
            lint_with(&shown, &relative, &text, &reader)
        }
        Err(message) => unreadable(&shown, None, String::new(), &message),
    }
}

/// Lints the text of a document that refers to no other file.
pub fn lint(name: &str, text: &str) -> LintReport {
    let reader = |_: &str| Err("this document cannot refer to other files".to_owned());
    lint_with(name, name, text, &reader)
}

/// Lints one of our documents, by file name; `None` where there is none of that name.
pub fn lint_bundled(file: &str) -> Option<LintReport> {
    let text = |name: &str| document::BUNDLED.get_file(name).and_then(|f| f.contents_utf8());
    let reader = |name: &str| {
        let found = text(name).map(ToOwned::to_owned);
        found.ok_or_else(|| format!("there is no built-in document `{name}`"))
    };
    Some(lint_with(file, file, text(file)?, &reader))
}

/// Lints a document that was read before, e.g. one of an edition.
pub fn lint_document(document: &Document) -> LintReport {
    examine(document.name(), document.library())
}

fn lint_with(shown: &str, relative: &str, text: &str, reader: Reader<'_>) -> LintReport {
    match Library::read(shown, relative, text, reader) {
        Ok(library) => examine(shown, &library),
        Err(DocumentError {
            file,
            line,
            pointer,
            message,
            ..
        }) => {
            let mut report = unreadable(&file, line, pointer, &message);
            shown.clone_into(&mut report.file);
            report
        }
    }
}

fn unreadable(file: &str, line: Option<u32>, pointer: String, message: &str) -> LintReport {
    let code = LintCode::Unreadable;
    LintReport {
        file: file.to_owned(),
        findings: vec![LintFinding {
            code,
            severity: code.severity(),
            file: file.to_owned(),
            line,
            pointer,
            message: message.to_owned(),
            effect: code.effect().to_owned(),
            remedy: Some(code.remedy().to_owned()),
        }],
        cut_short: false,
    }
}

fn examine(shown: &str, library: &Library) -> LintReport {
    let context = Context::new(library);
    let mut sink = Sink {
        library,
        found: Vec::new(),
        seen: HashSet::new(),
        cut_short: false,
    };
    for rule in rules::ALL {
        rule(&context, &mut sink);
    }
    let mut found = sink.found;
    found.sort_by(|(a, x), (b, y)| {
        let order = |place: &Place, f: &LintFinding| (place.file, f.line, f.code);
        order(a, x)
            .cmp(&order(b, y))
            .then_with(|| x.pointer.cmp(&y.pointer))
    });
    LintReport {
        file: shown.to_owned(),
        findings: found.into_iter().map(|(_, finding)| finding).collect(),
        cut_short: sink.cut_short,
    }
}

/// A finding as a rule states it.
struct Found<'p> {
    code: LintCode,
    place: &'p Place,
    message: String,
    effect: Option<String>,
    remedy: Option<String>,
}

impl<'p> Found<'p> {
    fn new(code: LintCode, place: &'p Place, message: impl Into<String>) -> Self {
        Self {
            code,
            place,
            message: message.into(),
            effect: None,
            remedy: None,
        }
    }

    fn effect(mut self, effect: impl Into<String>) -> Self {
        self.effect = Some(effect.into());
        self
    }

    fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

/// Where rules put what they find; each thing is kept once.
struct Sink<'l> {
    library: &'l Library,
    found: Vec<(Place, LintFinding)>,
    seen: HashSet<(LintCode, Place, String)>,
    cut_short: bool,
}

impl Sink<'_> {
    fn add(&mut self, found: Found<'_>) {
        let identity = (found.code, found.place.clone(), found.message.clone());
        if !self.seen.insert(identity) {
            return;
        }
        if self.found.len() >= MAX_FINDINGS {
            self.cut_short = true;
            return;
        }
        let at = self.library.error(found.place, found.message, String::new());
        let (effect, remedy) = (found.code.effect(), found.code.remedy());
        self.found.push((
            found.place.clone(),
            LintFinding {
                code: found.code,
                severity: found.code.severity(),
                file: at.file,
                line: at.line,
                pointer: at.pointer,
                message: at.message,
                effect: found.effect.unwrap_or_else(|| effect.to_owned()),
                remedy: Some(found.remedy.unwrap_or_else(|| remedy.to_owned())),
            },
        ));
    }

    /// Whether anything was found at a place.
    fn has(&self, place: &Place) -> bool {
        self.found.iter().any(|(at, _)| at == place)
    }
}
