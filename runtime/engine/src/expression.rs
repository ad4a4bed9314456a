//! The value of an expression, or nothing: whatever cannot be computed is unknown.

use std::cmp::Ordering;
use std::sync::Arc;

use jiff::Timestamp;
use leeway_ir::{
    Action, ActionId, ActorField, ArithmeticOp, Comparison, Expr, FactId, Function, MetricId, Policy, Risk, Undo,
};
use leeway_units::{Quantity, Unit, Value};

use crate::collection::{Element, quantified};
use crate::error_budget;
use crate::history::History;
use crate::past;
use crate::proposal::Principal;
use crate::series::{ms_before, ms_between};
use crate::snapshot::Snapshot;
use crate::truth::Truth;
use crate::window;

/// What an expression may look at.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    /// The policy that the expression belongs to.
    pub(crate) policy: &'a Policy,
    /// The evidence.
    pub(crate) snapshot: &'a Snapshot,
    /// What was done before, where that is asked; unknown without it.
    pub(crate) history: Option<&'a History>,
    /// The moment looked at; `snapshot.at`, or earlier inside a window.
    pub(crate) at: Timestamp,
    /// Evidence of this moment or before says nothing: when an act is judged, only what was measured after it counts.
    pub(crate) since: Option<Timestamp>,
    /// The arguments of the proposal judged, in the order of the parameters.
    pub(crate) arguments: &'a [Value],
    /// The action judged.
    pub(crate) action: Option<&'a Action>,
    /// Who proposes.
    pub(crate) actor: Option<&'a Principal>,
    /// How many of the proposal's claims were confirmed; nothing if one of them is unknown.
    pub(crate) claims: Option<u32>,
    /// The element that the innermost quantifier looks at.
    pub(crate) element: Option<&'a Element<'a>>,
}

impl<'a> Scope<'a> {
    /// A scope without a proposal: for rules and objectives.
    pub(crate) fn bare(policy: &'a Policy, snapshot: &'a Snapshot, history: Option<&'a History>) -> Scope<'a> {
        Scope {
            policy,
            snapshot,
            history,
            at: snapshot.at,
            since: None,
            arguments: &[],
            action: None,
            actor: None,
            claims: Some(0),
            element: None,
        }
    }

    /// The truth of `expr`.
    pub(crate) fn truth(self, expr: &Expr) -> Truth {
        match expr {
            Expr::Not(inner) => !self.truth(inner),
            Expr::And(all) => Truth::all(all.iter().map(|inner| self.truth(inner))),
            // De Morgan: some is true unless all are false.
            Expr::Or(all) => !Truth::all(all.iter().map(|inner| !self.truth(inner))),
            Expr::Held(inner, window_ms) => window::held(self, inner, *window_ms),
            Expr::Compare(left, comparison, right) => {
                self.compares(left, *comparison, right).map_or(Truth::Unknown, Truth::from)
            }
            Expr::Constant(_)
            | Expr::Fact(_)
            | Expr::Metric(_)
            | Expr::Parameter(_)
            | Expr::Actor(_)
            | Expr::ActionRisk
            | Expr::ActionReversible
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
            | Expr::Known(_)
            | Expr::Negate(_)
            | Expr::Arithmetic(..)
            | Expr::AsRatio(_)
            | Expr::Function(..)
            | Expr::If(..) => Truth::of(self.value(expr).as_ref()),
        }
    }

    /// The value of `expr`, if it is known.
    pub(crate) fn value(self, expr: &Expr) -> Option<Value> {
        match expr {
            Expr::Constant(value) => Some(value.clone()),
            Expr::Fact(id) => self.fact(*id).cloned(),
            Expr::Metric(id) => self.metric(*id).cloned(),
            Expr::Parameter(at) => self.arguments.get(usize::from(*at)).cloned(),
            Expr::Actor(field) => self.actor.map(|actor| actor_value(actor, *field)),
            Expr::ActionRisk => self.action.map(|action| risk_value(action.risk)),
            Expr::ActionReversible => self.action.map(|action| Value::Bool(action.undo != Undo::Irreversible)),
            Expr::Not(_) | Expr::And(_) | Expr::Or(_) | Expr::Held(..) => self.truth(expr).value(),
            Expr::Compare(left, comparison, right) => self.compares(left, *comparison, right).map(Value::Bool),
            Expr::InRange(value, low, high) => self.in_range(value, low, high).value(),
            Expr::InList(value, list) => self.in_list(value, list).value(),
            Expr::StartsWith(text, start) => {
                Some(Value::Bool(self.text(text)?.starts_with(self.text(start)?.as_ref())))
            }
            Expr::EndsWith(text, end) => Some(Value::Bool(self.text(text)?.ends_with(self.text(end)?.as_ref()))),
            Expr::Matches(text, pattern) => Some(Value::Bool(pattern.matches(&self.text(text)?))),
            Expr::Quantified { quantifier, over, body } => quantified(self, *quantifier, *over, body),
            Expr::Element { depth, field } => self.element?.field(*depth, field).cloned(),
            Expr::During(weekly) => Some(Value::Bool(weekly.contains(self.at))),
            Expr::Within(percent, value, of) => {
                self.quantity(value)?.is_within(*percent, self.quantity(of)?).map(Value::Bool)
            }
            Expr::Coalesce(value, otherwise) => self.value(value).or_else(|| self.value(otherwise)),
            Expr::Known(inner) => Some(Value::Bool(self.value(inner).is_some())),
            Expr::If(condition, then, otherwise) => match self.truth(condition) {
                Truth::True => self.value(then),
                Truth::False => self.value(otherwise),
                Truth::Unknown => None,
            },
            Expr::Began { .. }
            | Expr::Since { .. }
            | Expr::Change { .. }
            | Expr::Claims
            | Expr::BudgetLeft(_)
            | Expr::Window { .. }
            | Expr::Negate(_)
            | Expr::Arithmetic(..)
            | Expr::AsRatio(_)
            | Expr::Function(..) => self.quantity(expr).map(Value::Quantity),
        }
    }

    /// Whether the metric compares so with that value.
    pub(crate) fn metric_is(self, metric: MetricId, comparison: Comparison, value: Quantity) -> Truth {
        let holds = self.metric(metric).and_then(|known| compare(known, comparison, &Value::Quantity(value)));
        holds.map_or(Truth::Unknown, Truth::from)
    }

    fn fact(self, id: FactId) -> Option<&'a Value> {
        self.snapshot.facts.get(usize::from(id.0))?.known(self.at, self.since)
    }

