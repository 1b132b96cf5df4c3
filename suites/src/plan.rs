//! What a case asks the harness to do next. Plans hold placeholders for what only the harness knows:
//! `${now}`, `${epoch}`, `${callback}`, `${callback of LABEL}` (the address of another step), `${client_id}`,
//! `${client_secret}`, `${db_name}`.

use serde_json::Value;
use specs::evidence::Intent;

/// One thing to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Send a request and record what comes of it.
    Send(Box<Send>),
    /// Send these requests at the same time, and record what comes of each, in their order.
    SendAll(Vec<Send>),
    /// Wait until the target answers this honest request again, or the deadline has passed. None of its
    /// attempts is recorded.
    Recover(Box<Send>),
    /// Wait until the target has called back for the step of this label, or the deadline has passed.
    Await {
        /// The step whose callback is awaited.
        label: String,
        /// What kind of callback.
        awaited: Awaited,
    },
    /// Wait through a quiet period in which no (further) callback for the step may come.
    Quiet {
        /// The step whose callbacks are watched.
        label: String,
        /// What kind of callback.
        awaited: Awaited,
    },
    /// Make an event happen at the target, by the trigger that it was configured with, and record what comes
    /// of it as an exchange of the operation [`EVENT`].
    Trigger {
        /// Name of the step within its case.
        label: String,
        /// The type of the event.
        event_type: String,
        /// The record that it is about.
        record: Value,
    },
    /// Read the target's key set, and record what comes of it as an exchange of the operation [`KEY_SET`].
    ReadKeySet {
        /// Name of the step within its case.
        label: String,
        /// Whether it is looked for at the root of the host instead of below the base URL.
        at_root: bool,
    },
    /// Decrypt what the step of this label was answered with: its callback where one came, else its reply.
    Open {
        /// The step whose answer is decrypted.
        label: String,
    },
    /// Wait until the access token used by the step of this label has expired.
    Expire {
        /// The step whose token is waited for.
        label: String,
    },
}

/// The operation under which a triggered event is recorded.
pub const EVENT: &str = "event";

/// The operation under which the reading of a key set is recorded.
pub const KEY_SET: &str = "key-set";

/// How the sentence begins that says why nothing came: the target was gone, which is no answer either way.
pub const STOPPED: &str = "the target stopped answering";

/// Where a key set is.
pub const KEY_SET_PATH: &str = "/.well-known/jwks.json";

/// What comes to a callback address: a subscription is answered, and later told of events, at the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaited {
    /// The answer to the step's request. What calls itself a notification is left for later.
    Answer,
    /// A notification; whatever comes once the answer is there counts.
    Notification,
}

impl Step {
    /// Send this.
    pub fn send(send: Send) -> Self {
        Self::Send(Box::new(send))
    }

    /// Wait for the answer to a step.
    pub fn answer(label: &str) -> Self {
        Self::Await {
            label: label.to_owned(),
            awaited: Awaited::Answer,
        }
    }

    /// Wait through a period without a (further) answer to a step.
    pub fn no_answer(label: &str) -> Self {
        Self::Quiet {
            label: label.to_owned(),
            awaited: Awaited::Answer,
        }
    }

    /// Wait for a notification of the subscription that a step made.
    pub fn notification(label: &str) -> Self {
        Self::Await {
            label: label.to_owned(),
            awaited: Awaited::Notification,
        }
    }

    /// Wait through a period without a (further) notification of the subscription that a step made.
    pub fn no_notification(label: &str) -> Self {
        Self::Quiet {
            label: label.to_owned(),
            awaited: Awaited::Notification,
        }
    }
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
    /// Whether the message is encrypted, before anything is signed.
    pub sealing: Sealing,
    /// The signature.
    pub signing: Signing,
    /// How a JSON body is spelt.
    pub spelling: Spelling,
    /// How its callbacks are answered.
    pub consumer: Consumer,
}

/// How we answer what is posted to a callback address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Consumer {
    /// With an acknowledgement, at once.
    #[default]
    Willing,
    /// With status 500.
    Failing,
    /// With an acknowledgement, after some seconds.
    Slow,
    /// Not at all.
    Silent,
    /// With an acknowledgement, at once; nobody looks at it.
    Careless,
}

/// A body to send.
#[derive(Debug, Clone, PartialEq)]
pub enum Payload {
    /// A JSON value; its placeholders are filled in.
    Json(Value),
    /// A form; its placeholders are filled in.
    Form(Vec<(String, String)>),
    /// Parameters in the query of the address, and no body; their placeholders are filled in.
    Query(Vec<(String, String)>),
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
    /// The claims of a valid token for another audience, in a token that names the algorithm `none`.
    Unsigned,
    /// A valid token in the query of the address, and no header.
    InQuery,
    /// A valid token under the scheme `Basic`.
    AsBasic,
    /// This text as the token.
    Literal(String),
}

/// What becomes of the message before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sealing {
    /// It stays in clear.
    #[default]
    None,
    /// It is encrypted for the target, in the form that the profile prefers, and the header says so.
    Own,
    /// The same, with one letter of the content changed afterwards.
    Content,
    /// The same, with one bit of the tag changed afterwards.
    Tag,
    /// The same, for somebody else.
    OtherKey,
    /// The same, under a header that names another algorithm.
    Algorithm,
    /// It stays in clear, and the header calls it encrypted.
    FlagOnly,
}

/// What goes into the place of the signature.
#[derive(Debug, Clone, PartialEq)]
pub enum Signing {
    /// The signature that the profile prescribes, with the sender's registered key.
    Own,
    /// The same, made over another body than the one sent.
    Over(Box<Value>),
    /// The same, made over the header alone.
    OverHeader,
    /// The same, made over the message alone.
    OverMessage,
    /// The same, made so many seconds from now.
    At(i32),
    /// The same, which names this sender as its signer.
    As(String),
    /// The same, in a text that names a key which nobody has.
    UnknownKeyId,
    /// A text that names the algorithm `none` and holds no signature.
    NoAlgorithm,
    /// A text that names an algorithm of shared secrets, and whose secret is the sender's public key.
    PublicKeySecret,
    /// A signature by a key that is not registered.
    OtherKey,
    /// The right signature with its last bytes cut off.
    Truncated,
    /// The right signature, twice.
    Doubled,
    /// An empty text.
    Empty,
    /// Nothing at all.
    Absent,
}

/// How a JSON value is spelt. All spellings mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Spelling {
    /// Without spaces, members in the order in which they were set, text as it is.
    #[default]
    Compact,
    /// With line breaks and indentation.
    Spaced,
    /// Members in the reverse order.
    Reversed,
    /// Every letter of a text that may be escaped is.
    Escaped,
}
