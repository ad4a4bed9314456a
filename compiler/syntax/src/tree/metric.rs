//! Metrics, where their samples come from, and service level objectives.

use super::{Builder, Pair, child, children, optional};
use crate::ast::{self, Scrape, SourceKind};
use crate::grammar::Rule;

impl Builder {
    pub(super) fn metric(self, pair: &Pair<'_>) -> Option<ast::Metric> {
        Some(ast::Metric {
            typed: self.typed(&child(pair, Rule::typed)?)?,
            sampled: self.sampled(pair)?,
            untrusted: child(pair, Rule::k_untrusted).map(|word| self.span(&word)),
            responds: optional(pair, Rule::responds, |responds| self.expr(&child(responds, Rule::expr)?))?,
        })
    }

    pub(super) fn slo(self, pair: &Pair<'_>) -> Option<ast::Slo> {
        Some(ast::Slo {
            name: self.named(pair)?,
            objective: self.amount_of(pair, Rule::share)?,
            over: self.amount_of(pair, Rule::time)?,
            good: self.sampled(&child(pair, Rule::good)?)?,
            total: self.sampled(&child(pair, Rule::total)?)?,
            min_events: optional(pair, Rule::events, |events| self.amount_of(events, Rule::whole))?,
            burns: children(pair, Rule::burn).map(|burn| self.burn(&burn)).collect::<Option<_>>()?,
        })
    }

    fn burn(self, pair: &Pair<'_>) -> Option<ast::Burn> {
        let mut windows = children(pair, Rule::time).map(|window| self.amount(&window));
        Some(ast::Burn {
            factor: self.amount_of(pair, Rule::factor)?,
            long: windows.next()??,
            short: windows.next()??,
            severity: self.ident(&pair.clone().into_inner().last()?),
        })
    }

    /// What `pair` takes its samples from.
    fn sampled(self, pair: &Pair<'_>) -> Option<ast::Sampled> {
        let after = |rule| optional(pair, rule, |part| self.amount_of(part, Rule::time));
        Some(ast::Sampled {
            source: self.source(&child(pair, Rule::source)?)?,
            every: after(Rule::every)?,
            stale: after(Rule::stale)?,
        })
    }

    fn source(self, pair: &Pair<'_>) -> Option<ast::Source> {
        let mut parts = pair.clone().into_inner();
        let begin = parts.next()?.as_rule();
        let asked = parts.next()?;
        let kind = match begin {
            Rule::k_prometheus => SourceKind::Prometheus(self.text(&asked)),
            Rule::k_scrape => SourceKind::Scrape(
                self.scrape(&asked)?,
                match children(pair, Rule::scrape).nth(1) {
                    Some(scrape) => Some(self.scrape(&scrape)?),
                    None => None,
                },
            ),
            Rule::k_http_json => SourceKind::HttpJson {
                path: self.text(&asked),
                pointer: self.text(&children(pair, Rule::text).nth(1)?),
            },
            Rule::k_constant => SourceKind::Constant(self.literal(&asked)?),
            _ => return None,
        };
        Some(ast::Source { kind, span: self.span(pair) })
    }

    fn scrape(self, pair: &Pair<'_>) -> Option<Scrape> {
        let found = pair.clone().into_inner().next()?;
        if matches!(found.as_rule(), Rule::text | Rule::raw) {
            return Some(Scrape::Gauge(self.text(&found)));
        }
        let series = self.text(&child(&found, Rule::text).or_else(|| child(&found, Rule::raw))?);
        let window = || self.amount_of(&found, Rule::time);
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
