//! Texts for people.

/// How many characters of explanation a reply may carry (`status_reason_message`, `error.message`).
const MOST_CHARACTERS: usize = 999;

/// The text, cut to what the documents allow.
pub(crate) fn clipped(text: String) -> String {
    match text.char_indices().nth(MOST_CHARACTERS) {
        None => text,
        Some(_) => text.chars().take(MOST_CHARACTERS - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_too_long_is_cut() {
        assert_eq!(clipped("ы".repeat(5000)).chars().count(), 999);
        assert_eq!(clipped("ы".repeat(999)), "ы".repeat(999));
        assert_eq!(clipped("short".to_owned()), "short");
    }
}