    fn metric(self, id: MetricId) -> Option<&'a Value> {
        self.snapshot.metrics.get(usize::from(id.0))?.known(self.at, self.since)
    }

    /// How two expressions compare, if both are known and alike.
    fn compares(self, left: &Expr, comparison: Comparison, right: &Expr) -> Option<bool> {
        if is_number(left) || is_number(right) {
            return Some(holds(comparison, self.quantity(left)?.compare(self.quantity(right)?)?));
        }
        compare(&self.value(left)?, comparison, &self.value(right)?)
    }

    /// The quantity that `expr` is, if it is known and is one.
    fn quantity(self, expr: &Expr) -> Option<Quantity> {
        match expr {
            Expr::Constant(value) => value.quantity(),
            Expr::Fact(id) => self.fact(*id)?.quantity(),
            Expr::Metric(id) => self.metric(*id)?.quantity(),
            Expr::Parameter(at) => self.arguments.get(usize::from(*at))?.quantity(),
            Expr::Began { actions, window_ms } => self.began(actions, *window_ms),
            Expr::Since { actions } => {
                let last = self.history?.last_began(actions, self.at)?;
                #[expect(clippy::cast_precision_loss, reason = "ages are far below 2^53 ms")]
                Quantity::new(Unit::Duration, ms_between(last, self.at) as f64)
            }
            Expr::Change { fact, window_ms } => past::change(self, *fact, *window_ms),
            Expr::Claims => self.claims.map(Quantity::count),
            Expr::BudgetLeft(slo) => error_budget::left(self, *slo),
            Expr::Window { function, metric, window_ms } => window::over(self, *function, *metric, *window_ms),
            Expr::Negate(inner) => {
                let quantity = self.quantity(inner)?;
                Quantity::new(quantity.unit(), -quantity.base())
            }
            Expr::Arithmetic(left, op, right) => {
                let (left, right) = (self.quantity(left)?, self.quantity(right)?);
                match op {
                    ArithmeticOp::Add => left.plus(right),
                    ArithmeticOp::Subtract => left.minus(right),
                    ArithmeticOp::Multiply => left.times(right),
                    ArithmeticOp::Divide => left.over(right),
                }
            }
            Expr::AsRatio(inner) => self.quantity(inner)?.as_ratio(),
            Expr::Function(function, arguments) => self.call(*function, arguments),
            Expr::Actor(_)
            | Expr::ActionRisk
            | Expr::ActionReversible
            | Expr::Not(_)
            | Expr::And(_)
            | Expr::Or(_)
            | Expr::Held(..)
            | Expr::Compare(..)
            | Expr::InRange(..)
            | Expr::InList(..)
            | Expr::StartsWith(..)
            | Expr::EndsWith(..)
            | Expr::Matches(..)
            | Expr::Quantified { .. }
            | Expr::Element { .. }
            | Expr::During(_)
            | Expr::Within(..)
            | Expr::Coalesce(..)
            | Expr::Known(_)
            | Expr::If(..) => self.value(expr)?.quantity(),
        }
    }

    fn text(self, expr: &Expr) -> Option<Arc<str>> {
        match self.value(expr)? {
            Value::Text(text) => Some(text),
            Value::Bool(_) | Value::Quantity(_) | Value::Symbol(_) | Value::List(_) | Value::Record(_) => None,
        }
    }

    /// How many operations of these actions began in the last `window_ms`.
    fn began(self, actions: &[ActionId], window_ms: u64) -> Option<Quantity> {
        let began = self.history?.began_after(ms_before(self.at, window_ms), actions)?;
        let count = began.filter(|past| past.began <= self.at).count();
        Some(Quantity::count(u32::try_from(count).ok()?))
    }

    /// Three-valued: below a known bound is outside, whatever the other bound is.
    fn in_range(self, value: &Expr, low: &Expr, high: &Expr) -> Truth {
        let Some(value) = self.value(value) else { return Truth::Unknown };
        let bound = |bound: &Expr, comparison| {
            self.value(bound).and_then(|bound| compare(&value, comparison, &bound)).map_or(Truth::Unknown, Truth::from)
        };
        Truth::all([bound(low, Comparison::GreaterOrEqual), bound(high, Comparison::LessOrEqual)])
    }

    fn in_list(self, value: &Expr, list: &[Expr]) -> Truth {
        let Some(value) = self.value(value) else { return Truth::Unknown };
        let differs = |entry: &Value| compare(&value, Comparison::NotEqual, entry).map_or(Truth::Unknown, Truth::from);
        let roles = |actor: &Principal| Truth::all(actor.roles.iter().map(|role| differs(&Value::Text(role.clone()))));
        !Truth::all(list.iter().map(|entry| {
            // Roles are looked at where they stand: as a value they would be copied.
            if matches!(entry, Expr::Actor(ActorField::Roles)) {
                return self.actor.map_or(Truth::Unknown, roles);
            }
            match self.value(entry) {
                Some(Value::List(entries)) => Truth::all(entries.iter().map(differs)),
                Some(entry) => differs(&entry),
                None => Truth::Unknown,
            }
        }))
    }

    fn call(self, function: Function, arguments: &[Expr]) -> Option<Quantity> {
        let argument = |at: usize| self.quantity(arguments.get(at)?);
        let first = argument(0)?;
        let second = || argument(1);
        let of_two = |keep_second: Ordering| {
            let second = second()?;
            Some(if second.compare(first)? == keep_second { second } else { first })
        };
        // Rounded to 9 digits first, so that 0.1 + 0.2 does not round up.
        let nearly = |base: f64| (base * 1e9).round() / 1e9;
        let whole = |base: f64| Quantity::new(Unit::Count, base);
        match function {
            Function::Abs => Quantity::new(first.unit(), first.base().abs()),
            Function::Least => of_two(Ordering::Less),
            Function::Greatest => of_two(Ordering::Greater),
            Function::Clamp => {
                let (low, high) = (argument(1)?, argument(2)?);
                let at_least = if first.compare(low)?.is_lt() { low } else { first };
                Some(if at_least.compare(high)?.is_gt() { high } else { at_least })
            }
            Function::Round => whole(nearly(first.base()).round()),
            Function::Ceil => whole(nearly(first.base()).ceil()),
            Function::Floor => whole(nearly(first.base()).floor()),
        }
    }
}

