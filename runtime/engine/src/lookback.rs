//! How far back a policy looks at each fact and metric, and through which windows.

use leeway_ir::{
    Because, CallExpr, Condition, Expr, FactId, LimitKind, MetricId, Piece, Policy, SloId, WindowFunction,
};

use crate::band::lasting;
use crate::totals::Extremes;
use crate::window::{asks_for, looks_back_ms};

/// Of how many windows over one metric the samples are kept in order of size; percentiles of others are selected anew each time.
const SORTED_WINDOWS_MAX: usize = 8;

/// What is asked of one series.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lookback {
    /// How far back anything looks, in milliseconds.
    pub(crate) reach_ms: u64,
    /// Whether any window is asked of the present.
    pub(crate) summed: bool,
    /// The longest window of the present in which the smallest is asked for, and that in which the largest is.
    pub(crate) low_ms: Option<u64>,
    pub(crate) high_ms: Option<u64>,
    /// The windows of the present of which percentiles are asked.
    pub(crate) sorted_ms: Vec<u64>,
}

impl Lookback {
    fn reach(&mut self, ms: u64) {
        self.reach_ms = self.reach_ms.max(ms);
    }

    fn watch(&mut self, ms: u64, extremes: Extremes) {
        self.summed = true;
        self.low_ms = self.low_ms.max(extremes.low.then_some(ms));
        self.high_ms = self.high_ms.max(extremes.high.then_some(ms));
    }

    fn sort(&mut self, ms: u64) {
        if self.sorted_ms.len() < SORTED_WINDOWS_MAX && !self.sorted_ms.contains(&ms) {
            self.sorted_ms.push(ms);
        }
    }
}

/// What a policy asks of all of them.
#[derive(Clone, Debug)]
pub(crate) struct Lookbacks<'a> {
    policy: &'a Policy,
    pub(crate) facts: Vec<Lookback>,
    pub(crate) metrics: Vec<Lookback>,
}

