//! What a careless developer does not check: copies of a request schema without some of its keywords.
//!
//! Without a defect the schema stays as it is.

use crate::Defect;
use crate::defect::Defects;
use serde_json::{Map, Value};

/// Lengths, sizes and ranges.
const BOUNDS: &[&str] = &[
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minimum",
    "maximum",
];

/// Keywords to leave out, or to replace by something laxer.
struct Slip {
    defect: Defect,
    keywords: &'static [&'static str],
    /// The one member to which the slip is confined.
    only: Option<&'static str>,
    /// The one member that is checked all the same.
    except: Option<&'static str>,
    /// What stands there instead.
    instead: Option<&'static str>,
}

impl Slip {
    const fn leaves_out(defect: Defect, keywords: &'static [&'static str]) -> Self {
        Self {
            defect,
            keywords,
            only: None,
            except: None,
            instead: None,
        }
    }

    const fn only(self, member: &'static str) -> Self {
        Self {
            only: Some(member),
            ..self
        }
    }

    const fn except(self, member: &'static str) -> Self {
        Self {
            except: Some(member),
            ..self
        }
    }

    const fn writing(self, instead: &'static str) -> Self {
        Self {
            instead: Some(instead),
            ..self
        }
    }
}

const SLIPS: &[Slip] = &[
    Slip::leaves_out(Defect::RequiredUnchecked, &["required"]),
    Slip::leaves_out(Defect::ExchangeRequiredUnchecked, &["required"]),
    Slip::leaves_out(Defect::TypeUnchecked, &["type"]),
    Slip::leaves_out(Defect::ExchangeTypeUnchecked, &["type"]),
    Slip::leaves_out(Defect::EnumUnchecked, &["enum"]).except("action"),
    Slip::leaves_out(Defect::ActionUnchecked, &["enum"]).only("action"),
    Slip::leaves_out(Defect::OperatorUnknownMatchesAll, &["enum"]).only("operator"),
    Slip::leaves_out(Defect::ExchangeActionUnchecked, &["enum"]).only("action"),
    Slip::leaves_out(Defect::BoundsUnchecked, BOUNDS),
    Slip::leaves_out(Defect::TimestampUnchecked, &["format"]),
    Slip::leaves_out(Defect::ExchangeTimestampUnchecked, &["pattern", "minimum"]).only("message_ts"),
    Slip::leaves_out(Defect::LocaleUnchecked, &["pattern"]).only("locale"),
    Slip::leaves_out(Defect::LocaleDigitAccepted, &["pattern"])
        .only("locale")
        .writing(r"^\w{3}$"),
];

/// The schema as far as it is checked.
pub(crate) fn relaxed(mut schema: Value, cx: &Defects) -> Value {
    for slip in SLIPS.iter().filter(|slip| cx.commits(slip.defect)) {
        apply(slip, None, &mut schema);
    }
    schema
}

/// The schema of an object, without one of its members.
pub(super) fn without_member(schema: &Value, name: &str) -> Value {
    let mut schema = schema.clone();
    if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|n| n != name);
    }
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.shift_remove(name);
    }
    schema
}

/// Applies a slip to a schema, which describes this member, and to all within it.
fn apply(slip: &Slip, member: Option<&str>, schema: &mut Value) {
    let Value::Object(schema) = schema else { return };
    if slip.only.is_none_or(|m| member == Some(m)) && slip.except.is_none_or(|m| member != Some(m)) {
        for keyword in slip.keywords {
            if schema.shift_remove(*keyword).is_some()
                && let Some(instead) = slip.instead
            {
                schema.insert((*keyword).to_owned(), instead.into());
            }
        }
    }
    one_of_to_any_of(schema);
    for (keyword, inner) in schema.iter_mut() {
        match (keyword.as_str(), inner) {
            ("properties" | "definitions", Value::Object(members)) => {
                for (name, inner) in members {
                    apply(slip, Some(name), inner);
                }
            }
            ("allOf" | "anyOf", Value::Array(parts)) => {
                for part in parts {
                    apply(slip, member, part);
                }
            }
            ("items" | "not" | "additionalProperties", inner) => apply(slip, member, inner),
            _ => {}
        }
    }
}

/// What told the alternatives apart may just have been left out.
fn one_of_to_any_of(schema: &mut Map<String, Value>) {
    if !schema.contains_key("anyOf")
        && let Some(parts) = schema.shift_remove("oneOf")
    {
        schema.insert("anyOf".to_owned(), parts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn under(defect: Defect, schema: &Value) -> Value {
        relaxed(
            schema.clone(),
            &Defects::of_bundled(&defect.profiles()[0], &[defect]),
        )
    }

    #[test]
    fn nothing_is_left_out_without_a_defect() {
        let schema = json!({"required": ["type"], "properties": {"type": {"type": "string", "enum": ["a"]}}});
        assert_eq!(relaxed(schema.clone(), &Defects::default()), schema);
    }

    #[test]
    fn keywords_go_and_members_of_the_same_name_stay() {
        let schema = json!({
            "type": "object",
            "required": ["type"],
            "properties": {"type": {"type": "string"}, "required": {"items": {"type": "number"}}},
        });
        let expected = json!({
            "required": ["type"],
            "properties": {"type": {}, "required": {"items": {}}},
        });
        assert_eq!(under(Defect::TypeUnchecked, &schema), expected);
    }

    #[test]
    fn slips_keep_to_their_members() {
        let schema = json!({"properties": {
            "action": {"enum": ["search"]},
            "operator": {"enum": ["eq"]},
            "locale": {"pattern": "^[a-z]{3}$"},
        }});
        assert_eq!(
            under(Defect::EnumUnchecked, &schema)["properties"]["operator"],
            json!({})
        );
        assert_eq!(
            under(Defect::EnumUnchecked, &schema)["properties"]["action"],
            schema["properties"]["action"]
        );
        assert_eq!(
            under(Defect::ActionUnchecked, &schema)["properties"]["action"],
            json!({})
        );
        assert_eq!(
            under(Defect::LocaleUnchecked, &schema)["properties"]["locale"],
            json!({})
        );
        let digits = under(Defect::LocaleDigitAccepted, &schema);
        assert_eq!(digits["properties"]["locale"]["pattern"], r"^\w{3}$");
    }

    #[test]
    fn a_member_can_be_left_to_somebody_else() {
        let schema = json!({"required": ["a", "b"], "properties": {"a": {}, "b": {}}});
        assert_eq!(
            without_member(&schema, "a"),
            json!({"required": ["b"], "properties": {"b": {}}})
        );
    }
}
