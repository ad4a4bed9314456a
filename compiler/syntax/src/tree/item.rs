//! `use`, headers, and what stands in a target.

use leeway_diagnostics::Spanned;
use leeway_units::Quantity;

use super::{Builder, Pair, child, children, optional};
use crate::ast;
use crate::grammar::Rule;

impl Builder {
    pub(crate) fn use_(self, pair: &Pair<'_>) -> Option<ast::Use> {
        Some(ast::Use {
            path: self.path(&child(pair, Rule::path)?),
            alias: child(pair, Rule::name).map(|name| self.ident(&name)),
        })
    }

    /// A blueprint without its members.
    pub(crate) fn blueprint(self, pair: &Pair<'_>) -> Option<ast::Blueprint> {
        let closing = child(pair, Rule::rparen)?;
        Some(ast::Blueprint {
            doc: None,
            name: self.ident(&child(pair, Rule::name)?),
            kind: self.path(&child(pair, Rule::path)?),
            target: self.text(&child(pair, Rule::text)?),
            members: Vec::new(),
            broken: 0,
            lost: ast::Lost::default(),
            span: self.span(&child(pair, Rule::k_blueprint)?).to(self.span(&closing)),
        })
    }

    /// A policy without its members.
    pub(crate) fn policy(self, pair: &Pair<'_>) -> Option<ast::Policy> {
        let settings = child(pair, Rule::settings)?;
        let path = self.path(&child(pair, Rule::path)?);
        let span = self.span(&child(pair, Rule::k_policy)?).to(path.span);
        let any = matches!(path.parts.as_slice(), [only] if &*only.node == ANY_TARGET);
        Some(ast::Policy {
            doc: None,
            name: self.named(pair)?,
            parameters: children(&settings, Rule::setting)
                .map(|setting| self.setting(&setting))
                .collect::<Option<_>>()?,
            kind: if any { ast::PolicyKind::Any(path.span) } else { ast::PolicyKind::Kind(path) },
            members: Vec::new(),
            broken: 0,
            lost: ast::Lost::default(),
            span,
        })
    }

    fn setting(self, pair: &Pair<'_>) -> Option<ast::PolicyParameter> {
        Some(ast::PolicyParameter {
            typed: self.typed(&child(pair, Rule::typed)?)?,
            default: optional(pair, Rule::literal, |literal| self.literal(literal))?,
        })
    }

    /// A target without what it declares.
    pub(crate) fn target(self, pair: &Pair<'_>) -> Option<ast::Target> {
        Some(ast::Target {
            doc: None,
            kind: self.path(&child(pair, Rule::path)?),
            parameters: self.parameters(pair)?,
            facts: Vec::new(),
            enums: Vec::new(),
            collections: Vec::new(),
            actions: Vec::new(),
            broken: 0,
            lost: ast::Lost::default(),
        })
    }

    fn parameters(self, pair: &Pair<'_>) -> Option<Vec<ast::Typed>> {
        children(&child(pair, Rule::parameters)?, Rule::typed).map(|typed| self.typed(&typed)).collect()
    }

    pub(super) fn fact(self, pair: &Pair<'_>) -> Option<ast::Fact> {
        Some(ast::Fact { doc: None, typed: self.typed(&child(pair, Rule::typed)?)?, stale: self.fact_stale(pair)? })
    }

    pub(super) fn enum_(self, pair: &Pair<'_>) -> Option<ast::Enum> {
        let mut names = children(pair, Rule::name).map(|name| self.ident(&name));
        Some(ast::Enum { doc: None, name: names.next()?, words: names.collect() })
    }

    pub(super) fn collection(self, pair: &Pair<'_>) -> Option<ast::Collection> {
        Some(ast::Collection {
            doc: None,
            name: self.named(pair)?,
            fields: children(pair, Rule::typed).map(|typed| self.typed(&typed)).collect::<Option<_>>()?,
            stale: self.fact_stale(pair)?,
        })
    }

    fn fact_stale(self, pair: &Pair<'_>) -> Option<Option<Spanned<Quantity>>> {
        optional(pair, Rule::fact_stale, |stale| self.quantity(&child(stale, Rule::duration)?))
    }

    pub(super) fn action(self, pair: &Pair<'_>) -> Option<ast::Action> {
        let parts = pair.clone().into_inner().filter(|part| PARTS.contains(&part.as_rule()));
        Some(ast::Action {
            doc: None,
            name: self.ident(&child(pair, Rule::name)?),
            parameters: self.parameters(pair)?,
            parts: parts
                .map(|part| Some(Spanned::new(self.part(&part)?, self.span(&part))))
                .collect::<Option<Vec<_>>>()?,
        })
    }

    fn part(self, pair: &Pair<'_>) -> Option<ast::ActionPart> {
        use ast::ActionPart;
        Some(match pair.as_rule() {
            Rule::k_irreversible => ActionPart::Irreversible,
            Rule::k_disruptive => ActionPart::Disruptive,
            Rule::effect => ActionPart::Effect {
                fact: self.ident(&child(pair, Rule::name)?),
                value: self.expr(&child(pair, Rule::expr)?)?,
            },
            Rule::undo if child(pair, Rule::k_receipt).is_some() => ActionPart::UndoReceipt,
            Rule::undo if child(pair, Rule::k_nothing).is_some() => ActionPart::UndoNothing,
            Rule::undo => ActionPart::UndoCall(self.call(&child(pair, Rule::call)?)?),
            Rule::risk => ActionPart::Risk(self.ident(&pair.clone().into_inner().last()?)),
            Rule::verified => ActionPart::Verify(self.stages(&child(pair, Rule::stages)?)?),
            _ => return None,
        })
    }
}

/// What a policy is for that fits every target.
const ANY_TARGET: &str = "any";

/// What an action's block consists of.
const PARTS: &[Rule] =
    &[Rule::effect, Rule::undo, Rule::k_irreversible, Rule::k_disruptive, Rule::risk, Rule::verified];
