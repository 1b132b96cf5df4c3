//! Typed comparison of JSON values.

use jiff::civil::Date;
use serde_json::Value;
use specs::wire::time::parse_date_time;
use std::cmp::Ordering;

/// A day, and where the text names a time with its zone, the instant.
pub(super) struct Moment<'t> {
    pub(super) day: &'t str,
    pub(super) instant: Option<f64>,
}

impl<'t> Moment<'t> {
    pub(super) fn read(text: &'t str) -> Option<Self> {
        let day = text.get(..10)?;
        let is_day = day.as_bytes()[4] == b'-' && day.as_bytes()[7] == b'-' && day.parse::<Date>().is_ok();
        let instant = parse_date_time(text);
        (is_day && (text.len() == 10 || instant.is_some())).then_some(Self { day, instant })
    }

    /// By instant where both have one; by day, as it is written, where either is a bare date.
    fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self.instant, other.instant) {
            (Some(a), Some(b)) => a.partial_cmp(&b),
            _ => Some(self.day.cmp(other.day)),
        }
    }
}

/// How a held value compares with one that was asked for; `None` where the two do not compare.
pub(super) fn compare(held: &Value, asked: &Value) -> Option<Ordering> {
    match (held, asked) {
        (Value::String(held), Value::String(asked)) => match Moment::read(held) {
            Some(held) => held.compare(&Moment::read(asked)?),
            None => Some(held.cmp(asked)),
        },
        (Value::Number(held), Value::Number(asked)) => held.as_f64()?.partial_cmp(&asked.as_f64()?),
        (Value::Bool(held), Value::Bool(asked)) => Some(held.cmp(asked)),
        _ => None,
    }
}

/// The order of two held values; those that nobody holds come last.
#[cfg(test)]
pub(super) fn order(a: Option<&Value>, b: Option<&Value>) -> Ordering {
    use super::key::Key;
    Key::of(a).sorted(&Key::of(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(held: impl Into<Value>, asked: impl Into<Value>, expected: Option<Ordering>) {
        let (held, asked) = (held.into(), asked.into());
        assert_eq!(compare(&held, &asked), expected, "{held} {asked}");
    }

    #[test]
    fn dates_compare_as_dates() {
        check(json!("2000-11-02"), json!("2000-11-02"), Some(Ordering::Equal));
        check(json!("2000-02-29"), json!("2000-03-01"), Some(Ordering::Less));
        check(
            json!("2000-11-02T00:00:00Z"),
            json!("2000-11-02"),
            Some(Ordering::Equal),
        );
        check(
            json!("2000-11-02"),
            json!("2000-11-02T23:59:59-04:00"),
            Some(Ordering::Equal),
        );
        check(
            json!("2000-11-02T00:00:00Z"),
            json!("2000-11-02T01:00:00+01:00"),
            Some(Ordering::Equal),
        );
        check(
            json!("2000-11-02T00:00:00Z"),
            json!("2000-11-02T00:00:00-01:00"),
            Some(Ordering::Less),
        );
        check(json!("2000-11-02"), json!("02/11/2000"), None);
        check(json!("2000-11-02"), json!("2001-02-29"), None);
        check(json!("2000-11-02"), json!(2000), None);
    }

    #[test]
    fn everything_else_compares_within_its_kind() {
        check(json!("Ana"), json!("Béa"), Some(Ordering::Less));
        check(json!("Ana"), json!("2000-11-02"), Some(Ordering::Greater));
        check(json!(2), json!(10.0), Some(Ordering::Less));
        check(json!(true), json!(true), Some(Ordering::Equal));
        check(json!("2"), json!(2), None);
        check(json!("a"), json!(["a"]), None);
        check(json!("عمر"), json!("ab"), Some(Ordering::Greater));
    }

    #[test]
    fn what_is_missing_comes_last() {
        assert_eq!(order(None, Some(&json!(1))), Ordering::Greater);
        assert_eq!(order(Some(&json!(1)), None), Ordering::Less);
        assert_eq!(order(None, None), Ordering::Equal);
    }
}
