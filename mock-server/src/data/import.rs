//! Records of a file: one JSON object a line, or CSV.

mod table;

use serde_json::Value;
use specs::catalogue::Registry;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// How many records a file may hold.
const MOST_RECORDS: usize = 1_000_000;

/// Why a file of records cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It cannot be read.
    #[error("failed to read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A line is no record.
    #[error("failed to import {path}, line {line}: {message}")]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// What is wrong with it.
        message: String,
    },
    /// It holds no records, or too many.
    #[error("failed to import {path}: {message}")]
    Whole {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
}

/// What is wrong with a line.
type Wrong = (u64, String);

/// Reads the records of a file: CSV where its name ends in `.csv`, else JSON Lines.
pub(crate) fn import(path: &Path, registry: &Registry) -> Result<Vec<Box<str>>, ImportError> {
    let text = std::fs::read_to_string(path).map_err(|source| ImportError::Read {
        path: path.to_owned(),
        source,
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut taken = Taken::new(registry);
    let csv = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let read = if csv {
        table::read(text, registry, &mut taken)
    } else {
        lines(text, &mut taken)
    };
    read.map_err(|(line, message)| ImportError::Line {
        path: path.to_owned(),
        line,
        message,
    })?;
    let whole = |message: String| ImportError::Whole {
        path: path.to_owned(),
        message,
    };
    match taken.records.len() {
        0 => Err(whole("it holds no records".to_owned())),
        n if n > MOST_RECORDS => Err(whole(format!("it holds more than {MOST_RECORDS} records"))),
        _ => Ok(taken.records),
    }
}

fn lines(text: &str, taken: &mut Taken<'_>) -> Result<(), Wrong> {
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() {
            continue;
        }
        let record = serde_json::from_str(line).map_err(|error| {
            // The line is ours to name; the column is all that is left of the place.
            let place = format!(" at line {} column {}", error.line(), error.column());
            let what = error.to_string().replace(&place, "");
            (number, format!("no JSON, column {}: {what}", error.column()))
        })?;
        taken.take(number, &record)?;
    }
    Ok(())
}

/// The records that were read so far.
struct Taken<'r> {
    registry: &'r Registry,
    records: Vec<Box<str>>,
    /// Identifier → the line that names it.
    named: HashMap<(Box<str>, Box<str>), u64>,
}

impl<'r> Taken<'r> {
    fn new(registry: &'r Registry) -> Self {
        Self {
            registry,
            records: Vec::new(),
            named: HashMap::new(),
        }
    }

    /// Takes a record that has an identifier which no earlier one has.
    fn take(&mut self, line: u64, record: &Value) -> Result<(), Wrong> {
        if !record.is_object() {
            return Err((line, "a record is a JSON object".to_owned()));
        }
        let mut identified = false;
        for (kind, value) in crate::query::identifiers(record, self.registry) {
            identified = true;
            let name = (kind.into(), value.into());
            if let Some(earlier) = self.named.insert(name, line)
                && earlier != line
            {
                let message = format!("{kind} {value:?} is on line {earlier} already");
                return Err((line, message));
            }
        }
        if !identified {
            let (list, kind) = (&self.registry.identifiers, &self.registry.identifier_type);
            let value = &self.registry.identifier_value;
            let message = format!("no identifier: {list} is to hold objects with texts {kind} and {value}");
            return Err((line, message));
        }
        self.records.push(record.to_string().into());
        Ok(())
    }
}
