//! A blueprint, or a policy by itself: its layers, with every name in them resolved.

use std::collections::BTreeMap;
use std::sync::Arc;

use leeway_diagnostics::{Code, Diagnostic, Span};
use leeway_syntax::ast;

use super::layers::{Plan, Root};
use super::names::{Names, Slots};
use super::policy::Catalog;
use super::scope::{Gaps, Scope};
use super::{Resolver, lets};
use crate::hir::{Action, Blueprint, Layer, Target, qualified};
use crate::included::Included;

/// One layer while its members are resolved.
#[derive(Clone, Copy)]
pub(super) struct Here<'a> {
    pub(super) layer: usize,
    pub(super) plan: &'a Plan<'a>,
    pub(super) names: &'a Names,
    /// What the layer can speak about.
    pub(super) target: &'a Target,
    /// The actions of the blueprint's target, of which `any` means all.
    pub(super) actions: &'a [Action],
    pub(super) slots: &'a Slots,
}

impl<'a> Here<'a> {
    /// What an expression can name that stands in no clause.
    pub(super) fn scope(&self) -> Scope<'a> {
        let gaps = self.gaps();
        Scope {
            actions: Some(self.actions),
            slos: &self.names.slos,
            facts_lost: self.target.partial,
            ..Scope::bare(&self.target.facts, &self.names.meanings, gaps)
        }
    }

    /// What may be missing here.
    fn gaps(&self) -> Gaps<'a> {
        Gaps { members: Some(self.plan.lost), needed: &self.names.lost, target: self.target.partial }
    }

    /// A name of this layer as the whole blueprint knows it.
    pub(super) fn qualified(&self, name: &str) -> Arc<str> {
        qualified(&self.plan.prefix, name)
    }
}

