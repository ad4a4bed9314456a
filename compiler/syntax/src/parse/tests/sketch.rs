//! Trees as short texts.

use leeway_diagnostics::Spanned;

use crate::ast::*;

/// An expression with its operators in front.
pub(super) fn expr(e: &Expr) -> String {
    let list = |of: &[Expr]| of.iter().map(expr).collect::<Vec<_>>().join(" ");
    match &e.kind {
        ExprKind::Bool(b) => b.to_string(),
        ExprKind::Quantity(q) => q.to_string(),
        ExprKind::Text(t) => format!("{t:?}"),
        ExprKind::List(of) => format!("[{}]", list(of)),
        ExprKind::Name(n) => n.to_string(),
        ExprKind::Field(of, name) => format!("{}.{}", expr(of), name.node),
        ExprKind::Function(name, of) => format!("{}({})", name.node, list(of)),
        ExprKind::Not(of) => format!("(not {})", expr(of)),
        ExprKind::Negate(of) => format!("(neg {})", expr(of)),
        ExprKind::And(of) => format!("(and {})", list(of)),
        ExprKind::Or(of) => format!("(or {})", list(of)),
        ExprKind::For(of, d) => format!("(for {} {})", expr(of), expr(d)),
        ExprKind::Compare(a, op, b) => format!("({:?} {} {})", op.node, expr(a), expr(b)),
        ExprKind::InRange { value, low, high, negated } => {
            format!("({}range {} {} {})", not(*negated), expr(value), expr(low), expr(high))
        }
        ExprKind::InList { value, list, negated } => format!("({}in {} {})", not(*negated), expr(value), expr(list)),
        ExprKind::Within { value, percent, of } => format!("(within {} {} {})", expr(value), percent.node, expr(of)),
        ExprKind::Coalesce(a, b) => format!("(?? {} {})", expr(a), expr(b)),
        ExprKind::Arithmetic(a, op, b) => format!("({:?} {} {})", op.node, expr(a), expr(b)),
        ExprKind::If(a, b, c) => format!("(if {} {} {})", expr(a), expr(b), expr(c)),
    }
}

fn not(negated: bool) -> &'static str {
    if negated { "not-" } else { "" }
}

/// The expressions directly in `e`.
pub(super) fn inner(e: &Expr) -> Vec<&Expr> {
    match &e.kind {
        ExprKind::Bool(_) | ExprKind::Quantity(_) | ExprKind::Text(_) | ExprKind::Name(_) => Vec::new(),
        ExprKind::List(of) | ExprKind::Function(_, of) | ExprKind::And(of) | ExprKind::Or(of) => of.iter().collect(),
        ExprKind::Field(of, _) | ExprKind::Not(of) | ExprKind::Negate(of) => vec![of],
        ExprKind::For(a, b) | ExprKind::Compare(a, _, b) | ExprKind::Coalesce(a, b) | ExprKind::Arithmetic(a, _, b) => {
            vec![a, b]
        }
        ExprKind::InRange { value, low, high, .. } => vec![value, low, high],
        ExprKind::InList { value, list, .. } => vec![value, list],
        ExprKind::Within { value, of, .. } => vec![value, of],
        ExprKind::If(a, b, c) => vec![a, b, c],
    }
}

pub(super) fn call(call: &Call) -> String {
    let arguments: Vec<_> = call.arguments.iter().map(|(name, e)| format!("{}: {}", name.node, expr(e))).collect();
    format!("{}({})", call.action.node, arguments.join(", "))
}

fn action(action: &ActionRef) -> String {
    let mut of: Vec<&str> = action.parameters.iter().map(|name| name.node.as_ref()).collect();
    of.extend(action.rest.then_some(".."));
    format!("{}({})", action.name.node, of.join(", "))
}

fn actions(of: &[ActionRef]) -> String {
    of.iter().map(action).collect::<Vec<_>>().join(", ")
}

