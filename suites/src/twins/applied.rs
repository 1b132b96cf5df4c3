//! Whether a fault is in the request that was sent: a pointer that leads nowhere changes nothing, and what
//! was not sent says nothing about the target.

use crate::case::Fault;
use serde_json::Value;
use specs::evidence::Exchange;

/// A member of the fault that the request does not have, or that the honest one did not have to begin with
/// where it should be left out.
pub(super) fn missing<'f>(fault: &'f Fault, honest: &Exchange, spoilt: &Exchange) -> Option<&'f str> {
    let spoilt = spoilt.request.body.json()?;
    let honest = honest.request.body.json()?;
    let lacks = |body: &Value, pointer: &str| body.pointer(pointer).is_none();
    let set = fault.set.iter().map(|(pointer, _)| pointer);
    let lost = set.clone().find(|pointer| lacks(&spoilt, pointer));
    let removed = fault.remove.iter().find(|pointer| lacks(&honest, pointer));
    lost.or(removed).map(String::as_str)
}
