//! What is certified: a profile at an address, and who we are to it.

mod claim;

use claim::Claim;

use crate::tls::Tls;
use specs::catalogue::{Demands, Profile, SignatureScheme};
use specs::document::{CONSOLIDATED, Document, DocumentError};
use specs::wire::key::{Algorithm, PrivateKey, PublicKey};
use specs::wire::rsa::{SigningKey, VerifyingKey};
use specs::wire::scheme;
use std::sync::Arc;
use suites::context::{Context, Learnt, Schemas};
use suites::known::Known;
use url::Url;

/// One target under one profile.
#[derive(Debug, Clone)]
pub struct Target {
    /// The profile.
    pub profile: Arc<Profile>,
    /// What it demands.
    pub demands: Demands,
    /// The schemas of its document.
    pub schemas: Arc<Schemas>,
    /// Base URL, without a trailing slash.
    pub url: String,
    /// Whether it is the mock embedded in this tool.
    pub embedded: bool,
    /// How we obtain tokens.
    pub credentials: Option<Credentials>,
    /// `sender_id` of our messages.
    pub sender_id: String,
    /// `receiver_id` of our messages.
    pub receiver_id: String,
    /// Our keys and the target's.
    pub keys: TargetKeys,
    /// How connections to it are secured.
    pub tls: Tls,
    /// Where an event can be made to happen, for the laws about notifications.
    pub events: Option<String>,
    /// What it is known to hold.
    pub known: Arc<Known>,
}

/// What a client-credentials request needs.
#[derive(Clone)]
pub struct Credentials {
    /// `client_id`
    pub client_id: String,
    /// `client_secret`
    pub client_secret: String,
    /// `db_name`, where the profile wants one.
    pub db_name: Option<String>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("client_id", &self.client_id)
            .field("db_name", &self.db_name)
            .finish_non_exhaustive()
    }
}

/// The keys of an exchange.
#[derive(Debug, Clone)]
pub struct TargetKeys {
    /// The key we sign with.
    pub sender: Arc<PrivateKey>,
    /// A key that the target does not know.
    pub other: Arc<PrivateKey>,
    /// The target's public key, if we have it.
    pub receiver: Option<Arc<PublicKey>>,
    /// The key we decrypt with.
    pub decrypt: Option<Arc<SigningKey>>,
    /// The key that messages for the target are encrypted with.
    pub encrypt: Option<Arc<VerifyingKey>>,
    /// A key that messages for somebody else are encrypted with.
    pub encrypt_other: Arc<VerifyingKey>,
    /// Whether `sender` is the demonstration key built into this tool.
    pub demonstration: bool,
}

/// Why a target cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The URL cannot be used.
    #[error("`{url}` is not a URL that can be certified: {message}")]
    Url {
        /// The URL as given.
        url: String,
        /// What is wrong with it.
        message: String,
    },
    /// The profile's document is broken.
    #[error(transparent)]
    Document(#[from] specs::document::DocumentError),
    /// A schema of it is broken.
    #[error("{0}")]
    Schema(String),
}

impl Target {
    /// A target of a profile at a base URL, judged by the profile's edition.
    ///
    /// # Errors
    /// The URL is none, the edition has no such document, or the document is broken.
    pub fn new(profile: Profile, url: &str) -> Result<Self, TargetError> {
        let Claim {
            profile,
            demands,
            schemas,
            keys,
        } = Claim::of(profile)?;
        Ok(Self {
            url: base_url(url)?,
            demands,
            schemas,
            embedded: false,
            credentials: None,
            sender_id: profile.partner.sender_id.clone(),
            receiver_id: profile.partner.receiver_id.clone(),
            keys,
            tls: Tls::default(),
            events: None,
            known: Arc::default(),
            profile,
        })
    }

    /// The same target without some operations of its profile.
    #[must_use]
    pub fn without(&self, operations: &[String]) -> Self {
        let mut profile = Profile::clone(&self.profile);
        profile.operations.retain(|id, _| !operations.contains(id));
        Self {
            profile: Arc::new(profile),
            ..self.clone()
        }
    }

