//! The JSON Schemas in the repository are those of this build. `UPDATE=1 cargo test` writes them.

use std::path::Path;

use serde_json::Value;

#[track_caller]
fn fresh(name: &str, schema: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(name);
    let text = serde_json::to_string_pretty(schema).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == text,
        "{} is stale; run `UPDATE=1 cargo test -p reports`",
        path.display()
    );
}

#[test]
fn schemas_are_fresh() {
    fresh("event.schema.json", &reports::schema::event());
    fresh("result.schema.json", &reports::schema::result());
    fresh("difference.schema.json", &reports::schema::difference());
    fresh("manifest.schema.json", &reports::schema::manifest());
}
