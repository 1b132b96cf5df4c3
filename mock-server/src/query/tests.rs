//! Searches over a handful of records.

use super::*;
use serde_json::json;
use specs::catalogue::{Catalogue, Registry};

fn registry() -> Registry {
    let profile = Catalogue::bundled().profile("dci-social").unwrap();
    profile.registry.clone().unwrap()
}

/// Six people, named by their numbers.
fn records() -> Vec<Value> {
    let born = [
        "1980-05-01",
        "2000-02-29",
        "1980-05-01",
        "1990-01-01",
        "2020-11-02",
        "1975-12-31",
    ];
    let sex = ["female", "male", "male", "female", "female", "male"];
    let record = |n: usize| {
        json!({"demographic_info": {
            "identifier": [{"identifier_type": "UIN", "identifier_value": format!("100{n}")}],
            "birth_date": format!("{}T00:00:00Z", born[n]),
            "sex": sex[n],
        }})
    };
    (0..6).map(record).collect()
}

#[track_caller]
fn numbers(criteria: impl Into<Value>, defects: &[Defect]) -> Vec<usize> {
    let criteria = Criteria::read(&criteria.into(), &registry()).unwrap();
    let (records, cx) = (records(), Defects::of_bundled("dci-social", defects));
    let found = agreement::found(&records, &registry(), &criteria, &cx);
    let number = |r: &Value| {
        let id = r
            .pointer("/demographic_info/identifier/0/identifier_value")
            .unwrap();
        id.as_str().unwrap()[3..].parse().unwrap()
    };
    found.records.iter().map(number).collect()
}

fn expression(name: &str, operator: &str, value: &Value) -> Value {
    json!({"attribute_name": name, "operator": operator, "attribute_value": value})
}

#[track_caller]
fn by_date(operator: &str, value: impl Into<Value>) -> Vec<usize> {
    let first = expression("birth_date", operator, &value.into());
    numbers(
        json!({"query_type": "predicate", "query": [{"expression1": first}]}),
        &[],
    )
}

#[test]
fn operators_compare_typed_values() {
    assert_eq!(by_date("eq", json!("1980-05-01")), [0, 2]);
    assert_eq!(by_date("eq", json!("1980-05-01T00:00:00Z")), [0, 2]);
    assert_eq!(by_date("ge", json!("2000-02-29")), [1, 4]);
    assert_eq!(by_date("gt", json!("2000-02-29")), [4]);
    assert_eq!(by_date("le", json!("1980-05-01")), [0, 2, 5]);
    assert_eq!(by_date("lt", json!("1980-05-01")), [5]);
    assert_eq!(
        by_date("in", json!(["1990-01-01", "2020-11-02", "1111-11-11"])),
        [3, 4]
    );
    assert_eq!(by_date("in", json!("1990-01-01")), [3]);
    assert_eq!(by_date("in", json!([])), [0_usize; 0]);
    assert_eq!(by_date("eq", json!(1980)), [0_usize; 0]);
}

#[test]
fn conditions_join_two_expressions_and_the_list_joins_all() {
    let women = expression("sex", "eq", &json!("female"));
    let eighties = expression("birth_date", "eq", &json!("1980-05-01"));
    let with = |condition: &str| {
        let clause = json!({"expression1": women, "condition": condition, "expression2": eighties});
        numbers(json!({"query_type": "predicate", "query": [clause]}), &[])
    };
    assert_eq!(with("and"), [0]);
    assert_eq!(with("or"), [0, 2, 3, 4]);
    assert_eq!(with("not"), [3, 4]);
    let list = json!([{"expression1": women}, {"expression1": eighties}]);
    assert_eq!(
        numbers(json!({"query_type": "predicate", "query": list}), &[]),
        [0]
    );
    let without = json!([{"expression1": women, "expression2": eighties}]);
    assert_eq!(
        numbers(json!({"query_type": "predicate", "query": without}), &[]),
        [0]
    );
}

