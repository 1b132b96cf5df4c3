//! What a document says of one operation, with every schema standing by itself.

use super::DocumentError;
use super::kind::Kind;
use super::library::{Library, Place};
use super::resolve::Resolver;
use super::structure;
use indexmap::IndexMap;
use serde_json::Value;

/// One operation.
#[derive(Debug, Clone, PartialEq)]
pub struct OperationDoc {
    /// HTTP method in upper case.
    pub method: String,
    /// Path as the document writes it.
    pub path: String,
    /// `operationId`, where it has one.
    pub operation_id: Option<String>,
    /// `summary`, where it has one.
    pub summary: Option<String>,
    /// Whether any security requirement applies, its own or the document's.
    pub secured: bool,
    /// Parameters, those of its path included.
    pub parameters: Vec<ParameterDoc>,
    /// The request body, where it takes one.
    pub request: Option<BodyDoc>,
    /// Status code or `default` → response.
    pub responses: IndexMap<String, ResponseDoc>,
}

/// One parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterDoc {
    /// Its name.
    pub name: String,
    /// Where it travels: `query`, `header`, `path` or `cookie`.
    pub location: String,
    /// Whether it must be present.
    pub required: bool,
    /// How its value becomes text: `simple`, `form`, …; the default of its location where it does not say.
    pub style: String,
    /// Whether the parts of a list or an object travel one by one.
    pub explode: bool,
    /// The media type of its value, where it has one of its own.
    pub media_type: Option<String>,
    /// Its resolved schema.
    pub schema: Value,
    /// A value that the document gives as an example, where it gives one.
    pub example: Option<Value>,
}

/// A request body.
#[derive(Debug, Clone, PartialEq)]
pub struct BodyDoc {
    /// Whether it must be present.
    pub required: bool,
    /// Media type → resolved schema.
    pub content: IndexMap<String, Value>,
    /// Media type → a body that the document gives as an example, where it gives one.
    pub examples: IndexMap<String, Value>,
}

/// A response.
#[derive(Debug, Clone, PartialEq)]
pub struct ResponseDoc {
    /// Its description.
    pub description: String,
    /// Media type → resolved schema.
    pub content: IndexMap<String, Value>,
}

/// The members of a path that are operations.
pub(crate) const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// Reads the operations of a proven document. Adds what was let pass in what references lead to.
pub(super) fn read(
    library: &Library,
    oddities: &mut Vec<DocumentError>,
) -> Result<Vec<OperationDoc>, DocumentError> {
    let root = library.root(0);
    let paths_place = Place {
        file: 0,
        pointer: "/paths".to_owned(),
    };
    let mut reader = Reader {
        library,
        resolver: Resolver::new(library),
        secured: root.get("security").is_some_and(is_secured),
        oddities: Vec::new(),
    };
    let mut operations = Vec::new();
    for (path, item) in members(root, "paths").filter(|(path, _)| path.starts_with('/')) {
        let (item, place) = library.settle(item, paths_place.below(path))?;
        for (method, operation) in item.as_object().into_iter().flatten() {
            if METHODS.contains(&method.as_str()) && !operation.is_null() {
                let common = (item, &place);
                operations.push(reader.operation(method, path, common, operation, &place.below(method))?);
            }
        }
    }
    for oddity in reader.oddities {
        if !oddities.contains(&oddity) {
            oddities.push(oddity);
        }
    }
    Ok(operations)
}

/// Whether a list of security requirements demands anything.
fn is_secured(requirements: &Value) -> bool {
    requirements.as_array().is_some_and(|any| {
        !any.is_empty() && any.iter().all(|r| r.as_object().is_some_and(|r| !r.is_empty()))
    })
}

fn members<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = (&'v String, &'v Value)> {
    value.get(name).and_then(Value::as_object).into_iter().flatten()
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).map(ToOwned::to_owned)
}

struct Reader<'l> {
    library: &'l Library,
    resolver: Resolver<'l>,
    /// Whether the document as a whole demands security.
    secured: bool,
    oddities: Vec<DocumentError>,
}

