//! Rules as a file or the control API writes them:
//! `{"faults": [{"prefer": "dcx-status=503", "operation": "search", "chance": 0.2}]}`; a rule may also be a text,
//! as on the command line.

use super::FaultRule;
use crate::file::{self, FileError, Wrong};
use serde_json::{Map, Value};
use specs::catalogue::Profile;
use std::path::Path;

/// How many rules there may be: each is looked at on every request.
const MOST_RULES: usize = 100;

/// Reads the rules of a file, TOML or JSON, for these profiles.
pub(crate) fn read_rules(path: &Path, profiles: &[Profile]) -> Result<Vec<FaultRule>, FileError> {
    file::read(path, |written| rules(written, profiles))
}

/// The rules that are written, for these profiles.
pub(crate) fn rules(written: &Value, profiles: &[Profile]) -> Result<Vec<FaultRule>, Wrong> {
    let listed = written.get("faults").and_then(Value::as_array);
    let listed = listed.ok_or_else(|| {
        let remedy = "write `{\"faults\": [{\"prefer\": \"dcx-status=503\"}]}`, or `[[faults]]` in TOML";
        Wrong::new("", "expected an object with a list `faults`", remedy)
    })?;
    let others = written.as_object().into_iter().flat_map(Map::keys);
    if let Some(other) = { others }.find(|name| *name != "faults" && *name != "operations") {
        let message = format!("there is no `{other}` beside `faults`");
        return Err(Wrong::new(&format!("/{other}"), message, "remove it"));
    }
    if listed.len() > MOST_RULES {
        let message = format!("there may be at most {MOST_RULES} rules");
        return Err(Wrong::new(
            &format!("/faults/{MOST_RULES}"),
            message,
            "remove the others",
        ));
    }
    let read = |(nth, rule): (usize, &Value)| {
        let at = format!("/faults/{nth}");
        let rule = FaultRule::from_json(rule.clone())
            .map_err(|why| Wrong::new(&at, why.to_string(), "correct the rule"))?;
        let unknown = |id: &&str| !profiles.iter().any(|p| p.id == *id);
        match rule.profile().filter(unknown) {
            Some(id) => {
                let served: Vec<&str> = profiles.iter().map(|p| p.id.as_str()).collect();
                let message = format!("the profile `{id}` is not served");
                Err(Wrong::new(
                    &at,
                    message,
                    format!("name one of {}", served.join(", ")),
                ))
            }
            None => Ok(rule),
        }
    };
    listed.iter().enumerate().map(read).collect()
}
