//! Why something was true, false or unknown: the parts of a condition that decided, with values and by how much.

use std::sync::Arc;

use jiff::Timestamp;
use leeway_ir::{ActorField, Clause, Comparison, Condition, Expr, Named, Origin, Policy, Quantifier};
use leeway_units::{Quantity, Unit, Value};

use crate::blind;
use crate::collection::truths;
use crate::decision::Decision;
use crate::expression::Scope;
use crate::history::History;
use crate::restraint;
use crate::series::{ms_before, ms_between};
use crate::snapshot::Snapshot;
use crate::truth::Truth;
use crate::window::inputs;
use crate::written::{opposite, shown, span, symbol, written};

/// How many parts of one condition are told at the most.
const PARTS_MAX: usize = 12;

/// How many elements of a collection are named at the most.
const ELEMENTS_MAX: usize = 5;

/// How far back it is asked since when something has held, and over how many samples.
const LOOK_BACK_MS: u64 = 86_400_000;
const LOOK_BACK_SAMPLES_MAX: usize = 100_000;

/// Why a clause, a limit or a rule said what it said.
#[derive(Clone, Debug, PartialEq)]
pub struct Grounds {
    /// The id of the clause or limit; the name of the rule.
    pub by: Arc<str>,
    /// Where it stands.
    pub at: Origin,
    /// Its condition as written; empty without one.
    pub written: Arc<str>,
    /// What its condition came to.
    pub truth: Truth,
    /// The parts that decided, in words: `to = 6 > ceiling = 5, by 1`.
    pub parts: Vec<String>,
}

/// Why each clause about the action was as it was, whether it spoke or not, and each limit that spoke.
pub fn grounds(policy: &Policy, snapshot: &Snapshot, history: &History, decision: &Decision) -> Vec<Grounds> {
    let Ok(action) = decision.bound else { return Vec::new() };
    let scope = decision.scope(policy, snapshot, Some(history));
    let about = |(clause, _): &(&Clause, Truth)| clause.actions.contains(&action);
    let clauses = policy.clauses.iter().zip(decision.clauses().iter()).filter(about);
    let of_clause = |(clause, truth): (&Clause, Truth)| {
        let (written, parts) = match &clause.when {
            Some(when) => (when.written.clone(), parts(scope, when)),
            None => ("".into(), Vec::new()),
        };
        Grounds { by: clause.id.clone(), at: clause.origin.clone(), written, truth, parts }
    };
    let limits = decision.limits().iter().filter_map(|voice| {
        let limit = policy.limits.get(voice.limit)?;
        let parts = restraint::parts(scope, &limit.kind, voice);
        let written = limit.written.clone();
        Some(Grounds { by: limit.id.clone(), at: limit.origin.clone(), written, truth: voice.truth, parts })
    });
    clauses.map(of_clause).chain(limits).collect()
}

/// Why each rule proposes or is silent, in source order.
pub fn rule_grounds(policy: &Policy, snapshot: &Snapshot, history: &History) -> Vec<Grounds> {
    let scope = Scope::bare(policy, snapshot, Some(history));
    let of_rule = |rule: &leeway_ir::Rule| Grounds {
        by: rule.name.clone(),
        at: rule.origin.clone(),
        written: rule.when.written.clone(),
        truth: scope.truth(&rule.when.expr),
        parts: parts(scope, &rule.when),
    };
    policy.rules.iter().map(of_rule).collect()
}

/// The parts of the condition that made it what it is.
pub(crate) fn parts(scope: Scope<'_>, condition: &Condition) -> Vec<String> {
    let mut teller = Teller { scope, names: &condition.names, parts: Vec::new() };
    teller.tell(&condition.expr);
    let mut parts: Vec<String> = Vec::new();
    for part in teller.parts {
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    if parts.len() > PARTS_MAX {
        let more = parts.len() - PARTS_MAX;
        parts.truncate(PARTS_MAX);
        parts.push(format!("and {more} more"));
    }
    parts
}

struct Teller<'a> {
    scope: Scope<'a>,
    names: &'a [Named],
    parts: Vec<String>,
}

