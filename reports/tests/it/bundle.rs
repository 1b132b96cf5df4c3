//! Bundles: written whole, opened only unchanged, and never over something else.

use std::fs;

use reports::bundle::{Bundle, BundleError};
use reports::event::Entry;

use crate::sample;

fn log_of(entries: &[Entry]) -> Vec<u8> {
    let mut log = Vec::new();
    sample::write_log(entries, &mut log).unwrap();
    log
}

const CONFIG: &str = "[target]\ntoken = \"$DCX_TOKEN\"\n";

#[test]
fn a_bundle_opens_as_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("new/bundle");
    for (entries, complete) in [(sample::failures(), true), (sample::cut_short(), false)] {
        let manifest = Bundle::write(&path, log_of(&entries).as_slice(), CONFIG).unwrap();
        let bundle = Bundle::open(&path).unwrap();
        assert_eq!(bundle.manifest, manifest);
        assert_eq!(bundle.manifest.complete, complete);
        assert_eq!((bundle.log.entries, bundle.config.as_str()), (entries, CONFIG));
        assert_eq!(bundle.log.cut.is_none(), complete);
    }
    assert_eq!(
        fs::read_dir(&path).unwrap().count(),
        3,
        "nothing temporary is left"
    );
}

#[test]
fn a_changed_file_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let log = log_of(&sample::all_pass());
    Bundle::write(dir.path(), log.as_slice(), CONFIG).unwrap();
    let forged = String::from_utf8(log)
        .unwrap()
        .replace("\"seed\":42", "\"seed\":43");
    fs::write(dir.path().join("events.jsonl"), forged).unwrap();
    assert!(
        matches!(Bundle::open(dir.path()), Err(BundleError::Changed { path, .. }) if path.ends_with("events.jsonl"))
    );
}

#[test]
fn a_changed_manifest_is_found() {
    let dir = tempfile::tempdir().unwrap();
    Bundle::write(dir.path(), log_of(&sample::all_pass()).as_slice(), CONFIG).unwrap();
    let path = dir.path().join("manifest.json");
    let manifest = fs::read_to_string(&path).unwrap();
    let edited = |from: &str, to: &str| {
        fs::write(&path, manifest.replace(from, to)).unwrap();
        Bundle::open(dir.path()).unwrap_err()
    };
    assert!(matches!(
        edited("0.1.0", "0.2.0"),
        BundleError::Disagreement {
            field: "tool version"
        }
    ));
    assert!(matches!(
        edited("\"complete\": true", "\"complete\": false"),
        BundleError::Disagreement { .. }
    ));
    assert!(matches!(
        edited("\"dcx_bundle\": 1", "\"dcx_bundle\": 7"),
        BundleError::Version { found: 7 }
    ));
    assert!(matches!(
        edited("config.toml", "../config.toml"),
        BundleError::Unknown { .. }
    ));
    fs::remove_file(&path).unwrap();
    assert!(matches!(
        Bundle::open(dir.path()),
        Err(BundleError::NoManifest { .. })
    ));
    // What an interrupted write leaves may be written over.
    Bundle::write(dir.path(), log_of(&sample::all_pass()).as_slice(), CONFIG).unwrap();
}

#[test]
fn another_directory_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("thesis.txt"), "precious").unwrap();
    let log = log_of(&sample::all_pass());
    assert!(matches!(
        Bundle::write(dir.path(), log.as_slice(), CONFIG),
        Err(BundleError::Occupied { .. })
    ));
    fs::write(dir.path().join("manifest.json"), "{\"name\": \"an extension\"}").unwrap();
    assert!(matches!(
        Bundle::write(dir.path(), log.as_slice(), CONFIG),
        Err(BundleError::Occupied { .. })
    ));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn a_log_without_a_run_is_no_evidence() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(
        Bundle::write(dir.path(), &b""[..], CONFIG),
        Err(BundleError::Log(_))
    ));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}
