//! What travels: signatures, encrypted messages, access tokens, timestamps and digests.
//!
//! Every primitive is pinned to vectors that another tool made, see `specs/vectors/`. The clock is always
//! a parameter.

pub mod canonical;
pub mod confusion;
pub mod covered;
pub mod demo;
mod der;
pub mod detached_jws;
pub mod digest;
pub mod ed25519;
pub mod http_signature;
pub mod jwe;
pub mod jwk;
pub mod jws;
pub mod key;
pub mod rsa;
pub mod scheme;
pub mod time;
pub mod token;
