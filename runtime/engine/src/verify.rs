//! Whether an act did what it was to do, judged by evidence taken after it.

use std::sync::Arc;

use jiff::Timestamp;
use leeway_ir::{Expr, FactId, OnFailure, Policy, Stage, StageKind};
use leeway_units::Value;
use serde::{Deserialize, Serialize};

use crate::expression::Scope;
use crate::history::History;
use crate::intent::Purpose;
use crate::receipt::Receipt;
use crate::series::{ms_after, ms_between};
use crate::snapshot::Snapshot;
use crate::truth::Truth;
use crate::window::inputs;

/// How long an effect has to show when nothing else is said, in milliseconds.
const EFFECT_WITHIN_MS: u64 = 60_000;

/// How an act turned out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It did what it was to do, and every objective is met.
    Confirmed,
    /// It did what it was to do, and an objective is not met, or not known to be.
    Partial,
    /// It did not, or did harm.
    Failed,
    /// The evidence does not say.
    Inconclusive,
}

/// How far verification has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// How it turned out; nothing while stages are open.
    pub outcome: Option<Outcome>,
    /// What each stage says so far.
    pub stages: Vec<StageReport>,
    /// What happens on failure.
    pub on_failure: OnFailure,
}

/// What one stage says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StageReport {
    /// The stage as written: `hold 5s p99 <= 100ms`.
    pub text: Arc<str>,
    /// Whether it passed; nothing while it is open.
    pub passed: Option<Truth>,
    /// The values of its names when it was decided, for people.
    pub values: Vec<(Arc<str>, String)>,
}

/// Judges an act by the evidence since it ended. Acts are judged by the stages of the blueprint, or else of their declaration,
/// or else by their effects; taking back is judged by its effects alone.
pub fn verify(policy: &Policy, receipt: &Receipt, snapshot: &Snapshot, history: &History) -> Progress {
    let declared = match receipt.intent().purpose {
        Purpose::Undo => None,
        Purpose::Act => receipt.action(policy),
    };
    let arguments = receipt.arguments();
    let judge = Judge { receipt, scope: receipt.scope(policy, snapshot, history, &arguments), policy };
    let verification = declared.and_then(|id| policy.verification(id));
    let on_failure = verification.map_or(OnFailure::Rollback, |verification| verification.on_failure);
    let results = match declared.map(|id| policy.stages(id)).unwrap_or_default() {
        [] => vec![judge.effects()],
        stages => judge.stages(stages),
    };
    Progress {
        outcome: judge.outcome(&results),
        stages: results.into_iter().map(|(report, _)| report).collect(),
        on_failure,
    }
}

struct Judge<'a> {
    receipt: &'a Receipt,
    scope: Scope<'a>,
    policy: &'a Policy,
}

/// A stage's report, and when it was decided.
type Judged = (StageReport, Option<Timestamp>);

