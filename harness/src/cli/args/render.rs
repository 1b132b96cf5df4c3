//! What can be typed after `dcx render`.

use clap::{Args, Subcommand, ValueEnum};
use reports::Report;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(in crate::cli) struct RenderArgs {
    #[command(subcommand)]
    pub(in crate::cli) what: Option<RenderWhat>,
    /// A bundle directory, or an event log.
    #[arg(required = true)]
    pub(in crate::cli) from: Option<PathBuf>,
    /// Write a report: html, junit, json or jsonl; repeatable. Without one, the summary is printed.
    #[arg(long, value_name = "FORMAT=PATH")]
    pub(in crate::cli) report: Vec<Report>,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum RenderWhat {
    /// Write the catalogue as a web page that can be searched: requirements, cases, defects, readings,
    /// errata, profiles.
    Catalogue(CatalogueArgs),
    /// Write generated request bodies as JSON Lines, each with what is claimed about it, for another validator.
    Bodies(BodiesArgs),
    /// Write the JSON Schema of a file that you write, for your editor.
    Schema(SchemaArgs),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CatalogueArgs {
    /// Where to write it [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct BodiesArgs {
    /// Profile whose requests are generated [default: all]
    #[arg(long, value_name = "PROFILE", conflicts_with = "openapi")]
    pub(in crate::cli) profile: Option<String>,
    /// An OpenAPI document whose requests are generated instead.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) openapi: Option<PathBuf>,
    /// Only this operation.
    #[arg(long, value_name = "OPERATION")]
    pub(in crate::cli) operation: Option<String>,
    /// How many of each operation: valid ones and ones with a fault by turns.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(in crate::cli) examples: usize,
    /// Seed that they follow from.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(in crate::cli) seed: u64,
    /// Where to write them [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SchemaArgs {
    /// Of which file.
    #[arg(value_enum)]
    pub(in crate::cli) of: SchemaOf,
    /// Where to write it [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(in crate::cli) enum SchemaOf {
    Cases,
    Requirements,
}
