//! A held value as an index keeps it: typed, read once, and in an order in which everything that compares
//! in one way with an asked value stands side by side.

use super::value::Moment;
use serde_json::Value;
use std::cmp::Ordering;

/// Seconds in a day.
const DAY: f64 = 86_400.0;

/// What a record holds of an attribute. The order of the variants is that of the index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    /// A bare date.
    Day(Box<str>),
    /// A time whose day as it is written is its day in UTC: by day and by instant the order is the same.
    Instant(Real, Box<str>),
    /// A time that is written in another zone.
    Elsewhere(Real, Box<str>),
    Text(Box<str>),
    Number(Real),
    Bool(bool),
    /// What does not compare with anything: a list, an object, null.
    Other,
    Missing,
}

/// A number with a total order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Real(f64);

impl Ord for Real {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Real {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Real {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Real {}

impl std::hash::Hash for Real {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

/// A value that is asked for.
pub(super) enum Asked<'v> {
    Text(&'v str, Option<Moment<'v>>),
    Number(f64),
    Bool(bool),
    Nothing,
}

impl<'v> Asked<'v> {
    pub(super) fn of(value: &'v Value) -> Self {
        match value {
            Value::String(text) => Self::Text(text, Moment::read(text)),
            Value::Number(number) => number.as_f64().map_or(Self::Nothing, Self::Number),
            Value::Bool(truth) => Self::Bool(*truth),
            _ => Self::Nothing,
        }
    }
}

impl Key {
    /// What a record holds at a place.
    pub(crate) fn of(held: Option<&Value>) -> Self {
        match held {
            None => Self::Missing,
            Some(Value::String(text)) => match Moment::read(text) {
                Some(Moment { day, instant: None }) => Self::Day(day.into()),
                Some(Moment {
                    day,
                    instant: Some(at),
                }) => {
                    if days(day).is_some_and(|days| (at / DAY).floor().total_cmp(&days).is_eq()) {
                        Self::Instant(Real(at), day.into())
                    } else {
                        Self::Elsewhere(Real(at), day.into())
                    }
                }
                None => Self::Text(text.as_str().into()),
            },
            Some(Value::Number(number)) => number.as_f64().map_or(Self::Other, |n| Self::Number(Real(n))),
            Some(Value::Bool(truth)) => Self::Bool(*truth),
            Some(_) => Self::Other,
        }
    }

    /// The group of keys that the index keeps together.
    pub(super) fn group(&self) -> u8 {
        match self {
            Self::Day(_) => 0,
            Self::Instant(..) => 1,
            Self::Elsewhere(..) => 2,
            Self::Text(_) => 3,
            Self::Number(_) => 4,
            Self::Bool(_) => 5,
            Self::Other => 6,
            Self::Missing => 7,
        }
    }

    /// How it compares with an asked value, as [`super::value::compare`] has it. Within a group other than
    /// that of other zones, this grows with the key.
    pub(super) fn compare(&self, asked: &Asked<'_>) -> Option<Ordering> {
        match (self, asked) {
            (Self::Day(day), Asked::Text(_, Some(moment))) => Some((**day).cmp(moment.day)),
            (Self::Instant(at, day) | Self::Elsewhere(at, day), Asked::Text(_, Some(moment))) => {
                match moment.instant {
                    Some(instant) => at.0.partial_cmp(&instant),
                    None => Some((**day).cmp(moment.day)),
                }
            }
            (Self::Text(held), Asked::Text(text, _)) => Some((**held).cmp(text)),
            (Self::Number(held), Asked::Number(number)) => held.0.partial_cmp(number),
            (Self::Bool(held), Asked::Bool(truth)) => Some(held.cmp(truth)),
            _ => None,
        }
    }

    /// The order of a sort: times by instant, a bare date as its midnight in UTC; kinds do not mix, and
    /// what is missing comes last.
    pub(super) fn sorted(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Day(a), Self::Day(b)) | (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Number(a), Self::Number(b)) => a.0.partial_cmp(&b.0).unwrap_or(Ordering::Equal),
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (a, b) => match (a.instant(), b.instant()) {
                (Some(a), Some(b)) => a.total_cmp(&b),
                _ => a.group().cmp(&b.group()),
            },
        }
    }

    /// Seconds since 1970.
    fn instant(&self) -> Option<f64> {
        match self {
            Self::Day(day) => days(day).map(|days| days * DAY),
            // A zero has one sign only, so that equal times are equal.
            Self::Instant(at, _) | Self::Elsewhere(at, _) => Some(at.0 + 0.0),
            _ => None,
        }
    }
}

/// Days since 1970.
fn days(day: &str) -> Option<f64> {
    use jiff::civil::Date;
    let day: Date = day.parse().ok()?;
    Some(f64::from(day.since(Date::constant(1970, 1, 1)).ok()?.get_days()))
}
