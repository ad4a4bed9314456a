//! `spec.resources`, `spec.performance`, `spec.scaling`, `spec.reliability`, `spec.deployment`: what is wanted of the target.

use super::part::Part;
use super::writer::Writer;

/// What `spec.performance` wants of the metric of each name.
const PERFORMANCE: [(&str, &str); 3] = [("latency_p95", "<="), ("availability", ">="), ("error_rate", "<=")];

/// The metric that the thresholds of `spec.scaling` are about.
const LOAD: &str = "cpu";

/// Where `floor` and `ceiling` come from.
pub(super) const FLOOR: [&str; 2] = ["scaling", "min_replicas"];
pub(super) const CEILING: [&str; 2] = ["scaling", "max_replicas"];

impl<'a> Writer<'a> {
    pub(super) fn resources(&mut self) {
        for (group, what) in [("requests", "request"), ("limits", "limit")] {
            for resource in ["cpu", "memory"] {
                if let Some(part) = self.spec(&["resources", group, resource]) {
                    self.line(&part, &format!("objective {resource}_{what} == "), "");
                }
            }
        }
        if let Some(part) = self.spec(&["resources", "minimum", "memory"]) {
            self.line(&part, "forbid resize(memory_request, ..) when memory_request < ", "");
        }
    }

    pub(super) fn performance(&mut self) {
        for (metric, comparison) in PERFORMANCE {
            let Some((part, _)) = self.value(&["performance", metric]) else { continue };
            if self.measured(metric, &part) {
                self.line(&part, &format!("objective {metric} {comparison} "), "");
            }
        }
    }

    pub(super) fn scaling(&mut self) {
        for (path, name) in [(FLOOR, "floor"), (CEILING, "ceiling")] {
            if let Some(part) = self.spec(&path) {
                self.line(&part, &format!("let {name} = "), "");
            }
        }
        self.rule("up", ">", "replicas < ceiling", "+", &CEILING);
        self.rule("down", "<", "replicas > floor", "-", &FLOOR);
        let thresholds = ["scale_up_threshold", "scale_down_threshold"];
        if let Some(part) = self.spec(&["scaling", "for"])
            && thresholds.iter().all(|key| self.spec(&["scaling", key]).is_none())
        {
            self.missing(
                &part.at,
                "`for` says nothing without a threshold",
                "add `scale_up_threshold` or `scale_down_threshold`",
            );
        }
        if let Some(part) = self.spec(&["scaling", "cooldown"]) {
            self.line(&part, "limit cooldown ", " after any");
        }
    }

    fn rule(&mut self, way: &str, comparison: &str, room: &str, sign: &str, bound: &[&str]) {
        let key = format!("scale_{way}_threshold");
        let Some((part, literal)) = self.value(&["scaling", &key]) else { return };
        let held = self.needed(&["scaling", "for"], &key, &part.at);
        let bounded = self.needed(bound, &key, &part.at).is_some();
        let (true, true, Some((held, duration))) = (self.measured(LOAD, &part), bounded, held) else { return };
        self.member(&part.at, |draft| {
            draft.push(&format!("rule scale_{way} {{ when {LOAD} {comparison} "));
            draft.value(part.node, &literal);
            draft.push(" for ");
            draft.value(held.node, &duration);
            draft.push(&format!(" and {room} propose scale(to: replicas {sign} 1) }}"));
        });
    }

    pub(super) fn reliability(&mut self) {
        if let Some((part, rolls_back)) = self.value(&["reliability", "rollback_on_failure"]) {
            let otherwise = if rolls_back == "true" { "rollback" } else { "escalate" };
            self.member(&part.at, |draft| {
                draft.push(&format!("verify scale {{ within 60s ready == to }} else {otherwise}"));
            });
        }
        if let Some(part) = self.spec(&["reliability", "breaker"]) {
            self.line(&part, "limit breaker ", " failures");
        }
    }

    pub(super) fn deployment(&mut self) {
        for fact in ["strategy", "max_surge", "max_unavailable"] {
            if let Some(part) = self.spec(&["deployment", fact]) {
                self.line(&part, &format!("objective {fact} == "), "");
            }
        }
    }

    /// Whether `spec.metrics` has what `by` is about; said if not.
    fn measured(&mut self, metric: &str, by: &Part<'a>) -> bool {
        let metrics = self.spec(&["metrics"]);
        let found = metrics.is_some_and(|metrics| metrics.node.entry(metric).is_some());
        if !found {
            let help = format!("add `{metric}` to `spec.metrics`, with its type and its source");
            self.missing(&by.at, format!("this is about the metric `{metric}`, which `spec.metrics` lacks"), help);
        }
        found
    }
}
