//! One file as text: its value, and where each member of it stands.

use super::{json, pointer, yaml};
use serde_json::Value;
use std::collections::HashMap;

/// How deep a document may nest. Also what `serde_json` allows.
pub(super) const MAX_DEPTH: usize = 128;

/// Line and column, both counted from 1.
pub(super) type Position = (u32, u32);

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
    pub(super) positions: HashMap<String, Position>,
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
            if let Some(position) = self.positions.get(pointer) {
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
