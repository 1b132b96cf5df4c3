//! Searches by index find what the plain scan finds: the same records, on the same page, of the same total.

use super::*;
use crate::query::formula::Formula;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, json};
use specs::catalogue::{Catalogue, Registry};

/// The index over these records, `first` of which are there from the start.
fn index(records: &[Value], first: usize, registry: &Registry) -> Index {
    let values = |record: &Value| -> Vec<String> {
        let held = identifiers(record, registry);
        held.map(|(_, value)| value.to_owned()).collect()
    };
    let column = |pointer: &String| {
        let mut keys: Vec<Key> = Vec::new();
        let mut value_of = Vec::new();
        for record in &records[..first] {
            let key = Key::of(record.pointer(pointer));
            let known = keys.iter().position(|known| *known == key);
            let number = known.unwrap_or_else(|| {
                keys.push(key);
                keys.len() - 1
            });
            value_of.push(u32::try_from(number).unwrap());
        }
        Column::of(keys, value_of)
    };
    let columns = registry.attributes.values().map(column).collect();
    let mut known = Identifiers::default();
    for (id, record) in (0..).zip(&records[..first]) {
        for value in values(record) {
            known.add(&value, id);
        }
    }
    let mut index = Index::of(registry, first, records.len() + 1, columns, known);
    for record in &records[first..] {
        let held = values(record);
        let held: Vec<&str> = held.iter().map(String::as_str).collect();
        // Replaced once by itself, as an event may do.
        let id = index.push(&json!({}), &[]);
        index.remove(id, &[]);
        index.insert(id, record, &held);
    }
    index
}

fn by_index(
    records: &[Value],
    first: usize,
    registry: &Registry,
    criteria: &Criteria,
    cx: &Defects,
) -> Found<Value> {
    let index = index(records, first, registry);
    let record = |id: u32| records.get(id as usize).cloned();
    index.search(criteria, cx, record).unwrap().read(record)
}

/// What both ways of searching find.
#[track_caller]
pub(super) fn found(
    records: &[Value],
    registry: &Registry,
    criteria: &Criteria,
    cx: &Defects,
) -> Found<Value> {
    let scanned = scan::search(records, criteria, cx);
    for first in [0, records.len() / 2, records.len()] {
        let found = by_index(records, first, registry, criteria, cx);
        assert_eq!(found.records, scanned.records, "{criteria:?}");
        assert_eq!(
            (found.total, found.page_size, found.page_number),
            (scanned.total, scanned.page_size, scanned.page_number),
            "{criteria:?}"
        );
    }
    scanned
}

fn registry() -> Registry {
    let profile = Catalogue::bundled().profile("dci-social").unwrap();
    let mut registry = profile.registry.clone().unwrap();
    let more = registry.attributes.first().unwrap().1.clone();
    registry
        .attributes
        .insert("height".to_owned(), "/height".to_owned());
    registry.attributes.insert("also_birth_date".to_owned(), more);
    registry
}

const DATES: [&str; 10] = [
    "2000-01-01",
    "2000-01-02",
    "1999-12-31",
    "2000-01-01T00:00:00Z",
    "2000-01-01T12:00:00Z",
    "2000-01-01T23:30:00-02:00",
    "2000-01-02T01:30:00Z",
    "2000-01-02T00:30:00+02:00",
    "1965-02-28T12:00:00.5Z",
    "1998-12-31T23:59:60Z",
];

/// Values of every kind, few enough that they meet.
fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => select(DATES.to_vec()).prop_map(Value::from),
        3 => select(vec!["", "Ana", "ana", "Béa", "عمر", "2000-13-01", "x"]).prop_map(Value::from),
        2 => (-2..3_i64).prop_map(Value::from),
        1 => select(vec![0.5, -0.0, 1e300]).prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => select(vec![json!(null), json!([]), json!({"a": 1}), json!(["x"])]),
    ]
}

fn record() -> impl Strategy<Value = Value> {
    let identifier = (select(vec!["UIN", "BRN"]), 0..6_u8);
    let identifiers = proptest::collection::vec(identifier, 0..3);
    let values = proptest::collection::vec(proptest::option::weighted(0.85, value()), 4);
    (identifiers, values, 0..1000_u32).prop_map(|(identifiers, values, mark)| {
        let listed = identifiers
            .iter()
            .map(|(kind, value)| json!({"identifier_type": kind, "identifier_value": value.to_string()}));
        let mut record =
            json!({"mark": mark, "demographic_info": {"identifier": listed.collect::<Vec<_>>()}});
        let mut name = Map::new();
        for (member, value) in ["birth_date", "sex", "given_name", "height"].iter().zip(values) {
            let Some(value) = value else { continue };
            match *member {
                "height" => record["height"] = value,
                "given_name" => {
                    name.insert((*member).to_owned(), value);
                }
                _ => record["demographic_info"][member] = value,
            }
        }
        record["demographic_info"]["name"] = name.into();
        record
    })
}

fn attribute() -> impl Strategy<Value = &'static str> {
    select(vec![
        "birth_date",
        "birth_date",
        "sex",
        "given_name",
        "height",
        "surname",
        "also_birth_date",
    ])
}

