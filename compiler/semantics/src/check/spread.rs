//! Which values something may still have where comparisons with constants hold together.

use std::cmp::Ordering;

use leeway_syntax::ast::Comparison;
use leeway_units::{Quantity, Type, Value};

use super::constant::compare;
use super::infer::Checker;
use crate::hir::{Expr, ExprKind, Meaning};

/// Nothing is said of longer lists.
const LISTED_MAX: usize = 64;

/// An end of an interval, and whether it belongs to it.
type End = Option<(Quantity, bool)>;

/// The values that are left.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Spread {
    low: End,
    high: End,
    /// One of these, if that is said.
    among: Option<Vec<Value>>,
    /// None of these.
    except: Vec<Value>,
}

impl Spread {
    fn only(among: Vec<Value>) -> Spread {
        Spread { among: Some(among), ..Spread::default() }
    }

    fn at_least(value: Quantity, included: bool) -> Spread {
        Spread { low: Some((value, included)), ..Spread::default() }
    }

    fn at_most(value: Quantity, included: bool) -> Spread {
        Spread { high: Some((value, included)), ..Spread::default() }
    }

    /// What both leave.
    pub(super) fn and(self, other: Spread) -> Spread {
        let among = match (self.among, other.among) {
            (Some(a), Some(b)) => {
                Some(a.into_iter().filter(|value| b.iter().any(|other| equal(value, other))).collect())
            }
            (a, b) => a.or(b),
        };
        let mut except = self.except;
        except.extend(other.except);
        Spread {
            low: tighter(self.low, other.low, Ordering::Greater),
            high: tighter(self.high, other.high, Ordering::Less),
            among,
            except,
        }
    }

    /// Whether `value` is left.
    fn has(&self, value: &Value) -> bool {
        let inside = |end: &End, beyond: Ordering| {
            end.is_none_or(|(end, included)| {
                let order = value.quantity().and_then(|value| value.compare(end));
                order.is_none_or(|order| order == beyond || (included && order.is_eq()))
            })
        };
        inside(&self.low, Ordering::Greater)
            && inside(&self.high, Ordering::Less)
            && self.among.as_ref().is_none_or(|among| among.iter().any(|one| equal(one, value)))
            && !self.except.iter().any(|one| equal(one, value))
    }

    /// Whether nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        if let Some(among) = &self.among {
            return !among.iter().any(|value| self.has(value));
        }
        let (Some((low, with_low)), Some((high, with_high))) = (self.low, self.high) else { return false };
        match low.compare(high) {
            Some(Ordering::Greater) => true,
            Some(Ordering::Equal) => !with_low || !with_high || !self.has(&Value::Quantity(low)),
            Some(Ordering::Less) | None => false,
        }
    }

    /// Whether everything that `other` leaves is left.
    pub(super) fn includes(&self, other: &Spread) -> bool {
        if let Some(among) = &other.among {
            return among.iter().filter(|value| other.has(value)).all(|value| self.has(value));
        }
        if self.among.is_some() {
            return match (other.low, other.high) {
                (Some((low, _)), Some((high, _))) if low.compare(high).is_some_and(Ordering::is_eq) => {
                    self.has(&Value::Quantity(low))
                }
                _ => false,
            };
        }
        let within = |own: End, theirs: End, beyond: Ordering| match (own, theirs) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some((own, included)), Some((theirs, with))) => match theirs.compare(own) {
                Some(order) if order == beyond => true,
                Some(Ordering::Equal) => included || !with,
                Some(_) | None => false,
            },
        };
        within(self.low, other.low, Ordering::Greater)
            && within(self.high, other.high, Ordering::Less)
            && self.except.iter().all(|value| !other.has(value))
    }
}

fn short(list: &Value) -> bool {
    matches!(list, Value::List(all) if all.len() <= LISTED_MAX)
}

fn equal(a: &Value, b: &Value) -> bool {
    compare(a, Comparison::Equal, b) == Some(true)
}

/// The end that leaves less. Of ends that cannot be compared, which is reported elsewhere, the first.
fn tighter(a: End, b: End, inward: Ordering) -> End {
    match (a, b) {
        (Some((first, with_first)), Some((second, with_second))) => match second.compare(first) {
            Some(order) if order == inward => b,
            Some(Ordering::Equal) => Some((first, with_first && with_second)),
            Some(_) | None => a,
        },
        (a, b) => a.or(b),
    }
}

/// `a < b` as `b > a`.
fn turned(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Equal => Comparison::Equal,
        Comparison::NotEqual => Comparison::NotEqual,
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
    }
}

/// `not a < b` as `a >= b`.
fn opposite(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Equal => Comparison::NotEqual,
        Comparison::NotEqual => Comparison::Equal,
        Comparison::Less => Comparison::GreaterOrEqual,
        Comparison::LessOrEqual => Comparison::Greater,
        Comparison::Greater => Comparison::LessOrEqual,
        Comparison::GreaterOrEqual => Comparison::Less,
    }
}

