//! A small document, and servers that break exactly one of its promises.

use serde_json::{Value, json};
use wiremock::{Request, Respond, ResponseTemplate};

/// The document.
pub(crate) const ITEMS: &str = r"
openapi: 3.0.3
info: {title: Items, version: 1.2.0}
paths:
  /items:
    post:
      operationId: add
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name, count]
              properties:
                name: {type: string, minLength: 1, maxLength: 20}
                count: {type: integer, minimum: 0, maximum: 100}
                kind: {type: string, enum: [red, blue]}
      responses:
        '201': {description: added, content: {application/json: {schema: {$ref: '#/components/schemas/Item'}}}}
        4XX: {description: refused, content: {application/problem+json: {schema: {$ref: '#/components/schemas/Problem'}}}}
  /items/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer, minimum: 1}, example: 7}]
    get:
      operationId: get
      parameters:
        - {name: kind, in: query, schema: {type: string, enum: [red, blue]}}
        - {name: X-Depth, in: header, required: true, schema: {type: integer, minimum: 0, maximum: 9}}
      responses:
        '200': {description: one, content: {application/json: {schema: {$ref: '#/components/schemas/Item'}}}}
        default: {description: refused, content: {application/problem+json: {schema: {$ref: '#/components/schemas/Problem'}}}}
  /health:
    get: {operationId: health, responses: {'200': {description: fine, content: {text/plain: {}}}, '404': {description: none}}}
  /upload:
    post:
      operationId: upload
      requestBody: {required: true, content: {multipart/form-data: {schema: {type: object}}}}
      responses: {'200': {description: kept}}
components:
  schemas:
    Item:
      type: object
      required: [id, count]
      properties: {id: {type: integer}, count: {type: integer}}
    Problem: {type: object, required: [title], properties: {title: {type: string}}}
";

/// What a server does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Defect {
    None,
    RefusesMany,
    AnswersAccepted,
    CountsInText,
    WrongMediaType,
    FailsOnEmptyName,
    TakesAnyKind,
    TakesAnyBody,
    TakesAnyMediaType,
    AlwaysFine,
    AlwaysRefuses,
}

pub(crate) struct Items(pub(crate) Defect);

impl Items {
    fn problem(title: &str) -> ResponseTemplate {
        ResponseTemplate::new(400)
            .set_body_raw(json!({"title": title}).to_string(), "application/problem+json")
    }

    fn item(&self, status: u16, count: i64) -> ResponseTemplate {
        let body = match self.0 {
            Defect::CountsInText if count > 30 => json!({"id": 7, "count": count.to_string()}),
            _ => json!({"id": 7, "count": count}),
        };
        let media_type = if self.0 == Defect::WrongMediaType && count > 30 {
            "text/html"
        } else {
            "application/json"
        };
        ResponseTemplate::new(status).set_body_raw(body.to_string(), media_type)
    }

    fn add(&self, request: &Request) -> ResponseTemplate {
        let media_type = request.headers.get("content-type").and_then(|t| t.to_str().ok());
        if media_type != Some("application/json") && self.0 != Defect::TakesAnyMediaType {
            return Self::problem("media type");
        }
        let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
            return match self.0 {
                Defect::TakesAnyBody => self.item(201, 1),
                _ => Self::problem("not JSON"),
            };
        };
        let name = body["name"].as_str().map_or(0, |name| name.chars().count());
        if self.0 == Defect::FailsOnEmptyName && body["name"] == "" {
            return ResponseTemplate::new(500);
        }
        let kind = body.get("kind");
        let kind_known = kind.is_none_or(|kind| kind == "red" || kind == "blue");
        match body["count"].as_i64() {
            _ if !(1..=20).contains(&name) => Self::problem("name"),
            _ if !kind_known && self.0 != Defect::TakesAnyKind => Self::problem("kind"),
            Some(count @ 51..=100) if self.0 == Defect::RefusesMany => {
                Self::problem(&format!("{count} are too many"))
            }
            Some(count @ 0..=100) if self.0 == Defect::AnswersAccepted && kind.is_some() => {
                self.item(202, count)
            }
            Some(count @ 0..=100) => self.item(201, count),
            _ => Self::problem("count"),
        }
    }

    fn get(request: &Request) -> ResponseTemplate {
        let id = request
            .url
            .path()
            .rsplit('/')
            .next()
            .and_then(|id| id.parse::<u64>().ok());
        let kind = request
            .url
            .query_pairs()
            .find(|(name, _)| name == "kind")
            .map(|(_, kind)| kind.into_owned());
        let depth = request
            .headers
            .get("x-depth")
            .and_then(|d| d.to_str().ok()?.parse::<u8>().ok());
        match (id, kind.as_deref(), depth) {
            (Some(7), None | Some("red" | "blue"), Some(0..=9)) => {
                ResponseTemplate::new(200).set_body_raw(r#"{"id": 7, "count": 1}"#, "application/json")
            }
            (Some(1..), None | Some("red" | "blue"), Some(0..=9)) => {
                ResponseTemplate::new(404).set_body_raw(r#"{"title": "none"}"#, "application/problem+json")
            }
            _ => Self::problem("parameter"),
        }
    }
}

impl Respond for Items {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        match (self.0, request.method.as_str(), request.url.path()) {
            (Defect::AlwaysFine, ..) => self.item(200, 1),
            (Defect::AlwaysRefuses, ..) => Self::problem("no"),
            (_, "POST", "/items") => self.add(request),
            (_, "GET", "/health") => ResponseTemplate::new(200).set_body_raw("fine", "text/plain"),
            (_, "GET", path) if path.starts_with("/items/") && path.matches('/').count() == 2 => {
                Self::get(request)
            }
            _ => ResponseTemplate::new(404),
        }
    }
}
