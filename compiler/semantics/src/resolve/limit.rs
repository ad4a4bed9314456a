//! Limits and approval blocks.

use leeway_diagnostics::{Code, Diagnostic, Span};
use leeway_ir::FactId;
use leeway_syntax::ast;

use super::Resolver;
use super::blueprint::Here;
use crate::closest::unknown;
use crate::hir::{Approval, Limit, LimitKind, Meaning, slot};

impl Resolver<'_> {
    /// Resolves a limit, unless the fact or metric it is about is unknown.
    pub(super) fn limit(&mut self, here: &Here<'_>, limit: &ast::Limit, span: Span) -> Option<Limit> {
        let scope = here.scope();
        let actions = &here.target.actions;
        let kind = match limit {
            ast::Limit::Cooldown { duration, after } => LimitKind::Cooldown {
                duration: self.expression(&scope, duration),
                after: self.action_refs(after, actions),
            },
            ast::Limit::Breaker { failures } => LimitKind::Breaker { failures: self.expression(&scope, failures) },
            ast::Limit::AtMost { count, of, per } => LimitKind::AtMost {
                count: self.expression(&scope, count),
                of: self.action_refs(of, actions),
                per: self.expression(&scope, per),
            },
            ast::Limit::Pace { count, of, per } => LimitKind::Pace {
                count: self.expression(&scope, count),
                of: self.action_refs(of, actions),
                per: self.expression(&scope, per),
            },
            ast::Limit::Drift { fact, by, per } => {
                let (by, per) = (self.expression(&scope, by), self.expression(&scope, per));
                let at = here.target.facts.iter().position(|known| known.name.node == fact.node);
                if at.is_none() && !here.target.partial {
                    let known = here.target.facts.iter().map(|fact| fact.name.node.as_ref());
                    let what = match here.names.meanings.get(&fact.node) {
                        Some(Meaning::Metric(_)) => "a metric",
                        Some(_) => "a let",
                        None => "",
                    };
                    self.diagnostics.push(if what.is_empty() {
                        unknown(Code::E0201, fact.span, "fact", &fact.node, known)
                    } else {
                        let message = format!("`{}` is {what}, and only facts drift", fact.node);
                        let help = "name a fact of the target: what an action sets";
                        Diagnostic::new(Code::E0201, fact.span, message).help(help)
                    });
                }
                LimitKind::Drift { fact: FactId(slot(at?)), place: fact.span, by, per }
            }
            ast::Limit::Budget { metric, spend, percent } => {
                let (spend, percent) = (self.expression(&scope, spend), self.expression(&scope, percent));
                let Some(Meaning::Metric(id)) = here.names.meanings.get(&metric.node) else {
                    if !scope.gaps.cover(&metric.node) {
                        let metrics = here.names.meanings.iter();
                        let metrics = metrics.filter(|(_, meaning)| matches!(meaning, Meaning::Metric(_)));
                        let known = metrics.map(|(name, _)| name.as_ref());
                        self.diagnostics.push(unknown(Code::E0201, metric.span, "metric", &metric.node, known));
                    }
                    return None;
                };
                LimitKind::Budget { metric: *id, place: metric.span, spend, percent }
            }
            ast::Limit::Freeze { from, until, zone, except } => LimitKind::Freeze {
                from: self.expression(&scope, from),
                until: self.expression(&scope, until),
                zone: self.expression(&scope, zone),
                except: self.action_refs(except, actions),
            },
        };
        Some(Limit { kind, layer: here.layer, id: "".into(), span })
    }

    pub(super) fn approval(&mut self, here: &Here<'_>, approval: &ast::Approval) -> Approval {
        let scope = here.scope();
        let escalate = approval.escalate.as_ref();
        Approval {
            by: self.amounts(&scope, &approval.by),
            quorum: self.amount(&scope, approval.quorum.as_ref()),
            timeout: self.amount(&scope, approval.timeout.as_ref()),
            escalate: escalate.map(|(group, after)| (self.expression(&scope, group), self.expression(&scope, after))),
            notify: approval.notify.iter().map(|text| text.node.clone()).collect(),
            span: approval.span,
        }
    }
}
