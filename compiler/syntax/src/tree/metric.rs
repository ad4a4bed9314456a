//! Metrics and where their samples come from.

use super::{Builder, Pair, child, children};
use crate::ast;
use crate::grammar::Rule;

impl Builder {
    pub(super) fn metric(self, pair: &Pair<'_>) -> Option<ast::Metric> {
        let after = |rule| match child(pair, rule) {
            Some(part) => self.quantity(&child(&part, Rule::duration)?).map(Some),
            None => Some(None),
        };
        let source = child(pair, Rule::source)?;
        let mut scrapes = children(&source, Rule::scrape);
        Some(ast::Metric {
            typed: self.typed(&child(pair, Rule::typed)?)?,
            source: ast::Source {
                scrape: self.scrape(&scrapes.next()?)?,
                divided_by: match scrapes.next() {
                    Some(scrape) => Some(self.scrape(&scrape)?),
                    None => None,
                },
                span: self.span(&source),
            },
            every: after(Rule::every)?,
            stale: after(Rule::stale)?,
        })
    }

    fn scrape(self, pair: &Pair<'_>) -> Option<ast::Scrape> {
        use ast::Scrape;
        let found = pair.clone().into_inner().next()?;
        if matches!(found.as_rule(), Rule::text | Rule::raw) {
            return Some(Scrape::Gauge(self.text(&found)));
        }
        let series = self.text(&child(&found, Rule::text).or_else(|| child(&found, Rule::raw))?);
        let window = || self.quantity(&child(&found, Rule::duration)?);
        Some(match found.as_rule() {
            Rule::scrape_sum => Scrape::Sum(series),
            Rule::scrape_rate => Scrape::Rate(series, window()?),
            Rule::scrape_mean => Scrape::Mean(series, window()?),
            Rule::scrape_quantile => {
                Scrape::Quantile(self.quantity(&child(&found, Rule::quantity)?)?, series, window()?)
            }
            _ => return None,
        })
    }
}
