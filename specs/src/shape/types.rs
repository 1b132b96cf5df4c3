//! The types of JSON values, whole numbers and fractions told apart.

use serde_json::Value;

/// One type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Type {
    Null = 1,
    Boolean = 2,
    Integer = 4,
    Fraction = 8,
    String = 16,
    Array = 32,
    Object = 64,
}

/// Every type.
pub(crate) const EACH: [Type; 7] = [
    Type::Null,
    Type::Boolean,
    Type::Integer,
    Type::Fraction,
    Type::String,
    Type::Array,
    Type::Object,
];

/// A set of types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Types(u8);

/// The set of all types.
pub(crate) const ALL: Types = Types(127);

impl Default for Types {
    fn default() -> Self {
        ALL
    }
}

impl Types {
    pub(crate) const NONE: Self = Self(0);

    pub(crate) fn of(one: Type) -> Self {
        Self(one as u8)
    }

    pub(crate) fn has(self, one: Type) -> bool {
        self.0 & one as u8 != 0
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn each(self) -> impl Iterator<Item = Type> {
        EACH.into_iter().filter(move |one| self.has(*one))
    }

    /// What a type's name stands for; `None` where it names none.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "null" => Self::of(Type::Null),
            "boolean" => Self::of(Type::Boolean),
            "integer" => Self::of(Type::Integer),
            "number" => Self::of(Type::Integer).or(Self::of(Type::Fraction)),
            "string" => Self::of(Type::String),
            "array" => Self::of(Type::Array),
            "object" => Self::of(Type::Object),
            _ => return None,
        })
    }

    /// Its names, as OpenAPI writes them.
    pub(crate) fn names(self) -> Vec<&'static str> {
        let mut names = Vec::new();
        for one in self.each() {
            let name = match one {
                Type::Integer if self.has(Type::Fraction) => continue,
                Type::Fraction => "number",
                other => other.name(),
            };
            names.push(name);
        }
        names
    }
}

impl Type {
    /// The type of a value.
    pub(crate) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(n) if n.is_f64() && n.as_f64().is_none_or(|f| f.fract() != 0.0) => Self::Fraction,
            Value::Number(_) => Self::Integer,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }

    /// Its name; fractions are numbers that are not whole.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Fraction => "fraction",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}
