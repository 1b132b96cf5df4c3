//! A farmer, the land and what grows on it.

use super::member::{self, Member};
use super::{Midnight, Place};
use crate::data::person::Person;
use crate::data::random::Random;
use serde::Serialize;

/// As it is written.
#[derive(Serialize)]
pub(super) struct Farmer<'p> {
    #[serde(rename = "@type")]
    kind: &'static str,
    farmer_personal_details: Member<'p>,
    farm_type: &'static str,
    farm_details: Vec<Farm>,
    registration_date: Midnight,
    last_updated: Midnight,
    #[serde(skip_serializing_if = "Option::is_none")]
    machineries_details: Option<[Counted; 1]>,
}

#[derive(Serialize)]
struct Farm {
    location: Place,
    land_tenure: &'static str,
    land_size: f64,
    /// The dictionary spells it this way.
    measurment: &'static str,
    farming_activities: Activities,
}

#[derive(Serialize)]
struct Activities {
    crop_production: [Crop; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    animal_production: Option<[Counted; 1]>,
}

#[derive(Serialize)]
struct Crop {
    activity_group: &'static str,
    crop_type_name: &'static str,
    end_use: &'static str,
    irrigation: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    irrigation_water: Option<[&'static str; 1]>,
}

/// So many of a kind.
#[derive(Serialize)]
struct Counted {
    #[serde(rename = "type")]
    kind: &'static str,
    count: u64,
}

pub(super) fn of(person: &Person) -> Farmer<'_> {
    let mut random = person.random();
    let farms = 1 + random.below(2);
    let farm_details = (0..farms).map(|_| farm(person, &mut random)).collect();
    let farm_type = random.pick(&["1", "2", "3"]);
    let machine = random.chance(30).then(|| Counted {
        kind: random.pick(&["10", "20", "31"]),
        count: 1 + random.below(2),
    });
    Farmer {
        kind: "Farmer",
        farmer_personal_details: member::of(person, "FRPerson"),
        farm_type,
        farm_details,
        registration_date: Midnight(person.registered),
        last_updated: Midnight(person.updated),
        machineries_details: machine.map(|machine| [machine]),
    }
}

fn farm(person: &Person, random: &mut Random) -> Farm {
    let irrigation = random.chance(35);
    let crop = Crop {
        activity_group: random.pick(&["011", "012"]),
        crop_type_name: random.pick(&["1", "2", "3", "4", "5"]),
        end_use: random.pick(&["1", "2"]),
        irrigation,
        irrigation_water: irrigation.then(|| [random.pick(&["1", "2", "3"])]),
    };
    let animals = random.chance(40).then(|| Counted {
        kind: random.pick(&["1", "2", "3"]),
        count: 1 + random.below(30),
    });
    // Quarters of a unit of area.
    let quarters = u32::try_from(1 + random.below(40)).unwrap_or(1);
    Farm {
        location: Place { name: person.place },
        land_tenure: random.pick(&["1", "2", "3"]),
        land_size: f64::from(quarters) / 4.0,
        measurment: "0",
        farming_activities: Activities {
            crop_production: [crop],
            animal_production: animals.map(|animals| [animals]),
        },
    }
}
