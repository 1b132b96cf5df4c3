//! The DIGIT exchange: signed messages, acknowledged at once and replied to later.

mod ack;
mod checks;
mod exchange;
mod kind;
mod party;
mod reply;

pub(crate) use exchange::exchange;
