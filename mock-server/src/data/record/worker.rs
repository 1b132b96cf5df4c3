//! A member of an economic support service: work, and the want of it.

use super::member;
use crate::data::person::Person;
use jiff::ToSpan as _;
use jiff::civil::date;
use serde_json::{Value, json};

/// `employment_status` of somebody who works.
const EMPLOYED: &str = "1";
/// `employment_status` of somebody without work.
const NOT_EMPLOYED: &str = "2";

/// Programmes of support.
const PROGRAMMES: [&str; 3] = ["ESS-SKILLS-01", "ESS-WAGES-02", "ESS-START-03"];

pub(super) fn write(person: &Person) -> Value {
    let mut random = person.random();
    let mut record = member::write(person, "ESSPerson");
    let jobs = ["Clerk", "Driver", "Tailor", "Nurse", "Mason", "Teacher"];
    let begun = (person.born.checked_add(17.years())).unwrap_or(date(2015, 1, 1));
    let mut job = json!({
        "start_date": begun.to_string(),
        "job_title": random.pick(&jobs),
        "employment_type": random.pick(&["1", "2", "3"]),
    });
    if random.chance(55) {
        let ended = begun.checked_add(2.years()).unwrap_or(begun);
        job["end_date"] = ended.to_string().into();
        record["employment_status"] = NOT_EMPLOYED.into();
        record["unemployment_reason"] = random.pick(&["1", "2", "3"]).into();
    } else {
        record["employment_status"] = EMPLOYED.into();
    }
    record["employment_info"] = json!([job]);
    let programme = random.pick(&PROGRAMMES);
    record["additional_attributes"] = json!([{"name": "programme_identifier", "value": programme}]);
    record
}
