//! Values of records, and what the operators of a predicate mean for them.

use serde_json::Value;
use specs::catalogue::Registry;
use std::cmp::Ordering;

/// How two values compare, where they can be compared at all.
pub type Comparison = Option<Ordering>;

/// The value of an attribute of a record.
pub fn value_of<'a>(registry: &Registry, record: &'a Value, attribute: &str) -> Option<&'a Value> {
    record
        .pointer(registry.attributes.get(attribute)?)
        .filter(|value| !value.is_null())
}

/// Compares two scalars: dates with dates (a date-time by its date when the other is a bare date),
/// numbers with numbers, texts with texts.
pub fn compare(left: &Value, right: &Value) -> Comparison {
    match (left, right) {
        (Value::Number(l), Value::Number(r)) => l.as_f64()?.partial_cmp(&r.as_f64()?),
        (Value::Bool(l), Value::Bool(r)) => Some(l.cmp(r)),
        (Value::String(l), Value::String(r)) => match (date(l), date(r)) {
            (Some(left), Some(right)) if l.len() == 10 || r.len() == 10 => Some(left.cmp(right)),
            _ => Some(l.cmp(r)),
        },
        _ => None,
    }
}

fn date(text: &str) -> Option<&str> {
    let head = text.get(..10)?;
    let shape = head.bytes().enumerate().all(|(i, b)| match i {
        4 | 7 => b == b'-',
        _ => b.is_ascii_digit(),
    });
    shape.then_some(head)
}

/// Whether a value satisfies `value OPERATOR bound`; `None` where that cannot be decided.
pub fn satisfies(value: &Value, operator: &str, bound: &Value) -> Option<bool> {
    if operator == "in" {
        return Some(
            bound
                .as_array()?
                .iter()
                .any(|b| compare(value, b) == Some(Ordering::Equal)),
        );
    }
    let order = compare(value, bound)?;
    Some(match operator {
        "eq" => order.is_eq(),
        "ge" => order.is_ge(),
        "le" => order.is_le(),
        "gt" => order.is_gt(),
        "lt" => order.is_lt(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn dates_compare_by_date_when_one_is_bare() {
        assert_eq!(
            compare(&json!("2020-11-02T00:00:00Z"), &json!("2020-11-02")),
            Some(Ordering::Equal)
        );
        assert_eq!(
            satisfies(&json!("2020-11-02"), "gt", &json!("2020-11-02")),
            Some(false)
        );
        assert_eq!(
            satisfies(&json!("2020-11-03T00:00:00Z"), "gt", &json!("2020-11-02")),
            Some(true)
        );
    }

    #[test]
    fn what_cannot_be_compared_is_not_decided() {
        assert_eq!(satisfies(&json!("x"), "ge", &json!(1)), None);
        assert_eq!(
            satisfies(&json!("é-longer-than-ten"), "eq", &json!("2020-11-02")),
            Some(false)
        );
        assert_eq!(satisfies(&json!("a"), "in", &json!("a")), None);
    }
}
