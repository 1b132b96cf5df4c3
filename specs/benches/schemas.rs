//! What schemas cost: compiling those of each profile, and validating a search reply of ten records, by
//! ours and by the engine itself with the same rules written out by hand.
//!
//! `cargo bench -p specs --bench schemas`. Fails where compiling takes 50 ms or longer, where ours is
//! slower than the engine with the same rules, or where the two do not say the same. The engine's own
//! dates, which accept more, are shown beside it.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use serde_json::{Value, json};
use specs::catalogue::{Catalogue, Profile};
use specs::document::Document;
use specs::schema::Schema;
use specs::wire::time;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How long compiling all schemas of a profile may take.
const COMPILE: Duration = Duration::from_millis(50);
/// How often a time is taken; the shortest counts, since everything else is the machine's.
const ROUNDS: usize = 60;
/// How many replies are validated in one round.
const REPLIES: u32 = 200;
/// How much slower than the engine ours may seem by the clock's own noise.
const NOISE: f64 = 0.95;
/// How many records the reply has.
const RECORDS: usize = 10;

fn main() -> ExitCode {
    let mut failed = false;
    for profile in Catalogue::bundled().profiles() {
        let (schemas, took) = compile(profile);
        let slow = took >= COMPILE;
        failed |= slow;
        let word = if slow { "TOO SLOW" } else { "ok" };
        println!(
            "compile   {:<16} {schemas:>3} schemas  {took:>9.2?}  {word}",
            profile.id
        );
    }
    let reply = reply();
    let ours = social();
    let options = jsonschema::options()
        .with_draft(jsonschema::Draft::Draft4)
        .should_validate_formats(true);
    let lenient = options
        .clone()
        .build(&by_hand())
        .expect("the schema written by hand is one");
    let direct = options
        .with_format("date-time", time::is_date_time_with_zone)
        .with_format("date", time::is_full_date)
        .build(&by_hand())
        .expect("the schema written by hand is one");
    for (name, instance, valid) in [("valid", reply.clone(), true), ("wrong", spoilt(&reply), false)] {
        if ours.is_valid(&instance) != valid || direct.is_valid(&instance) != valid {
            println!("validate  {name}: ours and the engine do not both say {valid}");
            failed = true;
        }
    }
    let pairs: [(&str, Work<'_>, Work<'_>); 2] = [
        (
            "is_valid",
            &|| usize::from(ours.is_valid(black_box(&reply))),
            &|| usize::from(direct.is_valid(black_box(&reply))),
        ),
        (
            "violations",
            &|| ours.violations(black_box(&reply)).len(),
            &|| direct.iter_errors(black_box(&reply)).count(),
        ),
    ];
    for (name, ours, direct) in pairs {
        let (ours, direct) = race(ours, direct);
        let ratio = direct.as_secs_f64() / ours.as_secs_f64();
        let slow = ratio < NOISE;
        failed |= slow;
        let word = if slow { "TOO SLOW" } else { "ok" };
        println!("validate  {name:<16} ours {ours:>9.2?}  engine {direct:>9.2?}  ratio {ratio:.2}  {word}");
    }
    let (ours, direct) = race(&|| usize::from(ours.is_valid(black_box(&reply))), &|| {
        usize::from(lenient.is_valid(black_box(&reply)))
    });
    let ratio = direct.as_secs_f64() / ours.as_secs_f64();
    println!(
        "validate  {:<16} ours {ours:>9.2?}  engine {direct:>9.2?}  ratio {ratio:.2}  its own dates",
        "is_valid"
    );
    if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// Something to be timed.
type Work<'w> = &'w dyn Fn() -> usize;

/// Compiles every schema of the profile's operations and of the callbacks beside them: how many there are,
/// and the shortest time.
fn compile(profile: &Profile) -> (usize, Duration) {
    let document = Document::bundled(&profile.document).expect("a bundled document");
    let served = profile.operations.values().map(|o| o.document_path.clone());
    let callbacks = profile.operations.values().filter_map(|o| {
        let (folder, last) = o.document_path.rsplit_once('/')?;
        Some(format!("{folder}/on-{last}"))
    });
    let operations = served
        .chain(callbacks)
        .filter_map(|path| document.operation("POST", &path));
    let schemas: Vec<&Value> = operations
        .flat_map(|o| {
            let request = o.request.iter().flat_map(|body| body.content.values());
            request.chain(o.responses.values().flat_map(|r| r.content.values()))
        })
        .collect();
    let took = (0..ROUNDS).map(|_| {
        let begin = Instant::now();
        for schema in &schemas {
            black_box(Schema::compile(schema).expect("a bundled schema"));
        }
        begin.elapsed()
    });
    (schemas.len(), took.min().unwrap_or_default())
}

/// The shortest time of each for one reply, measured in turns, so that both meet the same machine.
fn race(ours: Work<'_>, direct: Work<'_>) -> (Duration, Duration) {
    let time = |work: Work<'_>| {
        let begin = Instant::now();
        for _ in 0..REPLIES {
            black_box(work());
        }
        begin.elapsed() / REPLIES
    };
    let mut best = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        best = (best.0.min(time(ours)), best.1.min(time(direct)));
    }
    best
}

