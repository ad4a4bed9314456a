//! What the members of one layer are called: parameters, metrics and lets, beside the facts of the target.

use std::collections::BTreeMap;
use std::sync::Arc;

use leeway_diagnostics::{Code, Diagnostic, Span};
use leeway_ir::{MetricId, SloId};
use leeway_syntax::ast;
use leeway_units::{Type, Unit};

use super::layers::Plan;
use super::policy::Catalog;
use super::{Resolver, declared};
use crate::hir::{Meaning, Target, qualified, slot};

/// The names of one layer.
#[derive(Default)]
pub(super) struct Names {
    pub(super) meanings: BTreeMap<Arc<str>, Meaning>,
    /// The service level objectives, each at the place of its id; those of other layers have no name here.
    pub(super) slos: Vec<Arc<str>>,
    /// Needed metrics that are missing, which was reported.
    pub(super) lost: Vec<Arc<str>>,
}

/// The metrics and service level objectives of all layers: ids follow names.
pub(super) struct Slots {
    metrics: Vec<(Arc<str>, Option<Type>)>,
    slos: Vec<Arc<str>>,
}

impl Slots {
    /// Those of `plans`.
    pub(super) fn of(plans: &[Plan<'_>]) -> Slots {
        let (mut metrics, mut slos) = (Vec::new(), Vec::new());
        for plan in plans {
            for member in plan.members {
                match &member.kind {
                    ast::MemberKind::Metric(ast::Metric { typed, .. }) => {
                        metrics.push((qualified(&plan.prefix, &typed.name.node), Type::named(&typed.ty.node)));
                    }
                    // Of an included policy the metric is the includer's.
                    ast::MemberKind::Needs(typed) if plan.include.is_none() => {
                        metrics.push((qualified(&plan.prefix, &typed.name.node), Type::named(&typed.ty.node)));
                    }
                    ast::MemberKind::Slo(slo) => {
                        let name = qualified(&plan.prefix, &slo.name.node);
                        for part in ["good", "total"] {
                            metrics.push((format!("{name}.{part}").into(), Some(Type::Quantity(Unit::Rate))));
                        }
                        slos.push(name);
                    }
                    ast::MemberKind::Needs(_)
                    | ast::MemberKind::Let(_)
                    | ast::MemberKind::Rule(_)
                    | ast::MemberKind::Clause(_)
                    | ast::MemberKind::Version(_)
                    | ast::MemberKind::Owner(_)
                    | ast::MemberKind::Objective(_)
                    | ast::MemberKind::Limit(_)
                    | ast::MemberKind::Label(..)
                    | ast::MemberKind::Include(_)
                    | ast::MemberKind::Approval(_)
                    | ast::MemberKind::Autonomy(_)
                    | ast::MemberKind::Audit(_)
                    | ast::MemberKind::Invariant(_)
                    | ast::MemberKind::Test(_)
                    | ast::MemberKind::Verify(_) => {}
                }
            }
        }
        metrics.sort_by(|(a, _), (b, _)| a.cmp(b));
        slos.sort();
        Slots { metrics, slos }
    }

    /// The metric of that whole name.
    pub(super) fn metric(&self, name: &str) -> Option<MetricId> {
        let at = self.metrics.partition_point(|(known, _)| known.as_ref() < name);
        self.metrics.get(at).filter(|(known, _)| known.as_ref() == name).map(|_| MetricId(slot(at)))
    }

    /// What that metric measures, if it was declared well.
    pub(super) fn metric_type(&self, id: MetricId) -> Option<&Type> {
        self.metrics.get(usize::from(id.0)).and_then(|(_, ty)| ty.as_ref())
    }

    /// The whole names of all metrics.
    pub(super) fn metric_names(&self) -> impl Iterator<Item = &str> {
        self.metrics.iter().map(|(name, _)| name.as_ref())
    }

    /// The service level objectives as the layer behind `prefix` calls them.
    fn slos_of(&self, plan: &Plan<'_>) -> Vec<Arc<str>> {
        let mut names: Vec<Arc<str>> = self.slos.iter().map(|_| "".into()).collect();
        for member in plan.members {
            let ast::MemberKind::Slo(slo) = &member.kind else { continue };
            let id = self.slo(&qualified(&plan.prefix, &slo.name.node));
            if let Some(name) = id.and_then(|id| names.get_mut(usize::from(id.0))) {
                *name = slo.name.node.clone();
            }
        }
        names
    }

    fn slo(&self, name: &str) -> Option<SloId> {
        let at = self.slos.partition_point(|known| known.as_ref() < name);
        self.slos.get(at).filter(|known| known.as_ref() == name).map(|_| SloId(slot(at)))
    }

    /// A name that metrics of two layers have: `web.good` of an objective `web`, and of a policy included as `web`.
    fn twice(&self) -> impl Iterator<Item = &Arc<str>> {
        let pairs = self.metrics.iter().zip(self.metrics.iter().skip(1));
        pairs.filter(|((a, _), (b, _))| a == b && a.contains('.')).map(|((a, _), _)| a)
    }
}

impl Resolver<'_> {
    /// The names of layer `at`; those of the layers before are `before`. `lets` counts the lets of all.
    pub(super) fn names(
        &mut self,
        plans: &[Plan<'_>],
        at: usize,
        before: &[Names],
        (slots, catalog): (&Slots, &Catalog<'_>),
        lets: &mut usize,
    ) -> Names {
        let Some(plan) = plans.get(at) else { return Names::default() };
        let mut names = Names { slos: slots.slos_of(plan), ..Names::default() };
        let policy = plan.policy.and_then(|place| catalog.policies.get(place));
        for parameter in policy.map_or(&[][..], |entry| &entry.policy.parameters) {
            names.meanings.entry(parameter.typed.name.node.clone()).or_insert(Meaning::Let(*lets));
            *lets += 1;
        }
        for member in plan.members {
            match &member.kind {
                ast::MemberKind::Metric(metric) => {
                    let name = &metric.typed.name.node;
                    if let Some(id) = slots.metric(&qualified(&plan.prefix, name)) {
                        names.meanings.entry(name.clone()).or_insert(Meaning::Metric(id));
                    }
                }
                ast::MemberKind::Let(one) => {
                    names.meanings.entry(one.name.node.clone()).or_insert(Meaning::Let(*lets));
                    *lets += 1;
                }
                ast::MemberKind::Needs(typed) => {
                    let found = match &plan.include {
                        None => slots.metric(&typed.name.node),
                        Some(include) => self.needed(typed, *include, plans, before, slots),
                    };
                    match found {
                        Some(id) => drop(names.meanings.entry(typed.name.node.clone()).or_insert(Meaning::Metric(id))),
                        None => names.lost.push(typed.name.node.clone()),
                    }
                }
                ast::MemberKind::Rule(_)
                | ast::MemberKind::Clause(_)
                | ast::MemberKind::Version(_)
                | ast::MemberKind::Owner(_)
                | ast::MemberKind::Objective(_)
                | ast::MemberKind::Limit(_)
                | ast::MemberKind::Label(..)
                | ast::MemberKind::Include(_)
                | ast::MemberKind::Approval(_)
                | ast::MemberKind::Autonomy(_)
                | ast::MemberKind::Audit(_)
                | ast::MemberKind::Slo(_)
                | ast::MemberKind::Invariant(_)
                | ast::MemberKind::Test(_)
                | ast::MemberKind::Verify(_) => {}
            }
        }
        if let Some(target) = catalog.target(plan.target) {
            self.declared_once(plan, policy.map(|entry| entry.policy), target);
        }
        names
    }

    /// Reports what one layer declares twice.
    fn declared_once(&mut self, plan: &Plan<'_>, policy: Option<&ast::Policy>, target: &Target) {
        let facts = target.facts.iter().map(|fact| (&fact.name, "fact"));
        let mut all: Vec<(&ast::Ident, &'static str)> = facts.collect();
        let (mut given, mut rules, mut slos, mut invariants) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let parameters = policy.map_or(&[][..], |policy| &policy.parameters);
        all.extend(parameters.iter().map(|parameter| (&parameter.typed.name, "parameter")));
        for member in plan.members {
            match &member.kind {
                ast::MemberKind::Metric(metric) => all.push((&metric.typed.name, "metric")),
                ast::MemberKind::Needs(typed) => all.push((&typed.name, "needed metric")),
                ast::MemberKind::Let(one) => all.push((&one.name, "let")),
                ast::MemberKind::Rule(rule) => rules.push((&rule.name, "rule")),
                ast::MemberKind::Clause(clause) => given.extend(clause.name.as_ref().map(|name| (name, "clause"))),
                ast::MemberKind::Slo(slo) => slos.push((&slo.name, "slo")),
                ast::MemberKind::Invariant(invariant) => invariants.push((&invariant.name, "invariant")),
                ast::MemberKind::Version(_)
                | ast::MemberKind::Owner(_)
                | ast::MemberKind::Objective(_)
                | ast::MemberKind::Limit(_)
                | ast::MemberKind::Label(..)
                | ast::MemberKind::Include(_)
                | ast::MemberKind::Approval(_)
                | ast::MemberKind::Autonomy(_)
                | ast::MemberKind::Audit(_)
                | ast::MemberKind::Test(_)
                | ast::MemberKind::Verify(_) => {}
            }
        }
        // The facts are checked where they are declared: here only what the members add can be wrong.
        let mut found = Vec::new();
        declared::distinct(all, &mut found);
        let of_fact = |span: Span| target.facts.iter().any(|fact| fact.name.span == span);
        self.diagnostics.extend(found.into_iter().filter(|finding| !of_fact(finding.primary.span)));
        for names in [rules, given, slos, invariants] {
            declared::distinct(names, &mut self.diagnostics);
        }
    }

    /// Reports metrics of different layers with one name.
    pub(super) fn distinct_metrics(&mut self, slots: &Slots, place: Span) {
        for name in slots.twice() {
            let message = format!("two metrics are called `{name}`");
            let finding = Diagnostic::new(Code::E0202, place, message);
            self.diagnostics.push(finding.help("include the policy under another name: `include … as NAME`"));
        }
    }
}