pub(super) fn stages(of: &[Stage]) -> String {
    let stage = |s: &Stage| format!("{:?} {} {}", s.kind, s.duration.node, expr(&s.condition));
    of.iter().map(stage).collect::<Vec<_>>().join("; ")
}

fn scrape(of: &Scrape) -> String {
    match of {
        Scrape::Gauge(s) => format!("{:?}", s.node),
        Scrape::Sum(s) => format!("sum({:?})", s.node),
        Scrape::Rate(s, d) => format!("rate({:?}, {})", s.node, d.node),
        Scrape::Quantile(q, s, d) => format!("quantile({}, {:?}, {})", q.node, s.node, d.node),
        Scrape::Mean(s, d) => format!("mean({:?}, {})", s.node, d.node),
    }
}

/// A member in a line.
pub(super) fn member(of: &Member) -> String {
    match &of.kind {
        MemberKind::Version(t) => format!("version {:?}", t.node),
        MemberKind::Owner(t) => format!("owner {:?}", t.node),
        MemberKind::Let(l) => format!("let {} = {}", l.name.node, expr(&l.value)),
        MemberKind::Metric(m) => {
            let mut line = format!("metric {}: {} = {}", m.typed.name.node, m.typed.ty.node, scrape(&m.source.scrape));
            line += &m.source.divided_by.as_ref().map(|by| format!(" / {}", scrape(by))).unwrap_or_default();
            line += &m.every.as_ref().map(|d| format!(" every {}", d.node)).unwrap_or_default();
            line + &m.stale.as_ref().map(|d| format!(" stale {}", d.node)).unwrap_or_default()
        }
        MemberKind::Objective(e) => format!("objective {}", expr(e)),
        MemberKind::Rule(r) => {
            let because = r.because.as_ref().map(|b| format!(" because {:?}", b.node)).unwrap_or_default();
            format!("rule {} when {} propose {}{because}", r.name.node, expr(&r.when), call(&r.propose))
        }
        MemberKind::Clause(c) => {
            let mut line = format!("{} {}", c.kind.node.word(), actions(&c.actions));
            line += &c.when.as_ref().map(|e| format!(" when {}", expr(e))).unwrap_or_default();
            line += &c.otherwise.as_ref().map(|kind| format!(" else {}", kind.node.word())).unwrap_or_default();
            line += &c.because.as_ref().map(|text| format!(" because {:?}", text.node)).unwrap_or_default();
            line += &c.suggest.as_ref().map(|of| format!(" suggest {}", call(of))).unwrap_or_default();
            line += &c.by.iter().map(|text| format!(" by {:?}", text.node)).collect::<String>();
            line + &c.name.as_ref().map(|name| format!(" as {}", name.node)).unwrap_or_default()
        }
        MemberKind::Limit(Limit::Cooldown { duration, after }) => {
            format!("limit cooldown {} after {}", duration.node, actions(after))
        }
        MemberKind::Limit(Limit::Breaker { failures }) => format!("limit breaker {}", failures.node),
        MemberKind::Verify(v) => {
            format!("verify {} [{}] else {:?}", actions(&v.actions), stages(&v.stages), v.otherwise.node)
        }
    }
}

/// Members, a line each.
pub(super) fn all(of: &[Member]) -> String {
    of.iter().map(|of| member(of) + "\n").collect()
}

/// The parts of an action, a line each.
pub(super) fn parts(action: &Action) -> String {
    let part = |part: &Spanned<ActionPart>| match &part.node {
        ActionPart::Effect { fact, value } => format!("effect {} = {}\n", fact.node, expr(value)),
        ActionPart::UndoCall(of) => format!("undo {}\n", call(of)),
        ActionPart::Risk(word) => format!("risk {}\n", word.node),
        ActionPart::Verify(of) => format!("verify [{}]\n", stages(of)),
        other @ (ActionPart::UndoReceipt
        | ActionPart::UndoNothing
        | ActionPart::Irreversible
        | ActionPart::Disruptive) => {
            format!("{other:?}\n")
        }
    };
    action.parts.iter().map(part).collect()
}
