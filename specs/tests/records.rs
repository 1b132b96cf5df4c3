//! The record dictionary: a whole record of each type is valid, a faulty member is named, and every name
//! that is in use finds its type.

use serde_json::{Map, Value, json};
use specs::document::Document;
use specs::records;
use std::collections::BTreeSet;

/// A record of each type with every member that the dictionary knows. A text `@T` stands for the record
/// of the type T.
fn whole() -> Map<String, Value> {
    let text = include_str!("records/valid.json");
    let written: Map<String, Value> = serde_json::from_str(text).expect("records");
    written
        .iter()
        .map(|(name, record)| (name.clone(), spelt_out(record, &written)))
        .collect()
}

fn spelt_out(value: &Value, all: &Map<String, Value>) -> Value {
    match value {
        Value::String(text) => match text.strip_prefix('@') {
            Some(name) => spelt_out(&all[name], all),
            None => value.clone(),
        },
        Value::Array(items) => items.iter().map(|i| spelt_out(i, all)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), spelt_out(member, all)))
            .collect(),
        other => other.clone(),
    }
}

#[test]
fn a_whole_record_of_each_type_is_valid() {
    let whole = whole();
    for record_type in records::types() {
        let record = &whole[&record_type.component];
        let found = record_type.schema().violations(record);
        assert!(found.is_empty(), "{}: {found:#?}", record_type.component);
        let empty = record_type.schema().violations(&json!(1));
        assert_eq!(empty.len(), 1, "{}: a number is no record", record_type.component);
    }
    assert_eq!(whole.len(), records::types().len());
}

#[test]
fn a_whole_record_has_every_member_that_its_type_knows() {
    fn members(schema: &Value, into: &mut BTreeSet<String>) {
        for part in schema["allOf"].as_array().into_iter().flatten() {
            members(part, into);
        }
        into.extend(
            schema["properties"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(n, _)| n.clone()),
        );
    }
    let whole = whole();
    for record_type in records::types() {
        let mut known = BTreeSet::new();
        members(record_type.schema().value(), &mut known);
        let has = whole[&record_type.component].as_object().unwrap();
        let has: BTreeSet<String> = has.keys().cloned().collect();
        assert_eq!(known, has, "{}", record_type.component);
    }
}

/// The pointers of what a record violates once one of its members is replaced, or removed for null.
#[track_caller]
fn faults(record_type: &str, pointer: &str, value: Value) -> Vec<String> {
    let component = &records::type_of(record_type).expect("a record type").component;
    let mut record = whole()[component].clone();
    let (holder, name) = pointer.rsplit_once('/').expect("a pointer");
    let holder = record.pointer_mut(holder).expect("a member of the record");
    match (holder, value) {
        (Value::Object(members), Value::Null) => {
            members.shift_remove(name).expect("a member to remove");
        }
        (Value::Object(members), value) => {
            members
                .insert(name.to_owned(), value)
                .expect("a member to replace");
        }
        (Value::Array(items), value) => items[name.parse::<usize>().expect("an index")] = value,
        _ => panic!("{pointer} is no member"),
    }
    let schema = records::schema_of(record_type).expect("a schema");
    let found = schema.violations(&record).into_iter();
    found.map(|v| format!("{} {}", v.pointer, v.keyword)).collect()
}

