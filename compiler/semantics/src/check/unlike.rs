//! Like with like: what may be compared and added, and what to write instead where it may not.

use leeway_diagnostics::{Code, Diagnostic, Span};
use leeway_units::{Quantity, Type, Unit, Value};

use super::environment::{Environment, Ty};
use super::infer::Checker;
use crate::hir::{Expr, ExprKind};

/// What two values are brought together for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Join {
    Compared,
    Added,
    Subtracted,
    /// As the two outcomes of `if` or `??`, or as two values of one function.
    Mixed,
}

/// Reads a computed number as a ratio.
pub(super) fn as_ratio(expr: &mut Expr) {
    let inner = std::mem::replace(expr, Expr::broken(expr.span));
    *expr = Expr { span: inner.span, kind: ExprKind::AsRatio(Box::new(inner)) };
}

/// The number that stands at `expr` without a unit, perhaps by way of a let, and where it is written.
pub(super) fn bare_number(expr: &Expr, environment: &Environment) -> Option<(Quantity, Span)> {
    let written = environment.let_named(expr).map_or(expr, |known| &known.value);
    let number = if let ExprKind::Negate(inner) = &written.kind {
        literal(inner).and_then(|number| Quantity::new(number.unit(), -number.base()))
    } else {
        literal(written)
    };
    number.map(|number| (number, written.span))
}

/// The number that is written at `expr`, without a unit.
fn literal(expr: &Expr) -> Option<Quantity> {
    let ExprKind::Constant(Value::Quantity(number)) = &expr.kind else { return None };
    matches!(number.unit(), Unit::Count | Unit::Number).then_some(*number)
}

/// Adds what to write instead of a bare number.
pub(super) fn literal_with(finding: Diagnostic, unit: Unit, number: Quantity, place: Span) -> Diagnostic {
    // `0.8` beside a ratio means 80%; a whole number means percent.
    let percent = if number.unit() == Unit::Number && number.base().abs() <= 1.0 { 100.0 } else { 1.0 };
    // A bare `1` is one percent for some and all of it for others.
    if unit == Unit::Ratio && number.unit() == Unit::Count && number.base() == 1.0 {
        return finding.help("write percent").fix("write `1%`", place, "1%").fix("write `100%`", place, "100%");
    }
    match Quantity::new(Unit::Ratio, number.base() * percent).filter(|_| unit == Unit::Ratio) {
        Some(ratio) => finding.help("write percent").fix(format!("write `{ratio}`"), place, ratio.to_string()),
        None => finding.help(format!("write the unit, as in `{}`", unit.example())),
    }
}

/// Where one of several values is a ratio, the computed numbers among them become ratios, too: pairwise, one that was already
/// compared would be left behind.
fn settle(values: &mut [(&mut Expr, Ty)]) {
    if values.iter().any(|(_, found)| found.ty.unit() == Some(Unit::Ratio)) {
        for (expr, found) in values.iter_mut() {
            if found.computed && found.ty.unit() == Some(Unit::Number) {
                as_ratio(expr);
                *found = Type::Quantity(Unit::Ratio).into();
            }
        }
    }
}

/// Whether a number stands here as it is written.
fn literal_of(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Constant(Value::Quantity(_)))
}

/// How the other unit is written.
fn another(unit: Unit) -> String {
    format!("write a `{}`, such as `{}`", unit.name(), unit.example())
}

/// A word of an enum that is written as a text is meant bare.
pub(super) fn bare_word(finding: Diagnostic, ty: &Type, text: &Expr) -> Diagnostic {
    match (ty, &text.kind) {
        (Type::Enum(of), ExprKind::Constant(Value::Text(word))) if of.words.contains(word) => {
            finding.help("the words of an enum stand bare").fix(format!("write `{word}`"), text.span, word.to_string())
        }
        _ => finding,
    }
}

