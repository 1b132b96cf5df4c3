//! Who may look and switch: whoever addresses the mock by a name that no stranger can have, and no page of
//! another origin. A page on the internet can make a browser send requests to this machine, and can give
//! its own name the address of this machine (DNS rebinding).

use crate::answer::Answer;
use crate::house::House;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{HOST, HeaderName, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, Method, StatusCode};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Lets a request pass, or answers it with 403.
pub(crate) async fn guard(State(house): State<Arc<House>>, request: Request, next: Next) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    match examine(request.headers(), changes, &house.config.allow_callback) {
        Ok(()) => next.run(request).await,
        Err(why) => Answer::errors(StatusCode::FORBIDDEN, "err.request.forbidden", &why)
            .uncached()
            .into_response(),
    }
}

fn examine(headers: &HeaderMap, changes: bool, allowed: &[String]) -> Result<(), String> {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let host = text(HOST).unwrap_or_default();
    if !is_ours(host, allowed) {
        return Err(format!(
            "{host:?} may be the name of a stranger; use localhost or an IP address, or start the mock with \
             `--allow-callback` and the name"
        ));
    }
    if !changes {
        return Ok(());
    }
    let foreign_site = text(SEC_FETCH_SITE).is_some_and(|site| site != "same-origin" && site != "none");
    let same = |origin: &str| {
        let address = origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"));
        address.is_some_and(|address| address.eq_ignore_ascii_case(host))
    };
    match text(ORIGIN) {
        Some(origin) if !same(origin) => Err(format!("a page of {origin:?} may not change anything here")),
        _ if foreign_site => Err("a page of another site may not change anything here".to_owned()),
        _ => Ok(()),
    }
}

/// Whether this is an address, the name of this machine, a name without a dot, which nobody can register, or
/// one that the operator named.
fn is_ours(host: &str, allowed: &[String]) -> bool {
    let Ok(authority) = host.parse::<Authority>() else {
        return false;
    };
    let name = authority.host();
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<Ipv4Addr>().is_ok()
        || bare.parse::<Ipv6Addr>().is_ok()
        || !name.contains('.')
        || name.to_ascii_lowercase().ends_with(".localhost")
        || allowed.iter().any(|host| host.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn verdict(headers: &[(&'static str, &'static str)], changes: bool) -> bool {
        let pairs = headers.iter();
        let headers =
            pairs.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        examine(&headers.collect(), changes, &["ci.example.net".to_owned()]).is_ok()
    }

    #[test]
    fn names_that_strangers_can_have_are_refused() {
        for host in [
            "127.0.0.1:8080",
            "localhost",
            "LOCALHOST:1",
            "[::1]:8080",
            "192.168.1.5",
            "mock:8080",
            "a.localhost",
            "ci.example.net:1",
        ] {
            assert!(verdict(&[("host", host)], false), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example:8080",
            "127.0.0.1.evil.example",
            "",
            "a b",
            "com.",
        ] {
            assert!(!verdict(&[("host", host)], false), "{host}");
        }
    }

    #[test]
    fn only_the_same_origin_changes_anything() {
        let host = ("host", "127.0.0.1:8080");
        for origin in ["http://127.0.0.1:8080", "https://127.0.0.1:8080"] {
            assert!(verdict(&[host, ("origin", origin)], true), "{origin}");
        }
        for origin in [
            "http://127.0.0.1:8081",
            "http://evil.example",
            "null",
            "http://127.0.0.1:8080.evil.example",
            "",
        ] {
            assert!(!verdict(&[host, ("origin", origin)], true), "{origin}");
            assert!(verdict(&[host, ("origin", origin)], false), "{origin}");
        }
        assert!(verdict(&[host], true), "scripts have no origin");
        assert!(!verdict(&[host, ("sec-fetch-site", "cross-site")], true));
        assert!(verdict(&[host, ("sec-fetch-site", "same-origin")], true));
    }
}
