//! A schema as it applies to one value: references followed and `allOf` merged along the members that the
//! value has, so that each member's own keywords can be read off.

use super::schema::merge;
use serde_json::{Map, Value};

/// How deep schemas are followed; what lies deeper keeps its references.
const DEPTH: u32 = 48;

/// The schema as it applies to `along`. References are to definitions of `root`.
pub fn flat(schema: &Value, root: &Value, along: &Value) -> Value {
    at(schema, root, Some(along), DEPTH)
}

fn at(schema: &Value, root: &Value, along: Option<&Value>, depth: u32) -> Value {
    if depth == 0 {
        return schema.clone();
    }
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let target = reference
            .strip_prefix('#')
            .and_then(|pointer| root.pointer(pointer));
        return target.map_or_else(|| schema.clone(), |target| at(target, root, along, depth - 1));
    }
    let mut schema = schema.clone();
    let parts = match &mut schema {
        Value::Object(members) => members.shift_remove("allOf"),
        _ => return schema,
    };
    for part in parts.as_ref().and_then(Value::as_array).into_iter().flatten() {
        let part = at(part, root, along, depth - 1);
        schema = merge(&schema, &part, "");
    }
    let Value::Object(members) = &mut schema else {
        return schema;
    };
    for keyword in ["oneOf", "anyOf"] {
        if let Some(Value::Array(branches)) = members.get_mut(keyword) {
            for branch in branches {
                *branch = at(branch, root, along, depth - 1);
            }
        }
    }
    // Members that the value does not have are left as they are; nobody looks into them.
    if let Some(Value::Object(properties)) = members.get_mut("properties") {
        let have = along
            .and_then(Value::as_object)
            .map_or_else(Map::new, Clone::clone);
        for (name, property) in properties {
            if let Some(value) = have.get(name) {
                *property = at(property, root, Some(value), depth - 1);
            }
        }
    }
    if let (Some(items), Some(first)) = (
        members.get_mut("items"),
        along.and_then(Value::as_array).and_then(|items| items.first()),
    ) {
        *items = at(items, root, Some(first), depth - 1);
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keywords_behind_references_and_in_parts_come_to_the_surface() {
        let schema = json!({
            "allOf": [{"$ref": "#/definitions/base"}, {"required": ["b"]}],
            "definitions": {"base": {"required": ["a"], "properties": {"a": {"$ref": "#/definitions/base"}}}},
        });
        let flat = flat(&schema, &schema, &json!({"a": {"a": {}}, "b": 1}));
        assert_eq!(flat["required"], json!(["a", "b"]));
        assert_eq!(
            flat.pointer("/properties/a/properties/a/required"),
            Some(&json!(["a"]))
        );
    }
}
