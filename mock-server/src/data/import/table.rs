//! Records of a CSV file. Its first line names the columns: an attribute that can be searched, a type of
//! identifier, or the JSON pointer of any member.

use super::{Taken, Wrong};
use serde_json::{Map, Value, json};
use specs::catalogue::Registry;

/// Where the cells of a column go.
enum Column {
    /// To this member.
    Member(String),
    /// Into the list of identifiers, with this type.
    Identifier(String),
}

impl Column {
    fn of(name: &str, registry: &Registry) -> Option<Self> {
        let name = name.trim();
        if let Some(pointer) = registry.attributes.get(name) {
            return Some(Self::Member(pointer.clone()));
        }
        if name.starts_with('/') {
            return Some(Self::Member(name.to_owned()));
        }
        let is_a_type = name == registry.id_type
            || (!name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_'));
        is_a_type.then(|| Self::Identifier(name.to_owned()))
    }
}

pub(super) fn read(text: &str, registry: &Registry, taken: &mut Taken<'_>) -> Result<(), Wrong> {
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let named = reader.headers().map_err(|error| wrong(&error, 1))?.clone();
    let columns = named.iter().map(|name| {
        Column::of(name, registry).ok_or_else(|| {
            let attributes: Vec<&str> = registry.attributes.keys().map(String::as_str).collect();
            let message = format!(
                "unknown column {name:?}; name an attribute ({}), a type of identifier in capitals ({}), or a JSON pointer",
                attributes.join(", "),
                registry.id_type
            );
            (1, message)
        })
    });
    let columns: Vec<Column> = columns.collect::<Result<_, _>>()?;
    for row in reader.records() {
        let row = row.map_err(|error| wrong(&error, 0))?;
        let line = row.position().map_or(0, csv::Position::line);
        let mut record = json!({});
        for (column, cell) in columns.iter().zip(&row).filter(|(_, cell)| !cell.is_empty()) {
            let set = match column {
                Column::Member(pointer) => place(&mut record, pointer).map(|at| *at = cell.into()),
                Column::Identifier(kind) => place(&mut record, &registry.identifiers).map(|list| {
                    let mut identifier = Map::new();
                    identifier.insert(registry.identifier_type.clone(), kind.as_str().into());
                    identifier.insert(registry.identifier_value.clone(), cell.into());
                    match list.as_array_mut() {
                        Some(list) => list.push(identifier.into()),
                        None => *list = json!([identifier]),
                    }
                }),
            };
            set.ok_or_else(|| (line, "two columns want the same member".to_owned()))?;
        }
        taken.take(line, &record)?;
    }
    Ok(())
}

/// What `csv` says of a fault, and on which line.
fn wrong(error: &csv::Error, line: u64) -> Wrong {
    let line = error.position().map_or(line, csv::Position::line);
    let message = match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("{len} cells; the first line names {expected_len} columns"),
        _ => error.to_string(),
    };
    (line, message)
}

/// The member at a JSON pointer; the objects on the way to it are made.
fn place<'v>(record: &'v mut Value, pointer: &str) -> Option<&'v mut Value> {
    let mut at = record;
    for name in pointer.split('/').skip(1) {
        let name = name.replace("~1", "/").replace("~0", "~");
        if at.is_null() {
            *at = json!({});
        }
        at = at.as_object_mut()?.entry(name).or_insert(Value::Null);
    }
    Some(at)
}
