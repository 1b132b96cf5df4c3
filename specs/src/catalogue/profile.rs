//! What a target claims to be. Profiles are data: nothing in the code knows one by name.

use super::{Catalogue, Reading};
use crate::document::CONSOLIDATED;
use crate::evidence::Level;
use crate::wire::jwe::{Aad, Form};
use globset::{Glob, GlobSet, GlobSetBuilder};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// A profile: specification, role, addresses, authentication, signatures, chosen readings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Stable id, the stem of its file.
    #[serde(default)]
    pub id: String,
    /// What it stands for, in a few words.
    pub title: String,
    /// Specification id with version, e.g. `dci-social/1.0.0`.
    pub specification: String,
    /// File name of its document under `openapi/`.
    pub document: String,
    /// The edition whose rules count; the consolidated one where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edition: Option<String>,
    /// What usually precedes the operation paths, e.g. `/digit-exchange`; may be empty.
    pub base_path: String,
    /// Globs over requirement ids: what this profile demands.
    pub requirements: Vec<String>,
    /// Requirement ids (globs) whose level differs under this profile; the first match wins.
    #[serde(default)]
    pub levels: IndexMap<String, Level>,
    /// Reading id → the alternatives allowed here, the preferred one first. A reading that is not named
    /// has its default here.
    #[serde(default)]
    pub readings: IndexMap<String, Vec<String>>,
    /// How a client authenticates.
    pub authentication: Authentication,
    /// How a message is signed.
    pub signature: Signature,
    /// Operation id → where it is.
    pub operations: IndexMap<String, Operation>,
    /// Who we are when we talk to a target of this profile.
    pub partner: Partner,
    /// What a registry profile adds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registry: Option<Registry>,
    /// What a DIGIT Exchange profile adds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<Exchange>,
}

/// How a client obtains the right to call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authentication {
    /// Whether operations want a bearer token.
    pub style: AuthStyle,
    /// Whether the token request names a database (`db_name`).
    #[serde(default)]
    pub db_name: bool,
}

/// The forms of authentication in the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthStyle {
    /// No token: messages are authenticated by their signature.
    None,
    /// OAuth 2.0 client credentials, form-encoded.
    OauthForm,
    /// OAuth 2.0 client credentials, form-encoded or as a JSON body.
    OauthFormOrJson,
    /// OAuth 2.0 client credentials, as the query of the address (OpenCRVS).
    OauthQuery,
}

/// How messages are signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The scheme.
    pub scheme: SignatureScheme,
}

/// The signature schemes in the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureScheme {
    /// Messages are not signed.
    None,
    /// Base64 of `SHA256withRSA` over the bytes of the `message` string (DIGIT Exchange).
    RsaMessage,
    /// Base64 of `SHA256withRSA` over the texts of header and message as sent (G2P Connect).
    RsaHeaderMessage,
    /// A compact JWS by RS256 whose payload holds header and message (OpenCRVS).
    JwsCompact,
    /// A JWS by RS256 without its payload, in an HTTP header, over the body as sent (OpenG2P).
    DetachedJwsHeader,
    /// The parameters of an HTTP signature by Ed25519 in one text, over header and message in canonical
    /// form (OpenSPP).
    DciHttpSignature,
}

impl SignatureScheme {
    /// Whether messages carry a signature at all.
    pub fn signs(self) -> bool {
        self != Self::None
    }
}

/// Where an operation is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// Path below the base path, as served; may hold `{type}`.
    pub path: String,
    /// Path of the operation in the document that describes it.
    pub document_path: String,
    /// Whether a target may do without it: the editions list different operations.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// Who we are, and whom we take the target for, unless the configuration says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partner {
    /// `sender_id` of our messages.
    pub sender_id: String,
    /// `receiver_id` of our messages.
    pub receiver_id: String,
}

/// What a registry profile adds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registry {
    /// `reg_type` of search criteria, where the profile uses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reg_type: Option<String>,
    /// `reg_record_type` of results, where the profile uses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reg_record_type: Option<String>,
    /// Searchable attribute → JSON pointer of its value within a record.
    pub attributes: IndexMap<String, String>,
    /// The date attribute that laws about order and ranges use.
    pub date_attribute: String,
    /// JSON pointer of a record's list of identifiers.
    pub identifiers: String,
    /// Member of an identifier that holds its type.
    pub identifier_type: String,
    /// Member of an identifier that holds its value.
    pub identifier_value: String,
    /// An identifier type that records hold.
    pub id_type: String,
    /// The words of `reg_event_type` that can be subscribed to, where the profile knows any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub event_types: Vec<String>,
}

/// What a DIGIT Exchange profile adds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// The exchange types of the request direction.
    pub types: Vec<String>,
}

impl Profile {
    /// The level of a requirement under this profile.
    pub fn level_of(&self, requirement: &super::Requirement) -> Level {
        self.levels
            .iter()
            .find(|(glob, _)| matches(glob, &requirement.id))
            .map_or(requirement.level, |(_, level)| *level)
    }

