//! What a record may hold, by the record type that a reply names.
//!
//! The dictionary itself is `openapi/dci-records.yaml`; `records.toml` says which of its components the
//! names in the field stand for. A schema is compiled when it is first asked for, and kept.

use crate::document::Document;
use crate::schema::Schema;
use indexmap::IndexMap;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::OnceLock;

const DOCUMENT: &str = "dci-records.yaml";
const NAMES: &str = include_str!("../records.toml");

/// One record type of the dictionary.
#[derive(Debug)]
pub struct RecordType {
    /// The component of the dictionary that describes it.
    pub component: String,
    /// The registry that it belongs to, unless it belongs to all.
    pub registry: Option<String>,
    schema: OnceLock<Schema>,
}

impl RecordType {
    /// The compiled schema of its records.
    pub fn schema(&self) -> &Schema {
        self.schema.get_or_init(|| {
            let document = Document::bundled(DOCUMENT).expect("a test loads the dictionary");
            let resolved = document.component(&self.component);
            let resolved = resolved
                .expect("a test proves the names")
                .expect("a test resolves it");
            Schema::compile(&resolved).expect("a test compiles it")
        })
    }
}

/// `records.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NamesFile {
    /// Registry → the words by which it is named.
    registries: IndexMap<String, Vec<String>>,
    records: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    component: String,
    registry: Option<String>,
    /// Names that stand for it wherever they appear.
    names: Vec<String>,
    /// Names that stand for it where the registry is named before them.
    #[serde(default)]
    within: Vec<String>,
}

struct Dictionary {
    types: Vec<RecordType>,
    /// Word → registry.
    registries: HashMap<String, String>,
    /// Plain name → index of its type.
    names: HashMap<String, usize>,
    /// Registry and plain name → index of its type.
    within: HashMap<(String, String), usize>,
}

fn dictionary() -> &'static Dictionary {
    static READ: OnceLock<Dictionary> = OnceLock::new();
    READ.get_or_init(|| Dictionary::new(toml::from_str(NAMES).expect("a test reads the names")))
}

impl Dictionary {
    fn new(file: NamesFile) -> Self {
        let words = file.registries.into_iter();
        let registries = words.flat_map(|(id, words)| words.into_iter().map(move |w| (w, id.clone())));
        let mut dictionary = Self {
            types: Vec::new(),
            registries: registries.collect(),
            names: HashMap::new(),
            within: HashMap::new(),
        };
        for row in file.records {
            let index = dictionary.types.len();
            for name in row.names {
                let taken = dictionary.names.insert(plain(&name), index);
                assert!(taken.is_none(), "`{name}` names two record types");
            }
            for name in row.within {
                let registry = row.registry.clone().expect("a name within a registry has one");
                let taken = dictionary.within.insert((registry, plain(&name)), index);
                assert!(taken.is_none(), "`{name}` names two record types of one registry");
            }
            dictionary.types.push(RecordType {
                component: row.component,
                registry: row.registry,
                schema: OnceLock::new(),
            });
        }
        dictionary
    }

    fn find(&self, reg_record_type: &str) -> Option<&RecordType> {
        let (before, name) = match reg_record_type.rfind([':', '/', '#', '.']) {
            Some(at) => (&reg_record_type[..at], &reg_record_type[at + 1..]),
            None => ("", reg_record_type),
        };
        let name = plain(name);
        let registry = before
            .rsplit(|c: char| !c.is_alphanumeric())
            .find_map(|word| self.registries.get(&word.to_lowercase()));
        let of_registry = registry.and_then(|r| self.within.get(&(r.clone(), name.clone())));
        let index = of_registry.or_else(|| self.names.get(&name))?;
        self.types.get(*index)
    }
}

/// A name without case, hyphens and underscores.
fn plain(name: &str) -> String {
    let kept = name.chars().filter(|c| !"-_ ".contains(*c));
    kept.flat_map(char::to_lowercase).collect()
}

/// Every record type of the dictionary.
pub fn types() -> &'static [RecordType] {
    &dictionary().types
}

/// The record type that a name in the field stands for: `spdci-extensions-dci:Person`,
/// `ns:org:RegistryRecordType:Member`, `SRPerson`, `Farmer`, in any case; `None` for one that the
/// dictionary does not know.
pub fn type_of(reg_record_type: &str) -> Option<&'static RecordType> {
    dictionary().find(reg_record_type)
}

/// The schema of the records of a type, by any name that [`type_of`] knows.
pub fn schema_of(reg_record_type: &str) -> Option<&'static Schema> {
    type_of(reg_record_type).map(RecordType::schema)
}
