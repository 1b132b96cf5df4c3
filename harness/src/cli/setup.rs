//! From arguments and configuration to targets. Flags override the file, the file overrides the profile.

use super::args::WithArgs;
use super::fault::Fault;
use super::known::held;
use crate::config::Config;
use crate::embedded;
use crate::profiles::own;
use crate::run::Limits;
use crate::target::{Credentials, Target, base_url};
use crate::tls::Tls;
use mock_server::MockServer;
use specs::catalogue::{Catalogue, Profile};
use specs::document::Document;
use specs::wire::key::{Algorithm, PrivateKey, PublicKey};
use specs::wire::rsa::{SigningKey, VerifyingKey};
use specs::wire::scheme;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The profile by which a server is judged when none is named.
pub(super) const DEFAULT_PROFILE: &str = "dci-social";

/// How long tokens of the embedded mock live: short, so that their expiry can be seen.
const EMBEDDED_TOKEN_LIFETIME: Duration = Duration::from_secs(2);

/// What is certified, and what has to stay alive meanwhile.
pub(super) struct Setup {
    pub(super) targets: Vec<Target>,
    pub(super) notices: Vec<String>,
    pub(super) limits: Limits,
    pub(super) seed: u64,
    pub(super) config: Config,
    /// The embedded mock, when it is the target.
    pub(super) mock: Option<MockServer>,
}

impl Setup {
    /// Reads configuration and arguments, and starts the embedded mock when no URL is given.
    pub(super) async fn of(url: Option<&str>, args: &WithArgs, edition: Option<&str>) -> Result<Self, Fault> {
        let config = Config::load(args.config.as_deref())?;
        let own = own(&config)?;
        let mut limits = Limits::default();
        let run = &config.file.run;
        let seconds = |member: &str, value: Option<f64>| -> Result<Option<Duration>, Fault> {
            value.map(|s| positive(&config, member, s)).transpose()
        };
        if let Some(timeout) = args.timeout.map(Duration::from_secs_f64) {
            limits.timeout = timeout;
        } else if let Some(timeout) = seconds("run.timeout", run.timeout)? {
            limits.timeout = timeout;
        }
        if let Some(deadline) = seconds("run.callback_timeout", run.callback_timeout)? {
            limits.callback_deadline = deadline;
        }
        if let Some(rate) = run.rate {
            positive(&config, "run.rate", rate)?;
            limits.rate = Some(rate);
        }
        limits.examples = run.examples.unwrap_or(limits.examples);
        limits.jobs = run.jobs.map_or(limits.jobs, |jobs| usize::from(jobs.max(1)));
        let seed = args.seed.or(run.seed).unwrap_or(1);
        let url = url.map(str::to_owned).or_else(|| config.file.target.url.clone());
        let mut notices = Vec::new();
        let (targets, mock) = match url {
            Some(url) => {
                let target = remote(args, edition, (&config, &own), &url, &mut notices)?;
                if target.keys.demonstration && target.profile.signature.scheme.signs() {
                    notices.push(
                        "no key is configured: messages are signed with the built-in demonstration key"
                            .to_owned(),
                    );
                }
                (vec![target], None)
            }
            None => {
                let profiles = match (&args.profile[..], &config.file.target.profile) {
                    ([], Some(id)) => vec![configured(&config, id, &own)?],
                    (ids, _) => named(ids, &own)?,
                };
                let profiles = profiles.into_iter().map(|profile| by_edition(profile, edition));
                let profiles = profiles.collect::<Result<Vec<_>, _>>()?;
                let (targets, mock) = embedded::start(profiles, seed, &[], EMBEDDED_TOKEN_LIFETIME).await?;
                limits = limits.embedded();
                (targets, Some(mock))
            }
        };
        Ok(Self {
            targets,
            notices,
            limits,
            seed,
            config,
            mock,
        })
    }
}

fn positive(config: &Config, member: &str, seconds: f64) -> Result<Duration, Fault> {
    let fail = || {
        Box::new(config.value_error(
            member,
            format!("{seconds} is not a usable number"),
            "give a number above 0 and of at most 86400".to_owned(),
        ))
    };
    if seconds > 0.0 && seconds <= 86_400.0 {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err(fail().into())
    }
}

/// The named bundled profiles, or all.
pub(super) fn profiles(ids: &[String]) -> Result<Vec<Profile>, Fault> {
    named(ids, &[])
}

