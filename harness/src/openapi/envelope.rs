//! A request as one value: its parameters and its body, generated, checked and encoded together.
//!
//! An envelope is an object with one member for each part of the request that is sent; the member's name is
//! the part's: `path id`, `query page`, `body`. As one value it is drawn and made smaller as a whole.

use super::encode;
use super::operation::{Operation, essence, is_json};
use crate::client::Outbound;
use crate::generate::schema;
use bytes::Bytes;
use http::{HeaderName, header};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};
use specs::document::ParameterDoc;
use specs::schema::Schema;

/// How often a value that turns out unfit is drawn again.
const REDRAWS: usize = 100;

/// The name of the part that is the body.
pub(super) const BODY: &str = "body";

/// An envelope that can be made smaller.
pub(super) type Tree = Box<dyn ValueTree<Value = Value>>;

/// What a request of one operation consists of.
#[derive(Debug)]
pub(super) struct Envelope {
    pub(super) parts: Vec<Part>,
    strategy: BoxedStrategy<Value>,
    /// The media type of the body.
    pub(super) media_type: Option<String>,
}

/// One part of a request.
#[derive(Debug)]
pub(super) struct Part {
    /// Its name: `path id`, `query page`, `body`.
    pub(super) key: String,
    pub(super) required: bool,
    pub(super) schema: Schema,
    strategy: BoxedStrategy<Value>,
    /// The parameter, unless the part is the body.
    pub(super) parameter: Option<ParameterDoc>,
    /// Whether its value travels as text, so that a receiver cannot tell `1` from `"1"`.
    pub(super) text: bool,
    example: Option<Value>,
    /// Where its schema stands in the document.
    place: String,
}

impl Envelope {
    /// What a request of an operation consists of.
    ///
    /// # Errors
    /// Why no request can be made.
    pub(super) fn of(operation: &Operation) -> Result<Self, String> {
        let doc = &operation.doc;
        let place = format!(
            "/paths/{}/{}",
            doc.path.replace('~', "~0").replace('/', "~1"),
            doc.method.to_lowercase()
        );
        let mut parts = Vec::new();
        for parameter in &doc.parameters {
            let name = parameter.name.to_ascii_lowercase();
            // By the specification such a parameter says nothing: these fields follow from the rest.
            let implied = ["accept", "content-type", "authorization"].contains(&name.as_str());
            if !(parameter.location == "header" && implied) {
                parts.push(parameter_part(parameter, &place)?);
            }
        }
        for name in templates(&doc.path) {
            if !parts.iter().any(|part| part.key == format!("path {name}")) {
                return Err(format!("the path holds {{{name}}}, which no parameter describes"));
            }
        }
        let mut media_type = None;
        if let Some(body) = &doc.request {
            let of_kind =
                |fits: fn(&str) -> bool| body.content.iter().find(|(media_type, _)| fits(media_type));
            match of_kind(is_json).or_else(|| of_kind(is_form)) {
                Some((found, resolved)) => {
                    let place = format!(
                        "{place}/requestBody/content/{}/schema",
                        found.replace('~', "~0").replace('/', "~1")
                    );
                    parts.push(Part {
                        key: BODY.to_owned(),
                        required: body.required,
                        schema: Schema::compile(resolved).map_err(|e| format!("{e} ({place})"))?,
                        strategy: schema::strategy(resolved),
                        parameter: None,
                        text: is_form(found),
                        example: body.examples.get(found).cloned(),
                        place,
                    });
                    media_type = Some(found.clone());
                }
                None if body.required => {
                    let declared: Vec<&str> = body.content.keys().map(String::as_str).collect();
                    return Err(format!("bodies of {} are not generated", declared.join(", ")));
                }
                None => {}
            }
        }
        let strategy = together(&parts);
        Ok(Self {
            parts,
            strategy,
            media_type,
        })
    }

    /// A valid envelope.
    pub(super) fn draw(&self, runner: &mut TestRunner) -> Option<Tree> {
        (0..REDRAWS)
            .filter_map(|_| self.strategy.new_tree(runner).ok())
            .find(|tree| self.fits(&tree.current()))
    }

