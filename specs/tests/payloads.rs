//! What the text of a DIGIT Exchange message holds, by the type of the exchange.

use serde_json::{Value, json};
use specs::document::Document;
use specs::schema::Schema;
use specs::wire::rsa::VerifyingKey;

fn document() -> Document {
    Document::bundled("digit-exchange.yaml").expect("our own document")
}

/// The schema of the payload of a type.
fn payload(exchange_type: &str) -> Schema {
    let document = document();
    let table = document
        .value()
        .pointer("/components/schemas/Envelope/properties/message/x-payloads")
        .expect("a table of payloads");
    let target = table[exchange_type]["$ref"].as_str().expect("a reference");
    let component = target.rsplit('/').next().expect("a name");
    let resolved = document
        .component(component)
        .expect("a component")
        .expect("a schema");
    Schema::compile(&resolved).expect("a schema that compiles")
}

const TYPES: [&str; 4] = ["program", "sanction", "allocation", "disburse"];

/// A message of a type with every member that has a rule.
fn message(exchange_type: &str) -> Value {
    let mut message = match exchange_type.trim_start_matches("on-") {
        "program" => json!({
            "location_code": "rv", "name": "Cash for schooling", "start_date": 1, "end_date": 0,
            "description": "Transfers", "client_host_url": "https://spp.example.org"
        }),
        "sanction" => json!({
            "location_code": "rv", "program_code": "P-1", "net_amount": 0.5, "gross_amount": 1,
            "children": [{"location_code": "rv", "program_code": "P-1", "net_amount": 1, "gross_amount": 1}]
        }),
        "allocation" => json!({
            "location_code": "rv", "program_code": "P-1", "net_amount": 1, "gross_amount": 1,
            "sanction_id": "S-1", "allocation_type": "DEDUCTION"
        }),
        _ => json!({
            "location_code": "rv", "program_code": "P-1", "target_id": "T-1", "net_amount": 2, "gross_amount": 2,
            "individual": {"name": "Amina Okoro", "phone": "+2348012345678", "address": "1 Mill Lane"},
            "children": [
                {"location_code": "rv", "program_code": "P-1", "target_id": "T-2", "net_amount": 2, "gross_amount": 2}
            ]
        }),
    };
    message["function_code"] = json!("F-01");
    message["status"] = json!({"status_code": "RECEIVED"});
    message
}

#[test]
fn each_type_and_its_answer_have_a_payload() {
    let document = document();
    let table = document
        .value()
        .pointer("/components/schemas/Envelope/properties/message/x-payloads")
        .and_then(Value::as_object)
        .unwrap();
    let served = document.value()["paths"]["/v1/exchange/{type}"]["parameters"][0]["schema"]["enum"]
        .as_array()
        .unwrap();
    let served: Vec<&str> = served.iter().filter_map(Value::as_str).collect();
    assert_eq!(table.keys().collect::<Vec<_>>(), served);
    for exchange_type in served {
        assert_eq!(
            payload(exchange_type).violations(&message(exchange_type)),
            [],
            "{exchange_type}"
        );
    }
}

#[test]
fn an_answer_says_how_far_things_have_come() {
    for exchange_type in TYPES {
        let mut message = message(exchange_type);
        message.as_object_mut().unwrap().shift_remove("status");
        assert!(payload(exchange_type).is_valid(&message), "{exchange_type}");
        let found = payload(&format!("on-{exchange_type}")).violations(&message);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            (found[0].pointer.as_str(), found[0].keyword.as_str()),
            ("/status", "required")
        );
    }
}

#[test]
fn what_is_wrong_is_named_where_it_stands() {
    for (exchange_type, pointer, value, expected) in [
        ("program", "/name", Value::Null, "/name required"),
        (
            "program",
            "/location_code",
            Value::Null,
            "/location_code required",
        ),
        ("program", "/start_date", json!(0), "/start_date minimum"),
        ("program", "/start_date", json!("1708428280"), "/start_date type"),
        ("program", "/description", json!("x"), "/description minLength"),
        (
            "program",
            "/function_code",
            json!("F"),
            "/function_code minLength",
        ),
        (
            "program",
            "/function_code",
            json!("F".repeat(65)),
            "/function_code maxLength",
        ),
        (
            "program",
            "/status/status_code",
            json!("SUCCESS"),
            "/status/status_code enum",
        ),
        (
            "sanction",
            "/net_amount",
            json!(0),
            "/net_amount exclusiveMinimum",
        ),
        ("sanction", "/gross_amount", json!("1"), "/gross_amount type"),
        ("sanction", "/program_code", Value::Null, "/program_code required"),
        (
            "sanction",
            "/children/0/net_amount",
            json!(-1),
            "/children/0/net_amount exclusiveMinimum",
        ),
        ("allocation", "/sanction_id", Value::Null, "/sanction_id required"),
        (
            "allocation",
            "/allocation_type",
            json!("allocation"),
            "/allocation_type enum",
        ),
        ("disburse", "/target_id", Value::Null, "/target_id required"),
        (
            "disburse",
            "/individual/phone",
            Value::Null,
            "/individual/phone required",
        ),
        (
            "disburse",
            "/children/0/target_id",
            Value::Null,
            "/children/0/target_id required",
        ),
    ] {
        let mut message = message(exchange_type);
        let (holder, name) = pointer.rsplit_once('/').unwrap();
        let members = message.pointer_mut(holder).unwrap().as_object_mut().unwrap();
        if value.is_null() {
            members.shift_remove(name).unwrap();
        } else {
            members.insert(name.to_owned(), value).unwrap();
        }
        let found = payload(exchange_type).violations(&message).into_iter();
        let found: Vec<String> = found.map(|v| format!("{} {}", v.pointer, v.keyword)).collect();
        assert_eq!(found, [expected], "{exchange_type} {pointer}");
    }
}

#[test]
fn the_examples_are_signed_and_their_payloads_are_valid() {
    let keys = [
        include_str!("../vectors/demo-keys/sender.pub.pem"),
        include_str!("../vectors/demo-keys/receiver.pub.pem"),
    ];
    let examples = document().examples().unwrap();
    let requests: Vec<_> = examples.iter().filter(|e| e.part == "request").collect();
    assert_eq!(requests.len(), keys.len());
    for (example, key) in requests.into_iter().zip(keys) {
        let text = example.value["message"].as_str().unwrap();
        let signature = example.value["signature"].as_str().unwrap();
        let key = VerifyingKey::from_pem(key).unwrap();
        key.verify(text.as_bytes(), signature).unwrap();
        let message: Value = serde_json::from_str(text).unwrap();
        assert_eq!(payload(&example.name).violations(&message), []);
    }
}
