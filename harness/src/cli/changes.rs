//! `dcx diff`: what changed from one run to another.

use super::args::{ChangesArgs, FormatArg};
use super::fault::Fault;
use super::render::open;
use crate::run::gate::exit;
use reports::aggregate::Run;
use reports::diff::{Difference, render};
use std::io::Write;

/// Runs the command.
pub(super) fn run(args: &ChangesArgs) -> Result<u8, Fault> {
    let before = Run::from_log(open(&args.before)?);
    let after = Run::from_log(open(&args.after)?);
    let known = before.profiles();
    if !after.profiles().iter().any(|profile| known.contains(profile)) {
        return Err(Fault::usage(
            format!(
                "the runs have no profile in common: {} before, {} now",
                known.join(", "),
                after.profiles().join(", ")
            ),
            "compare two runs of one profile",
        ));
    }
    let difference = Difference::between(&before, &after);
    let mut text = Vec::new();
    let written = match args.format {
        FormatArg::Text => render(&difference, &mut text),
        FormatArg::Json => serde_json::to_writer_pretty(&mut text, &difference)
            .map_err(Into::into)
            .and_then(|()| text.write_all(b"\n")),
    };
    written.map_err(|e| Fault::Report(format!("failed to write the difference: {e}")))?;
    // A reader that had enough, such as `head`, is no failure.
    let _ = std::io::stdout().lock().write_all(&text);
    Ok(if difference.newly_failing.is_empty() {
        exit::CONFORMANT
    } else {
        exit::NOT_CONFORMANT
    })
}
