//! Actions as clauses, limits and `verify` name them, their parameters, and calls of them.

use std::sync::Arc;

use leeway_diagnostics::{Code, Diagnostic};
use leeway_syntax::ast;

use super::Resolver;
use super::scope::{Bound, Hidden, Scope, Way};
use super::target::all_bound;
use crate::closest::unknown_of;
use crate::hir::{Action, ActionMeaning, ActionRef, Call, slot};

/// The words that stand for several actions.
const GROUPS: [&str; 2] = ["any", "disruptive"];

impl Resolver<'_> {
    /// Resolves a list of actions, each of which may stand in it once.
    pub(super) fn action_refs(&mut self, refs: &[ast::ActionRef], actions: &[Action]) -> Vec<ActionRef> {
        let mut found: Vec<ActionRef> = Vec::new();
        for one in refs {
            let meaning = match one.name.node.as_ref() {
                "any" => Some(ActionMeaning::Any),
                "disruptive" => Some(ActionMeaning::Disruptive),
                _ => self.action_named(&one.name, actions, &GROUPS).map(ActionMeaning::One),
            };
            let Some(meaning) = meaning else { continue };
            let fit = self.named_parameters(one, meaning, actions);
            if let Some(first) = found.iter().find(|first| first.meaning == meaning) {
                let message = format!("`{}` is stated twice", one.name.node);
                let finding = Diagnostic::new(Code::E0208, one.span, message).label(first.span, "first here");
                self.diagnostics.push(finding.help("remove one"));
                continue;
            }
            found.push(ActionRef { meaning, name: one.name.node.clone(), rest: one.rest || !fit, span: one.span });
        }
        found
    }

    /// Checks that the parameters named in brackets exist, each once; whether they all do.
    fn named_parameters(&mut self, one: &ast::ActionRef, meaning: ActionMeaning, actions: &[Action]) -> bool {
        let mut fit = true;
        for (at, name) in one.parameters.iter().enumerate() {
            if let Some(first) = one.parameters.iter().take(at).find(|first| first.node == name.node) {
                let message = format!("`{}` is stated twice", name.node);
                let finding = Diagnostic::new(Code::E0208, name.span, message).label(first.span, "first here");
                self.diagnostics.push(finding.help("remove one"));
            }
        }
        match meaning {
            ActionMeaning::Any | ActionMeaning::Disruptive => {
                if let Some(first) = one.parameters.first() {
                    let message = format!("`{}` stands for several actions and has no parameters", one.name.node);
                    self.diagnostics.push(Diagnostic::new(Code::E0305, first.span, message).help("name one action"));
                }
            }
            ActionMeaning::One(id) => {
                let Some(action) = actions.get(usize::from(id.0)) else { return fit };
                for name in &one.parameters {
                    if !action.parameters.iter().any(|parameter| parameter.name == name.node) {
                        let known = action.parameters.iter().map(|parameter| parameter.name.as_ref());
                        let what = ("parameter", action.name.node.as_ref());
                        self.diagnostics.push(unknown_of(Code::E0305, name.span, what, &name.node, known));
                        fit = false;
                    }
                }
            }
        }
        fit
    }

    /// Resolves a call, which must give each parameter one argument.
    pub(super) fn call(&mut self, scope: &Scope<'_>, call: &ast::Call, actions: &[Action]) -> Option<Call> {
        let action = self.action_named(&call.action, actions, &[])?;
        let parameters = &actions.get(usize::from(action.0))?.parameters;
        let mut arguments: Vec<Option<crate::hir::Expr>> = parameters.iter().map(|_| None).collect();
        let mut fits = true;
        for (name, value) in &call.arguments {
            let place = parameters.iter().position(|parameter| parameter.name == name.node);
            let wanted = place.and_then(|place| parameters.get(place)).and_then(|parameter| parameter.ty.as_ref());
            let value = self.wanted(scope, value, wanted);
            match place.and_then(|place| arguments.get_mut(place)) {
                Some(argument @ None) => *argument = Some(value),
                Some(Some(_)) => {
                    fits = false;
                    let message = format!("argument `{}` is given twice", name.node);
                    self.diagnostics.push(Diagnostic::new(Code::E0305, name.span, message).help("remove one"));
                }
                None => {
                    fits = false;
                    let known = parameters.iter().map(|parameter| parameter.name.as_ref());
                    let what = ("argument", call.action.node.as_ref());
                    self.diagnostics.push(unknown_of(Code::E0305, name.span, what, &name.node, known));
                }
            }
        }
        let missing = parameters.iter().zip(&arguments).filter(|(_, argument)| argument.is_none());
        let missing: Vec<String> = missing.map(|(parameter, _)| format!("`{}`", parameter.name)).collect();
        // A wrong name explains why another is missing; saying both would be noise.
        if !missing.is_empty() && fits {
            let message = format!("`{}` lacks {}", call.action.node, missing.join(", "));
            let help = format!("its parameters are `{}`", signature(&call.action.node, parameters));
            self.diagnostics.push(Diagnostic::new(Code::E0305, call.span, message).help(help));
        }
        let arguments: Vec<_> = arguments.into_iter().flatten().collect();
        (fits && arguments.len() == parameters.len()).then_some(Call { action, arguments })
    }
}

