//! Tests: what is given, what is proposed and what is expected of it.

use leeway_diagnostics::Spanned;

use super::{Builder, Pair, child, children, optional};
use crate::ast::{self, Expect, Expectation, Given, GivenValue, When};
use crate::grammar::Rule;

impl Builder {
    pub(super) fn test(self, pair: &Pair<'_>) -> Option<ast::Test> {
        let items = children(pair, Rule::given)
            .flat_map(|given| given.into_inner().filter(|item| item.as_rule() == Rule::given_item));
        let given =
            items.map(|item| Some(Spanned::new(self.given(&item.clone().into_inner().next()?)?, self.span(&item))));
        let expect = children(pair, Rule::expect);
        Some(ast::Test {
            name: self.text(&child(pair, Rule::text)?),
            given: given.collect::<Option<_>>()?,
            propose: optional(pair, Rule::proposed, |proposed| self.call(&child(proposed, Rule::call)?))?,
            expect: expect.map(|expect| self.expect(&expect)).collect::<Option<_>>()?,
        })
    }

    fn given(self, pair: &Pair<'_>) -> Option<Given> {
        let text = || child(pair, Rule::text).map(|text| self.text(&text));
        Some(match pair.as_rule() {
            Rule::given_actor => Given::Actor {
                kind: self.ident(&pair.clone().into_inner().nth(1)?),
                name: text()?,
                roles: child(pair, Rule::roles)
                    .map(|roles| children(&roles, Rule::text).map(|role| self.text(&role)).collect())
                    .unwrap_or_default(),
            },
            Rule::given_at => Given::At(text()?),
            Rule::given_owner => Given::Owner(text()?),
            Rule::given_claim => Given::Claim(ast::Claim {
                metric: self.path(&child(pair, Rule::path)?),
                comparison: self.comparison(&child(pair, Rule::comparison)?)?,
                value: self.chain(&child(pair, Rule::sum)?)?,
                held: self.held_for(pair)?,
            }),
            Rule::given_state => match pair.clone().into_inner().last()?.as_rule() {
                Rule::k_open => Given::BreakerOpen,
                Rule::k_held => Given::Held,
                Rule::k_killed => Given::Killed,
                _ => return None,
            },
            Rule::given_past => Given::Past(ast::Past {
                action: self.named(pair)?,
                arguments: optional(pair, Rule::given_arguments, |arguments| self.arguments(arguments))?,
                succeeded: child(pair, Rule::k_succeeded).is_some(),
                ago: self.amount_of(pair, Rule::time)?,
            }),
            Rule::given_value => self.given_value(pair)?,
            _ => return None,
        })
    }

    fn given_value(self, pair: &Pair<'_>) -> Option<Given> {
        let name = self.path(&child(pair, Rule::path)?);
        if child(pair, Rule::k_missing).is_some() {
            return Some(Given::Missing(name));
        }
        if let Some(series) = child(pair, Rule::series) {
            let values = self.text(&child(&series, Rule::text)?);
            let value = GivenValue::Series { values, every: self.amount_of(&series, Rule::time)? };
            return Some(Given::Value { name, value, held: None });
        }
        let record = |record: Pair<'_>| Some(Spanned::new(self.arguments(&record)?, self.span(&record)));
        let value = match child(pair, Rule::records) {
            Some(records) => GivenValue::Records(children(&records, Rule::record).map(record).collect::<Option<_>>()?),
            None => GivenValue::One(self.chain(&child(pair, Rule::sum)?)?),
        };
        Some(Given::Value { name, value, held: self.held_for(pair)? })
    }

    fn held_for(self, pair: &Pair<'_>) -> Option<Option<ast::Amount>> {
        optional(pair, Rule::held_for, |held| self.amount_of(held, Rule::time))
    }

    fn expect(self, pair: &Pair<'_>) -> Option<Expect> {
        let when = optional(pair, Rule::moment, |moment| Some(Spanned::new(self.when(moment)?, self.span(moment))))?;
        Some(Expect { when, what: self.expectation(pair)?, span: self.span(pair) })
    }

    fn when(self, moment: &Pair<'_>) -> Option<When> {
        Some(match moment.clone().into_inner().next()?.as_rule() {
            Rule::k_at => When::At(self.amount_of(moment, Rule::time)?),
            Rule::k_within => When::Within(self.amount_of(moment, Rule::time)?),
            Rule::k_never => When::Never,
            _ => return None,
        })
    }

    fn expectation(self, pair: &Pair<'_>) -> Option<Expectation> {
        let inner = pair.clone().into_inner().last()?;
        if inner.as_rule() == Rule::expect_tier {
            let by = child(&inner, Rule::text).map(|text| self.text(&text));
            return Some(Expectation::Tier { tier: self.clause_kind(&inner)?, by });
        }
        let rule = self.path(&child(&inner, Rule::path)?);
        Some(match child(&inner, Rule::call) {
            Some(call) => Expectation::Proposes { rule, call: self.call(&call)? },
            None => Expectation::Silent { rule, span: self.span(pair) },
        })
    }
}
