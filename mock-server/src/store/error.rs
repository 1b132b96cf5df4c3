//! Why a store cannot be used.

use std::path::{Path, PathBuf};

/// Why a store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process uses it.
    #[error("{path} is in use; another mock may be running with it")]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// It is something else.
    #[error("{path} is not a store of dcx; name another file, or one that does not exist")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// It was made by another version.
    #[error("{path} was made by another version of dcx (its form is {found}, ours {ours})")]
    Version {
        /// The file.
        path: PathBuf,
        /// The form of the file.
        found: i64,
        /// The form that is read here.
        ours: i64,
    },
    /// It is damaged.
    #[error("{path} is damaged: {message}; move it away to start with an empty store")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// It cannot be read or written.
    #[error("failed to use {path} as a store")]
    Failed {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: rusqlite::Error,
    },
}

impl StoreError {
    pub(super) fn of(path: &Path, source: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse { path },
            Some(ErrorCode::NotADatabase) => Self::Foreign { path },
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged {
                path,
                message: source.to_string(),
            },
            _ => Self::Failed { path, source },
        }
    }
}
