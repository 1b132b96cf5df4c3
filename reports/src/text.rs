//! Text that others wrote, made safe and fit to show.
//!
//! A target chooses much of what a report shows. Nothing it sends may move a cursor, change a colour,
//! reorder a line or make a document unreadable.

use std::borrow::Cow;

/// Whether a character changes how others are shown, or is illegal in XML, instead of being seen.
pub(crate) fn is_unseen(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c,
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// The text with every unseen character spelt out as `\u{…}`.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unseen) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .fold(String::with_capacity(text.len() + 16), |mut out, c| {
                if is_unseen(c) {
                    out.extend(c.escape_unicode());
                } else {
                    out.push(c);
                }
                out
            }),
    )
}

/// The text on one line: visible, with line ends and tabs as spaces.
pub fn one_line(text: &str) -> String {
    visible(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most `max` characters, with what was left out said in words.
pub(crate) fn shorten(text: &str, max: usize) -> Cow<'_, str> {
    match text.char_indices().nth(max) {
        None => Cow::Borrowed(text),
        Some((at, _)) => {
            let rest = text[at..].chars().count();
            Cow::Owned(format!("{}… ({rest} more characters)", &text[..at]))
        }
    }
}

/// Breaks text into lines of at most `width` characters at spaces; a word that is longer is broken.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(16);
    let mut lines = Vec::new();
    let (mut line, mut used) = (String::new(), 0);
    for word in text.split_whitespace() {
        let mut rest: Vec<char> = word.chars().collect();
        if used > 0 && used + 1 + rest.len() > width {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        while rest.len() > width {
            let tail = rest.split_off(width);
            lines.push(rest.into_iter().collect());
            rest = tail;
        }
        used += rest.len();
        line.extend(rest);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// `1 case`, `2 cases`.
pub(crate) fn plural(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// A duration for people: `0.8 ms`, `412 ms`, `3.2 s`, `2 min 5 s`.
pub(crate) fn duration(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..10_000 => format!("{}.{} ms", us / 1_000, us % 1_000 / 100),
        10_000..1_000_000 => format!("{} ms", us / 1_000),
        1_000_000..60_000_000 => format!("{}.{} s", us / 1_000_000, us % 1_000_000 / 100_000),
        _ => format!("{} min {} s", us / 60_000_000, us % 60_000_000 / 1_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_spelt_out() {
        assert_eq!(
            visible("a\u{1b}[31mb\r\u{202e}c\n"),
            "a\\u{1b}[31mb\\u{d}\\u{202e}c\n"
        );
        assert_eq!(one_line(" a\n\tb  c "), "a b c");
    }

    #[test]
    fn wrapping_breaks_long_words_and_loses_nothing() {
        let text = "one two aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa three";
        let lines = wrap(text, 16);
        assert!(lines.iter().all(|l| l.chars().count() <= 16), "{lines:?}");
        assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
    }

    #[test]
    fn durations_read_naturally() {
        let read: Vec<String> = [7, 1_250, 412_000, 3_290_000, 125_000_000]
            .map(duration)
            .into_iter()
            .collect();
        assert_eq!(read, ["7 µs", "1.2 ms", "412 ms", "3.2 s", "2 min 5 s"]);
    }
}
