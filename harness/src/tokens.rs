//! Access tokens: obtained when needed, renewed before they expire, kept out of the log.

use crate::client::{Answered, Client, Outbound};
use crate::record::Redactor;
use crate::target::{Credentials, Target};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use serde_json::Value;
use specs::catalogue::AuthStyle;
use specs::evidence::Outcome;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// An access token and how long it lives.
#[derive(Clone)]
pub struct Token {
    /// The token.
    pub text: String,
    /// When it expires, if that is known.
    pub expires: Option<Instant>,
    /// How long it lives in all, if that is known.
    pub lifetime: Option<Duration>,
}

impl Token {
    /// Whether it has expired.
    pub fn expired(&self) -> bool {
        self.expires.is_some_and(|at| at <= Instant::now())
    }

    /// Whether so little of its life is left that it should be renewed.
    fn ageing(&self) -> bool {
        match (self.expires, self.lifetime) {
            (Some(at), Some(lifetime)) => at.saturating_duration_since(Instant::now()) < lifetime / 3,
            _ => false,
        }
    }

    /// Its claims, where it is a JWT, for another audience, in a token that names the algorithm `none`.
    pub fn unsigned(&self) -> String {
        let mut claims = specs::wire::token::decode_unverified(&self.text)
            .filter(Value::is_object)
            .unwrap_or_else(|| serde_json::json!({}));
        claims["aud"] = "https://another.example.org".into();
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = serde_json::json!({"alg": "none", "typ": "JWT"});
        format!("{}.{}.", part(&header), part(&claims))
    }

    /// The token with one character of its signature changed.
    pub fn tampered(&self) -> String {
        let mut characters: Vec<char> = self.text.chars().collect();
        let at = characters.len().saturating_sub(10);
        if let Some(c) = characters.get_mut(at) {
            *c = if *c == 'A' { 'B' } else { 'A' };
        }
        characters.into_iter().collect()
    }
}

/// How a token request was encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As a form.
    Form,
    /// As a JSON object.
    Json,
    /// As the query of the address.
    Query,
}

/// Obtains tokens from one target.
pub struct Tokens {
    client: Client,
    redactor: Redactor,
    url: String,
    credentials: Option<Credentials>,
    encodings: Vec<Encoding>,
    current: Mutex<Option<Token>>,
    encoding: std::sync::OnceLock<Encoding>,
}

impl Tokens {
    /// Tokens for a target.
    pub fn new(target: &Target, client: Client, redactor: Redactor) -> Self {
        let profile = &target.profile;
        let allowed = profile.readings.get("dci.token-request");
        let first = allowed.and_then(|allowed| allowed.first()).map(String::as_str);
        let encodings = match (profile.authentication.style, first) {
            // Credentials go into an address only where the profile has them there.
            (AuthStyle::OauthQuery, _) => vec![Encoding::Query, Encoding::Form, Encoding::Json],
            (_, Some("json")) => vec![Encoding::Json, Encoding::Form],
            _ => vec![Encoding::Form, Encoding::Json],
        };
        if let Some(credentials) = &target.credentials {
            redactor.conceal(&credentials.client_secret, "$DCX_CLIENT_SECRET");
        }
        Self {
            url: target.address("token", None),
            credentials: target.credentials.clone(),
            current: Mutex::new(None),
            encoding: std::sync::OnceLock::new(),
            client,
            redactor,
            encodings,
        }
    }

    /// A valid token: the current one, or a new one when it is about to expire.
    ///
    /// # Errors
    /// Why none could be obtained, in a sentence.
    pub async fn current(&self) -> Result<Token, String> {
        let mut current = self.current.lock().await;
        if let Some(token) = current.as_ref().filter(|token| !token.ageing()) {
            return Ok(token.clone());
        }
        let (token, _) = self.fresh().await?;
        *current = Some(token.clone());
        Ok(token)
    }

    /// A new token, and how it was asked for.
    ///
    /// # Errors
    /// Why none could be obtained, in a sentence.
    pub async fn fresh(&self) -> Result<(Token, Encoding), String> {
        let Some(credentials) = &self.credentials else {
            return Err("no client credentials are configured".to_owned());
        };
        let mut first_failure = None;
        for encoding in &self.encodings {
            match self.attempt(credentials, *encoding).await {
                Ok(token) => {
                    self.encoding.get_or_init(|| *encoding);
                    return Ok((token, *encoding));
                }
                Err((message, worth_another)) => {
                    first_failure.get_or_insert(message);
                    if !worth_another {
                        break;
                    }
                }
            }
        }
        Err(first_failure.unwrap_or_default())
    }

