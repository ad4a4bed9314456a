//! Which policies a blueprint includes, also by way of others: one layer for each.

use std::collections::BTreeMap;
use std::sync::Arc;

use leeway_diagnostics::{Code, Diagnostic, Span};
use leeway_syntax::ast;

use super::Resolver;
use super::policy::Catalog;

/// How deep includes may stand in each other.
const INCLUDE_DEPTH_MAX: usize = 16;

/// The most layers of one blueprint.
const LAYERS_MAX: usize = 1_000;

/// The most members and parameters of all layers: their places are ids of 16 bits.
const MEMBERS_MAX: usize = 20_000;

/// The same for all blueprints and policies of a program together: each include is looked at anew.
const PROGRAM_MEMBERS_MAX: usize = 500_000;

/// A blueprint, or a policy by itself.
#[derive(Clone, Copy)]
pub(super) struct Root<'a> {
    pub(super) name: &'a ast::Ident,
    pub(super) header: Span,
    pub(super) members: &'a [ast::Member],
    pub(super) broken: bool,
    pub(super) lost: &'a ast::Lost,
    pub(super) module: usize,
    /// A place in [`Catalog::targets`].
    pub(super) target: usize,
    pub(super) target_name: &'a Arc<str>,
    /// The policy that stands by itself, as a place in [`Catalog::policies`].
    pub(super) policy: Option<usize>,
    /// Whether its tests are wanted.
    pub(super) tested: bool,
}

/// One layer before its names are resolved.
pub(super) struct Plan<'a> {
    pub(super) members: &'a [ast::Member],
    pub(super) broken: bool,
    /// Whether something that it includes is not there, or could not be told from something else.
    pub(super) unfound: bool,
    pub(super) lost: &'a ast::Lost,
    pub(super) module: usize,
    /// A place in [`Catalog::policies`]; none for a blueprint's own members.
    pub(super) policy: Option<usize>,
    /// What the policy is for: what its members can speak about.
    pub(super) target: usize,
    pub(super) include: Option<Inclusion<'a>>,
    pub(super) prefix: Arc<str>,
    pub(super) extent: Span,
}

/// Where a layer is included.
#[derive(Clone, Copy)]
pub(super) struct Inclusion<'a> {
    pub(super) written: &'a ast::Include,
    /// The layer in which it stands.
    pub(super) layer: usize,
    pub(super) span: Span,
}

