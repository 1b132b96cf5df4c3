//! What another reading makes of the form of a request: the schema as it is checked by a server that takes it.
//!
//! Without another way the schema stays as it is.

use super::{Way, Ways};
use serde_json::{Map, Value, json};

type Members = Map<String, Value>;

/// The schema of a request as far as the ways of a profile check it.
pub(crate) fn asked(mut schema: Value, ways: &Ways) -> Value {
    if ways.exist() {
        visit(&mut schema, &Place::default(), &mut |place, members| {
            read(ways, place, members);
        });
    }
    schema
}

/// Where a schema stands.
#[derive(Debug, Clone, Copy, Default)]
struct Place<'m> {
    /// The member that it describes.
    member: Option<&'m str>,
    /// Whether it describes only a part of it.
    partly: bool,
    /// Whether it stands within a record, which has a dictionary of its own.
    record: bool,
}

/// Visits a schema and all within it, from the leaves to the root.
fn visit(schema: &mut Value, place: &Place<'_>, change: &mut impl FnMut(&Place<'_>, &mut Members)) {
    let Value::Object(members) = schema else { return };
    for (keyword, inner) in members.iter_mut() {
        match (keyword.as_str(), inner) {
            ("properties" | "definitions", Value::Object(inner)) => {
                for (name, inner) in inner {
                    let within = Place {
                        member: Some(name.as_str()),
                        partly: false,
                        record: place.record || name == "beneficiaries",
                    };
                    visit(inner, &within, change);
                }
            }
            ("allOf", Value::Array(parts)) => {
                for part in parts {
                    visit(
                        part,
                        &Place {
                            partly: true,
                            ..*place
                        },
                        change,
                    );
                }
            }
            ("anyOf" | "oneOf", Value::Array(parts)) => {
                for part in parts {
                    visit(part, place, change);
                }
            }
            ("items" | "not" | "additionalProperties", inner) => visit(inner, place, change),
            _ => {}
        }
    }
    change(place, members);
}

fn read(ways: &Ways, place: &Place<'_>, schema: &mut Members) {
    let is = |names: &[&str]| place.member.is_some_and(|member| names.contains(&member));
    if ways.take(Way::EmptyBatchAccepted) && is(&["search_request"]) {
        schema.shift_remove("minItems");
    }
    if ways.take(Way::EmptyPredicateEverything) && is(&["query"]) {
        schema.shift_remove("minItems");
    }
    if ways.take(Way::EmptyQueryAccepted) && is(&["query"]) && requires(schema, "value") {
        schema.shift_remove("required");
    }
    if ways.take(Way::LocaleTwoLetters) && is(&["locale"]) {
        schema.insert("pattern".to_owned(), "^[a-z]{2,3}$".into());
    }
    if ways.take(Way::NotifyRecordTypeOptional) {
        no_longer_required(schema, "notify_record_type");
    }
    if ways.take(Way::PageBoundsAccepted) && is(&["page_size", "page_number"]) {
        *schema = json!({"type": "number"}).as_object().cloned().unwrap_or_default();
    }
    // Whoever writes codes otherwise than the dictionary reads them so as well.
    let otherwise = [Way::RecordCodesLabel, Way::RecordCodesQualified];
    if is(&["marital_status"]) && otherwise.into_iter().any(|way| ways.take(way)) {
        schema.shift_remove("enum");
    }
    if ways.take(Way::StatusQueryOptional) && is(&["disabled_criteria", "enrolled_criteria"]) {
        no_longer_required(schema, "query");
    }
    for (way, word) in [
        (Way::GraphqlNo, "graphql"),
        (Way::TxnUnsubscribeNo, "unsubscribe"),
        (Way::TxnSubscriptionsCoreOnly, "subscription_code_list"),
    ] {
        let listed = ["query_type", "filter_type", "txn_type", "attribute_type"];
        if ways.take(way) && is(&listed) {
            strike(schema, word);
        }
    }
    if ways.take(Way::AdditionalMembersRefused)
        && place.member.is_some()
        && !(place.partly || place.record)
        && schema.contains_key("properties")
        && !schema.contains_key("allOf")
        && !schema.contains_key("anyOf")
    {
        schema.insert("additionalProperties".to_owned(), false.into());
    }
    of_values(ways, schema);
    of_exchange(ways, place, schema);
}

