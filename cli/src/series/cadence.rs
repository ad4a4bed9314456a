//! How far apart the samples of a metric lie, and whether a policy can live with that.

use std::collections::BTreeMap;

use leeway_ir::{Metric, Policy};
use leeway_units::{Quantity, Unit};

/// How many distances between samples are told apart.
const DISTANCES_MAX: usize = 1_000;

/// The times of one metric's values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cadence {
    /// In milliseconds since 1970.
    last_ms: Option<i64>,
    steps: u32,
    /// Steps over which the value before became stale.
    blind: u32,
    /// How often each distance was, in whole seconds; of the first [`DISTANCES_MAX`] that there were.
    apart: BTreeMap<u64, u32>,
}

impl Cadence {
    /// A value was seen.
    pub(crate) fn note(&mut self, at_ms: i64, stale_ms: u64) {
        if let Some(last_ms) = self.last_ms {
            let step_ms = at_ms.abs_diff(last_ms);
            self.steps = self.steps.saturating_add(1);
            self.blind = self.blind.saturating_add(u32::from(step_ms > stale_ms));
            let apart_s = step_ms.saturating_add(500) / 1_000;
            if let Some(times) = self.apart.get_mut(&apart_s) {
                *times = times.saturating_add(1);
            } else if self.apart.len() < DISTANCES_MAX {
                self.apart.insert(apart_s, 1);
            }
        }
        self.last_ms = Some(at_ms);
    }

    /// How far apart nine in ten lie at most: one outage says nothing about the others.
    fn mostly_s(&self) -> u64 {
        let all: u64 = self.apart.values().map(|times| u64::from(*times)).sum();
        let mut counted = 0;
        let mostly = self.apart.iter().find(|(_, times)| {
            counted += u64::from(**times);
            counted * 10 >= all * 9
        });
        mostly.map_or(0, |(apart_s, _)| *apart_s)
    }

    /// What the policy will not see of its metric that is recorded like this, or of which a server is asked for a sample every
    /// `asked_ms`.
    pub(crate) fn warning(&self, policy: &Policy, metric: &Metric, asked_ms: Option<u64>) -> Option<String> {
        let name = &metric.name;
        if self.last_ms.is_none() {
            return Some(format!("metric `{name}` has no value in all of this history"));
        }
        if u64::from(self.blind) * 2 <= u64::from(self.steps) {
            return None;
        }
        let (stale, place) = (duration(metric.stale_ms), counted(policy, metric).unwrap_or_default());
        if let Some(asked) = asked_ms.filter(|asked_ms| *asked_ms > metric.stale_ms).map(duration) {
            return Some(format!(
                "`--step` asks for a sample of metric `{name}` every {asked}, and each counts for {stale}: between them it is \
                 unknown, and so is every window over it; give `--step {stale}` or less, or write `stale {asked}` or more{place}"
            ));
        }
        let apart_ms = self.mostly_s().max(1).saturating_mul(1_000);
        let [apart, twice] = [apart_ms, apart_ms.saturating_mul(2)].map(duration);
        Some(format!(
            "the samples of metric `{name}` lie about {apart} apart, and each counts for {stale}: between them it is unknown, and so is \
             every window over it; write `stale {twice}`{place}, so that one may be late or lost"
        ))
    }
}

/// Where it is said how long samples count that an objective counts with, which no `metric` declares.
fn counted(policy: &Policy, metric: &Metric) -> Option<String> {
    let is = |id| policy.metric(id).is_some_and(|one| one.name == metric.name);
    let slo = policy.slos.iter().find(|slo| is(slo.good) || is(slo.total))?;
    let (_, part) = metric.name.rsplit_once('.')?;
    Some(format!(" behind the source of `{part}` in slo `{}`", slo.name))
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
fn duration(ms: u64) -> String {
    Quantity::new(Unit::Duration, ms as f64).map_or_else(String::new, |quantity| quantity.to_string())
}
