//! Searches over a handful of records.
