//! One step that sends: from the plan to bytes, and from the answer to a recorded exchange.

use super::{Env, seal, sign};
use crate::client::Outbound;
use crate::tokens::{Token, conceal_token};
use bytes::Bytes;
use http::header;
use serde_json::Value;
use specs::evidence::{Exchange, FailureKind, Outcome};
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::time::Instant;
use suites::plan::{Auth, Consumer, Payload, Send, Signing};

/// How often a request is sent again because its token expired on the way: on a busy machine, short-lived
/// tokens do.
const MOST_RENEWALS: u32 = 3;

/// What the steps of one case share.
pub(super) struct CaseState {
    /// When the case started.
    pub(super) started: Instant,
    /// The case's id.
    pub(super) case: String,
    /// Tokens by the label of the step that used them.
    pub(super) tokens: HashMap<String, Token>,
    /// Which callbacks of each step have been recorded, by their place among all that arrived.
    pub(super) recorded: HashMap<String, BTreeSet<usize>>,
}

impl CaseState {
    /// The state of a case that starts now.
    pub(super) fn new(case: &str) -> Self {
        Self {
            started: Instant::now(),
            case: case.to_owned(),
            tokens: HashMap::new(),
            recorded: HashMap::new(),
        }
    }

    /// A state for a request that is sent beside others of the case.
    pub(super) fn twin(&self) -> Self {
        Self {
            started: self.started,
            ..Self::new(&self.case)
        }
    }

    /// Microseconds since the case started.
    pub(super) fn micros(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.started).as_micros()).unwrap_or(u64::MAX)
    }
}

/// The key of a step's private callback address.
pub(super) fn callback_key(env: &Env, case: &str, label: &str) -> String {
    env.context.for_case(case).id(&format!("callback {label}"))
}

/// Sends a planned request and records what comes of it.
pub(super) async fn send(env: &Env, state: &mut CaseState, plan: &Send) -> Exchange {
    env.turn().await;
    if !matches!(plan.consumer, Consumer::Willing | Consumer::Careless) {
        let key = callback_key(env, &state.case, &plan.label);
        env.callbacks.answer_as(key, plan.consumer);
    }
    env.pulse.gate().await;
    let mut exchange = env.served(async || attempt(env, state, plan).await).await;
    env.felt(&state.case, &mut exchange).await;
    exchange
}

async fn attempt(env: &Env, state: &mut CaseState, plan: &Send) -> Exchange {
    let renewable = matches!(plan.auth, Auth::Token | Auth::OwnToken);
    let mut renewals = 0;
    let (recorded, sent, answered) = loop {
        let token = match token_for(env, state, plan).await {
            Ok(token) => token,
            Err(message) => return unsent(env, state, plan, &message),
        };
        let outbound = outbound(env, state, plan, token.as_ref());
        let recorded = env.client.recorded(&outbound);
        let heeded = plan.consumer != Consumer::Careless;
        let unanswered = heeded.then(|| env.callbacks.sending(callback_key(env, &state.case, &plan.label)));
        let sent = Instant::now();
        let answered = env
            .client
            .send_until(&outbound, unanswered, |raw| conceal_token(&env.redactor, raw))
            .await;
        let refused = matches!(&answered.outcome, Outcome::Response(r) if r.status == 401);
        // A token that expired on the way is ours to renew, not the target's fault.
        if !(refused && renewable && renewals < MOST_RENEWALS && token.is_some_and(|t| t.expired())) {
            break (recorded, sent, answered);
        }
        renewals += 1;
    };
    Exchange {
        label: plan.label.clone(),
        operation: plan.operation.clone(),
        intent: plan.intent.clone(),
        request: recorded,
        outcome: answered.outcome,
        sent_us: state.micros(sent),
        done_us: state.micros(answered.at),
        put_off: Vec::new(),
    }
}

fn unsent(env: &Env, state: &CaseState, plan: &Send, message: &str) -> Exchange {
    let outbound = outbound(env, state, plan, None);
    let now = state.micros(Instant::now());
    Exchange {
        label: plan.label.clone(),
        operation: plan.operation.clone(),
        intent: plan.intent.clone(),
        request: env.client.recorded(&outbound),
        outcome: Outcome::Failure {
            kind: FailureKind::Connect,
            message: env.redactor.text(&format!(
                "not sent, since no access token could be obtained: {message}"
            )),
        },
        sent_us: now,
        done_us: now,
        put_off: Vec::new(),
    }
}

async fn token_for(env: &Env, state: &mut CaseState, plan: &Send) -> Result<Option<Token>, String> {
    if !env.target.profile.wants_token() || plan.operation == "token" {
        return Ok(None);
    }
    Ok(match &plan.auth {
        Auth::None | Auth::Literal(_) => None,
        Auth::Token | Auth::Tampered | Auth::Unsigned | Auth::InQuery | Auth::AsBasic => {
            Some(env.tokens.current().await?)
        }
        Auth::OwnToken => {
            let (token, _) = env.tokens.fresh().await?;
            state.tokens.insert(plan.label.clone(), token.clone());
            Some(token)
        }
        Auth::SameAs(label) => state.tokens.get(label).cloned(),
    })
}

