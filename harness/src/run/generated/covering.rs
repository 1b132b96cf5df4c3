//! The deterministic phase: valid requests that differ from the plainest one in one thing each. One that fails
//! shows by itself what is wrong, and is not made smaller.

use super::Driver;
use crate::generate::body::{filled, plainest};
use crate::generate::grow;
use crate::run::case::push;
use specs::evidence::{Intent, Observation};
use specs::schema::Schema;

/// At so many failures of one operation, the others are not looked for: a case shows one.
const MOST_FAILURES: usize = 3;

impl Driver<'_> {
    /// Sends each of them, then a faulty one.
    pub(super) async fn covering(&mut self, schema: &Schema) {
        let honest = plainest(self.cx, self.operation);
        let mut failures = 0;
        for varied in grow::each(self.cx, self.operation, &honest) {
            if self.hopeless() || failures == MOST_FAILURES {
                break;
            }
            if !schema.is_valid(&filled(&varied.body, self.signed())) {
                continue;
            }
            let label = format!("{} {}", varied.pointer, varied.what);
            let spared = Some(varied.pointer);
            let exchange = self
                .send_sparing(&label, Intent::Honest, varied.body, spared)
                .await;
            failures += usize::from(self.violates(&exchange));
            push(self.seen, Observation::Exchange(exchange));
        }
        self.twin().await;
    }
}
