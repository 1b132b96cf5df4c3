//! What a plain YAML scalar means: the core schema of YAML 1.2, restricted to what JSON can hold.

use serde_json::{Number, Value};

/// The value of a plain scalar, or why JSON has none for it.
pub(crate) fn plain(text: &str) -> Result<Value, String> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
        "true" | "True" | "TRUE" => return Ok(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(Value::Bool(false)),
        _ => {}
    }
    if is_not_finite(text) {
        return Err(format!("`{text}` is a number that JSON cannot hold"));
    }
    match number(text) {
        Numeral::Value(value) => Ok(value),
        Numeral::Beyond => Err(format!("`{text}` is a number that JSON cannot hold")),
        Numeral::Not => Ok(Value::String(text.to_owned())),
    }
}

/// The value of a scalar with an explicit core tag (`!!str`, `!!int`, …).
pub(crate) fn tagged(suffix: &str, text: &str) -> Result<Value, String> {
    if suffix == "str" {
        return Ok(Value::String(text.to_owned()));
    }
    let value = plain(text)?;
    let fits = match suffix {
        "null" => value.is_null(),
        "bool" => value.is_boolean(),
        "int" => value.is_i64() || value.is_u64(),
        "float" => value.is_number(),
        _ => return Err(format!("the tag `!!{suffix}` is not understood")),
    };
    fits.then_some(value)
        .ok_or_else(|| format!("`{text}` is not what its tag `!!{suffix}` says"))
}

/// Whether YAML 1.1, which many tools still read, has another value for a plain scalar than YAML 1.2.
pub(crate) fn is_ambiguous(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let leading_zero = unsigned.len() > 1 && unsigned.starts_with('0') && digits(unsigned);
    let grouped = unsigned.starts_with(|c: char| c.is_ascii_digit())
        && unsigned.contains('_')
        && digits(&unsigned.replace('_', ""));
    let sexagesimal = unsigned.contains(':') && unsigned.split(':').all(digits);
    let switch = matches!(
        text.to_ascii_lowercase().as_str(),
        "yes" | "no" | "on" | "off" | "y" | "n"
    );
    leading_zero || grouped || sexagesimal || switch
}

fn is_not_finite(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

/// What a text is as a number.
enum Numeral {
    /// None.
    Not,
    /// One that JSON can hold.
    Value(Value),
    /// One that it cannot.
    Beyond,
}

impl From<Option<Value>> for Numeral {
    fn from(value: Option<Value>) -> Self {
        value.map_or(Self::Beyond, Self::Value)
    }
}

fn number(text: &str) -> Numeral {
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
                return Numeral::Not;
            }
            return u64::from_str_radix(digits, radix).ok().map(Value::from).into();
        }
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !unsigned.is_empty() && unsigned.bytes().all(|b| b.is_ascii_digit()) {
        let whole = text.strip_prefix('+').unwrap_or(text);
        let exact = whole.parse::<i64>().ok().map(Value::from);
        return exact
            .or_else(|| whole.parse::<u64>().ok().map(Value::from))
            .or_else(|| float(whole))
            .into();
    }
    if is_float(unsigned) {
        float(text).into()
    } else {
        Numeral::Not
    }
}

/// `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let mantissa_fits = match mantissa.split_once('.') {
        Some(("", fraction)) => !fraction.is_empty() && digits(fraction),
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => !mantissa.is_empty() && digits(mantissa),
    };
    let exponent_fits = exponent.is_none_or(|e| {
        let unsigned = e.strip_prefix(['-', '+']).unwrap_or(e);
        !unsigned.is_empty() && digits(unsigned)
    });
    mantissa_fits && exponent_fits
}

fn float(text: &str) -> Option<Value> {
    text.parse::<f64>()
        .ok()
        .and_then(Number::from_f64)
        .map(Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        for (text, value) in [
            ("", json!(null)),
            ("~", json!(null)),
            ("True", json!(true)),
            ("yes", json!("yes")),
            ("0123", json!(123)),
            ("+7", json!(7)),
            ("-7", json!(-7)),
            ("0x1F", json!(31)),
            ("0o17", json!(15)),
            ("0x", json!("0x")),
            ("18446744073709551615", json!(u64::MAX)),
            ("1.", json!(1.0)),
            (".5", json!(0.5)),
            ("1e3", json!(1000.0)),
            ("1e", json!("1e")),
            ("1.0.0", json!("1.0.0")),
            (".", json!(".")),
            ("-", json!("-")),
            ("e3", json!("e3")),
            ("2024-01-01", json!("2024-01-01")),
        ] {
            assert_eq!(plain(text), Ok(value), "{text:?}");
        }
    }

    #[test]
    fn numbers_beyond_json_are_refused() {
        for text in [".inf", "-.INF", ".nan", "1e999", "0xffffffffffffffffffff"] {
            plain(text).unwrap_err();
        }
    }

    #[test]
    fn scalars_of_two_values_are_known() {
        for text in ["0123456789", "-07", "1_000", "12:30:45", "no", "On"] {
            assert!(is_ambiguous(text), "{text}");
        }
        for text in ["0", "0.5", "120", "a:b", "12:", "none", "_", "2024-01-01"] {
            assert!(!is_ambiguous(text), "{text}");
        }
    }

    #[test]
    fn tags_decide() {
        assert_eq!(tagged("str", "12"), Ok(json!("12")));
        assert_eq!(tagged("int", "12"), Ok(json!(12)));
        tagged("int", "x").unwrap_err();
        tagged("binary", "x").unwrap_err();
    }
}