    /// A matcher for the ids of the requirements that this profile demands.
    ///
    /// # Errors
    /// A glob of the profile that cannot be understood.
    pub fn requirement_set(&self) -> Result<GlobSet, globset::Error> {
        let mut set = GlobSetBuilder::new();
        for glob in &self.requirements {
            set.add(Glob::new(glob)?);
        }
        set.build()
    }

    /// The alternatives of a reading that are allowed here, the preferred one first: those that the
    /// profile names, else the reading's default.
    pub fn takes<'a>(&'a self, reading: &'a Reading) -> Vec<&'a str> {
        match self.readings.get(&reading.id) {
            Some(allowed) => allowed.iter().map(String::as_str).collect(),
            None => vec![&reading.default],
        }
    }

    /// The same profile for a target that takes this alternative of a reading: it is preferred to those that the
    /// profile names, or stands in the place of the default.
    #[must_use]
    pub fn taking(&self, reading: &str, alternative: &str) -> Self {
        let mut taking = self.clone();
        let allowed = taking.readings.entry(reading.to_owned()).or_default();
        allowed.retain(|other| other != alternative);
        allowed.insert(0, alternative.to_owned());
        taking
    }

    /// Whether a reading's alternative is allowed here.
    pub fn allows(&self, reading: &str, alternative: &str) -> bool {
        self.alternatives(reading).contains(&alternative)
    }

    /// The form in which messages are encrypted where anybody does: the first that the profile names and that
    /// we know.
    pub fn encryption(&self) -> Option<Form> {
        let named = self.alternatives(self.encryption_reading());
        named.into_iter().find_map(|alternative| match alternative {
            "compact-jwe" => Some(Form::Compact),
            "flattened-jwe" if self.exchange.is_some() => Some(Form::Flattened),
            "flattened-jwe" if self.allows("dci.encryption-aad", "header") => Some(Form::Headed(Aad::Header)),
            "flattened-jwe" => Some(Form::Headed(Aad::Nothing)),
            _ => None,
        })
    }

    /// Whether a target has to read encrypted messages.
    pub fn wants_encryption(&self) -> bool {
        self.encryption().is_some() && !self.allows(self.encryption_reading(), "none")
    }

    fn encryption_reading(&self) -> &'static str {
        if self.exchange.is_some() {
            "digit.encryption"
        } else {
            "dci.encryption"
        }
    }

    fn alternatives(&self, reading: &str) -> Vec<&str> {
        let found = Catalogue::bundled().reading(reading);
        found.map_or_else(Vec::new, |reading| self.takes(reading))
    }

    /// A matcher for the ids of the requirements that do not bind a target of this profile, because they rest on
    /// another alternative of a reading than one that it allows.
    pub fn lifted(&self) -> GlobSet {
        let catalogue = Catalogue::bundled();
        let allowed = self.readings.iter().filter_map(|(id, allowed)| {
            let reading = catalogue.reading(id)?;
            Some(allowed.iter().filter_map(|id| reading.alternative(id)))
        });
        let globs = allowed.flatten().flat_map(|alternative| &alternative.lifts);
        let mut set = GlobSetBuilder::new();
        for glob in globs.filter_map(|glob| Glob::new(glob).ok()) {
            set.add(glob);
        }
        set.build().unwrap_or_default()
    }

    /// Whether a reading is about what this profile demands: one of its family, which is the first word
    /// of its id, or of a family that the profile's requirements belong to.
    pub fn is_concerned_by(&self, reading: &Reading) -> bool {
        let family = reading.id.split('.').next().unwrap_or_default();
        let named = |glob: &String| {
            glob.split('.')
                .next()
                .is_some_and(|f| f == family || f.contains('*'))
        };
        self.requirements.iter().any(named)
    }

    /// The edition whose rules count.
    pub fn edition(&self) -> &str {
        self.edition.as_deref().unwrap_or(CONSOLIDATED)
    }

    /// The path of an operation below the base URL.
    pub fn path(&self, operation: &str) -> Option<&str> {
        self.operations.get(operation).map(|o| o.path.as_str())
    }

    /// Whether the profile wants bearer tokens.
    pub fn wants_token(&self) -> bool {
        self.authentication.style != AuthStyle::None
    }
}

/// Whether a glob matches an id. Most are plain or hold a single star, which needs no compiling.
fn matches(glob: &str, id: &str) -> bool {
    if glob.contains(['?', '[', '{', '\\']) || glob.matches('*').count() > 1 {
        return Glob::new(glob).is_ok_and(|g| g.compile_matcher().is_match(id));
    }
    match glob.split_once('*') {
        None => glob == id,
        Some((before, after)) => {
            id.len() >= before.len() + after.len() && id.starts_with(before) && id.ends_with(after)
        }
    }
}