impl<'l> Reader<'l> {
    fn operation(
        &mut self,
        method: &str,
        path: &str,
        (item, item_place): (&'l Value, &Place),
        operation: &'l Value,
        place: &Place,
    ) -> Result<OperationDoc, DocumentError> {
        let mut parameters: Vec<ParameterDoc> = Vec::new();
        for (holder, place) in [(item, item_place), (operation, place)] {
            let list = holder.get("parameters").and_then(Value::as_array);
            for (index, parameter) in list.into_iter().flatten().enumerate() {
                let at = place.below("parameters").below(&index.to_string());
                let parameter = self.parameter(parameter, at)?;
                // An operation's parameter replaces its path's of the same name and location.
                parameters.retain(|p| (&p.name, &p.location) != (&parameter.name, &parameter.location));
                parameters.push(parameter);
            }
        }
        let request = match operation.get("requestBody").filter(|b| !b.is_null()) {
            None => None,
            Some(body) => {
                let (body, at) = self.proven(Kind::Body, body, place.below("requestBody"))?;
                let required = body.get("required") == Some(&Value::Bool(true));
                let mut examples = IndexMap::new();
                for (media_type, entry) in members(body, "content") {
                    let at = at.below("content").below(media_type);
                    if let Some(example) = self.example(entry, &at) {
                        examples.insert(media_type.clone(), example);
                    }
                }
                Some(BodyDoc {
                    required,
                    content: self.content(body, &at)?,
                    examples,
                })
            }
        };
        let mut responses = IndexMap::new();
        for (status, response) in members(operation, "responses").filter(|(s, _)| !s.starts_with("x-")) {
            let at = place.below("responses").below(status);
            let (response, at) = self.proven(Kind::Response, response, at)?;
            let description = text(response, "description").unwrap_or_default();
            let content = self.content(response, &at)?;
            responses.insert(status.clone(), ResponseDoc { description, content });
        }
        Ok(OperationDoc {
            method: method.to_ascii_uppercase(),
            path: path.to_owned(),
            operation_id: text(operation, "operationId"),
            summary: text(operation, "summary"),
            secured: operation.get("security").map_or(self.secured, is_secured),
            parameters,
            request,
            responses,
        })
    }

    fn parameter(&mut self, parameter: &'l Value, place: Place) -> Result<ParameterDoc, DocumentError> {
        let (parameter, place) = self.proven(Kind::Parameter, parameter, place)?;
        let (media_type, schema) = match parameter.get("schema") {
            Some(schema) => (None, self.resolver.resolve(schema, place.below("schema"))?),
            None => match self.content(parameter, &place)?.swap_remove_index(0) {
                Some((media_type, schema)) => (Some(media_type), schema),
                None => (None, Value::Object(serde_json::Map::new())),
            },
        };
        let location = text(parameter, "in").unwrap_or_default();
        let usual = match location.as_str() {
            "query" | "cookie" => "form",
            _ => "simple",
        };
        let style = text(parameter, "style").unwrap_or_else(|| usual.to_owned());
        let explode = parameter.get("explode").and_then(Value::as_bool);
        Ok(ParameterDoc {
            name: text(parameter, "name").unwrap_or_default(),
            required: parameter.get("required") == Some(&Value::Bool(true)),
            explode: explode.unwrap_or(style == "form"),
            example: self.example(parameter, &place),
            location,
            style,
            media_type,
            schema,
        })
    }

    /// The first example that a parameter or a body gives: its own, one of its list, or its schema's.
    fn example(&self, holder: &'l Value, place: &Place) -> Option<Value> {
        let settle =
            |value: &'l Value, at: Place| self.library.settle(value, at).ok().map(|(value, _)| value);
        let listed = || {
            let (name, first) = members(holder, "examples").next()?;
            settle(first, place.below("examples").below(name))?.get("value")
        };
        let of_schema = || {
            let schema = settle(holder.get("schema")?, place.below("schema"))?;
            schema.get("example").or_else(|| schema.get("default"))
        };
        let example = holder.get("example").or_else(listed).or_else(of_schema);
        example.filter(|value| !value.is_null()).cloned()
    }

    fn content(
        &mut self,
        holder: &'l Value,
        place: &Place,
    ) -> Result<IndexMap<String, Value>, DocumentError> {
        let mut content = IndexMap::new();
        for (media_type, entry) in members(holder, "content").filter(|(m, _)| !m.starts_with("x-")) {
            let at = place.below("content").below(media_type).below("schema");
            let schema = match entry.get("schema").filter(|s| !s.is_null()) {
                Some(schema) => self.resolver.resolve(schema, at)?,
                None => Value::Object(serde_json::Map::new()),
            };
            content.insert(media_type.clone(), schema);
        }
        Ok(content)
    }

    /// Follows references to an object, which may stand where the proof of the document did not see it.
    fn proven(
        &mut self,
        kind: Kind,
        value: &'l Value,
        place: Place,
    ) -> Result<(&'l Value, Place), DocumentError> {
        let (value, place) = self.library.settle(value, place)?;
        structure::prove(self.library, kind, value, &place, &mut self.oddities)?;
        Ok((value, place))
    }
}