    /// Why no valid envelope is found.
    pub(super) fn unsatisfiable(&self, runner: &mut TestRunner) -> String {
        for part in &self.parts {
            let mut last = None;
            for _ in 0..REDRAWS {
                let Ok(tree) = part.strategy.new_tree(runner) else {
                    continue;
                };
                if part.fits(&tree.current()) {
                    last = None;
                    break;
                }
                last = Some(tree.current());
            }
            if let Some(value) = last {
                let hint = part
                    .schema
                    .violations(&value)
                    .into_iter()
                    .next()
                    .map_or_else(String::new, |v| {
                        format!("; the last one violated `{}` at {:?}", v.keyword, v.pointer)
                    });
                return format!(
                    "no value satisfies the schema at {}: tried {REDRAWS}{hint}",
                    part.place
                );
            }
        }
        format!("no request is valid in all its parts: tried {REDRAWS}")
    }

    /// Whether an envelope is valid by the document, and can be sent.
    pub(super) fn fits(&self, envelope: &Value) -> bool {
        self.valid(envelope)
            && self
                .parts
                .iter()
                .all(|part| envelope.get(&part.key).is_none_or(|v| part.sendable(v, true)))
    }

    /// Whether an envelope is valid by the document.
    pub(super) fn valid(&self, envelope: &Value) -> bool {
        self.parts.iter().all(|part| match envelope.get(&part.key) {
            Some(value) => part.schema.is_valid(value),
            None => !part.required,
        })
    }

    /// The envelope with the document's examples in place of what was generated, as far as they are valid.
    /// With `only`, the examples of the parts that it picks.
    pub(super) fn with_examples(&self, envelope: &Value, only: impl Fn(&Part) -> bool) -> Value {
        let mut whole = envelope.clone();
        for part in self.parts.iter().filter(|part| only(part)) {
            if let (Some(example), Value::Object(members)) = (&part.example, &mut whole)
                && part.fits(example)
            {
                members.insert(part.key.clone(), example.clone());
            }
        }
        whole
    }

    /// The request; none where a value cannot be encoded.
    pub(super) fn outbound(&self, operation: &Operation, url: &str, envelope: &Value) -> Option<Outbound> {
        let mut path = operation.doc.path.clone();
        let (mut query, mut headers, mut cookies) = (Vec::new(), Vec::new(), Vec::new());
        let mut body = Bytes::new();
        headers.push((header::ACCEPT, accepted(operation)));
        for part in &self.parts {
            let Some(value) = envelope.get(&part.key) else {
                continue;
            };
            let Some(parameter) = &part.parameter else {
                body = if part.text {
                    encode::form(value)?
                } else {
                    Bytes::from(value.to_string())
                };
                headers.push((header::CONTENT_TYPE, self.media_type.clone().unwrap_or_default()));
                continue;
            };
            match parameter.location.as_str() {
                "path" => {
                    let text = encode::percent(&encode::simple(parameter, value)?);
                    path = path.replace(&format!("{{{}}}", parameter.name), &text);
                }
                "header" => {
                    let name = HeaderName::from_bytes(parameter.name.as_bytes()).ok()?;
                    headers.push((name, encode::simple(parameter, value)?));
                }
                "cookie" => cookies.extend(encode::pairs(parameter, value)?),
                _ => query.extend(encode::pairs(parameter, value)?),
            }
        }
        if !cookies.is_empty() {
            let fields: Vec<String> = cookies
                .iter()
                .map(|(name, text)| format!("{name}={text}"))
                .collect();
            headers.push((header::COOKIE, fields.join("; ")));
        }
        let mut url = format!("{url}{path}");
        if !query.is_empty() {
            url.push('?');
            url.push_str(&serde_urlencoded::to_string(&query).ok()?);
        }
        let method = http::Method::from_bytes(operation.doc.method.as_bytes()).ok()?;
        Some(Outbound {
            method,
            url,
            headers,
            body,
        })
    }
}