#[test]
fn identifiers_match_in_type_and_value() {
    let by_id = |kind: &str, value: Value| {
        numbers(
            json!({"query_type": "idtype-value", "query": {"type": kind, "value": value}}),
            &[],
        )
    };
    assert_eq!(by_id("UIN", json!("1003")), [3]);
    assert_eq!(by_id("UIN", json!(1003)), [3]);
    assert_eq!(by_id("UIN", json!("100")), [0_usize; 0]);
    assert_eq!(by_id("BRN", json!("1003")), [0_usize; 0]);
}

#[test]
fn results_are_sorted_totally_and_cut_into_pages() {
    let sorted = |sort: Value, size: usize, number: usize| {
        let page = json!({"page_size": size, "page_number": number});
        let all = [json!({"expression1": expression("birth_date", "gt", &json!("1900-01-01"))})];
        numbers(
            json!({"query_type": "predicate", "query": all, "sort": sort, "pagination": page}),
            &[],
        )
    };
    let up = json!([{"attribute_name": "birth_date"}]);
    let down = json!([{"attribute_name": "birth_date", "sort_order": "desc"}]);
    let two = json!([{"attribute_name": "sex"}, {"attribute_name": "birth_date", "sort_order": "desc"}]);
    assert_eq!(sorted(up.clone(), 9, 1), [5, 0, 2, 3, 1, 4]);
    assert_eq!(sorted(down, 9, 1), [4, 1, 3, 0, 2, 5]);
    assert_eq!(sorted(two, 9, 1), [4, 3, 0, 1, 2, 5]);
    assert_eq!(sorted(up.clone(), 4, 1), [5, 0, 2, 3]);
    assert_eq!(sorted(up.clone(), 4, 2), [1, 4]);
    assert_eq!(sorted(up, 4, 3), [0_usize; 0]);
}

#[track_caller]
fn rejected(criteria: &Value) -> &'static str {
    Criteria::read(criteria, &registry()).unwrap_err().code
}

#[test]
fn what_this_registry_cannot_do_is_rejected() {
    let unknown = json!([{"expression1": expression("shoe_size", "eq", &json!(42))}]);
    assert_eq!(
        rejected(&json!({"query_type": "predicate", "query": unknown})),
        "rjct.search_criteria.invalid"
    );
    assert_eq!(
        rejected(&json!({"query_type": "expression", "query": {"type": "x", "value": {}}})),
        "rjct.search_criteria.invalid"
    );
    assert_eq!(
        rejected(&json!({"query_type": "graphql", "query": {"type": "x", "value": {}}})),
        "rjct.search_criteria.invalid"
    );
    assert_eq!(
        rejected(&json!({"reg_type": "ns:org:RegistryType:Civil"})),
        "rjct.search_criteria.invalid"
    );
    assert_eq!(
        rejected(&json!({"sort": [{"attribute_name": "shoe_size"}]})),
        "rjct.sort.invalid"
    );
}

#[test]
fn what_nobody_checked_is_read_as_nothing_asked() {
    let everybody = [0, 1, 2, 3, 4, 5];
    for criteria in [
        json!(null),
        json!({}),
        json!({"query_type": "namedQuery", "query": "{}"}),
        json!({"query_type": "predicate"}),
        json!({"query_type": "predicate", "query": "x"}),
        json!({"query_type": "predicate", "query": [{}, {"expression1": {"operator": "like"}}]}),
        json!({"sort": "x", "pagination": {"page_size": 0, "page_number": -1}}),
        json!({"pagination": {"page_size": 1.5}}),
    ] {
        assert_eq!(numbers(criteria.clone(), &[]), everybody, "{criteria}");
    }
}

/// Criteria with an expression.
fn in_nosql(query: &Value) -> Value {
    json!({"query_type": "expression", "query":
        {"type": "ns:org:QueryType:NoSql", "value": {"expression": {"query": query}}}})
}

