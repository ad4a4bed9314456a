//! A target: its facts and actions.

use std::collections::BTreeMap;

use leeway_diagnostics::{Code, Diagnostic};
use leeway_ir::{ActionId, FactId, Risk};
use leeway_syntax::ast;
use leeway_units::Type;

use super::scope::{Bound, Scope};
use super::{Resolver, declared};
use crate::closest::unknown;
use crate::hir::{Action, Effect, Fact, Parameter, Stage, Target, Undo, slot};

const RISKS: [(&str, Risk); 3] = [("low", Risk::Low), ("medium", Risk::Medium), ("high", Risk::High)];

impl Resolver<'_> {
    /// Resolves a target. Its actions may refer to each other.
    pub(super) fn target(&mut self, target: &ast::Target) -> Target {
        let one_text = matches!(target.parameters.as_slice(), [only] if only.ty.node.as_ref() == "text");
        if !one_text {
            let message = format!("target `{}` must have one parameter, its name", target.kind.text());
            let finding = Diagnostic::new(Code::E0305, target.kind.span, message);
            self.diagnostics.push(finding.help(format!("write `target {}(name: text)`", target.kind.text())));
        }
        declared::distinct(target.facts.iter().map(|fact| (&fact.typed.name, "fact")), &mut self.diagnostics);
        declared::distinct(target.actions.iter().map(|action| (&action.name, "action")), &mut self.diagnostics);
        // Ids follow names, not places: moving a declaration must not change what a policy's fingerprint covers.
        let mut written: Vec<&ast::Fact> = target.facts.iter().collect();
        written.sort_by(|a, b| a.typed.name.node.cmp(&b.typed.name.node));
        let facts: Vec<Fact> = written.into_iter().map(|fact| self.fact(fact)).collect();
        let mut written: Vec<&ast::Action> = target.actions.iter().collect();
        written.sort_by(|a, b| a.name.node.cmp(&b.name.node));
        // Signatures first, so that an undo can call an action declared below.
        let mut actions: Vec<Action> = written.iter().map(|action| self.signature(action)).collect();
        for (place, action) in written.into_iter().enumerate() {
            let Some(parameters) = actions.get(place).map(|action| action.parameters.clone()) else { continue };
            let names = BTreeMap::new();
            let mut scope = Scope::bare(&facts, &names, false);
            scope.parameters = all_bound(&parameters);
            let body = self.body(action, &scope, &actions);
            if let Some(resolved) = actions.get_mut(place) {
                *resolved = Action { name: resolved.name.clone(), parameters, ..body };
            }
        }
        Target { kind: target.kind.text().into(), facts, actions }
    }

    fn fact(&mut self, fact: &ast::Fact) -> Fact {
        Fact { name: fact.typed.name.clone(), ty: self.ty(&fact.typed.ty), stale: fact.stale.clone() }
    }

    /// The type of that name.
    pub(super) fn ty(&mut self, written: &ast::Ident) -> Option<Type> {
        let found = Type::named(&written.node);
        if found.is_none() {
            let finding = unknown(Code::E0207, written.span, "type", &written.node, Type::names());
            let types: Vec<String> = Type::names().map(|name| format!("`{name}`")).collect();
            self.diagnostics.push(finding.help(format!("the types are {}", types.join(", "))));
        }
        found
    }

    fn signature(&mut self, action: &ast::Action) -> Action {
        declared::distinct(action.parameters.iter().map(|one| (&one.name, "parameter")), &mut self.diagnostics);
        let parameter = |one: &ast::Typed| Parameter { name: one.name.node.clone(), ty: self.ty(&one.ty) };
        let parameters = action.parameters.iter().map(parameter).collect();
        Action { name: action.name.clone(), parameters, ..empty(&action.name) }
    }

    /// What stands in an action's block; the signature is the caller's.
    fn body(&mut self, action: &ast::Action, scope: &Scope<'_>, actions: &[Action]) -> Action {
        let mut body = empty(&action.name);
        let (mut undo, mut risk, mut disruptive, mut verify) = (None, None, None, None);
        let mut written = BTreeMap::new();
        for part in &action.parts {
            match &part.node {
                ast::ActionPart::Effect { fact, value } => {
                    let value = self.expression(scope, value);
                    if let Some(id) = self.written_fact(fact, scope) {
                        let what = format!("the effect on `{}`", fact.node);
                        self.once(written.entry(id).or_default(), (), fact.span, &what);
                        body.effects.push(Effect { fact: id, value });
                    }
                }
                ast::ActionPart::UndoCall(call) => {
                    let call = self.call(scope, call, actions).map(Undo::Call);
                    self.once(&mut undo, call, part.span, "how the action is undone");
                }
                ast::ActionPart::UndoReceipt => {
                    self.once(&mut undo, Some(Undo::Receipt), part.span, "how the action is undone");
                }
                ast::ActionPart::UndoNothing => {
                    self.once(&mut undo, Some(Undo::Nothing), part.span, "how the action is undone");
                }
                ast::ActionPart::Irreversible => {
                    self.once(&mut undo, Some(Undo::Irreversible), part.span, "how the action is undone");
                }
                ast::ActionPart::Disruptive => self.once(&mut disruptive, (), part.span, "`disruptive`"),
                ast::ActionPart::Risk(word) => {
                    let found = RISKS.iter().find(|(name, _)| *name == word.node.as_ref());
                    match found {
                        Some((_, found)) => self.once(&mut risk, *found, part.span, "the risk"),
                        None => {
                            let known = RISKS.iter().map(|(name, _)| *name);
                            self.diagnostics.push(unknown(Code::E0201, word.span, "risk", &word.node, known));
                        }
                    }
                }
                ast::ActionPart::Verify(stages) => {
                    let stages = self.stages(scope, stages);
                    self.once(&mut verify, stages, part.span, "`verify`");
                }
            }
        }
        if undo.is_none() {
            let message = format!("action `{}` does not say how it is undone", action.name.node);
            self.diagnostics.push(Diagnostic::new(Code::E0403, action.name.span, message).help(
                "add `undo CALL`, `undo receipt`, `undo nothing` (it leaves nothing to take back) or `irreversible`",
            ));
        }
        body.effects.sort_by_key(|effect| effect.fact);
        body.undo = undo.and_then(|(undo, _)| undo);
        body.risk = risk.map_or(Risk::Medium, |(risk, _)| risk);
        body.disruptive = disruptive.is_some();
        body.stages = verify.map(|(stages, _)| stages).unwrap_or_default();
        body
    }

    fn written_fact(&mut self, name: &ast::Ident, scope: &Scope<'_>) -> Option<FactId> {
        let found = scope.facts.iter().position(|fact| fact.name.node == name.node);
        if found.is_none() {
            let known = scope.facts.iter().map(|fact| fact.name.node.as_ref());
            self.diagnostics.push(unknown(Code::E0201, name.span, "fact", &name.node, known));
        }
        found.map(|at| FactId(slot(at)))
    }

    /// Resolves the stages of a `verify`.
    pub(super) fn stages(&mut self, scope: &Scope<'_>, stages: &[ast::Stage]) -> Vec<Stage> {
        let stage = |stage: &ast::Stage| Stage {
            kind: stage.kind,
            duration: stage.duration.clone(),
            condition: self.expression(scope, &stage.condition),
        };
        stages.iter().map(stage).collect()
    }

    /// The action of that name among `actions`.
    pub(super) fn action_named(&mut self, name: &ast::Ident, actions: &[Action], also: &[&str]) -> Option<ActionId> {
        let found = actions.iter().position(|action| action.name.node == name.node);
        if found.is_none() {
            let known = actions.iter().map(|action| action.name.node.as_ref()).chain(also.iter().copied());
            self.diagnostics.push(unknown(Code::E0205, name.span, "action", &name.node, known));
        }
        found.map(|at| ActionId(slot(at)))
    }
}

/// An action of which nothing is known yet.
fn empty(name: &ast::Ident) -> Action {
    Action {
        name: name.clone(),
        parameters: Vec::new(),
        effects: Vec::new(),
        undo: None,
        risk: Risk::Medium,
        disruptive: false,
        stages: Vec::new(),
    }
}

/// All parameters of an action, in scope.
pub(super) fn all_bound(parameters: &[Parameter]) -> Vec<Bound> {
    let bound = |(at, one): (usize, &Parameter)| Bound {
        name: one.name.clone(),
        place: slot(at),
        ty: one.ty.clone(),
        misfit: None,
    };
    parameters.iter().enumerate().map(bound).collect()
}
