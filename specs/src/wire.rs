//! What travels: signatures, access tokens, timestamps and digests.
//!
//! Every primitive is pinned to vectors that another tool made, see `specs/vectors/`. The clock is always
//! a parameter.

pub mod demo;
pub mod digest;
pub mod rsa;
pub mod time;
pub mod token;