impl Resolver<'_> {
    /// The layers of `root`, each behind the one that includes it.
    pub(super) fn layers<'a>(&mut self, root: &Root<'a>, catalog: &'a Catalog<'a>) -> Vec<Plan<'a>> {
        let mut plans = vec![Plan {
            members: root.members,
            broken: root.broken,
            unfound: false,
            lost: root.lost,
            module: root.module,
            policy: root.policy,
            target: root.target,
            include: None,
            prefix: "".into(),
            extent: extent(root.header, root.members),
        }];
        let mut prefixes: BTreeMap<String, Span> = BTreeMap::new();
        let (mut at, mut size) = (0, 0);
        while let Some(members) = plans.get(at).map(|plan| plan.members) {
            for member in members {
                let ast::MemberKind::Include(written) = &member.kind else { continue };
                let include = Inclusion { written, layer: at, span: member.span };
                let Some(plan) = self.layer_of(&plans, include, catalog) else {
                    lose(&mut plans, at);
                    continue;
                };
                let entry = plan.policy.and_then(|place| catalog.policies.get(place));
                let more = plan.members.len() + entry.map_or(0, |entry| entry.policy.parameters.len()) + 1;
                size += more;
                self.included += more;
                let limit = if plans.len() >= LAYERS_MAX {
                    format!("more than {LAYERS_MAX} policies are included")
                } else if size > MEMBERS_MAX {
                    format!("what is included has more than {MEMBERS_MAX} members")
                } else if self.included > PROGRAM_MEMBERS_MAX {
                    format!("what is included everywhere has more than {PROGRAM_MEMBERS_MAX} members")
                } else {
                    String::new()
                };
                if !limit.is_empty() {
                    self.diagnostics.push(Diagnostic::new(Code::E0106, written.path.span, limit));
                    return plans;
                }
                if !self.prefix(&plan.prefix, written, &mut prefixes) {
                    lose(&mut plans, at);
                }
                plans.push(plan);
            }
            at += 1;
        }
        plans
    }

    /// The layer that an `include` adds.
    fn layer_of<'a>(
        &mut self,
        plans: &[Plan<'a>],
        include: Inclusion<'a>,
        catalog: &'a Catalog<'a>,
    ) -> Option<Plan<'a>> {
        let by = plans.get(include.layer)?;
        let written = include.written;
        let (place, entry) = self.policy_named(catalog, by.module, &written.path)?;
        // The way from the including layer to the root.
        let way: Vec<&Plan<'_>> =
            std::iter::successors(Some(by), |plan| plans.get(plan.include.as_ref()?.layer)).collect();
        if let Some(position) = way.iter().position(|plan| plan.policy == Some(place)) {
            // Each policy of the cycle comes by here; the first of them tells.
            let cycle: Vec<usize> = way.iter().take(position + 1).filter_map(|plan| plan.policy).collect();
            let root = way.last().and_then(|plan| plan.policy);
            if root == Some(place) && cycle.iter().min() == Some(&place) {
                let message = match position {
                    0 => format!("policy `{}` includes itself", entry.policy.name.node),
                    _ => format!("policy `{}` includes this one in turn", entry.policy.name.node),
                };
                let finding = Diagnostic::new(Code::E0206, written.path.span, message);
                self.diagnostics.push(finding.help("move what both need into a third policy"));
            }
            return None;
        }
        if way.len() > INCLUDE_DEPTH_MAX {
            let message = format!("includes stand more than {INCLUDE_DEPTH_MAX} deep in each other");
            self.diagnostics.push(Diagnostic::new(Code::E0106, written.path.span, message));
            return None;
        }
        let target = entry.target?;
        if target != catalog.any && target != by.target {
            self.other_target(include, (by.target, target), catalog);
            return None;
        }
        let policy = entry.policy;
        let name = written.alias.as_ref().map_or_else(|| written.path.text(), |alias| alias.node.to_string());
        let prefix = if by.prefix.is_empty() { name } else { format!("{}/{name}", by.prefix) };
        Some(Plan {
            members: &policy.members,
            broken: policy.broken > 0,
            unfound: false,
            lost: &policy.lost,
            module: entry.module,
            policy: Some(place),
            target,
            include: Some(include),
            prefix: prefix.into(),
            extent: extent(policy.span, &policy.members),
        })
    }

    /// A policy that is for another target than its includer.
    fn other_target(&mut self, include: Inclusion<'_>, (own, other): (usize, usize), catalog: &Catalog<'_>) {
        let kind = |place: usize| catalog.target(place).map_or("", |target| target.kind.as_ref());
        let path = include.written.path.text();
        let message = format!("`{path}` is for `{}`, and this is for `{}`", kind(other), kind(own));
        let finding = Diagnostic::new(Code::E0210, include.written.path.span, message);
        self.diagnostics.push(finding.help("include a policy for the same target, or one `for any`"));
    }

    /// The names of included members begin alike only if they are of one include: whether it is so.
    fn prefix(&mut self, prefix: &str, include: &ast::Include, seen: &mut BTreeMap<String, Span>) -> bool {
        let place = include.alias.as_ref().map_or(include.path.span, |alias| alias.span);
        let Some(first) = seen.insert(prefix.replace('/', "."), place) else { return true };
        let name = include.alias.as_ref().map_or_else(|| include.path.text(), |alias| alias.node.to_string());
        let message = format!("`{name}` is included twice under one name");
        let finding = Diagnostic::new(Code::E0211, place, message).label(first, "first here");
        self.diagnostics.push(finding.help("give one of them a name of its own: `include … as NAME`"));
        false
    }
}

fn lose(plans: &mut [Plan<'_>], at: usize) {
    if let Some(plan) = plans.get_mut(at) {
        plan.unfound = true;
    }
}

/// From a header to the last member.
fn extent(header: Span, members: &[ast::Member]) -> Span {
    members.iter().fold(header, |extent, member| extent.to(member.span))
}
