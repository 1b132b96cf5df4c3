//! One file as text: its value, and where each member of it stands.

use super::{json, pointer, yaml};
use serde_json::Value;
use std::collections::HashMap;

/// How deep a document may nest. Also what `serde_json` allows.
pub(crate) const MAX_DEPTH: usize = 128;

/// Line and column, both counted from 1.
pub(crate) type Position = (u32, u32);

/// How much memory the pointers may take; beyond it, members have the position of what surrounds them.
const MAX_POINTER_BYTES: usize = 256 * 1024 * 1024;

/// Where each member stands, by its pointer.
#[derive(Debug, Default)]
pub(crate) struct Positions {
    by_pointer: HashMap<String, Position>,
    bytes: usize,
}

impl Positions {
    /// Notes the position of a member, unless it has one.
    pub(crate) fn note(&mut self, pointer: &str, position: Position) {
        if !self.contains(pointer) && self.bytes < MAX_POINTER_BYTES {
            self.bytes += pointer.len();
            self.by_pointer.insert(pointer.to_owned(), position);
        }
    }

    /// Each pointer with its position.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, Position)> {
        self.by_pointer
            .iter()
            .map(|(at, position)| (at.as_str(), *position))
    }

    pub(crate) fn contains(&self, pointer: &str) -> bool {
        self.by_pointer.contains_key(pointer)
    }
}

/// What is wrong with a text, and where.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) position: Option<Position>,
    pub(crate) pointer: String,
    pub(crate) message: String,
    pub(crate) remedy: &'static str,
}

/// A plain scalar that the versions of YAML read differently.
#[derive(Debug)]
pub(crate) struct Ambiguous {
    pub(crate) pointer: String,
    pub(crate) text: String,
}

/// A value with the position of each of its members.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) value: Value,
    pub(crate) positions: Positions,
    pub(crate) ambiguous: Vec<Ambiguous>,
}

impl Source {
    /// Reads YAML or JSON.
    pub(crate) fn read(name: &str, text: &str) -> Result<Self, Fault> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // JSON is read as JSON: its surrogate pairs and its tabs are not YAML.
        if text.trim_start().starts_with(['{', '[']) {
            match json::read(text) {
                Ok(source) => return Ok(source),
                Err(fault) if has_json_name(name) => return Err(fault),
                Err(_) => {}
            }
        }
        yaml::read(text)
    }

    /// The position of a member, or of the nearest that surrounds it.
    pub(crate) fn position(&self, pointer: &str) -> Option<Position> {
        let mut pointer = pointer;
        loop {
            if let Some(position) = self.positions.by_pointer.get(pointer) {
                return Some(*position);
            }
            pointer = pointer::parent(pointer)?;
        }
    }
}

fn has_json_name(name: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("json"))
}
