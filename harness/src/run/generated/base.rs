//! The honest bodies that faults are put into.

use super::Driver;
use crate::generate::body::filled;
use crate::generate::fault::Fault;
use crate::run::send::send;
use proptest::strategy::{BoxedStrategy, Just, Strategy, ValueTree};
use serde_json::Value;
use specs::clause::{Message, Part, Rule};
use specs::evidence::Intent;
use specs::schema::Schema;
use std::collections::HashMap;
use suites::generated::{CONTROL, Control};

/// Honest bodies to put faults into.
#[derive(Clone)]
pub(super) struct Base {
    /// The plainest.
    pub(super) honest: Value,
    /// Others around it.
    pub(super) grown: BoxedStrategy<Value>,
}

/// The usual honest bodies, and those with another alternative of the document; none for an alternative
/// that the target does not accept.
pub(super) struct Bases {
    pub(super) plain: Base,
    pub(super) others: HashMap<String, Option<Base>>,
}

impl Driver<'_> {
    /// The honest bodies to put a fault into: the usual ones, or where it needs another alternative of the
    /// document, a body with that, if the target accepts it.
    pub(super) async fn base<'b>(
        &mut self,
        bases: &'b mut Bases,
        schema: &Schema,
        fault: &Fault,
        model: &Value,
    ) -> Option<&'b Base> {
        let message = Message::of(self.operation, Part::Request)?;
        let form = self.cx.schemas.form(message)?;
        let conditions = form.conditions_at(&fault.pointer, Rule::of_keyword(fault.rule)?);
        let value = |body: &Value, at: &str| {
            let value = body.pointer(&at.replace("[]", "0"));
            value.and_then(Value::as_str).map(str::to_owned)
        };
        let unmet = conditions
            .iter()
            .find(|when| value(&bases.plain.honest, &when.at).is_none_or(|v| !when.is.contains(&v)));
        let Some(unmet) = unmet else {
            return Some(&bases.plain);
        };
        let name = value(model, &unmet.at).filter(|v| unmet.is.contains(v))?;
        if !bases.others.contains_key(&name) {
            let (holder, _) = unmet.at.rsplit_once('/')?;
            let holder = holder.replace("[]", "0");
            let mut honest = bases.plain.honest.clone();
            *honest.pointer_mut(&holder)? = model.pointer(&holder)?.clone();
            let known = schema.is_valid(&filled(&honest, self.signed()));
            let accepted = known && {
                let plan = self.plan(&format!("{CONTROL} {name}"), Intent::Honest, honest.clone());
                let exchange = send(self.env, self.state, &plan).await;
                let accepted = Control::of(self.cx, &exchange).is_accepted();
                self.record(exchange);
                accepted
            };
            let base = accepted.then(|| Base {
                grown: Just(honest.clone()).boxed(),
                honest,
            });
            bases.others.insert(name.clone(), base);
        }
        bases.others.get(&name)?.as_ref()
    }
}

/// A body that is as small as it gets.
pub(super) struct Still(pub(super) Value);

impl ValueTree for Still {
    type Value = Value;

    fn current(&self) -> Value {
        self.0.clone()
    }

    fn simplify(&mut self) -> bool {
        false
    }

    fn complicate(&mut self) -> bool {
        false
    }
}