impl Resolver<'_> {
    /// Resolves a blueprint of module `module` for the target at `target`.
    pub(super) fn whole_blueprint(
        &mut self,
        blueprint: &ast::Blueprint,
        module: usize,
        target: usize,
        catalog: &Catalog<'_>,
        included: &mut Included,
    ) -> Blueprint {
        let root = Root {
            name: &blueprint.name,
            header: blueprint.span,
            members: &blueprint.members,
            broken: blueprint.broken > 0,
            lost: &blueprint.lost,
            module,
            target,
            target_name: &blueprint.target.node,
            policy: None,
            tested: true,
        };
        self.root(&root, catalog, included)
    }

    /// Resolves the policy at `place` by itself, unless what it is for is unknown.
    pub(super) fn policy(&mut self, place: usize, catalog: &Catalog<'_>, included: &mut Included) -> Option<Blueprint> {
        let entry = catalog.policies.get(place)?;
        let policy = entry.policy;
        let root = Root {
            name: &policy.name,
            header: policy.span,
            members: &policy.members,
            broken: policy.broken > 0,
            lost: &policy.lost,
            module: entry.module,
            target: entry.target?,
            target_name: &policy.name.node,
            policy: Some(place),
            // Policies are tested where they are written, not wherever they are used.
            tested: catalog.modules.get(entry.module).is_some_and(|module| module.root),
        };
        let tested = self.testable(policy, entry.target == Some(catalog.any));
        Some(self.root(&Root { tested: tested && root.tested, ..root }, catalog, included))
    }

    /// Whether a policy can stand by itself; if it cannot, its tests judge nothing.
    fn testable(&mut self, policy: &ast::Policy, any: bool) -> bool {
        let open = policy.parameters.iter().find(|parameter| parameter.default.is_none());
        let why = match open {
            _ if any => "it is for any target".to_owned(),
            Some(open) => format!("its parameter `{}` has no default", open.typed.name.node),
            None => return true,
        };
        for member in &policy.members {
            let ast::MemberKind::Test(test) = &member.kind else { continue };
            let message = format!("policy `{}` cannot be tested by itself: {why}", policy.name.node);
            let finding = Diagnostic::new(Code::E0213, test.name.span, message);
            self.diagnostics.push(finding.help("put the test into a blueprint that includes the policy"));
        }
        false
    }

    fn root(&mut self, root: &Root<'_>, catalog: &Catalog<'_>, included: &mut Included) -> Blueprint {
        let before = self.diagnostics.len();
        let plans = self.layers(root, catalog);
        let slots = Slots::of(&plans);
        let mut found = empty(root, &plans);
        let mut all: Vec<Names> = Vec::new();
        let mut count = 0;
        let actions = catalog.target(root.target).map_or(&[][..], |target| &target.actions);
        for (at, plan) in plans.iter().enumerate() {
            let names = self.names(&plans, at, &all, (&slots, catalog), &mut count);
            all.push(names);
            let here = |at: usize| {
                let plan = plans.get(at)?;
                let target = catalog.target(plan.target)?;
                Some(Here { layer: at, plan, names: all.get(at)?, target, actions, slots: &slots })
            };
            let by = plan.include.and_then(|include| here(include.layer));
            let Some(here) = here(at) else { continue };
            let from = self.diagnostics.len();
            if let Some(entry) = plan.policy.and_then(|place| catalog.policies.get(place)) {
                let lets = self.parameters(entry.policy, &here, by.as_ref());
                found.lets.extend(lets);
            }
            self.members(&here, &mut found);
            if plan.target == catalog.any {
                self.for_any(from, plan.extent);
            }
        }
        self.distinct_metrics(&slots, root.name.span);
        found.metrics.sort_by(|a, b| a.name.node.cmp(&b.name.node));
        found.slos.sort_by(|a, b| a.name.cmp(&b.name));
        found.let_order = lets::order(&found.lets, &mut self.diagnostics);
        super::ids::number(&mut found);
        if let (Some(plan), Some(names)) = (plans.first(), all.first())
            && let Some(target) = catalog.target(plan.target)
            && root.tested
        {
            let here = Here { layer: 0, plan, names, target, actions, slots: &slots };
            found.tests = self.scenarios(&here, &found);
        }
        let mut own = included.sort_out(self.diagnostics.split_off(before), &found.layers);
        // An action that was lost in parsing is likely the one that is meant.
        if catalog.target(root.target).is_some_and(|target| target.partial) {
            own.retain(|finding| finding.code != Code::E0205);
        }
        self.diagnostics.append(&mut own);
        found
    }

    /// Says what a policy `for any` can speak about, with each name in it that is unknown.
    fn for_any(&mut self, from: usize, extent: Span) {
        for finding in self.diagnostics.iter_mut().skip(from) {
            let own = finding.primary.span.file == extent.file
                && (extent.start..extent.end).contains(&finding.primary.span.start);
            if own && [Code::E0201, Code::E0205].contains(&finding.code) {
                finding.help = Some(
                    "a policy `for any` target knows neither its facts nor its actions: use `any`, `disruptive`, parameters \
                     and needed metrics, or write `for` and a kind of target"
                        .to_owned(),
                );
            }
        }
    }
}

fn empty(root: &Root<'_>, plans: &[Plan<'_>]) -> Blueprint {
    let layer = |plan: &Plan<'_>| Layer {
        prefix: plan.prefix.clone(),
        include: plan.include.map(|include| (include.span, include.layer)),
        extent: plan.extent,
    };
    let lost = plans.iter().any(|plan| plan.broken || plan.unfound);
    Blueprint {
        name: root.name.clone(),
        partial: root.policy.is_some() || lost,
        lost,
        target: root.target,
        target_name: root.target_name.clone(),
        version: None,
        owner: None,
        labels: BTreeMap::new(),
        retentions: Vec::new(),
        layers: plans.iter().map(layer).collect(),
        lets: Vec::new(),
        let_order: Vec::new(),
        metrics: Vec::new(),
        objectives: Vec::new(),
        rules: Vec::new(),
        clauses: Vec::new(),
        limits: Vec::new(),
        approvals: Vec::new(),
        ceilings: Vec::new(),
        verifications: Vec::new(),
        slos: Vec::new(),
        invariants: Vec::new(),
        tests: Vec::new(),
    }
}
