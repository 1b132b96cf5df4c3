//! `dcx render`: any report, later, offline.

use super::args::{RenderArgs, RenderWhat};
use super::catalogue;
use super::fault::Fault;
use super::test::print_summary;
use crate::run::gate::exit;
use reports::aggregate::Run;
use reports::bundle::Bundle;
use reports::log::{Log, read_log};
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;

/// Runs the command.
pub(super) fn run(args: &RenderArgs) -> Result<u8, Fault> {
    if let Some(RenderWhat::Catalogue(args)) = &args.what {
        return catalogue::run(args);
    }
    let log = open(args.from.as_deref().unwrap_or(Path::new("")))?;
    let entries = log.entries.clone();
    let run = Run::from_log(log);
    if args.report.is_empty() {
        print_summary(&run)?;
    }
    for report in &args.report {
        let written = if report.path == Path::new("-") {
            reports::render(report.format, &entries, &run, &mut std::io::stdout().lock())
        } else {
            File::create(&report.path).and_then(|file| {
                let mut out = BufWriter::new(file);
                reports::render(report.format, &entries, &run, &mut out)?;
                out.flush()
            })
        };
        written.map_err(|e| {
            Fault::Report(format!(
                "failed to write the {} report to {}: {e}",
                report.format.name(),
                report.path.display()
            ))
        })?;
    }
    Ok(exit::CONFORMANT)
}

/// The log of a bundle directory or a log file.
pub(super) fn open(path: &Path) -> Result<Log, Fault> {
    if path.is_dir() {
        return Ok(Bundle::open(path)?.log);
    }
    let file = File::open(path).map_err(|e| Fault::Read {
        path: path.display().to_string(),
        message: e.to_string(),
    })?;
    Ok(read_log(BufReader::new(file))?)
}
