//! What can be typed.

mod prove;

pub(super) use prove::{PROVE_EXAMPLES, ProveArgs};

mod runs;

pub(super) use runs::{ChangesArgs, InitArgs, LevelArg, ReplayArgs, TargetArgs, TestArgs, WithArgs};

mod render;

pub(super) use render::{BodiesArgs, CatalogueArgs, RenderArgs, RenderWhat, SchemaArgs, SchemaOf};

use super::secured::{TlsArg, client_auth, tls};
use clap::{Args, Parser, Subcommand, ValueEnum};
use mock_server::{ClientAuth, FaultRule, Store};
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
    /// Send again what failed in an earlier run: fixed, still failing, or could not tell?
    #[command(
        after_help = "Exit codes: 0 everything is fixed, 100 something still fails, 101 something could not be told, 4 nothing failed in that run."
    )]
    Replay(Box<ReplayArgs>),
    /// Say what changed between two runs: newly failing, fixed, still failing, newly exercised, read otherwise.
    #[command(after_help = "Exit codes: 0 nothing fails that did not fail before, 100 something does.")]
    Diff(ChangesArgs),
    /// Write a commented dcx.toml for a server and a profile.
    Init(Box<InitArgs>),
    /// Serve a compliant mock, or one that is wrong in a way you choose.
    Mock(Box<MockArgs>),
    /// Prove this build: every defect is caught, the compliant mock stays clean, no trivial server passes.
    #[command(after_help = PROVE_EXAMPLES)]
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

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(x) if x > 0.0 && x <= 86_400.0 => Ok(x),
        Ok(_) => Err("give a number above 0 and of at most 86400".to_owned()),
        Err(_) => Err("not a number".to_owned()),
    }
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
    /// Secure connections: `self-signed`, with certificates that the mock makes (and keeps in the directory of
    /// --keys), or `CERT,KEY`, two PEM files.
    #[arg(long, value_name = "TLS", value_parser = tls)]
    pub(super) tls: Option<TlsArg>,
    /// Let only those clients in that present a certificate of an authority in this PEM file; `self-signed`
    /// makes them one.
    #[arg(long, value_name = "FILE", requires = "tls", value_parser = client_auth)]
    pub(super) tls_client_ca: Option<ClientAuth>,
    /// How many people the registry holds.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = records)]
    pub(super) records: usize,
    /// Records to serve instead of made-up people: JSON Lines, or CSV where the name ends in .csv. For one
    /// profile. Read again when the file changes.
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
    /// Take this alternative of a reading, e.g. `dci.no-match=no-data` (see `dcx list readings`); repeatable.
    #[arg(long, value_name = "ID=ALT")]
    pub(super) reading: Vec<String>,
    /// Do something to exchanges, e.g. `dcx-status=503, operation=search, chance=0.2`; repeatable. The words are
    /// those of the Prefer header.
    #[arg(long, value_name = "SPEC")]
    pub(super) fault: Vec<FaultRule>,
    /// Further rules of this kind, as PUT /_dcx/faults takes them, in TOML or JSON. Read again when the file changes.
    #[arg(long, value_name = "FILE")]
    pub(super) faults: Option<PathBuf>,
    /// Life events that happen by themselves, each at its time after the start, in TOML or JSON. Read again when the
    /// file changes.
    #[arg(long, value_name = "FILE")]
    pub(super) timeline: Option<PathBuf>,
    /// Append every exchange and callback to this file, as a line of JSON.
    #[arg(long, value_name = "FILE")]
    pub(super) journal: Option<PathBuf>,
    /// Directory of the key pairs, created when absent: sender.* for the demonstration partner, receiver.*
    /// for the mock itself [default: built-in demonstration keys]
    #[arg(long, value_name = "DIR")]
    pub(super) keys: Option<PathBuf>,
    /// File of clients who may obtain a token, besides the demonstration client: JSON where the name ends in .json,
    /// else TOML.
    #[arg(long, value_name = "FILE")]
    pub(super) clients: Option<PathBuf>,
    /// Give each client a registry of its own: records, events, subscriptions, transactions.
    #[arg(long)]
    pub(super) isolate: bool,
    /// Life of an access token, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "600", value_parser = seconds)]
    pub(super) token_lifetime: f64,
    /// Further host, address or network (10.0.0.0/8) that callbacks may go to; loopback is always allowed. A name
    /// that leads into a private network wants that network named as well. Repeatable.
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
pub(super) struct VerifyArgs {
    /// A bundle directory.
    pub(super) bundle: PathBuf,
}
