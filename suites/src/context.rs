//! What a case may know: the profile, the documents' schemas, and names that follow from the seed.

use crate::known::Known;
use crate::oracle::{Answer, classify};
use globset::GlobSet;
use serde_json::Value;
use specs::catalogue::{Demands, Profile};
use specs::clause::{Form, Message, Part};
use specs::document::Document;
use specs::evidence::Exchange;
use specs::schema::{Schema, Violation};
use specs::wire::digest::sha256_hex;
use specs::wire::key::PublicKey;
use std::any::Any;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

/// The operation by which a consumer is told of events.
const NOTIFY: &str = "notify";

/// What a message must look like: its compiled schema, and the clauses that this consists of.
#[derive(Debug)]
pub struct Shape {
    /// The schema.
    pub schema: Schema,
    /// Its clauses; none for messages that have no requirements of their own, e.g. errors of the transport.
    pub form: Arc<Form>,
    /// The clauses that do not bind a target, by a reading that its profile allows.
    lifted: Arc<GlobSet>,
}

impl Shape {
    /// How a body of the target's violates what binds it, in the order of the body; see [`Schema::violations`].
    pub fn violations(&self, body: &Value) -> Vec<Violation> {
        self.schema.violations_but(body, |violation| {
            let id = self.form.id_of(violation);
            id.is_some_and(|id| self.lifted.is_match(id.as_ref()))
        })
    }

    /// Whether a body of the target's has this form, as far as it binds.
    pub fn fits(&self, body: &Value) -> bool {
        self.schema.is_valid(body) || (!self.lifted.is_empty() && self.violations(body).is_empty())
    }
}

impl Deref for Shape {
    type Target = Schema;

    fn deref(&self) -> &Schema {
        &self.schema
    }
}

/// The compiled schemas of a profile's operations.
#[derive(Debug, Clone, Default)]
pub struct Schemas {
    requests: BTreeMap<String, Arc<Shape>>,
    replies: BTreeMap<(String, String), Arc<Shape>>,
    /// Callbacks that have the form of the request.
    shared: BTreeMap<String, Arc<Shape>>,
    forms: BTreeMap<Message, Arc<Form>>,
    lifted: Arc<GlobSet>,
    examples: BTreeMap<String, Vec<Value>>,
}

impl Schemas {
    /// Compiles the JSON bodies of every operation of the profile, and of the operations beside them that the
    /// consumer serves: `on-…`, and `notify` where there are subscriptions.
    ///
    /// # Errors
    /// A sentence naming the operation whose schema does not compile.
    pub fn of(profile: &Profile, document: &Document) -> Result<Self, String> {
        let mut schemas = Self {
            lifted: Arc::new(profile.lifted()),
            ..Self::default()
        };
        let parts = [Part::Request, Part::Reply, Part::Callback];
        let messages = profile
            .operations
            .keys()
            .flat_map(|id| parts.iter().filter_map(|part| Message::of(id, *part)))
            .chain([Message::Notification]);
        for message in messages {
            let form = || Arc::new(Form::of(&profile.document, message));
            schemas.forms.entry(message).or_insert_with(form);
        }
        let examples = document.examples().map_err(|e| e.to_string())?;
        for (id, operation) in &profile.operations {
            let of_request = examples.iter().filter(|example| {
                example.path == operation.document_path
                    && example.part == "request"
                    && example.media_type == "application/json"
            });
            let bodies = of_request.map(|example| example.value.clone()).collect();
            schemas.examples.insert(id.clone(), bodies);
        }
        let served = profile
            .operations
            .iter()
            .map(|(id, op)| (id.clone(), op.document_path.clone()));
        let callbacks = profile.operations.iter().filter_map(|(id, op)| {
            let (folder, last) = op.document_path.rsplit_once('/')?;
            Some((format!("on-{id}"), format!("{folder}/on-{last}")))
        });
        let notified = profile.operations.get("subscribe").and_then(|op| {
            let (folder, _) = op.document_path.rsplit_once('/')?;
            Some((NOTIFY.to_owned(), format!("{folder}/{NOTIFY}")))
        });
        for (id, path) in served.chain(callbacks).chain(notified) {
            let Some(operation) = document.operation("POST", &path) else {
                continue;
            };
            if let Some(schema) = operation
                .request
                .as_ref()
                .and_then(|r| r.content.get("application/json"))
            {
                let message = sent(&id);
                let shape = schemas.shape(&id, schema, message)?;
                schemas.requests.insert(id.clone(), shape);
                if Message::of(&id, Part::Callback) == Some(Message::ExchangeReply) {
                    let shape = schemas.shape(&id, schema, Some(Message::ExchangeReply))?;
                    schemas.shared.insert(id.clone(), shape);
                }
            }
            for (status, response) in &operation.responses {
                if let Some(schema) = response.content.get("application/json") {
                    // Only an answer that is not one of the transport's own is a message.
                    let answers = ["default", "200"].contains(&status.as_str());
                    let message = Message::of(&id, Part::Reply).filter(|_| answers);
                    let shape = schemas.shape(&id, schema, message)?;
                    schemas.replies.insert((id.clone(), status.clone()), shape);
                }
            }
        }
        Ok(schemas)
    }