/// What an attribute may be compared with: the only choice that has a list beside a number.
fn of_values(ways: &Ways, schema: &mut Members) {
    let Some(Value::Array(choices)) = schema.get_mut("anyOf") else {
        return;
    };
    let is = |choice: &Value, kind: &str| choice.get("type").is_some_and(|t| t == kind);
    let among = |kind: &str| choices.iter().any(|choice| is(choice, kind));
    if !(among("number") && among("array")) {
        return;
    }
    let [scalars, objects] = [Way::ValuesScalars, Way::ValuesScalarsAndObjects].map(|way| ways.take(way));
    if scalars || objects {
        choices.retain(|choice| !is(choice, "array") && (objects || !is(choice, "object")));
    }
    if ways.take(Way::IntegersRefused) {
        for choice in choices.iter_mut().filter(|choice| is(choice, "number")) {
            choice["not"] = json!({"type": "integer"});
        }
    }
}

fn of_exchange(ways: &Ways, place: &Place<'_>, schema: &mut Members) {
    match place.member {
        Some("action") if ways.take(Way::ExchangeSearchAction) => {
            if let Some(Value::Array(words)) = schema.get_mut("enum") {
                words.push("search".into());
            }
        }
        Some("message") if ways.take(Way::ExchangeEmptyTextAccepted) => {
            schema.shift_remove("minLength");
        }
        Some("message_id") if ways.take(Way::ExchangeLengthsBounded) => {
            schema.insert("maxLength".to_owned(), 99.into());
        }
        Some("header") => {
            if ways.take(Way::ExchangeTypeRequired)
                && let Some(Value::Array(required)) = schema.get_mut("required")
            {
                required.push("message_type".into());
            }
            if ways.take(Way::ExchangeReceiverCorrect)
                && let Some(Value::Array(choices)) = schema.get_mut("anyOf")
            {
                choices.retain(|choice| {
                    let required = choice.get("required").and_then(Value::as_array);
                    required.is_none_or(|required| !required.contains(&"reciever_id".into()))
                });
            }
        }
        _ => {}
    }
}

fn requires(schema: &Members, name: &str) -> bool {
    let required = schema.get("required").and_then(Value::as_array);
    required.is_some_and(|required| required.iter().any(|n| n == name))
}

fn no_longer_required(schema: &mut Members, name: &str) {
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        required.retain(|n| n != name);
        // A list of nothing is no list of JSON Schema.
        if required.is_empty() {
            schema.shift_remove("required");
        }
    }
}

/// Takes a word out of a list; where it was the only one, nothing is taken there any more.
fn strike(schema: &mut Members, word: &str) {
    if let Some(Value::Array(words)) = schema.get_mut("enum") {
        words.retain(|w| w != word);
        if words.is_empty() {
            words.push(Value::Null);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use specs::catalogue::Catalogue;
    use specs::document::Document;

    fn read_by(way: Option<Way>) -> Value {
        let profile = Catalogue::bundled().profile("dci-crvs").unwrap();
        let profile = way.map_or_else(|| profile.clone(), |way| way.taken_by(profile));
        let document = Document::bundled(&profile.document).unwrap();
        let operation = document.operation("POST", "/registry/sync/search").unwrap();
        let schema = &operation.request.as_ref().unwrap().content["application/json"];
        asked(schema.clone(), &Ways::of(&profile))
    }

    #[test]
    fn another_way_changes_the_form_that_is_asked_for_and_no_way_leaves_it() {
        let own = read_by(None);
        for way in [
            Way::EmptyBatchAccepted,
            Way::EmptyPredicateEverything,
            Way::EmptyQueryAccepted,
            Way::LocaleTwoLetters,
            Way::PageBoundsAccepted,
            Way::GraphqlNo,
            Way::AdditionalMembersRefused,
            Way::ValuesScalars,
            Way::ValuesScalarsAndObjects,
            Way::IntegersRefused,
        ] {
            assert_ne!(read_by(Some(way)), own, "{}", way.id());
        }
        assert_eq!(read_by(Some(Way::NoMatchNoData)), own);
    }
}
