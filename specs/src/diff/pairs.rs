//! Which operation of the left document is which of the right.

use super::{Differ, DifferenceKind as Kind, Side, below};
use crate::document::library::Place;
use crate::document::operation::METHODS;
use serde_json::{Value, json};

/// An operation and its path.
pub(super) struct Operation<'l> {
    pub(super) path: &'l str,
    pub(super) method: &'l str,
    pub(super) value: &'l Value,
    pub(super) place: Place,
    pub(super) item: &'l Value,
    pub(super) item_place: Place,
}

/// Compares the operations of both documents.
pub(super) fn compare(differ: &mut Differ<'_, '_>) {
    let (ours, theirs) = (operations(&differ.left), operations(&differ.right));
    let bases = (base(&differ.left), base(&differ.right));
    let mut used = vec![false; theirs.len()];
    let mut pairs: Vec<Option<usize>> = vec![None; ours.len()];
    let rules: [Rule; 3] = [exact, full, templated];
    for same in rules {
        for (l, operation) in ours.iter().enumerate().filter(|(_, o)| !o.path.is_empty()) {
            if pairs[l].is_some() {
                continue;
            }
            let found = theirs.iter().enumerate().find(|(r, other)| {
                !used[*r]
                    && other.method == operation.method
                    && same((&bases.0, operation.path), (&bases.1, other.path))
            });
            if let Some((r, _)) = found {
                pairs[l] = Some(r);
                used[r] = true;
            }
        }
    }
    for (operation, pair) in ours.iter().zip(&pairs) {
        let at = pointer(operation);
        let Some(other) = pair.and_then(|r| theirs.get(r)) else {
            differ.add(&at, Kind::OperationRemoved, json!(operation.path), Value::Null);
            continue;
        };
        if operation.path != other.path {
            let said = |base: &str, path: &str| json!(format!("{base}{path}"));
            let (l, r) = (said(&bases.0, operation.path), said(&bases.1, other.path));
            differ.add(&at, Kind::PathChanged, l, r);
        }
        differ.operation(&at, operation, other);
    }
    for (operation, used) in theirs.iter().zip(used) {
        if !used {
            differ.add(
                &pointer(operation),
                Kind::OperationAdded,
                Value::Null,
                json!(operation.path),
            );
        }
    }
}

fn pointer(operation: &Operation<'_>) -> String {
    below(&below("", operation.path), operation.method)
}

/// Whether two paths, each after the base of its document, are the same operation.
type Rule = fn(BasedPath<'_>, BasedPath<'_>) -> bool;

/// The base of a document, and a path.
type BasedPath<'p> = (&'p str, &'p str);

/// The same path.
fn exact(left: BasedPath<'_>, right: BasedPath<'_>) -> bool {
    left.1 == right.1
}

/// The same path below the address of the server.
fn full(left: BasedPath<'_>, right: BasedPath<'_>) -> bool {
    format!("{}{}", left.0, left.1) == format!("{}{}", right.0, right.1)
}

/// A parameter of a path stands for any segment.
fn templated(left: BasedPath<'_>, right: BasedPath<'_>) -> bool {
    let alike = |l: &str, r: &str| {
        let (l, r): (Vec<&str>, Vec<&str>) = (l.split('/').collect(), r.split('/').collect());
        let is_parameter = |segment: &str| segment.starts_with('{') && segment.ends_with('}');
        l.len() == r.len()
            && l.iter()
                .zip(&r)
                .all(|(l, r)| l == r || is_parameter(l) || is_parameter(r))
    };
    alike(left.1, right.1)
        || alike(
            &format!("{}{}", left.0, left.1),
            &format!("{}{}", right.0, right.1),
        )
}

/// The path of the first server.
fn base(side: &Side<'_>) -> String {
    let url = side
        .library
        .root(0)
        .pointer("/servers/0/url")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => url,
    };
    path.trim_end_matches('/').to_owned()
}

fn operations<'l>(side: &Side<'l>) -> Vec<Operation<'l>> {
    let paths = Place {
        file: 0,
        pointer: "/paths".to_owned(),
    };
    let mut all = Vec::new();
    let root = side.library.root(0);
    let items = root.get("paths").and_then(Value::as_object).into_iter().flatten();
    for (path, item) in items.filter(|(path, _)| path.starts_with('/')) {
        let (item, item_place) = side.settle(item, paths.below(path));
        for (method, value) in item.as_object().into_iter().flatten() {
            if METHODS.contains(&method.as_str()) && value.is_object() {
                all.push(Operation {
                    path,
                    method,
                    value,
                    place: item_place.below(method),
                    item,
                    item_place: item_place.clone(),
                });
            }
        }
    }
    all
}
