//! What can be typed.

use clap::{Args, Parser, Subcommand, ValueEnum};
use mock_server::{FaultRule, Store};
use reports::Report;
use std::net::SocketAddr;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  dcx test                                          certify the built-in mock, to see what a run looks like
  dcx test http://localhost:8069 --profile openspp-dci
  dcx mock --profile dci-social                     a compliant server to develop a client against
  dcx explain dci.bearer.expiry                     what a requirement demands, and where it stands

Exit codes:
  0  conformant        2  used wrongly         4  no case selected     96  setup error
  97 configuration     100 a MUST failed       101 not decided         110 a report could not be written";

/// Certifies servers and clients of the DCI registry API and of DIGIT Exchange.
#[derive(Debug, Parser)]
#[command(name = "dcx", version, after_help = EXAMPLES, max_term_width = 110)]
pub(super) struct Dcx {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Certify a server; without a URL, the built-in mock.
    Test(Box<TestArgs>),
    /// Judge the configuration only: reachable, token, clock, callback, keys.
    Check(Box<TargetArgs>),
    /// Serve a compliant mock, or one that is wrong in a way you choose.
    Mock(Box<MockArgs>),
    /// Prove this build: every defect is caught, no trivial server passes.
    Prove(ProveArgs),
    /// List requirements, cases, defects, profiles, readings or errata.
    List(ListArgs),
    /// Explain a requirement, case, defect, profile, reading, erratum, lint code or error code.
    Explain(ExplainArgs),
    /// Examine OpenAPI documents: what is wrong with one, how two differ.
    Spec(SpecArgs),
    /// Write a report from a bundle or an event log, or the catalogue as a web page.
    Render(RenderArgs),
    /// Check a bundle's digests and judge its evidence again, offline.
    Verify(VerifyArgs),
}

#[derive(Debug, Args)]
pub(super) struct TargetArgs {
    /// Base URL of the server: what stands before /registry/… or /v1/exchange/…
    pub(super) url: Option<String>,
    /// Profile that the server claims; repeat it without a URL to certify the mock for several.
    #[arg(long, value_name = "PROFILE")]
    pub(super) profile: Vec<String>,
    /// Configuration file [default: ./dcx.toml, if there is one]
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// OAuth2 client id.
    #[arg(long, env = "DCX_CLIENT_ID", value_name = "ID")]
    pub(super) client_id: Option<String>,
    /// OAuth2 client secret; better given by the environment than on the command line.
    #[arg(
        long,
        env = "DCX_CLIENT_SECRET",
        value_name = "SECRET",
        hide_env_values = true
    )]
    pub(super) client_secret: Option<String>,
    /// Name of the database, for servers that want one with the token request.
    #[arg(long, env = "DCX_DB_NAME", value_name = "NAME")]
    pub(super) db_name: Option<String>,
    /// Seconds for one request, and for the preflight as a whole [default: 10]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(super) timeout: Option<f64>,
    /// Address to receive callbacks on [default: 127.0.0.1, a free port]
    #[arg(long, value_name = "ADDR")]
    pub(super) callback_listen: Option<SocketAddr>,
    /// How the server reaches that address.
    #[arg(long, value_name = "URL")]
    pub(super) callback_url: Option<String>,
    /// Seed of everything that is generated; the same seed sends the same requests [default: 1]
    #[arg(long, value_name = "NUMBER")]
    pub(super) seed: Option<u64>,
}

