//! What the journal says of one exchange, or of one attempt at a callback.

use super::Side;
use serde_json::{Value, json};
use specs::wire::time::format_date_time;

/// What was observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Kind {
    /// A request and its answer.
    #[default]
    Exchange,
    /// A callback.
    Callback,
    /// What nobody asked for over the wire: an event of the timeline, or a file that was read again.
    Change,
}

impl Kind {
    /// Its name in the journal.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Exchange => "exchange",
            Self::Callback => "callback",
            Self::Change => "change",
        }
    }
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Verdict {
    /// The request has been, or will be, answered with what it asked for.
    #[default]
    Accepted,
    /// Some of its items were rejected.
    Partly,
    /// The request, or every item of it, was refused.
    Refused,
    /// It was answered as somebody wished, without being looked at.
    Steered,
    /// The callback arrived.
    Delivered,
    /// The callback is in the mailbox.
    Kept,
    /// The callback did not arrive, and is tried again.
    Retried,
    /// The callback did not arrive.
    Undelivered,
    /// Its address may not be called.
    Forbidden,
    /// Somebody wished that it is not sent.
    Withheld,
}

impl Verdict {
    /// Its name in the journal.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Partly => "partly",
            Self::Refused => "refused",
            Self::Steered => "steered",
            Self::Delivered => "delivered",
            Self::Kept => "kept",
            Self::Retried => "retried",
            Self::Undelivered => "undelivered",
            Self::Forbidden => "forbidden",
            Self::Withheld => "withheld",
        }
    }
}

/// The ids of a request, for whoever looks for it.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_field_names, reason = "the field's own words")]
pub(crate) struct Asked {
    pub(crate) message_id: Option<String>,
    pub(crate) transaction_id: Option<String>,
    pub(crate) correlation_id: Option<String>,
}

/// One entry.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entry {
    /// Set by the journal.
    pub(crate) id: u64,
    /// Seconds since 1970.
    pub(crate) at: f64,
    pub(crate) kind: Kind,
    pub(crate) profile: String,
    pub(crate) operation: String,
    /// Whose token it came with.
    pub(crate) client: Option<String>,
    pub(crate) verdict: Verdict,
    /// The verdict in words.
    pub(crate) says: String,
    pub(crate) status: Option<u16>,
    pub(crate) asked: Asked,
    /// What the request violates, with what the catalogue says of it.
    pub(crate) violations: Vec<Value>,
    /// What was done to it because somebody wished so.
    pub(crate) steered: Vec<String>,
    /// The wishes that were not understood, or that mean nothing here.
    pub(crate) ignored: Vec<String>,
    pub(crate) request: Side,
    pub(crate) response: Side,
    pub(crate) milliseconds: f64,
}

impl Entry {
    /// About how many bytes it takes.
    pub(crate) fn weight(&self) -> usize {
        let texts = self
            .steered
            .iter()
            .chain(&self.ignored)
            .map(|text| text.len() + 24);
        // A violation holds a statement and a remedy: about this much.
        let violations = self.violations.len() * 1024;
        let names = self.profile.len() + self.operation.len() + self.says.len();
        size_of::<Self>()
            + names
            + violations
            + texts.sum::<usize>()
            + self.request.weight()
            + self.response.weight()
    }

    /// Without headers and bodies.
    pub(crate) fn summary(&self) -> Value {
        json!({
            "id": self.id,
            "at": format_date_time(self.at),
            "kind": self.kind.word(),
            "profile": self.profile,
            "operation": self.operation,
            "client": self.client,
            "verdict": self.verdict.word(),
            "says": self.says,
            "line": self.request.line,
            "status": self.status,
            "message_id": self.asked.message_id,
            "transaction_id": self.asked.transaction_id,
            "correlation_id": self.asked.correlation_id,
            "violations": self.violations,
            "steered": self.steered,
            "ignored": self.ignored,
            "milliseconds": self.milliseconds,
        })
    }

    /// All of it.
    pub(crate) fn full(&self) -> Value {
        let mut told = self.summary();
        told["request"] = self.request.told();
        told["response"] = self.response.told();
        told
    }
}
