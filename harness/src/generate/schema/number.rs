//! Numbers within their bounds.

use proptest::prelude::*;
use serde_json::{Number, Value, json};

/// How far a number goes where it is bounded on one side only.
const SPAN: f64 = 1000.0;

fn bound(schema: &Value, name: &str) -> Option<f64> {
    schema.get(name).and_then(Value::as_f64)
}

/// The least and the greatest value.
fn range(schema: &Value) -> (f64, f64) {
    match (bound(schema, "minimum"), bound(schema, "maximum")) {
        (Some(least), Some(most)) => (least, most.max(least)),
        (Some(least), None) => (least, least + SPAN),
        (None, Some(most)) if most < SPAN => (most.min(0.0) - SPAN, most),
        (None, _) => (0.0, SPAN),
    }
}

pub(super) fn integer(schema: &Value) -> BoxedStrategy<Value> {
    // Bounds beyond 2^53 are no use to a JSON number.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "clamped to the range of exact integers first"
    )]
    let whole = |x: f64| x.clamp(-9e15, 9e15) as i64;
    let exclusive = |name: &str| i64::from(schema.get(name) == Some(&Value::Bool(true)));
    let (least, most) = range(schema);
    let least = whole(least.ceil()) + exclusive("exclusiveMinimum");
    let most = whole(most.floor()) - exclusive("exclusiveMaximum");
    let step = bound(schema, "multipleOf").map_or(1, whole).max(1);
    let (low, high) = (least.div_euclid(step), most.max(least).div_euclid(step));
    let low = if low * step < least { low + 1 } else { low };
    (low..=high.max(low)).prop_map(move |n| json!(n * step)).boxed()
}

pub(super) fn number(schema: &Value) -> BoxedStrategy<Value> {
    let (least, most) = range(schema);
    if let Some(step) = bound(schema, "multipleOf").filter(|step| *step > 0.0) {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "clamped to the range of exact integers first"
        )]
        let times = |x: f64| x.clamp(-9e15, 9e15) as i64;
        let (low, high) = (times((least / step).ceil()), times((most / step).floor()));
        return (low..=high.max(low))
            .prop_map(move |n| of(n as f64 * step))
            .boxed();
    }
    // From the inside first, since a bound may be exclusive.
    (0..=100u32)
        .prop_map(move |share| of(least + (most - least) * f64::from(share) / 100.0))
        .boxed()
}

fn of(x: f64) -> Value {
    Number::from_f64(x).map_or(json!(0), Value::Number)
}
