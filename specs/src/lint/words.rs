//! The words of a document, and how often each is used.

use crate::document::library::Library;
use serde_json::Value;
use std::collections::HashMap;

/// Shorter words are too alike to be told apart.
const LEAST: usize = 6;
/// Longer ones are no words.
const MOST: usize = 40;
/// How many different words are remembered.
const MAX_WORDS: usize = 20_000;
/// Pairs that look like misspellings and are two words.
const TWINS: [(&str, &str); 4] = [
    ("country", "county"),
    ("contact", "contract"),
    ("expected", "excepted"),
    ("altered", "alerted"),
];

/// The words of a document.
#[derive(Debug, Default)]
pub(super) struct Words {
    counts: HashMap<String, usize>,
    /// By first letter, so that few need to be compared.
    by_letter: HashMap<char, Vec<String>>,
}

impl Words {
    pub(super) fn of(library: &Library) -> Self {
        let mut words = Self::default();
        for file in 0..library.len() {
            words.value(library.root(file));
        }
        for word in words.counts.keys() {
            if let Some(first) = word.chars().next() {
                words.by_letter.entry(first).or_default().push(word.clone());
            }
        }
        words.by_letter.values_mut().for_each(|list| list.sort());
        words
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(items) => items.iter().for_each(|item| self.value(item)),
            Value::Object(members) => {
                for (name, member) in members {
                    self.text(name);
                    self.value(member);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        for word in split(text) {
            if self.counts.len() < MAX_WORDS || self.counts.contains_key(&word) {
                *self.counts.entry(word).or_default() += 1;
            }
        }
    }

    /// The word that a misspelt one of a name most likely stands for, with the misspelt one.
    pub(super) fn misspelt(&self, name: &str) -> Option<(String, &str)> {
        split(name).find_map(|word| self.nearest(&word).map(|near| (word, near)))
    }

    fn nearest(&self, word: &str) -> Option<&str> {
        let own = self.counts.get(word).copied().unwrap_or_default();
        let first = word.chars().next()?;
        self.by_letter
            .get(&first)?
            .iter()
            .filter(|other| self.counts.get(*other).is_some_and(|count| *count > own))
            .filter(|other| is_slip(word, other))
            .max_by_key(|other| self.counts.get(*other))
            .map(String::as_str)
    }
}

/// Whether one word looks like a slip in writing the other, and not like another form of it.
fn is_slip(word: &str, other: &str) -> bool {
    let is_pair = |(a, b): &(&str, &str)| (word, other) == (*a, *b) || (other, word) == (*a, *b);
    let form_of = |long: &str, short: &str| {
        let common = long
            .chars()
            .zip(short.chars())
            .take_while(|(a, b)| a == b)
            .count();
        // The end of a word is where its forms differ: -s, -d, -er, -or, -ing.
        common + 2 >= short.chars().count()
    };
    // One letter for another makes words of words: consent and content, sender and gender.
    let other_letter = strsim::hamming(word, other) == Ok(1);
    word.len().abs_diff(other.len()) <= 1
        && !form_of(word, other)
        && !other_letter
        && strsim::damerau_levenshtein(word, other) == 1
        && !TWINS.iter().any(is_pair)
}

/// The words of a text in lower case: runs of letters, and the humps of camel case.
fn split(text: &str) -> impl Iterator<Item = String> + '_ {
    let runs = text.split(|c: char| !c.is_ascii_alphabetic());
    runs.flat_map(|run| {
        let mut words = vec![String::new()];
        let mut before = ' ';
        for c in run.chars() {
            if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.push(c.to_ascii_lowercase());
            }
            before = c;
        }
        words
    })
    .filter(|word| (LEAST..=MOST).contains(&word.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_told_from_forms() {
        assert!(is_slip("subscibe", "subscribe"));
        assert!(is_slip("reciever", "receiver"));
        assert!(is_slip("timesatmp", "timestamp"));
        assert!(is_slip("enrollement", "enrollment"));
        assert!(!is_slip("subscribe", "subscribed"));
        assert!(!is_slip("records", "record"));
        assert!(!is_slip("country", "county"));
        assert!(!is_slip("consent", "content"));
    }

    #[test]
    fn words_are_split_at_humps() {
        let words: Vec<String> = split("NewHouseHoldMember timeStamped subscription_codes").collect();
        assert_eq!(words, ["member", "stamped", "subscription"]);
    }
}
