//! What a program means: names are resolved, types, units, authority and times are checked, and the rest is lowered to the IR.

mod check;
mod circle;
mod closest;
mod hir;
mod included;
mod lower;
mod notation;
mod program;
mod quoted;
mod resolve;
mod week;

pub use check::{Checked, Judged, check};
pub use closest::closest;
pub use hir::Hir;
pub use lower::{Lowered, lower};
pub use program::{Module, Program};
pub use resolve::{Resolved, resolve};
