//! A person whose disability was recognised, and the support they need or have.

use super::{member, midnight};
use crate::data::person::Person;
use serde_json::{Value, json};

/// `disability_status` of an assessment that was approved.
const APPROVED: &str = "0";

pub(super) fn write(person: &Person) -> Value {
    let mut random = person.random();
    let mut member = member::write(person, "DRPerson");
    member["is_disabled"] = true.into();
    let impairment = json!({
        "impairment_type": random.pick(&["1", "2", "3", "4", "5", "6"]),
        "impairment_level": random.pick(&["1", "2", "3", "4"]),
        "impairment_cause": random.pick(&["0", "1", "2", "3"]),
        "age_on_set": random.pick(&["0", "1"]),
    });
    let status = random.pick(&["0", "1"]);
    let mut support = json!({
        "assistive_technology": [{"type": random.pick(&["1", "2", "3"]), "status": status}],
        "registration_date": midnight(person.registered),
    });
    if random.chance(50) {
        let kind = random.pick(&["basic_activity", "mobility", "communication"]);
        let intensity = random.pick(&["1", "2", "3"]);
        support["human_assistance"] = json!([{"type": kind, "intensity": intensity, "support": "1"}]);
    }
    if random.chance(20) {
        support["medical_care"] = json!([{"type": "maintenance_medicine", "status": "1"}]);
    }
    json!({
        "@type": "DisabledPerson",
        "personal_details": member,
        "disability_status": APPROVED,
        "disability_status_level": random.pick(&["1", "2", "3", "4"]),
        "disability_details": [impairment],
        "disability_support": [support],
        "transport_requirement": random.pick(&["0", "1", "2"]),
        "registration_date": midnight(person.registered),
        "last_updated": midnight(person.updated),
    })
}
