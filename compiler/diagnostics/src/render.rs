//! How findings are shown: to people at a terminal, in one line each, to programs, and to services that show them beside a change.

mod finding;
mod github;
mod gitlab;
mod human;
mod json;
mod sarif;
mod short;
#[cfg(test)]
mod tests;
mod visible;

pub use github::github;
pub use gitlab::gitlab;
pub use human::human;
pub use json::json;
pub use sarif::sarif;
pub use short::short;
