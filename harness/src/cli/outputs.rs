//! Where the reports of a run go: what is written while it goes on, and what needs the whole of it.

use super::fault::Fault;
use crate::run::spool::Spool;
use crate::run::{Emitted, SharedSink};
use reports::bundle::Bundle;
use reports::event::{Entry, Event, Sink};
use reports::log::JsonLines;
use reports::{Format, Report, render};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tempfile::NamedTempFile;

/// Where the reports go. Every path is tried before anything is sent, so that nothing is certified in vain.
pub(super) struct Outputs {
    reports: Vec<Report>,
    logs: Vec<(PathBuf, Log)>,
    bundle: Option<PathBuf>,
}

impl Outputs {
    pub(super) fn open(
        reports: &[Report],
        bundle: Option<&Path>,
        continued: Option<(&Path, usize)>,
    ) -> Result<Self, Fault> {
        let mut logs = Vec::new();
        for report in reports.iter().filter(|report| report.path != Path::new("-")) {
            let failed = |e: &std::io::Error| {
                Fault::Report(format!(
                    "failed to write the {} report to {}: {e}",
                    report.format.name(),
                    report.path.display()
                ))
            };
            // A log is written from the first event on; other reports keep what was there until the end.
            if report.format == Format::Jsonl {
                let log = match continued.filter(|(log, _)| same(log, &report.path)) {
                    Some((log, kept)) => Continued::begin(log, kept).map(Log::Continued),
                    None => File::create(&report.path).map(|file| Log::New(JsonLines::new(file))),
                };
                logs.push((report.path.clone(), log.map_err(|e| failed(&e))?));
            } else {
                let existed = report.path.exists();
                File::options()
                    .append(true)
                    .create(true)
                    .open(&report.path)
                    .map_err(|e| failed(&e))?;
                if !existed {
                    let _ = std::fs::remove_file(&report.path);
                }
            }
        }
        // A log that is gone on with is itself the log of this run, unless another was asked for.
        if let Some((log, kept)) = continued.filter(|(log, _)| logs.is_empty() && log.is_file()) {
            let sink = Continued::begin(log, kept)
                .map_err(|e| Fault::Report(format!("failed to continue {}: {e}", log.display())))?;
            logs.push((log.to_owned(), Log::Continued(sink)));
        }
        if let Some(dir) = bundle {
            let failed = |e: &dyn std::fmt::Display| {
                Fault::Report(format!("failed to write the bundle to {}: {e}", dir.display()))
            };
            let existed = dir.exists();
            std::fs::create_dir_all(dir).map_err(|e| failed(&e))?;
            let empty = std::fs::read_dir(dir).map_err(|e| failed(&e))?.next().is_none();
            if !empty && !dir.join("manifest.json").exists() {
                return Err(failed(&"the directory holds other files"));
            }
            if !existed {
                let _ = std::fs::remove_dir(dir);
            }
        }
        Ok(Self {
            reports: reports.to_vec(),
            logs,
            bundle: bundle.map(Path::to_owned),
        })
    }

    /// The sinks that are written while the run goes on.
    pub(super) fn live(&mut self) -> Vec<(String, SharedSink)> {
        std::mem::take(&mut self.logs)
            .into_iter()
            .map(|(path, log)| {
                let sink: SharedSink = match log {
                    Log::New(sink) => Arc::new(Mutex::new(sink)),
                    Log::Continued(sink) => Arc::new(Mutex::new(sink)),
                };
                (format!("the log {}", path.display()), sink)
            })
            .collect()
    }

    /// Writes the reports that need the whole run.
    pub(super) fn write(&self, emitted: &mut Emitted, config: &str) {
        let Emitted { log, run, failures } = emitted;
        for report in &self.reports {
            let to_stdout = report.path == Path::new("-");
            if report.format == Format::Jsonl && !to_stdout {
                continue;
            }
            let written = if to_stdout {
                render(report.format, run, &mut std::io::stdout().lock(), |out| {
                    copy(log, out)
                })
            } else {
                whole(&report.path, |out| {
                    render(report.format, run, out, |out| copy(log, out))
                })
            };
            if let Err(e) = written {
                failures.push(format!(
                    "failed to write the {} report to {}: {e}",
                    report.format.name(),
                    report.path.display()
                ));
            }
        }
        if let Some(dir) = &self.bundle {
            let written = log.lines().map_err(|e| e.to_string()).and_then(|lines| {
                Bundle::write(dir, lines, config)
                    .map(|_| ())
                    .map_err(|e| e.to_string())
            });
            if let Err(e) = written {
                failures.push(format!("failed to write the bundle to {}: {e}", dir.display()));
            }
        }
    }
}

