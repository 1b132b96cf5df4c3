//! Bearer tokens (RFC 6750): asked for before anything else is looked at.

use crate::answer::{Answer, TEXT};
use crate::clients::{Client, State};
use crate::incoming::Incoming;
use crate::operation::Operation;
use crate::readings::Way;
use crate::refusal::Refusal;
use crate::service::Service;
use crate::text::clipped;
use crate::{Defect, clock};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::Value;
use specs::wire::token::{Claims, TokenError};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// The operations that have no entry for security in the published documents.
const UNSECURED: [Operation; 6] = [
    Operation::Disabled,
    Operation::DisabilitySupport,
    Operation::DisabilityDetails,
    Operation::Enrolled,
    Operation::EnrollmentUpdates,
    Operation::CheckEnrollment,
];
/// How many tokens are known before all are forgotten.
const MOST_KNOWN: usize = 1000;

/// The tokens that were verified, and what each says: a signature that was good once is good.
#[derive(Debug, Default)]
pub(crate) struct Verified(RwLock<HashMap<String, Claims>>);

impl Verified {
    fn claims(&self, token: &str, now: f64) -> Option<Claims> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.get(token).filter(|claims| now < claims.exp).cloned()
    }

    fn put(&self, token: &str, claims: &Claims) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        known.insert(token.to_owned(), claims.clone());
    }
}

/// Why a caller is turned away.
enum Denied {
    /// No token was presented.
    NoToken,
    /// The token gives no access, and what there is to say of it beyond that.
    Token(TokenError, String),
    /// The client of the token may do nothing, or nothing any more.
    Client(&'static str),
    /// The token is good, but not for this.
    Scope { needed: &'static str, held: String },
}

impl Denied {
    /// The requirement that makes it a refusal.
    fn requirement(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoToken => "dci.bearer.required",
            Self::Token(TokenError::Expired, _) => "dci.bearer.expiry",
            Self::Token(TokenError::BadSignature, _) => "dci.bearer.tampered",
            Self::Token(..) | Self::Client(_) => "dci.bearer.unknown-token",
            Self::Scope { .. } => return None,
        })
    }

    /// What follows the realm in the challenge (RFC 6750, section 3).
    fn challenge(&self) -> String {
        match self {
            Self::NoToken => String::new(),
            Self::Token(reason, _) => {
                format!(", error=\"invalid_token\", error_description=\"{reason}\"")
            }
            Self::Client(reason) => {
                format!(", error=\"invalid_token\", error_description=\"{reason}\"")
            }
            Self::Scope { needed, .. } => format!(
                ", error=\"insufficient_scope\", error_description=\"the access token is not for this\", scope=\"{needed}\""
            ),
        }
    }

    fn message(&self) -> String {
        match self {
            Self::NoToken => "no access token was presented".to_owned(),
            Self::Token(reason, _) => reason.to_string(),
            Self::Client(reason) => (*reason).to_owned(),
            Self::Scope { needed, held } => {
                format!("the access token is not for this: it needs {needed}, and has {held:?}")
            }
        }
    }

    /// For the journal: more than a stranger needs to know.
    fn explained(&self) -> String {
        match self {
            Self::Token(reason, more) if !more.is_empty() => format!("{reason}: {more}"),
            other => other.message(),
        }
    }

    fn status(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Scope { .. } => (StatusCode::FORBIDDEN, "err.request.forbidden"),
            _ => (StatusCode::UNAUTHORIZED, "err.request.unauthorized"),
        }
    }
}

/// The client whose token was presented, where one was; the answer to a caller without a token that gives access.
pub(super) fn admit(
    cx: &Service,
    operation: Operation,
    incoming: &Incoming,
) -> Result<Option<Arc<Client>>, Box<Answer>> {
    if cx.ways.take(Way::UnsecuredOpen) && UNSECURED.contains(&operation) {
        return Ok(None);
    }
    let checked = match presented(cx, incoming) {
        None if cx.commits(Defect::BearerNotRequired) => Ok(None),
        None => Err(Denied::NoToken),
        Some(token) => verify(cx, token).and_then(|claims| match claims {
            None => Ok(None),
            Some(claims) => client(cx, operation, &claims),
        }),
    };
    checked.map_err(|denied| Box::new(turned_away(cx, &denied)))
}

/// The token of the only `Authorization` header. One of another scheme presents no token.
fn presented<'i>(cx: &Service, incoming: &'i Incoming) -> Option<&'i str> {
    let mut values = incoming.headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return in_query(incoming).filter(|_| cx.commits(Defect::BearerInQueryAccepted));
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let is_bearer = scheme.eq_ignore_ascii_case("bearer") || cx.commits(Defect::BearerSchemeIgnored);
    (values.next().is_none() && is_bearer).then(|| token.trim())
}