impl<'a> Teller<'a> {
    /// Adds what made `expr` what it is.
    fn tell(&mut self, expr: &Expr) {
        let truth = self.scope.truth(expr);
        match expr {
            Expr::Not(inner) => self.tell(inner),
            // Of what is joined, only the parts that came to the same decided: one false of an `and`, one true of an `or`.
            Expr::And(all) | Expr::Or(all) => {
                let scope = self.scope;
                all.iter().filter(|part| scope.truth(part) == truth).for_each(|part| self.tell(part));
            }
            Expr::Held(inner, window_ms) => self.held(inner, *window_ms, truth),
            Expr::If(condition, then, otherwise) if truth != Truth::Unknown => {
                self.tell(condition);
                self.tell(if self.scope.truth(condition).is_true() { then } else { otherwise });
            }
            Expr::Known(inner) => {
                let found = if truth.is_true() { "is known" } else { "is not known" };
                self.parts.push(format!("`{}` {found}", written(self.scope, inner)));
                if !truth.is_true() {
                    self.unknown(inner);
                }
            }
            _ if truth == Truth::Unknown => self.unknown(expr),
            Expr::Constant(_)
            | Expr::Fact(_)
            | Expr::Metric(_)
            | Expr::Parameter(_)
            | Expr::Actor(_)
            | Expr::ActionRisk
            | Expr::ActionReversible
            | Expr::Compare(..)
            | Expr::InRange(..)
            | Expr::InList(..)
            | Expr::StartsWith(..)
            | Expr::EndsWith(..)
            | Expr::Matches(..)
            | Expr::Quantified { .. }
            | Expr::Element { .. }
            | Expr::Began { .. }
            | Expr::Since { .. }
            | Expr::Change { .. }
            | Expr::During(_)
            | Expr::Claims
            | Expr::BudgetLeft(_)
            | Expr::Within(..)
            | Expr::Window { .. }
            | Expr::Coalesce(..)
            | Expr::Negate(_)
            | Expr::Arithmetic(..)
            | Expr::AsRatio(_)
            | Expr::Function(..)
            | Expr::If(..) => self.atom(expr, truth.is_true()),
        }
    }

    /// A part that joins no others, and is true or false.
    fn atom(&mut self, expr: &Expr, holds: bool) {
        let not = if holds { "" } else { "not " };
        let part = match expr {
            Expr::Compare(left, comparison, right) => self.compared(left, *comparison, right, holds),
            Expr::InRange(value, low, high) => self.in_range(value, low, high, holds),
            Expr::Within(percent, value, of) => self.within(*percent, value, of, holds),
            Expr::InList(value, list) => {
                let entries: Vec<String> = list.iter().map(|entry| self.operand(entry)).collect();
                let list = match list.as_slice() {
                    [Expr::Actor(ActorField::Roles)] => entries.concat(),
                    _ => format!("[{}]", entries.join(", ")),
                };
                format!("{} is {not}in {list}", self.operand(value))
            }
            Expr::StartsWith(text, start) => self.text(text, holds, "starts", "start", &self.operand(start)),
            Expr::EndsWith(text, end) => self.text(text, holds, "ends", "end", &self.operand(end)),
            Expr::Matches(text, pattern) => {
                let verb = if holds { "matches" } else { "does not match" };
                format!("{} {verb} \"{}\"", self.operand(text), pattern.text())
            }
            Expr::Quantified { quantifier, over, body } => self.quantified(*quantifier, *over, body, expr, holds),
            Expr::During(weekly) => {
                let zone = weekly.zone.name();
                format!("{} is {not}in the weekly window, by the clock of {zone}", self.scope.at)
            }
            Expr::Constant(_)
            | Expr::Fact(_)
            | Expr::Metric(_)
            | Expr::Parameter(_)
            | Expr::Actor(_)
            | Expr::ActionRisk
            | Expr::ActionReversible
            | Expr::Not(_)
            | Expr::And(_)
            | Expr::Or(_)
            | Expr::Element { .. }
            | Expr::Began { .. }
            | Expr::Since { .. }
            | Expr::Change { .. }
            | Expr::Claims
            | Expr::BudgetLeft(_)
            | Expr::Held(..)
            | Expr::Window { .. }
            | Expr::Coalesce(..)
            | Expr::Known(_)
            | Expr::Negate(_)
            | Expr::Arithmetic(..)
            | Expr::AsRatio(_)
            | Expr::Function(..)
            | Expr::If(..) => format!("{} = {holds}", self.name(expr).unwrap_or_else(|| written(self.scope, expr))),
        };
        self.parts.push(part);
    }

