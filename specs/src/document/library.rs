//! The files that make up a document, and where a reference within them leads.

use super::pointer;
use super::source::Source;
use super::{DocumentError, source};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// How many files a document may consist of.
const MAX_FILES: usize = 64;
/// How long each of them may be.
pub(crate) const MAX_BYTES: usize = 16 * 1024 * 1024;
/// How many references may follow one another before a value is reached.
const MAX_HOPS: usize = 128;

/// Gives the text of a file by its name relative to the document's folder, or says why it cannot.
pub(crate) type Reader<'r> = &'r dyn Fn(&str) -> Result<String, String>;

/// Changes a file, named relative to the document's folder, once it is read; or says why it cannot.
pub(crate) type Amend<'a> = &'a dyn Fn(&str, &mut Value) -> Result<(), String>;

/// A place in one of the files.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) file: usize,
    pub(crate) pointer: String,
}

impl Place {
    pub(crate) fn below(&self, segment: &str) -> Self {
        Self {
            file: self.file,
            pointer: pointer::join(&self.pointer, segment),
        }
    }
}

#[derive(Debug)]
struct File {
    /// Relative to the document's folder; empty for the document itself.
    relative: String,
    /// As errors name it.
    shown: String,
    /// As it was read.
    text: String,
    source: Source,
}

/// The document, which is file 0, and every file that it refers to.
#[derive(Debug)]
pub(crate) struct Library {
    files: Vec<File>,
    index: HashMap<String, usize>,
    missing: HashMap<String, String>,
}

impl Library {
    /// Reads a document and, by way of `reader`, the files it refers to. A file that cannot be read is a
    /// fault only if a reference that counts leads there.
    pub(crate) fn read(
        shown: &str,
        relative: &str,
        text: &str,
        reader: Reader<'_>,
    ) -> Result<Self, DocumentError> {
        Self::read_amended(shown, relative, text, reader, &|_, _| Ok(()))
    }

    /// The same, with each file changed before it counts.
    pub(crate) fn read_amended(
        shown: &str,
        relative: &str,
        text: &str,
        reader: Reader<'_>,
        amend: Amend<'_>,
    ) -> Result<Self, DocumentError> {
        let mut library = Self {
            files: Vec::new(),
            index: HashMap::new(),
            missing: HashMap::new(),
        };
        library.add(shown, relative, text, amend)?;
        let mut next = 0;
        while let Some(file) = library.files.get(next) {
            let mut names = HashSet::new();
            collect_files(&file.source.value, &file.relative, &mut names);
            let mut names: Vec<String> = names.into_iter().collect();
            names.sort();
            for name in names {
                if library.index.contains_key(&name) || library.missing.contains_key(&name) {
                    continue;
                }
                if library.files.len() >= MAX_FILES {
                    library.missing.insert(
                        name,
                        format!("a document may consist of {MAX_FILES} files at most"),
                    );
                    continue;
                }
                match reader(&name) {
                    Ok(text) => library.add(&name, &name, &text, amend)?,
                    Err(reason) => {
                        library.missing.insert(name, reason);
                    }
                }
            }
            next += 1;
        }
        Ok(library)
    }

    fn add(
        &mut self,
        shown: &str,
        relative: &str,
        text: &str,
        amend: Amend<'_>,
    ) -> Result<(), DocumentError> {
        let fail = |fault: source::Fault| DocumentError {
            file: shown.to_owned(),
            line: fault.position.map(|p| p.0),
            column: fault.position.map(|p| p.1),
            pointer: fault.pointer,
            message: fault.message,
            remedy: fault.remedy.to_owned(),
        };
        if text.len() > MAX_BYTES {
            return Err(fail(source::Fault {
                position: None,
                pointer: String::new(),
                message: format!("it is longer than {MAX_BYTES} bytes"),
                remedy: "split the document",
            }));
        }
        let mut source = Source::read(shown, text).map_err(fail)?;
        amend(relative, &mut source.value).map_err(|message| {
            fail(source::Fault {
                position: None,
                pointer: String::new(),
                message,
                remedy: "correct the literal form",
            })
        })?;
        self.index.insert(relative.to_owned(), self.files.len());
        self.files.push(File {
            relative: relative.to_owned(),
            shown: shown.to_owned(),
            text: text.to_owned(),
            source,
        });
        Ok(())
    }

    /// The whole of a file.
    pub(crate) fn root(&self, file: usize) -> &Value {
        self.files.get(file).map_or(&Value::Null, |f| &f.source.value)
    }

