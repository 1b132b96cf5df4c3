//! Generated bodies by themselves, so that somebody else's validator can check what the generator claims.

use super::body::{filled, models, plainest, set};
use super::fault::{Fault, faults_of};
use super::flat::flat;
use super::{grow, runner};
use crate::target::Target;
use proptest::strategy::{BoxedStrategy, Just, Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde::Serialize;
use serde_json::Value;
use specs::catalogue::SignatureScheme;
use specs::schema::Schema;
use std::collections::HashSet;

/// How often a value that turns out unfit is drawn again.
const REDRAWS: usize = 20;

/// A body, and what the generator claims about it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sample {
    /// The operation that it is a request of.
    pub operation: String,
    /// JSON pointer, within the document, of the schema that it is to be checked by.
    pub schema: String,
    /// Whether it satisfies the schema.
    pub valid: bool,
    /// How it was spoilt, where it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<Spoilt>,
    /// The body.
    pub body: Value,
}

/// How a body was spoilt.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spoilt {
    /// What was done, in a few words.
    pub operator: String,
    /// The keyword that is violated.
    pub rule: String,
    /// JSON pointer of the member within the body.
    pub pointer: String,
}

/// Where the schema of an operation's JSON body stands in its document.
pub fn place(method: &str, path: &str, media_type: &str) -> String {
    let escaped = |text: &str| text.replace('~', "~0").replace('/', "~1");
    format!(
        "/paths/{}/{}/requestBody/content/{}/schema",
        escaped(path),
        method.to_lowercase(),
        escaped(media_type)
    )
}

/// As many bodies of each operation as wanted, valid ones and ones with a fault by turns.
pub struct Turns<'a, V, I> {
    /// Draws a valid body.
    pub valid: V,
    /// Draws a body with the fault of this number, or of the next that can be drawn; none where there is none.
    pub invalid: I,
    /// What every sample says of itself.
    pub named: &'a dyn Fn(Option<Spoilt>, Value) -> Sample,
}

impl<V, I> Turns<'_, V, I>
where
    V: FnMut() -> Option<Value>,
    I: FnMut(usize) -> Option<(Spoilt, Value)>,
{
    /// Hands over the bodies, one by one, until enough are made or `take` fails. Where one kind cannot be
    /// made, there are fewer.
    ///
    /// # Errors
    /// What `take` says.
    pub fn each<E>(&mut self, wanted: usize, take: &mut dyn FnMut(Sample) -> Result<(), E>) -> Result<(), E> {
        for n in 0..wanted {
            let sample = if n % 2 == 0 {
                (self.valid)().map(|body| (self.named)(None, body))
            } else {
                (self.invalid)(n / 2).map(|(spoilt, body)| (self.named)(Some(spoilt), body))
            };
            if let Some(sample) = sample {
                take(sample)?;
            }
        }
        Ok(())
    }
}

/// The bodies that a run would send to an operation of a target; `None` where the operation has none of its
/// own.
pub fn of_target<E>(
    target: &Target,
    seed: u64,
    operation: &str,
    wanted: usize,
    take: &mut dyn FnMut(Sample) -> Result<(), E>,
) -> Option<Result<(), E>> {
    let cx = target.context(seed).for_case("bodies");
    let shape = cx.schemas.request(operation).cloned()?;
    let path = &target.profile.operations.get(operation)?.document_path;
    let schema = &shape.schema;
    let signed = target.profile.signature.scheme != SignatureScheme::None;
    let honest = plainest(&cx, operation);
    let grown = grow::strategy(&cx, operation, &honest);
    let mut runner_of_valid = runner(seed, &format!("{} {operation} valid", target.profile.id));
    let mut runner_of_faults = runner(seed, &format!("{} {operation} faults", target.profile.id));
    let mut tried: HashSet<(String, &'static str, String)> = HashSet::new();
    let mut faults: Vec<(Fault, Value)> = Vec::new();
    for model in models(&cx, operation) {
        for fault in faults_of(&flat(schema.value(), schema.value(), &model), &model) {
            if tried.insert((fault.pointer.clone(), fault.rule, fault.operator.clone())) {
                faults.push((fault, model.clone()));
            }
        }
    }
    let mut hopeless = vec![false; faults.len()];
    let mut turns = Turns {
        valid: || {
            (0..REDRAWS)
                .filter_map(|_| grown.new_tree(&mut runner_of_valid).ok())
                .map(|tree| filled(&tree.current(), signed))
                .find(|body| schema.is_valid(body))
        },
        invalid: |n: usize| {
            for i in (0..faults.len()).map(|i| (n + i) % faults.len()) {
                let (fault, model) = &faults[i];
                if hopeless[i] {
                    continue;
                }
                let made = spoil(schema, (&grown, model), fault, signed, &mut runner_of_faults);
                if let Some(body) = made {
                    return Some((spoilt(fault), body));
                }
                hopeless[i] = true;
            }
            None
        },
        named: &|fault, body| Sample {
            operation: operation.to_owned(),
            schema: place("POST", path, "application/json"),
            valid: fault.is_none(),
            fault,
            body,
        },
    };
    Some(turns.each(wanted, take))
}

fn spoilt(fault: &Fault) -> Spoilt {
    Spoilt {
        operator: fault.operator.clone(),
        rule: fault.rule.to_owned(),
        pointer: fault.pointer.clone(),
    }
}

/// A valid body with one fault; around the model itself, where the usual bodies have no place for it.
fn spoil(
    schema: &Schema,
    (grown, model): (&BoxedStrategy<Value>, &Value),
    fault: &Fault,
    signed: bool,
    runner: &mut TestRunner,
) -> Option<Value> {
    let bases = [grown.clone(), Just(model.clone()).boxed()];
    let mut draw = |base: &BoxedStrategy<Value>| {
        let mut body = base.new_tree(runner).ok()?.current();
        if !schema.is_valid(&filled(&body, signed)) {
            return None;
        }
        let bad = fault.values.new_tree(runner).ok()?.current();
        set(&mut body, &fault.pointer, bad, model);
        let body = filled(&body, signed);
        (!schema.is_valid(&body)).then_some(body)
    };
    bases
        .iter()
        .find_map(|base| (0..REDRAWS).find_map(|_| draw(base)))
}
