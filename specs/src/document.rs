//! OpenAPI 3.0 documents, ours and the user's, with positions for error messages.
//!
//! A document is read from YAML or JSON together with the line of each of its members, its structure is
//! proven, and the schemas of its operations are resolved until each stands by itself.

pub(crate) mod dialect;
mod edition;
mod example;
mod graph;
pub(crate) mod json;
pub(crate) mod kind;
pub(crate) mod library;
pub(crate) mod operation;
pub(crate) mod pointer;
pub(crate) mod resolve;
mod scalar;
mod source;
pub(crate) mod structure;
mod yaml;

pub use edition::CONSOLIDATED;
pub use example::ExampleDoc;
pub use operation::{BodyDoc, OperationDoc, ParameterDoc, ResponseDoc};

use crate::evidence::OwnFile;
use include_dir::{Dir, include_dir};
use kind::Kind;
use library::{Library, Place};
use resolve::Resolver;
use serde_json::Value;
use std::collections::HashMap;
use std::io::Read as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

pub(crate) static BUNDLED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/openapi");

/// Why a document cannot be used, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("failed to load {file}{}{}: {message}", position(*line, *column), at(pointer))]
pub struct DocumentError {
    /// The file as it was named.
    pub file: String,
    /// Line, counted from 1, where it is known.
    pub line: Option<u32>,
    /// Column, counted from 1, where it is known.
    pub column: Option<u32>,
    /// JSON pointer of the member at fault; empty for the document as a whole.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

fn at(pointer: &str) -> String {
    if pointer.is_empty() {
        String::new()
    } else {
        format!(" at {pointer}")
    }
}

fn position(line: Option<u32>, column: Option<u32>) -> String {
    match (line, column) {
        (Some(line), Some(column)) => format!(":{line}:{column}"),
        (Some(line), None) => format!(":{line}"),
        _ => String::new(),
    }
}

/// An OpenAPI 3.0 document. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Document {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    name: String,
    library: Library,
    operations: Vec<OperationDoc>,
    oddities: Vec<DocumentError>,
}

impl Document {
    /// One of our documents, by file name. It is read once.
    ///
    /// # Errors
    /// There is no such document.
    pub fn bundled(file: &str) -> Result<Self, DocumentError> {
        static READ: Mutex<Option<HashMap<String, Document>>> = Mutex::new(None);
        let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
        let read = read.get_or_insert_with(HashMap::new);
        if let Some(document) = read.get(file) {
            return Ok(document.clone());
        }
        let text = bundled_text(file).map_err(|message| {
            let remedy = format!("use one of {}", Self::bundled_names().join(", "));
            whole(file, message, &remedy)
        })?;
        let document = Self::read(file, file, &text, &bundled_text)?;
        read.insert(file.to_owned(), document.clone());
        Ok(document)
    }

