//! Reading answers: was the request accepted or refused, and what does a search reply hold.

mod answer;
mod read;
mod record;
mod reply;
mod shape;
mod subscription;

pub(crate) use answer::enveloped;
pub use answer::{Answer, answers_with, classify, classify_read, describe, error_code};
pub use read::Read;
pub use record::{Comparison, compare, satisfies, value_of};
pub use reply::{Item, Reply};
pub(crate) use reply::{belongs, reference_ids};
pub use shape::{refusal_form, schema_judgements};
pub use subscription::{Event, Subscribed, SubscribedItem, Unsubscribed, notified};
