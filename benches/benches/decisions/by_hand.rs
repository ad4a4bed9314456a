//! The policy as somebody would write it in Rust.

use leeway_engine::Tier;

/// What the policy reads, as an ordinary struct.
#[derive(Clone, Copy)]
pub(crate) struct Proposal {
    pub action: Action,
    pub target: i64,
    pub cur: i64,
    pub min: i64,
    pub max: i64,
    pub cpu: i64,
    pub mem: i64,
    pub p95: i64,
    pub err: i64,
    pub restarts: i64,
    pub age: i64,
    pub hour: i64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    ScaleUp,
    ScaleDown,
    Restart,
    Rollback,
    DrainNode,
    UpdateConfig,
    DeleteVolume,
    MigrateDb,
}

const ALL: [Action; 8] = [
    Action::ScaleUp,
    Action::ScaleDown,
    Action::Restart,
    Action::Rollback,
    Action::DrainNode,
    Action::UpdateConfig,
    Action::DeleteVolume,
    Action::MigrateDb,
];

impl Proposal {
    pub(crate) fn of(input: &leeway_benches::Input) -> Proposal {
        let [cur, min, max, cpu, mem, p95, err, restarts, age, hour, target] = input.numbers;
        Proposal { action: ALL[input.action], target, cur, min, max, cpu, mem, p95, err, restarts, age, hour }
    }
}

#[inline(never)]
pub(crate) fn decide(p: &Proposal) -> Tier {
    if p.age < 30 && p.action != Action::Rollback {
        return Tier::Forbidden;
    }
    let (forbidden, approval, allowed) = match p.action {
        Action::ScaleUp => (p.target > p.max || p.target < p.min, p.target > p.cur * 2, p.cpu > 75 || p.p95 > 500),
        Action::ScaleDown => (p.target > p.max || p.target < p.min, p.target * 2 < p.cur, p.cpu < 30 && p.mem < 40),
        Action::Restart => (p.restarts > 10, p.restarts > 3, p.err > 20_000),
        Action::Rollback => (false, p.err < 10_000, p.err >= 50_000),
        Action::DrainNode => (p.err > 50_000, p.cpu > 70, p.cpu < 40 && p.mem < 50),
        Action::UpdateConfig => (false, p.hour >= 9 && p.hour < 17, p.err < 10_000),
        Action::DeleteVolume => (true, false, false),
        Action::MigrateDb => (p.hour >= 8 && p.hour < 20, true, false),
    };
    if forbidden {
        Tier::Forbidden
    } else if approval {
        Tier::ApprovalRequired
    } else if allowed {
        Tier::Allowed
    } else {
        Tier::Forbidden
    }
}
