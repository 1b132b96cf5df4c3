//! Queries by identifier: type and value.

use crate::Defect;
use crate::defect::Defects;
use crate::ids::as_text;
use serde_json::Value;
use specs::catalogue::Registry;

/// The identifier that is looked for, and where records hold theirs.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    kind: String,
    value: String,
    identifiers: String,
    kind_member: String,
    value_member: String,
}

/// The identifiers of a record, as pairs of type and value.
pub(crate) fn identifiers<'r>(
    record: &'r Value,
    registry: &'r Registry,
) -> impl Iterator<Item = (&'r str, &'r str)> {
    let held = record.pointer(&registry.identifiers).and_then(Value::as_array);
    held.into_iter().flatten().filter_map(|identifier| {
        let text = |name: &str| identifier.get(name).and_then(Value::as_str);
        Some((
            text(&registry.identifier_type)?,
            text(&registry.identifier_value)?,
        ))
    })
}

impl Wanted {
    pub(super) fn read(query: &Value, registry: &Registry) -> Self {
        let text = |name| query.get(name).and_then(as_text).unwrap_or_default();
        Self {
            kind: text("type"),
            value: text("value"),
            identifiers: registry.identifiers.clone(),
            kind_member: registry.identifier_type.clone(),
            value_member: registry.identifier_value.clone(),
        }
    }

    /// The value that a holder has, where it is looked for as it is.
    pub(super) fn exactly(&self, cx: &Defects) -> Option<&str> {
        (!cx.commits(Defect::IdentifierPrefixMatch)).then_some(&self.value)
    }

    pub(super) fn is_held_by(&self, record: &Value, cx: &Defects) -> bool {
        if cx.commits(Defect::IdentifierFindsNothing) {
            return false;
        }
        let held = record.pointer(&self.identifiers).and_then(Value::as_array);
        held.into_iter()
            .flatten()
            .any(|identifier| self.is(identifier, cx))
    }

    fn is(&self, identifier: &Value, cx: &Defects) -> bool {
        let member = |name: &str| identifier.get(name).and_then(Value::as_str).unwrap_or_default();
        let same_kind = member(&self.kind_member) == self.kind || cx.commits(Defect::IdentifierTypeIgnored);
        let value = member(&self.value_member);
        let same_value = if cx.commits(Defect::IdentifierPrefixMatch) {
            value.starts_with(&self.value)
        } else {
            value == self.value
        };
        same_kind && same_value
    }
}