impl Lookbacks<'_> {
    pub(crate) fn of(policy: &Policy) -> Lookbacks<'_> {
        let (facts, metrics) = (policy.facts.len(), policy.metrics.len());
        let mut found =
            Lookbacks { policy, facts: vec![Lookback::default(); facts], metrics: vec![Lookback::default(); metrics] };
        for clause in &policy.clauses {
            clause.when.iter().for_each(|when| found.condition(when, 0));
            found.because(clause.because.as_ref());
            clause.suggest.iter().for_each(|suggest| found.call(suggest));
        }
        for rule in &policy.rules {
            found.condition(&rule.when, 0);
            found.call(&rule.propose);
            found.because(rule.because.as_ref());
        }
        policy.objectives.iter().for_each(|objective| found.condition(&objective.condition, 0));
        policy.invariants.iter().for_each(|invariant| found.condition(&invariant.condition, 0));
        found.limits();
        (0..).map(SloId).take(policy.slos.len()).for_each(|slo| found.slo(slo));
        found.judged();
        found
    }

    /// Acts are judged from when they ended until the last of their stages has been.
    fn judged(&mut self) {
        let by_blueprint = self.policy.verifications.iter().map(|verification| &verification.stages);
        for stages in self.policy.actions.iter().map(|action| &action.stages).chain(by_blueprint) {
            let lasts_ms = stages.iter().fold(0_u64, |all, stage| all.saturating_add(stage.duration_ms));
            stages.iter().for_each(|stage| self.condition(&stage.condition, lasts_ms));
        }
    }

    fn limits(&mut self) {
        for limit in &self.policy.limits {
            match &limit.kind {
                LimitKind::Drift { fact, window_ms, .. } => self.fact(*fact, *window_ms),
                LimitKind::Cooldown { .. }
                | LimitKind::Breaker { .. }
                | LimitKind::AtMost { .. }
                | LimitKind::Pace { .. }
                | LimitKind::Budget { .. }
                | LimitKind::Freeze { .. } => {}
            }
        }
    }

    fn slo(&mut self, id: SloId) {
        let Some(slo) = self.policy.slos.get(usize::from(id.0)) else { return };
        let burns = slo.burns.iter().flat_map(|burn| [burn.long_ms, burn.short_ms]);
        for window_ms in burns.chain([slo.window_ms]) {
            for metric in [slo.good, slo.total] {
                self.metric(metric, window_ms, Some((window_ms, Extremes::NONE)));
            }
        }
    }

    fn because(&mut self, because: Option<&Because>) {
        for piece in because.into_iter().flat_map(|because| &because.pieces) {
            match piece {
                Piece::Value(named) => self.expr(&named.value, 0),
                Piece::Text(_) => {}
            }
        }
    }

    fn call(&mut self, call: &CallExpr) {
        call.arguments.iter().for_each(|argument| self.expr(argument, 0));
    }

    fn condition(&mut self, condition: &Condition, ago_ms: u64) {
        self.expr(&condition.expr, ago_ms);
    }

    /// An expression that is asked of moments up to `ago_ms` back.
    fn expr(&mut self, expr: &Expr, ago_ms: u64) {
        let now = ago_ms == 0;
        match expr {
            Expr::Fact(id) => self.fact(*id, ago_ms),
            Expr::Metric(id) => self.metric(*id, ago_ms, None),
            Expr::Quantified { over, body, .. } => {
                self.fact(*over, ago_ms);
                self.expr(body, ago_ms);
            }
            Expr::Change { fact, window_ms } => self.fact(*fact, ago_ms.saturating_add(*window_ms)),
            Expr::Window { function, metric, window_ms } => {
                let span_ms = looks_back_ms(*function, *window_ms);
                let watched = now.then_some((span_ms, asks_for(*function)));
                self.metric(*metric, ago_ms.saturating_add(span_ms), watched);
                if let (true, WindowFunction::Quantile(_)) = (now, function) {
                    self.metrics.get_mut(usize::from(metric.0)).into_iter().for_each(|metric| metric.sort(span_ms));
                }
            }
            Expr::Held(held, window_ms) => {
                if let Some((metric, band)) = lasting(held).filter(|_| now) {
                    self.metric(metric, *window_ms, Some((*window_ms, band.asks_for())));
                }
                self.expr(held, ago_ms.saturating_add(*window_ms));
            }
            // Its windows are watched because they are the objective's.
            Expr::BudgetLeft(_)
            | Expr::Constant(_)
            | Expr::Parameter(_)
            | Expr::Actor(_)
            | Expr::ActionRisk
            | Expr::ActionReversible
            | Expr::Element { .. }
            | Expr::Began { .. }
            | Expr::Since { .. }
            | Expr::During(_)
            | Expr::Claims => {}
            Expr::Not(_)
            | Expr::And(_)
            | Expr::Or(_)
            | Expr::Compare(..)
            | Expr::InRange(..)
            | Expr::InList(..)
            | Expr::StartsWith(..)
            | Expr::EndsWith(..)
            | Expr::Matches(..)
            | Expr::Within(..)
            | Expr::Coalesce(..)
            | Expr::Known(_)
            | Expr::Negate(_)
            | Expr::Arithmetic(..)
            | Expr::AsRatio(_)
            | Expr::Function(..)
            | Expr::If(..) => expr.children().for_each(|child| self.expr(child, ago_ms)),
        }
    }

    fn fact(&mut self, id: FactId, ms: u64) {
        self.facts.get_mut(usize::from(id.0)).into_iter().for_each(|fact| fact.reach(ms));
    }

    fn metric(&mut self, id: MetricId, ms: u64, watched: Option<(u64, Extremes)>) {
        if let Some(metric) = self.metrics.get_mut(usize::from(id.0)) {
            metric.reach(ms);
            watched.into_iter().for_each(|(window_ms, extremes)| metric.watch(window_ms, extremes));
        }
    }
}
