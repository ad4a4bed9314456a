//! Rules, clauses, limits and verification.

use leeway_diagnostics::Spanned;

use super::{Builder, Pair, child, children};
use crate::ast::{self, ClauseKind, Failure, StageKind};
use crate::grammar::Rule;
use crate::text;

impl Builder {
    pub(super) fn rule(self, pair: &Pair<'_>) -> Option<ast::Rule> {
        Some(ast::Rule {
            name: self.ident(&child(pair, Rule::name)?),
            when: self.expr(&child(pair, Rule::expr)?)?,
            propose: self.call(&child(pair, Rule::call)?)?,
            because: self.because(pair)?,
        })
    }

    pub(super) fn clause(self, pair: &Pair<'_>) -> Option<ast::Clause> {
        let condition = child(pair, Rule::condition);
        let (when, otherwise) = match &condition {
            Some(condition) => {
                let otherwise = match child(condition, Rule::otherwise) {
                    Some(otherwise) => Some(self.clause_kind(&otherwise)?),
                    None => None,
                };
                (Some(self.expr(&child(condition, Rule::expr)?)?), otherwise)
            }
            None => (None, None),
        };
        let suggest = match child(pair, Rule::suggest) {
            Some(suggest) => Some(self.call(&child(&suggest, Rule::call)?)?),
            None => None,
        };
        let by = child(pair, Rule::by);
        let name = child(pair, Rule::alias).and_then(|alias| child(&alias, Rule::name));
        Some(ast::Clause {
            kind: self.clause_kind(pair)?,
            actions: self.actions(pair)?,
            when,
            otherwise,
            because: self.because(pair)?,
            suggest,
            by: by.iter().flat_map(|by| children(by, Rule::text)).map(|text| self.text(&text)).collect(),
            name: name.map(|name| self.ident(&name)),
        })
    }

    /// The first of the three words among the children of `pair`.
    fn clause_kind(self, pair: &Pair<'_>) -> Option<Spanned<ClauseKind>> {
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

    fn because(self, pair: &Pair<'_>) -> Option<Option<ast::Text>> {
        let Some(because) = child(pair, Rule::because) else { return Some(None) };
        let literal = child(&because, Rule::text)?;
        Some(Some(Spanned::new(text::unescape(literal.as_str(), true).into(), self.span(&literal))))
    }

    fn actions(self, pair: &Pair<'_>) -> Option<Vec<ast::ActionRef>> {
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
        let argument = |argument: Pair<'_>| {
            Some((self.ident(&child(&argument, Rule::label)?), self.expr(&child(&argument, Rule::expr)?)?))
        };
        Some(ast::Call {
            action: self.ident(&child(pair, Rule::name)?),
            arguments: children(pair, Rule::argument).map(argument).collect::<Option<Vec<_>>>()?,
            span: self.span(pair),
        })
    }

    pub(super) fn limit(self, pair: &Pair<'_>) -> Option<ast::Limit> {
        if let Some(cooldown) = child(pair, Rule::cooldown) {
            return Some(ast::Limit::Cooldown {
                duration: self.quantity(&child(&cooldown, Rule::duration)?)?,
                after: self.actions(&cooldown)?,
            });
        }
        let breaker = child(pair, Rule::breaker)?;
        Some(ast::Limit::Breaker { failures: self.quantity(&child(&breaker, Rule::count)?)? })
    }

    pub(super) fn verify(self, pair: &Pair<'_>) -> Option<ast::Verify> {
        let last = pair.clone().into_inner().last()?;
        let failure = match last.as_rule() {
            Rule::k_rollback => Failure::Rollback,
            Rule::k_escalate => Failure::Escalate,
            Rule::k_nothing => Failure::Nothing,
            _ => return None,
        };
        Some(ast::Verify {
            actions: self.actions(pair)?,
            stages: self.stages(&child(pair, Rule::stages)?)?,
            otherwise: Spanned::new(failure, self.span(&last)),
        })
    }

    pub(super) fn stages(self, pair: &Pair<'_>) -> Option<Vec<ast::Stage>> {
        children(pair, Rule::stage).map(|stage| self.stage(&stage)).collect()
    }

    fn stage(self, pair: &Pair<'_>) -> Option<ast::Stage> {
        let kind = match pair.clone().into_inner().next()?.as_rule() {
            Rule::k_at => StageKind::At,
            Rule::k_within => StageKind::Within,
            Rule::k_hold => StageKind::Hold,
            _ => return None,
        };
        Some(ast::Stage {
            kind,
            duration: self.quantity(&child(pair, Rule::duration)?)?,
            condition: self.expr(&child(pair, Rule::expr)?)?,
        })
    }
}
