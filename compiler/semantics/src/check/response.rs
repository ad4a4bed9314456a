//! How metrics respond in a closed loop: of the moment, of their own type, and not to each other in a circle.

use std::collections::BTreeSet;

use leeway_diagnostics::{Code, Diagnostic, Span};
use leeway_ir::{Given, MetricId, in_order};

use super::environment::Environment;
use super::infer::Checker;
use crate::circle::{Way, follow, told};
use crate::hir::{Expr, ExprKind, Metric, Response};

impl Checker<'_> {
    /// Checks the responses of all metrics, which stand at the places of their ids.
    pub(super) fn responses(&mut self, metrics: &mut [Metric]) {
        for metric in metrics.iter_mut() {
            let Some(response) = &mut metric.responds else { continue };
            let known = self.diagnostics.len();
            self.of_the_moment(&response.value);
            // What cannot stand there at all need not be of a type.
            if let Some(ty) = metric.ty.as_ref().filter(|_| self.diagnostics.len() == known) {
                self.want(&mut response.value, ty, &format!("metric `{}`", metric.name.node));
            }
        }
        self.circles(metrics);
    }

    /// Reports what a response cannot read: whatever is not the case at one moment, and whatever makes a value of a gap.
    fn of_the_moment(&mut self, value: &Expr) {
        let mut found = Vec::new();
        value.walk(&mut |expr| match expr.name() {
            Some((name, _)) => {
                let what = self.environment.let_named(expr).and_then(|known| known.beyond);
                found.extend(what.map(|what| (format!("through `{name}` {what}"), expr.span)));
            }
            None => found.extend(directly_beyond(expr).map(|what| (what.to_owned(), expr.span))),
        });
        for (what, place) in found {
            let finding = Diagnostic::new(Code::E0504, place, format!("{what}, and a response knows one moment"));
            self.diagnostics
                .push(finding.help("read facts, metrics and constants as they are: a gap in one of them stays a gap"));
        }
    }

    /// Reports metrics that respond to each other in a circle.
    fn circles(&mut self, metrics: &[Metric]) {
        let reads: Vec<BTreeSet<usize>> = metrics.iter().map(|metric| self.loop_reads(metric)).collect();
        let ids = |reads: &BTreeSet<usize>| reads.iter().map(|at| MetricId(crate::hir::slot(*at))).collect();
        let done: BTreeSet<usize> =
            in_order(&reads.iter().map(ids).collect::<Vec<_>>()).into_iter().map(|id| usize::from(id.0)).collect();
        let left: BTreeSet<usize> = (0..metrics.len()).filter(|at| !done.contains(at)).collect();
        let name = |at: usize| metrics.get(at).map_or(String::new(), |metric| format!("`{}`", metric.name.node));
        let mut walked = BTreeSet::new();
        for start in &left {
            let Way::Round(circle) = follow(*start, &reads, &left, &mut walked) else { continue };
            let Some((first, place)) = circle.first().and_then(|at| Some((*at, place(metrics.get(*at)?)))) else {
                continue;
            };
            let message = format!("{} responds to itself: {}", name(first), told(&circle, name));
            let help = if circle.len() == 1 {
                "a `let` reads the loop: write the metric's own name in `responds`, where it is what was recorded"
            } else {
                "let one of them read the other as recorded: `recorded(NAME)`"
            };
            self.diagnostics.push(Diagnostic::new(Code::E0215, place, message).help(help));
        }
    }

    /// The metrics of the loop that the metric's response reads.
    fn loop_reads(&self, metric: &Metric) -> BTreeSet<usize> {
        let Some(Response { value, given }) = &metric.responds else { return BTreeSet::new() };
        let queueing = given.iter().filter_map(|given| match given {
            Given::Queueing { utilisation, .. } => Some(usize::from(utilisation.0)),
            Given::Metric(_) | Given::Fact(_) => None,
        });
        self.environment.metrics_read(value).into_iter().map(usize::from).chain(queueing).collect()
    }
}

impl Environment {
    /// What in `expr` reads beyond the moment, told of the first; lets are looked through.
    pub(super) fn beyond(&self, expr: &Expr) -> Option<&'static str> {
        let mut found = None;
        expr.walk(&mut |expr| {
            let named = || self.let_named(expr).and_then(|known| known.beyond);
            found = found.or_else(|| directly_beyond(expr)).or_else(named);
        });
        found
    }
}

fn place(metric: &Metric) -> Span {
    metric.responds.as_ref().map_or(metric.name.span, |response| response.value.span)
}

fn directly_beyond(expr: &Expr) -> Option<&'static str> {
    match &expr.kind {
        ExprKind::For(..) | ExprKind::Window(..) | ExprKind::Quantile(..) => Some("this looks back over samples"),
        ExprKind::Began(..) | ExprKind::Since(_) | ExprKind::Change(..) => Some("this asks what was done before"),
        ExprKind::Budget(_) => Some("this asks what is left of an error budget"),
        ExprKind::During(..) => Some("this asks the clock"),
        ExprKind::Coalesce(..) | ExprKind::Known(_) => Some("this makes a value of what is unknown"),
        ExprKind::Broken
        | ExprKind::Constant(_)
        | ExprKind::Opaque(_)
        | ExprKind::Symbol(..)
        | ExprKind::List(_)
        | ExprKind::Name(..)
        | ExprKind::Not(_)
        | ExprKind::Negate(_)
        | ExprKind::And(_)
        | ExprKind::Or(_)
        | ExprKind::Compare(..)
        | ExprKind::InRange { .. }
        | ExprKind::InList { .. }
        | ExprKind::Within { .. }
        | ExprKind::TextTest(..)
        | ExprKind::Quantified { .. }
        | ExprKind::Arithmetic(..)
        | ExprKind::If(..)
        | ExprKind::Function(..)
        | ExprKind::AsRatio(_) => None,
    }
}
