//! Who is registered. Some facts are certain whatever the seed: see [`population`].

use super::names::{TRADITIONS, Tradition};
use super::random::Random;
use jiff::civil::{Date, date};

/// One person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    /// Ten digits, unique.
    pub(super) uin: String,
    pub(super) given: &'static str,
    pub(super) family: &'static str,
    pub(super) sex: Sex,
    pub(super) born: Date,
    pub(super) place: &'static str,
    pub(super) registered: Date,
    pub(super) updated: Date,
    /// A code of the dictionary.
    pub(super) marital_status: &'static str,
    pub(super) disabled: bool,
}

impl Person {
    /// What else is random about this person, the same whenever it is asked for.
    pub(super) fn random(&self) -> Random {
        Random::new(self.uin.parse().unwrap_or_default())
    }

    /// The same person, at an age at which people farm or work.
    pub(super) fn grown_up(&self) -> Self {
        let mut person = self.clone();
        if person.born > LAST_BIRTH_OF_ADULTS {
            let earlier = person.born.checked_sub(jiff::Span::new().years(COMING_OF_AGE));
            person.born = earlier.unwrap_or(LAST_BIRTH_OF_ADULTS);
        }
        person
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sex {
    Female,
    Male,
}

/// The twins whom the example of the OpenSPP page searches for were born on this day.
const TWINS_BORN: Date = date(2020, 11, 2);
/// Days on which many people were born, or are said to have been; one is a leap day.
const SHARED: [Date; 4] = [
    date(1985, 1, 1),
    date(2000, 2, 29),
    date(1972, 7, 1),
    date(2000, 11, 2),
];
const FIRST_BIRTH: Date = date(1930, 1, 1);
const LAST_BIRTH: Date = date(2024, 12, 31);
/// Who was born later is a child.
const LAST_BIRTH_OF_ADULTS: Date = date(2005, 12, 31);
/// Years; enough to make an adult of everybody.
const COMING_OF_AGE: i16 = 19;
/// When the register was last worked on.
const CLOSED: Date = date(2025, 6, 30);

/// The first `count` people of a seed. Whatever the seed, the first two are twins born on 2020-11-02,
/// every seventh has a twin, every fifth was born on one of a few shared days, and the fifth on a leap
/// day. A larger population begins with the smaller one.
pub(super) fn population(count: usize, seed: u64) -> Vec<Person> {
    let mut random = Random::new(seed);
    let offset = random.next();
    let mut people: Vec<Person> = Vec::new();
    let mut tradition = random.pick(TRADITIONS);
    for index in 0..count {
        let twin = people.last().filter(|_| index % 7 == 1);
        if twin.is_none() {
            tradition = random.pick(TRADITIONS);
        }
        let born = match (index, twin) {
            (_, Some(twin)) => twin.born,
            (0, _) => TWINS_BORN,
            (4, _) => SHARED[1],
            (i, _) if i % 5 == 4 => random.pick(&SHARED),
            _ => any_day(&mut random, FIRST_BIRTH, LAST_BIRTH),
        };
        let mut person = stranger(&mut random, tradition, born, uin(offset, index));
        if let Some(twin) = twin {
            (person.family, person.place) = (twin.family, twin.place);
        }
        people.push(person);
    }
    people
}

/// The `nth` person who comes after the first `count` of a seed.
pub(super) fn newcomer(count: usize, seed: u64, nth: usize, child: bool) -> Person {
    let offset = Random::new(seed).next();
    let uin = uin(offset, count + nth);
    let mut random = Random::new(uin.parse().unwrap_or(seed));
    let tradition = random.pick(TRADITIONS);
    let (first, last) = if child {
        (date(2023, 1, 1), LAST_BIRTH)
    } else {
        (date(1950, 1, 1), LAST_BIRTH_OF_ADULTS)
    };
    let born = any_day(&mut random, first, last);
    stranger(&mut random, tradition, born, uin)
}

fn stranger(random: &mut Random, tradition: Tradition, born: Date, uin: String) -> Person {
    let sex = if random.chance(52) { Sex::Female } else { Sex::Male };
    let given = match sex {
        Sex::Female => random.pick(tradition.women),
        Sex::Male => random.pick(tradition.men),
    };
    let registered = any_day(random, born.max(date(2012, 1, 1)), CLOSED);
    let adult = born < date(2006, 1, 1);
    let marital_status = match random.below(4) {
        0 | 1 if adult => "M",
        2 if born < date(1960, 1, 1) => "W",
        _ => "S",
    };
    Person {
        uin,
        given,
        family: random.pick(tradition.families),
        sex,
        born,
        place: random.pick(tradition.places),
        registered,
        updated: any_day(random, registered, CLOSED),
        marital_status,
        disabled: random.chance(8),
    }
}

/// Ten digits that no other index has: a step that shares no factor with the number of choices visits
/// each of them once.
fn uin(offset: u64, index: usize) -> String {
    const CHOICES: u128 = 9_000_000_000;
    const STEP: u128 = 2_654_435_761;
    let number = (u128::from(offset) + STEP * index as u128) % CHOICES;
    (1_000_000_000 + number).to_string()
}

/// A day of the span, both ends included; the first where the span is empty.
fn any_day(random: &mut Random, first: Date, last: Date) -> Date {
    let days = first.until(last).map_or(0, |span| span.get_days()).max(0);
    let ahead = random.below(u64::try_from(days).unwrap_or(0) + 1);
    let ahead = jiff::Span::new().try_days(i64::try_from(ahead).unwrap_or(0));
    ahead.and_then(|span| first.checked_add(span)).unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_certain_facts_hold_for_any_seed() {
        for seed in 0..50 {
            let people = population(200, seed);
            assert_eq!(people.len(), 200);
            let twins: Vec<_> = people.iter().filter(|p| p.born == TWINS_BORN).collect();
            assert!(twins.len() >= 2);
            assert_eq!(twins[0].family, twins[1].family);
            assert!(people.iter().any(|p| p.born.month() == 2 && p.born.day() == 29));
            let days: HashSet<_> = people.iter().map(|p| p.born).collect();
            assert!(days.len() < 180, "several people share a day");
            assert!(days.len() > 100, "and many do not");
            let uins: HashSet<_> = people.iter().map(|p| &p.uin).collect();
            assert_eq!(uins.len(), 200);
            assert!(
                people
                    .iter()
                    .all(|p| p.uin.len() == 10 && !p.uin.starts_with('0'))
            );
            assert!(
                people
                    .iter()
                    .all(|p| FIRST_BIRTH <= p.born && p.born <= LAST_BIRTH)
            );
            assert!(
                people
                    .iter()
                    .all(|p| p.born <= p.registered && p.registered <= p.updated)
            );
        }
    }

    #[test]
    fn newcomers_are_nobody_who_is_there() {
        let known: HashSet<_> = population(200, 7).into_iter().map(|p| p.uin).collect();
        for nth in 0..50 {
            let (child, adult) = (newcomer(200, 7, nth, true), newcomer(200, 7, nth, false));
            assert!(!known.contains(&child.uin));
            assert_eq!(child.uin, adult.uin);
            assert!(child.born > LAST_BIRTH_OF_ADULTS && adult.born <= LAST_BIRTH_OF_ADULTS);
        }
        assert_ne!(newcomer(200, 7, 0, true).uin, newcomer(200, 7, 1, true).uin);
    }

    #[test]
    fn everybody_grows_up() {
        for person in population(200, 3) {
            let adult = person.grown_up();
            assert!(adult.born <= LAST_BIRTH_OF_ADULTS, "{}", adult.born);
            assert_eq!(adult.grown_up(), adult);
        }
    }

    #[test]
    fn a_larger_population_begins_with_the_smaller() {
        assert_eq!(population(10, 7), population(30, 7)[..10]);
        assert_ne!(population(10, 7), population(10, 8));
        assert!(population(0, 7).is_empty());
    }
}
