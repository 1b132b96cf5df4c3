//! A person whose disability was recognised, and the support they need or have.

use super::Midnight;
use super::member::{self, Member};
use crate::data::person::Person;
use serde::Serialize;

/// `disability_status` of an assessment that was approved.
const APPROVED: &str = "0";

/// As it is written.
#[derive(Serialize)]
pub(super) struct Disability<'p> {
    #[serde(rename = "@type")]
    kind: &'static str,
    personal_details: Member<'p>,
    disability_status: &'static str,
    disability_status_level: &'static str,
    disability_details: [Impairment; 1],
    disability_support: [Support; 1],
    transport_requirement: &'static str,
    registration_date: Midnight,
    last_updated: Midnight,
}

#[derive(Serialize)]
struct Impairment {
    impairment_type: &'static str,
    impairment_level: &'static str,
    impairment_cause: &'static str,
    age_on_set: &'static str,
}

#[derive(Serialize)]
struct Support {
    assistive_technology: [Aid; 1],
    registration_date: Midnight,
    #[serde(skip_serializing_if = "Option::is_none")]
    human_assistance: Option<[Assistance; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    medical_care: Option<[Aid; 1]>,
}

#[derive(Serialize)]
struct Aid {
    #[serde(rename = "type")]
    kind: &'static str,
    status: &'static str,
}

#[derive(Serialize)]
struct Assistance {
    #[serde(rename = "type")]
    kind: &'static str,
    intensity: &'static str,
    support: &'static str,
}

pub(super) fn of(person: &Person) -> Disability<'_> {
    let mut random = person.random();
    let mut personal_details = member::of(person, "DRPerson");
    personal_details.is_disabled = true;
    let impairment = Impairment {
        impairment_type: random.pick(&["1", "2", "3", "4", "5", "6"]),
        impairment_level: random.pick(&["1", "2", "3", "4"]),
        impairment_cause: random.pick(&["0", "1", "2", "3"]),
        age_on_set: random.pick(&["0", "1"]),
    };
    let status = random.pick(&["0", "1"]);
    let technology = Aid {
        kind: random.pick(&["1", "2", "3"]),
        status,
    };
    let human_assistance = random.chance(50).then(|| {
        [Assistance {
            kind: random.pick(&["basic_activity", "mobility", "communication"]),
            intensity: random.pick(&["1", "2", "3"]),
            support: "1",
        }]
    });
    let medical_care = random.chance(20).then_some([Aid {
        kind: "maintenance_medicine",
        status: "1",
    }]);
    Disability {
        kind: "DisabledPerson",
        personal_details,
        disability_status: APPROVED,
        disability_status_level: random.pick(&["1", "2", "3", "4"]),
        disability_details: [impairment],
        disability_support: [Support {
            assistive_technology: [technology],
            registration_date: Midnight(person.registered),
            human_assistance,
            medical_care,
        }],
        transport_requirement: random.pick(&["0", "1", "2"]),
        registration_date: Midnight(person.registered),
        last_updated: Midnight(person.updated),
    }
}
