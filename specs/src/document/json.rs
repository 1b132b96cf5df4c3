//! Positions within a JSON text. `serde_json` reads the value; it does not say where things stand, and
//! it takes the last of several members of one name, which hides mistakes.

use super::pointer;
use super::source::{Fault, Position, Positions, Source};
use serde_json::Value;

pub(crate) fn read(text: &str) -> Result<Source, Fault> {
    let value: Value = serde_json::from_str(text).map_err(|e| Fault {
        position: u32::try_from(e.line()).ok().zip(u32::try_from(e.column()).ok()),
        pointer: String::new(),
        message: format!("it is not JSON: {}", without_position(&e.to_string())),
        remedy: "correct the JSON at this place",
    })?;
    Ok(Source {
        positions: Scanner::new(text).scan()?,
        ambiguous: Vec::new(),
        value,
    })
}

fn without_position(message: &str) -> &str {
    message.split(" at line ").next().unwrap_or(message)
}

/// What surrounds the place where the scanner is.
enum Frame {
    Object { pointer: String },
    Array { pointer: String, next: usize },
}

/// Walks a text that is known to be JSON.
struct Scanner<'t> {
    text: &'t str,
    at: usize,
    line: u32,
    line_start: usize,
    positions: Positions,
}

impl<'t> Scanner<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            line: 1,
            line_start: 0,
            positions: Positions::default(),
        }
    }

    fn scan(mut self) -> Result<Positions, Fault> {
        let mut frames: Vec<Frame> = Vec::new();
        let mut pointer = String::new();
        loop {
            self.skip_blank();
            let Some(byte) = self.peek() else {
                return Ok(self.positions);
            };
            match byte {
                b'}' | b']' => {
                    frames.pop();
                    self.at += 1;
                    continue;
                }
                b',' | b':' => {
                    self.at += 1;
                    continue;
                }
                _ => {}
            }
            let position = self.position();
            match frames.last_mut() {
                Some(Frame::Object { pointer: parent }) => {
                    let key = self.string();
                    pointer = pointer::join(parent, &key);
                    if self.positions.contains(&pointer) {
                        return Err(duplicate(&key, pointer, position));
                    }
                    self.positions.note(&pointer, position);
                    self.skip_blank();
                    self.at += 1; // the colon
                    self.skip_blank();
                }
                Some(Frame::Array {
                    pointer: parent,
                    next,
                }) => {
                    pointer = pointer::join(parent, &next.to_string());
                    *next += 1;
                    self.positions.note(&pointer, position);
                }
                None => {
                    self.positions.note("", position);
                }
            }
            match self.peek() {
                Some(b'{') => frames.push(Frame::Object {
                    pointer: std::mem::take(&mut pointer),
                }),
                Some(b'[') => frames.push(Frame::Array {
                    pointer: std::mem::take(&mut pointer),
                    next: 0,
                }),
                Some(b'"') => {
                    self.string();
                    continue;
                }
                Some(_) => {
                    while self
                        .peek()
                        .is_some_and(|b| !b",]}".contains(&b) && !b.is_ascii_whitespace())
                    {
                        self.at += 1;
                    }
                    continue;
                }
                None => return Ok(self.positions),
            }
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn position(&self) -> Position {
        let column = self
            .text
            .get(self.line_start..self.at)
            .map_or(0, |s| s.chars().count());
        (self.line, u32::try_from(column + 1).unwrap_or(u32::MAX))
    }

    fn skip_blank(&mut self) {
        while let Some(byte) = self.peek().filter(u8::is_ascii_whitespace) {
            self.at += 1;
            if byte == b'\n' {
                self.line += 1;
                self.line_start = self.at;
            }
        }
    }

    /// Steps over a string and gives its value.
    fn string(&mut self) -> String {
        let start = self.at;
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                break;
            }
        }
        self.text
            .get(start..self.at)
            .and_then(|s| serde_json::from_str(s).ok())
            .unwrap_or_default()
    }
}

/// The fault of a mapping that names a member twice.
pub(crate) fn duplicate(key: &str, pointer: String, position: Position) -> Fault {
    Fault {
        position: Some(position),
        pointer,
        message: format!("the member `{key}` is there twice"),
        remedy: "remove or rename one of the two",
    }
}
