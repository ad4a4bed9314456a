//! Amounts and words: literals, or the names of constants. What a name is, the checker says.

use leeway_syntax::ast;

use super::Resolver;
use super::scope::Scope;
use crate::hir::Expr;

impl Resolver<'_> {
    /// An amount that may be left out.
    pub(super) fn amount(&mut self, scope: &Scope<'_>, amount: Option<&ast::Amount>) -> Option<Expr> {
        amount.map(|amount| self.expression(scope, amount))
    }

    /// Amounts or words one after the other.
    pub(super) fn amounts(&mut self, scope: &Scope<'_>, all: &[ast::Amount]) -> Vec<Expr> {
        all.iter().map(|one| self.expression(scope, one)).collect()
    }
}