fn outbound(env: &Env, state: &CaseState, plan: &Send, token: Option<&Token>) -> Outbound {
    let fill = Placeholders::new(env, state, plan);
    let mut url = env.target.address(&plan.operation, plan.exchange_type.as_deref());
    let mut signature = None;
    let encoded = |fields: &[(String, String)]| {
        let fields: Vec<(&str, String)> = fields.iter().map(|(k, v)| (k.as_str(), fill.text(v))).collect();
        serde_urlencoded::to_string(&fields).unwrap_or_default()
    };
    let (media_type, body) = match &plan.payload {
        Payload::Raw(bytes) => (Some("application/octet-stream"), Bytes::from(bytes.clone())),
        Payload::Form(fields) => {
            let body = Bytes::from(encoded(fields));
            (Some("application/x-www-form-urlencoded"), body)
        }
        Payload::Query(fields) => {
            let _ = write!(url, "?{}", encoded(fields));
            (None, Bytes::new())
        }
        Payload::Json(value) => {
            let mut value = value.clone();
            fill.value(&mut value);
            seal::seal(env, state, plan, &mut value);
            let mut signing = plan.signing.clone();
            if plan.operation == "token" {
                signing = Signing::Absent;
            } else if let Signing::Over(body) = &mut signing {
                fill.value(body);
            }
            let spelt = sign::spelt(&env.target, &signing, plan.spelling, &value, fill.now);
            signature = spelt.header;
            (Some("application/json"), Bytes::from(spelt.text))
        }
    };
    let mut headers = vec![(header::ACCEPT, "application/json".to_owned())];
    if let Some(media_type) = plan.media_type.as_deref().or(media_type) {
        headers.push((header::CONTENT_TYPE, media_type.to_owned()));
    }
    headers.extend(signature);
    if let (Auth::InQuery, Some(token)) = (&plan.auth, token) {
        let encoded = serde_urlencoded::to_string([("access_token", &token.text)]).unwrap_or_default();
        let value = encoded.strip_prefix("access_token=").unwrap_or_default();
        // Spelt as it is in an address, it is as secret.
        env.redactor.conceal(value, "$DCX_TOKEN");
        let separator = if url.contains('?') { '&' } else { '?' };
        let _ = write!(url, "{separator}{encoded}");
    }
    let scheme = if plan.auth == Auth::AsBasic {
        "Basic"
    } else {
        "Bearer"
    };
    let authorization = match (&plan.auth, token) {
        (Auth::Literal(text), _) => Some(text.clone()),
        (Auth::InQuery, _) => None,
        (Auth::Unsigned, Some(token)) => {
            let unsigned = token.unsigned();
            env.redactor.conceal(&unsigned, "$DCX_UNSIGNED_TOKEN");
            Some(unsigned)
        }
        (Auth::Tampered, Some(token)) => {
            let tampered = token.tampered();
            env.redactor.conceal(&tampered, "$DCX_TAMPERED_TOKEN");
            Some(tampered)
        }
        (_, Some(token)) => Some(token.text.clone()),
        _ => None,
    };
    if let Some(text) = authorization {
        headers.push((header::AUTHORIZATION, format!("{scheme} {text}")));
    }
    Outbound {
        method: http::Method::POST,
        url,
        headers,
        body,
    }
}

/// What only the harness knows of a request.
struct Placeholders<'a> {
    /// The time of the request, in seconds since 1970.
    now: f64,
    values: Vec<(&'static str, String)>,
    /// The callback address of a step.
    address: Box<dyn Fn(&str) -> String + std::marker::Send + 'a>,
}

impl<'a> Placeholders<'a> {
    fn new(env: &'a Env, state: &'a CaseState, plan: &Send) -> Self {
        let careless = plan.consumer == Consumer::Careless;
        let address = move |label: &str| {
            let key = callback_key(env, &state.case, label);
            if careless {
                env.callbacks.careless_address(&key)
            } else {
                env.callbacks.address(&key)
            }
        };
        let now = jiff::Timestamp::now();
        let mut values = vec![
            ("${now}", format!("{now:.3}")),
            ("${epoch}", now.as_second().to_string()),
            ("${callback}", address(&plan.label)),
        ];
        if let Some(credentials) = &env.target.credentials {
            values.push(("${client_id}", credentials.client_id.clone()));
            values.push(("${client_secret}", credentials.client_secret.clone()));
            values.push(("${db_name}", credentials.db_name.clone().unwrap_or_default()));
        }
        Self {
            now: now.as_millisecond() as f64 / 1000.0,
            values,
            address: Box::new(address),
        }
    }

    fn text(&self, text: &str) -> String {
        let of_step = text
            .strip_prefix("${callback of ")
            .and_then(|rest| rest.strip_suffix('}'));
        if let Some(label) = of_step {
            return (self.address)(label);
        }
        match self.values.iter().find(|(name, _)| *name == text) {
            Some((_, value)) => value.clone(),
            None => text.to_owned(),
        }
    }

    fn value(&self, value: &mut Value) {
        match value {
            Value::String(text) if text.starts_with("${") => *text = self.text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(members) => members.values_mut().for_each(|member| self.value(member)),
            _ => {}
        }
    }
}
