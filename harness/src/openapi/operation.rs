//! One operation of the document, ready to be judged: its name in reports and what it may answer.

use specs::document::{Document, OperationDoc};
use specs::schema::Schema;
use std::collections::{BTreeMap, BTreeSet};

/// Media type → schema, or why it cannot be used.
pub(super) type Reply = BTreeMap<String, Result<Schema, String>>;

/// An operation under the name that cases and exchanges use for it.
#[derive(Debug)]
pub(super) struct Operation {
    /// Its operation id, or its method and path, in characters that a file name and a glob can hold.
    pub(super) key: String,
    /// What the document says.
    pub(super) doc: OperationDoc,
    /// Status code, class or `default` → what such an answer holds.
    replies: BTreeMap<String, Reply>,
}

impl Operation {
    /// Every operation of a document, each under its own name.
    pub(super) fn all(document: &Document) -> Vec<Self> {
        let mut taken = BTreeSet::new();
        let mut operations = Vec::new();
        for doc in document.operations() {
            let name = match doc.operation_id.as_deref().map(slug).filter(|id| !id.is_empty()) {
                Some(id) => id,
                None => slug(&format!("{}{}", doc.method.to_lowercase(), doc.path)),
            };
            let mut key = name.clone();
            let mut number = 2;
            while !taken.insert(key.clone()) {
                key = format!("{name}-{number}");
                number += 1;
            }
            operations.push(Self::new(key, doc.clone()));
        }
        operations
    }

    fn new(key: String, doc: OperationDoc) -> Self {
        let mut replies = BTreeMap::new();
        for (status, reply) in &doc.responses {
            let compiled = reply.content.iter().map(|(media_type, schema)| {
                (
                    media_type.clone(),
                    Schema::compile(schema).map_err(|e| e.to_string()),
                )
            });
            replies.insert(status.clone(), compiled.collect());
        }
        Self { key, doc, replies }
    }

    /// What the document declares for a status: by its number, its class, or as the default.
    pub(super) fn reply(&self, status: u16) -> Option<&Reply> {
        let class = format!("{}XX", status / 100);
        let by_class = || {
            self.replies
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(&class))
                .map(|(_, r)| r)
        };
        self.replies
            .get(&status.to_string())
            .or_else(by_class)
            .or_else(|| self.replies.get("default"))
    }

    /// The statuses that are declared, for people.
    pub(super) fn declared(&self) -> String {
        let keys: Vec<&str> = self.replies.keys().map(String::as_str).collect();
        if keys.is_empty() {
            "no status".to_owned()
        } else {
            keys.join(", ")
        }
    }

    /// Method and path, as people name an operation.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.doc.method, self.doc.path)
    }
}

/// The text in letters, digits and single hyphens.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            slug.push(c);
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_matches('-').to_owned()
}

/// A media type without its parameters, in lower case.
pub(super) fn essence(media_type: &str) -> String {
    media_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// Whether bodies of this media type are JSON.
pub(super) fn is_json(media_type: &str) -> bool {
    let essence = essence(media_type);
    essence == "application/json" || essence.ends_with("+json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_have_names_of_their_own_and_statuses_find_their_declaration() {
        let document = Document::parse(
            "t.yaml",
            "openapi: 3.0.3\ninfo: {title: t, version: v}\npaths:\n  /a/{b}:\n    get: {responses: {'200': {description: x}, 4xx: {description: x}}}\n    put: {operationId: get-a-b, responses: {default: {description: x}}}\n    post: {operationId: 'get a/b', responses: {}}\n",
        )
        .unwrap();
        let operations = Operation::all(&document);
        let keys: Vec<&str> = operations.iter().map(|o| o.key.as_str()).collect();
        assert_eq!(keys, ["get-a-b", "get-a-b-2", "get-a-b-3"]);
        assert!(operations[0].reply(200).is_some() && operations[0].reply(404).is_some());
        assert!(operations[0].reply(201).is_none());
        assert!(operations[1].reply(599).is_some());
        assert_eq!(operations[2].declared(), "no status");
    }
}
