//! Digests, as the manifest of a bundle names them.

use aws_lc_rs::digest::{SHA256, digest};
use std::fmt::Write as _;

/// The SHA-256 of these bytes in lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(64);
    for byte in digest(&SHA256, bytes).as_ref() {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