/// Compares like values. Nothing when they are unlike.
fn compare(left: &Value, comparison: Comparison, right: &Value) -> Option<bool> {
    let ordering = match (left, right) {
        (Value::Quantity(left), Value::Quantity(right)) => left.compare(*right)?,
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Text(left), Value::Text(right)) => left.cmp(right),
        (Value::Symbol(left), Value::Symbol(right)) => match (risk_rank(left), risk_rank(right)) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => left.cmp(right),
        },
        _ => return None,
    };
    Some(holds(comparison, ordering))
}

fn holds(comparison: Comparison, ordering: Ordering) -> bool {
    match comparison {
        Comparison::Equal => ordering.is_eq(),
        Comparison::NotEqual => ordering.is_ne(),
        Comparison::Less => ordering.is_lt(),
        Comparison::LessOrEqual => ordering.is_le(),
        Comparison::Greater => ordering.is_gt(),
        Comparison::GreaterOrEqual => ordering.is_ge(),
    }
}

/// Whether the expression is a quantity wherever it is anything.
fn is_number(expr: &Expr) -> bool {
    matches!(expr, Expr::Constant(Value::Quantity(_)) | Expr::Window { .. } | Expr::Arithmetic(..) | Expr::Function(..))
}

fn actor_value(actor: &Principal, field: ActorField) -> Value {
    match field {
        ActorField::Kind => Value::Symbol(actor.kind().word()),
        ActorField::Id => Value::Text(actor.id().clone()),
        ActorField::Roles => Value::List(actor.roles.iter().cloned().map(Value::Text).collect()),
    }
}

const RISKS: [(Risk, &str); 3] = [(Risk::Low, "low"), (Risk::Medium, "medium"), (Risk::High, "high")];

fn risk_value(risk: Risk) -> Value {
    let word = RISKS.iter().find(|(known, _)| *known == risk).map_or("high", |(_, word)| word);
    Value::Symbol(word.into())
}

/// Risks are the one ordered enum; the checker lets no other enum be ordered.
fn risk_rank(word: &str) -> Option<Risk> {
    RISKS.iter().find(|(_, known)| *known == word).map(|(risk, _)| *risk)
}
