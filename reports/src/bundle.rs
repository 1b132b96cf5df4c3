//! The evidence of a run as a directory: the log, the redacted configuration, and a manifest with the
//! digest of each. Anyone can open it later and judge again, offline.
//!
//! ```text
//! DIR/events.jsonl    the log, byte for byte
//! DIR/config.toml     the configuration as it was given, redacted
//! DIR/manifest.json   format version, tool, digests
//! ```
//!
//! The manifest is written last, and removed first when a bundle is replaced: a directory without one is
//! not a bundle, so that a half-written bundle is never taken for a whole one.

mod digested;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use digested::Digested;

use crate::event::{Entry, Event, RunStarted};
use crate::log::{Log, LogError, read_log};

/// The version of the format that this build writes and reads.
pub const BUNDLE_VERSION: u32 = 1;

const MANIFEST: &str = "manifest.json";
const EVENTS: &str = "events.jsonl";
const CONFIG: &str = "config.toml";
/// Every file of a bundle; the manifest is the last to be there.
const FILES: [&str; 3] = [EVENTS, CONFIG, MANIFEST];

/// What a bundle holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Format version, [`BUNDLE_VERSION`].
    pub dcx_bundle: u32,
    /// The tool that made the run.
    pub tool: String,
    /// Its version.
    pub tool_version: String,
    /// SHA-256 over the requirements of the run, in hexadecimal.
    pub requirement_digest: String,
    /// Whether the run was whole; a cut one can be read up to the cut.
    pub complete: bool,
    /// The files by name.
    pub files: BTreeMap<String, FileFact>,
}

/// One file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileFact {
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// How many bytes.
    pub bytes: u64,
}

/// A bundle that was opened and whose digests hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Bundle {
    /// Its manifest.
    pub manifest: Manifest,
    /// The log.
    pub log: Log,
    /// The redacted configuration.
    pub config: String,
}

/// Why a bundle cannot be written or opened.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// A file or directory failed.
    #[error("failed to {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The directory holds something else.
    #[error(
        "{} is not empty and is not a bundle; choose another directory or empty it first", path.display()
    )]
    Occupied {
        /// The directory.
        path: PathBuf,
    },
    /// There is no manifest.
    #[error("{} is not a bundle, or was not written to its end: it has no {MANIFEST}", path.display())]
    NoManifest {
        /// The directory.
        path: PathBuf,
    },
    /// The manifest cannot be understood.
    #[error("{} is not the manifest of a bundle", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The bundle is of another version of the format.
    #[error("the bundle has format version {found}; this build reads version {BUNDLE_VERSION}")]
    Version {
        /// The version that it has.
        found: u32,
    },
    /// The manifest does not list a file that every bundle has.
    #[error("the manifest does not list {name}")]
    Unlisted {
        /// The file.
        name: String,
    },
    /// The manifest lists a file that no bundle of this version has.
    #[error("the manifest lists {name:?}, which is not a file of a bundle")]
    Unknown {
        /// The file.
        name: String,
    },
    /// A file is not what it was when the bundle was written.
    #[error(
        "{} was changed after the bundle was written: its SHA-256 is {found}, the manifest says {expected}",
        path.display()
    )]
    Changed {
        /// The file.
        path: PathBuf,
        /// The digest in the manifest.
        expected: String,
        /// The digest of the file.
        found: String,
    },
    /// The configuration is not text.
    #[error("{} is not UTF-8 text", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
    },
    /// The log does not say what was run.
    #[error("the log does not begin with the start of a run")]
    NoStart,
    /// The manifest says something of the run that its log does not.
    #[error("the manifest and the log disagree about the {field}")]
    Disagreement {
        /// What about.
        field: &'static str,
    },
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
}

fn failed<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> BundleError + 'a {
    move |source| BundleError::Io {
        action,
        path: path.to_owned(),
        source,
    }
}

impl Bundle {
    /// Writes a bundle, over an older one if the directory holds one. The log goes through line by line: it may
    /// be larger than what one wants to hold.
    pub fn write(dir: &Path, mut log: impl BufRead, config: &str) -> Result<Manifest, BundleError> {
        let (first, line) = first(&mut log)?;
        fs::create_dir_all(dir).map_err(failed("create", dir))?;
        check_free(dir)?;
        // Everything is on the disk before an older bundle is touched: it may be full.
        let laid = lay(dir, (first, line), log, config);
        if laid.is_err() {
            for name in FILES {
                // What is left of a write that failed would only take up the room that is missing.
                let _ = fs::remove_file(beside(dir, name));
            }
        }
        let manifest = laid?;
        let path = dir.join(MANIFEST);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(failed("replace", &path)(error));
            }
            _ => {}
        }
        for name in FILES {
            let path = dir.join(name);
            fs::rename(beside(dir, name), &path).map_err(failed("write", &path))?;
        }
        Ok(manifest)
    }

    /// Opens a bundle and checks its digests.
    pub fn open(dir: &Path) -> Result<Self, BundleError> {
        let path = dir.join(MANIFEST);
        let json = fs::read(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => BundleError::NoManifest { path: dir.to_owned() },
            _ => failed("read", &path)(error),
        })?;
        let manifest = parse_manifest(&path, &json)?;
        if let Some(name) = manifest
            .files
            .keys()
            .find(|n| ![EVENTS, CONFIG].contains(&n.as_str()))
        {
            return Err(BundleError::Unknown { name: name.clone() });
        }
        let log = read_log(checked(dir, &manifest, EVENTS)?.as_slice())?;
        let config =
            String::from_utf8(checked(dir, &manifest, CONFIG)?).map_err(|_| BundleError::NotText {
                path: dir.join(CONFIG),
            })?;
        agree(&manifest, &log)?;
        Ok(Self {
            manifest,
            log,
            config,
        })
    }
}

