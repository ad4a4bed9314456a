//! Observe, evaluate, gate, execute, verify, record: the loop that enforces one blueprint on one live target.

mod command;
mod enforcer;
mod executing;
mod journal;
mod moving;
mod observing;
mod open_operation;
mod proposing;
mod restore;
mod settling;

pub use command::{Answer, Handle, Stopped};
pub use enforcer::{EnforceError, Enforcer, Settings, Standing};
pub use journal::{Event, EventStream};