#[test]
fn expressions_join_comparisons() {
    let by = |query: Value| numbers(in_nosql(&query), &[]);
    assert_eq!(by(json!({"$and": [{"sex": {"$eq": "female"}}]})), [0, 3, 4]);
    assert_eq!(by(json!({"sex": "female"})), [0, 3, 4]);
    let born = |operator: &str, day: &str| json!({"birth_date": {operator: day}});
    assert_eq!(by(born("$gt", "2000-02-29")), [4]);
    assert_eq!(by(born("$gte", "2000-02-29")), [1, 4]);
    assert_eq!(by(born("$lt", "1980-05-01")), [5]);
    assert_eq!(by(born("$lte", "1980-05-01")), [0, 2, 5]);
    assert_eq!(by(born("$ne", "1980-05-01")), [1, 3, 4, 5]);
    let span = json!({"birth_date": {"$gt": "1979-01-01", "$lt": "1991-01-01"}});
    assert_eq!(by(span.clone()), [0, 2, 3]);
    assert_eq!(by(json!({"sex": "male", "$not": span})), [1, 5]);
    let days = json!(["1990-01-01", "2020-11-02"]);
    assert_eq!(by(json!({"birth_date": {"$in": days}})), [3, 4]);
    assert_eq!(by(json!({"birth_date": {"$nin": days}})), [0, 1, 2, 5]);
    let either = json!([{"sex": "female"}, born("$lt", "1980-01-01")]);
    assert_eq!(by(json!({"$or": either})), [0, 3, 4, 5]);
    assert_eq!(by(json!({"$nor": either})), [1, 2]);
    let defects = [Defect::GeAsGt];
    assert_eq!(numbers(in_nosql(&born("$gte", "2000-02-29")), &defects), [4]);
}

#[test]
fn expressions_that_cannot_be_read_are_rejected() {
    let mut deep = json!({"sex": "male"});
    for _ in 0..40 {
        deep = json!({"$not": deep});
    }
    for query in [
        json!(null),
        json!({}),
        json!([]),
        json!({"$and": []}),
        json!({"$and": {"sex": "male"}}),
        json!({"$or": ["male"]}),
        json!({"$not": "male"}),
        json!({"$where": "true"}),
        json!({"shoe_size": 42}),
        json!({"sex": {}}),
        json!({"sex": {"$like": "m"}}),
        json!({"sex": {"eq": "male"}}),
        json!({"sex": {"$in": "male"}}),
        deep,
    ] {
        assert_eq!(
            rejected(&in_nosql(&query)),
            "rjct.search_criteria.invalid",
            "{query}"
        );
    }
    let mut sql = in_nosql(&json!({"sex": "male"}));
    sql["query"]["type"] = "ns:org:QueryType:Sql".into();
    assert_eq!(rejected(&sql), "rjct.search_criteria.invalid");
}

#[test]
fn items_are_taken_by_their_numbers() {
    let women = expression("sex", "eq", &json!("female"));
    let old = expression("birth_date", "lt", &json!("1980-01-01"));
    let list = json!([{"seq_num": 2, "expression1": women}, {"seq_num": 1, "expression1": old}, {}]);
    let criteria = json!({"query_type": "predicate", "query": list});
    assert_eq!(numbers(criteria.clone(), &[]), [0_usize; 0]);
    assert_eq!(numbers(criteria, &[Defect::LaterItemsIgnored]), [5]);
}

#[test]
fn a_result_that_no_page_can_hold_is_rejected() {
    use crate::data::People;
    use crate::state::Register;
    let profile = Catalogue::bundled().profile("dci-social").unwrap();
    let register = Register::of(People::of(profile, MOST_RECORDS + 1, 1), &registry());
    let found = |size: usize, number: usize| {
        let page = json!({"page_size": size, "page_number": number});
        let criteria = Criteria::read(&json!({"pagination": page}), &registry()).unwrap();
        let found = register.search(&criteria, &Defects::default());
        found.map(|f| (f.records.len(), f.total)).map_err(|r| r.code)
    };
    assert_eq!(found(MOST_RECORDS, 1), Ok((MOST_RECORDS, MOST_RECORDS + 1)));
    assert_eq!(found(MOST_RECORDS, 2), Ok((1, MOST_RECORDS + 1)));
    assert_eq!(
        found(MOST_RECORDS + 1, 1),
        Err("rjct.search.too_many_records_found")
    );
}
