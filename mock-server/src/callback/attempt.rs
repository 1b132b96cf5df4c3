//! One attempt to post a callback, and whether another may help.

use super::lookup::Refused;
use crate::clock;
use crate::journal::Verdict;
use http::header::{HeaderName, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use specs::wire::time::parse_http_date;
use std::time::Duration;
use url::Url;

/// Which attempt this is, from the second on: the receiver may have seen the callback before.
const ATTEMPT: HeaderName = HeaderName::from_static("dcx-attempt");
/// No number of seconds is longer, whatever a receiver asks for.
const FAR: f64 = 86_400.0;

/// Whether another attempt may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Again {
    #[default]
    Never,
    /// When we like.
    Sometime,
    /// When the receiver asks for it.
    After(Duration),
}

/// What came of an attempt.
#[derive(Debug, Default)]
pub(super) struct Tried {
    pub(super) verdict: Verdict,
    pub(super) status: Option<u16>,
    /// The outcome in words.
    pub(super) says: String,
    pub(super) again: Again,
}

impl Tried {
    /// An outcome that no other attempt changes.
    pub(super) fn of(verdict: Verdict, says: String) -> Self {
        Self {
            verdict,
            says,
            ..Self::default()
        }
    }
}

/// Posts a body with its headers, for the so-manieth time.
pub(super) async fn post(
    client: &reqwest::Client,
    url: &Url,
    headers: HeaderMap,
    body: String,
    attempt: u32,
) -> Tried {
    let mut request = client.post(url.clone()).headers(headers);
    if attempt > 1 {
        request = request.header(ATTEMPT, attempt);
    }
    let mut tried = match request.body(body).send().await {
        Ok(response) => answered(response.status(), response.headers()),
        Err(error) => unanswered(&error),
    };
    if attempt > 1 {
        tried.says = format!("{} (attempt {attempt})", tried.says);
    }
    tried
}

fn answered(status: StatusCode, headers: &HeaderMap) -> Tried {
    let (verdict, says) = match status {
        _ if status.is_success() => (Verdict::Delivered, status.to_string()),
        _ if status.is_redirection() => (
            Verdict::Undelivered,
            format!("{status}; redirects are not followed"),
        ),
        _ => (Verdict::Undelivered, status.to_string()),
    };
    let busy = status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error();
    Tried {
        status: Some(status.as_u16()),
        again: match retry_after(headers) {
            _ if !busy => Again::Never,
            Some(pause) => Again::After(pause),
            None => Again::Sometime,
        },
        ..Tried::of(verdict, says)
    }
}

/// The pause that a receiver asks for, in seconds or by the time of day.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let seconds = match text.parse::<u32>() {
        Ok(seconds) => f64::from(seconds),
        Err(_) => parse_http_date(text)? - clock::now(),
    };
    Some(Duration::from_secs_f64(seconds.clamp(0.0, FAR)))
}

fn unanswered(error: &reqwest::Error) -> Tried {
    match Refused::within(error) {
        Some(refused) => Tried::of(Verdict::Forbidden, refused.to_string()),
        None => Tried {
            again: Again::Sometime,
            ..Tried::of(Verdict::Undelivered, innermost(error))
        },
    }
}

/// The cause at the bottom of an error, which is the one that says something.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn asked(status: u16, retry_after: &'static str) -> Again {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static(retry_after));
        answered(StatusCode::from_u16(status).unwrap(), &headers).again
    }

    #[test]
    fn a_busy_receiver_is_called_again_when_it_says() {
        let seconds = |n| Again::After(Duration::from_secs(n));
        assert_eq!(asked(503, "7"), seconds(7));
        assert_eq!(asked(429, "4294967295"), seconds(86_400));
        assert_eq!(asked(429, "99999999999999999999"), Again::Sometime);
        assert_eq!(asked(500, "-1"), Again::Sometime);
        assert_eq!(asked(500, "Thu, 01 Jan 1970 00:00:10 GMT"), seconds(0));
        assert_eq!(asked(500, "Tue, 01 Jan 2999 00:00:10 GMT"), seconds(86_400));
        for status in [200, 202, 302, 400, 404, 408, 410, 422] {
            assert_eq!(asked(status, "7"), Again::Never, "{status}");
        }
    }
}
