//! Which members of an OpenAPI 3.0 schema matter to a validator, and what they hold.

/// What a member of a schema holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Member {
    /// A schema for the very same value.
    Same,
    /// Several schemas for the very same value.
    SameList,
    /// A schema for what is within the value.
    Inner,
    /// Named schemas for what is within the value.
    InnerMap,
    /// A boolean, or a schema for what is within the value.
    InnerOrBool,
    /// A list of type names.
    Type,
    /// Data, to be kept as it is.
    Data(Shape),
}

/// What data must look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Any,
    Text,
    Flag,
    Number,
    /// A whole number that is not negative.
    Count,
    List,
    /// A list of texts.
    Names,
}

/// What a schema's member holds; `None` for members that say nothing to a validator.
pub(crate) fn member(name: &str) -> Option<Member> {
    Some(match name {
        "type" => Member::Type,
        "properties" => Member::InnerMap,
        "items" => Member::Inner,
        "additionalProperties" => Member::InnerOrBool,
        "allOf" | "anyOf" | "oneOf" => Member::SameList,
        "not" => Member::Same,
        "title" | "description" | "format" | "pattern" => Member::Data(Shape::Text),
        "required" => Member::Data(Shape::Names),
        "enum" => Member::Data(Shape::List),
        "default" => Member::Data(Shape::Any),
        "exclusiveMinimum" | "exclusiveMaximum" | "uniqueItems" => Member::Data(Shape::Flag),
        "minimum" | "maximum" | "multipleOf" => Member::Data(Shape::Number),
        "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties" => {
            Member::Data(Shape::Count)
        }
        _ => return None,
    })
}

/// The names of types that a schema may use.
pub(crate) const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];
