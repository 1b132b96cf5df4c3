//! Bodies for display: JSON one member a line with the member at fault marked, anything else as it is,
//! both cut to a length that a person reads.

use std::cell::Cell;

use maud::{Markup, html};
use serde_json::Value;
use specs::evidence::Body;

use crate::text::{plural, shorten, visible};

/// Characters shown of one body.
const SHOWN: usize = 8 * 1024;
/// Characters around the member at fault, when it lies beyond those.
const AROUND: usize = 2 * 1024;
/// Characters shown of one line.
const LINE: usize = 1200;
/// Characters of bodies on one page.
const PAGE: usize = 6 * 1024 * 1024;

/// How much more the page can hold.
pub(super) struct Budget(Cell<usize>);

impl Default for Budget {
    fn default() -> Self {
        Self(Cell::new(PAGE))
    }
}

/// One line of a body.
struct Line {
    text: String,
    marked: bool,
}

/// A body with the member at this pointer marked.
pub(super) fn markup(body: &Body, pointer: Option<&str>, budget: &Budget) -> Markup {
    if budget.0.get() == 0 {
        return left_out();
    }
    let json = body.json();
    // The whole body is no member to look for.
    let pointer = pointer.filter(|p| p.starts_with('/'));
    let absent = match (&json, pointer) {
        (Some(value), Some(pointer)) => value.pointer(pointer).is_none(),
        _ => false,
    };
    let lines = match &json {
        Some(value) => lines_of(value, pointer),
        None => text_lines(body),
    };
    if lines.is_empty() {
        return html! { p.muted { "No body." } };
    }
    let (shown, size) = window(&lines);
    if size > budget.0.get() {
        budget.0.set(0);
        return left_out();
    }
    budget.0.set(budget.0.get() - size);
    html! {
        pre.body tabindex="0" {
            @for part in shown {
                @match part {
                    Part::Line(line) => {
                        @let text = line.text.trim_start_matches(' ');
                        (&line.text[..line.text.len() - text.len()])
                        @if line.marked { mark { (text) } "\n" } @else { (text) "\n" }
                    }
                    Part::Gap(count) => { span.gap { "⋯ " (plural(count as u64, "line", "lines")) " not shown ⋯" } "\n" }
                }
            }
        }
        @if body.base64.is_some() { p.muted { "Not text; shown in base64." } }
        @if let Some(bytes) = body.cut_from_bytes { p.muted { "Only the beginning was recorded, of " (bytes) " bytes." } }
        @if absent { p.muted { "There is no such member here; what should hold it is marked." } }
    }
}

fn left_out() -> Markup {
    html! { p.muted { "Left out to keep this page small; the event log holds it." } }
}

fn text_lines(body: &Body) -> Vec<Line> {
    let text = body.base64.as_deref().unwrap_or(&body.text);
    text.lines()
        .map(|l| Line {
            text: fit(l),
            marked: false,
        })
        .collect()
}

fn fit(line: &str) -> String {
    shorten(&visible(line), LINE).into_owned()
}

fn lines_of(value: &Value, pointer: Option<&str>) -> Vec<Line> {
    let mut out = Printer { lines: Vec::new() };
    let path: Option<Vec<String>> = pointer.map(|p| {
        p.split('/')
            .skip(1)
            .map(|t| t.replace("~1", "/").replace("~0", "~"))
            .collect()
    });
    out.value(value, 0, "", "", path.as_deref(), false);
    out.lines
}

struct Printer {
    lines: Vec<Line>,
}

impl Printer {
    /// Prints a value. `path` is the rest of the way to the marked member, if it leads through here.
    fn value(
        &mut self,
        value: &Value,
        depth: usize,
        key: &str,
        comma: &str,
        path: Option<&[String]>,
        marked: bool,
    ) {
        let marked = marked || path.is_some_and(<[String]>::is_empty);
        // Where the way ends before its goal, the last member on it stands for the absent one.
        let (open, close, children): (_, _, Vec<(String, &String, &Value)>) = match value {
            Value::Object(members) if !members.is_empty() => {
                let list = members
                    .iter()
                    .map(|(k, v)| (format!("{}: ", Value::from(k.as_str())), k, v))
                    .collect();
                ('{', '}', list)
            }
            Value::Array(items) if !items.is_empty() => {
                return self.array(items, depth, key, comma, path, marked);
            }
            _ => {
                let lost = path.is_some();
                self.push(depth, &format!("{key}{value}{comma}"), marked || lost);
                return;
            }
        };
        let next = path.and_then(<[String]>::split_first);
        let lost = next.is_some_and(|(first, _)| !children.iter().any(|(_, k, _)| *k == first));
        self.push(depth, &format!("{key}{open}"), marked || lost);
        let end = children.len() - 1;
        for (i, (label, name, child)) in children.into_iter().enumerate() {
            let path = next.filter(|(first, _)| *first == name).map(|(_, rest)| rest);
            self.value(
                child,
                depth + 1,
                &label,
                if i < end { "," } else { "" },
                path,
                marked,
            );
        }
        self.push(depth, &format!("{close}{comma}"), marked);
    }

