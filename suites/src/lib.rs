//! Which experiments exist, and what counts as a violation.
//!
//! A [`Case`] is a data file under `suites/cases/`: either a list of *twins* (an honest request and
//! requests that differ from it in one fault), or the name of a law, or an order to the generator. Laws
//! and oracles are pure functions over [`Observation`](specs::evidence::Observation)s: they decide what
//! to do next and what follows from what was seen, and never send anything themselves, so a recorded run
//! can be judged again from its log.
//!
//! Two rules keep verdicts honest:
//!
//! - A refusal proves nothing unless the honest twin of the refused request was accepted.
//! - An acceptance proves nothing unless a faulty twin was refused.

pub mod case;
pub mod context;
pub mod generated;
pub mod judgement;
pub mod known;
pub mod laws;
pub mod oracle;
pub mod own;
pub mod plan;
pub mod readings;
pub mod request;
pub mod schema;
pub mod twins;

pub use case::{Case, CaseError, Cases};
pub use context::Context;
pub use judgement::{Judgement, Outcome};
pub use own::CaseFault;
pub use plan::Step;
