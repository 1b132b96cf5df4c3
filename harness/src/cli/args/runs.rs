//! What can be typed of a run against a server.

use super::{FormatArg, seconds};
use clap::{Args, ValueEnum};
use reports::Report;
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(in crate::cli) struct TargetArgs {
    /// Base URL of the server: what stands before /registry/… or /v1/exchange/…
    pub(in crate::cli) url: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) with: WithArgs,
}

/// How a server is spoken to.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct WithArgs {
    /// Profile that the server claims; repeat it without a URL to certify the mock for several.
    #[arg(long, value_name = "PROFILE")]
    pub(in crate::cli) profile: Vec<String>,
    /// Configuration file [default: ./dcx.toml, if there is one]
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) config: Option<PathBuf>,
    /// OAuth2 client id.
    #[arg(long, env = "DCX_CLIENT_ID", value_name = "ID")]
    pub(in crate::cli) client_id: Option<String>,
    /// OAuth2 client secret; better given by the environment than on the command line.
    #[arg(
        long,
        env = "DCX_CLIENT_SECRET",
        value_name = "SECRET",
        hide_env_values = true
    )]
    pub(in crate::cli) client_secret: Option<String>,
    /// Name of the database, for servers that want one with the token request.
    #[arg(long, env = "DCX_DB_NAME", value_name = "NAME")]
    pub(in crate::cli) db_name: Option<String>,
    /// PEM file of the authorities whose certificates are trusted, in the place of the system's.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) ca_cert: Option<PathBuf>,
    /// PEM file of the certificate that we present to a server that wants one.
    #[arg(long, value_name = "FILE", requires = "client_key")]
    pub(in crate::cli) client_cert: Option<PathBuf>,
    /// PEM file of its private key.
    #[arg(long, value_name = "FILE", requires = "client_cert")]
    pub(in crate::cli) client_key: Option<PathBuf>,
    /// Seconds for one request, and for the preflight as a whole [default: 10]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(in crate::cli) timeout: Option<f64>,
    /// Address to receive callbacks on [default: 127.0.0.1, a free port]
    #[arg(long, value_name = "ADDR")]
    pub(in crate::cli) callback_listen: Option<SocketAddr>,
    /// How the server reaches that address.
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) callback_url: Option<String>,
    /// Seed of everything that is generated; the same seed sends the same requests [default: 1]
    #[arg(long, value_name = "NUMBER")]
    pub(in crate::cli) seed: Option<u64>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct TestArgs {
    #[command(flatten)]
    pub(in crate::cli) target: TargetArgs,
    /// Run only the cases whose id matches; repeatable.
    #[arg(long, value_name = "GLOB")]
    pub(in crate::cli) case: Vec<String>,
    /// Judge only the requirements whose id matches; repeatable.
    #[arg(long, value_name = "GLOB")]
    pub(in crate::cli) requirement: Vec<String>,
    /// Judge only requirements of at least this level.
    #[arg(long, value_enum)]
    pub(in crate::cli) level: Option<LevelArg>,
    /// Random valid requests per operation [default: 50]
    #[arg(long, value_name = "N")]
    pub(in crate::cli) examples: Option<u32>,
    /// Cases side by side [default: 8]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(in crate::cli) jobs: Option<u16>,
    /// At most this many requests a second.
    #[arg(long, value_name = "N", value_parser = seconds)]
    pub(in crate::cli) rate: Option<f64>,
    /// Seconds from an acknowledgement to its callback [default: 10]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(in crate::cli) callback_timeout: Option<f64>,
    /// Longest life of an access token that is waited out, in seconds [default: 15]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(in crate::cli) longest_expiry: Option<f64>,
    /// Write a report: html, junit, json or jsonl; repeatable.
    #[arg(long, value_name = "FORMAT=PATH")]
    pub(in crate::cli) report: Vec<Report>,
    /// Keep the evidence of the run in this directory.
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) bundle: Option<PathBuf>,
    /// Keep snapshots here of how each operation answers, and say when that has changed.
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) snapshots: Option<PathBuf>,
    /// Replace snapshots that have changed, instead of writing the new ones beside them for review.
    #[arg(long, requires = "snapshots")]
    pub(in crate::cli) update_snapshots: bool,
    /// Run only the cases that failed in this bundle or event log.
    #[arg(long, value_name = "BUNDLE")]
    pub(in crate::cli) only_failed: Option<PathBuf>,
    /// Run the cases first that failed in this bundle or event log.
    #[arg(long, value_name = "BUNDLE", conflicts_with = "only_failed")]
    pub(in crate::cli) failed_first: Option<PathBuf>,
    /// Go on with a run that was interrupted: what is judged in its event log is kept, the rest is run, and the
    /// log is continued. Give the other arguments as they were.
    #[arg(long, value_name = "LOG", conflicts_with_all = ["only_failed", "failed_first"])]
    pub(in crate::cli) resume: Option<PathBuf>,
    /// Seconds for which a target that stops answering, or that puts a request off, is waited for [default: 20]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(in crate::cli) patience: Option<f64>,
    /// Judge by this edition of the profile's document: 2024-08, 2025-01 or 2025-12 of DCI, 1.0.0 of DIGIT
    /// Exchange [default: consolidated]
    #[arg(long, value_name = "EDITION", conflicts_with = "openapi")]
    pub(in crate::cli) edition: Option<String>,
    /// Certify against an OpenAPI document of your own instead of a profile's.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) openapi: Option<PathBuf>,
    /// Folder of cases and requirements of your own, to be run beside ours (see suites/README.md).
    #[arg(long, value_name = "DIR", conflicts_with = "openapi")]
    pub(in crate::cli) cases: Option<PathBuf>,
    /// Run only the cases of that folder.
    #[arg(long, requires = "cases")]
    pub(in crate::cli) only_cases: bool,
    /// Show no progress.
    #[arg(long, short)]
    pub(in crate::cli) quiet: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ReplayArgs {
    /// A bundle directory, or an event log.
    #[arg(value_name = "BUNDLE")]
    pub(in crate::cli) from: PathBuf,
    /// Replay only what failed of this requirement; repeatable.
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) requirement: Vec<String>,
    /// Replay only what failed in this case; repeatable.
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) case: Vec<String>,
    /// Replay only the finding of this number, as --list shows them; repeatable.
    #[arg(long, value_name = "N")]
    pub(in crate::cli) finding: Vec<usize>,
    /// Send it to this server instead of the one of that run.
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) url: Option<String>,
    /// The OpenAPI document of a run against one, where the evidence does not hold it or it has changed since.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) openapi: Option<PathBuf>,
    /// List what would be replayed, and send nothing.
    #[arg(long)]
    pub(in crate::cli) list: bool,
    /// Form of the result.
    #[arg(long, value_enum, default_value = "text")]
    pub(in crate::cli) format: FormatArg,
    #[command(flatten)]
    pub(in crate::cli) with: WithArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(in crate::cli) enum LevelArg {
    Must,
    Should,
    May,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ChangesArgs {
    /// The earlier run: a bundle directory, or an event log.
    #[arg(value_name = "BUNDLE_A")]
    pub(in crate::cli) before: PathBuf,
    /// The later run.
    #[arg(value_name = "BUNDLE_B")]
    pub(in crate::cli) after: PathBuf,
    /// Form of the result.
    #[arg(long, value_enum, default_value = "text")]
    pub(in crate::cli) format: FormatArg,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct InitArgs {
    /// Base URL of the server: what stands before /registry/… or /v1/exchange/…
    pub(in crate::cli) url: Option<String>,
    /// Profile that the server claims [default: dci-social]
    #[arg(long, value_name = "PROFILE")]
    pub(in crate::cli) profile: Option<String>,
    /// OAuth2 client id.
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) client_id: Option<String>,
    /// Environment variable that holds the client secret.
    #[arg(long, value_name = "NAME", default_value = "DCX_CLIENT_SECRET", value_parser = variable)]
    pub(in crate::cli) client_secret_env: String,
    /// Address to receive callbacks on.
    #[arg(long, value_name = "ADDR")]
    pub(in crate::cli) callback_listen: Option<SocketAddr>,
    /// How the server reaches that address.
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) callback_url: Option<String>,
    /// Where to write it.
    #[arg(long, value_name = "FILE", default_value = "dcx.toml")]
    pub(in crate::cli) out: PathBuf,
    /// Overwrite a file that is there.
    #[arg(long)]
    pub(in crate::cli) force: bool,
}

fn variable(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if text.is_empty() || !text.chars().all(fits) || text.starts_with(|c: char| c.is_ascii_digit()) {
        return Err("give the name of a variable, e.g. REGISTRY_SECRET; never the secret itself".to_owned());
    }
    Ok(text.to_owned())
}