    fn array(
        &mut self,
        items: &[Value],
        depth: usize,
        key: &str,
        comma: &str,
        path: Option<&[String]>,
        marked: bool,
    ) {
        let next = path.and_then(<[String]>::split_first);
        let index = next.and_then(|(first, _)| first.parse::<usize>().ok());
        let lost = next.is_some() && index.is_none_or(|i| i >= items.len());
        self.push(depth, &format!("{key}["), marked || lost);
        for (i, item) in items.iter().enumerate() {
            let path = next.filter(|_| index == Some(i)).map(|(_, rest)| rest);
            self.value(
                item,
                depth + 1,
                "",
                if i + 1 < items.len() { "," } else { "" },
                path,
                marked,
            );
        }
        self.push(depth, &format!("]{comma}"), marked);
    }

    fn push(&mut self, depth: usize, text: &str, marked: bool) {
        self.lines.push(Line {
            text: format!("{:indent$}{}", "", fit(text), indent = depth * 2),
            marked,
        });
    }
}

enum Part<'a> {
    Line(&'a Line),
    Gap(usize),
}

/// The lines to show and their size: the beginning, and the surroundings of the first mark.
fn window(lines: &[Line]) -> (Vec<Part<'_>>, usize) {
    let mut size = 0;
    let mut fill = |from: usize, room: usize| {
        let mut used = 0;
        let end = (lines[from..].iter())
            .position(|l| {
                used += l.text.len() + 1;
                used > room
            })
            .map_or(lines.len(), |n| from + n.max(1));
        size += lines[from..end].iter().map(|l| l.text.len() + 1).sum::<usize>();
        end
    };
    let mut parts = Vec::new();
    let mut end = fill(0, SHOWN);
    parts.extend(lines[..end].iter().map(Part::Line));
    if let Some(mark) = lines.iter().position(|l| l.marked)
        && mark >= end
    {
        let from = mark.saturating_sub(3).max(end);
        if from > end {
            parts.push(Part::Gap(from - end));
        }
        end = fill(from, AROUND);
        // The context before the mark must not push the mark itself out.
        end = end.max(mark + 1);
        parts.extend(lines[from..end].iter().map(Part::Line));
    }
    if end < lines.len() {
        parts.push(Part::Gap(lines.len() - end));
    }
    (parts, size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(json: &str, pointer: &str) -> Vec<String> {
        let value: Value = serde_json::from_str(json).unwrap();
        let lines = lines_of(&value, Some(pointer));
        lines
            .into_iter()
            .filter(|l| l.marked)
            .map(|l| l.text.trim().to_owned())
            .collect()
    }

    #[test]
    fn the_member_at_the_pointer_is_marked() {
        let json = r#"{"a":{"b/c":[1,{"d":2}]},"e":{}}"#;
        assert_eq!(marked(json, "/a/b~1c/1/d"), [r#""d": 2"#]);
        assert_eq!(marked(json, "/a/b~1c/0"), ["1,"]);
        assert_eq!(marked(json, "/a/b~1c/1"), ["{", r#""d": 2"#, "}"]);
        assert_eq!(marked(json, "/e"), [r#""e": {}"#]);
        assert_eq!(marked(json, "").len(), 11);
    }

    #[test]
    fn what_should_hold_an_absent_member_is_marked() {
        let json = r#"{"a":{"b":[1]},"e":3}"#;
        assert_eq!(marked(json, "/a/x/y"), [r#""a": {"#]);
        assert_eq!(marked(json, "/a/b/7"), [r#""b": ["#]);
        assert_eq!(marked(json, "/e/f"), [r#""e": 3"#]);
        assert_eq!(marked(json, "/z"), ["{"]);
    }

    #[test]
    fn a_mark_far_down_is_shown() {
        let items: Vec<Value> = (0..20_000).map(Value::from).collect();
        let lines = lines_of(&Value::from(items), Some("/15000"));
        let (parts, size) = window(&lines);
        assert!(parts.iter().any(|p| matches!(p, Part::Line(l) if l.marked)));
        assert_eq!(parts.iter().filter(|p| matches!(p, Part::Gap(_))).count(), 2);
        assert!(size <= SHOWN + AROUND);
    }
}
