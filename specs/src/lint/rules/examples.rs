//! Examples, defaults and listed values against the schema they belong to.

use crate::document::kind::Kind;
use crate::document::library::{Place, reference};
use crate::document::resolve::Resolver;
use crate::lint::code::LintCode;
use crate::lint::context::{Context, members};
use crate::lint::{Found, Sink};
use crate::schema::Schema;
use serde_json::Value;

/// How many schemas are compiled.
const MAX_SCHEMAS: usize = 5_000;

/// Each example.
pub(in crate::lint) fn run(context: &Context<'_>, sink: &mut Sink<'_>) {
    let mut judge = Judge {
        context,
        resolver: Resolver::new(context.library),
        compiled: 0,
    };
    for site in &context.sites.all {
        match site.kind {
            Kind::Schema => judge.schema(site.value, &site.place, sink),
            Kind::MediaType | Kind::Parameter | Kind::Header => judge.holder(site.value, &site.place, sink),
            _ => {}
        }
    }
}

struct Judge<'c, 'l> {
    context: &'c Context<'l>,
    resolver: Resolver<'l>,
    compiled: usize,
}

impl<'l> Judge<'_, 'l> {
    fn schema(&mut self, schema: &'l Value, place: &Place, sink: &mut Sink<'_>) {
        let data = ["example", "default"]
            .into_iter()
            .filter_map(|name| Some((name, schema.get(name)?)));
        let data: Vec<(&str, &Value)> = data.collect();
        let listed = schema
            .get("enum")
            .and_then(Value::as_array)
            .filter(|_| has_rules_besides_enum(schema));
        if data.is_empty() && listed.is_none() {
            return;
        }
        let Some(resolved) = self.resolve(schema, place) else {
            return;
        };
        if let Some(compiled) = compile(&resolved).filter(|_| !data.is_empty()) {
            for (name, value) in data {
                against(&compiled, name, value, &place.below(name), sink);
            }
        }
        if let Some(listed) = listed {
            let mut rest = resolved;
            if let Value::Object(members) = &mut rest {
                members.remove("enum");
            }
            let Some(compiled) = compile(&rest) else {
                return;
            };
            for (index, value) in listed.iter().enumerate() {
                // null beside `nullable` is allowed, and the resolved schema knows.
                if let Some(violation) = compiled.violations(value).into_iter().next() {
                    let at = place.below("enum").below(&index.to_string());
                    let message = format!("{value}: expected {}", violation.expected);
                    sink.add(Found::new(LintCode::EnumOutsidePattern, &at, message));
                }
            }
        }
    }

    /// A media type or parameter with examples of its own.
    fn holder(&mut self, holder: &'l Value, place: &Place, sink: &mut Sink<'_>) {
        let mut data: Vec<(Place, &'l Value)> = Vec::new();
        if let Some(example) = holder.get("example") {
            data.push((place.below("example"), example));
        }
        for (name, example) in members(holder, "examples") {
            let at = place.below("examples").below(name);
            let (example, at) = self.context.settle(example, at);
            if let Some(value) = example.get("value") {
                data.push((at.below("value"), value));
            }
        }
        let Some(schema) = holder.get("schema").filter(|_| !data.is_empty()) else {
            return;
        };
        let compiled = self
            .resolve(schema, &place.below("schema"))
            .and_then(|resolved| compile(&resolved));
        if let Some(compiled) = compiled {
            for (at, value) in data {
                against(&compiled, "example", value, &at, sink);
            }
        }
    }

    fn resolve(&mut self, schema: &'l Value, place: &Place) -> Option<Value> {
        self.compiled += 1;
        if self.compiled > MAX_SCHEMAS {
            return None;
        }
        self.resolver.resolve(schema, place.clone()).ok()
    }
}

fn compile(resolved: &Value) -> Option<Schema> {
    Schema::compile(resolved).ok()
}

fn has_rules_besides_enum(schema: &Value) -> bool {
    let rules = [
        "type",
        "pattern",
        "minLength",
        "maxLength",
        "format",
        "minimum",
        "maximum",
        "allOf",
        "anyOf",
    ];
    rules.iter().any(|name| schema.get(name).is_some())
}

fn against(schema: &Schema, name: &str, value: &Value, place: &Place, sink: &mut Sink<'_>) {
    // A reference in data is reported as such.
    if reference(value).is_some() {
        return;
    }
    let violations = schema.violations(value);
    let Some(first) = violations.first() else {
        return;
    };
    let at = match first.pointer.as_str() {
        "" => String::new(),
        pointer => format!(" at {pointer}"),
    };
    let more = match violations.len() {
        1 => String::new(),
        n => format!(", and {} more", n - 1),
    };
    let message = format!(
        "{name}{at}: expected {}, found {}{more}",
        first.expected, first.actual
    );
    sink.add(Found::new(LintCode::ExampleInvalid, place, message));
}
