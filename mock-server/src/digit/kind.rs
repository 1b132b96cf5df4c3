//! Exchange types: the last segment of the path.

use crate::Defect;
use crate::readings::Way;
use crate::service::Service;

/// The types beside those of a profile that the reference implementation knows.
const ALL: [&str; 3] = ["demand", "receipt", "bill"];

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
        let lower = segment.to_lowercase();
        if lower != segment && cx.ways.take(Way::ExchangeCaseLower) {
            return None;
        }
        let segment = lower;
        let (name, is_reply) = match segment.strip_prefix("on-") {
            Some(name) => (name, true),
            None => (segment.as_str(), false),
        };
        let types = &cx.profile.exchange.as_ref()?.types;
        let known = if cx.commits(Defect::ExchangeSanctionRefused) {
            types.first().is_some_and(|first| first == name)
        } else {
            types.iter().any(|t| t == name) || (ALL.contains(&name) && cx.ways.take(Way::ExchangeTypesAll))
        };
        known.then(|| Self {
            name: name.to_owned(),
            is_reply,
        })
    }
}
