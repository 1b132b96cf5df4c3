//! The files of the repository: what git knows and what it would take, or, without git, what is there.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A text file, by its path from the top.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

pub(crate) fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Paths from the top, with `/` between their parts, sorted.
pub(crate) fn paths() -> Vec<String> {
    let mut paths = from_git().unwrap_or_else(from_folders);
    paths.retain(|path| top().join(path).is_file());
    paths.sort();
    paths.dedup();
    assert!(
        paths.iter().any(|path| path == "Cargo.toml"),
        "found no repository in {}",
        top().display()
    );
    paths
}

/// Every file that is text.
pub(crate) fn texts() -> Vec<File> {
    let text = |path: String| {
        Some(File {
            text: std::fs::read_to_string(top().join(&path)).ok()?,
            path,
        })
    };
    paths().into_iter().filter_map(text).collect()
}

/// Every Rust source.
pub(crate) fn sources() -> Vec<File> {
    let mut files = texts();
    files.retain(|file| Path::new(&file.path).extension().is_some_and(|x| x == "rs"));
    files
}

/// Tracked files and those that wait to be; none when this is not a clone or git is not installed.
fn from_git() -> Option<Vec<String>> {
    if !top().join(".git").exists() {
        return None;
    }
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(top())
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let listed = String::from_utf8(listed.stdout).ok()?;
    Some(listed.split_terminator('\0').map(str::to_owned).collect())
}

fn from_folders() -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(top().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type().unwrap().is_dir() {
                if name != "target" && name != ".git" {
                    folders.push(path);
                }
            } else if !name.ends_with(".snap.new") && !name.ends_with(".pending-snap") {
                let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
                found.push(parts.join("/"));
            }
        }
    }
    found
}

#[test]
fn git_and_the_folders_agree_on_the_sources() {
    let Some(mut listed) = from_git() else { return };
    let rust = |path: &String| path.starts_with("specs/src/") && top().join(path).is_file();
    listed.retain(rust);
    let mut walked = from_folders();
    walked.retain(rust);
    listed.sort();
    walked.sort();
    assert_eq!(listed, walked);
}