    /// How the first token was asked for.
    pub fn encoding(&self) -> Option<Encoding> {
        self.encoding.get().copied()
    }

    async fn attempt(&self, credentials: &Credentials, encoding: Encoding) -> Result<Token, (String, bool)> {
        let mut fields = vec![
            ("grant_type", "client_credentials"),
            ("client_id", &credentials.client_id),
            ("client_secret", &credentials.client_secret),
        ];
        if let Some(db_name) = &credentials.db_name {
            fields.push(("db_name", db_name));
        }
        let form = || serde_urlencoded::to_string(&fields).unwrap_or_default();
        let mut url = self.url.clone();
        let (media_type, body) = match encoding {
            Encoding::Form => (Some("application/x-www-form-urlencoded"), form()),
            Encoding::Query => {
                url = format!("{url}?{}", form());
                (None, String::new())
            }
            Encoding::Json => {
                let object: serde_json::Map<String, Value> = fields
                    .iter()
                    .map(|(k, v)| ((*k).to_owned(), Value::from(*v)))
                    .collect();
                (Some("application/json"), Value::Object(object).to_string())
            }
        };
        let mut headers = vec![(http::header::ACCEPT, "application/json".to_owned())];
        headers.extend(media_type.map(|media_type| (http::header::CONTENT_TYPE, media_type.to_owned())));
        let outbound = Outbound {
            method: http::Method::POST,
            url,
            headers,
            body: Bytes::from(body),
        };
        let attempt = async || {
            let asked = Instant::now();
            let conceal = |raw: &Bytes| conceal_token(&self.redactor, raw);
            (asked, self.client.send(&outbound, conceal).await)
        };
        let response = |(_, answered): &(Instant, Answered)| match &answered.outcome {
            Outcome::Response(response) => Some(response.clone()),
            Outcome::Failure { .. } => None,
        };
        let (asked, answered) = self.client.ration().patiently(response, attempt).await;
        let response = match answered.outcome {
            Outcome::Response(response) => response,
            Outcome::Failure { message, .. } => return Err((format!("{}: {message}", self.url), false)),
        };
        let body: Option<Value> = serde_json::from_slice(&answered.raw).ok();
        let text = body
            .as_ref()
            .and_then(|b| b.get("access_token"))
            .and_then(Value::as_str);
        match (response.status, text) {
            (200..=299, Some(text)) if !text.is_empty() => {
                let lifetime = lifetime(body.as_ref().and_then(|b| b.get("expires_in")), text);
                let expires = lifetime.and_then(|lifetime| asked.checked_add(lifetime));
                Ok(Token {
                    text: text.to_owned(),
                    expires,
                    lifetime,
                })
            }
            (status, _) => {
                let shown: String = response.body.text.chars().take(200).collect();
                let worth_another = !response.rationed();
                Err((
                    format!("{} answered HTTP {status}: {shown}", self.url),
                    worth_another,
                ))
            }
        }
    }
}

/// Makes a token in a response known to the redactor before the response is recorded.
pub fn conceal_token(redactor: &Redactor, raw: &Bytes) {
    // Most responses can be told from their text, which is cheaper than parsing; the name may be spelt otherwise.
    let suspect = |text: &str| text.contains("_token") || text.contains("\\u");
    if !std::str::from_utf8(raw).is_ok_and(suspect) {
        return;
    }
    if let Ok(body) = serde_json::from_slice::<Value>(raw) {
        for name in ["access_token", "refresh_token", "id_token"] {
            if let Some(token) = body.get(name).and_then(Value::as_str) {
                redactor.conceal(token, "$DCX_TOKEN");
            }
        }
    }
}

/// How long a token lives: by its own claims where it is a JWT, else by `expires_in`.
fn lifetime(expires_in: Option<&Value>, token: &str) -> Option<Duration> {
    let claimed = specs::wire::token::decode_unverified(token).and_then(|claims| {
        let number = |name: &str| claims.get(name).and_then(Value::as_f64);
        Some(number("exp")? - number("iat")?)
    });
    let stated = expires_in.and_then(|value| match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_f64(),
    });
    let seconds: f64 = claimed.or(stated)?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|lifetime| !lifetime.is_zero())
}
