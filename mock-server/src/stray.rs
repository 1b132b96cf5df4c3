//! Requests for which there is no operation: answered with 404 or 405, and noted with the address that was
//! probably meant.

use crate::answer::Answer;
use crate::clock;
use crate::house::House;
use crate::journal::{Entry, Side, Verdict};
use crate::refusal::Violated;
use axum::body::Bytes;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};

/// How much of an address may be misspelt for it to be recognised.
const MOST_MISSPELT: usize = 3;

/// The answer where nothing is.
pub(crate) fn not_found(house: &House, known: &[String], request: &Request) -> Response {
    let path = request.uri().path();
    let message = format!("there is nothing at {path}");
    let answer = Answer::errors(StatusCode::NOT_FOUND, "err.request.not_found", &message);
    noted(house, request, answer, message, near(path, known))
}

/// The answer where something is, for another method.
pub(crate) fn not_allowed(house: &House, request: &Request) -> Response {
    let message = format!("{} is not offered at {}", request.method(), request.uri().path());
    let answer = Answer::errors(StatusCode::METHOD_NOT_ALLOWED, "err.request.not_found", &message);
    noted(house, request, answer, message, None)
}

fn near(path: &str, known: &[String]) -> Option<String> {
    // Nobody means an address of three pages.
    let short = path.len() <= 200;
    let offered = known.iter().filter(|known| short && !known.contains('{'));
    let nearest = offered.min_by_key(|known| strsim::damerau_levenshtein(known, path))?;
    let distance = strsim::damerau_levenshtein(nearest, path);
    (distance <= MOST_MISSPELT).then(|| format!("`{path}` — did you mean `{nearest}`?"))
}

fn noted(
    house: &House,
    request: &Request,
    answer: Answer,
    message: String,
    near_miss: Option<String>,
) -> Response {
    if house.journal.is_kept() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, answer.content_type.clone());
        let line = format!("{} {}", request.method(), request.uri().path());
        let violated = Violated::of_address(message.clone(), near_miss);
        house.journal.put(Entry {
            at: clock::now(),
            operation: "none".to_owned(),
            verdict: Verdict::Refused,
            says: message,
            status: Some(answer.status.as_u16()),
            violations: vec![violated.told(None)],
            // The body is not read: there is nobody whom it could be for.
            request: Side::of(line, request.headers(), &Bytes::new()),
            response: Side::of(answer.status.to_string(), &headers, &answer.body),
            ..Entry::default()
        });
    }
    answer.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_address_is_recognised() {
        let known = ["/registry/sync/search", "/registry/search", "/v1/exchange/{type}"].map(str::to_owned);
        let hint = near("/registry/sync/serach", &known);
        assert_eq!(
            hint.as_deref(),
            Some("`/registry/sync/serach` — did you mean `/registry/sync/search`?")
        );
        assert_eq!(near("/favicon.ico", &known), None);
        assert_eq!(near(&"/registry/search".repeat(50), &known), None);
    }
}
