//! Expressions over slots; lets are written out, and sugar is gone.

use leeway_ir as ir;
use leeway_syntax::ast;
use leeway_units::{Quantity, Value};

use super::Lowering;
use crate::check::milliseconds;
use crate::hir::{Expr, ExprKind, Meaning};
use crate::week::weekly_window;

impl Lowering<'_> {
    pub(super) fn expression(&self, expr: &Expr) -> ir::Expr {
        let boxed = |expr: &Expr| Box::new(self.expression(expr));
        let all = |all: &[Expr]| all.iter().map(|one| self.expression(one)).collect::<Vec<_>>();
        match &expr.kind {
            // A checked program holds none.
            ExprKind::Broken => ir::Expr::Constant(Value::Bool(false)),
            ExprKind::Constant(value) => ir::Expr::Constant(value.clone()),
            // Only in a policy that is checked by itself, which is not lowered without its arguments.
            ExprKind::Opaque(_) => ir::Expr::Constant(Value::Bool(false)),
            ExprKind::Symbol(word, _) => ir::Expr::Constant(Value::Symbol(word.clone())),
            ExprKind::List(list) => {
                // The checker lets only constants stand in a list that is not looked into where it is written.
                ir::Expr::Constant(Value::List(list.iter().filter_map(|one| self.constant(one)).collect()))
            }
            ExprKind::Name(_, meaning) => self.meaning(meaning),
            ExprKind::Not(a) => ir::Expr::Not(boxed(a)),
            ExprKind::Negate(a) => ir::Expr::Negate(boxed(a)),
            ExprKind::And(list) => ir::Expr::And(all(list)),
            ExprKind::Or(list) => ir::Expr::Or(all(list)),
            ExprKind::For(a, window) => ir::Expr::Held(boxed(a), self.window_ms(window)),
            ExprKind::Compare(a, op, b) => ir::Expr::Compare(boxed(a), comparison(op.node), boxed(b)),
            ExprKind::InRange { value, low, high, negated } => {
                negate_if(*negated, ir::Expr::InRange(boxed(value), boxed(low), boxed(high)))
            }
            ExprKind::InList { value, list, negated } => {
                // A list by name stands as one entry: the runtime looks into an entry that is a list.
                let entries =
                    if let ExprKind::List(entries) = &list.kind { all(entries) } else { vec![self.expression(list)] };
                negate_if(*negated, ir::Expr::InList(boxed(value), entries))
            }
            ExprKind::Within { value, percent, of } => {
                // The checker lets only a constant stand there.
                let percent = self.constant(percent).and_then(|value| value.quantity());
                let percent = percent.unwrap_or_else(|| Quantity::count(0));
                ir::Expr::Within(percent, boxed(value), boxed(of))
            }
            ExprKind::TextTest(a, test, b) => match test.node {
                ast::TextTest::StartsWith => ir::Expr::StartsWith(boxed(a), boxed(b)),
                ast::TextTest::EndsWith => ir::Expr::EndsWith(boxed(a), boxed(b)),
                ast::TextTest::Matches => self.pattern(a, b),
            },
            ExprKind::Quantified { quantifier, fact, body, .. } => {
                ir::Expr::Quantified { quantifier: lowered_quantifier(quantifier.node), over: *fact, body: boxed(body) }
            }
            ExprKind::Coalesce(a, b) => ir::Expr::Coalesce(boxed(a), boxed(b)),
            ExprKind::Known(a) => ir::Expr::Known(boxed(a)),
            ExprKind::Arithmetic(a, op, b) => {
                let op = match op.node {
                    ast::ArithmeticOp::Add => ir::ArithmeticOp::Add,
                    ast::ArithmeticOp::Subtract => ir::ArithmeticOp::Subtract,
                    ast::ArithmeticOp::Multiply => ir::ArithmeticOp::Multiply,
                    ast::ArithmeticOp::Divide => ir::ArithmeticOp::Divide,
                };
                ir::Expr::Arithmetic(boxed(a), op, boxed(b))
            }
            ExprKind::If(condition, a, b) => ir::Expr::If(boxed(condition), boxed(a), boxed(b)),
            ExprKind::Window(function, metric, _, window) => {
                ir::Expr::Window { function: *function, metric: *metric, window_ms: self.window_ms(window) }
            }
            ExprKind::Quantile(q, metric, _, window) => {
                let q = self.constant(q).and_then(|value| value.quantity()).map_or(0.0, Quantity::base);
                let function = ir::WindowFunction::Quantile(q);
                ir::Expr::Window { function, metric: *metric, window_ms: self.window_ms(window) }
            }
            ExprKind::Began(actions, window) => {
                ir::Expr::Began { actions: actions.clone(), window_ms: self.window_ms(window) }
            }
            ExprKind::Since(actions) => ir::Expr::Since { actions: actions.clone() },
            ExprKind::Change(fact, _, window) => ir::Expr::Change { fact: *fact, window_ms: self.window_ms(window) },
            ExprKind::During(text, zone) => self.during(text, zone),
            ExprKind::Budget(slo) => ir::Expr::BudgetLeft(*slo),
            ExprKind::Function(function, _, arguments) => ir::Expr::Function(*function, all(arguments)),
            ExprKind::AsRatio(a) => ir::Expr::AsRatio(boxed(a)),
        }
    }

    pub(super) fn meaning(&self, meaning: &Meaning) -> ir::Expr {
        match meaning {
            Meaning::Fact(id) => ir::Expr::Fact(*id),
            Meaning::Metric(id) => ir::Expr::Metric(*id),
            Meaning::Let(at) => self.lets.get(*at).cloned().unwrap_or(ir::Expr::Constant(Value::Bool(false))),
            Meaning::Parameter(place, _) => ir::Expr::Parameter(*place),
            Meaning::Actor(field) => ir::Expr::Actor(*field),
            Meaning::ActionRisk => ir::Expr::ActionRisk,
            Meaning::ActionReversible => ir::Expr::ActionReversible,
            Meaning::Claims => ir::Expr::Claims,
            Meaning::Element { depth, field, .. } => ir::Expr::Element { depth: *depth, field: field.clone() },
        }
    }

    /// `a matches "…"`; the checker has read the pattern.
    fn pattern(&self, a: &Expr, pattern: &Expr) -> ir::Expr {
        match self.constant(pattern) {
            Some(Value::Text(text)) => match ir::Pattern::new(&text) {
                Ok(pattern) => ir::Expr::Matches(Box::new(self.expression(a)), pattern),
                Err(_) => ir::Expr::Constant(Value::Bool(false)),
            },
            _ => ir::Expr::Constant(Value::Bool(false)),
        }
    }

    /// `during(…)`; the checker has read its texts.
    fn during(&self, text: &Expr, zone: &Expr) -> ir::Expr {
        let (Some(Value::Text(text)), Some(Value::Text(zone))) = (self.constant(text), self.constant(zone)) else {
            return ir::Expr::Constant(Value::Bool(false));
        };
        match (weekly_window(&text), ir::Zone::named(&zone)) {
            (Ok(spans), Some(zone)) => ir::Expr::During(ir::Weekly { spans, zone }),
            (Ok(_) | Err(_), _) => ir::Expr::Constant(Value::Bool(false)),
        }
    }

    fn window_ms(&self, window: &Expr) -> u64 {
        self.constant(window).and_then(|value| value.quantity()).and_then(milliseconds).unwrap_or(1)
    }
}

fn negate_if(negated: bool, expr: ir::Expr) -> ir::Expr {
    if negated { ir::Expr::Not(Box::new(expr)) } else { expr }
}

fn lowered_quantifier(quantifier: ast::Quantifier) -> ir::Quantifier {
    match quantifier {
        ast::Quantifier::Any => ir::Quantifier::Any,
        ast::Quantifier::All => ir::Quantifier::All,
        ast::Quantifier::Count => ir::Quantifier::Count,
        ast::Quantifier::Sum => ir::Quantifier::Sum,
        ast::Quantifier::Min => ir::Quantifier::Min,
        ast::Quantifier::Max => ir::Quantifier::Max,
    }
}

pub(super) fn comparison(comparison: ast::Comparison) -> ir::Comparison {
    match comparison {
        ast::Comparison::Equal => ir::Comparison::Equal,
        ast::Comparison::NotEqual => ir::Comparison::NotEqual,
        ast::Comparison::Less => ir::Comparison::Less,
        ast::Comparison::LessOrEqual => ir::Comparison::LessOrEqual,
        ast::Comparison::Greater => ir::Comparison::Greater,
        ast::Comparison::GreaterOrEqual => ir::Comparison::GreaterOrEqual,
    }
}
