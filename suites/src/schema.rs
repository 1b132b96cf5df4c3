//! JSON Schemas of the files that users write, for editors, made from the types that read the files.

use crate::{Case, laws, twins};
use schemars::Schema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};
use specs::catalogue::{Catalogue, Requirement};
use std::collections::BTreeSet;

/// The schema of a case's file.
pub fn cases() -> Value {
    of::<Case>("A case of dcx")
}

/// The schema of a requirement's file.
pub fn requirements() -> Value {
    of::<Requirement>("A requirement of dcx")
}

fn of<T: schemars::JsonSchema>(title: &str) -> Value {
    let settings = SchemaSettings::draft07().for_deserialize();
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    schema.to_value()
}

/// The operations that a profile of ours has.
pub fn operations() -> BTreeSet<&'static str> {
    let profiles = Catalogue::bundled().profiles().iter();
    profiles
        .flat_map(|profile| profile.operations.keys().map(String::as_str))
        .collect()
}

pub(crate) fn one_of_the_kinds(schema: &mut Schema) {
    let kinds = ["twins", "law", "generate"].map(|kind| json!({"required": [kind]}));
    schema.insert("oneOf".to_owned(), json!(kinds));
}

pub(crate) fn of_operations(schema: &mut Schema) {
    schema.insert(
        "items".to_owned(),
        json!({"type": "string", "enum": operations()}),
    );
}

pub(crate) fn law_names(schema: &mut Schema) {
    schema.insert("enum".to_owned(), json!(laws::names()));
}

pub(crate) fn signings(schema: &mut Schema) {
    schema.insert("enum".to_owned(), json!(twins::SIGNINGS));
}