fn comparison() -> impl Strategy<Value = Value> {
    let values = proptest::collection::vec(value(), 0..4).prop_map(Value::from);
    let operator = select(vec!["eq", "gt", "ge", "lt", "le", "in"]);
    (attribute(), operator, prop_oneof![4 => value(), 1 => values]).prop_map(|(name, operator, value)| {
        json!({"attribute_name": name, "operator": operator, "attribute_value": value})
    })
}

fn predicate() -> impl Strategy<Value = Value> {
    let condition = select(vec![None, Some("and"), Some("or"), Some("not")]);
    let second = proptest::option::of(comparison());
    let number = proptest::option::of(0..4_u8);
    let clause = (comparison(), condition, second, number).prop_map(|(first, condition, second, number)| {
        let mut clause = json!({"expression1": first});
        let members = [
            ("condition", condition.map(Value::from)),
            ("expression2", second),
            ("seq_num", number.map(Value::from)),
        ];
        for (name, value) in members {
            if let Some(value) = value {
                clause[name] = value;
            }
        }
        clause
    });
    proptest::collection::vec(clause, 1..4).prop_map(|list| json!({"query_type": "predicate", "query": list}))
}

fn expression() -> impl Strategy<Value = Value> {
    let operator = select(vec!["$eq", "$ne", "$gt", "$gte", "$lt", "$lte"]);
    let leaf =
        (attribute(), operator, value()).prop_map(|(name, operator, value)| json!({name: {operator: value}}));
    let query = leaf.prop_recursive(3, 12, 3, |inner| {
        let list = proptest::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            (select(vec!["$and", "$or", "$nor"]), list).prop_map(|(joined, list)| json!({joined: list})),
            inner.prop_map(|part| json!({"$not": part})),
        ]
    });
    query.prop_map(|query| {
        json!({"query_type": "expression", "query":
            {"type": "ns:org:QueryType:NoSql", "value": {"expression": {"query": query}}}})
    })
}

fn criteria() -> impl Strategy<Value = Value> {
    let identifier = (
        select(vec!["UIN", "BRN", "X"]),
        select(vec!["0", "1", "2", "3", "4", "5", "6", ""]),
    )
        .prop_map(
            |(kind, value)| json!({"query_type": "idtype-value", "query": {"type": kind, "value": value}}),
        );
    let query = prop_oneof![1 => identifier, 4 => predicate(), 2 => expression(), 1 => Just(json!({}))];
    let key = (attribute(), select(vec!["asc", "desc"]))
        .prop_map(|(name, order)| json!({"attribute_name": name, "sort_order": order}));
    let sort = proptest::collection::vec(key, 0..3);
    let page = proptest::option::of((1..7_usize, 1..4_usize));
    let entity = select(vec!["Member", "Member", "Member", "Group"]);
    (query, sort, page, entity).prop_map(|(mut query, sort, page, entity)| {
        query["sort"] = sort.into();
        query["response_entity"] = entity.into();
        if let Some((size, number)) = page {
            query["pagination"] = json!({"page_size": size, "page_number": number});
        }
        query
    })
}

/// The defects that a search can commit.
const DEFECTS: [Defect; 20] = [
    Defect::EqFindsNothing,
    Defect::Expression2Ignored,
    Defect::GeAsGt,
    Defect::GtAsGe,
    Defect::IdentifierFindsNothing,
    Defect::IdentifierPrefixMatch,
    Defect::IdentifierTypeIgnored,
    Defect::InFirstOnly,
    Defect::LaterItemsIgnored,
    Defect::LeAsLt,
    Defect::LtAsLe,
    Defect::NoMatchFirstRecord,
    Defect::OrAsAnd,
    Defect::PageSizeIgnored,
    Defect::PageTwoRepeatsOne,
    Defect::PagesFromZero,
    Defect::PredicateIgnored,
    Defect::SortAlwaysAscending,
    Defect::SortIgnored,
    Defect::TotalOfPage,
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn searches_by_index_find_what_a_scan_finds(
        records in proptest::collection::vec(record(), 0..60),
        criteria in criteria(),
        defects in proptest::sample::subsequence(DEFECTS.to_vec(), 0..3),
    ) {
        let registry = registry();
        let criteria = Criteria::read(&criteria, &registry).unwrap();
        for chosen in [&[][..], &defects] {
            found(&records, &registry, &criteria, &Defects::of_bundled("dci-social", chosen));
        }
    }
}

#[test]
fn a_formula_is_what_its_query_says() {
    // Both ways of searching could be blind to a defect in the same way; this one is not.
    let registry = registry();
    let clause = json!({"expression1": {"attribute_name": "sex", "operator": "eq", "attribute_value": "x"}});
    let criteria = json!({"query_type": "predicate", "query": [clause]});
    let query = Criteria::read(&criteria, &registry).unwrap().query;
    let ignored = Defects::of_bundled("dci-social", &[Defect::PredicateIgnored]);
    assert!(matches!(query.formula(&ignored), Formula::Everything));
    assert!(matches!(query.formula(&Defects::default()), Formula::All(parts) if parts.len() == 1));
}
