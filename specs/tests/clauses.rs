//! The table of clauses is what our documents say.

use specs::clause;
use std::path::Path;

/// Where the table is kept.
fn file() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clauses.json")
}

#[test]
fn the_table_is_fresh() {
    let derived = clause::table(&clause::derive().unwrap());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(file(), &derived).unwrap();
    }
    let kept = std::fs::read_to_string(file()).unwrap();
    assert!(
        derived == kept,
        "specs/clauses.json is not what the documents say; run `UPDATE=1 cargo test -p specs --test clauses` and look at what changed"
    );
}
