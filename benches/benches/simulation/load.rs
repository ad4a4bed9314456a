//! A year of load, made moment by moment: a day, a week, noise, and an incident now and then. The same in every run.

use std::f64::consts::TAU;

use jiff::{SignedDuration, Timestamp};
use leeway_engine::Moment;
use leeway_ir::Policy;
use leeway_units::{Quantity, Unit, Value};

/// Between two moments.
pub(crate) const STEP_S: u32 = 15;
const DAY_S: u32 = 86_400;
pub(crate) const STEPS_PER_DAY: u32 = DAY_S / STEP_S;

/// About one moment in so many begins an incident, which lasts for 40 minutes.
const INCIDENT_EVERY: u64 = 40_000;
const INCIDENT_STEPS: u32 = 160;

/// One moment in so many loses a scrape.
const LOST_EVERY: u64 = 5_000;

/// Each metric: its name, its unit, its base units at no load and at full load, and how much of that is noise.
const METRICS: [(&str, Unit, f64, f64, f64); 12] = [
    ("cpu", Unit::Ratio, 12.0, 84.0, 0.05),
    ("memory", Unit::Ratio, 40.0, 82.0, 0.02),
    ("p95", Unit::Duration, 80.0, 290.0, 0.10),
    ("p99", Unit::Duration, 150.0, 900.0, 0.15),
    ("errors", Unit::Ratio, 0.05, 0.40, 0.30),
    ("queue", Unit::Number, 2.0, 48.0, 0.20),
    ("load", Unit::Rate, 360_000.0, 3_600_000.0, 0.04),
    ("io", Unit::Ratio, 10.0, 70.0, 0.10),
    ("backlog", Unit::Duration, 300.0, 6_000.0, 0.20),
    ("bill", Unit::Spend, 440_000.0, 1_300_000.0, 0.01),
    ("availability.total", Unit::Rate, 360_000.0, 3_600_000.0, 0.04),
    ("availability.good", Unit::Rate, 359_900.0, 3_598_600.0, 0.04),
];

/// Where each metric lies in a policy, and what the generator remembers.
pub(crate) struct Load {
    slots: Vec<usize>,
    state: u64,
    incident_until: u32,
}

impl Load {
    pub(crate) fn new(policy: &Policy) -> Load {
        let slot = |name: &str| policy.metrics.iter().position(|metric| metric.name.as_ref() == name).unwrap();
        let slots = METRICS.iter().map(|(name, ..)| slot(name)).collect();
        Load { slots, state: 0x9E37_79B9_7F4A_7C15, incident_until: 0 }
    }

    /// What is measured at that step.
    pub(crate) fn fill(&mut self, moment: &mut Moment, step: u32) {
        moment.begin(start() + SignedDuration::from_secs(i64::from(step) * i64::from(STEP_S)));
        if self.next().is_multiple_of(INCIDENT_EVERY) {
            self.incident_until = step + INCIDENT_STEPS;
        }
        let level = self.level(step);
        let shared = self.part();
        for (at, (name, unit, idle, full, noise)) in METRICS.iter().enumerate() {
            let part = self.part();
            if self.state.is_multiple_of(LOST_EVERY) {
                continue;
            }
            // What is good and what is all are counted by the same scrape.
            let part = if name.starts_with("availability") { shared } else { part };
            let mut base = (idle + (full - idle) * level) * (1.0 + noise * (part - 0.5));
            if step < self.incident_until {
                base *= match *name {
                    "errors" => 8.0,
                    "p95" | "p99" | "queue" | "backlog" => 1.8,
                    "availability.good" => 0.98,
                    _ => 1.0,
                };
            }
            moment.metrics[self.slots[at]] = Some(Ok(Value::Quantity(Quantity::new(*unit, base).unwrap())));
        }
    }

    /// How much of the full load there is: most at noon, less at the weekend.
    fn level(&mut self, step: u32) -> f64 {
        let day = f64::from(step) / f64::from(STEPS_PER_DAY);
        let week = if (day as u32) % 7 >= 5 { 0.6 } else { 1.0 };
        let wave = 0.5 - 0.5 * (TAU * day.fract()).cos();
        (wave * week + 0.05 * (self.part() - 0.5)).clamp(0.0, 1.0)
    }

    fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Xorshift: noise need not be better than this.
    fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }
}

pub(crate) fn start() -> Timestamp {
    "2025-01-01T00:00:00Z".parse().unwrap()
}
