//! Reading answers: was the request accepted or refused, and what does a search reply hold.

mod answer;
mod record;
mod reply;
mod shape;
mod subscription;

pub use answer::{Answer, answers_with, classify, describe};
pub use record::{Comparison, compare, satisfies, value_of};
pub(crate) use reply::reference_ids;
pub use reply::{Item, Reply};
pub use shape::{refusal_form, schema_judgements};
pub use subscription::{Event, Subscribed, SubscribedItem, Unsubscribed, notified};
