//! The document as a whole.

use crate::document::kind::{COMPONENTS, Kind};
use crate::document::operation::METHODS;
use crate::lint::code::LintCode;
use crate::lint::context::{Context, members};
use crate::lint::near::nearest;
use crate::lint::{Found, Sink};
use serde_json::Value;

/// `openapi`, `info.version`, the kinds of components, paths without operation, what is announced.
pub(in crate::lint) fn run(context: &Context<'_>, sink: &mut Sink<'_>) {
    let root = context.root();
    let version = root.get("openapi").and_then(Value::as_str).unwrap_or_default();
    if version != "3.0" && !version.starts_with("3.0.") {
        let message = match root.get("openapi") {
            Some(other) => format!("`openapi` is {other}"),
            None => "the member `openapi` is missing".to_owned(),
        };
        let place = Context::at(if root.get("openapi").is_some() {
            "/openapi"
        } else {
            ""
        });
        sink.add(Found::new(LintCode::WrongVersion, &place, message));
    }
    if root.get("info").is_some_and(|info| info.get("version").is_none()) {
        let place = Context::at("/info");
        sink.add(Found::new(
            LintCode::MissingInfoVersion,
            &place,
            "`info` has no `version`",
        ));
    }
    for site in context.of_kind(Kind::Components) {
        for name in site.value.as_object().into_iter().flat_map(|m| m.keys()) {
            if name.starts_with("x-") || COMPONENTS.contains(&name.as_str()) {
                continue;
            }
            let place = site.place.below(name);
            let found = Found::new(
                LintCode::MisspeltComponentKind,
                &place,
                format!("`{name}` is no kind of component"),
            );
            sink.add(match nearest(name, COMPONENTS.into_iter()) {
                Some(near) => found.remedy(format!("Did you mean `{near}`?")),
                None => found,
            });
        }
    }
    for (path, item) in members(root, "paths").filter(|(path, _)| path.starts_with('/')) {
        let place = Context::at("/paths").below(path);
        let (item, place) = context.settle(item, place);
        let empty = item.as_object().is_none_or(|item| {
            let methods = item.keys().filter(|key| METHODS.contains(&key.as_str()));
            methods.count() == 0 && !item.contains_key("$ref")
        });
        if empty {
            let message = format!("the path {path} has no operation");
            sink.add(Found::new(LintCode::EmptyOperation, &place, message));
        }
        for (method, operation) in item.as_object().into_iter().flatten() {
            if METHODS.contains(&method.as_str()) && operation.is_null() {
                let message = format!("`{method}` of {path} is null");
                sink.add(Found::new(
                    LintCode::EmptyOperation,
                    &place.below(method),
                    message,
                ));
            }
        }
    }
    announced_callbacks(context, sink);
}

/// Descriptions that speak of callbacks, in a document that has none.
fn announced_callbacks(context: &Context<'_>, sink: &mut Sink<'_>) {
    let is_callback = |path: &str| {
        path.rsplit('/')
            .next()
            .is_some_and(|last| last.starts_with("on-"))
    };
    if context.operations.is_empty()
        || context.of_kind(Kind::Callback).next().is_some()
        || context.operations.iter().any(|o| is_callback(o.path))
    {
        return;
    }
    let speaks = |site: &&crate::lint::sites::Site<'_>| {
        let description = site.value.get("description").and_then(Value::as_str);
        description.is_some_and(|text| text.to_lowercase().contains("callback"))
    };
    if let Some(site) = context.of_kind(Kind::Schema).find(speaks) {
        sink.add(Found::new(
            LintCode::CallbackUndeclared,
            &site.place.below("description"),
            "the description speaks of callbacks; the document declares none",
        ));
    }
}
