//! Metrics and service level objectives.

use std::sync::Arc;

use leeway_diagnostics::{Span, Spanned};
use leeway_ir::{MetricId, Severity};
use leeway_syntax::ast::{self, Ident};
use leeway_units::{Type, Unit};

use super::Resolver;
use super::blueprint::Here;
use crate::closest::unknown;
use crate::hir::{Burn, Metric, Slo, Source};

const SEVERITIES: [(&str, Severity); 2] = [("high", Severity::High), ("medium", Severity::Medium)];

impl Resolver<'_> {
    pub(super) fn metric(&mut self, here: &Here<'_>, metric: &ast::Metric) -> Metric {
        let ast::Typed { name, ty } = &metric.typed;
        let measured = Spanned::new(here.qualified(&name.node), name.span);
        let ty = Spanned::new(self.ty(ty, &[]), ty.span);
        Metric {
            untrusted: metric.untrusted,
            responds: metric.responds.as_ref().map(|responds| self.response(here, name, responds)),
            ..self.sampled(here, measured, ty, &metric.sampled)
        }
    }

    fn sampled(&mut self, here: &Here<'_>, name: Ident, ty: Spanned<Option<Type>>, sampled: &ast::Sampled) -> Metric {
        let scope = here.scope();
        Metric {
            name,
            ty: ty.node,
            ty_span: ty.span,
            source: self.source(&scope, &sampled.source),
            source_span: sampled.source.span,
            every: self.amount(&scope, sampled.every.as_ref()),
            stale: self.amount(&scope, sampled.stale.as_ref()),
            untrusted: None,
            responds: None,
        }
    }

    /// A metric that the includer of a policy has; only where the policy stands by itself.
    pub(super) fn needed_metric(&mut self, typed: &ast::Typed, span: Span) -> Metric {
        Metric {
            name: typed.name.clone(),
            ty: self.ty(&typed.ty, &[]),
            ty_span: typed.ty.span,
            source: Some(Source::Needed),
            source_span: span,
            every: None,
            stale: None,
            untrusted: None,
            responds: None,
        }
    }

    /// A service level objective, and its two metrics.
    pub(super) fn slo(&mut self, here: &Here<'_>, slo: &ast::Slo, span: Span) -> Option<(Slo, [Metric; 2])> {
        let scope = here.scope();
        let name = here.qualified(&slo.name.node);
        let metrics = [("good", &slo.good), ("total", &slo.total)].map(|(part, sampled)| {
            let measured = Spanned::new(format!("{name}.{part}").into(), slo.name.span);
            let ty = Spanned::new(Some(Type::Quantity(Unit::Rate)), sampled.source.span);
            self.sampled(here, measured, ty, sampled)
        });
        let [good, total] = &metrics;
        let id = |metric: &Metric| -> Option<MetricId> { here.slots.metric(&metric.name.node) };
        let resolved = Slo {
            objective: self.expression(&scope, &slo.objective),
            over: self.expression(&scope, &slo.over),
            good: id(good)?,
            total: id(total)?,
            min_events: self.amount(&scope, slo.min_events.as_ref()),
            burns: slo.burns.iter().map(|burn| self.burn(here, burn)).collect(),
            name,
            span,
        };
        Some((resolved, metrics))
    }

    fn burn(&mut self, here: &Here<'_>, burn: &ast::Burn) -> Burn {
        let scope = here.scope();
        let written: &Arc<str> = &burn.severity.node;
        let severity = SEVERITIES.iter().find(|(name, _)| *name == written.as_ref()).map(|(_, severity)| *severity);
        if severity.is_none() {
            let known = SEVERITIES.iter().map(|(name, _)| *name);
            let span = burn.severity.span;
            self.diagnostics.push(unknown(leeway_diagnostics::Code::E0201, span, "severity", written, known));
        }
        Burn {
            factor: self.expression(&scope, &burn.factor),
            long: self.expression(&scope, &burn.long),
            short: self.expression(&scope, &burn.short),
            severity: severity.unwrap_or(Severity::Medium),
        }
    }
}
