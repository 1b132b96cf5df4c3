//! Drawing again until a value fits its own schema: what stands together in a schema is seldom at odds, and
//! where it is, a part that is drawn again costs less than the whole.

use proptest::prelude::*;
use proptest::strategy::{NewTree, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::Value;
use specs::schema::Schema;

/// How often a value that does not fit is drawn again. After that the user of the whole decides.
const REDRAWS: usize = 40;

/// Values of a strategy that fit a schema, whose references lead into `root`.
pub(super) fn fitting(source: BoxedStrategy<Value>, schema: &Value, root: &Value) -> BoxedStrategy<Value> {
    let mut alone = schema.clone();
    if let (Value::Object(members), Some(definitions)) = (&mut alone, root.get("definitions")) {
        members
            .entry("definitions")
            .or_insert_with(|| definitions.clone());
    }
    match Schema::compile(&alone) {
        Ok(schema) => Fitting { source, schema }.boxed(),
        Err(_) => source,
    }
}

#[derive(Debug)]
struct Fitting {
    source: BoxedStrategy<Value>,
    schema: Schema,
}

impl Strategy for Fitting {
    type Tree = FittingTree;
    type Value = Value;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let mut source = self.source.new_tree(runner)?;
        let mut fits = self.schema.is_valid(&source.current());
        for _ in 0..REDRAWS {
            if fits {
                break;
            }
            source = self.source.new_tree(runner)?;
            fits = self.schema.is_valid(&source.current());
        }
        Ok(FittingTree {
            source,
            schema: fits.then(|| self.schema.clone()),
        })
    }
}

/// A value that fits, and so does whatever it is simplified to.
struct FittingTree {
    source: Box<dyn ValueTree<Value = Value>>,
    /// None where no value was found that fits.
    schema: Option<Schema>,
}

impl FittingTree {
    /// Goes back as far as it takes to fit again.
    fn back(&mut self) {
        let Some(schema) = &self.schema else { return };
        while !schema.is_valid(&self.source.current()) {
            if !self.source.complicate() {
                break;
            }
        }
    }
}

impl ValueTree for FittingTree {
    type Value = Value;

    fn current(&self) -> Value {
        self.source.current()
    }

    fn simplify(&mut self) -> bool {
        let simpler = self.source.simplify();
        if simpler {
            self.back();
        }
        simpler
    }

    fn complicate(&mut self) -> bool {
        let more = self.source.complicate();
        if more {
            self.back();
        }
        more
    }
}
