//! Reports for tests: two weeks of a storefront, and the same with hostile words wherever words stand.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use leeway_engine::{Requirement, State, Tier, Truth, Unknown, Verdict, Voice};
use leeway_ir::Origin;
use leeway_units::Unit;
use serde_json::json;

use crate::report::{
    Age, Bound, Change, Changes, Clock, Comparison, Course, Decision, Difference, Fact, Fared, Figure, Metric,
    Objective, Outcome, Part, PartKind, Report, Run, Shown, Threshold, Ticket, Trace, Words,
};

const STEP_MIN: i64 = 6;
const STEPS: i64 = 14 * 24 * 60 / STEP_MIN;
const STEP_MS: u64 = 6 * 60_000;

/// Would do harm wherever it is taken for markup, for a string of a script, or for the end of one.
pub(crate) const HOSTILE: &str = "</script><script>document.title='harmed'</script><img src=x onerror=\"document.title='harmed'\">\
     <!--'\"`${document.title='harmed'}&lt;\u{2028}\u{202e}--><svg onload=alert(1)>";

fn minute(minutes: i64) -> Timestamp {
    let first: Timestamp = "2026-03-02T00:00:00Z".parse().unwrap();
    first + SignedDuration::from_mins(minutes)
}

/// A proposal so many minutes into the history.
pub(crate) fn decision(minutes: i64, tier: Tier, call: &str) -> Decision {
    let (by, text, because) = match tier {
        Tier::Allowed => ("frontend/allow/scale/1", "to in floor..ceiling", None),
        Tier::ApprovalRequired => ("frontend/approve/scale/1", "not to in floor..ceiling", None),
        Tier::Forbidden => {
            ("frontend/forbid/scale/1", "to > 6 or errors > 5%", Some("the database has connections for six replicas"))
        }
    };
    let voice = |tier, by: &str, text: &str, line, because: Option<&str>| Voice {
        tier,
        by: by.into(),
        kind: "clause".into(),
        truth: Truth::True,
        at: Some(Origin { path: "blueprints/frontend.leeway".into(), line, column: 3 }),
        because: because.map(str::to_owned),
        values: [("to", json!(6)), ("floor", json!(2)), ("ceiling", json!(5)), ("cpu", json!("84.33333333333334%"))]
            .map(|(name, value)| (Arc::from(name), value))
            .into(),
        text: text.to_owned(),
    };
    let mut voices = vec![voice(tier, by, text, 39, because)];
    if tier == Tier::Forbidden {
        voices.push(Voice {
            truth: Truth::Unknown,
            ..voice(Tier::ApprovalRequired, "frontend/limit/drift/1", "drift replicas 4 per 1h", 52, None)
        });
    }
    let approval = Requirement { by: vec!["sre-oncall".into()], timeout_s: 3_600, quorum: 1 };
    let verdict = Verdict {
        tier,
        blueprint: "frontend".into(),
        version: Some("1.4.0".into()),
        fingerprint: "sha256:5c1e".into(),
        target: "shop/frontend".into(),
        action: "scale".into(),
        arguments: [(Arc::from("to"), json!(6))].into(),
        proposal: call.to_owned(),
        actor: "rule:scale_out".into(),
        voices,
        unknown: match tier {
            Tier::Forbidden => vec![Unknown { name: "errors".into(), kind: "metric".into(), why: "stale".into() }],
            Tier::Allowed | Tier::ApprovalRequired => vec![],
        },
        suggest: if tier == Tier::Allowed { vec![] } else { vec!["scale(to: 5)".to_owned()] },
        approval: if tier == Tier::ApprovalRequired { vec![approval] } else { vec![] },
        retry_after_s: None,
        state_digest: "sha256:0".into(),
        digest: "sha256:0".into(),
    };
    let because = Some("CPU is 84.33%, above 80% for two minutes".into());
    Decision { at: minute(minutes), rule: "scale_out".to_owned(), because, verdict, outcome: None }
}

/// What a storefront did for two weeks, and what was proposed: reproducible, and no two days alike.
struct Storefront {
    cpu: Trace,
    p95: Trace,
    p95_recorded: Trace,
    replicas: Trace,
    shown: Shown,
}

