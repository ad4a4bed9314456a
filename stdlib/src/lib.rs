//! The standard library's modules, embedded: what `use std.…` finds.

/// Every module by its name, in order.
pub const MODULES: &[(&str, &str)] = &[("std.ratelimiter", include_str!("../ratelimiter.leeway"))];

/// The source of module `name`, such as `std.ratelimiter`.
pub fn module(name: &str) -> Option<&'static str> {
    MODULES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
