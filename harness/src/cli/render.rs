//! `dcx render`: any report, later, offline.

use super::args::{RenderArgs, RenderWhat};
use super::fault::Fault;
use super::test::print_summary;
use super::{bodies, catalogue, schema};
use crate::run::gate::exit;
use reports::aggregate::Run;
use reports::bundle::Bundle;
use reports::log::{Log, read_log};
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;

/// Runs the command.
pub(super) fn run(args: &RenderArgs) -> Result<u8, Fault> {
    match &args.what {
        Some(RenderWhat::Catalogue(args)) => return catalogue::run(args),
        Some(RenderWhat::Bodies(args)) => return bodies::run(args),
        Some(RenderWhat::Schema(args)) => return schema::run(args),
        None => {}
    }
    let log = open(args.from.as_deref().unwrap_or(Path::new("")))?;
    let run = Run::from_log(log.clone());
    if args.report.is_empty() {
        print_summary(&run)?;
    }
    for report in &args.report {
        let written = if report.path == Path::new("-") {
            reports::render(report.format, &run, &mut std::io::stdout().lock(), |out| {
                log.write(out)
            })
        } else {
            File::create(&report.path).and_then(|file| {
                let mut out = BufWriter::new(file);
                reports::render(report.format, &run, &mut out, |out| log.write(out))?;
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

/// Writes something to a file, or to standard output.
pub(super) fn put(text: &[u8], path: Option<&Path>, what: &str) -> Result<(), Fault> {
    match path.filter(|path| *path != Path::new("-")) {
        // A reader that had enough, such as `head`, is no failure.
        None => {
            let _ = std::io::stdout().lock().write_all(text);
            Ok(())
        }
        Some(path) => std::fs::write(path, text)
            .map_err(|e| Fault::Report(format!("failed to write the {what} to {}: {e}", path.display()))),
    }
}
