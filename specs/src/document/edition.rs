//! Our documents with the literal rules of a published edition: what the errata repaired is broken again.

use super::library::Library;
use super::source::Source;
use super::{Document, DocumentError, bundled_text, pointer, whole};
use crate::catalogue::{Catalogue, Erratum, Literal};
use globset::{Glob, GlobMatcher};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The edition that our documents are.
pub const CONSOLIDATED: &str = "consolidated";

impl Document {
    /// One of our documents, by name with or without extension, as an edition has it. It is read once.
    ///
    /// # Errors
    /// There is no such document or edition, or the edition has no such document.
    pub fn edition(name: &str, edition: &str) -> Result<Self, DocumentError> {
        static READ: Mutex<Option<HashMap<(String, String), Document>>> = Mutex::new(None);
        let name = name.strip_suffix(".yaml").unwrap_or(name);
        let file = format!("{name}.yaml");
        if edition == CONSOLIDATED {
            return Self::bundled(&file);
        }
        let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
        let read = read.get_or_insert_with(HashMap::new);
        let key = (name.to_owned(), edition.to_owned());
        if let Some(document) = read.get(&key) {
            return Ok(document.clone());
        }
        let shown = format!("{name}@{edition}");
        Self::bundled(&file)?;
        present(name, edition).map_err(|(message, remedy)| whole(&shown, message, &remedy))?;
        let text = bundled_text(&file).map_err(|message| whole(&shown, message, ""))?;
        let changes = Changes::of(name, edition).map_err(|message| whole(&shown, message, ""))?;
        let library = Library::read_amended(&shown, &file, &text, &bundled_text, &|file, value| {
            changes.make(file, value)
        })?;
        let document = Self::of(&shown, library)?;
        read.insert(key, document.clone());
        Ok(document)
    }

    /// The editions that one of our documents has, the consolidated one last.
    pub fn editions_of(name: &str) -> Vec<&'static str> {
        let name = name.strip_suffix(".yaml").unwrap_or(name);
        let has = |documents: &[String]| documents.iter().any(|d| d == name);
        let editions = Catalogue::bundled().editions().iter();
        let mut editions: Vec<_> = editions
            .filter(|e| has(&e.documents))
            .map(|e| e.id.as_str())
            .collect();
        editions.push(CONSOLIDATED);
        editions
    }
}

/// Whether an edition has a document; if not, what is wrong and what to do about it.
fn present(name: &str, edition: &str) -> Result<(), (String, String)> {
    let catalogue = Catalogue::bundled();
    let Some(found) = catalogue.edition(edition) else {
        let mut known: Vec<&str> = catalogue.editions().iter().map(|e| e.id.as_str()).collect();
        known.push(CONSOLIDATED);
        return Err((
            format!("there is no edition `{edition}`"),
            format!("choose one of {}", known.join(", ")),
        ));
    };
    if found.documents.iter().any(|d| d == name) {
        return Ok(());
    }
    let there = found.elsewhere.get(name);
    Err((
        match there {
            Some(other) => format!("the edition {edition} has no {name}: {other} stands for it there"),
            None => format!("the edition {edition} has no {name}"),
        },
        match there {
            Some(other) => format!("use {other}@{edition}, or {name}@{CONSOLIDATED}"),
            None => format!("choose one of {}", Document::editions_of(name).join(", ")),
        },
    ))
}

/// One place that a literal form changes.
struct Change<'c> {
    erratum: &'c str,
    at: &'c str,
    file: GlobMatcher,
    segments: Vec<Segment>,
    /// Whether the pattern stands for one place, where a member may be new.
    exact: bool,
    becomes: Option<Value>,
}

/// One segment of a pattern over pointers.
enum Segment {
    Any,
    Named(String),
    Like(GlobMatcher),
}

/// What an edition changes in our files, the outermost places first.
struct Changes<'c> {
    changes: Vec<Change<'c>>,
}

impl Changes<'static> {
    fn of(document: &str, edition: &str) -> Result<Self, String> {
        let mut changes = Vec::new();
        for erratum in Catalogue::bundled().errata() {
            let literals = erratum.literal.iter();
            for literal in literals.filter(|l| l.holds(document, edition)) {
                for at in &literal.at {
                    let change = Change::read(erratum, literal, at);
                    changes.push(change.map_err(|message| format!("{}, {at}: {message}", erratum.id))?);
                }
            }
        }
        changes.sort_by_key(|c| {
            let anywhere = c.segments.iter().any(|s| matches!(s, Segment::Any));
            (anywhere, c.segments.len())
        });
        Ok(Self { changes })
    }
}

