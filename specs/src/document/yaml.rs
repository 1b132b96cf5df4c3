//! YAML to a JSON value with positions.
//!
//! Works on the parser's events with its own stack, so that no input can exhaust ours: nesting, and what
//! aliases multiply, are bounded.

use super::json::duplicate;
use super::source::{Ambiguous, Fault, MAX_DEPTH, Position, Positions, Source};
use super::{pointer, scalar};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::HashMap;

/// How many values a document may hold after its aliases have been replaced.
const MAX_NODES: usize = 1_000_000;
/// How many ambiguous scalars are remembered.
const MAX_AMBIGUOUS: usize = 1_000;

pub(crate) fn read(text: &str) -> Result<Source, Fault> {
    let mut builder = Builder::default();
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|e| Fault {
            position: Some(position(e.marker())),
            pointer: String::new(),
            message: format!("it is not YAML: {}", e.info()),
            remedy: "correct the YAML at this place; indentation and colons are the usual suspects",
        })?;
        builder.take(event, position(&span.start))?;
    }
    match builder.root {
        Some(value) => Ok(Source {
            value,
            positions: builder.positions,
            ambiguous: builder.ambiguous,
        }),
        None => Err(Fault {
            position: None,
            pointer: String::new(),
            message: "it is empty".to_owned(),
            remedy: "give an OpenAPI 3.0 document",
        }),
    }
}

fn position(marker: &Marker) -> Position {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    (number(marker.line()), number(marker.col()).saturating_add(1))
}

/// A collection that is not complete yet.
struct Open {
    pointer: String,
    anchor: usize,
    content: Content,
    /// Values within, and how deep they nest.
    nodes: usize,
    height: usize,
}

enum Content {
    List(Vec<Value>),
    /// The key whose value comes next, if one has been read.
    Map(Map<String, Value>, Option<String>),
}

