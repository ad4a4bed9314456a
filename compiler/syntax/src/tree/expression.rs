//! Expressions. Levels of precedence that hold one thing leave no node.

use leeway_diagnostics::Spanned;

use super::{Builder, Pair, child, children, optional};
use crate::ast::{ArithmeticOp, Comparison, Expr, ExprKind, Quantifier, TextTest};
use crate::grammar::Rule;

impl Builder {
    pub(super) fn expr(self, pair: &Pair<'_>) -> Option<Expr> {
        let mut terms = self.each(&child(pair, Rule::or_)?, Rule::and_, Self::and)?;
        if terms.len() < 2 { terms.pop() } else { joined(terms, ExprKind::Or) }
    }

    fn and(self, pair: &Pair<'_>) -> Option<Expr> {
        let mut terms = self.each(pair, Rule::not_, Self::not)?;
        if terms.len() < 2 { terms.pop() } else { joined(terms, ExprKind::And) }
    }

    fn each(self, pair: &Pair<'_>, rule: Rule, read: fn(Self, &Pair<'_>) -> Option<Expr>) -> Option<Vec<Expr>> {
        children(pair, rule).map(|term| read(self, &term)).collect()
    }

    fn not(self, pair: &Pair<'_>) -> Option<Expr> {
        let held = self.held(&child(pair, Rule::held)?)?;
        Some(self.prefixed(pair, Rule::k_not, held, ExprKind::Not))
    }

    /// `operand` behind as many prefixes as `pair` has.
    fn prefixed(self, pair: &Pair<'_>, prefix: Rule, operand: Expr, wrap: fn(Box<Expr>) -> ExprKind) -> Expr {
        let prefixes: Vec<_> = children(pair, prefix).collect();
        prefixes.iter().rev().fold(operand, |operand, prefix| {
            let span = self.span(prefix).to(operand.span);
            Expr { kind: wrap(Box::new(operand)), span }
        })
    }

    fn held(self, pair: &Pair<'_>) -> Option<Expr> {
        let condition = self.compared(&child(pair, Rule::compared)?)?;
        let Some(length) = optional(pair, Rule::time, |time| self.amount(time))? else { return Some(condition) };
        let span = condition.span.to(length.span);
        Some(Expr { kind: ExprKind::For(Box::new(condition), Box::new(length)), span })
    }

    fn compared(self, pair: &Pair<'_>) -> Option<Expr> {
        let value = self.coalesced(&child(pair, Rule::coalesced)?)?;
        let Some(test) = pair.clone().into_inner().nth(1) else { return Some(value) };
        let mut operands = self.each(&test, Rule::coalesced, Self::coalesced)?.into_iter();
        let first = operands.next()?;
        let second = operands.next();
        let span = value.span.to(second.as_ref().unwrap_or(&first).span);
        let value = Box::new(value);
        let kind = match test.as_rule() {
            Rule::relation => {
                let operator = test.clone().into_inner().next()?;
                match operator.as_rule() {
                    Rule::comparison => ExprKind::Compare(value, self.comparison(&operator)?, Box::new(first)),
                    _ => ExprKind::TextTest(value, self.text_test(&operator)?, Box::new(first)),
                }
            }
            Rule::within_ => {
                let percent = Box::new(self.amount_of(&test, Rule::share)?);
                ExprKind::Within { value, percent, of: Box::new(first) }
            }
            Rule::in_ => {
                let negated = child(&test, Rule::k_not).is_some();
                match second {
                    Some(high) => ExprKind::InRange { value, low: Box::new(first), high: Box::new(high), negated },
                    None => ExprKind::InList { value, list: Box::new(first), negated },
                }
            }
            _ => return None,
        };
        Some(Expr { kind, span })
    }

    fn text_test(self, pair: &Pair<'_>) -> Option<Spanned<TextTest>> {
        let test = match pair.as_rule() {
            Rule::k_starts_with => TextTest::StartsWith,
            Rule::k_ends_with => TextTest::EndsWith,
            Rule::k_matches => TextTest::Matches,
            _ => return None,
        };
        Some(Spanned::new(test, self.span(pair)))
    }

    pub(super) fn comparison(self, pair: &Pair<'_>) -> Option<Spanned<Comparison>> {
        let comparison = match pair.as_str() {
            "==" => Comparison::Equal,
            "!=" => Comparison::NotEqual,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            _ => return None,
        };
        Some(Spanned::new(comparison, self.span(pair)))
    }

    fn coalesced(self, pair: &Pair<'_>) -> Option<Expr> {
        let terms = self.each(pair, Rule::sum, Self::chain)?.into_iter();
        // The first that is known wins, so that which two are joined first makes no difference to the value.
        terms.reduce(|left, right| {
            let span = left.span.to(right.span);
            Expr { kind: ExprKind::Coalesce(Box::new(left), Box::new(right)), span }
        })
    }

    /// `a + b - c` or `a * b / c`, from the left.
    pub(super) fn chain(self, pair: &Pair<'_>) -> Option<Expr> {
        let mut parts = pair.clone().into_inner();
        let mut left = self.operand(&parts.next()?)?;
        while let Some(sign) = parts.next() {
            let operation = match sign.as_rule() {
                Rule::plus => ArithmeticOp::Add,
                Rule::minus => ArithmeticOp::Subtract,
                Rule::times => ArithmeticOp::Multiply,
                Rule::slash => ArithmeticOp::Divide,
                _ => return None,
            };
            let right = self.operand(&parts.next()?)?;
            let span = left.span.to(right.span);
            let operation = Spanned::new(operation, self.span(&sign));
            left = Expr { kind: ExprKind::Arithmetic(Box::new(left), operation, Box::new(right)), span };
        }
        Some(left)
    }

    /// An operand of `+` is a product, one of `*` is signed.
    fn operand(self, pair: &Pair<'_>) -> Option<Expr> {
        if pair.as_rule() == Rule::product {
            return self.chain(pair);
        }
        let operand = self.field(&child(pair, Rule::field)?)?;
        Some(self.prefixed(pair, Rule::minus, operand, ExprKind::Negate))
    }

    fn field(self, pair: &Pair<'_>) -> Option<Expr> {
        let primary = self.primary(&pair.clone().into_inner().next()?)?;
        Some(children(pair, Rule::label).fold(primary, |of, label| {
            let label = self.ident(&label);
            let span = of.span.to(label.span);
            Expr { kind: ExprKind::Field(Box::new(of), label), span }
        }))
    }

    fn primary(self, pair: &Pair<'_>) -> Option<Expr> {
        let kind = match pair.as_rule() {
            Rule::quantity | Rule::boolean | Rule::text => return self.plain(pair),
            Rule::paren => self.expr(&child(pair, Rule::expr)?)?.kind,
            Rule::list => ExprKind::List(self.each(pair, Rule::expr, Self::expr)?),
            Rule::if_ => {
                let mut arms = children(pair, Rule::compared);
                let condition = self.expr(&child(pair, Rule::expr)?)?;
                let then = self.compared(&arms.next()?)?;
                ExprKind::If(Box::new(condition), Box::new(then), Box::new(self.compared(&arms.next()?)?))
            }
            Rule::quantified => self.quantified(pair)?,
            Rule::reference => match (child(pair, Rule::special), child(pair, Rule::arguments)) {
                (Some(special), _) => return Some(self.name(&special)),
                (None, None) => return Some(self.name(&child(pair, Rule::name)?)),
                (None, Some(arguments)) => {
                    ExprKind::Function(self.named(pair)?, self.each(&arguments, Rule::expr, Self::expr)?)
                }
            },
            _ => return None,
        };
        Some(Expr { kind, span: self.span(pair) })
    }

    fn quantified(self, pair: &Pair<'_>) -> Option<ExprKind> {
        let word = pair.clone().into_inner().next()?;
        let quantifier = match word.as_rule() {
            Rule::k_any => Quantifier::Any,
            Rule::k_all => Quantifier::All,
            Rule::k_count => Quantifier::Count,
            Rule::k_sum => Quantifier::Sum,
            Rule::k_min => Quantifier::Min,
            Rule::k_max => Quantifier::Max,
            _ => return None,
        };
        let body = match child(pair, Rule::compared) {
            Some(compared) => self.compared(&compared)?,
            None => self.chain(&child(pair, Rule::sum)?)?,
        };
        Some(ExprKind::Quantified {
            quantifier: Spanned::new(quantifier, self.span(&word)),
            element: self.named(pair)?,
            over: Box::new(self.over(&child(pair, Rule::over)?)?),
            body: Box::new(body),
        })
    }

    /// A collection: a name, or a field of `current`.
    fn over(self, pair: &Pair<'_>) -> Option<Expr> {
        let first = self.name(&pair.clone().into_inner().next()?);
        let Some(label) = child(pair, Rule::label) else { return Some(first) };
        Some(Expr { kind: ExprKind::Field(Box::new(first), self.ident(&label)), span: self.span(pair) })
    }
}

/// Two or more terms side by side.
fn joined(terms: Vec<Expr>, wrap: fn(Vec<Expr>) -> ExprKind) -> Option<Expr> {
    let span = terms.first()?.span.to(terms.last()?.span);
    Some(Expr { kind: wrap(terms), span })
}