impl Judge<'_> {
    fn outcome(&self, results: &[Judged]) -> Option<Outcome> {
        let passed = |(report, _): &Judged| report.passed;
        if results.iter().any(|result| passed(result) == Some(Truth::False)) {
            return Some(Outcome::Failed);
        }
        match Truth::all(results.iter().map(passed).collect::<Option<Vec<_>>>()?) {
            Truth::True => {
                let now = Scope::bare(self.policy, self.scope.snapshot, self.scope.history);
                let wanted = self.policy.objectives.iter().map(|objective| now.truth(&objective.condition.expr));
                Some(if Truth::all(wanted).is_true() { Outcome::Confirmed } else { Outcome::Partial })
            }
            Truth::False => Some(Outcome::Failed),
            Truth::Unknown => Some(Outcome::Inconclusive),
        }
    }

    fn stages(&self, stages: &[Stage]) -> Vec<Judged> {
        let ended = self.receipt.judged_since();
        let others: Vec<Option<Timestamp>> = stages
            .iter()
            .filter(|stage| stage.kind != StageKind::Hold)
            .map(|stage| self.stage(stage, ended).1)
            .collect();
        // Holds begin when the other stages are done.
        let holding_from = others.into_iter().try_fold(ended, |latest, done| done.map(|done| latest.max(done)));
        stages
            .iter()
            .map(|stage| match (stage.kind, holding_from) {
                (StageKind::Hold, None) => (report(stage, self.scope, None), None),
                (StageKind::Hold, Some(from)) => self.stage(stage, from),
                (StageKind::At | StageKind::Within, _) => self.stage(stage, ended),
            })
            .collect()
    }

    /// One stage, whose window begins at `from`.
    fn stage(&self, stage: &Stage, from: Timestamp) -> Judged {
        let until = ms_after(from, stage.duration_ms);
        let judged = match stage.kind {
            StageKind::At => self.at(&stage.condition.expr, until),
            StageKind::Within => {
                self.within(from, until, |scope| scope.truth(&stage.condition.expr), &stage.condition.expr)
            }
            StageKind::Hold => self.hold(&stage.condition.expr, from, until),
        };
        let scope = Scope { at: judged.map_or(self.scope.at, |(_, at)| at), ..self.scope };
        (report(stage, scope, judged.map(|(truth, _)| truth)), judged.map(|(_, at)| at))
    }

    /// Once, by the first sample at or after `due`; unknown if none comes in time.
    fn at(&self, condition: &Expr, due: Timestamp) -> Option<(Truth, Timestamp)> {
        let slowest = inputs(self.scope, condition).iter().map(|series| series.stale_ms()).max().unwrap_or(0);
        let sampled = self.times(condition, due, self.scope.at).first().copied();
        match sampled {
            Some(at) => Some((Scope { at, ..self.scope }.truth(condition), at)),
            None if ms_between(due, self.scope.at) > slowest => Some((Truth::Unknown, self.scope.at)),
            None => None,
        }
    }

    /// At some sample until `until`.
    fn within(
        &self,
        from: Timestamp,
        until: Timestamp,
        truth: impl Fn(Scope<'_>) -> Truth,
        condition: &Expr,
    ) -> Option<(Truth, Timestamp)> {
        let mut last = Truth::Unknown;
        for at in self.times(condition, from, until.min(self.scope.at)) {
            last = truth(Scope { at, ..self.scope });
            if last.is_true() {
                return Some((Truth::True, at));
            }
        }
        // The last word counts: what could not be seen at the end may have become true.
        (self.scope.at >= until).then_some((last, until))
    }

    /// At every sample until `until`, with no gap in the evidence.
    fn hold(&self, condition: &Expr, from: Timestamp, until: Timestamp) -> Option<(Truth, Timestamp)> {
        let end = until.min(self.scope.at);
        let times = self.times(condition, from, end);
        let mut held = Truth::True;
        for at in &times {
            match (Scope { at: *at, ..self.scope }).truth(condition) {
                Truth::False => return Some((Truth::False, *at)),
                Truth::Unknown => held = Truth::Unknown,
                Truth::True => {}
            }
        }
        if self.scope.at < until {
            return None;
        }
        // Each input must have been looked at since the act, and often enough: silence is no sign of health.
        let covered = inputs(self.scope, condition).iter().all(|series| {
            let stamps: Vec<Timestamp> = series.between(from, end).map(|(at, _)| at).collect();
            let mut previous = from;
            let mut gaps =
                stamps.iter().copied().chain([end]).map(|at| ms_between(std::mem::replace(&mut previous, at), at));
            stamps.iter().any(|at| *at > self.receipt.judged_since()) && gaps.all(|gap| gap <= series.stale_ms())
        });
        Some((if covered { held } else { Truth::Unknown }, until))
    }

    /// Whether every fact written shows its new value within the time that effects have.
    fn effects(&self) -> Judged {
        let intent = self.receipt.intent();
        let until = ms_after(self.receipt.judged_since(), EFFECT_WITHIN_MS);
        let slots = intent.written.iter().map(|(name, value)| (self.policy.fact_named(name), name, value));
        let written: Vec<(Option<FactId>, &Arc<str>, &Value)> = slots.collect();
        // Built only to ask which series matter.
        let reads = Expr::And(written.iter().filter_map(|(id, ..)| id.map(Expr::Fact)).collect());
        let shows = |scope: Scope<'_>| Truth::all(written.iter().map(|(id, _, value)| shows(scope, *id, value)));
        let judged = if written.is_empty() {
            // Nothing to see: an action without effects and stages is taken at its word, and the compiler has warned.
            Some((Truth::True, self.receipt.judged_since()))
        } else {
            self.within(self.receipt.judged_since(), until, shows, &reads)
        };
        let wanted: Vec<String> = written.iter().map(|(_, name, value)| format!("{name} == {value}")).collect();
        let text = format!("within 1m {}", wanted.join(" and ")).into();
        let values = written.iter().map(|(id, name, _)| {
            let value = id.and_then(|id| self.scope.value(&Expr::Fact(id)));
            ((*name).clone(), value.map_or_else(|| "unknown".to_owned(), |value| value.to_string()))
        });
        let report = StageReport { text, passed: judged.map(|(truth, _)| truth), values: values.collect() };
        (report, judged.map(|(_, at)| at))
    }

    /// The times from `from` to `to` at which something that `condition` reads was sampled.
    fn times(&self, condition: &Expr, from: Timestamp, to: Timestamp) -> Vec<Timestamp> {
        let series = inputs(self.scope, condition);
        let mut times: Vec<Timestamp> =
            series.iter().flat_map(|series| series.between(from, to).map(|(at, _)| at)).collect();
        // A sample of the very moment that the act ended may have been taken before it.
        times.retain(|at| *at > self.receipt.judged_since());
        times.sort_unstable();
        times.dedup();
        times
    }
}

fn shows(scope: Scope<'_>, id: Option<FactId>, written: &Value) -> Truth {
    let value = id.and_then(|id| scope.value(&Expr::Fact(id)));
    value.map_or(Truth::Unknown, |value| Truth::from(value == *written))
}

fn report(stage: &Stage, scope: Scope<'_>, passed: Option<Truth>) -> StageReport {
    let value =
        |expr: &Expr| scope.value(expr).map_or_else(|| "unknown".to_owned(), |value| value.rounded().to_string());
    StageReport {
        text: stage.text().into(),
        passed,
        values: stage.condition.names.iter().map(|named| (named.name.clone(), value(&named.value))).collect(),
    }
}
