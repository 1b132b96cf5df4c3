//! A member of an economic support service: work, and the want of it.

use super::member::{self, Demographic, Member};
use super::{Day, Identifier, Midnight};
use crate::data::person::Person;
use jiff::ToSpan as _;
use jiff::civil::date;
use serde::Serialize;

/// `employment_status` of somebody who works.
const EMPLOYED: &str = "1";
/// `employment_status` of somebody without work.
const NOT_EMPLOYED: &str = "2";

/// Programmes of support.
const PROGRAMMES: [&str; 3] = ["ESS-SKILLS-01", "ESS-WAGES-02", "ESS-START-03"];

/// As it is written: a member with more members.
#[derive(Serialize)]
pub(super) struct Worker<'p> {
    #[serde(rename = "@type")]
    kind: &'static str,
    member_identifier: [Identifier<'p>; 1],
    demographic_info: Demographic<'p>,
    is_disabled: bool,
    marital_status: &'static str,
    registration_date: Midnight,
    last_updated: Midnight,
    employment_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    unemployment_reason: Option<&'static str>,
    employment_info: [Job; 1],
    additional_attributes: [Attribute; 1],
}

#[derive(Serialize)]
struct Job {
    start_date: Day,
    job_title: &'static str,
    employment_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date: Option<Day>,
}

#[derive(Serialize)]
struct Attribute {
    name: &'static str,
    value: &'static str,
}

pub(super) fn of(person: &Person) -> Worker<'_> {
    let mut random = person.random();
    let member = member::of(person, "ESSPerson");
    let jobs = ["Clerk", "Driver", "Tailor", "Nurse", "Mason", "Teacher"];
    let begun = (person.born.checked_add(17.years())).unwrap_or(date(2015, 1, 1));
    let job_title = random.pick(&jobs);
    let employment_type = random.pick(&["1", "2", "3"]);
    let ended = random.chance(55);
    let unemployment_reason = ended.then(|| random.pick(&["1", "2", "3"]));
    let Member {
        kind,
        member_identifier,
        demographic_info,
        is_disabled,
        marital_status,
        registration_date,
        last_updated,
    } = member;
    Worker {
        kind,
        member_identifier,
        demographic_info,
        is_disabled,
        marital_status,
        registration_date,
        last_updated,
        employment_status: if ended { NOT_EMPLOYED } else { EMPLOYED },
        unemployment_reason,
        employment_info: [Job {
            start_date: Day(begun),
            job_title,
            employment_type,
            end_date: ended.then(|| Day(begun.checked_add(2.years()).unwrap_or(begun))),
        }],
        additional_attributes: [Attribute {
            name: "programme_identifier",
            value: random.pick(&PROGRAMMES),
        }],
    }
}