/// Writes a file as a whole or not at all: what was there before is replaced once everything is written. What is
/// no plain file, and what stands where no other may be made, is written in its place.
fn whole(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let replaced = std::fs::symlink_metadata(path).map_or(true, |known| known.is_file());
    let beside = replaced.then(|| beside(path)).and_then(Result::ok);
    let (file, place) = match beside {
        Some(beside) => {
            let (file, place) = beside.into_parts();
            (file, Some(place))
        }
        None => (File::create(path)?, None),
    };
    let mut out = BufWriter::new(file);
    write(&mut out)?;
    out.flush()?;
    place.map_or(Ok(()), |place| place.persist(path).map_err(|e| e.error))
}

/// A file in the folder of another that is gone again unless it takes its place. Whoever may read new files may
/// read it.
fn beside(path: &Path) -> std::io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".dcx-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder.unwrap_or(Path::new(".")))
}

/// Writes the log as it was emitted.
fn copy(log: &mut Spool<Entry>, out: &mut impl Write) -> std::io::Result<()> {
    std::io::copy(&mut log.lines()?, out).map(|_| ())
}

/// A log that is written while the run goes on.
enum Log {
    New(JsonLines<File>),
    Continued(Continued),
}

/// The log of an interrupted run that is gone on with. What was kept is written to a file beside it first,
/// which then takes its place: at no moment is there less on the disk than there was.
struct Continued {
    path: PathBuf,
    beside: PathBuf,
    log: JsonLines<File>,
    /// How many kept cases are not told yet.
    left: usize,
    placed: bool,
}

impl Continued {
    fn begin(path: &Path, kept: usize) -> std::io::Result<Self> {
        let mut beside = path.as_os_str().to_owned();
        beside.push(".resumed");
        let beside = PathBuf::from(beside);
        Ok(Self {
            path: path.to_owned(),
            log: JsonLines::new(File::create(&beside)?),
            beside,
            left: kept,
            placed: false,
        })
    }
}

impl Sink for Continued {
    fn take(&mut self, entry: &Entry) -> std::io::Result<()> {
        self.log.take(entry)?;
        let ended = matches!(entry.event, Event::RunFinished(_));
        if matches!(entry.event, Event::CaseFinished(_)) {
            self.left = self.left.saturating_sub(1);
        }
        if !self.placed && (self.left == 0 || ended) {
            std::fs::rename(&self.beside, &self.path)?;
            self.placed = true;
        }
        Ok(())
    }
}

impl Drop for Continued {
    fn drop(&mut self) {
        if !self.placed {
            // The log is as it was; a part of another beside it helps nobody.
            let _ = std::fs::remove_file(&self.beside);
        }
    }
}

/// Whether two paths lead to the same file.
fn same(left: &Path, right: &Path) -> bool {
    match (left.canonicalize(), right.canonicalize()) {
        (Ok(left), Ok(right)) => left == right,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_as_a_whole_or_stays_what_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report.html");
        let broken = |out: &mut BufWriter<File>| {
            out.write_all(b"half")?;
            Err(std::io::Error::other("no space left"))
        };
        let there = || std::fs::read_dir(dir.path()).unwrap().count();
        assert!(whole(&path, broken).is_err());
        assert_eq!(there(), 0, "nothing half written");
        whole(&path, |out| out.write_all(b"all of it")).unwrap();
        assert!(whole(&path, broken).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"all of it");
        whole(&path, |out| out.write_all(b"anew")).unwrap();
        assert_eq!((std::fs::read(&path).unwrap(), there()), (b"anew".to_vec(), 1));
    }
}