impl Checker<'_> {
    /// The type of several values, each of which must be like the first.
    pub(super) fn all_like(&mut self, mut values: Vec<(&mut Expr, Ty)>, join: Join) -> Option<Ty> {
        settle(&mut values);
        let ((first, found), rest) = values.split_first_mut()?;
        let mut ty = Some(found.clone());
        for (expr, other) in rest {
            let alike = self.like(first, found.clone(), expr, other.clone(), join);
            // A count beside a number is a number, wherever it stands.
            ty = match (ty, alike) {
                (Some(ty), Some(alike)) if ty.ty == Type::Quantity(Unit::Count) => Some(alike),
                (Some(ty), Some(alike)) => Some(Ty { computed: ty.computed || alike.computed, ..ty }),
                _ => None,
            };
        }
        ty
    }

    /// The type of two values brought together, which must be alike. A computed number beside a ratio becomes one.
    pub(super) fn like(&mut self, a: &mut Expr, left: Ty, b: &mut Expr, right: Ty, join: Join) -> Option<Ty> {
        let computed = left.computed || right.computed;
        if left.ty == right.ty {
            return Some(Ty { ty: left.ty, computed });
        }
        match (left.ty.unit(), right.ty.unit()) {
            (Some(Unit::Count | Unit::Number), Some(Unit::Count | Unit::Number)) => {
                Some(Ty { ty: Type::Quantity(Unit::Number), computed })
            }
            (Some(Unit::Ratio), Some(Unit::Number)) if right.computed => {
                as_ratio(b);
                Some(left)
            }
            (Some(Unit::Number), Some(Unit::Ratio)) if left.computed => {
                as_ratio(a);
                Some(right)
            }
            (Some(_), Some(_)) => {
                self.unlike_units(a, &left, b, &right, join);
                None
            }
            _ => {
                let message = sentence(join, &format!("`{}`", left.ty), &format!("`{}`", right.ty));
                let place = if join == Join::Compared { b.span } else { a.span.to(b.span) };
                let finding = Diagnostic::new(Code::E0301, place, message).label(a.span, format!("a `{}`", left.ty));
                self.diagnostics.push(bare_word(finding, &left.ty, b));
                None
            }
        }
    }

    fn unlike_units(&mut self, a: &Expr, left: &Ty, b: &Expr, right: &Ty, join: Join) {
        let (Some(unit), Some(other)) = (left.ty.unit(), right.ty.unit()) else { return };
        let dimensionless = |unit: Unit| matches!(unit, Unit::Count | Unit::Number);
        let (left_number, right_number) = (bare_number(a, &self.environment), bare_number(b, &self.environment));
        let bare = "a bare number";
        let finding = match (left_number, right_number) {
            (_, Some((number, place))) if !dimensionless(unit) => {
                let finding = Diagnostic::new(Code::E0304, b.span, sentence(join, &format!("`{}`", left.ty), bare));
                literal_with(finding, unit, number, place)
            }
            (Some((number, place)), _) if !dimensionless(other) => {
                let ty = format!("`{}`", right.ty);
                // Comparisons read the same from both sides.
                let message =
                    if join == Join::Compared { sentence(join, &ty, bare) } else { sentence(join, bare, &ty) };
                let finding = Diagnostic::new(Code::E0304, a.span, message);
                // `1 - errors` means all of it.
                let whole = join != Join::Compared && other == Unit::Ratio && number.base() == 1.0;
                if whole {
                    finding.help("write percent").fix("write `100%`", place, "100%")
                } else {
                    literal_with(finding, other, number, place)
                }
            }
            _ => {
                let message = sentence(join, &format!("`{}`", left.ty), &format!("`{}`", right.ty));
                match (self.part_of(a, b, join), other) {
                    (Some((percent, fix)), Unit::Ratio) => {
                        // A count and a ratio are both without a unit of their own, but never alike.
                        let code = if dimensionless(unit) { Code::E0304 } else { Code::E0302 };
                        Diagnostic::new(code, b.span, message).help("a part of something is a product of it").fix(
                            format!("multiply by `{percent}`"),
                            a.span.to(b.span),
                            fix,
                        )
                    }
                    _ => match (unit, other) {
                        (Unit::Cpu, Unit::Duration) if self.millicores(b).is_some() => self.minutes_for_cpu(b),
                        (Unit::Duration, Unit::Cpu) if self.millicores(a).is_some() => self.minutes_for_cpu(a),
                        _ => {
                            let place = if join == Join::Compared { b.span } else { a.span.to(b.span) };
                            let finding =
                                Diagnostic::new(Code::E0302, place, message).label(a.span, format!("a `{}`", left.ty));
                            let right = format!("a `{}`", right.ty);
                            let finding =
                                if place == b.span { finding.marked(right) } else { finding.label(b.span, right) };
                            match (literal_of(a), literal_of(b)) {
                                // What is written here is more likely meant otherwise than what is declared elsewhere.
                                (_, true) => finding.help(another(unit)),
                                (true, _) => finding.help(another(other)),
                                _ => finding.help("bring both to one unit: compute one of them from the other"),
                            }
                        }
                    },
                }
            }
        };
        self.diagnostics.push(finding);
    }

    /// `replicas + 50%` is meant as `replicas * 150%`.
    fn part_of(&self, a: &Expr, b: &Expr, join: Join) -> Option<(Quantity, String)> {
        let ExprKind::Constant(Value::Quantity(part)) = &b.kind else { return None };
        let points = match join {
            Join::Added => 100.0 + part.base(),
            Join::Subtracted => 100.0 - part.base(),
            Join::Compared | Join::Mixed => return None,
        };
        let percent = Quantity::new(Unit::Ratio, points)?;
        Some((percent, format!("{} * {percent}", self.sources.text(a.span))))
    }

    /// `100mcpu`, if `expr` is written `100m`.
    pub(super) fn millicores(&self, expr: &Expr) -> Option<String> {
        let written = self.sources.text(expr.span);
        let number = written.strip_suffix('m')?;
        number.bytes().all(|c| c.is_ascii_digit() || c == b'.').then(|| format!("{number}mcpu"))
    }

    /// Reports `100m` where a `cpu` is wanted: Kubernetes writes millicores so, and here these are minutes.
    pub(super) fn minutes_for_cpu(&self, expr: &Expr) -> Diagnostic {
        let written = self.sources.text(expr.span);
        let instead = self.millicores(expr).unwrap_or_default();
        Diagnostic::new(Code::E0304, expr.span, format!("`{written}` are minutes, and a `cpu` is wanted"))
            .help("millicores are written `mcpu`")
            .fix(format!("write `{instead}`"), expr.span, instead)
    }
}

/// What was tried with two values.
fn sentence(join: Join, left: &str, right: &str) -> String {
    match join {
        Join::Compared => format!("{left} compared with {right}"),
        Join::Added => format!("{right} added to {left}"),
        Join::Subtracted => format!("{right} subtracted from {left}"),
        Join::Mixed => format!("{left} and {right} in one place"),
    }
}
