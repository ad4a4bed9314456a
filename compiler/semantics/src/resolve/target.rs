//! A target: its enums, facts, collections and actions.

use std::collections::BTreeMap;

use leeway_diagnostics::{Code, Diagnostic};
use leeway_ir::{ActionId, FactId, Risk};
use leeway_syntax::ast;
use leeway_units::{Enum, Field, Type};

use super::scope::{Bound, Gaps, Scope};
use super::{Resolver, declared};
use crate::closest::unknown;
use crate::hir::{Action, Effect, Fact, Parameter, Stage, Target, Undo, slot};

const RISKS: [(&str, Risk); 3] = [("low", Risk::Low), ("medium", Risk::Medium), ("high", Risk::High)];

impl Resolver<'_> {
    /// Resolves a target. Its actions may refer to each other.
    pub(super) fn target(&mut self, target: &ast::Target) -> Target {
        let partial = target.broken > 0;
        let before = self.diagnostics.len();
        let one_text = matches!(target.parameters.as_slice(), [only] if only.ty.node.as_ref() == "text");
        if !one_text {
            let message = format!("target `{}` must have one parameter, its name", target.kind.text());
            let finding = Diagnostic::new(Code::E0305, target.kind.span, message);
            self.diagnostics.push(finding.help(format!("write `target {}(name: text)`", target.kind.text())));
        }
        let facts = target.facts.iter().map(|fact| (&fact.typed.name, "fact"));
        let collections = target.collections.iter().map(|collection| (&collection.name, "collection"));
        declared::distinct(facts.chain(collections), &mut self.diagnostics);
        let enums = self.enums(&target.enums);
        declared::distinct(target.actions.iter().map(|action| (&action.name, "action")), &mut self.diagnostics);
        // Ids follow names, not places: moving a declaration must not change what a policy's fingerprint covers.
        let mut facts: Vec<Fact> = target.facts.iter().map(|fact| self.fact(fact, &enums)).collect();
        facts.extend(target.collections.iter().map(|collection| self.records_fact(collection, &enums)));
        facts.sort_by(|a, b| a.name.node.cmp(&b.name.node));
        let mut written: Vec<&ast::Action> = target.actions.iter().collect();
        written.sort_by(|a, b| a.name.node.cmp(&b.name.node));
        // Signatures first, so that an undo can call an action declared below.
        let mut actions: Vec<Action> = written.iter().map(|action| self.signature(action, &enums)).collect();
        for (place, action) in written.into_iter().enumerate() {
            let Some(parameters) = actions.get(place).map(|action| action.parameters.clone()) else { continue };
            let names = BTreeMap::new();
            let mut scope = Scope::bare(&facts, &names, Gaps { members: Some(&target.lost), ..Gaps::default() });
            scope.parameters = all_bound(&parameters);
            let body = self.body(action, &scope, &actions);
            if let Some(resolved) = actions.get_mut(place) {
                *resolved = Action { name: resolved.name.clone(), parameters, ..body };
            }
        }
        if partial {
            // A fact, an enum or an action that was lost in parsing is likely the one that is meant.
            let (codes, sources) = ([Code::E0201, Code::E0205, Code::E0207], self.sources);
            let lost = |finding: &Diagnostic| {
                codes.contains(&finding.code) && target.lost.covers(sources.text(finding.primary.span))
            };
            let found = self.diagnostics.split_off(before);
            self.diagnostics.extend(found.into_iter().filter(|finding| !lost(finding)));
        }
        Target { kind: target.kind.text().into(), partial, enums, facts, actions }
    }

    fn fact(&mut self, fact: &ast::Fact, enums: &[Enum]) -> Fact {
        Fact { name: fact.typed.name.clone(), ty: self.ty(&fact.typed.ty, enums), stale: fact.stale.clone() }
    }

    /// A collection is a fact that is a list of records, their fields sorted by name.
    fn records_fact(&mut self, collection: &ast::Collection, enums: &[Enum]) -> Fact {
        declared::distinct(collection.fields.iter().map(|field| (&field.name, "field")), &mut self.diagnostics);
        let mut fields: Vec<Field> = Vec::new();
        let mut whole = true;
        for field in &collection.fields {
            match self.ty(&field.ty, enums) {
                Some(ty) => fields.push(Field { name: field.name.node.clone(), ty }),
                None => whole = false,
            }
        }
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        let ty = whole.then(|| Type::Records(fields.into()));
        Fact { name: collection.name.clone(), ty, stale: collection.stale.clone() }
    }

    /// The enums of a target, which are types in it.
    fn enums(&mut self, written: &[ast::Enum]) -> Vec<Enum> {
        declared::distinct(written.iter().map(|one| (&one.name, "enum")), &mut self.diagnostics);
        let mut enums = Vec::new();
        for one in written {
            if Type::named(&one.name.node).is_some() {
                let message = format!("`{}` is a type of the language and cannot be declared", one.name.node);
                self.diagnostics.push(Diagnostic::new(Code::E0202, one.name.span, message).help("choose another name"));
            }
            declared::distinct(one.words.iter().map(|word| (word, "word")), &mut self.diagnostics);
            let words = one.words.iter().map(|word| word.node.clone()).collect();
            enums.push(Enum { name: one.name.node.clone(), words });
        }
        enums
    }

    /// The type of that name: a built-in one, or one of `enums`.
    pub(super) fn ty(&mut self, written: &ast::Ident, enums: &[Enum]) -> Option<Type> {
        let own = || enums.iter().find(|one| one.name == written.node).map(|one| Type::Enum(one.clone()));
        let found = Type::named(&written.node).or_else(own);
        if found.is_none() {
            let known: Vec<String> =
                Type::names().map(str::to_owned).chain(enums.iter().map(|one| one.name.to_string())).collect();
            let finding = unknown(Code::E0207, written.span, "type", &written.node, known.iter().map(String::as_str));
            let types: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            self.diagnostics.push(finding.help(format!("the types are {}", types.join(", "))));
        }
        found
    }

    fn signature(&mut self, action: &ast::Action, enums: &[Enum]) -> Action {
        declared::distinct(action.parameters.iter().map(|one| (&one.name, "parameter")), &mut self.diagnostics);
        let parameter = |one: &ast::Typed| Parameter { name: one.name.node.clone(), ty: self.ty(&one.ty, enums) };
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
                    let written_to = scope.facts.iter().find(|known| known.name.node == fact.node);
                    let value = self.wanted(scope, value, written_to.and_then(|fact| fact.ty.as_ref()));
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
            duration: self.expression(scope, &stage.duration),
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
