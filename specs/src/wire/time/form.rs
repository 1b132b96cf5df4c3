//! Whether a text has the form of a date or a date-time. Schemas ask this of every date in every record,
//! so it looks at bytes and names no instant.

/// Whether the text is a `full-date` of RFC 3339.
pub fn is_full_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return false;
    }
    let date = (number(&bytes[..4]), number(&bytes[5..7]), number(&bytes[8..]));
    let (Some(year), Some(month), Some(day)) = date else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// Whether the text is a date and time with a zone in the form of RFC 3339.
pub fn is_date_time_with_zone(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 20 || !matches!(bytes[10], b'T' | b't') || bytes[13] != b':' || bytes[16] != b':' {
        return false;
    }
    if !text.is_char_boundary(10) || !is_full_date(&text[..10]) {
        return false;
    }
    let time = (
        number(&bytes[11..13]),
        number(&bytes[14..16]),
        number(&bytes[17..19]),
    );
    let (Some(hour), Some(minute), Some(second)) = time else {
        return false;
    };
    let Some(east) = after_fraction(&bytes[19..]).and_then(offset) else {
        return false;
    };
    // A leap second can only be the last of a day in UTC.
    let in_time = second < 60 || (second == 60 && (hour * 60 + minute - east).rem_euclid(1440) == 1439);
    hour <= 23 && minute <= 59 && in_time
}

/// What follows an optional fraction of a second.
fn after_fraction(rest: &[u8]) -> Option<&[u8]> {
    let Some(after) = rest.strip_prefix(b".") else {
        return Some(rest);
    };
    let digits = after.iter().take_while(|b| b.is_ascii_digit()).count();
    (digits > 0).then(|| &after[digits..])
}

/// `Z` or `±hh:mm`, in minutes east of Greenwich.
fn offset(zone: &[u8]) -> Option<i32> {
    let (sign, rest) = match zone {
        [b'Z' | b'z'] => return Some(0),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let [hours @ .., b':', tens, ones] = rest else {
        return None;
    };
    if hours.len() != 2 {
        return None;
    }
    let (hours, minutes) = (number(hours)?, number(&[*tens, *ones])?);
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 60 + minutes))
}

/// Digits only.
fn number(digits: &[u8]) -> Option<i32> {
    digits.iter().try_fold(0, |number, digit| {
        digit
            .is_ascii_digit()
            .then(|| number * 10 + i32::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::super::{parse_date, parse_date_time};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_date_is_refused() {
        for text in ["0000-02-29", "2024-02-29", "2025-12-31"] {
            assert!(is_full_date(text), "{text}");
        }
        for text in [
            "*000-01-01",
            "2025-02-29",
            "1900-02-29",
            "2025-00-01",
            "2025-04-31",
            "2025-1-01",
        ] {
            assert!(!is_full_date(text), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        /// The form and the instant are two readings of the same text; where one finds none, so does the
        /// other.
        #[test]
        fn the_form_is_that_of_what_can_be_parsed(
            text in "[0-2][0-9]{3}-[01][0-9]-[0-3][0-9]([Tt ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,3})?(Z|z|[+-][0-2][0-9]:?[0-6][0-9])?)?",
            at in 0_usize..30,
            other in "\\PC",
        ) {
            let mut spoilt: Vec<char> = text.chars().collect();
            if let (Some(c), Some(o)) = (spoilt.get_mut(at), other.chars().next()) {
                *c = o;
            }
            for text in [text, spoilt.into_iter().collect()] {
                prop_assert_eq!(is_date_time_with_zone(&text), parse_date_time(&text).is_some(), "{}", text);
                prop_assert_eq!(is_full_date(&text), text.is_ascii() && parse_date(&text).is_some(), "{}", text);
            }
        }
    }
}
