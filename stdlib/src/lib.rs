//! The modules that are part of the program, embedded: what `use std.…` and `use policies.…` find.

/// Every module by its name, in order.
pub const MODULES: &[(&str, &str)] = &[
    ("policies.agents", include_str!("../../policies/agents.leeway")),
    ("policies.baseline", include_str!("../../policies/baseline.leeway")),
    ("policies.change_freeze", include_str!("../../policies/change_freeze.leeway")),
    ("policies.cost", include_str!("../../policies/cost.leeway")),
    ("policies.data", include_str!("../../policies/data.leeway")),
    ("policies.tags", include_str!("../../policies/tags.leeway")),
    ("std.command", include_str!("../command.leeway")),
    ("std.crossplane", include_str!("../crossplane.leeway")),
    ("std.http", include_str!("../http.leeway")),
    ("std.kubernetes", include_str!("../kubernetes.leeway")),
    ("std.ratelimiter", include_str!("../ratelimiter.leeway")),
    ("std.tofu", include_str!("../tofu.leeway")),
];

/// The source of module `name`, such as `std.ratelimiter`.
pub fn module(name: &str) -> Option<&'static str> {
    MODULES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
