//! A blueprint: its members, with every name in them resolved.

use std::collections::BTreeMap;
use std::sync::Arc;

use leeway_diagnostics::{Code, Diagnostic, Span, Spanned};
use leeway_ir::MetricId;
use leeway_syntax::ast;

use super::actions::{clause_parameters, hidden, verified_parameters};
use super::scope::Scope;
use super::{Resolver, declared, lets};
use crate::hir::{Blueprint, Clause, Let, Limit, Meaning, Metric, Objective, Rule, Target, Verification, slot};

impl Resolver<'_> {
    /// Resolves a blueprint for `target`, which is at `place` in the list of all.
    pub(super) fn blueprint(&mut self, blueprint: &ast::Blueprint, place: usize, target: &Target) -> Blueprint {
        let names = self.declarations(blueprint, target);
        let partial = blueprint.broken > 0;
        let bare = || Scope::bare(&target.facts, &names, partial);
        let mut found = empty(blueprint, place);
        let (mut version, mut owner, mut breaker) = (None, None, None);
        for member in &blueprint.members {
            match &member.kind {
                ast::MemberKind::Version(text) => {
                    self.version(text);
                    self.once(&mut version, text.node.clone(), member.span, "`version`");
                }
                ast::MemberKind::Owner(text) => self.once(&mut owner, text.node.clone(), member.span, "`owner`"),
                ast::MemberKind::Let(one) => {
                    let value = self.expression(&bare(), &one.value);
                    found.lets.push(Let { name: one.name.clone(), value });
                }
                ast::MemberKind::Metric(metric) => {
                    let metric = self.metric(metric);
                    found.metrics.push(metric);
                }
                ast::MemberKind::Objective(condition) => {
                    let condition = self.expression(&bare(), condition);
                    found.objectives.push(Objective { condition, span: member.span });
                }
                ast::MemberKind::Rule(rule) => {
                    let rule = self.rule(rule, &bare(), target, member.span);
                    found.rules.push(rule);
                }
                ast::MemberKind::Clause(clause) => {
                    let clause = self.clause(clause, bare(), target);
                    found.clauses.push(clause);
                }
                ast::MemberKind::Limit(limit) => {
                    if matches!(limit, ast::Limit::Breaker { .. }) {
                        self.once(&mut breaker, (), member.span, "`limit breaker`");
                    }
                    let limit = self.limit(limit, target, member.span);
                    found.limits.push(limit);
                }
                ast::MemberKind::Verify(verify) => {
                    let mut scope = bare();
                    scope.parameters = verified_parameters(&verify.actions, &target.actions);
                    let actions = self.action_refs(&verify.actions, &target.actions);
                    let stages = self.stages(&scope, &verify.stages);
                    let otherwise = verify.otherwise.node;
                    found.verifications.push(Verification { actions, stages, otherwise, span: member.span });
                }
            }
        }
        found.metrics.sort_by(|a, b| a.name.node.cmp(&b.name.node));
        found.version = version.map(|(text, _)| text);
        found.owner = owner.map(|(text, _)| text);
        found.let_order = lets::order(&found.lets, &mut self.diagnostics);
        found
    }

    /// The metrics and lets by name; with the facts they are one scope.
    fn declarations(&mut self, blueprint: &ast::Blueprint, target: &Target) -> BTreeMap<Arc<str>, Meaning> {
        let facts = target.facts.iter().map(|fact| (&fact.name, "fact"));
        let mut all: Vec<(&ast::Ident, &'static str)> = facts.collect();
        let mut given = Vec::new();
        let mut rules = Vec::new();
        let mut names = BTreeMap::new();
        let mut metrics: Vec<Arc<str>> = Vec::new();
        let mut lets = 0;
        for member in &blueprint.members {
            match &member.kind {
                ast::MemberKind::Metric(metric) => {
                    all.push((&metric.typed.name, "metric"));
                    metrics.push(metric.typed.name.node.clone());
                }
                ast::MemberKind::Let(one) => {
                    all.push((&one.name, "let"));
                    names.entry(one.name.node.clone()).or_insert(Meaning::Let(lets));
                    lets += 1;
                }
                ast::MemberKind::Rule(rule) => rules.push((&rule.name, "rule")),
                ast::MemberKind::Clause(clause) => given.extend(clause.name.as_ref().map(|name| (name, "clause"))),
                ast::MemberKind::Version(_)
                | ast::MemberKind::Owner(_)
                | ast::MemberKind::Objective(_)
                | ast::MemberKind::Limit(_)
                | ast::MemberKind::Verify(_) => {}
            }
        }
        // As in targets, ids follow names.
        metrics.sort();
        for (at, name) in metrics.into_iter().enumerate() {
            names.entry(name).or_insert(Meaning::Metric(MetricId(slot(at))));
        }
        // The facts are checked where they are declared: here only what the blueprint adds can be wrong.
        let mut found = Vec::new();
        declared::distinct(all, &mut found);
        let of_fact = |span: Span| target.facts.iter().any(|fact| fact.name.span == span);
        self.diagnostics.extend(found.into_iter().filter(|finding| !of_fact(finding.primary.span)));
        declared::distinct(rules, &mut self.diagnostics);
        declared::distinct(given, &mut self.diagnostics);
        names
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

    fn metric(&mut self, metric: &ast::Metric) -> Metric {
        let scrapes = [Some(&metric.source.scrape), metric.source.divided_by.as_ref()];
        let mut windows: Vec<Spanned<leeway_units::Quantity>> = Vec::new();
        for scrape in scrapes.into_iter().flatten() {
            match scrape {
                ast::Scrape::Gauge(_) | ast::Scrape::Sum(_) => {}
                ast::Scrape::Rate(_, window) | ast::Scrape::Mean(_, window) | ast::Scrape::Quantile(_, _, window) => {
                    windows.push(window.clone())
                }
            }
        }
        Metric {
            name: metric.typed.name.clone(),
            ty: self.ty(&metric.typed.ty),
            ty_span: metric.typed.ty.span,
            source: self.source(&metric.source),
            source_span: metric.source.span,
            windows,
            every: metric.every.clone(),
            stale: metric.stale.clone(),
        }
    }

    fn rule(&mut self, rule: &ast::Rule, scope: &Scope<'_>, target: &Target, span: Span) -> Rule {
        Rule {
            name: rule.name.node.clone(),
            when: self.expression(scope, &rule.when),
            propose: self.call(scope, &rule.propose, &target.actions),
            because: rule.because.as_ref().map(|text| self.reason(scope, text)),
            span,
        }
    }

    fn clause(&mut self, clause: &ast::Clause, mut scope: Scope<'_>, target: &Target) -> Clause {
        let actions = self.action_refs(&clause.actions, &target.actions);
        scope.proposal = true;
        scope.parameters = clause_parameters(&clause.actions, &target.actions);
        scope.hidden = hidden(&clause.actions, &actions, &target.actions);
        Clause {
            kind: clause.kind.clone(),
            actions,
            when: clause.when.as_ref().map(|when| self.expression(&scope, when)),
            otherwise: clause.otherwise.clone(),
            because: clause.because.as_ref().map(|text| self.reason(&scope, text)),
            suggest: clause.suggest.as_ref().and_then(|call| self.call(&scope, call, &target.actions)),
            by: clause.by.clone(),
            name: clause.name.clone(),
        }
    }

    fn limit(&mut self, limit: &ast::Limit, target: &Target, span: Span) -> Limit {
        match limit {
            ast::Limit::Cooldown { duration, after } => {
                let after = self.action_refs(after, &target.actions);
                Limit::Cooldown { duration: duration.clone(), after, span }
            }
            ast::Limit::Breaker { failures } => Limit::Breaker { failures: failures.clone(), span },
        }
    }
}

fn empty(blueprint: &ast::Blueprint, target: usize) -> Blueprint {
    Blueprint {
        name: blueprint.name.clone(),
        partial: blueprint.broken > 0,
        target,
        target_name: blueprint.target.node.clone(),
        version: None,
        owner: None,
        lets: Vec::new(),
        let_order: Vec::new(),
        metrics: Vec::new(),
        objectives: Vec::new(),
        rules: Vec::new(),
        clauses: Vec::new(),
        limits: Vec::new(),
        verifications: Vec::new(),
    }
}