    /// Each file by its name relative to the document's folder, with its text; the document first.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|f| (f.relative.as_str(), f.text.as_str()))
    }

    /// How many files there are.
    pub(crate) fn len(&self) -> usize {
        self.files.len()
    }

    /// The plain scalars of a file that the versions of YAML read differently.
    pub(crate) fn ambiguous(&self, file: usize) -> &[source::Ambiguous] {
        self.files.get(file).map_or(&[], |f| &f.source.ambiguous)
    }

    /// The position of a place, or of the nearest around it.
    pub(crate) fn position(&self, place: &Place) -> Option<source::Position> {
        self.files.get(place.file)?.source.position(&place.pointer)
    }

    /// An error about a place.
    pub(crate) fn error(
        &self,
        place: &Place,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> DocumentError {
        let position = self.position(place);
        DocumentError {
            file: self
                .files
                .get(place.file)
                .map(|f| f.shown.clone())
                .unwrap_or_default(),
            line: position.map(|p| p.0),
            column: position.map(|p| p.1),
            pointer: place.pointer.clone(),
            message: message.into(),
            remedy: remedy.into(),
        }
    }

    /// Follows references until something else is reached: `value` itself, if it is no reference.
    pub(crate) fn settle<'l>(
        &'l self,
        value: &'l Value,
        place: Place,
    ) -> Result<(&'l Value, Place), DocumentError> {
        match reference(value) {
            Some(target) => self.follow(target, &place),
            None => Ok((value, place)),
        }
    }

    /// Where the reference that stands at a place leads.
    pub(crate) fn follow(&self, target: &str, site: &Place) -> Result<(&Value, Place), DocumentError> {
        self.walk(target, site, &mut Vec::new()).map_err(|message| {
            self.error(
                &site.below("$ref"),
                format!("the reference `{target}` cannot be followed: {message}"),
                "let the reference point at an existing member, e.g. `#/components/schemas/NAME`",
            )
        })
    }

    fn walk(&self, target: &str, site: &Place, trail: &mut Vec<Place>) -> Result<(&Value, Place), String> {
        if trail.contains(site) {
            return Err("it leads back to itself".to_owned());
        }
        if trail.len() >= MAX_HOPS {
            return Err(format!("it passes through more than {MAX_HOPS} references"));
        }
        trail.push(site.clone());
        let found = self.walk_segments(target, site, trail);
        trail.pop();
        found
    }

    fn walk_segments(
        &self,
        target: &str,
        site: &Place,
        trail: &mut Vec<Place>,
    ) -> Result<(&Value, Place), String> {
        let (name, fragment) = target.split_once('#').unwrap_or((target, ""));
        let fragment = pointer::percent_decoded(fragment);
        let segments = pointer::segments(&fragment)
            .ok_or_else(|| format!("`#{fragment}` is no JSON pointer; it must start with `#/`"))?;
        let file = if name.is_empty() {
            site.file
        } else {
            self.file(name, site.file)?
        };
        let mut place = Place {
            file,
            pointer: String::new(),
        };
        let mut value = self.root(file);
        for segment in &segments {
            if let Some(next) = reference(value) {
                (value, place) = self.walk(next, &place, trail)?;
            }
            let member = match value {
                Value::Object(members) => members.get(segment),
                Value::Array(items) => segment.parse::<usize>().ok().and_then(|i| items.get(i)),
                _ => None,
            };
            value = member.ok_or_else(|| match place.pointer.as_str() {
                "" => format!("there is no member `{segment}`"),
                pointer => format!("there is no member `{segment}` in {pointer}"),
            })?;
            place = place.below(segment);
        }
        match reference(value) {
            Some(next) => self.walk(next, &place, trail),
            None => Ok((value, place)),
        }
    }

    fn file(&self, name: &str, from: usize) -> Result<usize, String> {
        let base = self.files.get(from).map_or("", |f| &f.relative);
        let name = normalise(base, name)?;
        match self.index.get(&name) {
            Some(file) => Ok(*file),
            None => Err(self
                .missing
                .get(&name)
                .cloned()
                .unwrap_or_else(|| format!("there is no file `{name}`"))),
        }
    }
}

/// The target of a reference object.
pub(crate) fn reference(value: &Value) -> Option<&str> {
    value.as_object()?.get("$ref")?.as_str()
}

/// The name of a file relative to the document's folder, seen from another file.
fn normalise(base: &str, name: &str) -> Result<String, String> {
    if name.contains("://") || name.starts_with("//") {
        return Err("nothing is fetched; download the file and refer to it by its relative name".to_owned());
    }
    let absolute = name.starts_with(['/', '\\']) || name.as_bytes().get(1) == Some(&b':');
    if absolute || name.contains('\\') || name.contains('\0') {
        return Err("the name of a file must be relative and use `/`".to_owned());
    }
    let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
    let name = pointer::percent_decoded(name);
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|p| *p != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

/// Adds the names of the files that a value refers to.
fn collect_files(value: &Value, base: &str, names: &mut HashSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(target) = reference(value) {
                let name = target.split('#').next().unwrap_or_default();
                if !name.is_empty()
                    && let Ok(name) = normalise(base, name)
                {
                    names.insert(name);
                }
            }
            members.values().for_each(|v| collect_files(v, base, names));
        }
        Value::Array(items) => items.iter().for_each(|v| collect_files(v, base, names)),
        _ => {}
    }
}
