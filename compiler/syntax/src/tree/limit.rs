//! Limits, and who agrees.

use super::{Builder, Pair, child, children, optional};
use crate::ast::{self, Limit};
use crate::grammar::Rule;

impl Builder {
    pub(super) fn limit(self, pair: &Pair<'_>) -> Option<Limit> {
        let limit = pair.clone().into_inner().last()?;
        let amount = |rule| self.amount_of(&limit, rule);
        Some(match limit.as_rule() {
            Rule::cooldown => Limit::Cooldown { duration: amount(Rule::time)?, after: self.actions(&limit)? },
            Rule::breaker => Limit::Breaker { failures: amount(Rule::whole)? },
            Rule::at_most => {
                Limit::AtMost { count: amount(Rule::whole)?, of: self.actions(&limit)?, per: amount(Rule::time)? }
            }
            Rule::pace => {
                Limit::Pace { count: amount(Rule::whole)?, of: self.actions(&limit)?, per: amount(Rule::time)? }
            }
            Rule::drift => {
                Limit::Drift { fact: self.named(&limit)?, by: amount(Rule::any_)?, per: amount(Rule::time)? }
            }
            Rule::budget => Limit::Budget {
                metric: self.named(&limit)?,
                spend: amount(Rule::spend)?,
                percent: amount(Rule::share)?,
            },
            Rule::freeze => {
                let mut words = children(&limit, Rule::words).map(|words| self.amount(&words));
                Limit::Freeze {
                    from: words.next()??,
                    until: words.next()??,
                    zone: words.next()??,
                    except: optional(&limit, Rule::except, |except| self.actions(except))?.unwrap_or_default(),
                }
            }
            _ => return None,
        })
    }

    pub(super) fn approval(self, pair: &Pair<'_>) -> Option<ast::Approval> {
        Some(ast::Approval {
            by: self.by(&child(pair, Rule::by)?)?,
            quorum: optional(pair, Rule::quorum, |quorum| self.amount_of(quorum, Rule::whole))?,
            timeout: optional(pair, Rule::timeout, |timeout| self.amount_of(timeout, Rule::time))?,
            escalate: optional(pair, Rule::escalate, |escalate| {
                Some((self.amount_of(escalate, Rule::words)?, self.amount_of(escalate, Rule::time)?))
            })?,
            notify: child(pair, Rule::notify)
                .map(|notify| children(&notify, Rule::text).map(|text| self.text(&text)).collect())
                .unwrap_or_default(),
            span: self.span(pair),
        })
    }
}