    /// `to = 6 > ceiling = 5, by 1`.
    fn compared(&self, left: &Expr, comparison: Comparison, right: &Expr, holds: bool) -> String {
        let comparison = if holds { comparison } else { opposite(comparison) };
        if comparison == Comparison::Equal && matches!(right, Expr::Constant(_)) {
            return self.operand(left);
        }
        let (one, other) = (self.scope.value(left), self.scope.value(right));
        let between = one.as_ref().and_then(Value::quantity).zip(other.as_ref().and_then(Value::quantity));
        let by = match (between, comparison) {
            (Some((one, other)), _) if one.compare(other).is_some_and(std::cmp::Ordering::is_ne) => {
                format!(", by {}", difference(one, other))
            }
            (Some(_), Comparison::LessOrEqual | Comparison::GreaterOrEqual) => ", exactly".to_owned(),
            (Some(_) | None, _) => String::new(),
        };
        let (one, other) = (self.operand(left), self.operand(right));
        format!("{one} {} {other}{by}", symbol(comparison))
    }

    fn in_range(&self, value: &Expr, low: &Expr, high: &Expr, holds: bool) -> String {
        if holds {
            return format!("{} is in {}..{}", self.operand(value), self.operand(low), self.operand(high));
        }
        let below = Expr::Compare(Box::new(value.clone()), Comparison::Less, Box::new(low.clone()));
        match self.scope.truth(&below) {
            Truth::True => self.compared(value, Comparison::Less, low, true),
            Truth::False | Truth::Unknown => self.compared(value, Comparison::Greater, high, true),
        }
    }

    /// `cpu_request = 300mcpu is 20% off current.cpu_request = 250mcpu, 10 points more than 10%`.
    fn within(&self, percent: Quantity, value: &Expr, of: &Expr, holds: bool) -> String {
        let (text, of_text) = (self.operand(value), self.operand(of));
        let base = |expr: &Expr| self.scope.value(expr).and_then(|value| value.quantity()).map(Quantity::base);
        let off = base(value).zip(base(of)).filter(|(_, of)| *of != 0.0).map(|(value, of)| {
            // Of nothing every part is nothing.
            100.0 * (value - of).abs() / of.abs()
        });
        let points = |points: f64| Quantity::new(Unit::Ratio, points).map_or_else(String::new, shown_of);
        match (off, holds) {
            (Some(off), true) => format!("{text} is {} off {of_text}, within {percent}", points(off)),
            (Some(off), false) => {
                let over = points(off - percent.base());
                format!(
                    "{text} is {} off {of_text}, {} points more than {percent}",
                    points(off),
                    over.trim_end_matches('%')
                )
            }
            (None, true) => format!("{text} is within {percent} of {of_text}"),
            (None, false) => format!("{text} is not within {percent} of {of_text}"),
        }
    }

    fn text(&self, text: &Expr, holds: bool, verb: &str, plain: &str, with: &str) -> String {
        let verb = if holds { verb.to_owned() } else { format!("does not {plain}") };
        format!("{} {verb} with {with}", self.operand(text))
    }

    /// Which elements decided.
    fn quantified(
        &self,
        quantifier: Quantifier,
        over: leeway_ir::FactId,
        body: &Expr,
        expr: &Expr,
        holds: bool,
    ) -> String {
        let name = crate::written::fact(self.scope, over);
        let found = truths(self.scope, over, body).unwrap_or_default();
        let of: Vec<String> =
            found.iter().filter(|(_, truth)| *truth == Truth::from(holds)).map(|(label, _)| label.clone()).collect();
        let named = match of.get(..ELEMENTS_MAX) {
            Some(some) if of.len() > ELEMENTS_MAX => format!("{}, …", some.join(", ")),
            Some(_) | None => of.join(", "),
        };
        let body = written(self.scope, body);
        let all = found.len();
        match (quantifier, holds) {
            (Quantifier::Any, true) => format!("of `{name}`, {} of {all} have `{body}`: {named}", of.len()),
            (Quantifier::Any, false) => format!("of `{name}`, none of {all} has `{body}`"),
            (Quantifier::All, true) => format!("of `{name}`, all {all} have `{body}`"),
            (Quantifier::All, false) => format!("of `{name}`, {} of {all} lack `{body}`: {named}", of.len()),
            (Quantifier::Count | Quantifier::Sum | Quantifier::Min | Quantifier::Max, _) => self.operand(expr),
        }
    }

