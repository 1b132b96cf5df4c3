//! What a case asks the harness to do next. Plans hold placeholders for what only the harness knows:
//! `${now}`, `${epoch}`, `${callback}`, `${client_id}`, `${client_secret}`, `${db_name}`.

use serde_json::Value;
use specs::evidence::Intent;

/// One thing to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Send a request and record what comes of it.
    Send(Box<Send>),
    /// Wait until the target has called back for the step of this label, or the deadline has passed.
    Await {
        /// The step whose callback is awaited.
        label: String,
    },
    /// Wait through a quiet period in which no (further) callback for the step may come.
    Quiet {
        /// The step whose callbacks are watched.
        label: String,
    },
    /// Wait until the access token used by the step of this label has expired.
    Expire {
        /// The step whose token is waited for.
        label: String,
    },
}

/// A request to send.
#[derive(Debug, Clone, PartialEq)]
pub struct Send {
    /// Name of the step within its case; callbacks are told apart by it.
    pub label: String,
    /// Operation id.
    pub operation: String,
    /// What stands for `{type}` in the path, where the path has it.
    pub exchange_type: Option<String>,
    /// How the request is meant.
    pub intent: Intent,
    /// The body.
    pub payload: Payload,
    /// The media type, when it is not the payload's own.
    pub media_type: Option<String>,
    /// The Authorization header.
    pub auth: Auth,
    /// The signature.
    pub signing: Signing,
}

/// A body to send.
#[derive(Debug, Clone, PartialEq)]
pub enum Payload {
    /// A JSON value; its placeholders are filled in.
    Json(Value),
    /// A form; its placeholders are filled in.
    Form(Vec<(String, String)>),
    /// Bytes as they are.
    Raw(Vec<u8>),
}

/// What goes into the Authorization header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Auth {
    /// A valid access token, where the profile wants one.
    Token,
    /// A valid access token obtained for this case alone.
    OwnToken,
    /// The token that the step of this label used, whatever has become of it.
    SameAs(String),
    /// No header.
    None,
    /// A valid token with one character changed.
    Tampered,
    /// This text as the token.
    Literal(String),
}

/// What goes into the signature member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signing {
    /// The signature that the profile prescribes, with the sender's registered key.
    Own,
    /// The same, made over another message text than the one sent.
    Over(String),
    /// A signature by a key that is not registered.
    OtherKey,
    /// The right signature with its last bytes cut off.
    Truncated,
    /// An empty text.
    Empty,
    /// No such member.
    Absent,
}
