//! Wishes in a `Prefer` header (RFC 7240).

use super::{Effect, Plan};
use http::{HeaderMap, HeaderName};

const PREFER: HeaderName = HeaderName::from_static("prefer");

/// What the header wishes for. Preferences that are not ours are for somebody else, and nothing is said of
/// them.
pub(super) fn read(headers: &HeaderMap, operation: &str, signed: bool) -> Plan {
    let mut plan = Plan::of(operation, signed);
    for value in headers.get_all(PREFER) {
        let Ok(text) = value.to_str() else { continue };
        for word in words(text) {
            // What follows a semicolon are parameters, of which we know none.
            let word = word.split(';').next().unwrap_or_default().trim();
            if !word.to_ascii_lowercase().starts_with("dcx-") {
                continue;
            }
            match word.parse::<Effect>() {
                Ok(effect) => plan.add_wish(effect),
                Err(why) => plan.ignore(word, &why),
            }
        }
    }
    plan
}

/// The parts between commas that stand outside of quotes.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let separates = move |c: char| {
        quoted ^= c == '"';
        c == ',' && !quoted
    };
    text.split(separates)
        .map(str::trim)
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn read(values: &[&'static str]) -> Plan {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(PREFER, HeaderValue::from_static(value));
        }
        super::read(&headers, "search", false)
    }

    #[test]
    fn several_wishes_in_several_headers_are_one_plan() {
        let plan = read(&[
            "respond-async, dcx-delay=1; x=y,dcx-callback=\"late=2\"",
            "DCX-Explain",
        ]);
        assert_eq!(
            plan.steered(),
            ["dcx-delay=1", "dcx-callback=\"late=2\"", "dcx-explain"]
        );
        assert!(plan.ignored().is_empty());
    }

    #[test]
    fn of_two_that_are_about_the_same_the_first_counts() {
        let plan = read(&["dcx-status=503, dcx-status=500, dcx-what"]);
        assert_eq!(plan.steered(), ["dcx-status=503"]);
        assert_eq!(plan.ignored().len(), 2);
        assert!(plan.ignored()[0].starts_with("dcx-status=500: "));
    }
}
