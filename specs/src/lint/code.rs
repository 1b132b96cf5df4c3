//! The codes: what each means, how bad it is, what it does to a validator, and what to do about it.

use serde::{Serialize, Serializer};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// It accepts or refuses other messages than were likely meant.
    Warning,
    /// It is invalid or contradicts itself.
    Error,
}

impl Severity {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

macro_rules! codes {
    ($($variant:ident $name:literal $severity:ident $description:literal $effect:literal $remedy:literal;)*) => {
        /// What can be wrong with a document.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum LintCode {
            $(#[doc = $description] $variant,)*
        }

        impl LintCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its stable name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it means.
            pub fn description(self) -> &'static str {
                match self { $(Self::$variant => $description,)* }
            }

            /// How bad it is.
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// What it does to whoever validates by the document.
            pub fn effect(self) -> &'static str {
                match self { $(Self::$variant => $effect,)* }
            }

            /// What to do about it.
            pub fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)* }
            }
        }
    };
}

codes! {
    Unreadable "unreadable" Error
        "The file is neither YAML nor JSON, or cannot be read."
        "Nothing can be said about it."
        "Correct the text at this place.";
    WrongVersion "wrong-version" Error
        "The document is not OpenAPI 3.0."
        "Tools for OpenAPI 3.0 refuse it."
        "Start it with `openapi: 3.0.3`.";
    MissingInfoVersion "missing-info-version" Error
        "`info.version` is missing."
        "The document is not valid, and nobody can say which edition it is."
        "Add `version` to `info`.";
    InvalidStructure "invalid-structure" Error
        "An object lacks what OpenAPI 3.0 demands of it, or holds what it forbids."
        "Tools that check documents refuse it."
        "Correct the object; the OpenAPI 3.0.3 specification names its members.";
    UnknownKeyword "unknown-keyword" Error
        "A member has no meaning in OpenAPI 3.0."
        "It is ignored or makes tools refuse the document; either way it does not do what was meant."
        "Correct its name, move it to where it belongs, or start its name with `x-`.";
    LaterKeyword "later-keyword" Error
        "A keyword belongs to JSON Schema or OpenAPI 3.1, not to OpenAPI 3.0."
        "A validator for OpenAPI 3.0 ignores the restriction."
        "Write it in the words of OpenAPI 3.0, for instance a one-value `enum` for `const`.";
    MisspeltComponentKind "misspelt-component-kind" Error
        "A member of `components` is no kind of component."
        "What it defines does not exist for any tool."
        "Correct its name.";
    InvalidType "invalid-type" Error
        "`type` is not one of the six types of OpenAPI 3.0."
        "Schemas with it do not compile, or the restriction is ignored."
        "Write one type; for null, add `nullable: true`.";
    InvalidKeywordValue "invalid-keyword-value" Error
        "A keyword of a schema has a value of the wrong form."
        "The schema does not compile, or the restriction is ignored."
        "Correct the value.";
    IgnoredBesideReference "ignored-beside-reference" Warning
        "A keyword stands beside `$ref`."
        "OpenAPI 3.0 ignores everything beside `$ref`, so the restriction does not hold."
        "Put the reference and the keyword into an `allOf`.";
    UnresolvableReference "unresolvable-reference" Error
        "A reference leads nowhere."
        "Schemas with it do not compile; lenient tools accept anything there."
        "Let the reference point at an existing member.";
    ReferenceThroughReference "reference-through-reference" Error
        "The pointer of a reference passes through another reference."
        "Strict resolvers, which follow the pointer in the document as written, find nothing."
        "Point at the schema where it stands.";
    ReferenceIntoExample "reference-into-example" Warning
        "A reference leads into example data."
        "What should be a schema is data; whoever removes or corrects the example changes the schema."
        "Make the schema a component and point at that.";
    ReferenceInExample "reference-in-example" Warning
        "An example holds a reference."
        "Nothing resolves references within data, so the example shows `$ref` itself."
        "Write the value out.";
    MissingType "missing-type" Error
        "A schema restricts members or items and names no type."
        "Values of every other type pass: the rules for arrays or objects do not apply to them."
        "Add `type: array` or `type: object`.";
    KeywordOfOtherType "keyword-of-other-type" Warning
        "A keyword does not apply to the type of its schema."
        "The restriction never takes effect."
        "Correct the type or remove the keyword.";
    FormatTypeMismatch "format-type-mismatch" Error
        "`format` belongs to another type."
        "The format is ignored: texts that are no number pass, or numbers with a fraction where whole ones were meant."
        "Make type and format agree.";
    PatternAsFormat "pattern-as-format" Error
        "`format` holds a regular expression."
        "Unknown formats are ignored, so any text passes."
        "Move it to `pattern`.";
    RequiredButUndefined "required-but-undefined" Error
        "A member is required and not defined."
        "Messages with the member as it is defined are refused; with the required name, any value passes."
        "Define the member or correct the name.";
    OneOfOverlap "one-of-overlap" Error
        "Whatever satisfies one branch of a `oneOf` satisfies another as well."
        "`oneOf` wants exactly one, so what satisfies that branch is always refused."
        "Use `anyOf`, or make the branches exclude each other.";
    OneOfAmbiguous "one-of-ambiguous" Warning
        "Two branches of a `oneOf` accept the same value."
        "`oneOf` wants exactly one, so that value is refused."
        "Require what tells the branches apart.";
    Unsatisfiable "unsatisfiable" Error
        "No value can satisfy the schema, or none of a type that it names."
        "Every message of that kind is refused."
        "Remove the contradiction.";
    OperatorWithoutValue "operator-without-value" Error
        "An operator takes a list and the member for its value takes none."
        "A request that uses the operator as meant is refused."
        "Add an array to what the value may be.";
    EnumOutsidePattern "enum-outside-pattern" Error
        "A listed value violates the rest of its own schema."
        "The value can never be used."
        "Correct the value or the rule.";
    ExampleInvalid "example-invalid" Error
        "An example or default violates its own schema."
        "Whoever copies it sends an invalid message; generated clients and mocks do."
        "Correct the example or the schema.";
    AmbiguousScalar "ambiguous-scalar" Warning
        "An unquoted text has different values in YAML 1.1 and 1.2."
        "Tools disagree whether it is a text, a number or a boolean."
        "Put it in quotes.";
    EnumNarrowed "enum-narrowed" Note
        "Listed values are excluded by another part of the same schema."
        "The excluded values are documented and never accepted here."
        "List only what can be used, or restrict in one place.";
    MisspeltEnum "misspelt-enum" Warning
        "A listed value looks like a misspelling of a word that the document uses."
        "Whoever spells it right is refused."
        "Correct the spelling; accept the old one for a time.";
    MisspeltMember "misspelt-member" Warning
        "The name of a member looks like a misspelling of a word that the document uses."
        "Whoever spells it right is not understood, and no validator notices."
        "Correct the spelling.";
    SchemaInPlaceOfResponse "schema-in-place-of-response" Error
        "A schema stands where a response belongs."
        "The operation has no schema for this answer: anything passes."
        "Write a response: `description`, and the schema in `content`.";
    EmptyOperation "empty-operation" Error
        "A path or method has no operation."
        "Nothing is defined there; usually the indentation is wrong."
        "Indent the operation below its method.";
    NoSuccessStatus "no-success-status" Warning
        "An operation declares no status of success."
        "A validator applies the `default` schema to every status that is not declared, errors included."
        "Declare 200 or 202.";
    SuccessIsError "success-is-error" Error
        "The `default` answer, which stands for success, is the error body."
        "A server that answers like the other operations is refused."
        "Give the answer its own schema.";
    AcceptsEmpty "accepts-empty" Warning
        "An answer may be `{}`."
        "A server that says nothing passes validation."
        "Require the members that make up the answer.";
    OptionalContent "optional-content" Warning
        "The content of an envelope is not required."
        "A message without content passes validation."
        "Require it.";
    AcceptsEmptyList "accepts-empty-list" Warning
        "A required list of a request may be empty."
        "A request for nothing passes validation."
        "Add `minItems: 1`.";
    CountBelowZero "count-below-zero" Warning
        "A count, size or page number may be negative."
        "Values without meaning pass validation."
        "Add `minimum`.";
    AcceptsEmptyText "accepts-empty-text" Note
        "A required text of an envelope may be empty."
        "An empty text passes where something was demanded."
        "Add `minLength: 1`.";
    UnlinkedMember "unlinked-member" Warning
        "A member names the kind of its neighbour, and nothing ties the two."
        "Messages in which they contradict each other pass validation."
        "Split the schema by the values of the first member.";
    PluralHoldsOne "plural-holds-one" Note
        "A member named in the plural holds one object."
        "Several cannot be expressed, and readers disagree whether it is a list."
        "Make it an array, or name it in the singular.";
    CallbackWithRequestHeader "callback-with-request-header" Warning
        "A callback has the header of its request, unlike the other callbacks."
        "A callback with the header of callbacks is refused."
        "Use the header of callbacks.";
    TwoVocabularies "two-vocabularies" Note
        "Members of one name list values that differ by a prefix only."
        "What is right in one message is refused in the other."
        "Use one list, or two names.";
    EnumWithoutOperation "enum-without-operation" Note
        "A list of operations names one that the document does not have."
        "The value can be sent and leads nowhere."
        "Define the operation or remove the value.";
    TokenOperationSecured "token-operation-secured" Error
        "The operation that issues access tokens requires one."
        "Read literally, nobody can obtain the first token."
        "Add `security: []` to the operation.";
    OauthDeviation "oauth-deviation" Warning
        "A token reply has another form than RFC 6749 gives it."
        "Servers and clients that follow the RFC are refused."
        "Follow RFC 6749, section 5.1.";
    UndeclaredHeader "undeclared-header" Note
        "A description names an HTTP header that nothing declares."
        "No tool knows of it, and it may contradict what is declared."
        "Declare the header or correct the text.";
    LiteralPathParameter "literal-path-parameter" Error
        "A segment of a path looks like a parameter and is not written as one."
        "Generated clients call the literal path; real paths are unknown to every tool."
        "Write `{name}` and declare the parameter.";
    UndeclaredPathParameter "undeclared-path-parameter" Error
        "A path and the parameters declared for it do not agree."
        "Tools refuse the document or leave the placeholder in the path."
        "Declare each `{name}` of the path, and only those, with `in: path`.";
    UnreferencedComponent "unreferenced-component" Note
        "Nothing refers to a component."
        "What it says binds nobody."
        "Use it or remove it.";
    MissingOperationId "missing-operation-id" Note
        "An operation has no `operationId`."
        "Generated code invents names, and reports can only name the path."
        "Add an `operationId`.";
    DuplicateOperationId "duplicate-operation-id" Error
        "Two operations have the same `operationId`."
        "Generated code loses one of them."
        "Rename one.";
    NoSecurityScheme "no-security-scheme" Warning
        "The document defines no security scheme."
        "Nothing says how a caller authenticates."
        "Define the scheme, or say `security: []` where none is meant.";
    UndefinedSecurityScheme "undefined-security-scheme" Error
        "An operation requires a security scheme that is not defined."
        "Nobody can satisfy the requirement; tools refuse the document or drop it."
        "Define the scheme under `components.securitySchemes`.";
    UnsecuredOperation "unsecured-operation" Note
        "An operation requires no authentication although most others do."
        "Anyone may call it."
        "Add the security requirement, or say `security: []` if it is meant.";
    CallbackUndeclared "callback-undeclared" Note
        "A description speaks of callbacks and the document declares none."
        "No tool knows what is called back, or where."
        "Declare `callbacks`, or a path for each callback.";
}

impl Serialize for LintCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl LintCode {
    /// The code of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_and_descriptions_are_unique() {
        let names: BTreeSet<&str> = LintCode::ALL.iter().map(|c| c.name()).collect();
        let descriptions: BTreeSet<&str> = LintCode::ALL.iter().map(|c| c.description()).collect();
        assert_eq!(names.len(), LintCode::ALL.len());
        assert_eq!(descriptions.len(), LintCode::ALL.len());
        for code in LintCode::ALL {
            assert_eq!(LintCode::from_name(code.name()), Some(*code));
        }
    }
}
