//! What the standards say, and the words every other room shares.
//!
//! - [`catalogue`]: requirements, readings and profiles, as data under `specs/`.
//! - [`clause`]: the rules of the documents' schemas, each a requirement.
//! - [`diff`]: how two documents differ, and what accounts for it.
//! - [`document`]: OpenAPI documents, ours and the user's, with positions for error messages.
//! - [`schema`]: compiled validators and the violations they report.
//! - [`records`]: what a registry's records may hold, by the type that a reply names.
//! - [`evidence`]: what was observed of a target and what was concluded from it.
//! - [`lint`]: everything that is wrong with a document.
//! - [`written`]: files that somebody wrote for us, with the line of each member.
//! - [`wire`]: signatures, tokens and timestamps as they travel.
//!
//! This room does no network access and reads no clock.

pub mod catalogue;
pub mod clause;
pub mod diff;
pub mod document;
pub mod evidence;
pub mod lint;
pub mod records;
pub mod schema;
mod shape;
pub mod wire;
pub mod written;