/// The profiles that a mock serves: the named ones; without names, those of the user's own in a file that was
/// given, or else all bundled ones.
pub(super) fn served(ids: &[String], config: Option<&Path>) -> Result<Vec<Profile>, Fault> {
    let Some(path) = config else {
        return profiles(ids);
    };
    let own = own(&Config::load(Some(path))?)?;
    if ids.is_empty() && !own.is_empty() {
        return Ok(own);
    }
    named(ids, &own)
}

/// The named profiles, the user's own among them, or all bundled ones.
fn named(ids: &[String], own: &[Profile]) -> Result<Vec<Profile>, Fault> {
    if ids.is_empty() {
        return Ok(Catalogue::bundled().profiles().to_vec());
    }
    let mut profiles: Vec<Profile> = Vec::new();
    for id in ids {
        let profile = profile(id, own)?;
        if !profiles.contains(&profile) {
            profiles.push(profile);
        }
    }
    Ok(profiles)
}

fn profile(id: &str, own: &[Profile]) -> Result<Profile, Fault> {
    known(id, own).map_err(|(message, remedy)| Fault::usage(message, remedy))
}

/// The profile that the configuration file names.
fn configured(config: &Config, id: &str, own: &[Profile]) -> Result<Profile, Fault> {
    known(id, own)
        .map_err(|(message, remedy)| Box::new(config.value_error("target.profile", message, remedy)).into())
}

/// The profile of an id, or what is wrong and what to do about it.
fn known(id: &str, own: &[Profile]) -> Result<Profile, (String, String)> {
    let all = || Catalogue::bundled().profiles().iter().chain(own);
    all().find(|p| p.id == id).cloned().ok_or_else(|| {
        let known: Vec<&str> = all().map(|p| p.id.as_str()).collect();
        (
            format!("there is no profile `{id}`"),
            format!("choose one of {}", known.join(", ")),
        )
    })
}

/// A profile that is judged by the edition given on the command line, where one is.
fn by_edition(mut profile: Profile, edition: Option<&str>) -> Result<Profile, Fault> {
    if let Some(edition) = edition {
        Document::edition(&profile.document, edition)
            .map_err(|e| Fault::usage(format!("{}: {}", profile.id, e.message), e.remedy))?;
        profile.edition = Some(edition.to_owned());
    }
    Ok(profile)
}

fn remote(
    args: &WithArgs,
    edition: Option<&str>,
    (config, own): (&Config, &[Profile]),
    url: &str,
    notices: &mut Vec<String>,
) -> Result<Target, Fault> {
    let profile = match (&args.profile[..], &config.file.target.profile) {
        ([one], _) => profile(one, own)?,
        ([], Some(id)) => configured(config, id, own)?,
        ([], None) => {
            notices.push(format!(
                "no profile was named: judged by {DEFAULT_PROFILE} (choose with --profile)"
            ));
            profile(DEFAULT_PROFILE, own)?
        }
        _ => {
            return Err(Fault::usage(
                "a server is certified for one profile at a time",
                "run dcx once for each profile, each with its own base URL",
            ));
        }
    };
    let mut target = Target::new(by_edition(profile, edition)?, url)?;
    let file = &config.file;
    let client_id = args
        .client_id
        .clone()
        .or_else(|| file.credentials.client_id.clone());
    let client_secret = match &args.client_secret {
        Some(secret) => Some(secret.clone()),
        None => config.client_secret()?,
    };
    if let (Some(client_id), Some(client_secret)) = (client_id, client_secret) {
        let db_name = args.db_name.clone().or_else(|| file.credentials.db_name.clone());
        target.credentials = Some(Credentials {
            client_id,
            client_secret,
            db_name,
        });
    }
    target.tls = tls(args, config)?;
    if let Some(id) = &file.identity.sender_id {
        target.sender_id.clone_from(id);
    }
    if let Some(id) = &file.identity.receiver_id {
        target.receiver_id.clone_from(id);
    }
    if let Some(url) = &file.events.trigger {
        let url = base_url(url).map_err(|e| {
            let help = "give an absolute http or https URL to which events can be posted".to_owned();
            Box::new(config.value_error("events.trigger", e.to_string(), help))
        })?;
        target.events = Some(url);
    }
    target.known = Arc::new(held(config, &target)?);
    if let Some(path) = &file.keys.sender {
        let pem = config.read("keys.sender", path)?;
        let key = PrivateKey::from_pem(&pem).map_err(|e| key_error(config, "keys.sender", &e.to_string()))?;
        fitting(config, "keys.sender", &target, key.algorithm())?;
        target.keys.decrypt = match &key {
            PrivateKey::Rsa(key) => Some(Arc::new(key.clone())),
            PrivateKey::Ed25519(_) => None,
        };
        target.keys.sender = Arc::new(key);
        target.keys.demonstration = false;
        // Without the target's own key nothing can be said about its signatures, and nothing encrypted.
        target.keys.receiver = None;
        target.keys.encrypt = None;
    }
    if let Some(path) = &file.keys.receiver {
        let pem = config.read("keys.receiver", path)?;
        let key =
            PublicKey::from_pem(&pem).map_err(|e| key_error(config, "keys.receiver", &e.to_string()))?;
        fitting(config, "keys.receiver", &target, key.algorithm())?;
        target.keys.encrypt = match &key {
            PublicKey::Rsa(key) => Some(Arc::new(key.clone())),
            PublicKey::Ed25519(_) => None,
        };
        target.keys.receiver = Some(Arc::new(key));
    }
    if let Some(path) = &file.keys.decrypt {
        let pem = config.read("keys.decrypt", path)?;
        let key =
            SigningKey::from_pem(&pem).map_err(|e| key_error(config, "keys.decrypt", &e.to_string()))?;
        target.keys.decrypt = Some(Arc::new(key));
    }
    if let Some(path) = &file.keys.encrypt {
        let pem = config.read("keys.encrypt", path)?;
        let key =
            VerifyingKey::from_pem(&pem).map_err(|e| key_error(config, "keys.encrypt", &e.to_string()))?;
        target.keys.encrypt = Some(Arc::new(key));
    }
    Ok(target)
}

