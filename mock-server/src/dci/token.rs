//! `POST /oauth2/client/token`: client credentials (RFC 6749, section 4.4), as a form and, where the
//! profile says so, as a JSON object, or in the query of the address instead.

use crate::answer::Answer;
use crate::clients::{Client, Denied};
use crate::incoming::Incoming;
use crate::readings::Way;
use crate::refusal::Refusal;
use crate::service::Service;
use crate::{Defect, clock};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value, json};
use specs::catalogue::AuthStyle;
use specs::clause::Message;
use specs::wire::token::Claims;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Why there is no token: a code of RFC 6749, section 5.2.
#[derive(Debug)]
struct Refused {
    error: &'static str,
    description: String,
    /// For the journal: more than a stranger needs to know.
    explained: Option<&'static str>,
    /// The requirement that asks for it, where the code alone does not tell.
    requirement: Option<&'static str>,
}

impl Refused {
    fn request(description: impl Into<String>) -> Self {
        Self {
            error: "invalid_request",
            description: description.into(),
            explained: None,
            requirement: None,
        }
    }

    /// Whoever is refused is not told what is wrong with the client; the journal is.
    fn client(denied: Denied, known: bool) -> Self {
        let (requirement, explained) = match denied {
            Denied::Unknown if known => ("dci.token.secret-checked", "the client's secret is wrong"),
            Denied::Unknown => ("dci.token.client-checked", "the client is unknown"),
            Denied::Expired => (
                "dci.token.client-checked",
                "the client's registration has expired",
            ),
            Denied::Revoked => ("dci.token.client-checked", "the client was revoked"),
        };
        Self {
            error: "invalid_client",
            description: "the client is unknown or its secret is wrong".to_owned(),
            explained: Some(explained),
            requirement: Some(requirement),
        }
    }

    /// For the journal.
    fn explained(&self) -> &str {
        self.explained.unwrap_or(&self.description)
    }
}

/// Answers a token request.
pub(crate) fn token(cx: &Service, incoming: &Incoming) -> Answer {
    if let Err(fault) = incoming.bytes() {
        return Answer::errors(fault.status, fault.code, &fault.message)
            .refusing(Refusal::of(&fault))
            .closing();
    }
    let granted = parameters(cx, incoming).and_then(|asked| grant(cx, &asked));
    match granted {
        Ok(claims) => issued(cx, &claims).noting("token issued"),
        Err(refused) => {
            let refusal = Refusal::coded(refused.error, refused.explained());
            let refusal = match refused.requirement {
                Some(id) => refusal.breaking(id),
                None => refusal,
            };
            refuse(cx, &refused)
                .noting(&format!("{}: {}", refused.error, refused.explained()))
                .refusing(refusal)
        }
    }
    .uncached()
}

type Parameters = BTreeMap<String, String>;

/// The parameters of the request, in whatever encoding the profile allows.
fn parameters(cx: &Service, incoming: &Incoming) -> Result<Parameters, Refused> {
    let style = cx.profile.authentication.style;
    let takes_json = style == AuthStyle::OauthFormOrJson;
    let in_query = style == AuthStyle::OauthQuery && !cx.commits(Defect::TokenQueryRefused);
    let mut asked = match incoming.media_type().as_str() {
        _ if in_query => from_pairs(incoming.query.as_bytes())?,
        _ if cx.commits(Defect::TokenFormRefused) => from_json(incoming)?,
        "application/json" if takes_json && !cx.commits(Defect::TokenJsonRefused) => from_json(incoming)?,
        "application/x-www-form-urlencoded" => from_pairs(incoming.bytes().unwrap_or_default())?,
        other => {
            return Err(Refused::request(format!(
                "the media type {other:?} is not taken here"
            )));
        }
    };
    if let Some((id, secret)) = basic(incoming) {
        if asked.contains_key("client_id") || asked.contains_key("client_secret") {
            return Err(Refused::request("the client authenticates in two ways at once"));
        }
        asked.extend([("client_id".to_owned(), id), ("client_secret".to_owned(), secret)]);
    }
    Ok(asked)
}

/// The parameters that mean something here; RFC 6749, section 3.2, has the others ignored.
const KNOWN: [&str; 5] = ["grant_type", "client_id", "client_secret", "scope", "db_name"];

fn from_pairs(form: &[u8]) -> Result<Parameters, Refused> {
    let pairs: Vec<(String, String)> =
        serde_urlencoded::from_bytes(form).map_err(|_| Refused::request("the parameters are no form"))?;
    let mut asked = Parameters::new();
    for (name, value) in pairs {
        if asked.contains_key(&name) && KNOWN.contains(&name.as_str()) {
            return Err(Refused::request(format!("the parameter {name:?} is there twice")));
        }
        asked.insert(name, value);
    }
    Ok(asked)
}

fn from_json(incoming: &Incoming) -> Result<Parameters, Refused> {
    let malformed = || Refused::request("the body is no JSON object of texts");
    let object: Map<String, Value> =
        serde_json::from_slice(incoming.bytes().unwrap_or_default()).map_err(|_| malformed())?;
    let known = |name: &String| KNOWN.contains(&name.as_str());
    let text = |(name, value): (String, Value)| match value {
        Value::String(text) => Ok((name, text)),
        _ => Err(malformed()),
    };
    object
        .into_iter()
        .filter(|(name, _)| known(name))
        .map(text)
        .collect()
}

