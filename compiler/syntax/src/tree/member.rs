//! The members of blueprints, policies and targets.

use leeway_diagnostics::Spanned;

use super::{Builder, Pair, child, children, optional};
use crate::ast::{self, Autonomy, MemberKind};
use crate::grammar::Rule;

/// What a block may contain, read.
pub(crate) enum Built {
    /// A member of a blueprint or a policy.
    Member(Box<ast::MemberKind>),
    /// A fact of a target.
    Fact(ast::Fact),
    /// An enum of a target.
    Enum(ast::Enum),
    /// A collection of a target.
    Collection(ast::Collection),
    /// An action of a target.
    Action(ast::Action),
}

impl Builder {
    /// A member of a block.
    pub(crate) fn member(self, pair: &Pair<'_>) -> Option<Built> {
        match pair.as_rule() {
            Rule::fact => self.fact(pair).map(Built::Fact),
            Rule::enum_ => self.enum_(pair).map(Built::Enum),
            Rule::collection => self.collection(pair).map(Built::Collection),
            Rule::action => self.action(pair).map(Built::Action),
            _ => Some(Built::Member(Box::new(self.member_kind(pair)?))),
        }
    }

    fn member_kind(self, pair: &Pair<'_>) -> Option<MemberKind> {
        Some(match pair.as_rule() {
            Rule::version => MemberKind::Version(self.text(&child(pair, Rule::text)?)),
            Rule::owner => MemberKind::Owner(self.text(&child(pair, Rule::text)?)),
            Rule::label_ => {
                let mut texts = children(pair, Rule::text).map(|text| self.text(&text));
                MemberKind::Label(texts.next()?, texts.next()?)
            }
            Rule::include => MemberKind::Include(self.include(pair)?),
            Rule::needs => MemberKind::Needs(self.typed(&child(pair, Rule::typed)?)?),
            Rule::let_ => {
                MemberKind::Let(ast::Let { name: self.named(pair)?, value: self.expr(&child(pair, Rule::expr)?)? })
            }
            Rule::metric => MemberKind::Metric(self.metric(pair)?),
            Rule::objective => MemberKind::Objective(self.expr(&child(pair, Rule::expr)?)?),
            Rule::rule_ => MemberKind::Rule(self.rule(pair)?),
            Rule::clause => MemberKind::Clause(self.clause(pair)?),
            Rule::limit => MemberKind::Limit(self.limit(pair)?),
            Rule::approval => MemberKind::Approval(self.approval(pair)?),
            Rule::autonomy => MemberKind::Autonomy(self.autonomy(pair)?),
            Rule::audit => MemberKind::Audit(self.amount_of(pair, Rule::time)?),
            Rule::verify => MemberKind::Verify(self.verify(pair)?),
            Rule::slo => MemberKind::Slo(self.slo(pair)?),
            Rule::invariant => MemberKind::Invariant(ast::Invariant {
                name: self.named(pair)?,
                condition: self.expr(&child(pair, Rule::expr)?)?,
                because: optional(pair, Rule::because, |because| self.because(because))?,
            }),
            Rule::test => MemberKind::Test(self.test(pair)?),
            _ => return None,
        })
    }

    fn include(self, pair: &Pair<'_>) -> Option<ast::Include> {
        Some(ast::Include {
            path: self.path(&child(pair, Rule::path)?),
            arguments: self.arguments(&child(pair, Rule::given_arguments)?)?,
            alias: optional(pair, Rule::alias, |alias| self.named(alias))?,
        })
    }

    fn autonomy(self, pair: &Pair<'_>) -> Option<Spanned<Autonomy>> {
        let word = pair.clone().into_inner().last()?;
        let autonomy = match word.as_rule() {
            Rule::k_observe => Autonomy::Observe,
            Rule::k_suggest => Autonomy::Suggest,
            Rule::k_approve => Autonomy::Approve,
            Rule::k_act => Autonomy::Act,
            _ => return None,
        };
        Some(Spanned::new(autonomy, self.span(&word)))
    }
}
