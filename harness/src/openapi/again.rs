//! An earlier run again: its evidence judged, its requests sent. A document of the user's knows no ids and no
//! times that would have to be new, so that the requests are the same but for the token.

use super::drive::Driver;
use super::judge::Aim;
use super::judging::judge;
use super::operation::Operation;
use super::target::{self, PROFILE};
use crate::client::Outbound;
use base64::Engine as _;
use bytes::Bytes;
use http::{HeaderName, header};
use specs::catalogue::{Catalogue, Demands, Profile};
use specs::document::Document;
use specs::evidence::{Body, Check, Exchange, Observation};
use suites::generated::SMALLEST;
use suites::judgement;

/// Judges the recorded observations of such runs again.
pub struct Judge {
    profile: Profile,
    demands: Demands,
    operations: Vec<Operation>,
}

impl Judge {
    /// By this document.
    pub fn by(document: &Document) -> Self {
        let profile = target::profile(document, None);
        Self {
            demands: Demands::of(&profile, Catalogue::bundled()),
            operations: Operation::all(document),
            profile,
        }
    }

    /// What follows from what was seen of a case; nothing where the document has no such case.
    pub fn judge(&self, case: &str, seen: &[Observation]) -> Option<Vec<Check>> {
        let (key, aim) = case.strip_prefix(PROFILE)?.strip_prefix('.')?.rsplit_once('.')?;
        let aim = Aim::ALL.into_iter().find(|known| known.word() == aim)?;
        let operation = self.operations.iter().find(|operation| operation.key == key)?;
        let judgements = judge(operation, aim, seen);
        Some(judgement::checks(judgements, &self.profile, &self.demands))
    }
}

/// Whether a recorded request can be sent again: its body was kept to the end.
pub(crate) fn whole(exchange: &Exchange) -> bool {
    bytes(&exchange.request.body).is_some()
}

/// The recorded request for another base URL; none where it was sent to something else.
pub(crate) fn moved(mut exchange: Exchange, from: &str, to: &str) -> Option<Exchange> {
    let rest = exchange.request.url.strip_prefix(from)?;
    exchange.request.url = format!("{to}{rest}");
    Some(exchange)
}

fn bytes(body: &Body) -> Option<Bytes> {
    if body.cut_from_bytes.is_some() {
        return None;
    }
    match &body.base64 {
        None => Some(Bytes::from(body.text.clone())),
        Some(text) => {
            let decoded = base64::engine::general_purpose::STANDARD.decode(text).ok()?;
            Some(Bytes::from(decoded))
        }
    }
}

/// The request as it was, without what let it in then.
fn outbound(exchange: &Exchange) -> Option<Outbound> {
    let request = &exchange.request;
    let mut headers = Vec::new();
    for (name, value) in &request.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        if name != header::AUTHORIZATION {
            headers.push((name, value.clone()));
        }
    }
    Some(Outbound {
        method: http::Method::from_bytes(request.method.as_bytes()).ok()?,
        url: request.url.clone(),
        headers,
        body: bytes(&request.body)?,
    })
}

impl Driver<'_> {
    /// Sends recorded requests again, between what makes their answers mean something: a valid request before
    /// them, and after valid ones a faulty request.
    pub(super) async fn again(&mut self, aim: Aim, recorded: &[Exchange]) {
        let Some(honest) = self.control().await else {
            return;
        };
        for exchange in recorded {
            if self.hopeless() {
                return;
            }
            let outbound = outbound(exchange).ok_or_else(|| "it was recorded in part".to_owned());
            self.send_as(SMALLEST, exchange.intent.clone(), outbound).await;
        }
        if aim != Aim::Invalid {
            self.twin(&honest).await;
        }
    }
}