/// Client credentials in the `Authorization` header, which RFC 6749 wants every server to take.
fn basic(incoming: &Incoming) -> Option<(String, String)> {
    let value = incoming.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

fn grant(cx: &Service, asked: &Parameters) -> Result<Claims, Refused> {
    let given = |name: &str| {
        asked
            .get(name)
            .filter(|value| !value.is_empty())
            .map(String::as_str)
    };
    let required = |name: &str| given(name).ok_or_else(|| Refused::request(format!("{name} is missing")));

    let grant_type = required("grant_type")?;
    if grant_type != "client_credentials" && !cx.commits(Defect::TokenAnyGrant) {
        return Err(Refused {
            error: "unsupported_grant_type",
            ..Refused::request("only client_credentials is granted")
        });
    }
    let (id, secret) = (required("client_id")?, required("client_secret")?);
    let client = authenticated(cx, id, secret)?;
    let scope = scope(client.as_deref(), given("scope"))?;
    let db_name = match cx.demonstration.db_name {
        None => None,
        Some(ours) if cx.commits(Defect::TokenAnyDatabase) => Some(ours.to_owned()),
        Some(ours) if required("db_name")? == ours => Some(ours.to_owned()),
        Some(_) => {
            return Err(Refused {
                requirement: Some("openspp.token.db-name"),
                ..Refused::request("there is no database of this name")
            });
        }
    };
    let issued = evenly_long(clock::now());
    Ok(Claims {
        iss: cx.profile.id.clone(),
        client_id: id.to_owned(),
        db_name,
        aud: None,
        scope,
        iat: Some(issued),
        exp: milliseconds(issued + cx.token_lifetime.as_secs_f64()),
    })
}

/// The client that proved itself; none where a mistake lets anybody in.
fn authenticated(cx: &Service, id: &str, secret: &str) -> Result<Option<Arc<Client>>, Refused> {
    let known = cx.clients.get(id);
    match cx.clients.authenticate(id, secret) {
        Ok(client) => Ok(Some(client)),
        Err(Denied::Unknown) if known.is_none() && cx.commits(Defect::TokenAnyClient) => Ok(None),
        Err(Denied::Unknown) if known.is_some() && cx.commits(Defect::TokenAnySecret) => Ok(known),
        Err(denied) => Err(Refused::client(denied, known.is_some())),
    }
}

/// What the token gives access to, where the client may not do everything: what was asked for, as far as it may.
fn scope(client: Option<&Client>, asked: Option<&str>) -> Result<Option<String>, Refused> {
    let Some(allowed) = client.and_then(Client::scopes) else {
        return Ok(None);
    };
    let asked = asked.map(|asked| asked.replace('/', "."));
    let wanted = |scope: &&String| {
        asked
            .as_deref()
            .is_none_or(|a| a.split(' ').any(|word| word == *scope))
    };
    let granted: Vec<&str> = allowed.iter().filter(wanted).map(String::as_str).collect();
    if granted.is_empty() {
        let description = match allowed {
            [] => "this client may do nothing".to_owned(),
            allowed => format!("this client may have {} only", allowed.join(" ")),
        };
        return Err(Refused {
            error: "invalid_scope",
            ..Refused::request(description)
        });
    }
    Ok(Some(granted.join(" ")))
}

/// A time close to this one that always takes three decimals to write, so that all tokens of a client are
/// of one length and the same seed gives answers of the same size.
fn evenly_long(seconds: f64) -> f64 {
    milliseconds((seconds * 100.0).floor() / 100.0 + 0.005)
}

fn milliseconds(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}

fn issued(cx: &Service, claims: &Claims) -> Answer {
    let mut reply = json!({"access_token": cx.token_key.issue(claims), "token_type": "Bearer"});
    let seconds = cx.token_lifetime.as_secs() + u64::from(cx.token_lifetime.subsec_nanos() > 0);
    if cx.ways.take(Way::ExpiresNumber) {
        reply["expires_in"] = seconds.into();
    } else if !cx.ways.take(Way::ExpiresAbsent) {
        reply["expires_in"] = seconds.to_string().into();
    }
    // RFC 6749, section 5.1: to be told where it may be other than what was asked for.
    if let Some(scope) = &claims.scope {
        reply["scope"] = scope.as_str().into();
    }
    if cx.commits(Defect::TokenTypeMissing)
        && let Some(members) = reply.as_object_mut()
    {
        members.shift_remove("token_type");
    }
    Answer::json(StatusCode::OK, &cx.sent(Message::TokenReply, reply))
}

fn refuse(cx: &Service, refused: &Refused) -> Answer {
    let Refused {
        error, description, ..
    } = refused;
    let status = if *error == "invalid_client" {
        StatusCode::UNAUTHORIZED
    } else {
        StatusCode::BAD_REQUEST
    };
    if cx.ways.take(Way::TokenErrorHttpErrors) {
        return Answer::errors(StatusCode::NOT_FOUND, "err.request.not_found", description);
    }
    if cx.ways.take(Way::TokenErrorOwn) {
        let own = json!({"statusCode": status.as_u16(), "message": description});
        return Answer::json(status, &own);
    }
    let answer = if cx.commits(Defect::TokenErrorNotRfc6749) {
        Answer::framework_page(status)
    } else {
        Answer::json(status, &json!({"error": error, "error_description": description}))
    };
    if status != StatusCode::UNAUTHORIZED {
        return answer;
    }
    // HTTP wants a challenge with every 401, and this endpoint does take Basic.
    answer.with_header(
        WWW_AUTHENTICATE,
        HeaderValue::from_static("Basic realm=\"token\", charset=\"UTF-8\""),
    )
}
