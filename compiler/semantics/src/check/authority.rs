//! What is permitted without being meant, and what nobody speaks about.

use std::collections::{BTreeMap, BTreeSet};

use leeway_diagnostics::{Code, Diagnostic, Span};
use leeway_syntax::ast::ClauseKind;
use leeway_units::Value;

use super::infer::Checker;
use crate::hir::{Action, ActionMeaning, ActionRef, Blueprint, Clause, Meaning, Target, slot};

impl Checker<'_> {
    /// Checks what `blueprint` permits.
    pub(super) fn authority(&mut self, blueprint: &Blueprint, target: &Target) {
        for clause in &blueprint.clauses {
            if clause.kind.node == ClauseKind::Allow {
                self.irreversible(clause, target);
                self.unconditional(clause, target);
                self.unread(clause, target);
            }
        }
        self.untrusted(blueprint);
        self.vacuous(blueprint);
        self.idle(blueprint, target);
        self.verified_twice(blueprint, target);
        if !blueprint.partial {
            self.unseen(blueprint, target);
            self.unspoken(blueprint, target);
        }
    }

    /// An `allow` must not name what cannot be undone.
    fn irreversible(&mut self, clause: &Clause, target: &Target) {
        for one in &clause.actions {
            let ActionMeaning::One(id) = one.meaning else { continue };
            if target.actions.get(usize::from(id.0)).is_some_and(crate::hir::Action::irreversible) {
                let message = format!("`{}` cannot be undone and is never allowed without asking", one.name);
                let finding = Diagnostic::new(Code::E0401, one.span, message);
                self.diagnostics.push(finding.help(format!("write `approve {}` in a clause of its own", one.name)));
            }
        }
    }

    fn unconditional(&mut self, clause: &Clause, target: &Target) {
        if crate::lower::spelt_out(&clause.actions, ClauseKind::Allow, target).is_empty() {
            return;
        }
        let named: Vec<String> = clause.actions.iter().map(|one| format!("`{}`", one.name)).collect();
        let named = named.join(", ");
        let finding = match &clause.when {
            None => Diagnostic::new(Code::W0402, clause.kind.span, format!("{named} is allowed whatever happens")),
            Some(when) if self.environment.constant(when) == Some(Value::Bool(true)) => Diagnostic::new(
                Code::W0402,
                when.span,
                format!("this is always true, so {named} is allowed whatever happens"),
            ),
            Some(_) => return,
        };
        self.diagnostics.push(finding.help("say `when` it is allowed, or write `approve`"));
    }

    /// A parameter that the condition does not read may have any value.
    fn unread(&mut self, clause: &Clause, target: &Target) {
        let Some(when) = &clause.when else { return };
        let mut read: BTreeSet<u16> = BTreeSet::new();
        let mut broken = false;
        when.walk(&mut |expr| {
            broken |= expr.is_broken();
            if let Some((_, Meaning::Parameter(place, _))) = expr.name() {
                read.insert(*place);
            }
        });
        for one in clause.actions.iter().filter(|one| !one.rest && !broken) {
            let ActionMeaning::One(id) = one.meaning else { continue };
            let Some(action) = target.actions.get(usize::from(id.0)) else { continue };
            let unread = action.parameters.iter().enumerate().filter(|(at, _)| !read.contains(&slot(*at)));
            let unread: Vec<String> = unread.map(|(_, parameter)| format!("`{}`", parameter.name)).collect();
            if !unread.is_empty() {
                let message = format!("the condition does not read {} of `{}`", unread.join(", "), one.name);
                let finding = Diagnostic::new(Code::W0403, one.span, message);
                let help = "any value is allowed: read it in the condition, or write `..` if that is meant";
                self.diagnostics.push(finding.help(help));
            }
        }
    }

    /// Of two verifications of one action only one could count.
    fn verified_twice(&mut self, blueprint: &Blueprint, target: &Target) {
        let mut seen: BTreeMap<u16, Span> = BTreeMap::new();
        for verification in &blueprint.verifications {
            for id in crate::lower::spelt_out(&verification.actions, ClauseKind::Approve, target) {
                let place = verification.actions.first().map_or(verification.span, |first| first.span);
                match seen.get(&id) {
                    Some(first) => {
                        let name = target.actions.get(usize::from(id)).map_or("", |action| action.name.node.as_ref());
                        let message = format!("how `{name}` is verified is stated twice");
                        let finding = Diagnostic::new(Code::E0208, place, message).label(*first, "first here");
                        self.diagnostics.push(finding.help("put all stages into one `verify`"));
                        break;
                    }
                    None => drop(seen.insert(id, place)),
                }
            }
        }
    }

    /// An action that is permitted, but of which nothing shows whether it worked.
    fn unseen(&mut self, blueprint: &Blueprint, target: &Target) {
        let grants = blueprint.clauses.iter().filter(|clause| {
            let kinds = [Some(clause.kind.node), clause.otherwise.as_ref().map(|otherwise| otherwise.node)];
            kinds.into_iter().flatten().any(|kind| kind != ClauseKind::Forbid)
        });
        // An included `any` is there for every target: what it grants is not one of the actions that its writer had in mind.
        let meant =
            |clause: &Clause, one: &ActionRef| clause.layer == 0 || matches!(one.meaning, ActionMeaning::One(_));
        let granted: Vec<(&ActionRef, BTreeSet<u16>)> = grants
            .flat_map(|clause| clause.actions.iter().filter(move |one| meant(clause, one)))
            .map(|one| (one, crate::lower::spelt_out(std::slice::from_ref(one), ClauseKind::Approve, target)))
            .collect();
        let verified: BTreeSet<u16> = blueprint
            .verifications
            .iter()
            .flat_map(|one| crate::lower::spelt_out(&one.actions, ClauseKind::Approve, target))
            .collect();
        let never = self.always_forbidden(blueprint, target);
        // What one word brings in is told in one finding.
        let mut unseen: Vec<(&ActionRef, Vec<&Action>)> = Vec::new();
        for (at, action) in target.actions.iter().enumerate() {
            let at = slot(at);
            let seen = !action.effects.is_empty() || !action.stages.is_empty() || verified.contains(&at);
            let first = granted.iter().find(|(_, ids)| ids.contains(&at)).filter(|_| !seen && !never.contains(&at));
            let Some((first, _)) = first else { continue };
            match unseen.iter_mut().find(|(one, _)| one.span == first.span) {
                Some((_, actions)) => actions.push(action),
                None => unseen.push((first, vec![action])),
            }
        }
        for (place, actions) in unseen {
            let listed: Vec<String> = actions.iter().map(|action| format!("`{}`", action.name.node)).collect();
            let (have, help) = match actions.as_slice() {
                [only] => ("it has", format!("add `verify {} {{ … }}` to the blueprint", only.name.node)),
                _ => (
                    "they have",
                    "add a `verify` for each to the blueprint, or `forbid` what is never meant".to_owned(),
                ),
            };
            let message =
                format!("nothing shows whether {} worked: {have} neither an effect nor a `verify`", listed.join(", "));
            let mut finding = Diagnostic::new(Code::W0501, place.span, message).help(help);
            for action in actions {
                finding = finding.label(action.name.span, "declared here");
            }
            self.diagnostics.push(finding);
        }
    }

    /// The actions that a clause forbids whatever happens; what else is said of them is never done.
    fn always_forbidden(&self, blueprint: &Blueprint, target: &Target) -> BTreeSet<u16> {
        let always = |clause: &&Clause| {
            let when = clause.when.as_ref();
            clause.kind.node == ClauseKind::Forbid
                && when.is_none_or(|when| self.environment.constant(when) == Some(Value::Bool(true)))
        };
        let forbids = blueprint.clauses.iter().filter(always);
        forbids.flat_map(|clause| crate::lower::spelt_out(&clause.actions, ClauseKind::Forbid, target)).collect()
    }

    /// Actions that no clause speaks about are forbidden by default, which should be said.
    fn unspoken(&mut self, blueprint: &Blueprint, target: &Target) {
        let spoken: BTreeSet<u16> = blueprint
            .clauses
            .iter()
            .flat_map(|clause| crate::lower::spelt_out(&clause.actions, clause.kind.node, target))
            .collect();
        let unspoken = target.actions.iter().enumerate().filter(|(at, _)| !spoken.contains(&slot(*at)));
        let unspoken: Vec<&str> = unspoken.map(|(_, action)| action.name.node.as_ref()).collect();
        if unspoken.is_empty() {
            return;
        }
        let listed: Vec<String> = unspoken.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("no clause speaks about {}", listed.join(", "));
        let finding = Diagnostic::new(Code::W0401, blueprint.name.span, message);
        let help = format!("what no clause speaks about is forbidden; say so with `forbid {}`", unspoken.join(", "));
        self.diagnostics.push(finding.help(help));
    }
}
