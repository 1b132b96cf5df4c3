//! What came before, for the readings by which something may come only once.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// How many names are remembered; the oldest are forgotten first.
const MOST_KEPT: usize = 20_000;

/// Names that came before, each with a mark of what it came with.
#[derive(Debug, Default)]
pub(crate) struct Earlier(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    marks: HashMap<String, String>,
    order: VecDeque<String>,
}

impl Earlier {
    /// Remembers a name with this mark, unless it is known; returns the mark that it first came with.
    pub(crate) fn note(&self, name: String, mark: &str) -> Option<String> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(first) = kept.marks.get(&name) {
            return Some(first.clone());
        }
        if kept.order.len() >= MOST_KEPT
            && let Some(oldest) = kept.order.pop_front()
        {
            kept.marks.remove(&oldest);
        }
        kept.order.push_back(name.clone());
        kept.marks.insert(name, mark.to_owned());
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_by_the_mark_that_it_first_came_with() {
        let earlier = Earlier::default();
        assert_eq!(earlier.note("a".to_owned(), "1"), None);
        assert_eq!(earlier.note("a".to_owned(), "2").as_deref(), Some("1"));
        assert_eq!(earlier.note("a".to_owned(), "3").as_deref(), Some("1"));
        for n in 0..MOST_KEPT {
            earlier.note(format!("n{n}"), "");
        }
        assert_eq!(earlier.note("a".to_owned(), "4"), None, "it was forgotten");
    }
}
