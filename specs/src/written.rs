//! A file that somebody wrote for us, as TOML or as JSON: its value, and the line of each member, so that a
//! fault in it can be named by its place.

use crate::document::{json, pointer};
use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;
use toml::de::{DeTable, DeValue};

/// A text that could be read.
#[derive(Debug, Clone)]
pub struct Written {
    value: Value,
    lines: BTreeMap<String, usize>,
}

/// Why a text cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct Misread {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub message: String,
}

impl Written {
    /// Reads JSON where the text begins like an object, else TOML.
    pub fn read(text: &str) -> Result<Self, Misread> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim_start().starts_with('{') {
            of_json(text)
        } else {
            of_toml(text)
        }
    }

    /// All that is written.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The line of the member at a JSON pointer, or of the nearest that surrounds it.
    pub fn line(&self, pointer: &str) -> usize {
        let mut pointer = pointer;
        loop {
            if let Some(line) = self.lines.get(pointer) {
                return *line;
            }
            match pointer::parent(pointer) {
                Some(parent) => pointer = parent,
                None => return 1,
            }
        }
    }
}

fn of_json(text: &str) -> Result<Written, Misread> {
    let wide = |line: u32| usize::try_from(line).unwrap_or(usize::MAX);
    let source = json::read(text).map_err(|fault| Misread {
        line: fault.position.map_or(1, |(line, _)| wide(line)),
        message: fault.message,
    })?;
    let lines = source
        .positions
        .all()
        .map(|(at, (line, _))| (at.to_owned(), wide(line)));
    Ok(Written {
        lines: lines.collect(),
        value: source.value,
    })
}

fn of_toml(text: &str) -> Result<Written, Misread> {
    let line_at = |at: usize| {
        text.get(..at)
            .map_or(1, |before| before.matches('\n').count() + 1)
    };
    let table = DeTable::parse(text).map_err(|error| Misread {
        line: error.span().map_or(1, |span| line_at(span.start)),
        message: format!("it is not TOML: {}", error.message()),
    })?;
    let mut lines = BTreeMap::new();
    let value = object(table.get_ref(), "", &line_at, &mut lines)?;
    Ok(Written { value, lines })
}

type Lines = BTreeMap<String, usize>;

fn object(
    table: &DeTable<'_>,
    at: &str,
    line_at: &impl Fn(usize) -> usize,
    lines: &mut Lines,
) -> Result<Value, Misread> {
    let mut members = Map::new();
    for (key, held) in table {
        let at = pointer::join(at, key.get_ref());
        lines.insert(at.clone(), line_at(key.span().start));
        let value = value(held.get_ref(), &at, line_at, lines)?;
        members.insert(key.get_ref().to_string(), value);
    }
    Ok(members.into())
}

fn value(
    value: &DeValue<'_>,
    at: &str,
    line_at: &impl Fn(usize) -> usize,
    lines: &mut Lines,
) -> Result<Value, Misread> {
    let no_number = |text: &str, lines: &Lines| Misread {
        line: lines.get(at).copied().unwrap_or(1),
        message: format!("`{text}` is no number that JSON has"),
    };
    Ok(match value {
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Boolean(truth) => (*truth).into(),
        DeValue::Datetime(time) => time.to_string().into(),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_err(|_| no_number(number.as_str(), lines))?
            .into(),
        DeValue::Float(number) => {
            let float = number.as_str().parse().ok().and_then(Number::from_f64);
            float.ok_or_else(|| no_number(number.as_str(), lines))?.into()
        }
        DeValue::Array(items) => {
            let mut list = Vec::new();
            for (nth, item) in items.iter().enumerate() {
                let at = pointer::join(at, &nth.to_string());
                lines.insert(at.clone(), line_at(item.span().start));
                list.push(self::value(item.get_ref(), &at, line_at, lines)?);
            }
            list.into()
        }
        DeValue::Table(table) => object(table, at, line_at, lines)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TOML: &str = "# a comment\n[[event]]\nat = 2\ndeep = { day = 2020-01-02,\n  list = [1.5,\n  0x1F] }\n\n[[event]]\n'a/b' = true\n";
    const JSON: &str = "{\n\"event\": [\n{\"at\": 2, \"deep\": {\"day\": \"2020-01-02\",\n\"list\": [1.5,\n31]}},\n{\"a/b\": true}]}";

    #[test]
    fn both_forms_say_the_same_and_know_their_lines() {
        let expected =
            json!({"event": [{"at": 2, "deep": {"day": "2020-01-02", "list": [1.5, 31]}}, {"a/b": true}]});
        for (text, lines) in [(TOML, [2, 3, 4, 6, 8, 9, 9]), (JSON, [3, 3, 3, 5, 6, 6, 6])] {
            let written = Written::read(text).unwrap();
            assert_eq!(*written.value(), expected);
            let pointers = [
                "/event/0",
                "/event/0/at",
                "/event/0/deep/day",
                "/event/0/deep/list/1",
                "/event/1",
                "/event/1/a~1b",
                "/event/1/a~1b/no/such",
            ];
            assert_eq!(pointers.map(|at| written.line(at)), lines, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named_by_its_line() {
        for (text, line, part) in [
            ("a = 1\nb = \n", 2, "not TOML"),
            ("a = 1\na = 2\n", 2, "not TOML"),
            ("a = 1\n\nb = nan\n", 3, "no number"),
            ("a = 99999999999999999999\n", 1, "no number"),
            ("{\n\"a\": 1,\n}", 3, "not JSON"),
            ("{\"a\": 1,\n\"a\": 2}", 2, "a"),
        ] {
            let misread = Written::read(text).unwrap_err();
            assert_eq!(misread.line, line, "{text}: {misread}");
            assert!(misread.message.contains(part), "{misread}");
        }
        assert_eq!(*Written::read("").unwrap().value(), json!({}));
        assert_eq!(Written::read("[]").unwrap_err().line, 1);
    }
}
