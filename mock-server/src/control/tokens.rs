//! `POST {base}/_dcx/tokens`: tokens that must be refused, for a partner who wants to see what becomes of them:
//! `{"client_id": ID, "kind": "expired"}`. None of them gives access to anything.

use super::clients::read;
use super::refused;
use crate::clock;
use crate::house::Place;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};
use specs::wire::token::Claims;

/// Why a token is to be refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Expired,
    WrongScope,
    WrongIssuer,
    WrongAudience,
    Tampered,
}

const KINDS: [(&str, Kind); 5] = [
    ("expired", Kind::Expired),
    ("wrong-scope", Kind::WrongScope),
    ("wrong-issuer", Kind::WrongIssuer),
    ("wrong-audience", Kind::WrongAudience),
    ("tampered", Kind::Tampered),
];

pub(crate) async fn make(State(place): State<Place>, request: Request) -> Response {
    let written = match read(request).await {
        Ok(written) => written,
        Err(response) => return response,
    };
    let service = place.service();
    let text = |name: &str| written.get(name).and_then(Value::as_str);
    let named = text("kind").and_then(|kind| KINDS.iter().find(|(name, _)| *name == kind));
    let Some((name, kind)) = named else {
        let kinds: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
        let message = format!("kind: give one of {}", kinds.join(", "));
        return refused(StatusCode::UNPROCESSABLE_ENTITY, &message);
    };
    let id = text("client_id").unwrap_or(&service.demonstration.id);
    let Some(client) = service.clients.get(id) else {
        return refused(StatusCode::NOT_FOUND, "there is no client of this id");
    };
    let now = clock::now();
    let lifetime = service.token_lifetime.as_secs_f64();
    let mut claims = Claims {
        iss: service.profile.id.clone(),
        client_id: client.id.clone(),
        db_name: service.demonstration.db_name.map(ToOwned::to_owned),
        scope: client.scopes().map(|scopes| scopes.join(" ")),
        iat: Some(now),
        exp: now + lifetime,
        aud: None,
    };
    let (status, error) = match kind {
        Kind::WrongScope => (403, "insufficient_scope"),
        _ => (401, "invalid_token"),
    };
    match kind {
        Kind::Expired => {
            claims.iat = Some(now - lifetime - 60.0);
            claims.exp = now - 60.0;
        }
        Kind::WrongScope => claims.scope = Some("registry.nothing".to_owned()),
        Kind::WrongIssuer => "https://issuer.example.org".clone_into(&mut claims.iss),
        Kind::WrongAudience => claims.aud = Some("https://another.example.org".into()),
        Kind::Tampered => {}
    }
    let mut token = service.token_key.issue(&claims);
    if *kind == Kind::Tampered {
        token = tampered(&token);
    }
    super::ok(&json!({
        "access_token": token,
        "token_type": "Bearer",
        "kind": name,
        "refused_with": {"status": status, "error": error},
    }))
}

/// The token with another first character of its signature.
fn tampered(token: &str) -> String {
    let Some((signed, signature)) = token.rsplit_once('.') else {
        return token.to_owned();
    };
    let other = if signature.starts_with('A') { 'B' } else { 'A' };
    let rest: String = signature.chars().skip(1).collect();
    format!("{signed}.{other}{rest}")
}