impl Storefront {
    fn played(ceiling: f64, is_approved: bool) -> Storefront {
        let trace = || Trace::new(3 * STEP_MS);
        let mut front = Storefront {
            cpu: trace(),
            p95: trace(),
            p95_recorded: trace(),
            replicas: Trace::new(u64::MAX),
            shown: Shown::default(),
        };
        let (mut replicas, mut noise, mut resting) = (2.0_f64, 7_u32, 0);
        for step in 0..STEPS {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let jitter = f64::from(noise >> 16) / 65_536.0 - 0.5;
            let minutes = step * STEP_MIN;
            let day = f64::from(i32::try_from(minutes).unwrap()) / 1_440.0;
            let wave = (1.0 - (day * std::f64::consts::TAU).cos()) / 2.0;
            let weekday = if day % 7.0 < 5.0 { 1.0 } else { 0.55 };
            let campaign = if (9.55..9.72).contains(&day) { 240.0 } else { 0.0 };
            let load = (70.0 + 330.0 * wave.powi(2)) * weekday + campaign + 26.0 * jitter;
            let cpu = (load / replicas).clamp(3.0, 100.0);
            let at_ms = minute(minutes).as_millisecond();
            let is_blind = (4.30..4.45).contains(&day);
            front.cpu.add(at_ms, (!is_blind).then_some(cpu));
            front.p95.add(at_ms, (!is_blind).then_some(38.0 + 42.0 / (1.05 - cpu / 100.0)));
            front.p95_recorded.add(at_ms, (!is_blind).then_some(90.0 + 150.0 * wave + 40.0 * jitter.abs()));
            front.replicas.add(at_ms, Some(replicas));
            resting -= 1;
            let to = if cpu > 80.0 { replicas + 1.0 } else { replicas - 1.0 };
            if resting > 0 || is_blind || !(cpu > 80.0 || (cpu < 30.0 && replicas > 2.0)) {
                continue;
            }
            resting = 12;
            replicas = front.propose(minutes, replicas, to, ceiling, is_approved);
        }
        front
    }

    /// The number of replicas after it.
    fn propose(&mut self, minutes: i64, replicas: f64, to: f64, ceiling: f64, is_approved: bool) -> f64 {
        let tier = if to > 6.0 {
            Tier::Forbidden
        } else if to > ceiling {
            Tier::ApprovalRequired
        } else {
            Tier::Allowed
        };
        let mut made = decision(minutes, tier, &format!("scale(to: {to})"));
        made.rule = if to > replicas { "scale_out" } else { "scale_in" }.to_owned();
        let number = self.shown.add(made);
        let (state, after, why) = match tier {
            Tier::Allowed => (State::Confirmed, 5, None),
            Tier::ApprovalRequired if !is_approved => (State::Expired, 60, Some("nobody answered within 1h")),
            Tier::ApprovalRequired => (State::Partial, 20, Some("approved after 15m; p95 <= 200ms is still unmet")),
            Tier::Forbidden => (State::Refused, 0, None),
        };
        self.shown.settle(number, Outcome { state, at: minute(minutes + after), why: why.map(str::to_owned) });
        if state == State::Refused || state == State::Expired { replicas } else { to }
    }

    fn run(self, version: &str) -> Run {
        let objective = |text: &str, low: Option<f64>, high: Option<f64>| {
            let [low, high] = [low, high].map(|bound| bound.map(Bound::Fixed));
            Objective { text: text.to_owned(), low, high }
        };
        let threshold = |text: &str, value, by: &str| Threshold {
            text: text.to_owned(),
            value: Bound::Fixed(value),
            by: by.to_owned(),
        };
        let mut strategy = Words::default();
        for (minutes, word) in
            [(0, Some("rolling_update")), (8_000, Some("recreate")), (9_500, None), (9_900, Some("rolling_update"))]
        {
            strategy.add(minute(minutes), word);
        }
        Run {
            blueprint: "frontend".to_owned(),
            version: Some(version.to_owned()),
            fingerprint: "sha256:5c1e8f0a7d4b9e2236cb19aa07d1f3e2b86f0c55".to_owned(),
            warnings: vec![
                "12 rows of `cpu.csv` could not be read and were left out; the first is row 4211".to_owned(),
            ],
            assumptions: vec![
                "`cpu` is replayed as recorded: it does not respond to what was done".to_owned(),
                "people approve after 15m (`--approve after 15m`)".to_owned(),
            ],
            figures: figures(),
            objectives: fared(),
            metrics: vec![
                Metric {
                    name: "cpu".to_owned(),
                    unit: Unit::Ratio,
                    objectives: vec![objective("cpu in 30%..80%", Some(30.0), Some(80.0))],
                    thresholds: vec![threshold("cpu > 90% for 10m", 90.0, "rule scale_out")],
                    trace: self.cpu,
                    model: None,
                    recorded: None,
                },
                Metric {
                    name: "p95".to_owned(),
                    unit: Unit::Duration,
                    objectives: vec![objective("p95 <= 200ms", None, Some(200.0))],
                    thresholds: vec![],
                    trace: self.p95,
                    model: Some("Queueing latency by utilisation: service time / (1.05 − cpu), M/M/1.".to_owned()),
                    recorded: Some(self.p95_recorded),
                },
            ],
            facts: vec![
                Fact {
                    name: "replicas".to_owned(),
                    course: Course::Numbers { unit: Unit::Count, trace: self.replicas },
                },
                Fact { name: "strategy".to_owned(), course: Course::Words(strategy) },
            ],
            proposals: self.shown.finish(),
            tickets: tickets(),
            parts: parts(),
        }
    }
}

