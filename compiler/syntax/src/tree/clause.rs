//! Rules, clauses, and how they name actions.

use leeway_diagnostics::Spanned;

use super::{Builder, Pair, child, children, optional};
use crate::ast::{self, ClauseKind};
use crate::grammar::Rule;

impl Builder {
    pub(super) fn rule(self, pair: &Pair<'_>) -> Option<ast::Rule> {
        Some(ast::Rule {
            name: self.named(pair)?,
            when: self.expr(&child(pair, Rule::expr)?)?,
            propose: self.call(&child(pair, Rule::call)?)?,
            because: optional(pair, Rule::because, |because| self.because(because))?,
        })
    }

    pub(super) fn clause(self, pair: &Pair<'_>) -> Option<ast::Clause> {
        let (when, otherwise) = match child(pair, Rule::condition) {
            Some(condition) => (
                Some(self.expr(&child(&condition, Rule::expr)?)?),
                optional(&condition, Rule::otherwise, |otherwise| self.clause_kind(otherwise))?,
            ),
            None => (None, None),
        };
        Some(ast::Clause {
            kind: self.clause_kind(pair)?,
            actions: self.actions(pair)?,
            when,
            otherwise,
            because: optional(pair, Rule::because, |because| self.because(because))?,
            suggest: optional(pair, Rule::suggest, |suggest| self.call(&child(suggest, Rule::call)?))?,
            by: optional(pair, Rule::by, |by| self.by(by))?.unwrap_or_default(),
            name: optional(pair, Rule::alias, |alias| self.named(alias))?,
        })
    }

    pub(super) fn by(self, pair: &Pair<'_>) -> Option<Vec<ast::Words>> {
        children(pair, Rule::words).map(|words| self.amount(&words)).collect()
    }

    /// The first of the three words among the children of `pair`.
    pub(super) fn clause_kind(self, pair: &Pair<'_>) -> Option<Spanned<ClauseKind>> {
        pair.clone().into_inner().find_map(|word| {
            let kind = match word.as_rule() {
                Rule::k_allow => ClauseKind::Allow,
                Rule::k_approve => ClauseKind::Approve,
                Rule::k_forbid => ClauseKind::Forbid,
                _ => return None,
            };
            Some(Spanned::new(kind, self.span(&word)))
        })
    }

    pub(super) fn actions(self, pair: &Pair<'_>) -> Option<Vec<ast::ActionRef>> {
        children(&child(pair, Rule::actions)?, Rule::action_ref).map(|action| self.action_ref(&action)).collect()
    }

    fn action_ref(self, pair: &Pair<'_>) -> Option<ast::ActionRef> {
        let mut names = children(pair, Rule::name);
        Some(ast::ActionRef {
            name: self.ident(&names.next()?),
            parameters: names.map(|name| self.ident(&name)).collect(),
            rest: child(pair, Rule::dots).is_some(),
            span: self.span(pair),
        })
    }

    pub(super) fn call(self, pair: &Pair<'_>) -> Option<ast::Call> {
        Some(ast::Call {
            action: self.named(pair)?,
            arguments: self.arguments(&child(pair, Rule::given_arguments)?)?,
            span: self.span(pair),
        })
    }

    /// The arguments directly in `pair`.
    pub(super) fn arguments(self, pair: &Pair<'_>) -> Option<Vec<ast::Argument>> {
        let argument = |argument: Pair<'_>| {
            Some((self.ident(&child(&argument, Rule::label)?), self.expr(&child(&argument, Rule::expr)?)?))
        };
        children(pair, Rule::argument).map(argument).collect()
    }
}
