//! The nearest of several words to a mistyped one.

/// How many words are compared.
const MAX_CANDIDATES: usize = 2_000;
/// How long they may be.
const MAX_LENGTH: usize = 64;

/// The candidate nearest to a word, if one is near enough to have been meant.
pub(super) fn nearest<'c>(word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let length = word.chars().count();
    if length > MAX_LENGTH {
        return None;
    }
    candidates
        .filter(|candidate| *candidate != word && candidate.len() <= MAX_LENGTH)
        .take(MAX_CANDIDATES)
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= (length / 4).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