    fn shape(&self, id: &str, schema: &Value, message: Option<Message>) -> Result<Arc<Shape>, String> {
        let schema =
            Schema::compile(schema).map_err(|e| format!("failed to compile a schema of {id}: {e}"))?;
        let form = message.and_then(|message| self.forms.get(&message));
        Ok(Arc::new(Shape {
            schema,
            form: form.map(Arc::clone).unwrap_or_default(),
            lifted: Arc::clone(&self.lifted),
        }))
    }

    /// The schema of an operation's request.
    pub fn request(&self, operation: &str) -> Option<&Arc<Shape>> {
        self.requests.get(operation)
    }

    /// The schema of what the target posts to a callback address after this operation: that of the `on-`
    /// operation, or of the operation itself where both directions share it.
    pub fn callback(&self, operation: &str) -> Option<&Arc<Shape>> {
        self.requests
            .get(&format!("on-{operation}"))
            .or_else(|| self.shared.get(operation))
    }

    /// The schema of a notification.
    pub fn notification(&self) -> Option<&Arc<Shape>> {
        self.requests.get(NOTIFY)
    }

    /// The schema of an operation's response with this status: the one declared for it, else the default.
    pub fn reply(&self, operation: &str, status: u16) -> Option<&Arc<Shape>> {
        self.replies
            .get(&(operation.to_owned(), status.to_string()))
            .or_else(|| self.replies.get(&(operation.to_owned(), "default".to_owned())))
    }

    /// The bodies that the document gives as examples of an operation's request.
    pub fn examples(&self, operation: &str) -> &[Value] {
        self.examples.get(operation).map_or(&[], Vec::as_slice)
    }

    /// The clauses of a message, where the profile has it.
    pub fn form(&self, message: Message) -> Option<&Form> {
        self.forms.get(&message).map(AsRef::as_ref)
    }

    /// The schema declared for exactly this status key, e.g. `default` or `401`.
    pub fn declared(&self, operation: &str, status: &str) -> Option<&Arc<Shape>> {
        self.replies.get(&(operation.to_owned(), status.to_owned()))
    }
}

/// The message that is the request body of an operation, of ours or of the consumer's.
fn sent(id: &str) -> Option<Message> {
    match id.strip_prefix("on-") {
        _ if id == NOTIFY => Some(Message::Notification),
        Some(asked) => Message::of(asked, Part::Callback),
        None => Message::of(id, Part::Request),
    }
}

/// What was made of the answer that a case learns from, remembered: a law is asked for its next step after each of
/// them, and comes to the same answer again and again, which may be long. It changes nothing of what a law finds.
#[derive(Debug, Clone, Default)]
pub struct Learnt(Arc<Mutex<Option<Made>>>);

/// What was made of an exchange, one of each type.
#[derive(Debug)]
struct Made {
    of: Exchange,
    all: Vec<Arc<dyn Any + Send + Sync>>,
}

impl Learnt {
    /// What is remembered to have been made of this very exchange, or what `make` makes of it now.
    pub(crate) fn of<T: Any + Send + Sync, E>(
        &self,
        exchange: &Exchange,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_none_or(|known| known.of != *exchange) {
            *kept = None;
        }
        let known = kept.get_or_insert_with(|| Made {
            of: exchange.clone(),
            all: Vec::new(),
        });
        let of_type = |one: &Arc<dyn Any + Send + Sync>| Arc::clone(one).downcast::<T>().ok();
        if let Some(found) = known.all.iter().find_map(of_type) {
            return Ok(found);
        }
        let new = Arc::new(make()?);
        known.all.push(Arc::clone(&new) as Arc<dyn Any + Send + Sync>);
        Ok(new)
    }
}

