//! What was unknown where it mattered, for people to mend.

use std::sync::Arc;

use leeway_ir::{Expr, FactId, Input, LimitKind, MetricId};

use crate::decision::Decision;
use crate::evidence::Evidence;
use crate::expression::Scope;
use crate::truth::Truth;
use crate::verdict::Unknown;

/// The inputs of what was unknown: clauses, limits and claims; sorted, each once.
pub(crate) fn inputs(scope: Scope<'_>, decision: &Decision) -> Vec<Unknown> {
    let mut gaps = Gaps { scope, found: Vec::new() };
    let clauses = scope.policy.clauses.iter().zip(decision.clauses().iter());
    for (clause, _) in clauses.filter(|(_, truth)| *truth == Truth::Unknown) {
        if let Some(when) = &clause.when {
            gaps.expr(&when.expr, false);
        }
    }
    for voice in decision.limits().iter().filter(|voice| voice.truth == Truth::Unknown) {
        if let Some(limit) = scope.policy.limits.get(voice.limit) {
            gaps.limit(&limit.kind);
        }
    }
    let claims = decision.proposal.claims.iter().zip(&decision.claims).enumerate();
    for (at, (claim, _)) in claims.filter(|(_, (_, truth))| **truth == Truth::Unknown) {
        let why = scope.snapshot.metric(claim.metric, scope.at).why().unwrap_or(MISSING);
        gaps.add("claim", format!("claim/{}", at + 1).into(), why);
    }
    gaps.found.sort();
    gaps.found.dedup();
    gaps.found
}

/// Why a thing is unknown of which the last value is known: too little of it is.
const MISSING: &str = "missing";

struct Gaps<'a> {
    scope: Scope<'a>,
    found: Vec<Unknown>,
}

impl Gaps<'_> {
    /// What `expr` reads and does not know. Inside a quantifier there is no element to look at.
    fn expr(&mut self, expr: &Expr, quantified: bool) {
        if let Some(input) = expr.input() {
            let undecided = || !quantified && self.scope.value(expr).is_none();
            match input {
                Input::Fact(id) => self.fact(id, undecided()),
                Input::Metric(id) | Input::Window(id) => self.metric(id, undecided()),
                Input::History if undecided() => self.history(),
                Input::Past(id) if undecided() => self.past(id),
                Input::Budget(slo) if undecided() => {
                    if let Some(slo) = self.scope.policy.slos.get(usize::from(slo.0)) {
                        self.metric(slo.good, true);
                        self.metric(slo.total, true);
                    }
                }
                // The claims that are unknown are told one by one.
                Input::Claims | Input::History | Input::Past(_) | Input::Budget(_) => {}
            }
        }
        let inside = quantified || matches!(expr, Expr::Quantified { .. });
        for child in expr.children() {
            self.expr(child, inside);
        }
    }

    fn limit(&mut self, kind: &LimitKind) {
        match kind {
            LimitKind::Cooldown { .. } | LimitKind::AtMost { .. } | LimitKind::Pace { .. } => self.history(),
            LimitKind::Drift { fact, .. } => {
                self.past(*fact);
                let effects = self.scope.action.into_iter().flat_map(|action| &action.effects);
                for effect in effects.filter(|effect| effect.fact == *fact) {
                    self.expr(&effect.value, false);
                }
            }
            LimitKind::Budget { metric, .. } => self.metric(*metric, false),
            LimitKind::Breaker { .. } | LimitKind::Freeze { .. } => {}
        }
    }

    /// The fact is unknown now, or else the way to what it was is.
    fn past(&mut self, id: FactId) {
        let evidence = self.scope.snapshot.fact(id, self.scope.at);
        if evidence.value().is_some() { self.history() } else { self.fact(id, false) }
    }

    fn history(&mut self) {
        self.add("history", "history".into(), MISSING);
    }

    fn fact(&mut self, id: FactId, undecided: bool) {
        let name = self.scope.policy.fact(id).map(|fact| fact.name.clone());
        self.evidence("fact", name, self.scope.snapshot.fact(id, self.scope.at).why(), undecided);
    }

    fn metric(&mut self, id: MetricId, undecided: bool) {
        let name = self.scope.policy.metric(id).map(|metric| metric.name.clone());
        let evidence: Evidence<'_> = self.scope.snapshot.metric(id, self.scope.at);
        self.evidence("metric", name, evidence.why(), undecided);
    }

    /// A window or a collection can be unknown over a known last value: its samples do not cover it, or a field is not known.
    fn evidence(&mut self, kind: &str, name: Option<Arc<str>>, why: Option<&'static str>, undecided: bool) {
        if let (Some(name), Some(why)) = (name, why.or(undecided.then_some(MISSING))) {
            self.add(kind, name, why);
        }
    }

    fn add(&mut self, kind: &str, name: Arc<str>, why: &str) {
        self.found.push(Unknown { name, kind: kind.into(), why: why.into() });
    }
}