/// The token in the query of the address.
fn in_query(incoming: &Incoming) -> Option<&str> {
    let parameters = incoming.query.split('&');
    let mut named = parameters.filter_map(|parameter| parameter.strip_prefix("access_token="));
    named.next()
}

/// What the token says, where anything is made of that.
fn verify(cx: &Service, token: &str) -> Result<Option<Claims>, Denied> {
    if cx.commits(Defect::BearerOpaqueAccepted) && token.split('.').count() != 3 {
        return Ok(None);
    }
    let now = clock::now();
    if cx.commits(Defect::BearerAlgorithmTrusted) && algorithm(token).as_deref() == Some("none") {
        return Ok(None);
    }
    let denied = |reason| Denied::Token(reason, more(cx, token, reason, now));
    if cx.commits(Defect::BearerSignatureUnchecked) {
        let claims = believed(token).ok_or_else(|| denied(TokenError::Malformed))?;
        return if claims.exp <= now {
            Err(denied(TokenError::Expired))
        } else {
            Ok(None)
        };
    }
    if let Some(claims) = cx.verified.claims(token, now) {
        return Ok(Some(claims));
    }
    match cx.token_key.verify(token, now, &cx.profile.id) {
        // Expiry is the last check: everything else about this token is in order.
        Err(TokenError::Expired) if cx.commits(Defect::BearerNeverExpires) => Ok(believed(token)),
        Err(reason) => Err(denied(reason)),
        Ok(claims) => {
            cx.verified.put(token, &claims);
            Ok(Some(claims))
        }
    }
}

/// What its signature proves of a token that gives no access.
fn more(cx: &Service, token: &str, reason: TokenError, now: f64) -> String {
    let Some(claims) = believed(token) else {
        return String::new();
    };
    let ours = &cx.profile.id;
    match reason {
        TokenError::WrongIssuer => format!("it says iss {:?}, and we are {ours:?}", clipped(claims.iss)),
        TokenError::WrongAudience => {
            let aud = claims.aud.map(|aud| aud.to_string()).unwrap_or_default();
            format!("it says aud {}, and we are {ours:?}", clipped(aud))
        }
        TokenError::Expired => format!("its exp was {:.1} s ago", now - claims.exp),
        TokenError::Malformed | TokenError::BadSignature => String::new(),
    }
}

/// The client that a token was issued to, if it may still do this.
fn client(cx: &Service, operation: Operation, claims: &Claims) -> Result<Option<Arc<Client>>, Denied> {
    let Some(client) = cx.clients.get(&claims.client_id) else {
        if cx.commits(Defect::TokenAnyClient) {
            return Ok(None);
        }
        return Err(Denied::Client(
            "the access token is of a client that is not known here",
        ));
    };
    match client.state(clock::now()) {
        State::Active => {}
        State::Expired => {
            return Err(Denied::Client(
                "the access token is of a client whose time is over",
            ));
        }
        State::Revoked => return Err(Denied::Client("the access token is of a client that was revoked")),
    }
    let Some(needed) = operation.scope() else {
        return Ok(Some(client));
    };
    let held = claims.scope.as_deref();
    let in_token = held.is_none_or(|held| held.split(' ').any(|scope| scope == needed));
    let in_client = client
        .scopes()
        .is_none_or(|held| held.iter().any(|scope| scope == needed));
    if in_token && in_client {
        return Ok(Some(client));
    }
    let of_client = || client.scopes().unwrap_or_default().join(" ");
    let held = if in_token {
        of_client()
    } else {
        held.unwrap_or_default().to_owned()
    };
    Err(Denied::Scope { needed, held })
}

/// The algorithm that a token names.
fn algorithm(token: &str) -> Option<String> {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
    let header: Value = serde_json::from_slice(&header).ok()?;
    header.get("alg")?.as_str().map(ToOwned::to_owned)
}

/// The claims of a token that nobody verified.
fn believed(token: &str) -> Option<Claims> {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&claims).ok()
}

fn turned_away(cx: &Service, denied: &Denied) -> Answer {
    let (status, code) = denied.status();
    let (message, explained) = (denied.message(), denied.explained());
    let answer = if cx.commits(Defect::BearerErrorText) && status == StatusCode::UNAUTHORIZED {
        let page = "401 Authorization Required\n".to_owned();
        Answer::text(status, TEXT, page).noting(&message)
    } else {
        Answer::errors(status, code, &message).noting(&format!("{code}: {explained}"))
    };
    let mut refusal = Refusal::coded(code, &explained);
    if let Some(requirement) = denied.requirement() {
        refusal = refusal.breaking(requirement);
    }
    let answer = answer.refusing(refusal);
    let challenge = denied.challenge();
    let challenge = HeaderValue::try_from(format!("Bearer realm=\"{}\"{challenge}", cx.profile.id));
    match challenge {
        Ok(challenge) if !cx.commits(Defect::BearerNoChallenge) => {
            answer.with_header(WWW_AUTHENTICATE, challenge)
        }
        _ => answer,
    }
}