/// What a case may know while it plans and judges.
#[derive(Debug, Clone)]
pub struct Context {
    /// The profile that the target claims.
    pub profile: Arc<Profile>,
    /// What it demands.
    pub demands: Demands,
    /// The schemas of its documents.
    pub schemas: Arc<Schemas>,
    /// The seed of the run.
    pub seed: u64,
    /// What makes our names differ from those of an earlier run with the same seed; empty in an ordinary run.
    pub salt: String,
    /// The id of the case.
    pub case: String,
    /// `sender_id` of our messages.
    pub sender_id: String,
    /// `receiver_id` of our messages.
    pub receiver_id: String,
    /// The target's public key, where we have it.
    pub receiver_key: Option<Arc<PublicKey>>,
    /// What the target is known to hold.
    pub known: Arc<Known>,
    /// What was made of the answer that the case learns from.
    pub learnt: Learnt,
}

impl Context {
    /// The context of another case of the same run.
    #[must_use]
    pub fn for_case(&self, case: &str) -> Self {
        Self {
            case: case.to_owned(),
            learnt: Learnt::default(),
            ..self.clone()
        }
    }

    /// A name for something of this case: the same for the same seed (and salt), different for everything
    /// else. Has the form of a UUID (version 8).
    pub fn id(&self, what: &str) -> String {
        let salt = if self.salt.is_empty() { "" } else { "\n" };
        let seed = self.seed;
        let (profile, case) = (&self.profile.id, &self.case);
        let named = format!("{seed}\n{profile}\n{case}\n{what}{salt}{}", self.salt);
        let hex = sha256_hex(named.as_bytes());
        format!(
            "{}-{}-8{}-8{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[12..15],
            &hex[15..18],
            &hex[18..30]
        )
    }

    /// Whether the profile has this operation.
    pub fn serves(&self, operation: &str) -> bool {
        self.profile.operations.contains_key(operation)
    }

    /// Whether the target may do an operation without a token, by the reading of its profile.
    pub fn is_open(&self, operation: &str) -> bool {
        let unsecured = [
            "disabled",
            "get-disability-support",
            "get-disability-details",
            "enrolled",
            "enrollment-updates",
            "check-enrollment",
        ];
        unsecured.contains(&operation) && self.profile.allows("dci.unsecured-operations", "open")
    }

    /// Whether an exchange was refused; by a profile that reads it so, a server error refuses a bad signature.
    pub fn refused(&self, exchange: &Exchange) -> bool {
        let accident = || {
            self.profile.allows("digit.signature-refusal", "server-error")
                || self.profile.allows("digit.error-status", "fixed")
        };
        match classify(exchange) {
            Answer::Refused => true,
            Answer::ServerError => exchange.operation == "exchange" && accident(),
            _ => false,
        }
    }

    /// `dci` or `digit`: the first part of the ids of requirements that exist in both specifications.
    pub fn family(&self) -> &'static str {
        if self.profile.exchange.is_some() {
            "digit"
        } else {
            "dci"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use specs::evidence::{Body, Intent, Outcome, Request, Response};

    fn answered(text: &str) -> Exchange {
        Exchange {
            label: "discovery".to_owned(),
            operation: "sync-search".to_owned(),
            intent: Intent::Honest,
            request: Request {
                method: "POST".to_owned(),
                url: "http://localhost/".to_owned(),
                headers: Vec::new(),
                body: Body::default(),
            },
            outcome: Outcome::Response(Response {
                status: 200,
                headers: Vec::new(),
                body: Body::text(text),
            }),
            sent_us: 0,
            done_us: 1,
            put_off: Vec::new(),
        }
    }

    #[test]
    fn what_was_made_of_an_exchange_is_made_once_and_never_of_another() {
        let learnt = Learnt::default();
        let made = |of: &Exchange, now: &str| learnt.of::<String, ()>(of, || Ok(now.to_owned())).unwrap();
        let (one, other) = (answered("one"), answered("other"));
        assert_eq!(*made(&one, "first"), "first");
        assert_eq!(*made(&one, "again"), "first");
        assert_eq!(
            *learnt.of::<usize, ()>(&one, || Ok(7)).unwrap(),
            7,
            "of another type"
        );
        assert_eq!(*made(&one, "again"), "first");
        assert_eq!(*made(&other, "another"), "another");
        assert_eq!(learnt.of::<u8, _>(&other, || Err("nothing")), Err("nothing"));
        assert_eq!(*made(&one, "anew"), "anew");
    }
}
