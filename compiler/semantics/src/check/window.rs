//! Windows into the past: how far they look, and over what.

use leeway_diagnostics::{Code, Diagnostic, Span};
use leeway_units::{Type, Unit, Value};

use super::infer::Checker;
use super::time::milliseconds;
use crate::hir::{Expr, ExprKind, Meaning};

impl Checker<'_> {
    /// How far a window looks back: a time that is constant.
    pub(super) fn window(&mut self, window: &mut Expr) {
        let Some(found) = self.infer(window) else { return };
        if found.ty.unit() != Some(Unit::Duration) {
            self.mismatch(window, &found, &Type::Quantity(Unit::Duration), "the window");
            return;
        }
        match self.environment.constant(window) {
            Some(Value::Quantity(time)) => {
                if milliseconds(time).is_none() {
                    let message = format!("`{time}` is not a time that can work");
                    let finding = Diagnostic::new(Code::E0501, window.span, message);
                    self.diagnostics
                        .push(finding.help("write whole milliseconds, at least `1ms` and at most ten years"));
                }
            }
            _ if self.environment.fixed(window) => {}
            _ => {
                let finding = Diagnostic::new(Code::E0502, window.span, "how far a window looks back must be constant");
                self.diagnostics
                    .push(finding.help("write a duration such as `2m`, or the name of a `let` that is one"));
            }
        }
    }

    /// Which quantile is asked for: a constant number from 0 to 1.
    pub(super) fn quantile(&mut self, q: &mut Expr) {
        let Some(found) = self.infer(q) else { return };
        let value = self.environment.constant(q).and_then(|value| value.quantity());
        let number = matches!(found.ty.unit(), Some(Unit::Count | Unit::Number));
        let good = value.map_or_else(|| self.environment.fixed(q), |value| (0.0..=1.0).contains(&value.base()));
        if number && good {
            return;
        }
        let written = self.sources.text(q.span);
        let message = format!("`{written}` is not a quantile: it must be a constant number from 0 to 1");
        let finding = Diagnostic::new(Code::E0305, q.span, message).help("write `0.95` for the 95th percentile");
        // `95%` and `95` are meant as `0.95`.
        let part = value
            .filter(|value| matches!(value.unit(), Unit::Ratio | Unit::Count) && (1.0..=100.0).contains(&value.base()));
        self.diagnostics.push(match part {
            Some(value) => {
                let number = (value.base() / 100.0).to_string();
                finding.fix(format!("write `{number}`"), q.span, number)
            }
            None => finding,
        });
    }

    /// `E for D`: everything in E must have a past.
    pub(super) fn held(&mut self, held: &Expr) {
        let mut seen = Seen { sampled: false, without: Vec::new() };
        self.past(held, 0, &mut seen);
        for (what, place) in &seen.without {
            let message = format!("{what} has no past that `for` could look at");
            let finding = Diagnostic::new(Code::E0502, *place, message);
            self.diagnostics.push(
                finding.help(
                    "before `for` only metrics, facts and constants can stand; put the rest beside it with `and`",
                ),
            );
        }
        if self.environment.holds_for(held) {
            // Each level would multiply the work of every decision by the samples of its window.
            let finding = Diagnostic::new(Code::E0502, held.span, "a `for` looks back over another `for`");
            self.diagnostics.push(finding.help("one `for` is enough: give it the longer of the two times"));
        }
        if !seen.sampled {
            let finding =
                Diagnostic::new(Code::E0502, held.span, "nothing here is sampled, so `for` has nothing to look at");
            self.diagnostics.push(finding.help("read a metric or a fact, or leave `for` out"));
        }
    }

    /// Whether `expr` reads something that `for` cannot look back at; lets are looked through.
    pub(super) fn without_past(&self, expr: &Expr) -> bool {
        let mut seen = Seen { sampled: false, without: Vec::new() };
        self.past(expr, 0, &mut seen);
        !seen.without.is_empty()
    }

    /// What in `expr`, around which `depth` quantifiers stand that are inside the `for`, has a past and what has none.
    fn past(&self, expr: &Expr, depth: u16, seen: &mut Seen) {
        let mut without = |what: String| {
            seen.sampled = true;
            seen.without.push((what, expr.span));
        };
        match &expr.kind {
            ExprKind::Broken => seen.sampled = true,
            ExprKind::Name(name, meaning) => match meaning {
                Meaning::Fact(_) | Meaning::Metric(_) => seen.sampled = true,
                Meaning::Let(at) => {
                    if self.environment.lets.get(*at).is_some_and(|known| known.without_past) {
                        without(format!("`{name}`"));
                    } else {
                        seen.sampled |= !self.environment.fixed(expr);
                    }
                }
                // Of the elements of a quantifier inside the `for`, the collection has the past.
                Meaning::Element { depth: of, .. } if *of < depth => {}
                Meaning::Element { .. }
                | Meaning::Parameter(..)
                | Meaning::Actor(_)
                | Meaning::ActionRisk
                | Meaning::ActionReversible
                | Meaning::Claims => without(format!("`{name}`")),
            },
            ExprKind::Began(..) => without("what was done".to_owned()),
            ExprKind::Since(_) => without("what was done".to_owned()),
            ExprKind::Change(..) => without("`change`".to_owned()),
            ExprKind::During(..) => without("`during`".to_owned()),
            ExprKind::Budget(_) => without("`budget`".to_owned()),
            ExprKind::Quantified { over, body, .. } => {
                self.past(over, depth, seen);
                self.past(body, depth.saturating_add(1), seen);
            }
            ExprKind::Constant(_)
            | ExprKind::Opaque(_)
            | ExprKind::Symbol(..)
            | ExprKind::List(_)
            | ExprKind::Not(_)
            | ExprKind::Negate(_)
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::For(..)
            | ExprKind::Compare(..)
            | ExprKind::InRange { .. }
            | ExprKind::InList { .. }
            | ExprKind::Within { .. }
            | ExprKind::TextTest(..)
            | ExprKind::Coalesce(..)
            | ExprKind::Known(_)
            | ExprKind::Arithmetic(..)
            | ExprKind::If(..)
            | ExprKind::Window(..)
            | ExprKind::Quantile(..)
            | ExprKind::Function(..)
            | ExprKind::AsRatio(_) => {
                for child in expr.children() {
                    self.past(child, depth, seen);
                }
            }
        }
    }
}

/// What a `for` would look back at.
struct Seen {
    /// Whether anything has a past, or was reported.
    sampled: bool,
    /// What has none, with its place.
    without: Vec<(String, Span)>,
}
