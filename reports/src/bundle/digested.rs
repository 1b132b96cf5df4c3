//! The digest and the length of a file, taken while it goes by.

use super::FileFact;
use aws_lc_rs::digest::{Context, SHA256};
use std::fmt::Write as _;

/// A file that is looked at piece by piece.
pub(super) struct Digested {
    sha256: Context,
    bytes: u64,
}

impl Default for Digested {
    fn default() -> Self {
        Self {
            sha256: Context::new(&SHA256),
            bytes: 0,
        }
    }
}

impl Digested {
    /// Takes the next piece.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    /// What is to be said of it.
    pub(super) fn fact(self) -> FileFact {
        let mut sha256 = String::new();
        for byte in self.sha256.finish().as_ref() {
            let _ = write!(sha256, "{byte:02x}");
        }
        FileFact {
            sha256,
            bytes: self.bytes,
        }
    }
}

impl FileFact {
    /// What is to be said of a file with these bytes.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut copied = Digested::default();
        copied.take(bytes);
        copied.fact()
    }
}