    /// The context for the cases of this target.
    pub fn context(&self, seed: u64) -> Context {
        Context {
            profile: Arc::clone(&self.profile),
            demands: self.demands.clone(),
            schemas: Arc::clone(&self.schemas),
            seed,
            salt: String::new(),
            case: String::new(),
            sender_id: self.sender_id.clone(),
            receiver_id: self.receiver_id.clone(),
            receiver_key: self.keys.receiver.clone(),
            known: Arc::clone(&self.known),
            learnt: Learnt::default(),
        }
    }

    /// The address of an operation.
    pub fn address(&self, operation: &str, exchange_type: Option<&str>) -> String {
        let path = self.profile.path(operation).unwrap_or_default();
        format!(
            "{}{}",
            self.url,
            path.replace("{type}", exchange_type.unwrap_or("program"))
        )
    }

    /// Whether the profile has operations that are answered by a callback.
    pub fn wants_callbacks(&self) -> bool {
        calls_back(&self.profile)
    }
}

/// Whether a profile has operations that are answered by a callback.
pub(crate) fn calls_back(profile: &Profile) -> bool {
    ["search", "exchange", "subscribe", "unsubscribe", "txn-status"]
        .iter()
        .any(|op| profile.operations.contains_key(*op))
}

impl TargetKeys {
    /// The keys of the demonstration partner for a scheme, which the mock knows when it was given no others.
    pub fn demonstration(scheme: SignatureScheme) -> Self {
        use specs::wire::demo;
        let [sender, other, receiver] = match scheme::algorithm(scheme) {
            Some(Algorithm::Ed25519) => [
                demo::SENDER_ED25519_KEY_PEM,
                demo::OTHER_ED25519_KEY_PEM,
                demo::RECEIVER_ED25519_PUB_PEM,
            ],
            _ => [demo::SENDER_KEY_PEM, demo::OTHER_KEY_PEM, demo::RECEIVER_PUB_PEM],
        };
        let signing = |pem: &str| Arc::new(PrivateKey::from_pem(pem).expect("a demonstration key is a key"));
        let rsa = |pem: &str| Arc::new(SigningKey::from_pem(pem).expect("a demonstration key is a key"));
        let receiver = PublicKey::from_pem(receiver).expect("a demonstration key is a key");
        Self {
            sender: signing(sender),
            other: signing(other),
            receiver: Some(Arc::new(receiver)),
            // Whatever signs, what is encrypted is so by RSA.
            decrypt: Some(rsa(demo::SENDER_KEY_PEM)),
            encrypt: Some(Arc::new(rsa(demo::RECEIVER_KEY_PEM).verifying_key())),
            encrypt_other: Arc::new(rsa(demo::OTHER_KEY_PEM).verifying_key()),
            demonstration: true,
        }
    }
}

/// A profile with its document as its edition has it. What the edition does not describe, the profile does
/// not offer, and its specification names the edition.
///
/// # Errors
/// There is no such document or edition, or the edition has no such document.
pub fn in_edition(mut profile: Profile) -> Result<(Profile, Document), DocumentError> {
    let document = Document::edition(&profile.document, profile.edition())?;
    if profile.edition() != CONSOLIDATED {
        profile
            .operations
            .retain(|_, operation| document.operation("POST", &operation.document_path).is_some());
        let named = format!(" (edition {})", profile.edition());
        if !profile.specification.ends_with(&named) {
            profile.specification.push_str(&named);
        }
    }
    Ok((profile, document))
}

/// Checks a base URL and cuts its trailing slash.
///
/// # Errors
/// It is no absolute http or https URL, or it carries a query or a fragment.
pub fn base_url(url: &str) -> Result<String, TargetError> {
    let fail = |message: &str| TargetError::Url {
        url: url.to_owned(),
        message: message.to_owned(),
    };
    let parsed = Url::parse(url).map_err(|e| {
        fail(&format!(
            "{e}; write it with its scheme, e.g. http://localhost:8080"
        ))
    })?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err(fail(
            "only http and https can be certified; write it with its scheme, e.g. http://localhost:8080",
        ));
    }
    if parsed.host_str().is_none_or(str::is_empty) {
        return Err(fail("it names no host"));
    }
    if parsed.query().is_some() || parsed.fragment().is_some() {
        return Err(fail("a base URL has no query and no fragment"));
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(fail(
            "credentials belong into dcx.toml or the environment, not into the URL",
        ));
    }
    Ok(parsed.as_str().trim_end_matches('/').to_owned())
}
