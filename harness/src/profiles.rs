//! The profiles that users write in `dcx.toml`: a bundled one, with what differs.

use crate::config::{Config, ConfigError, quoted};
use globset::Glob;
use serde_json::{Map, Value};
use serde_path_to_error::{Path, Segment};
use specs::catalogue::{Catalogue, Profile};
use specs::document::Document;

/// The member of a user's profile that names the bundled one.
const EXTENDS: &str = "extends";

/// The profiles of a configuration, sorted by id.
///
/// # Errors
/// One of them cannot be used; the error names the member and its line.
pub fn own(config: &Config) -> Result<Vec<Profile>, Box<ConfigError>> {
    let sections = config.file.profile.iter();
    sections.map(|(id, section)| read(config, id, section)).collect()
}

fn read(config: &Config, id: &str, section: &Map<String, Value>) -> Result<Profile, Box<ConfigError>> {
    let fail = |path: &str, message: String, help: String| {
        let dot = if path.is_empty() { "" } else { "." };
        let member = format!("profile.{}{dot}{path}", quoted(id));
        Box::new(config.value_error(&member, message, help))
    };
    let catalogue = Catalogue::bundled();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
    if id.is_empty() || !id.chars().all(plain) {
        let help = "use lower-case letters, digits, `-` and `.`";
        return Err(fail("", format!("`{id}` is no id"), help.to_owned()));
    }
    if catalogue.profile(id).is_some() {
        let help = format!("give yours another name, e.g. my-{id}");
        return Err(fail("", format!("`{id}` is one of the built-in profiles"), help));
    }
    let known: Vec<&str> = catalogue.profiles().iter().map(|p| p.id.as_str()).collect();
    let choose = format!("{EXTENDS} = one of {}", known.join(", "));
    let Some(Value::String(base)) = section.get(EXTENDS) else {
        let path = if section.contains_key(EXTENDS) {
            EXTENDS
        } else {
            ""
        };
        return Err(fail(
            path,
            "it names no profile that it extends".to_owned(),
            choose,
        ));
    };
    let Some(base) = catalogue.profile(base) else {
        return Err(fail(EXTENDS, format!("there is no profile `{base}`"), choose));
    };
    let mut merged = serde_json::to_value(base).unwrap_or_default();
    let mut changes = section.clone();
    changes.shift_remove(EXTENDS);
    changes.insert("id".to_owned(), Value::String(id.to_owned()));
    changes
        .entry("title")
        .or_insert_with(|| Value::String(format!("{} ({id})", base.title)));
    merge(&mut merged, Value::Object(changes));
    let profile: Profile = serde_path_to_error::deserialize(merged).map_err(|e| {
        let (path, message) = (member(e.path()), e.inner().to_string());
        let help = format!("see `dcx list profiles {} --format json`", base.id);
        fail(&path, message, help)
    })?;
    prove(&profile, section).map_err(|(path, message, help)| fail(&path, message, help))?;
    Ok(profile)
}

/// The member at a path.
fn member(path: &Path) -> String {
    let names = path.iter().filter_map(|segment| match segment {
        Segment::Map { key } => Some(quoted(key)),
        _ => None,
    });
    names.collect::<Vec<_>>().join(".")
}

/// Puts what a user wrote over what the bundled profile says: table into table, anything else instead.
/// What the user wrote stands first, since of several globs the first counts.
fn merge(base: &mut Value, changes: Value) {
    match (base, changes) {
        (Value::Object(members), Value::Object(changes)) => {
            let mut former = std::mem::take(members);
            for (name, change) in changes {
                let mut value = former.shift_remove(&name).unwrap_or_default();
                merge(&mut value, change);
                members.insert(name, value);
            }
            members.extend(former);
        }
        (base, changes) => *base = changes,
    }
}

/// What is wrong with a profile: where, what, and what to do about it.
type Complaint = (String, String, String);

/// Proves that nothing in a profile leads nowhere, as tests prove it of the bundled ones.
fn prove(profile: &Profile, section: &Map<String, Value>) -> Result<(), Complaint> {
    let catalogue = Catalogue::bundled();
    let complaint = |path: &str, message: String, help: &str| (path.to_owned(), message, help.to_owned());
    let document = Document::edition(&profile.document, profile.edition()).map_err(|e| {
        let named = ["document", "edition"]
            .into_iter()
            .find(|m| section.contains_key(*m));
        complaint(named.unwrap_or_default(), e.message, &e.remedy)
    })?;
    for (id, operation) in &profile.operations {
        let missing = document.operation("POST", &operation.document_path).is_none();
        // What an edition does not describe is left out of the run; another document is the user's choice.
        if missing && profile.edition.is_none() {
            return Err(complaint(
                &format!("operations.{id}.document_path"),
                format!("{} has no POST {}", profile.document, operation.document_path),
                "give the path as the document writes it",
            ));
        }
    }
    let globs = profile
        .requirements
        .iter()
        .map(|glob| ("requirements".to_owned(), glob));
    let globs = globs.chain(
        profile
            .levels
            .keys()
            .map(|glob| (format!("levels.{}", quoted(glob)), glob)),
    );
    for (path, glob) in globs {
        let matcher = Glob::new(glob)
            .map_err(|e| complaint(&path, e.to_string(), "use * and ?, e.g. \"dci.bearer.*\""))?
            .compile_matcher();
        if !catalogue.requirements().iter().any(|r| matcher.is_match(&r.id)) {
            return Err(complaint(
                &path,
                format!("no requirement matches `{glob}`"),
                "see `dcx list requirements`",
            ));
        }
    }
    for (id, alternatives) in &profile.readings {
        let path = format!("readings.{}", quoted(id));
        let Some(reading) = catalogue.reading(id) else {
            let message = format!("there is no reading `{id}`");
            return Err(complaint(&path, message, "see `dcx list readings`"));
        };
        let known: Vec<&str> = reading.alternatives.iter().map(|a| a.id.as_str()).collect();
        let help = format!("choose among {}", known.join(", "));
        if let Some(other) = alternatives.iter().find(|a| !known.contains(&a.as_str())) {
            return Err(complaint(
                &path,
                format!("it has no alternative `{other}`"),
                &help,
            ));
        }
        if alternatives.is_empty() {
            return Err(complaint(&path, "no alternative is allowed".to_owned(), &help));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn tables_are_merged_and_what_the_user_wrote_stands_first() {
        let mut base = json!({"levels": {"a.*": "must", "b": "may"}, "list": [1, 2], "kept": true});
        merge(
            &mut base,
            json!({"levels": {"a.b": "should", "b": "must"}, "list": [3]}),
        );
        let levels: Vec<&String> = base["levels"].as_object().unwrap().keys().collect();
        assert_eq!(levels, ["a.b", "b", "a.*"]);
        assert_eq!(base["levels"]["b"], "must");
        assert_eq!((&base["list"], &base["kept"]), (&json!([3]), &json!(true)));
    }
}