    /// The file names of our documents, sorted. Files that only hold what several documents share are
    /// not among them.
    pub fn bundled_names() -> Vec<&'static str> {
        let documents = BUNDLED.files().filter(|f| {
            let text = f.contents_utf8().unwrap_or_default();
            text.starts_with("openapi:") || text.contains("\nopenapi:")
        });
        let mut names: Vec<_> = documents.filter_map(|f| f.path().to_str()).collect();
        names.sort_unstable();
        names
    }

    /// A document from a file. References to other files are resolved against its folder; nothing is
    /// fetched.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn load(path: &Path) -> Result<Self, DocumentError> {
        let shown = path.display().to_string();
        let folder = path.parent().unwrap_or(Path::new(""));
        let reader = |name: &str| read_text(&folder.join(name));
        let text = read_text(path)
            .map_err(|message| whole(&shown, message, "check the name of the file and who may read it"))?;
        let relative = path.file_name().unwrap_or_default().to_string_lossy();
        Self::read(&shown, &relative, &text, &reader)
    }

    /// A document from the files that [`Document::files`] gave.
    ///
    /// # Errors
    /// There is no file, or what is wrong with them, and where.
    pub fn of_files(files: &[OwnFile]) -> Result<Self, DocumentError> {
        let Some(first) = files.first() else {
            let remedy = "give the document again";
            return Err(whole("", "there is no file of it".to_owned(), remedy));
        };
        let reader = |name: &str| {
            let found = files.iter().find(|file| file.path == name);
            found
                .map(|file| file.text.clone())
                .ok_or_else(|| format!("there is no file `{name}`"))
        };
        Self::read(&first.path, &first.path, &first.text, &reader)
    }

    /// A document that refers to no other file.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(name: &str, text: &str) -> Result<Self, DocumentError> {
        let reader = |_: &str| Err("this document cannot refer to other files".to_owned());
        Self::read(name, name, text, &reader)
    }

    fn read(
        shown: &str,
        relative: &str,
        text: &str,
        reader: library::Reader<'_>,
    ) -> Result<Self, DocumentError> {
        Self::of(shown, Library::read(shown, relative, text, reader)?)
    }

    /// The document that a library's first file is.
    fn of(shown: &str, library: Library) -> Result<Self, DocumentError> {
        let root = Place {
            file: 0,
            pointer: String::new(),
        };
        let version = library
            .root(0)
            .get("openapi")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if !version.starts_with("3.0.") && version != "3.0" {
            let (place, message) = if library.root(0).get("openapi").is_some() {
                (root.below("openapi"), "it is no OpenAPI 3.0 document")
            } else {
                (
                    root,
                    "the member `openapi` is missing, so it is no OpenAPI 3.0 document",
                )
            };
            return Err(library.error(
                &place,
                message,
                "give a document that starts with `openapi: 3.0.3`",
            ));
        }
        let mut oddities = Vec::new();
        structure::prove(&library, Kind::Document, library.root(0), &root, &mut oddities)?;
        let operations = operation::read(&library, &mut oddities)?;
        Ok(Self {
            inner: Arc::new(Inner {
                name: shown.to_owned(),
                library,
                operations,
                oddities,
            }),
        })
    }

    /// The file as it was named.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// `info.title`.
    pub fn title(&self) -> &str {
        self.value()
            .pointer("/info/title")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// `info.version`; empty where the document lacks it.
    pub fn version(&self) -> &str {
        self.value()
            .pointer("/info/version")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// Its operations in the order of the document.
    pub fn operations(&self) -> &[OperationDoc] {
        &self.inner.operations
    }

    /// The operation of this method (in any case) at this path as the document writes it.
    pub fn operation(&self, method: &str, path: &str) -> Option<&OperationDoc> {
        self.operations()
            .iter()
            .find(|o| o.method.eq_ignore_ascii_case(method) && o.path == path)
    }

    /// The line of a member, or of the nearest that surrounds it, counted from 1.
    pub fn line_of(&self, pointer: &str) -> Option<u32> {
        let place = Place {
            file: 0,
            pointer: pointer.to_owned(),
        };
        self.inner.library.position(&place).map(|p| p.0)
    }

    /// The document as it was written, references unresolved.
    pub fn value(&self) -> &Value {
        self.inner.library.root(0)
    }

    /// The names of the schemas among its components, in the order of the document.
    pub fn component_names(&self) -> impl Iterator<Item = &str> {
        let schemas = self.value().pointer("/components/schemas");
        let members = schemas.and_then(Value::as_object).into_iter().flatten();
        members.map(|(name, _)| name.as_str())
    }

    /// A schema among its components, standing by itself; `None` where there is none of that name.
    ///
    /// # Errors
    /// A reference within it leads nowhere.
    pub fn component(&self, name: &str) -> Option<Result<Value, DocumentError>> {
        let schema = self.value().pointer("/components/schemas")?.get(name)?;
        let place = Place {
            file: 0,
            pointer: "/components/schemas".to_owned(),
        };
        Some(Resolver::new(&self.inner.library).resolve(schema, place.below(name)))
    }

    /// The files it consists of, as they were written: itself first, then those that it refers to.
    pub fn files(&self) -> Vec<OwnFile> {
        let texts = self.inner.library.texts();
        texts
            .map(|(path, text)| OwnFile {
                path: path.to_owned(),
                text: text.to_owned(),
            })
            .collect()
    }

    /// Where they lead into one another.
    pub(crate) fn library(&self) -> &Library {
        &self.inner.library
    }

    /// The bodies that it gives as examples, in its order.
    ///
    /// # Errors
    /// A reference on the way to one leads nowhere.
    pub fn examples(&self) -> Result<Vec<ExampleDoc>, DocumentError> {
        example::read(&self.inner.library)
    }

    /// What OpenAPI 3.0 does not allow and we let pass, because published documents do it and what they
    /// mean is clear.
    pub fn oddities(&self) -> &[DocumentError] {
        &self.inner.oddities
    }
}

/// The text of one of our files.
fn bundled_text(name: &str) -> Result<String, String> {
    let found = BUNDLED.get_file(name).and_then(|f| f.contents_utf8());
    found
        .map(ToOwned::to_owned)
        .ok_or_else(|| format!("there is no built-in document `{name}`"))
}

pub(crate) fn read_text(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let limit = library::MAX_BYTES as u64 + 1;
    std::fs::File::open(path)
        .and_then(|file| file.take(limit).read_to_end(&mut bytes))
        .map_err(|e| format!("the file cannot be read: {e}"))?;
    String::from_utf8(bytes).map_err(|_| "the file is not UTF-8 text".to_owned())
}

fn whole(file: &str, message: String, remedy: &str) -> DocumentError {
    DocumentError {
        file: file.to_owned(),
        line: None,
        column: None,
        pointer: String::new(),
        message,
        remedy: remedy.to_owned(),
    }
}
