//! `--cases DIR`: the user's own cases, beside ours or instead of them.

use super::fault::Fault;
use specs::catalogue::Profile;
use specs::evidence::OwnFile;
use std::path::Path;
use suites::Cases;

/// The cases that a run selects from.
pub(super) fn load(folder: Option<&Path>, only: bool) -> Result<Cases, Fault> {
    let Some(folder) = folder else {
        return Ok(Cases::default());
    };
    let mut files = Vec::new();
    read(folder, "", &mut files)?;
    let requirements = folder.join(suites::own::REQUIREMENTS);
    if requirements.is_dir() {
        read(&requirements, suites::own::REQUIREMENTS, &mut files)?;
    }
    if files.is_empty() {
        return Err(Fault::Cases {
            message: format!("{} holds no case", folder.display()),
            remedy: "a case is a file ID.toml in that folder; suites/README.md tells how to write one"
                .to_owned(),
        });
    }
    let cases = Cases::with(files).map_err(|e| Fault::Cases {
        message: format!("{}:{}: {}", folder.join(&e.file).display(), e.line, e.message),
        remedy: e.remedy,
    })?;
    Ok(if only { cases.only_own() } else { cases })
}

/// The files of a folder, sorted by name.
fn read(folder: &Path, prefix: &str, files: &mut Vec<OwnFile>) -> Result<(), Fault> {
    let failed = |path: &Path, e: &std::io::Error| Fault::Cases {
        message: format!("failed to read {}: {e}", path.display()),
        remedy: "--cases wants a folder with files ID.toml, in UTF-8".to_owned(),
    };
    let listed = std::fs::read_dir(folder).map_err(|e| failed(folder, &e))?;
    let mut paths = Vec::new();
    for entry in listed {
        let path = entry.map_err(|e| failed(folder, &e))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        files.push(OwnFile {
            text: std::fs::read_to_string(&path).map_err(|e| failed(&path, &e))?,
            path: format!("{prefix}{name}"),
        });
    }
    Ok(())
}

/// The user's cases that do not run for a profile, in a sentence.
pub(super) fn idle(cases: &Cases, profile: &Profile) -> Option<String> {
    let run: Vec<&str> = cases.of(profile).map(|case| case.id.as_str()).collect();
    let own = cases.all().iter().filter(|case| cases.is_own(case));
    let idle: Vec<&str> = own
        .map(|case| case.id.as_str())
        .filter(|id| !run.contains(id))
        .collect();
    let why = "has none of their operations, or demands nothing that they are about";
    (!idle.is_empty()).then(|| format!("{} of yours do not run: {} {why}", idle.join(", "), profile.id))
}
