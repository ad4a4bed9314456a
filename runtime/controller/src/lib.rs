//! Observe, evaluate, gate, execute, verify, record: the loop that enforces one blueprint on one live target.

mod command;
mod enforcer;
mod journal;
mod live;
mod observing;

pub use command::{Handle, Stopped};
pub use enforcer::{EnforceError, Enforcer};
pub use journal::{Event, EventStream};
