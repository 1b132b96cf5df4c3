//! Timestamps as they travel: RFC 3339 in messages, IMF-fixdate in HTTP headers. Instants are seconds
//! since 1970; no clock is read here.

mod form;

pub use form::{is_date_time_with_zone, is_full_date};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;

/// The instant that an RFC 3339 date-time names.
pub fn parse_date_time(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    if !text.is_ascii() || bytes.len() < 20 {
        return None;
    }
    let date = parse_date(&text[..10])?;
    let separators = matches!(bytes[10], b'T' | b't') && bytes[13] == b':' && bytes[16] == b':';
    if !separators {
        return None;
    }
    let (hour, minute, second) = (
        number(&text[11..13])?,
        number(&text[14..16])?,
        number(&text[17..19])?,
    );
    let (fraction, zone) = split_fraction(&text[19..])?;
    let offset_minutes = parse_offset(zone)?;
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let days = i64::from(date.since(Date::constant(1970, 1, 1)).ok()?.get_days());
    let minutes = days * 1440 + i64::from(hour) * 60 + i64::from(minute) - i64::from(offset_minutes);
    // A leap second can only be the last of a day in UTC.
    if second == 60 && minutes.rem_euclid(1440) != 1439 {
        return None;
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "far below 2^53 for the years 0 to 9999"
    )]
    let whole = (minutes * 60 + i64::from(second)) as f64;
    Some(whole + fraction)
}

/// The instant as RFC 3339 in UTC with milliseconds and `Z`. Instants that no year of four digits holds
/// are moved to the nearest one that does.
pub fn format_date_time(epoch_seconds: f64) -> String {
    // 0001-01-01T00:00:00Z and 9999-12-30T22:00:00Z, the last that jiff can hold.
    let seconds = if epoch_seconds.is_nan() {
        0.0
    } else {
        epoch_seconds.clamp(-62_135_596_800.0, 253_402_207_200.0)
    };
    #[expect(clippy::cast_possible_truncation, reason = "clamped to what fits")]
    let milliseconds = (seconds * 1000.0).round() as i64;
    let instant = Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{instant:.3}")
}

/// The instant that an IMF-fixdate (the date form of HTTP) names, e.g. `Sun, 06 Nov 1994 08:49:37 GMT`.
pub fn parse_http_date(text: &str) -> Option<f64> {
    if text.len() != 29 || !text.is_ascii() {
        return None;
    }
    let parsed = strtime::parse("%a, %d %b %Y %H:%M:%S GMT", text).ok()?;
    let instant = parsed
        .to_datetime()
        .ok()?
        .to_zoned(TimeZone::UTC)
        .ok()?
        .timestamp();
    // Parsing is lenient about case, zeros and spaces; the wire form is not.
    if strtime::format("%a, %d %b %Y %H:%M:%S GMT", instant).ok()? != text {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53 for four-digit years")]
    Some(instant.as_second() as f64)
}

/// A `full-date` of RFC 3339.
fn parse_date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let (year, month, day) = (number(&text[..4])?, number(&text[5..7])?, number(&text[8..])?);
    Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )
    .ok()
}

/// An optional fraction of a second, and what follows it.
fn split_fraction(rest: &str) -> Option<(f64, &str)> {
    let Some(after) = rest.strip_prefix('.') else {
        return Some((0.0, rest));
    };
    let digits = after.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return None;
    }
    let fraction = rest[..=digits].parse().ok()?;
    Some((fraction, &after[digits..]))
}

/// `Z` or `±hh:mm`, in minutes east of Greenwich.
fn parse_offset(zone: &str) -> Option<i32> {
    if zone == "Z" || zone == "z" {
        return Some(0);
    }
    let bytes = zone.as_bytes();
    if bytes.len() != 6 || bytes[3] != b':' {
        return None;
    }
    let sign = match bytes[0] {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = (number(&zone[1..3])?, number(&zone[4..])?);
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 60 + minutes))
}

/// Digits only: a sign, which `parse` would take, is none.
fn number(text: &str) -> Option<i32> {
    text.bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_times_name_instants() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0.0),
            ("2025-01-01T00:00:00Z", 1_735_689_600.0),
            ("2025-01-01T01:30:00+01:30", 1_735_689_600.0),
            ("2024-12-31T19:00:00.250-05:00", 1_735_689_600.25),
            ("2025-01-01t00:00:00z", 1_735_689_600.0),
            ("2024-02-29T00:00:00.000001Z", 1_709_164_800.000_001),
            ("2016-12-31T23:59:60Z", 1_483_228_800.0),
            ("2017-01-01T00:59:60+01:00", 1_483_228_800.0),
            ("0000-01-01T00:00:00Z", -62_167_219_200.0),
        ] {
            assert_eq!(parse_date_time(text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_time_with_a_zone_is_refused() {
        for text in [
            "",
            "2025-01-01",
            "2025-01-01T00:00:00",
            "2025-01-01T00:00:00.5",
            "2025-01-01T00:00:00.Z",
            "2025-01-01 00:00:00Z",
            "2025-01-01T00:00Z",
            "20250101T000000Z",
            "2025-02-29T00:00:00Z",
            "2025-13-01T00:00:00Z",
            "2025-01-01T24:00:00Z",
            "2025-01-01T00:60:00Z",
            "2025-01-01T00:00:60Z",
            "2025-01-01T00:00:00+0100",
            "2025-01-01T00:00:00+01",
            "2025-01-01T00:00:00+24:00",
            "2025-01-01T00:00:00+01:60",
            "2025-01-01T00:00:00Z ",
            "2025-01-01T00:00:00ZZ",
            "2025-01-01T00:00:00Z[UTC]",
            "+2025-01-01T00:00:00Z",
            "2025-+1-01T00:00:00Z",
            "2025-01-01T00:00:0\u{661}Z",
            "1735689600",
            "string",
        ] {
            assert!(!is_date_time_with_zone(text), "{text}");
        }
    }

    #[test]
    fn instants_are_written_in_utc_with_milliseconds() {
        for (seconds, text) in [
            (0.0, "1970-01-01T00:00:00.000Z"),
            (1_735_689_600.25, "2025-01-01T00:00:00.250Z"),
            (1_735_689_599.999_9, "2025-01-01T00:00:00.000Z"),
            (-0.001, "1969-12-31T23:59:59.999Z"),
            (f64::NAN, "1970-01-01T00:00:00.000Z"),
            (f64::INFINITY, "9999-12-30T22:00:00.000Z"),
            (f64::NEG_INFINITY, "0001-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(format_date_time(seconds), text);
            assert!(is_date_time_with_zone(text));
        }
    }

    #[test]
    fn http_dates_have_one_form() {
        assert_eq!(
            parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(784_111_777.0)
        );
        for text in [
            "",
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun,  6 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Sun, 31 Feb 1994 08:49:37 GMT",
            "1994-11-06T08:49:37Z",
        ] {
            assert_eq!(parse_http_date(text), None, "{text}");
        }
    }
}