impl Checker<'_> {
    /// What is compared with constants at `expr`, and what it may be so that `expr` is `truth`.
    pub(super) fn spread<'e>(&self, expr: &'e Expr, truth: bool) -> Option<(&'e Expr, Spread)> {
        let constant = |expr: &Expr| self.environment.constant(expr);
        let (of, spread) = match &expr.kind {
            ExprKind::Compare(a, comparison, b) => {
                let asked = if truth { comparison.node } else { opposite(comparison.node) };
                match (constant(a), constant(b)) {
                    (None, Some(value)) => (a.as_ref(), self.compared(a, asked, value)?),
                    (Some(value), None) => (b.as_ref(), self.compared(b, turned(asked), value)?),
                    (Some(_), Some(_)) | (None, None) => return None,
                }
            }
            ExprKind::InRange { value, low, high, negated } if truth != *negated => {
                let ends =
                    constant(low).zip(constant(high)).and_then(|(low, high)| low.quantity().zip(high.quantity()));
                let (low, high) = ends?;
                (value.as_ref(), Spread::at_least(low, true).and(Spread::at_most(high, true)))
            }
            ExprKind::InList { value, list, negated } => {
                let Some(Value::List(all)) = constant(list).filter(short) else { return None };
                let listed = all.to_vec();
                let inside = truth != *negated;
                (
                    value.as_ref(),
                    if inside { Spread::only(listed) } else { Spread { except: listed, ..Spread::default() } },
                )
            }
            ExprKind::Name(..) if constant(expr).is_none() => (expr, Spread::only(vec![Value::Bool(truth)])),
            ExprKind::Broken
            | ExprKind::Constant(_)
            | ExprKind::Opaque(_)
            | ExprKind::Symbol(..)
            | ExprKind::List(_)
            | ExprKind::Name(..)
            | ExprKind::Not(_)
            | ExprKind::Negate(_)
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::For(..)
            | ExprKind::InRange { .. }
            | ExprKind::Within { .. }
            | ExprKind::TextTest(..)
            | ExprKind::Quantified { .. }
            | ExprKind::Coalesce(..)
            | ExprKind::Known(_)
            | ExprKind::Arithmetic(..)
            | ExprKind::If(..)
            | ExprKind::Window(..)
            | ExprKind::Quantile(..)
            | ExprKind::Began(..)
            | ExprKind::Since(_)
            | ExprKind::Change(..)
            | ExprKind::During(..)
            | ExprKind::Budget(_)
            | ExprKind::Function(..)
            | ExprKind::AsRatio(_) => return None,
        };
        Some((of, spread.and(self.initial(of))))
    }

    fn compared(&self, of: &Expr, comparison: Comparison, value: Value) -> Option<Spread> {
        let Some(quantity) = value.quantity() else {
            return Some(match comparison {
                Comparison::Equal => Spread::only(vec![value]),
                Comparison::NotEqual => Spread { except: vec![value], ..Spread::default() },
                Comparison::Less | Comparison::LessOrEqual | Comparison::Greater | Comparison::GreaterOrEqual => {
                    let holds = |word: &Value| compare(word, comparison, &value) == Some(true);
                    Spread::only(self.words(of)?.into_iter().filter(holds).collect())
                }
            });
        };
        Some(match comparison {
            Comparison::Equal => Spread::at_least(quantity, true).and(Spread::at_most(quantity, true)),
            Comparison::NotEqual => Spread { except: vec![value], ..Spread::default() },
            Comparison::Less => Spread::at_most(quantity, false),
            Comparison::LessOrEqual => Spread::at_most(quantity, true),
            Comparison::Greater => Spread::at_least(quantity, false),
            Comparison::GreaterOrEqual => Spread::at_least(quantity, true),
        })
    }

    /// What something can be at all: a word of its enum; an argument is never negative.
    fn initial(&self, of: &Expr) -> Spread {
        if let Some(words) = self.words(of) {
            return Spread::only(words);
        }
        match of.name() {
            Some((_, Meaning::Parameter(_, Some(Type::Quantity(unit))))) => {
                Quantity::new(*unit, 0.0).map_or_else(Spread::default, |zero| Spread::at_least(zero, true))
            }
            Some(_) | None => Spread::default(),
        }
    }

    /// The words that a name of an enum's type can be.
    fn words(&self, of: &Expr) -> Option<Vec<Value>> {
        let (_, meaning) = of.name()?;
        let Some(Type::Enum(of)) = self.meaning(meaning).map(|found| found.ty) else { return None };
        (of.words.len() <= LISTED_MAX).then(|| of.words.iter().cloned().map(Value::Symbol).collect())
    }
}