impl Changes<'_> {
    /// Changes one file.
    fn make(&self, file: &str, value: &mut Value) -> Result<(), String> {
        for change in self.changes.iter().filter(|c| c.file.is_match(file)) {
            let made = change.make(value, &change.segments);
            if made == 0 && change.exact {
                return Err(format!(
                    "the literal form of {} leads nowhere: {}",
                    change.erratum, change.at
                ));
            }
        }
        Ok(())
    }
}

impl<'c> Change<'c> {
    fn read(erratum: &'c Erratum, literal: &Literal, at: &'c str) -> Result<Self, String> {
        let glob = |text: &str| Glob::new(text).map(|g| g.compile_matcher());
        let (file, path) = at.split_once('#').ok_or("it names no pointer")?;
        let segments = pointer::segments(path).ok_or("it is no pointer")?;
        let segments = segments.into_iter().map(|segment| {
            Ok(match segment.as_str() {
                "**" => Segment::Any,
                like if like.contains('*') => Segment::Like(glob(like).map_err(|e| e.to_string())?),
                _ => Segment::Named(segment),
            })
        });
        let becomes = match (&literal.schema, literal.absent) {
            (Some(text), false) => {
                let read = Source::read(at, text).map_err(|fault| fault.message)?;
                Some(read.value)
            }
            (None, true) => None,
            _ => return Err("it says either a schema or that nothing stands there".to_owned()),
        };
        let segments = segments.collect::<Result<Vec<_>, String>>()?;
        Ok(Self {
            erratum: &erratum.id,
            at,
            file: glob(file).map_err(|e| e.to_string())?,
            exact: segments.iter().all(|s| matches!(s, Segment::Named(_))),
            segments,
            becomes,
        })
    }

    /// Changes what is below a value; how many places that were.
    fn make(&self, value: &mut Value, segments: &[Segment]) -> usize {
        let Some((segment, rest)) = segments.split_first() else {
            return 0;
        };
        if matches!(segment, Segment::Any) {
            // From the leaves up, so that what was changed is not looked at again.
            let below: usize = children(value).map(|child| self.make(child, segments)).sum();
            return below + self.make(value, rest);
        }
        if rest.is_empty() {
            return self.change(value, segment);
        }
        match (segment, value) {
            (Segment::Named(name), Value::Object(members)) => {
                members.get_mut(name).map_or(0, |v| self.make(v, rest))
            }
            (Segment::Named(name), Value::Array(items)) => {
                let item = name.parse::<usize>().ok().and_then(|at| items.get_mut(at));
                item.map_or(0, |v| self.make(v, rest))
            }
            (Segment::Like(glob), Value::Object(members)) => {
                let like = members.iter_mut().filter(|(name, _)| glob.is_match(name));
                like.map(|(_, v)| self.make(v, rest)).sum()
            }
            _ => 0,
        }
    }

    /// Changes a member.
    fn change(&self, value: &mut Value, segment: &Segment) -> usize {
        let Value::Object(members) = value else {
            return 0;
        };
        let names: Vec<String> = match segment {
            Segment::Named(name) if self.exact && self.becomes.is_some() => vec![name.clone()],
            Segment::Named(name) => members.keys().filter(|k| *k == name).cloned().collect(),
            Segment::Like(glob) => members.keys().filter(|k| glob.is_match(k)).cloned().collect(),
            Segment::Any => Vec::new(),
        };
        for name in &names {
            match &self.becomes {
                None => {
                    members.shift_remove(name);
                }
                Some(becomes) => {
                    let was = members.get(name).cloned().unwrap_or_default();
                    members.insert(name.clone(), with_former(becomes, &was));
                }
            }
        }
        names.len()
    }
}

/// A value with `{was: true}` replaced by what stood there before.
fn with_former(becomes: &Value, was: &Value) -> Value {
    match becomes {
        Value::Object(members) if members.len() == 1 && members.get("was") == Some(&Value::Bool(true)) => {
            was.clone()
        }
        Value::Object(members) => {
            let members = members.iter().map(|(k, v)| (k.clone(), with_former(v, was)));
            Value::Object(members.collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(|i| with_former(i, was)).collect()),
        other => other.clone(),
    }
}

fn children(value: &mut Value) -> Box<dyn Iterator<Item = &mut Value> + '_> {
    match value {
        Value::Object(members) => Box::new(members.values_mut()),
        Value::Array(items) => Box::new(items.iter_mut()),
        _ => Box::new(std::iter::empty()),
    }
}
