//! The kinds of differences.

use serde::{Deserialize, Serialize};

/// What kind of difference; `added` means that the right document has it and the left has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DifferenceKind {
    /// An operation that only the right document has.
    OperationAdded,
    /// An operation that only the left document has.
    OperationRemoved,
    /// The same operation at another path.
    PathChanged,
    /// Who may call.
    SecurityChanged,
    /// A parameter that only the right has.
    ParameterAdded,
    /// A parameter that only the left has.
    ParameterRemoved,
    /// A callback that only the right has.
    CallbackAdded,
    /// A callback that only the left has.
    CallbackRemoved,
    /// A request body that only the right has.
    BodyAdded,
    /// A request body that only the left has.
    BodyRemoved,
    /// A media type that only the right has.
    MediaTypeAdded,
    /// A media type that only the left has.
    MediaTypeRemoved,
    /// A status that only the right declares.
    StatusAdded,
    /// A status that only the left declares.
    StatusRemoved,
    /// A member that only the right defines.
    MemberAdded,
    /// A member that only the left defines.
    MemberRemoved,
    /// Something that only the right requires.
    RequiredAdded,
    /// Something that only the left requires.
    RequiredRemoved,
    /// The types that a value may have.
    TypeChanged,
    /// Whether null is allowed.
    NullableChanged,
    /// A list of values that only the right has.
    EnumAdded,
    /// A list of values that only the left has.
    EnumRemoved,
    /// A listed value that only the right has.
    EnumValueAdded,
    /// A listed value that only the left has.
    EnumValueRemoved,
    /// A pattern.
    PatternChanged,
    /// A format.
    FormatChanged,
    /// A least or greatest value, length or number.
    BoundChanged,
    /// Whether the items of a list must differ.
    UniqueChanged,
    /// Items that only the right describes.
    ItemsAdded,
    /// Items that only the left describes.
    ItemsRemoved,
    /// What holds for members that are not named.
    AdditionalChanged,
    /// `oneOf` against `anyOf`.
    CombinatorChanged,
    /// An alternative that only the right has.
    BranchAdded,
    /// An alternative that only the left has.
    BranchRemoved,
    /// What a value must not be.
    NegationChanged,
    /// A reference that leads nowhere, or a schema that makes no sense, on one side only.
    BrokenChanged,
    /// The documents are too large: the comparison is not complete.
    CutShort,
}

impl DifferenceKind {
    /// The kind that is seen when left and right are exchanged.
    #[must_use]
    pub fn inverse(self) -> Self {
        use DifferenceKind as K;
        match self {
            K::OperationAdded => K::OperationRemoved,
            K::OperationRemoved => K::OperationAdded,
            K::ParameterAdded => K::ParameterRemoved,
            K::ParameterRemoved => K::ParameterAdded,
            K::CallbackAdded => K::CallbackRemoved,
            K::CallbackRemoved => K::CallbackAdded,
            K::BodyAdded => K::BodyRemoved,
            K::BodyRemoved => K::BodyAdded,
            K::MediaTypeAdded => K::MediaTypeRemoved,
            K::MediaTypeRemoved => K::MediaTypeAdded,
            K::StatusAdded => K::StatusRemoved,
            K::StatusRemoved => K::StatusAdded,
            K::MemberAdded => K::MemberRemoved,
            K::MemberRemoved => K::MemberAdded,
            K::RequiredAdded => K::RequiredRemoved,
            K::RequiredRemoved => K::RequiredAdded,
            K::EnumAdded => K::EnumRemoved,
            K::EnumRemoved => K::EnumAdded,
            K::EnumValueAdded => K::EnumValueRemoved,
            K::EnumValueRemoved => K::EnumValueAdded,
            K::ItemsAdded => K::ItemsRemoved,
            K::ItemsRemoved => K::ItemsAdded,
            K::BranchAdded => K::BranchRemoved,
            K::BranchRemoved => K::BranchAdded,
            other => other,
        }
    }

    /// Its stable name, as it is written in JSON.
    pub fn name(self) -> String {
        let value = serde_json::to_value(self).unwrap_or_default();
        value.as_str().unwrap_or_default().to_owned()
    }
}
