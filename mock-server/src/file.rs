//! Files that somebody writes for the mock, and how a fault in one is told.

use specs::written::Written;
use std::path::{Path, PathBuf};

/// Why a file of faults or of events cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("failed to read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Something in it is wrong.
    #[error("failed to use {path}, line {line}: {message}; {remedy}")]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong there.
        message: String,
        /// What to do about it.
        remedy: String,
    },
}

/// What is wrong with a member of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// The JSON pointer of the member.
    pub(crate) pointer: String,
    pub(crate) message: String,
    pub(crate) remedy: String,
}

impl Wrong {
    pub(crate) fn new(pointer: &str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            pointer: pointer.to_owned(),
            message: message.into(),
            remedy: remedy.into(),
        }
    }
}

/// Reads a file, TOML or JSON, as somebody understands its members.
pub(crate) fn read<T>(
    path: &Path,
    understand: impl FnOnce(&serde_json::Value) -> Result<T, Wrong>,
) -> Result<T, FileError> {
    let text = std::fs::read_to_string(path).map_err(|source| FileError::Read {
        path: path.to_owned(),
        source,
    })?;
    let written = Written::read(&text).map_err(|misread| FileError::Line {
        path: path.to_owned(),
        line: misread.line,
        message: misread.message,
        remedy: "correct the TOML or JSON at this place".to_owned(),
    })?;
    understand(written.value()).map_err(|wrong| FileError::Line {
        path: path.to_owned(),
        line: written.line(&wrong.pointer),
        message: wrong.message,
        remedy: wrong.remedy,
    })
}
