//! Values arrive as what they are: a server that decodes requests by itself, and strictly, finds every valid
//! one valid and every faulty one faulty.

use crate::ran::{run_with, serve};
use std::collections::BTreeMap;
use wiremock::{Request, Respond, ResponseTemplate};

const DOCUMENT: &str = r"
openapi: 3.0.3
info: {title: Wire, version: '1'}
paths:
  /folders/{folder}/notes:
    post:
      operationId: note
      parameters:
        - {name: folder, in: path, required: true, schema: {type: string, minLength: 3, maxLength: 6}}
        - {name: tag, in: query, required: true, schema: {type: array, minItems: 1, maxItems: 4, items: {type: integer, minimum: 0}}}
        - {name: sizes, in: query, style: pipeDelimited, explode: false, schema: {type: array, minItems: 1, items: {type: string, enum: [s, m, l]}}}
        - {name: flag, in: cookie, schema: {type: boolean}}
        - {name: X-Since, in: header, schema: {type: string, format: date}}
        - {name: Authorization, in: header, required: true, schema: {type: string}}
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              required: [text, count]
              properties:
                text: {type: string, minLength: 1, maxLength: 30}
                count: {type: integer, minimum: 1, maximum: 9}
                color: {type: string, enum: [red, blue]}
      responses: {'201': {description: noted}, '400': {description: refused}}
";

struct Strict;

impl Strict {
    fn check(request: &Request) -> Option<()> {
        let folder = request
            .url
            .path()
            .strip_prefix("/folders/")?
            .strip_suffix("/notes")?;
        ((3..=6).contains(&folder.len()) && folder.bytes().all(|b| b.is_ascii_alphanumeric()))
            .then_some(())?;
        let mut tags = 0;
        for (name, value) in request.url.query_pairs() {
            match name.as_ref() {
                "tag" => {
                    value.parse::<u64>().ok()?;
                    tags += 1;
                }
                "sizes" => value
                    .split('|')
                    .all(|size| ["s", "m", "l"].contains(&size))
                    .then_some(())?,
                _ => return None,
            }
        }
        (1..=4).contains(&tags).then_some(())?;
        if let Some(cookie) = request.headers.get("cookie") {
            ["flag=true", "flag=false"]
                .contains(&cookie.to_str().ok()?)
                .then_some(())?;
        }
        if let Some(since) = request.headers.get("x-since") {
            let since = since.to_str().ok()?;
            since.parse::<jiff::civil::Date>().ok()?;
            (since.len() == 10).then_some(())?;
        }
        let form = request.headers.get("content-type")? == "application/x-www-form-urlencoded";
        form.then_some(())?;
        let fields: BTreeMap<String, String> =
            url::form_urlencoded::parse(&request.body).into_owned().collect();
        let text = fields.get("text")?.chars().count();
        ((1..=30).contains(&text) && (1..=9).contains(&fields.get("count")?.parse::<i64>().ok()?))
            .then_some(())?;
        fields
            .get("color")
            .is_none_or(|color| color == "red" || color == "blue")
            .then_some(())
    }
}

impl Respond for Strict {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        ResponseTemplate::new(if Self::check(request).is_some() { 201 } else { 400 })
    }
}

#[tokio::test]
async fn a_strict_reader_agrees_with_every_request() {
    let server = serve(Strict).await;
    for seed in 1..=10 {
        let ran = run_with(DOCUMENT, &server.uri(), |run| {
            run.seed = seed;
            run.limits.examples = 80;
        })
        .await;
        assert_eq!((ran.blemishes(), ran.exit_code), (Vec::new(), 0), "seed {seed}");
        assert!(ran.observations("openapi.note.invalid").len() > 20);
    }
}
