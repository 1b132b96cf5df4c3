//! The bodies that a document gives as examples, each with the schema it stands beside.

use super::DocumentError;
use super::library::{Library, Place};
use super::operation::METHODS;
use super::resolve::Resolver;
use serde_json::Value;

/// A body that a document gives as an example.
#[derive(Debug, Clone, PartialEq)]
pub struct ExampleDoc {
    /// HTTP method in upper case.
    pub method: String,
    /// Path as the document writes it.
    pub path: String,
    /// `request`, or the status code of the response.
    pub part: String,
    /// Its media type.
    pub media_type: String,
    /// Its name among the examples there; empty for the only one.
    pub name: String,
    /// The body.
    pub value: Value,
    /// The schema of the body, standing by itself.
    pub schema: Value,
}

/// Every example of the bodies of a document, in its order.
pub(super) fn read(library: &Library) -> Result<Vec<ExampleDoc>, DocumentError> {
    let mut reader = Reader {
        library,
        resolver: Resolver::new(library),
        found: Vec::new(),
    };
    let paths = Place {
        file: 0,
        pointer: "/paths".to_owned(),
    };
    for (path, item) in members(library.root(0), "paths").filter(|(path, _)| path.starts_with('/')) {
        let (item, place) = library.settle(item, paths.below(path))?;
        for method in METHODS {
            let Some(operation) = item.get(method).filter(|o| o.is_object()) else {
                continue;
            };
            let at = place.below(method);
            let of = (method, path.as_str());
            if let Some(body) = operation.get("requestBody") {
                reader.body(of, "request", body, at.below("requestBody"))?;
            }
            for (status, response) in members(operation, "responses") {
                reader.body(of, status, response, at.below("responses").below(status))?;
            }
        }
    }
    Ok(reader.found)
}

struct Reader<'l> {
    library: &'l Library,
    resolver: Resolver<'l>,
    found: Vec<ExampleDoc>,
}

impl<'l> Reader<'l> {
    fn body(
        &mut self,
        (method, path): (&str, &str),
        part: &str,
        body: &'l Value,
        place: Place,
    ) -> Result<(), DocumentError> {
        let (body, place) = self.library.settle(body, place)?;
        for (media_type, entry) in members(body, "content") {
            let at = place.below("content").below(media_type);
            let Some(schema) = entry.get("schema") else {
                continue;
            };
            let mut examples: Vec<(&str, &Value)> =
                entry.get("example").map(|e| ("", e)).into_iter().collect();
            for (name, example) in members(entry, "examples") {
                let (example, _) = self.library.settle(example, at.below("examples").below(name))?;
                examples.extend(example.get("value").map(|value| (name.as_str(), value)));
            }
            if examples.is_empty() {
                continue;
            }
            let schema = self.resolver.resolve(schema, at.below("schema"))?;
            for (name, value) in examples {
                self.found.push(ExampleDoc {
                    method: method.to_ascii_uppercase(),
                    path: path.to_owned(),
                    part: part.to_owned(),
                    media_type: media_type.clone(),
                    name: name.to_owned(),
                    value: value.clone(),
                    schema: schema.clone(),
                });
            }
        }
        Ok(())
    }
}

fn members<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = (&'v String, &'v Value)> {
    value.get(name).and_then(Value::as_object).into_iter().flatten()
}