impl Part {
    /// Whether a value is valid by the document, and can be sent.
    fn fits(&self, value: &Value) -> bool {
        self.schema.is_valid(value) && self.sendable(value, true)
    }

    /// Whether a value can be sent so that it arrives as what it is.
    pub(super) fn sendable(&self, value: &Value, honest: bool) -> bool {
        match &self.parameter {
            Some(parameter) => encode::sendable(parameter, value, honest),
            None => !self.text || encode::form(value).is_some(),
        }
    }
}

fn parameter_part(parameter: &ParameterDoc, place: &str) -> Result<Part, String> {
    let key = format!("{} {}", parameter.location, parameter.name);
    let place = format!("{place}/parameters ({key})");
    let known: &[&str] = match parameter.location.as_str() {
        "path" | "header" => &["simple"],
        "cookie" => &["form"],
        _ => &["form", "spaceDelimited", "pipeDelimited", "deepObject"],
    };
    if !known.contains(&parameter.style.as_str()) {
        return Err(format!(
            "the style `{}` of the parameter {key} is not generated",
            parameter.style
        ));
    }
    if parameter.location == "header" && HeaderName::from_bytes(parameter.name.as_bytes()).is_err() {
        return Err(format!(
            "`{}` cannot be the name of a header field",
            parameter.name
        ));
    }
    if parameter
        .media_type
        .as_deref()
        .is_some_and(|media_type| !is_json(media_type))
    {
        return Err(format!("the media type of the parameter {key} is not generated"));
    }
    Ok(Part {
        required: parameter.required || parameter.location == "path",
        schema: Schema::compile(&parameter.schema).map_err(|e| format!("{e} ({place})"))?,
        strategy: schema::strategy(&plain_text(parameter)),
        text: parameter.media_type.is_none(),
        example: parameter.example.clone(),
        parameter: Some(parameter.clone()),
        key,
        place,
    })
}

/// The schema of a parameter, narrowed to texts that travel well.
fn plain_text(parameter: &ParameterDoc) -> Value {
    let schema = &parameter.schema;
    let free = schema.get("type").and_then(Value::as_str) == Some("string")
        && !["pattern", "enum", "format"]
            .iter()
            .any(|keyword| schema.get(keyword).is_some());
    if !free || parameter.media_type.is_some() {
        return schema.clone();
    }
    let bound = |name: &str| schema.get(name).and_then(Value::as_u64);
    let least = bound("minLength").unwrap_or(0).clamp(1, 1000);
    let most = bound("maxLength").unwrap_or(least + 12).clamp(least, least + 12);
    json!({"type": "string", "pattern": format!("^[A-Za-z0-9]{{{least},{most}}}$")})
}

/// The parts as one strategy. An optional body is usually sent, an optional parameter less often.
fn together(parts: &[Part]) -> BoxedStrategy<Value> {
    let members: Vec<BoxedStrategy<Option<(String, Value)>>> = parts
        .iter()
        .map(|part| {
            let key = part.key.clone();
            let often = if part.parameter.is_some() { 0.4 } else { 0.9 };
            let named = part.strategy.clone().prop_map(move |value| (key.clone(), value));
            if part.required {
                named.prop_map(Some).boxed()
            } else {
                proptest::option::weighted(often, named).boxed()
            }
        })
        .collect();
    members
        .prop_map(|members| Value::Object(members.into_iter().flatten().collect::<Map<_, _>>()))
        .boxed()
}

fn is_form(media_type: &str) -> bool {
    essence(media_type) == "application/x-www-form-urlencoded"
}

/// The media types that the operation may answer with, for the Accept field.
fn accepted(operation: &Operation) -> String {
    let mut types: Vec<&str> = Vec::new();
    for media_type in operation
        .doc
        .responses
        .values()
        .flat_map(|response| response.content.keys())
    {
        let plain = media_type.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
        if plain && !types.contains(&media_type.as_str()) {
            types.push(media_type);
        }
    }
    if types.is_empty() {
        "*/*".to_owned()
    } else {
        types.join(", ")
    }
}

/// The names in braces of a path.
fn templates(path: &str) -> Vec<&str> {
    path.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
        .collect()
}