#[derive(Debug, Args)]
pub(super) struct TestArgs {
    #[command(flatten)]
    pub(super) target: TargetArgs,
    /// Run only the cases whose id matches; repeatable.
    #[arg(long, value_name = "GLOB")]
    pub(super) case: Vec<String>,
    /// Judge only the requirements whose id matches; repeatable.
    #[arg(long, value_name = "GLOB")]
    pub(super) requirement: Vec<String>,
    /// Judge only requirements of at least this level.
    #[arg(long, value_enum)]
    pub(super) level: Option<LevelArg>,
    /// Random valid requests per operation [default: 50]
    #[arg(long, value_name = "N")]
    pub(super) examples: Option<u32>,
    /// Cases side by side [default: 8]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) jobs: Option<u16>,
    /// At most this many requests a second.
    #[arg(long, value_name = "N", value_parser = seconds)]
    pub(super) rate: Option<f64>,
    /// Seconds from an acknowledgement to its callback [default: 10]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(super) callback_timeout: Option<f64>,
    /// Longest life of an access token that is waited out, in seconds [default: 15]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(super) longest_expiry: Option<f64>,
    /// Write a report: html, junit, json or jsonl; repeatable.
    #[arg(long, value_name = "FORMAT=PATH")]
    pub(super) report: Vec<Report>,
    /// Keep the evidence of the run in this directory.
    #[arg(long, value_name = "DIR")]
    pub(super) bundle: Option<PathBuf>,
    /// Keep a snapshot of one answer per operation here, and say when it has changed.
    #[arg(long, value_name = "DIR")]
    pub(super) snapshots: Option<PathBuf>,
    /// Judge by this edition of the profile's document: 2024-08, 2025-01 or 2025-12 of DCI, 1.0.0 of DIGIT
    /// Exchange [default: consolidated]
    #[arg(long, value_name = "EDITION", conflicts_with = "openapi")]
    pub(super) edition: Option<String>,
    /// Certify against an OpenAPI document of your own instead of a profile's.
    #[arg(long, value_name = "FILE")]
    pub(super) openapi: Option<PathBuf>,
    /// Show no progress.
    #[arg(long, short)]
    pub(super) quiet: bool,
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(x) if x > 0.0 && x <= 86_400.0 => Ok(x),
        Ok(_) => Err("give a number above 0 and of at most 86400".to_owned()),
        Err(_) => Err("not a number".to_owned()),
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum LevelArg {
    Must,
    Should,
    May,
}

#[derive(Debug, Args)]
pub(super) struct MockArgs {
    /// Profile to serve; repeatable [default: all, or with --config those of your own]
    #[arg(long, value_name = "PROFILE")]
    pub(super) profile: Vec<String>,
    /// Configuration file with profiles of your own. Unlike other commands, this one reads no ./dcx.toml unless it
    /// is named here.
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Address to serve on; port 0 picks a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub(super) listen: SocketAddr,
    /// How many people the registry holds.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = records)]
    pub(super) records: usize,
    /// Records to serve instead of made-up people: JSON Lines, or CSV where the name ends in .csv. For one
    /// profile.
    #[arg(long, value_name = "FILE", conflicts_with = "records")]
    pub(super) data: Option<PathBuf>,
    /// Where transactions, subscriptions, changed records and callbacks that are due are kept: `memory`, or
    /// `sqlite:FILE`, which the mock goes on with when it is started again.
    #[arg(long, value_name = "STORE", default_value = "memory", value_parser = store)]
    pub(super) store: Store,
    /// Seed of the registry's people and of every id the mock makes up.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(super) seed: u64,
    /// Commit this defect (see `dcx list defects`); repeatable.
    #[arg(long, value_name = "DEFECT")]
    pub(super) defect: Vec<String>,
    /// Do something to exchanges, e.g. `dcx-status=503, operation=search, chance=0.2`; repeatable. The words are
    /// those of the Prefer header.
    #[arg(long, value_name = "SPEC")]
    pub(super) fault: Vec<FaultRule>,
    /// Append every exchange and callback to this file, as a line of JSON.
    #[arg(long, value_name = "FILE")]
    pub(super) journal: Option<PathBuf>,
    /// Directory of the key pairs, created when absent: sender.* for the demonstration partner, receiver.*
    /// for the mock itself [default: built-in demonstration keys]
    #[arg(long, value_name = "DIR")]
    pub(super) keys: Option<PathBuf>,
    /// Life of an access token, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "600", value_parser = seconds)]
    pub(super) token_lifetime: f64,
    /// Further host that callbacks may go to; loopback is always allowed. Repeatable.
    #[arg(long, value_name = "HOST")]
    pub(super) allow_callback: Vec<String>,
    /// Print one line of JSON once the mock listens, and nothing else on stdout.
    #[arg(long)]
    pub(super) ready_json: bool,
    /// Form of the log on stderr.
    #[arg(long, value_enum, default_value = "text")]
    pub(super) log: LogArg,
}

fn store(text: &str) -> Result<Store, String> {
    match text.split_once(':') {
        None if text == "memory" => Ok(Store::Memory),
        Some(("sqlite", file)) if !file.is_empty() => Ok(Store::Sqlite(file.into())),
        _ => Err("give `memory` or `sqlite:FILE`".to_owned()),
    }
}

fn records(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(n) if (10..=1_000_000).contains(&n) => Ok(n),
        Ok(_) => Err("give a number from 10 to 1000000".to_owned()),
        Err(_) => Err("not a whole number".to_owned()),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LogArg {
    Text,
    Json,
    Off,
}

#[derive(Debug, Args)]
pub(super) struct ProveArgs {
    /// Prove only this profile; repeatable [default: all]
    #[arg(long, value_name = "PROFILE")]
    pub(super) profile: Vec<String>,
    /// Prove only the defects whose id matches; repeatable.
    #[arg(long, value_name = "GLOB")]
    pub(super) defect: Vec<String>,
    /// On how many seeds the compliant mock has to stay clean, under each profile.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(super) seeds: u64,
    /// Print the kill matrix as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// What to list.
    #[arg(value_enum)]
    pub(super) what: ListWhat,
    /// Show only ids that contain this, or match it as a glob.
    pub(super) filter: Option<String>,
    /// Configuration file with profiles of your own [default: ./dcx.toml, if there is one]
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Form of the list.
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: FormatArg,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum ListWhat {
    Requirements,
    Cases,
    Defects,
    Profiles,
    Readings,
    Errata,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FormatArg {
    Text,
    Json,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// Any id or error code that dcx prints.
    pub(super) id: String,
    /// Configuration file with profiles of your own [default: ./dcx.toml, if there is one]
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct SpecArgs {
    #[command(subcommand)]
    pub(super) command: SpecCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum SpecCommand {
    /// List everything that is unsatisfiable, contradictory or invalid in a document.
    #[command(
        after_help = "Exit codes: 0 nothing is an error (warnings and notes may be), 100 there are errors."
    )]
    Lint(LintArgs),
    /// Compare what two documents demand, and say which errata and readings account for it.
    #[command(
        after_help = "Exit codes: 0 no difference, or an erratum or reading accounts for each; 100 some are not accounted for."
    )]
    Diff(DiffArgs),
}

#[derive(Debug, Args)]
pub(super) struct LintArgs {
    /// A file, or one of our documents as SPEC@EDITION, e.g. dci-social@consolidated or dci-core@2025-01.
    #[arg(value_name = "FILE")]
    pub(super) document: String,
    /// Form of the list.
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: FormatArg,
}

#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// A file, or one of our documents as SPEC@EDITION, e.g. dci-social@consolidated or dci-core@2025-01.
    #[arg(value_name = "A")]
    pub(super) left: String,
    /// What to compare it with.
    #[arg(value_name = "B")]
    pub(super) right: String,
    /// Form of the list.
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: FormatArg,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct RenderArgs {
    #[command(subcommand)]
    pub(super) what: Option<RenderWhat>,
    /// A bundle directory, or an event log.
    #[arg(required = true)]
    pub(super) from: Option<PathBuf>,
    /// Write a report: html, junit, json or jsonl; repeatable. Without one, the summary is printed.
    #[arg(long, value_name = "FORMAT=PATH")]
    pub(super) report: Vec<Report>,
}

#[derive(Debug, Subcommand)]
pub(super) enum RenderWhat {
    /// Write the catalogue as a web page that can be searched: requirements, cases, defects, readings,
    /// errata, profiles.
    Catalogue(CatalogueArgs),
}

#[derive(Debug, Args)]
pub(super) struct CatalogueArgs {
    /// Where to write it [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    /// A bundle directory.
    pub(super) bundle: PathBuf,
}