    /// `E for D`: since when it has held, or when it last did not.
    fn held(&mut self, inner: &Expr, window_ms: u64, truth: Truth) {
        let window = span(window_ms);
        let start = ms_before(self.scope.at, window_ms);
        let times = self.times(inner, start);
        match truth {
            Truth::False => {
                let is_false = |at: &Timestamp| Scope { at: *at, ..self.scope }.truth(inner) == Truth::False;
                let last = times.into_iter().rev().find(is_false).unwrap_or(self.scope.at);
                let ago = u64::try_from(ms_between(last, self.scope.at)).unwrap_or_default();
                let when = if ago == 0 { "now".to_owned() } else { format!("{} ago", span(ago)) };
                let then = self.at(last, inner);
                self.parts.extend(then.into_iter().map(|part| format!("{part} ({when}; it must hold for {window})")));
            }
            Truth::True => {
                let since = self.since(inner).map_or_else(String::new, |since| format!(", since {since}"));
                let now = self.at(self.scope.at, inner);
                self.parts.extend(now.into_iter().map(|part| format!("{part} (for {window}{since})")));
            }
            Truth::Unknown => self.parts.extend(blind::over(self.scope, inner, start)),
        }
    }

    /// Since when the condition has held without a break, as far back as it is looked.
    fn since(&self, inner: &Expr) -> Option<Timestamp> {
        let times = self.times(inner, ms_before(self.scope.at, LOOK_BACK_MS));
        let holds = |at: &Timestamp| Scope { at: *at, ..self.scope }.truth(inner).is_true();
        times.into_iter().rev().take_while(holds).last()
    }

    /// The times since `from` at which something that `condition` reads was sampled; the newest, where there are too many.
    fn times(&self, condition: &Expr, from: Timestamp) -> Vec<Timestamp> {
        let series = inputs(self.scope, condition);
        let samples = series.iter().flat_map(|series| series.between(from, self.scope.at).map(|(at, _)| at));
        let mut times: Vec<Timestamp> = samples.collect();
        times.sort_unstable();
        times.dedup();
        times.split_off(times.len().saturating_sub(LOOK_BACK_SAMPLES_MAX))
    }

    /// What made the condition what it was at `at`.
    fn at(&self, at: Timestamp, condition: &Expr) -> Vec<String> {
        let mut then = Teller { scope: Scope { at, ..self.scope }, names: self.names, parts: Vec::new() };
        then.tell(condition);
        then.parts
    }

    fn unknown(&mut self, expr: &Expr) {
        let blind = blind::inside(self.scope, expr);
        if blind.is_empty() {
            self.parts.push(format!("`{}` cannot be computed", written(self.scope, expr)));
        }
        self.parts.extend(blind);
    }

    /// A side of a comparison with its value: `ceiling = 5`, `max(cpu, 10m) = 25%`, or the value alone where it is written as one.
    fn operand(&self, expr: &Expr) -> String {
        let value = self.scope.value(expr).map_or_else(|| "unknown".to_owned(), |value| shown(&value));
        match (self.name(expr), expr) {
            (Some(name), _) => format!("{name} = {value}"),
            (None, Expr::Constant(_)) => value,
            (None, _) => format!("{} = {value}", written(self.scope, expr)),
        }
    }

    /// The name under which the expression is written, where it is written under one.
    fn name(&self, expr: &Expr) -> Option<String> {
        self.names.iter().find(|named| named.value == *expr).map(|named| named.name.to_string())
    }
}

/// How far apart two like quantities are; of ratios in points.
pub(crate) fn difference(one: Quantity, other: Quantity) -> String {
    let Some(apart) = one.minus(other) else { return String::new() };
    let apart = Quantity::new(apart.unit(), apart.base().abs()).unwrap_or(apart);
    match apart.unit() {
        Unit::Ratio => {
            let points = shown_of(apart);
            let points = points.trim_end_matches('%');
            format!("{points} point{}", if points == "1" { "" } else { "s" })
        }
        Unit::Count
        | Unit::Number
        | Unit::Duration
        | Unit::Bytes
        | Unit::Cpu
        | Unit::Rate
        | Unit::Money
        | Unit::Spend => shown_of(apart),
    }
}

fn shown_of(quantity: Quantity) -> String {
    quantity.settled().rounded().to_string()
}