/// `scale(to: count)`.
fn signature(name: &str, parameters: &[crate::hir::Parameter]) -> String {
    let one = |parameter: &crate::hir::Parameter| match &parameter.ty {
        Some(ty) => format!("{}: {ty}", parameter.name),
        None => parameter.name.to_string(),
    };
    format!("{name}({})", parameters.iter().map(one).collect::<Vec<_>>().join(", "))
}

/// The actions that are named one by one.
fn single<'a>(
    refs: &'a [ast::ActionRef],
    actions: &'a [Action],
) -> impl Iterator<Item = (&'a ast::ActionRef, &'a Action)> {
    let action = |one: &'a ast::ActionRef| {
        actions.iter().find(|action| action.name.node == one.name.node).map(|action| (one, action))
    };
    refs.iter().filter_map(action)
}

/// The parameters that a clause names, as its condition can read them.
pub(super) fn clause_parameters(refs: &[ast::ActionRef], actions: &[Action]) -> Vec<Bound> {
    let mut names: Vec<&ast::Ident> = refs.iter().flat_map(|one| &one.parameters).collect();
    let mut seen: Vec<Arc<str>> = Vec::new();
    names.retain(|name| {
        let new = !seen.contains(&name.node);
        seen.push(name.node.clone());
        new
    });
    let named =
        |one: &ast::ActionRef, name: &str| one.parameters.iter().any(|parameter| parameter.node.as_ref() == name);
    let lost = |name: &Arc<str>| Bound { name: name.clone(), place: 0, ty: None, misfit: None };
    // A name that no action has was reported where it is named; where it is read nothing more is said.
    let bound = |name: &ast::Ident| common(&name.node, refs, actions, named).unwrap_or_else(|| lost(&name.node));
    names.into_iter().map(bound).collect()
}

/// The parameters of all the actions of a `verify`, where each is in scope without being named.
pub(super) fn verified_parameters(refs: &[ast::ActionRef], actions: &[Action]) -> Vec<Bound> {
    let groups = |one: &ast::ActionRef| GROUPS.contains(&one.name.node.as_ref());
    if let [only] = refs
        && !groups(only)
    {
        return single(refs, actions).flat_map(|(_, action)| all_bound(&action.parameters)).collect();
    }
    let mut bound: Vec<Bound> = Vec::new();
    for (_, action) in single(refs, actions) {
        for parameter in &action.parameters {
            if !bound.iter().any(|known| known.name == parameter.name) {
                bound.extend(common(&parameter.name, refs, actions, |one, _| !groups(one)));
            }
        }
    }
    bound
}

/// Parameter `name` as every action of `refs` has it; `named` says whether an action of the list brings it into scope.
fn common(
    name: &Arc<str>,
    refs: &[ast::ActionRef],
    actions: &[Action],
    named: impl Fn(&ast::ActionRef, &str) -> bool,
) -> Option<Bound> {
    let mut bound: Option<Bound> = None;
    let mut misfit = None;
    for one in refs {
        let action = actions.iter().find(|action| action.name.node == one.name.node);
        if action.is_none() && !GROUPS.contains(&one.name.node.as_ref()) {
            continue;
        }
        let found = action.and_then(|action| {
            all_bound(&action.parameters).into_iter().find(|parameter| parameter.name == *name && named(one, name))
        });
        match (&bound, found) {
            (_, None) => misfit = misfit.or_else(|| Some(format!("`{}` does not have it", one.name.node))),
            (None, Some(found)) => bound = Some(found),
            (Some(first), Some(found)) if first.place != found.place || first.ty != found.ty => {
                misfit = Some(format!("that of `{}` has another type or place", one.name.node));
            }
            (Some(_), Some(_)) => {}
        }
    }
    bound.map(|bound| Bound { misfit, ..bound })
}

/// The parameters that a clause does not name.
pub(super) fn hidden(refs: &[ast::ActionRef], meanings: &[ActionRef], actions: &[Action]) -> Vec<Hidden> {
    let mut hidden = Vec::new();
    for (at, action) in actions.iter().enumerate() {
        let meant = meanings.iter().any(|one| match one.meaning {
            ActionMeaning::Any => true,
            ActionMeaning::Disruptive => action.disruptive,
            ActionMeaning::One(id) => id.0 == slot(at),
        });
        if !meant {
            continue;
        }
        let named = |name: &str| {
            let own = refs.iter().filter(|one| one.name.node == action.name.node);
            own.flat_map(|one| &one.parameters).any(|parameter| parameter.node.as_ref() == name)
        };
        let unnamed = action.parameters.iter().filter(|parameter| !named(&parameter.name));
        let way = |name: &str| match refs {
            [only] if only.name.node == action.name.node => Way::Alone(only.span, with_parameter(only, action, name)),
            [_] => Way::Group,
            _ => Way::Several,
        };
        hidden.extend(unnamed.map(|parameter| Hidden {
            name: parameter.name.clone(),
            action: action.name.node.clone(),
            way: way(&parameter.name),
        }));
    }
    hidden
}

/// `resize(memory_request, cpu_request, ..)`: how `action` stands if one more of its parameters is named.
fn with_parameter(one: &ast::ActionRef, action: &Action, name: &str) -> String {
    let mut named: Vec<&str> = one.parameters.iter().map(|parameter| parameter.node.as_ref()).collect();
    named.push(name);
    // Where nobody said so, nobody meant not to read the rest.
    if one.rest && named.len() < action.parameters.len() {
        named.push("..");
    }
    format!("{}({})", action.name.node, named.join(", "))
}