#[test]
fn what_is_wrong_is_named_where_it_stands() {
    for (record_type, pointer, value, expected) in [
        ("Person", "/sex", json!("F"), "/sex enum"),
        ("Person", "/birth_date", json!("02.05.2004"), "/birth_date format"),
        (
            "Person",
            "/birth_date",
            json!("2004-05-02T10:00:00"),
            "/birth_date format",
        ),
        (
            "Person",
            "/identifier/0/identifier_value",
            Value::Null,
            "/identifier/0/identifier_value required",
        ),
        (
            "Person",
            "/identifier/0/identifier_value",
            json!(""),
            "/identifier/0/identifier_value minLength",
        ),
        (
            "Person",
            "/identifier/0/identifier_type",
            Value::Null,
            "/identifier/0/identifier_type required",
        ),
        ("Person", "/identifier", json!({}), "/identifier type"),
        ("Person", "/name", json!("Amina Okoro"), "/name type"),
        ("Person", "/email/0", json!("amina"), "/email/0 format"),
        (
            "SRMember",
            "/marital_status",
            json!("Single"),
            "/marital_status enum",
        ),
        ("SRMember", "/is_disabled", json!("0"), "/is_disabled type"),
        (
            "SRMember",
            "/demographic_info/sex",
            json!(1),
            "/demographic_info/sex enum,/demographic_info/sex type",
        ),
        (
            "SRMember",
            "/disability_info/0/functional_severity",
            json!("5"),
            "/disability_info/0/functional_severity enum",
        ),
        ("Group", "/group_size", json!(-1), "/group_size minimum"),
        (
            "Group",
            "/member_list/0/member_identifier/0/identifier_value",
            Value::Null,
            "/member_list/0/member_identifier/0/identifier_value required",
        ),
        (
            "CRVSPerson",
            "/marriage_date/0",
            json!("once"),
            "/marriage_date/0 format",
        ),
        (
            "CRVSPerson",
            "/parent1_identifier/identifier_type",
            Value::Null,
            "/parent1_identifier/identifier_type required",
        ),
        (
            "CRVSPerson",
            "/birth_place/contained_in_place/name",
            json!(1),
            "/birth_place/contained_in_place/name type",
        ),
        (
            "Farmer",
            "/farm_details/0/land_tenure",
            json!("8"),
            "/farm_details/0/land_tenure enum",
        ),
        (
            "Farmer",
            "/farm_details/0/farming_activities/aquaculture/0",
            json!("321"),
            "/farm_details/0/farming_activities/aquaculture/0 enum",
        ),
        (
            "PWDPerson",
            "/disability_status",
            json!("Approved"),
            "/disability_status enum",
        ),
        (
            "PWDPerson",
            "/disability_support/0/human_assistance/0/intensity",
            json!("9"),
            "/disability_support/0/human_assistance/0/intensity enum",
        ),
        (
            "Beneficiary",
            "/enrollment_status",
            Value::Null,
            "/enrollment_status required",
        ),
        (
            "Beneficiary",
            "/benefits/0/benefit_type",
            json!("Cash"),
            "/benefits/0/benefit_type enum",
        ),
        (
            "ESSMember",
            "/employment_info/0/start_date",
            json!("2020"),
            "/employment_info/0/start_date format",
        ),
        (
            "ESSGroup",
            "/member_list/0/unemployment_reason",
            json!("9"),
            "/member_list/0/unemployment_reason enum",
        ),
    ] {
        assert_eq!(
            faults(record_type, pointer, value).join(","),
            expected,
            "{record_type} {pointer}"
        );
    }
}

#[test]
fn every_name_in_use_finds_its_type() {
    for (name, expected) in [
        ("spdci-extensions-dci:Person", "Person"),
        ("spdci-extensions-dci:DisabledPerson", "PWDPerson"),
        ("spdci-extensions-dci:FRPerson", "FRPerson"),
        ("spdci-extensions-social:Member", "SRMember"),
        ("spdci-extensions-ibr:Group", "IBRGroup"),
        ("ns:org:RegistryRecordType:Person", "Person"),
        ("ns:org:RegistryType:Social:Member", "SRMember"),
        ("https://schema.spdci.org/extensions/fr/v1/data/Farmer", "Farmer"),
        (
            "https://schema.spdci.org/extensions/dr/v1/data/Member",
            "DRMember",
        ),
        ("spdci:SR_Person", "SRPerson"),
        ("PWD_Person", "PWDPerson"),
        ("member", "Member"),
        ("CRVS_Person", "CRVSPerson"),
        ("crvs:person", "CRVSPerson"),
        ("Farmer", "Farmer"),
        ("ess:beneficiary", "ESSBeneficiary"),
        ("Beneficiary", "Beneficiary"),
        ("Household", "Group"),
    ] {
        let found = records::type_of(name).map(|t| t.component.as_str());
        assert_eq!(found, Some(expected), "{name}");
        assert!(records::schema_of(name).is_some());
    }
    for unknown in [
        "",
        ":",
        "Individual",
        "spdci-extensions-dci:",
        "Person:SR:Unknown",
    ] {
        assert!(records::schema_of(unknown).is_none(), "{unknown}");
    }
}

#[test]
fn every_record_type_is_a_component() {
    let document = Document::bundled("dci-records.yaml").unwrap();
    let components: BTreeSet<&str> = document.component_names().collect();
    for record_type in records::types() {
        assert!(
            components.contains(record_type.component.as_str()),
            "{}",
            record_type.component
        );
        assert!(
            records::type_of(&record_type.component).is_some_and(|t| t.component == record_type.component)
        );
    }
    assert!(document.component("no-such").is_none());
}

#[test]
fn a_schema_is_compiled_once() {
    let again = records::schema_of("Person").unwrap();
    assert!(std::ptr::eq(records::schema_of("spdci:person").unwrap(), again));
}
