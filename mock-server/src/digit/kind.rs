//! Exchange types: the last segment of the path.

use crate::Defect;
use crate::service::Service;

/// A type that the profile knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kind {
    /// Its name without `on-`, in lower case.
    pub(super) name: String,
    /// Whether this is the reply direction, after which there is nothing more to say.
    pub(super) is_reply: bool,
}

impl Kind {
    /// Reads a segment, in any case; `None` where the profile does not know the type.
    pub(super) fn read(cx: &Service, segment: &str) -> Option<Self> {
        let segment = segment.to_lowercase();
        let (name, is_reply) = match segment.strip_prefix("on-") {
            Some(name) => (name, true),
            None => (segment.as_str(), false),
        };
        let types = &cx.profile.exchange.as_ref()?.types;
        let known = if cx.commits(Defect::ExchangeSanctionRefused) {
            types.first().is_some_and(|first| first == name)
        } else {
            types.iter().any(|t| t == name)
        };
        known.then(|| Self {
            name: name.to_owned(),
            is_reply,
        })
    }
}
