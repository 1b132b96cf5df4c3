//! `dcx render schema`: JSON Schemas of the files that users write, for their editors.

use super::args::{SchemaArgs, SchemaOf};
use super::fault::Fault;
use crate::run::gate::exit;

/// Runs the command.
pub(super) fn run(args: &SchemaArgs) -> Result<u8, Fault> {
    let schema = match args.of {
        SchemaOf::Cases => suites::schema::cases(),
        SchemaOf::Requirements => suites::schema::requirements(),
    };
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    super::render::put(text.as_bytes(), args.out.as_deref(), "schema")?;
    Ok(exit::CONFORMANT)
}