fn figures() -> Vec<Figure> {
    let figure = |label: &str, value: &str, detail: Option<&str>| Figure {
        label: label.to_owned(),
        value: value.to_owned(),
        detail: detail.map(str::to_owned),
    };
    vec![
        figure("time outside objectives", "1d 2h", Some("unknown for 4h")),
        figure("operations done", "248", Some("214 confirmed, 34 partial")),
        figure("not done", "6", Some("6 refused")),
        figure("approvals per day", "2.4", Some("34 asked")),
        figure("oscillations", "3", Some("an act that was turned back within an hour")),
        figure("replicas × hours", "1204.0", None),
        figure("never used", "2 of 7", Some("rules, clauses and limits")),
    ]
}

fn tickets() -> Vec<Ticket> {
    let ticket = |kind: &str, name: &str, severity: &str, pair: Option<&str>, from, to: Option<i64>| Ticket {
        kind: kind.to_owned(),
        name: name.to_owned(),
        severity: severity.to_owned(),
        pair: pair.map(str::to_owned),
        from: minute(from),
        to: to.map(minute),
    };
    vec![
        ticket("slo", "availability", "high", Some("1h/5m"), 13_780, Some(14_060)),
        ticket("slo", "availability", "medium", Some("1d/2h"), 13_900, Some(15_800)),
        ticket("invariant", "spread", "high", None, 19_800, None),
    ]
}

fn fared() -> Vec<Fared> {
    let fared = |objective: &str, line, outside_ms| Fared {
        objective: objective.to_owned(),
        at: Origin { path: "blueprints/frontend.leeway".into(), line, column: 3 },
        outside_ms,
        unknown_ms: 14_400_000,
    };
    vec![fared("cpu in 30%..80%", 20, 93_600_000), fared("p95 <= 200ms", 21, 54_000_000)]
}

fn parts() -> Vec<Part> {
    let part = |kind, id: &str, text: &str, line, times| Part {
        kind,
        id: id.to_owned(),
        text: text.to_owned(),
        at: Origin { path: "blueprints/frontend.leeway".into(), line, column: 3 },
        times,
    };
    let clause = |id, text, line, times| part(PartKind::Clause, id, text, line, times);
    let limit = |id, text, line, times| part(PartKind::Limit, id, text, line, times);
    vec![
        part(PartKind::Rule, "rule:scale_out", "cpu > 80% for 2m and replicas < 9", 24, 254),
        clause("frontend/allow/scale/1", "to in floor..ceiling", 39, 214),
        clause("frontend/approve/scale/1", "not to in floor..ceiling", 39, 34),
        clause("frontend/forbid/scale/1", "to > 6 or errors > 5%", 41, 6),
        clause("frontend/allow/restart/1", "(max pod in pods: pod.restarts) < 3", 50, 0),
        limit("frontend/limit/cooldown/1", "cooldown 60s after any", 57, 0),
        limit("frontend/limit/drift/1", "drift replicas 4 per 1h", 60, 6),
    ]
}

/// Two weeks of a storefront.
pub(crate) fn storefront() -> Report {
    Report {
        title: "frontend 1.4.0".to_owned(),
        target: "kubernetes.deployment(\"shop/frontend\")".to_owned(),
        from: minute(0),
        to: minute((STEPS - 1) * STEP_MIN),
        step_ms: Some(STEP_MS),
        clock: Clock::Minutes,
        run: Storefront::played(5.0, true).run("1.4.0"),
        comparison: None,
    }
}

