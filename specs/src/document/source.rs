//! One file as text: its value, and where each member of it stands.

use super::{json, pointer, yaml};
use serde_json::Value;
use std::collections::HashMap;

/// How deep a document may nest. Also what `serde_json` allows.
pub(super) const MAX_DEPTH: usize = 128;

/// Line and column, both counted from 1.
pub(super) type Position = (u32, u32);

/// How much memory the pointers may take; beyond it, members have the position of what surrounds them.
const MAX_POINTER_BYTES: usize = 256 * 1024 * 1024;

/// Where each member stands, by its pointer.
#[derive(Debug, Default)]
pub(super) struct Positions {
    by_pointer: HashMap<String, Position>,
    bytes: usize,
}

impl Positions {
    /// Notes the position of a member, unless it has one.
    pub(super) fn note(&mut self, pointer: &str, position: Position) {
        if !self.contains(pointer) && self.bytes < MAX_POINTER_BYTES {
            self.bytes += pointer.len();
            self.by_pointer.insert(pointer.to_owned(), position);
        }
    }

    pub(super) fn contains(&self, pointer: &str) -> bool {
        self.by_pointer.contains_key(pointer)
    }
}

/// What is wrong with a text, and where.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) position: Option<Position>,
    pub(super) pointer: String,
    pub(super) message: String,
    pub(super) remedy: &'static str,
}

/// A value with the position of each of its members.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) value: Value,
    pub(super) positions: Positions,
}

impl Source {
    /// Reads YAML or JSON.
    pub(super) fn read(name: &str, text: &str) -> Result<Self, Fault> {
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
    pub(super) fn position(&self, pointer: &str) -> Option<Position> {
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
