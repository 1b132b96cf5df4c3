//! Reads the catalogue that is built into this crate from
//! `specs/{requirements,readings,profiles,published,errata,editions}/`.

use super::{Edition, Erratum, Profile, Published, Reading, Requirement};
use crate::clause;
use crate::document::CONSOLIDATED;
use include_dir::{Dir, include_dir};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::OnceLock;

static REQUIREMENTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/requirements");
static READINGS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/readings");
static PROFILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/profiles");
static PUBLISHED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/published");
static ERRATA: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/errata");
static EDITIONS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/editions");

/// Requirements, readings, profiles, published documents, errata and editions, each sorted by id.
#[derive(Debug, Clone)]
pub struct Catalogue {
    requirements: Vec<Requirement>,
    readings: Vec<Reading>,
    profiles: Vec<Profile>,
    published: Vec<Published>,
    errata: Vec<Erratum>,
    editions: Vec<Edition>,
}

/// Why a file of the catalogue cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("failed to load {file}: {message}")]
pub struct CatalogueError {
    /// The file, relative to `specs/`.
    pub file: String,
    /// What is wrong with it.
    pub message: String,
}

impl Catalogue {
    /// The catalogue that is built in.
    pub fn bundled() -> &'static Self {
        static BUNDLED: OnceLock<Catalogue> = OnceLock::new();
        BUNDLED.get_or_init(|| Self::read_bundled().expect("a test proves the data"))
    }

    fn read_bundled() -> Result<Self, CatalogueError> {
        let mut requirements = read_all("requirements", &REQUIREMENTS, |r: &mut Requirement, id| r.id = id)?;
        requirements.extend(clause::clauses().iter().map(clause::requirement));
        requirements.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Self {
            requirements,
            readings: read_all("readings", &READINGS, |r: &mut Reading, id| r.id = id)?,
            profiles: read_all("profiles", &PROFILES, |p: &mut Profile, id| p.id = id)?,
            published: read_published()?,
            errata: read_errata()?,
            editions: read_all("editions", &EDITIONS, |e: &mut Edition, id| e.id = id)?,
        })
    }

    /// Every requirement, sorted by id.
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }

    /// The requirement of this id.
    pub fn requirement(&self, id: &str) -> Option<&Requirement> {
        let all = &self.requirements;
        all.binary_search_by(|r| r.id.as_str().cmp(id))
            .ok()
            .map(|i| &all[i])
    }

    /// Every reading, sorted by id.
    pub fn readings(&self) -> &[Reading] {
        &self.readings
    }

    /// The reading of this id.
    pub fn reading(&self, id: &str) -> Option<&Reading> {
        self.readings.iter().find(|r| r.id == id)
    }

    /// Every profile, sorted by id.
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    /// The profile of this id.
    pub fn profile(&self, id: &str) -> Option<&Profile> {
        self.profiles.iter().find(|p| p.id == id)
    }

    /// Every published document that we know, sorted by id.
    pub fn published(&self) -> &[Published] {
        &self.published
    }

    /// Every departure from a published document, sorted by id.
    pub fn errata(&self) -> &[Erratum] {
        &self.errata
    }

    /// The erratum of this id.
    pub fn erratum(&self, id: &str) -> Option<&Erratum> {
        self.errata.iter().find(|e| e.id == id)
    }

    /// Every edition whose literal form we know, sorted by id.
    pub fn editions(&self) -> &[Edition] {
        &self.editions
    }

    /// The edition of this id.
    pub fn edition(&self, id: &str) -> Option<&Edition> {
        self.editions.iter().find(|e| e.id == id)
    }

    /// What a profile demands, sorted by id, but for what its readings lift. A profile whose globs cannot be
    /// understood demands nothing; a test proves that no built-in one is such.
    pub fn requirements_of(&self, profile: &Profile) -> Vec<&Requirement> {
        let Ok(set) = profile.requirement_set() else {
            return Vec::new();
        };
        // A published edition does not hold what only ours adds.
        let consolidated = profile.edition() == CONSOLIDATED;
        let of_its_document = |id: &str| {
            clause::clause(id).is_none_or(|clause| {
                clause.documents.contains(&profile.document) && (consolidated || clause.errata.is_empty())
            })
        };
        let of_its_operations = |r: &Requirement| {
            let served = |op: &String| op == "any" || profile.operations.contains_key(op);
            r.operations.iter().any(served)
        };
        let lifted = profile.lifted();
        let binds = |r: &Requirement| set.is_match(&r.id) && !lifted.is_match(&r.id);
        let all = self.requirements.iter();
        all.filter(|r| binds(r) && of_its_operations(r) && of_its_document(&r.id))
            .collect()
    }

    /// The id nearest to a mistyped one, if any is near.
    pub fn suggest(&self, id: &str) -> Option<&str> {
        let wanted = id.to_lowercase();
        let ids = self.requirements.iter().map(|r| r.id.as_str());
        let ids = ids.chain(self.readings.iter().map(|r| r.id.as_str()));
        let ids = ids.chain(self.profiles.iter().map(|p| p.id.as_str()));
        let ids = ids.chain(self.errata.iter().map(|e| e.id.as_str()));
        let (distance, nearest) = ids
            .map(|known| (strsim::damerau_levenshtein(known, &wanted), known))
            .min()?;
        (distance <= (wanted.chars().count() / 3).max(2)).then_some(nearest)
    }
}

/// The published documents that we know. They do not depend on the rest of the catalogue.
pub(crate) fn read_published() -> Result<Vec<Published>, CatalogueError> {
    read_all("published", &PUBLISHED, |p: &mut Published, id| p.id = id)
}

/// The errata. They do not depend on the rest of the catalogue.
pub(crate) fn read_errata() -> Result<Vec<Erratum>, CatalogueError> {
    read_all("errata", &ERRATA, |e: &mut Erratum, id| e.id = id)
}

/// Reads the `.toml` files of a folder; a file's stem becomes the id of what it holds.
fn read_all<T: DeserializeOwned>(
    folder: &str,
    dir: &Dir<'_>,
    set_id: impl Fn(&mut T, String),
) -> Result<Vec<T>, CatalogueError> {
    let mut read = BTreeMap::new();
    for file in dir.files() {
        let path = file.path();
        if path.extension().is_none_or(|e| e != "toml") {
            continue;
        }
        let name = format!("{folder}/{}", path.display());
        let fail = |message: String| CatalogueError {
            file: name.clone(),
            message,
        };
        let text = file
            .contents_utf8()
            .ok_or_else(|| fail("it is not UTF-8".to_owned()))?;
        let mut value: T = toml::from_str(text).map_err(|e| fail(e.to_string()))?;
        let id = path
            .file_stem()
            .map(|s| s.to_string_lossy().into_owned())
            .unwrap_or_default();
        set_id(&mut value, id.clone());
        read.insert(id, value);
    }
    Ok(read.into_values().collect())
}
