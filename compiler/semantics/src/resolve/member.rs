//! The members of one layer.

use std::collections::BTreeMap;
use std::sync::Arc;

use leeway_diagnostics::{Code, Diagnostic, Span};
use leeway_syntax::ast;

use super::Resolver;
use super::actions::{clause_parameters, hidden, verified_parameters};
use super::blueprint::Here;
use crate::hir::{Blueprint, Ceiling, Clause, Invariant, Let, Objective, Rule, Verification};

/// What may be stated once in a layer, with where it first is.
#[derive(Default)]
struct Stated {
    version: Option<(Arc<str>, Span)>,
    owner: Option<(Arc<str>, Span)>,
    labels: BTreeMap<Arc<str>, Option<(Arc<str>, Span)>>,
    audit: Option<((), Span)>,
    autonomy: Option<((), Span)>,
    breaker: Option<((), Span)>,
}

impl Resolver<'_> {
    /// Resolves the members of a layer into `found`.
    pub(super) fn members(&mut self, here: &Here<'_>, found: &mut Blueprint) {
        let mut stated = Stated::default();
        for member in here.plan.members {
            self.member(here, member, found, &mut stated);
        }
        // Who made an included policy, and which version of it, is said of that policy alone.
        if here.layer == 0 {
            found.version = stated.version.map(|(text, _)| text);
            found.owner = stated.owner.map(|(text, _)| text);
            let labels = stated.labels.into_iter();
            found.labels = labels.filter_map(|(key, value)| Some((key, value?.0))).collect();
        }
    }

    fn member(&mut self, here: &Here<'_>, member: &ast::Member, found: &mut Blueprint, stated: &mut Stated) {
        let span = member.span;
        match &member.kind {
            ast::MemberKind::Version(text) => {
                self.version(text);
                self.once(&mut stated.version, text.node.clone(), span, "`version`");
            }
            ast::MemberKind::Owner(text) => self.once(&mut stated.owner, text.node.clone(), span, "`owner`"),
            ast::MemberKind::Label(key, value) => {
                let what = format!("label `{}`", key.node);
                let slot = stated.labels.entry(key.node.clone()).or_default();
                self.once(slot, value.node.clone(), span, &what);
            }
            ast::MemberKind::Let(one) => {
                let value = self.expression(&here.scope(), &one.value);
                found.lets.push(Let { name: one.name.clone(), value, parameter: None });
            }
            ast::MemberKind::Metric(metric) => {
                let metric = self.metric(here, metric);
                found.metrics.push(metric);
            }
            ast::MemberKind::Needs(typed) => {
                let metric = self.needed_metric(typed, span);
                if here.layer == 0 {
                    found.metrics.push(metric);
                }
            }
            ast::MemberKind::Objective(condition) => {
                let condition = self.expression(&here.scope(), condition);
                found.objectives.push(Objective { condition, span });
            }
            ast::MemberKind::Rule(rule) => {
                let rule = self.rule(here, rule, span);
                found.rules.push(rule);
            }
            ast::MemberKind::Clause(clause) => {
                let clause = self.clause(here, clause);
                found.clauses.push(clause);
            }
            ast::MemberKind::Limit(limit) => {
                if matches!(limit, ast::Limit::Breaker { .. }) {
                    self.once(&mut stated.breaker, (), span, "`limit breaker`");
                }
                let limit = self.limit(here, limit, span);
                found.limits.extend(limit);
            }
            ast::MemberKind::Approval(approval) => {
                let approval = self.approval(here, approval);
                found.approvals.push(approval);
            }
            ast::MemberKind::Autonomy(level) => {
                self.once(&mut stated.autonomy, (), span, "`autonomy`");
                found.ceilings.push(Ceiling { level: level.node, layer: here.layer, id: "".into(), span });
            }
            ast::MemberKind::Audit(retention) => {
                self.once(&mut stated.audit, (), span, "`audit`");
                let retention = self.expression(&here.scope(), retention);
                found.retentions.push(retention);
            }
            ast::MemberKind::Verify(verify) => {
                let verification = self.verification(here, verify, span);
                found.verifications.push(verification);
            }
            ast::MemberKind::Slo(slo) => {
                if let Some((slo, metrics)) = self.slo(here, slo, span) {
                    found.slos.push(slo);
                    found.metrics.extend(metrics);
                }
            }
            ast::MemberKind::Invariant(invariant) => {
                let scope = here.scope();
                found.invariants.push(Invariant {
                    name: here.qualified(&invariant.name.node),
                    condition: self.expression(&scope, &invariant.condition),
                    because: invariant.because.as_ref().map(|text| self.reason(&scope, text)),
                    span,
                });
            }
            // Includes have become layers; tests are looked at when all else is known.
            ast::MemberKind::Include(_) | ast::MemberKind::Test(_) => {}
        }
    }

    fn version(&mut self, text: &ast::Text) {
        let numeric = |part: &str| {
            !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit()) && (part == "0" || !part.starts_with('0'))
        };
        let identifiers = |text: &str| {
            let one = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-');
            text.split('.').all(one)
        };
        let (rest, build) = text.node.split_once('+').map_or((text.node.as_ref(), None), |(a, b)| (a, Some(b)));
        let (core, pre) = rest.split_once('-').map_or((rest, None), |(a, b)| (a, Some(b)));
        let semantic = core.split('.').count() == 3
            && core.split('.').all(numeric)
            && pre.is_none_or(identifiers)
            && build.is_none_or(identifiers);
        if !semantic {
            let message = format!("`{}` is not a semantic version", text.node);
            let finding = Diagnostic::new(Code::E0109, text.span, message);
            self.diagnostics.push(finding.help("write three numbers, such as `\"1.4.0\"`"));
        }
    }

    fn rule(&mut self, here: &Here<'_>, rule: &ast::Rule, span: Span) -> Rule {
        let scope = here.scope();
        Rule {
            name: here.qualified(&rule.name.node),
            when: self.expression(&scope, &rule.when),
            propose: self.call(&scope, &rule.propose, &here.target.actions),
            because: rule.because.as_ref().map(|text| self.reason(&scope, text)),
            span,
        }
    }

    fn clause(&mut self, here: &Here<'_>, clause: &ast::Clause) -> Clause {
        let all = &here.target.actions;
        let actions = self.action_refs(&clause.actions, all);
        let bare = here.scope();
        let mut scope = here.scope();
        scope.proposal = true;
        scope.parameters = clause_parameters(&clause.actions, all);
        scope.hidden = hidden(&clause.actions, &actions, all);
        Clause {
            kind: clause.kind.clone(),
            actions,
            when: clause.when.as_ref().map(|when| self.expression(&scope, when)),
            otherwise: clause.otherwise.clone(),
            because: clause.because.as_ref().map(|text| self.reason(&scope, text)),
            suggest: clause.suggest.as_ref().and_then(|call| self.call(&scope, call, all)),
            by: self.amounts(&bare, &clause.by),
            name: clause.name.clone(),
            layer: here.layer,
            id: "".into(),
            otherwise_id: None,
        }
    }

    fn verification(&mut self, here: &Here<'_>, verify: &ast::Verify, span: Span) -> Verification {
        let mut scope = here.scope();
        scope.parameters = verified_parameters(&verify.actions, &here.target.actions);
        Verification {
            actions: self.action_refs(&verify.actions, &here.target.actions),
            stages: self.stages(&scope, &verify.stages),
            otherwise: verify.otherwise.node,
            span,
        }
    }
}
