//! What a profile is served by under the mistakes that are to be made: the forms of its requests, and what is done to
//! its messages.

use crate::Breach;
use crate::breach::Breaches;
use crate::config::StartError;
use crate::defect::Defects;
use crate::operation::Operation;
use crate::readings::{Ways, asked};
use crate::validate::{Form, relaxed};
use serde_json::Value;
use specs::catalogue::{Profile, SignatureScheme};
use specs::clause::{Message, Part};
use specs::document::Document;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What follows from the mistakes that are to be made, and is too dear to find out on every request.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) breaches: Breaches,
    pub(super) forms: BTreeMap<&'static str, Form>,
}

impl Rules {
    pub(super) fn of(
        profile: &Profile,
        operations: &[(Operation, String)],
        defects: &Defects,
        chosen: &[Breach],
    ) -> Result<Arc<Self>, StartError> {
        let breaches = Breaches::under(profile, chosen);
        let forms = forms(profile, operations, defects, &breaches)?;
        Ok(Arc::new(Self { breaches, forms }))
    }
}

fn forms(
    profile: &Profile,
    operations: &[(Operation, String)],
    defects: &Defects,
    breaches: &Breaches,
) -> Result<BTreeMap<&'static str, Form>, StartError> {
    let document = Document::bundled(&profile.document)?;
    // A signature that is missing has a code of its own, and is asked for after the sender is known.
    let leaving = (profile.signature.scheme != SignatureScheme::None).then_some("signature");
    let ways = Ways::of(profile);
    let mut forms = BTreeMap::new();
    for (operation, _) in operations.iter().filter(|(o, _)| *o != Operation::Token) {
        let path = profile
            .operations
            .get(operation.id())
            .map_or("", |o| o.document_path.as_str());
        let message = Message::of(operation.id(), Part::Request);
        let checked = |schema: Value| {
            let schema = asked(relaxed(schema, defects), &ways);
            match message {
                Some(message) => breaches.loosened(message, schema),
                None => schema,
            }
        };
        let form = Form::of(&document, path, leaving, checked).ok_or_else(|| StartError::UnfitProfile {
            profile: profile.id.clone(),
            message: format!("{} describes no JSON request for POST {path}", profile.document),
        })?;
        let form = form.map_err(|source| StartError::Schema {
            document: profile.document.clone(),
            operation: operation.id().to_owned(),
            source,
        })?;
        forms.insert(operation.id(), form);
    }
    Ok(forms)
}