/// The start of the run, and its line.
fn first(log: &mut impl BufRead) -> Result<(RunStarted, Vec<u8>), BundleError> {
    let mut line = Vec::new();
    log.read_until(b'\n', &mut line)
        .map_err(|source| LogError::Read { line: 1, source })?;
    match read_log(line.as_slice())?.entries.pop().map(|entry| entry.event) {
        Some(Event::RunStarted(start)) => Ok((start, line)),
        _ => Err(BundleError::NoStart),
    }
}

/// Writes every file of a bundle beside the one that it is to replace.
fn lay(
    dir: &Path,
    (start, line): (RunStarted, Vec<u8>),
    mut log: impl BufRead,
    config: &str,
) -> Result<Manifest, BundleError> {
    let path = beside(dir, EVENTS);
    let mut out = BufWriter::new(File::create(&path).map_err(failed("write", &path))?);
    let (mut digested, mut line, mut last, mut number) = (Digested::default(), line, Vec::new(), 1);
    while !line.is_empty() {
        digested.take(&line);
        out.write_all(&line).map_err(failed("write", &path))?;
        std::mem::swap(&mut line, &mut last);
        line.clear();
        number += 1;
        log.read_until(b'\n', &mut line)
            .map_err(|source| LogError::Read { line: number, source })?;
    }
    out.flush().map_err(failed("write", &path))?;
    let last: Option<Entry> = serde_json::from_slice(&last).ok();
    let manifest = Manifest {
        dcx_bundle: BUNDLE_VERSION,
        tool: start.tool,
        tool_version: start.version,
        requirement_digest: start.requirement_digest,
        complete: last.is_some_and(|entry| ends_whole(&entry)),
        files: BTreeMap::from([
            (CONFIG.to_owned(), FileFact::of(config.as_bytes())),
            (EVENTS.to_owned(), digested.fact()),
        ]),
    };
    lay_beside(dir, CONFIG, config.as_bytes())?;
    let mut json = serde_json::to_vec_pretty(&manifest).map_err(|source| BundleError::Manifest {
        path: dir.join(MANIFEST),
        source,
    })?;
    json.push(b'\n');
    lay_beside(dir, MANIFEST, &json)?;
    Ok(manifest)
}

fn start(log: &Log) -> Result<&RunStarted, BundleError> {
    match log.entries.first().map(|e| &e.event) {
        Some(Event::RunStarted(start)) => Ok(start),
        _ => Err(BundleError::NoStart),
    }
}

fn is_complete(log: &Log) -> bool {
    log.entries.last().is_some_and(ends_whole)
}

fn ends_whole(entry: &Entry) -> bool {
    matches!(&entry.event, Event::RunFinished(finished) if finished.complete)
}

/// What the manifest repeats from the log must be what the log says.
fn agree(manifest: &Manifest, log: &Log) -> Result<(), BundleError> {
    let start = start(log)?;
    let same = [
        ("tool", manifest.tool == start.tool),
        ("tool version", manifest.tool_version == start.version),
        (
            "requirement digest",
            manifest.requirement_digest == start.requirement_digest,
        ),
        ("completeness of the run", manifest.complete == is_complete(log)),
    ];
    match same.into_iter().find(|(_, same)| !same) {
        Some((field, _)) => Err(BundleError::Disagreement { field }),
        None => Ok(()),
    }
}

/// Accepts an empty directory, a bundle, and what an interrupted write leaves.
fn check_free(dir: &Path) -> Result<(), BundleError> {
    let manifest = dir.join(MANIFEST);
    if let Ok(json) = fs::read(&manifest) {
        return match parse_manifest(&manifest, &json) {
            Ok(_) | Err(BundleError::Version { .. }) => Ok(()),
            Err(_) => Err(BundleError::Occupied { path: dir.to_owned() }),
        };
    }
    for entry in fs::read_dir(dir).map_err(failed("read", dir))? {
        let name = entry.map_err(failed("read", dir))?.file_name();
        let name = name.to_string_lossy();
        let ours = FILES.contains(&name.strip_suffix(".tmp").unwrap_or(&name));
        if !ours {
            return Err(BundleError::Occupied { path: dir.to_owned() });
        }
    }
    Ok(())
}

/// Where a file of a bundle is written before it takes its place.
fn beside(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("{name}.tmp"))
}

/// Writes a file beside the one that it is to replace.
fn lay_beside(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), BundleError> {
    let path = beside(dir, name);
    fs::write(&path, bytes).map_err(failed("write", &path))
}

fn parse_manifest(path: &Path, json: &[u8]) -> Result<Manifest, BundleError> {
    #[derive(Deserialize)]
    struct Version {
        dcx_bundle: u32,
    }
    let damaged = |source| BundleError::Manifest {
        path: path.to_owned(),
        source,
    };
    let Version { dcx_bundle: found } = serde_json::from_slice(json).map_err(damaged)?;
    if found != BUNDLE_VERSION {
        return Err(BundleError::Version { found });
    }
    serde_json::from_slice(json).map_err(damaged)
}

fn checked(dir: &Path, manifest: &Manifest, name: &str) -> Result<Vec<u8>, BundleError> {
    let expected = (manifest.files.get(name)).ok_or_else(|| BundleError::Unlisted {
        name: name.to_owned(),
    })?;
    let path = dir.join(name);
    let bytes = fs::read(&path).map_err(failed("read", &path))?;
    let found = FileFact::of(&bytes);
    if found != *expected {
        let (expected, found) = (expected.sha256.clone(), found.sha256);
        return Err(BundleError::Changed {
            path,
            expected,
            found,
        });
    }
    Ok(bytes)
}
