//! Service level objectives.

use leeway_diagnostics::{Code, Diagnostic, Span};
use leeway_units::{Type, Unit};

use super::infer::Checker;
use crate::hir::{Burn, Expr, Slo};

impl Checker<'_> {
    pub(super) fn slo(&mut self, slo: &mut Slo) {
        if let Some(objective) = self.amount(&mut slo.objective, Unit::Ratio, "the objective")
            && !(objective.base() > 0.0 && objective.base() < 100.0)
        {
            let message = format!("`{objective}` of the events can be no objective");
            let help = "write more than `0%` and less than `100%`: what is left is the error budget";
            self.no_slo(slo.objective.span, message, help);
        }
        let over = self.time(&mut slo.over, "the time that the objective is over");
        if let Some(events) = &mut slo.min_events {
            self.at_least_one(events, "events");
        }
        for burn in &mut slo.burns {
            self.burn(burn, over);
        }
    }

    fn burn(&mut self, burn: &mut Burn, over: Option<u64>) {
        self.factor(&mut burn.factor);
        let long = self.time(&mut burn.long, "the long window");
        let short = self.time(&mut burn.short, "the short window");
        if long.zip(short).is_some_and(|(long, short)| long <= short) {
            let help = "write the long window first, as in `burn 6 6h 30m high`";
            self.no_slo(burn.short.span, "the short window must be shorter than the long one".to_owned(), help);
        }
        if long.zip(over).is_some_and(|(long, over)| long > over) {
            let message = "the long window is longer than the time of the objective".to_owned();
            self.no_slo(burn.long.span, message, "look back over a part of that time");
        }
    }

    /// How many times faster than admitted: a bare number, more than none.
    fn factor(&mut self, factor: &mut Expr) {
        let Some(found) = self.constant_of(factor, &Type::Quantity(Unit::Number), "the factor") else { return };
        if !found.quantity().is_some_and(|factor| factor.base() > 0.0) {
            let help = "write how many times faster than admitted the budget is spent, as in `burn 6 6h 30m high`";
            self.no_slo(factor.span, "the factor of a burn must be more than none".to_owned(), help);
        }
    }

    fn no_slo(&mut self, place: Span, message: String, help: &str) {
        self.diagnostics.push(Diagnostic::new(Code::E0503, place, message).help(help));
    }
}
