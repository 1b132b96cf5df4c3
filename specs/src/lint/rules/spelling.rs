//! Names and listed values that look like slips of the pen.

use crate::document::kind::Kind;
use crate::lint::code::LintCode;
use crate::lint::context::{Context, members};
use crate::lint::{Found, Sink};
use serde_json::Value;

/// Each listed value and each name of a member.
pub(in crate::lint) fn run(context: &Context<'_>, sink: &mut Sink<'_>) {
    for site in context.of_kind(Kind::Schema) {
        let at = site.place.below("enum");
        let listed = site
            .value
            .get("enum")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        for (index, value) in listed.enumerate() {
            if let Some((word, near)) = value.as_str().and_then(|text| context.words.misspelt(text)) {
                let message = format!("{value}: the document spells `{word}` as `{near}` elsewhere");
                let place = at.below(&index.to_string());
                let found = Found::new(LintCode::MisspeltEnum, &place, message);
                sink.add(found.remedy(format!("Did you mean `{near}`?")));
            }
        }
        let at = site.place.below("properties");
        for (name, _) in members(site.value, "properties") {
            if let Some((word, near)) = context.words.misspelt(name) {
                let message = format!("`{name}`: the document spells `{word}` as `{near}` elsewhere");
                let place = at.below(name);
                let found = Found::new(LintCode::MisspeltMember, &place, message);
                sink.add(found.remedy(format!("Did you mean `{near}`?")));
            }
        }
    }
}