/// How connections are secured: by what the arguments name, or else by what the file does.
fn tls(args: &WithArgs, config: &Config) -> Result<Tls, Fault> {
    let section = &config.file.tls;
    let mut tls = Tls::default();
    let unfit = |member: &str, message: String| {
        Box::new(config.value_error(member, message, "certificates and keys are PEM files".to_owned()))
    };
    if let Some(path) = &args.ca_cert {
        tls.trust(&given(path)?)
            .map_err(|message| unusable(path, message))?;
    } else if let Some(path) = &section.ca {
        let pem = config.read("tls.ca", path)?;
        tls.trust(&pem).map_err(|message| unfit("tls.ca", message))?;
    }
    match (
        &args.client_cert,
        &args.client_key,
        &section.client_cert,
        &section.client_key,
    ) {
        (Some(certificate), Some(key), ..) => tls
            .present(&given(certificate)?, &given(key)?)
            .map_err(|message| unusable(certificate, message))?,
        (.., Some(certificate), Some(key)) => {
            let certificate = config.read("tls.client_cert", certificate)?;
            let key = config.read("tls.client_key", key)?;
            let presented = tls.present(&certificate, &key);
            presented.map_err(|message| unfit("tls.client_cert", message))?;
        }
        (.., Some(_), None) => {
            let message = "the private key is missing: set tls.client_key".to_owned();
            return Err(unfit("tls.client_cert", message).into());
        }
        (.., None, Some(_)) => {
            let message = "the certificate is missing: set tls.client_cert".to_owned();
            return Err(unfit("tls.client_key", message).into());
        }
        _ => {}
    }
    Ok(tls)
}

/// The text of a file that an argument names.
fn given(path: &Path) -> Result<String, Fault> {
    std::fs::read_to_string(path).map_err(|e| unusable(path, e.to_string()))
}

fn unusable(path: &Path, message: String) -> Fault {
    let path = path.display().to_string();
    Fault::Read { path, message }
}

/// Whether a key is of the algorithm that the profile's scheme takes.
fn fitting(
    config: &Config,
    member: &str,
    target: &Target,
    found: Algorithm,
) -> Result<(), Box<crate::config::ConfigError>> {
    match scheme::algorithm(target.profile.signature.scheme) {
        Some(wanted) if wanted != found => {
            let message = format!(
                "this is a key of {}; messages of {} are signed with {}",
                found.name(),
                target.profile.id,
                wanted.name()
            );
            Err(key_error(config, member, &message))
        }
        _ => Ok(()),
    }
}

fn key_error(config: &Config, member: &str, message: &str) -> Box<crate::config::ConfigError> {
    Box::new(config.value_error(member, message.to_owned(), "keys are PEM files".to_owned()))
}
