//! How findings are shown: to people at a terminal, in one line each, and to programs.

mod human;
mod json;
mod short;
#[cfg(test)]
mod tests;
mod visible;

pub use human::human;
pub use json::json;
pub use short::short;
