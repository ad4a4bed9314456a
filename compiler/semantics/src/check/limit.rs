//! Limits and approval blocks: their amounts, and what they are about.

use leeway_diagnostics::{Code, Diagnostic};
use leeway_units::{Type, Unit};

use super::infer::Checker;
use crate::hir::{Approval, Expr, Limit, LimitKind, Target};
use crate::week::{week_end, week_minute};

/// How long people have to agree unless said, in milliseconds.
const TIMEOUT_MS_DEFAULT: u64 = 3_600_000;

impl Checker<'_> {
    pub(super) fn limit(&mut self, limit: &mut Limit, target: &Target) {
        match &mut limit.kind {
            LimitKind::Cooldown { duration, .. } => drop(self.time(duration, "a cooldown")),
            LimitKind::Breaker { failures } => drop(self.at_least_one(failures, "failures")),
            LimitKind::AtMost { count, per, .. } | LimitKind::Pace { count, per, .. } => {
                self.at_least_one(count, "operations");
                self.time(per, "the time in which they are counted");
            }
            LimitKind::Drift { fact, place, by, per } => {
                self.time(per, "the time over which the fact may drift");
                let Some(fact) = target.facts.get(usize::from(fact.0)) else { return };
                match fact.ty.as_ref().map(Type::unit) {
                    Some(Some(unit)) => {
                        let what = format!("how far `{}` may drift", fact.name.node);
                        self.positive(by, unit, &what);
                    }
                    Some(None) => {
                        let ty = fact.ty.as_ref().map_or_else(String::new, ToString::to_string);
                        let message = format!("`{}` is a `{ty}`, and only quantities drift", fact.name.node);
                        let finding = Diagnostic::new(Code::E0301, *place, message);
                        self.diagnostics.push(finding.help("limit how often it is changed: `limit at most … per …`"));
                    }
                    None => {}
                }
            }
            LimitKind::Budget { metric, place, spend, percent } => {
                let ty = self.environment.metrics.get(usize::from(metric.0)).cloned().flatten();
                if let Some(ty) = ty.filter(|ty| ty.unit() != Some(Unit::Spend)) {
                    let message = format!("a budget is kept by a `spend`, and this metric is a `{ty}`");
                    let finding = Diagnostic::new(Code::E0302, *place, message);
                    self.diagnostics.push(finding.help("name a metric that forecasts what is spent, a `spend`"));
                }
                self.positive(spend, Unit::Spend, "a budget");
                self.positive(percent, Unit::Ratio, "the part of a budget");
            }
            LimitKind::Freeze { from, until, zone, .. } => self.freeze(from, until, zone),
        }
    }

    /// A freeze begins at one moment of the week and ends at another.
    fn freeze(&mut self, from: &mut Expr, until: &mut Expr, zone: &mut Expr) {
        let begin = self.moment(from, "the beginning of a freeze", week_minute);
        let end = self.moment(until, "the end of a freeze", week_end);
        self.zone(zone);
        if begin.is_some() && begin == end {
            let finding = Diagnostic::new(Code::E0501, until.span, "a freeze that ends where it begins never ends");
            self.diagnostics.push(finding.help("give it another end, or `forbid` what must not happen at all"));
        }
    }

    /// The minute of the week that a constant text names.
    fn moment(&mut self, expr: &mut Expr, what: &str, read: impl Fn(&str) -> Result<u16, String>) -> Option<u16> {
        let text = self.constant_text(expr, what)?;
        match read(&text) {
            Ok(minute) => Some(minute),
            Err(reason) => {
                let (message, help) = reason.split_once("; ").unwrap_or((&reason, "write it as in `Fri 16:00`"));
                self.diagnostics.push(Diagnostic::new(Code::E0501, expr.span, message).help(help));
                None
            }
        }
    }

    pub(super) fn approval(&mut self, approval: &mut Approval) {
        self.groups(&mut approval.by);
        if let Some(quorum) = &mut approval.quorum {
            self.at_least_one(quorum, "people who agree");
        }
        let timeout = match &mut approval.timeout {
            Some(timeout) => self.time(timeout, "the time to agree"),
            None => Some(TIMEOUT_MS_DEFAULT),
        };
        if let Some((group, after)) = &mut approval.escalate {
            self.groups(std::slice::from_mut(group));
            let asked = self.time(after, "the time before others are asked");
            if asked.zip(timeout).is_some_and(|(asked, timeout)| asked >= timeout) {
                let message = "others are asked when the time to agree is over";
                let finding = Diagnostic::new(Code::E0501, after.span, message);
                self.diagnostics
                    .push(finding.help("escalate earlier, or give a longer `timeout` (one hour unless said)"));
            }
        }
    }

    /// Who must agree: texts that are not empty.
    pub(super) fn groups(&mut self, groups: &mut [Expr]) {
        for group in groups {
            if self.constant_text(group, "who must agree").is_some_and(|name| name.trim().is_empty()) {
                let finding = Diagnostic::new(Code::E0305, group.span, "this names nobody");
                self.diagnostics.push(finding.help("write the name of a group, such as `\"sre-oncall\"`"));
            }
        }
    }
}
