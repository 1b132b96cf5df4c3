//! A farmer, the land and what grows on it.

use super::{member, midnight};
use crate::data::person::Person;
use crate::data::random::Random;
use serde_json::{Value, json};

pub(super) fn write(person: &Person) -> Value {
    let mut random = person.random();
    let farms = 1 + random.below(2);
    let farms: Vec<Value> = (0..farms).map(|_| farm(person, &mut random)).collect();
    let mut record = json!({
        "@type": "Farmer",
        "farmer_personal_details": member::write(person, "FRPerson"),
        "farm_type": random.pick(&["1", "2", "3"]),
        "farm_details": farms,
        "registration_date": midnight(person.registered),
        "last_updated": midnight(person.updated),
    });
    if random.chance(30) {
        let kind = random.pick(&["10", "20", "31"]);
        record["machineries_details"] = json!([{"type": kind, "count": 1 + random.below(2)}]);
    }
    record
}

fn farm(person: &Person, random: &mut Random) -> Value {
    let irrigation = random.chance(35);
    let mut crop = json!({
        "activity_group": random.pick(&["011", "012"]),
        "crop_type_name": random.pick(&["1", "2", "3", "4", "5"]),
        "end_use": random.pick(&["1", "2"]),
        "irrigation": irrigation,
    });
    if irrigation {
        crop["irrigation_water"] = json!([random.pick(&["1", "2", "3"])]);
    }
    let mut activities = json!({"crop_production": [crop]});
    if random.chance(40) {
        let animals = json!({"type": random.pick(&["1", "2", "3"]), "count": 1 + random.below(30)});
        activities["animal_production"] = json!([animals]);
    }
    // Quarters of a unit of area.
    let quarters = u32::try_from(1 + random.below(40)).unwrap_or(1);
    json!({
        "location": {"name": person.place},
        "land_tenure": random.pick(&["1", "2", "3"]),
        "land_size": f64::from(quarters) / 4.0,
        "measurment": "0",
        "farming_activities": activities,
    })
}
