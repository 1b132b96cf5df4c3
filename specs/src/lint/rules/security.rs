//! Who may call: schemes, requirements, and the operation that issues tokens.

use crate::document::kind::Kind;
use crate::document::library::Place;
use crate::lint::code::LintCode;
use crate::lint::context::{Context, Operation, content, members};
use crate::lint::{Found, Sink};
use crate::shape::Type;
use serde_json::Value;

/// Schemes and requirements.
pub(in crate::lint) fn run(context: &Context<'_>, sink: &mut Sink<'_>) {
    let root = context.root();
    let schemes: Vec<&str> = root
        .get("components")
        .into_iter()
        .flat_map(|components| members(components, "securitySchemes"))
        .map(|(name, _)| name.as_str())
        .collect();
    let open_to_all = |o: &Operation<'_>| o.value.get("security").is_some() || is_public(o);
    if schemes.is_empty()
        && root.get("security").is_none()
        && !context.operations.is_empty()
        && !context.operations.iter().all(open_to_all)
    {
        let place = Context::at("");
        sink.add(Found::new(
            LintCode::NoSecurityScheme,
            &place,
            "no security scheme is defined, and no operation says that it needs none",
        ));
    }
    let mut lists: Vec<(&Value, Place)> = Vec::new();
    lists.extend(root.get("security").map(|s| (s, Context::at("/security"))));
    for operation in &context.operations {
        lists.extend(
            operation
                .value
                .get("security")
                .map(|s| (s, operation.place.below("security"))),
        );
    }
    for (list, place) in lists {
        for (index, requirement) in list.as_array().into_iter().flatten().enumerate() {
            for name in requirement.as_object().into_iter().flat_map(|r| r.keys()) {
                if !schemes.contains(&name.as_str()) {
                    let message = format!("the security scheme `{name}` is not defined");
                    let at = place.below(&index.to_string()).below(name);
                    sink.add(Found::new(LintCode::UndefinedSecurityScheme, &at, message));
                }
            }
        }
    }
    let secured = context
        .operations
        .iter()
        .filter(|o| is_secured(context, o))
        .count();
    if secured * 2 > context.operations.len() {
        for operation in &context.operations {
            let silent = operation.value.get("security").is_none();
            if silent
                && !is_secured(context, operation)
                && !is_public(operation)
                && !issues_tokens(context, operation)
            {
                let message = format!(
                    "{} {} requires no authentication; {secured} other operations do",
                    operation.method.to_uppercase(),
                    operation.path
                );
                sink.add(Found::new(
                    LintCode::UnsecuredOperation,
                    &operation.place,
                    message,
                ));
            }
        }
    }
    headers(context, &schemes, sink);
}

/// Well-known documents are for everybody.
fn is_public(operation: &Operation<'_>) -> bool {
    operation.path.starts_with("/.well-known/")
}

fn is_secured(context: &Context<'_>, operation: &Operation<'_>) -> bool {
    let list = operation
        .value
        .get("security")
        .or_else(|| context.root().get("security"));
    let list = list.and_then(Value::as_array);
    list.is_some_and(|any| {
        !any.is_empty() && any.iter().all(|r| r.as_object().is_some_and(|r| !r.is_empty()))
    })
}

/// Whether an operation takes the request for an OAuth 2.0 token.
fn issues_tokens<'l>(context: &Context<'l>, operation: &Operation<'l>) -> bool {
    context.request(operation).is_some_and(|(body, place)| {
        content(body, &place).into_iter().any(|(_, schema, place)| {
            let shape = context.shape_of(schema, place);
            shape.properties.contains_key("grant_type")
        })
    })
}

/// Operations that issue tokens.
pub(in crate::lint) fn tokens(context: &Context<'_>, sink: &mut Sink<'_>) {
    for operation in context.operations.iter().filter(|o| issues_tokens(context, o)) {
        if is_secured(context, operation) {
            let message = format!("{} issues tokens and requires one", operation.path);
            let place = operation.place.below("security");
            sink.add(Found::new(LintCode::TokenOperationSecured, &place, message));
        }
        for (_, answer, place) in context.answers(operation) {
            for (_, schema, place) in content(answer, &place) {
                let shape = context.shape_of(schema, place);
                let Some(expiry) = shape.properties.get("expires_in") else {
                    continue;
                };
                if shape.properties.contains_key("access_token")
                    && context.analyser.is_empty(expiry, Type::Integer)
                    && let Some(part) = expiry.first()
                {
                    let message = "`expires_in` is a number in RFC 6749; here no number passes";
                    sink.add(Found::new(LintCode::OauthDeviation, &part.place, message));
                }
            }
        }
    }
}

/// Descriptions that name a header of their own.
fn headers(context: &Context<'_>, schemes: &[&str], sink: &mut Sink<'_>) {
    let parameters = context
        .of_kind(Kind::Parameter)
        .chain(context.of_kind(Kind::Header));
    let declared: Vec<String> = parameters
        .filter_map(|site| site.value.get("name").and_then(Value::as_str))
        .chain(schemes.iter().copied())
        .map(str::to_ascii_lowercase)
        .collect();
    for site in context.of_kind(Kind::Schema) {
        let Some(text) = site.value.get("description").and_then(Value::as_str) else {
            continue;
        };
        let text = text.to_ascii_lowercase();
        let is_header = |word: &&str| word.len() > 3 && word.starts_with("x-") && !word.ends_with('-');
        let named = text
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
            .filter(is_header)
            .find(|word| text.contains("header") && !declared.iter().any(|d| d == word));
        if let Some(name) = named {
            let message = format!("the description speaks of the header `{name}`, which nothing declares");
            let place = site.place.below("description");
            sink.add(Found::new(LintCode::UndeclaredHeader, &place, message));
        }
    }
}
