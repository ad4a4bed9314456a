//! Random inputs, the same in every run, and how each engine gets to see them.

use leeway_engine::Plan;

use crate::ours::renamed;

/// The actions, in the order of the declarations.
pub const ACTIONS: [&str; 8] =
    ["scale_up", "scale_down", "restart", "rollback", "drain_node", "update_config", "delete_volume", "migrate_db"];

/// The numbers that the policy reads, in the order of [`Input::numbers`].
pub const NAMES: [&str; 11] = ["cur", "min", "max", "cpu", "mem", "p95", "err", "restarts", "age", "hour", "target"];

/// One proposal and all that is known.
#[derive(Clone, Debug)]
pub struct Input {
    /// Which of [`ACTIONS`].
    pub action: usize,
    /// Of which group of rules.
    pub group: usize,
    /// By [`NAMES`].
    pub numbers: [i64; 11],
}

/// An xorshift generator: what is compared must be the same tomorrow.
struct Random(u64);

impl Random {
    fn new() -> Random {
        Random(0x9E37_79B9_7F4A_7C15)
    }

    fn below(&mut self, bound: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// So many inputs, the same each time.
pub fn random(count: usize) -> Vec<Input> {
    let mut random = Random::new();
    (0..count)
        .map(|_| {
            let mut below = |bound| random.below(bound);
            let numbers = [
                1 + below(10),
                1 + below(3),
                5 + below(20),
                below(101),
                below(101),
                below(1_000),
                below(100_000),
                below(15),
                below(600),
                below(24),
                below(30),
            ];
            Input { action: usize::try_from(below(8)).unwrap(), group: 0, numbers }
        })
        .collect()
}

impl Input {
    /// What its action is called, with its group.
    pub fn action_name(&self) -> String {
        renamed(ACTIONS[self.action], self.group)
    }

    /// One of the numbers.
    pub fn number(&self, name: usize) -> f64 {
        f64::from(i32::try_from(self.numbers[name]).unwrap())
    }

    /// All of them, in the order of the plan's slots.
    pub fn row(&self, plan: &Plan) -> [f64; 11] {
        let mut row = [f64::NAN; 11];
        for (name, of) in NAMES.iter().enumerate() {
            row[plan.named(of).unwrap().place()] = self.number(name);
        }
        row
    }

    /// As a document: numbers in base units.
    pub fn json(&self) -> String {
        let numbers: Vec<String> = NAMES.iter().zip(self.numbers).map(|(name, n)| format!("\"{name}\":{n}")).collect();
        format!("{{\"action\":\"{}\",{}}}", self.action_name(), numbers.join(","))
    }
}