/// A value that an alias may repeat.
struct Anchored {
    value: Value,
    nodes: usize,
    height: usize,
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    root: Option<Value>,
    documents: usize,
    nodes: usize,
    anchors: HashMap<usize, Anchored>,
    positions: Positions,
    ambiguous: Vec<Ambiguous>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, at: Position) -> Result<(), Fault> {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(self.fault(
                        at,
                        "it holds more than one YAML document",
                        "keep one document per file; remove what follows `---`",
                    ));
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                if self.expects_key() {
                    return self.key(text, at);
                }
                let value = scalar_value(&text, style, tag.as_deref())
                    .map_err(|message| self.fault(at, message, "write it as a string, in quotes"))?;
                let pointer = self.locate(at);
                let plain = style == ScalarStyle::Plain && tag.is_none();
                if plain && self.ambiguous.len() < MAX_AMBIGUOUS && scalar::is_ambiguous(&text) {
                    let text = text.into_owned();
                    self.ambiguous.push(Ambiguous { pointer, text });
                }
                self.value(value, 1, 0, anchor, at)?;
            }
            Event::Alias(anchor) => {
                if self.expects_key() {
                    return Err(self.not_a_key(at));
                }
                let Some(anchored) = self.anchors.get(&anchor) else {
                    return Err(self.fault(
                        at,
                        "an alias stands within its own anchor",
                        "write the value out",
                    ));
                };
                // Count before copying: a few lines of aliases can stand for more than any memory.
                if self.nodes.saturating_add(anchored.nodes) > MAX_NODES
                    || self.open.len() + anchored.height > MAX_DEPTH
                {
                    return Err(self.too_large(at));
                }
                let (value, nodes, height) = (anchored.value.clone(), anchored.nodes, anchored.height);
                self.locate(at);
                self.value(value, nodes, height, 0, at)?;
            }
            Event::SequenceStart(anchor, tag) => {
                self.start(Content::List(Vec::new()), anchor, tag.as_deref(), at)?;
            }
            Event::MappingStart(anchor, tag) => {
                self.start(Content::Map(Map::new(), None), anchor, tag.as_deref(), at)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(done) = self.open.pop() {
                    let value = match done.content {
                        Content::List(items) => Value::Array(items),
                        Content::Map(members, _) => Value::Object(members),
                    };
                    // Its own nodes have been counted one by one.
                    self.nodes = self.nodes.saturating_sub(done.nodes);
                    self.value(value, done.nodes + 1, done.height + 1, done.anchor, at)?;
                }
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn expects_key(&self) -> bool {
        matches!(
            self.open.last(),
            Some(Open {
                content: Content::Map(_, None),
                ..
            })
        )
    }

    fn key(&mut self, text: Cow<'_, str>, at: Position) -> Result<(), Fault> {
        let Some(Open {
            pointer,
            content: Content::Map(members, key),
            ..
        }) = self.open.last_mut()
        else {
            return Ok(());
        };
        let pointer = pointer::join(pointer, &text);
        if members.contains_key(text.as_ref()) {
            return Err(duplicate(&text, pointer, at));
        }
        *key = Some(text.into_owned());
        self.positions.note(&pointer, at);
        Ok(())
    }

    /// The pointer of the value that comes next; notes its position unless its key already did.
    fn locate(&mut self, at: Position) -> String {
        let pointer = match self.open.last() {
            None => String::new(),
            Some(open) => match &open.content {
                Content::List(items) => pointer::join(&open.pointer, &items.len().to_string()),
                Content::Map(_, key) => pointer::join(&open.pointer, key.as_deref().unwrap_or_default()),
            },
        };
        self.positions.note(&pointer, at);
        pointer
    }

    fn start(
        &mut self,
        content: Content,
        anchor: usize,
        tag: Option<&Tag>,
        at: Position,
    ) -> Result<(), Fault> {
        if self.expects_key() {
            return Err(self.not_a_key(at));
        }
        let natural = if matches!(content, Content::List(_)) {
            "seq"
        } else {
            "map"
        };
        if tag.is_some_and(|t| !(t.is_yaml_core_schema() && t.suffix == natural)) {
            return Err(self.fault(at, "it has a tag that is not understood", "remove the tag"));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(self.too_large(at));
        }
        let pointer = self.locate(at);
        self.open.push(Open {
            pointer,
            anchor,
            content,
            nodes: 0,
            height: 0,
        });
        Ok(())
    }

    fn value(
        &mut self,
        value: Value,
        nodes: usize,
        height: usize,
        anchor: usize,
        at: Position,
    ) -> Result<(), Fault> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MAX_NODES {
            return Err(self.too_large(at));
        }
        if anchor > 0 {
            // Copies that nobody repeats count as well: each anchor keeps one.
            self.nodes = self.nodes.saturating_add(nodes);
            self.anchors.insert(
                anchor,
                Anchored {
                    value: value.clone(),
                    nodes,
                    height,
                },
            );
        }
        match self.open.last_mut() {
            None if self.root.is_none() => self.root = Some(value),
            None => return Err(self.fault(at, "it holds more than one value", "keep one document per file")),
            Some(open) => {
                open.nodes = open.nodes.saturating_add(nodes);
                open.height = open.height.max(height);
                match &mut open.content {
                    Content::List(items) => items.push(value),
                    Content::Map(members, key) => {
                        if let Some(key) = key.take() {
                            members.insert(key, value);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn here(&self) -> String {
        self.open.last().map(|o| o.pointer.clone()).unwrap_or_default()
    }

    fn fault(&self, at: Position, message: impl Into<String>, remedy: &'static str) -> Fault {
        Fault {
            position: Some(at),
            pointer: self.here(),
            message: message.into(),
            remedy,
        }
    }

    fn not_a_key(&self, at: Position) -> Fault {
        self.fault(
            at,
            "the name of a member is not a plain text",
            "use texts as names",
        )
    }

    fn too_large(&self, at: Position) -> Fault {
        self.fault(
            at,
            format!("it nests deeper than {MAX_DEPTH} levels, or its aliases stand for more than {MAX_NODES} values"),
            "split the document or write the aliases out",
        )
    }
}

fn scalar_value(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, String> {
    match tag {
        Some(tag) if tag.is_yaml_core_schema() => scalar::tagged(&tag.suffix, text),
        // The non-specific tag `!` makes a string of anything.
        Some(tag) if tag.handle.is_empty() && tag.suffix == "!" => Ok(Value::String(text.to_owned())),
        Some(tag) => Err(format!("the tag `{tag}` is not understood")),
        None if style == ScalarStyle::Plain => scalar::plain(text),
        None => Ok(Value::String(text.to_owned())),
    }
}