/// The schema of a synchronous reply of the social registry.
fn social() -> Schema {
    let document = Document::bundled("dci-social.yaml").expect("a bundled document");
    let operation = document
        .operation("POST", "/registry/sync/search")
        .expect("the operation");
    Schema::compile(&operation.responses["default"].content["application/json"]).expect("a bundled schema")
}

/// The example of the document, with ten records.
fn reply() -> Value {
    let document = Document::bundled("dci-social.yaml").expect("a bundled document");
    let examples = document.examples().expect("the examples of a bundled document");
    let pointer = "/message/search_response/0/data/reg_records";
    let mut reply = examples
        .into_iter()
        .find(|e| {
            e.value
                .pointer(pointer)
                .and_then(Value::as_array)
                .is_some_and(|r| !r.is_empty())
        })
        .expect("an example with records")
        .value;
    if let Some(Value::Array(records)) = reply.pointer_mut(pointer) {
        let record = records[0].clone();
        records.resize(RECORDS, record);
    }
    reply
}

/// The same with one mistake in its last record.
fn spoilt(reply: &Value) -> Value {
    let mut reply = reply.clone();
    let last = format!(
        "/message/search_response/0/data/reg_records/{}/demographic_info/sex",
        RECORDS - 1
    );
    *reply.pointer_mut(&last).expect("the sex of the last record") = json!("banana");
    reply
}

/// The rules of that reply as somebody would write them down in one piece.
fn by_hand() -> Value {
    let text = json!({"type": "string"});
    let named = json!({"type": "string", "minLength": 1});
    let moment = json!({"type": "string", "format": "date-time"});
    let date =
        json!({"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]});
    let count = json!({"type": "integer", "minimum": 0});
    let status = json!({"type": "string", "enum": ["rcvd", "pdng", "succ", "rjct"]});
    let id = json!({"type": "string", "minLength": 1, "maxLength": 99});
    let identifiers = json!({"type": "array", "items": {
        "type": "object", "required": ["identifier_type", "identifier_value"],
        "properties": {"identifier_type": named, "identifier_value": named}}});
    let person = json!({"type": "object", "properties": {
        "identifier": identifiers,
        "name": {"type": "object", "properties": {
            "surname": text, "given_name": text, "second_name": text, "maiden_name": text,
            "prefix": text, "suffix": text}},
        "sex": {"type": "string", "enum": ["male", "female", "other", "unknown"]},
        "birth_date": date, "death_date": date,
        "phone_number": {"type": "array", "items": text},
        "email": {"type": "array", "items": text},
        "registration_date": date, "last_updated": date}});
    let record = json!({"type": "object", "properties": {
        "member_identifier": identifiers, "demographic_info": person,
        "is_disabled": {"type": "boolean"}, "marital_status": text, "employment_status": text,
        "occupation": text, "registration_date": date, "last_updated": date,
        "group_identifier": identifiers, "group_type": text, "group_size": count,
        "poverty_score": {"type": "number"}, "poverty_score_type": text,
        "group_head_info": {"type": "object"},
        "member_list": {"type": "array", "items": {"type": "object"}}}});
    let item = json!({"type": "object", "required": ["reference_id", "timestamp", "status"], "properties": {
        "reference_id": named, "timestamp": moment, "status": status,
        "status_reason_code": {"type": "string", "enum": [
            "rjct.reference_id.invalid", "rjct.reference_id.duplicate", "rjct.timestamp.invalid",
            "rjct.search_criteria.invalid", "rjct.filter.invalid", "rjct.sort.invalid",
            "rjct.pagination.invalid", "rjct.search.too_many_records_found"]},
        "status_reason_message": {"type": "string", "maxLength": 999},
        "data": {"type": "object", "required": ["reg_records"], "properties": {
            "version": text, "reg_type": text, "reg_event_type": text, "reg_record_type": text,
            "reg_records": {"type": "array", "items": record}}},
        "pagination": {"type": "object", "required": ["page_size", "page_number", "total_count"], "properties": {
            "page_size": count, "page_number": {"type": "integer", "minimum": 1}, "total_count": count}},
        "locale": {"type": "string", "pattern": "^[a-z]{3,3}$"}}});
    let header = json!({"type": "object", "required": ["message_id", "message_ts", "action", "status"], "properties": {
        "version": text, "message_id": named, "message_ts": moment, "action": text, "status": status,
        "status_reason_code": {"type": "string", "enum": [
            "rjct.version.invalid", "rjct.message_id.duplicate", "rjct.message_ts.invalid",
            "rjct.action.invalid", "rjct.action.not_supported", "rjct.total_count.invalid",
            "rjct.total_count.limit_exceeded", "rjct.errors.too_many"]},
        "status_reason_message": {"type": "string", "maxLength": 999},
        "total_count": count, "completed_count": count, "sender_id": text, "receiver_id": text,
        "is_msg_encrypted": {"type": "boolean"}, "meta": {"type": "object"}}});
    json!({"type": "object", "required": ["header"], "properties": {
        "signature": text, "header": header,
        "message": {"type": "object", "required": ["transaction_id", "correlation_id", "search_response"], "properties": {
            "transaction_id": id, "correlation_id": id,
            "search_response": {"type": "array", "items": item}}}}})
}
