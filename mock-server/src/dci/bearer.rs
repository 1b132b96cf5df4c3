//! Bearer tokens (RFC 6750): asked for before anything else is looked at.

use crate::answer::{Answer, TEXT};
use crate::incoming::Incoming;
use crate::refusal::Refusal;
use crate::service::Service;
use crate::{Defect, clock};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use specs::wire::token::{Claims, TokenError};

/// Why a caller is turned away.
enum Denied {
    /// No token was presented.
    NoToken,
    /// The token gives no access.
    Token(TokenError),
}

impl Denied {
    /// The requirement that makes it a refusal.
    fn requirement(&self) -> &'static str {
        match self {
            Self::NoToken => "dci.bearer.required",
            Self::Token(TokenError::Expired) => "dci.bearer.expiry",
            Self::Token(TokenError::BadSignature) => "dci.bearer.tampered",
            Self::Token(_) => "dci.bearer.unknown-token",
        }
    }
}

/// The answer to a caller who presented no token that gives access.
pub(super) fn turn_away(cx: &Service, incoming: &Incoming) -> Option<Answer> {
    let checked = match presented(incoming) {
        None if cx.commits(Defect::BearerNotRequired) => Ok(()),
        None => Err(Denied::NoToken),
        Some(token) => verify(cx, token).map_err(Denied::Token),
    };
    checked.err().map(|denied| unauthorized(cx, &denied))
}

/// The token of the only `Authorization` header. One of another scheme presents no token.
fn presented(incoming: &Incoming) -> Option<&str> {
    let mut values = incoming.headers.get_all(AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    (values.next().is_none() && scheme.eq_ignore_ascii_case("bearer")).then(|| token.trim())
}

fn verify(cx: &Service, token: &str) -> Result<(), TokenError> {
    if cx.commits(Defect::BearerOpaqueAccepted) && token.split('.').count() != 3 {
        return Ok(());
    }
    if cx.commits(Defect::BearerSignatureUnchecked) {
        let claims = believed(token).ok_or(TokenError::Malformed)?;
        return if claims.exp <= clock::now() {
            Err(TokenError::Expired)
        } else {
            Ok(())
        };
    }
    match cx.token_key.verify(token, clock::now(), &cx.profile.id) {
        // Expiry is the last check: everything else about this token is in order.
        Err(TokenError::Expired) if cx.commits(Defect::BearerNeverExpires) => Ok(()),
        verified => verified.map(drop),
    }
}

/// The claims of a token that nobody verified.
fn believed(token: &str) -> Option<Claims> {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&claims).ok()
}

fn unauthorized(cx: &Service, denied: &Denied) -> Answer {
    let (challenge, message) = match denied {
        Denied::NoToken => (String::new(), "no access token was presented".to_owned()),
        Denied::Token(reason) => (
            format!(", error=\"invalid_token\", error_description=\"{reason}\""),
            reason.to_string(),
        ),
    };
    let code = "err.request.unauthorized";
    let answer = if cx.commits(Defect::BearerErrorText) {
        let page = "401 Authorization Required\n".to_owned();
        Answer::text(StatusCode::UNAUTHORIZED, TEXT, page).noting(&message)
    } else {
        Answer::errors(StatusCode::UNAUTHORIZED, code, &message)
    };
    let answer = answer.refusing(Refusal::coded(code, &message).breaking(denied.requirement()));
    let challenge = HeaderValue::try_from(format!("Bearer realm=\"{}\"{challenge}", cx.profile.id));
    match challenge {
        Ok(challenge) if !cx.commits(Defect::BearerNoChallenge) => {
            answer.with_header(WWW_AUTHENTICATE, challenge)
        }
        _ => answer,
    }
}