/// The same through a stricter policy of old.
pub(crate) fn compared() -> Report {
    let mut report = storefront();
    report.title = "frontend 1.3.2 → 1.4.0".to_owned();
    let before = Storefront::played(4.0, false).run("1.3.2");
    let mut differences: Vec<Difference> = Vec::new();
    for old in &before.proposals.shown {
        let new = report.run.proposals.shown.iter().find(|new| new.at == old.at);
        let [old_tier, new_tier] = [Some(old), new].map(|one| one.map_or(Tier::Forbidden, |one| one.verdict.tier));
        if old_tier != new_tier && differences.len() < 6 {
            differences.push(Difference {
                change: Change::between(old_tier, new_tier).unwrap(),
                by: Age::Old,
                before: Some(old.clone()),
                after: new.cloned(),
            });
        }
    }
    differences.sort_by_key(|one| one.change);
    let counts = Changes { newly_permitted: 21, newly_restricted: 4, ..Changes::default() };
    report.comparison = Some(Comparison { before, counts, differences });
    report
}

/// A history of one moment at which nothing was known and nothing was proposed.
#[cfg(feature = "browser")]
pub(crate) fn empty() -> Report {
    let mut report = storefront();
    report.to = report.from;
    report.step_ms = None;
    let run = &mut report.run;
    run.proposals = Shown::default().finish();
    (run.figures, run.warnings, run.assumptions) = (vec![], vec![], vec![]);
    (run.facts, run.tickets, run.parts, run.objectives) = (vec![], vec![], vec![], vec![]);
    run.metrics.truncate(1);
    for metric in &mut run.metrics {
        metric.trace = Trace::new(STEP_MS);
        metric.trace.add(report.from.as_millisecond(), None);
        (metric.objectives, metric.thresholds) = (vec![], vec![]);
    }
    report
}

/// Hostile words wherever a blueprint, a person or an agent can write some.
pub(crate) fn hostile() -> Report {
    let mut report = compared();
    let words = || HOSTILE.to_owned();
    (report.title, report.target) = (words(), words());
    let comparison = report.comparison.as_mut().unwrap();
    for run in [&mut report.run, &mut comparison.before] {
        (run.blueprint, run.version, run.fingerprint) = (words(), Some(words()), words());
        (run.warnings, run.assumptions) = (vec![words()], vec![words()]);
        run.figures.iter_mut().for_each(|one| (one.label, one.value, one.detail) = (words(), words(), Some(words())));
        for metric in &mut run.metrics {
            metric.name.push_str(HOSTILE);
            metric.model = Some(words());
            metric.objectives.iter_mut().for_each(|one| one.text = words());
            metric.thresholds.iter_mut().for_each(|one| (one.text, one.by) = (words(), words()));
        }
        for fact in &mut run.facts {
            fact.name.push_str(HOSTILE);
            if let Course::Words(words) = &mut fact.course {
                *words = Words::default();
                words.add(minute(0), Some(HOSTILE));
            }
        }
        run.proposals.shown.iter_mut().for_each(disguise);
        run.tickets
            .iter_mut()
            .for_each(|one| (one.kind, one.name, one.severity, one.pair) = (words(), words(), words(), Some(words())));
        let at = Origin { path: HOSTILE.into(), line: 1, column: 1 };
        run.parts.iter_mut().for_each(|one| (one.id, one.text, one.at) = (words(), words(), at.clone()));
        run.objectives.iter_mut().for_each(|one| (one.objective, one.at) = (words(), at.clone()));
    }
    for difference in &mut comparison.differences {
        difference.before.iter_mut().chain(&mut difference.after).for_each(disguise);
    }
    report
}

fn disguise(decision: &mut Decision) {
    let verdict = &mut decision.verdict;
    decision.rule = HOSTILE.to_owned();
    decision.because = Some(HOSTILE.into());
    (verdict.proposal, verdict.actor) = (HOSTILE.to_owned(), HOSTILE.into());
    verdict.suggest = vec![HOSTILE.to_owned()];
    verdict.unknown = vec![Unknown { name: HOSTILE.into(), kind: HOSTILE.into(), why: HOSTILE.into() }];
    verdict.approval = vec![Requirement { by: vec![HOSTILE.into()], timeout_s: 60, quorum: 1 }];
    for voice in &mut verdict.voices {
        (voice.by, voice.text, voice.because) = (HOSTILE.into(), HOSTILE.to_owned(), Some(HOSTILE.to_owned()));
        voice.values = [(Arc::from(HOSTILE), json!(HOSTILE))].into();
        voice.at = Some(Origin { path: HOSTILE.into(), line: 1, column: 1 });
    }
    decision.outcome.iter_mut().for_each(|outcome| outcome.why = Some(HOSTILE.to_owned()));
}
