//! What every policy keeps to that the compiler makes, held against one that came in a file: places that exist, types that fit,
//! times and numbers that can work, and bounds on what a decision costs.

mod expression;
mod member;
mod response;

use std::collections::BTreeSet;

use leeway_units::{Quantity, Type, Unit};

use crate::action::{Action, ActionId, CallExpr, Parameter};
use crate::expr::Expr;
use crate::metric::{Metric, MetricId, Reading, ReadingKind, Source};
use crate::origin::{Because, Condition, Named, Piece};
use crate::policy::{Fact, FactId, Policy};
use crate::verification::Stage;
use crate::weekly::{WEEK_MINUTES, Weekly};

use expression::Typing;

/// No time is longer than ten years, in milliseconds.
const TIME_MS_MAX: u64 = 315_576_000_000;

/// How many facts, metrics, actions, parameters and service level objectives there may be: their places are 16 bits wide.
const SLOTS_MAX: usize = 1 << 16;

/// How long a name may be.
const NAME_LENGTH_MAX: usize = 64;

/// How many expressions all clauses together may hold, each counted for every action that it speaks about.
const STEPS_MAX: usize = 50_000_000;

/// Why a policy is none that a compiler makes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the policy is malformed at `{path}`: {message}")]
pub struct Malformed {
    /// Where, from the policy on: `clauses[3].when`.
    pub path: String,
    /// What is wrong there.
    pub message: String,
}

type Checked = Result<(), Malformed>;

/// Whether the policy is one that the engine can enforce within its bounds, whoever wrote it.
///
/// # Errors
/// When it is not; the error names the first place.
pub fn well_formed(policy: &Policy) -> Checked {
    let parts = Parts { policy };
    parts.names()?;
    parts.tables()?;
    parts.clauses()?;
    parts.members()
}

/// What is wrong, still without its place.
fn wrong(message: impl Into<String>) -> Malformed {
    Malformed { path: String::new(), message: message.into() }
}

fn ensure(holds: bool, message: &str) -> Checked {
    if holds { Ok(()) } else { Err(wrong(message)) }
}

/// Says where it is: `at("clauses", 3)` puts `clauses[3]` before the path.
fn at(name: &'static str, place: impl Into<Option<usize>>) -> impl FnOnce(Malformed) -> Malformed {
    let place = place.into().map_or_else(String::new, |place| format!("[{place}]"));
    move |Malformed { path, message }| {
        let dot = if path.is_empty() { "" } else { "." };
        Malformed { path: format!("{name}{place}{dot}{path}"), message }
    }
}

/// Checks every entry of a list.
fn each<T>(name: &'static str, all: &[T], check: impl Fn(&T) -> Checked) -> Checked {
    all.iter().enumerate().try_for_each(|(place, one)| check(one).map_err(at(name, place)))
}

/// Checks that no two are called alike, and that there are places for all.
fn distinct<'a>(name: &'static str, all: impl ExactSizeIterator<Item = &'a str>) -> Checked {
    if all.len() > SLOTS_MAX {
        return Err(at(name, None)(wrong(format!("there are more than {SLOTS_MAX}"))));
    }
    let mut seen = BTreeSet::new();
    for (place, one) in all.enumerate() {
        identifier(one).map_err(at(name, place))?;
        if !seen.insert(one) {
            return Err(at(name, place)(wrong(format!("`{one}` is there twice"))));
        }
    }
    Ok(())
}

/// A name as the language writes them, perhaps several with points between.
fn identifier(name: &str) -> Checked {
    let good = |part: &str| {
        part.len() <= NAME_LENGTH_MAX
            && part.starts_with(|c: char| c.is_ascii_lowercase())
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    if name.split('.').all(good) { Ok(()) } else { Err(wrong(format!("`{}` is no name", name.escape_debug()))) }
}

fn time(ms: u64) -> Checked {
    ensure((1..=TIME_MS_MAX).contains(&ms), "a time is at least 1 ms and at most ten years")
}

fn part_of_one(q: f64) -> Checked {
    ensure((0.0..=1.0).contains(&q), "a quantile is between 0 and 1")
}

fn positive(quantity: Quantity, unit: Unit) -> Checked {
    ensure(quantity.unit() == unit, &format!("expected a `{}`", unit.name()))?;
    ensure(quantity.base() > 0.0, "expected more than none")
}

fn weekly(weekly: &Weekly) -> Checked {
    each("spans", &weekly.spans, |span| {
        ensure(span.from < WEEK_MINUTES && span.until <= WEEK_MINUTES, "there is no such minute of the week")
    })
}

/// A type as it is declared: lists and records hold neither lists nor records.
fn declared(ty: &Type) -> Checked {
    let simple = |ty: &Type| !matches!(ty, Type::List(_) | Type::Records(_));
    match ty {
        Type::Bool | Type::Quantity(_) | Type::Text => Ok(()),
        Type::Enum(of) => distinct("words", of.words.iter().map(AsRef::as_ref)),
        Type::List(of) => {
            ensure(simple(of), "a list holds simple values")?;
            declared(of)
        }
        Type::Records(fields) => {
            distinct("fields", fields.iter().map(|field| field.name.as_ref()))?;
            each("fields", fields, |field| {
                ensure(simple(&field.ty), "a record holds simple values")?;
                declared(&field.ty)
            })
        }
    }
}

/// The parts of a policy.
struct Parts<'a> {
    policy: &'a Policy,
}

impl<'a> Parts<'a> {
    fn names(&self) -> Checked {
        let policy = self.policy;
        identifier(&policy.blueprint).map_err(at("blueprint", None))?;
        identifier(&policy.target.kind).map_err(at("target", None))?;
        distinct("facts", policy.facts.iter().map(|fact| fact.name.as_ref()))?;
        distinct("metrics", policy.metrics.iter().map(|metric| metric.name.as_ref()))?;
        distinct("actions", policy.actions.iter().map(|action| action.name.as_ref()))?;
        distinct("slos", policy.slos.iter().map(|slo| slo.name.as_ref()))?;
        distinct("rules", policy.rules.iter().map(|rule| rule.name.as_ref()))
    }

    fn tables(&self) -> Checked {
        let policy = self.policy;
        each("facts", &policy.facts, |Fact { name: _, ty, stale_ms }| {
            declared(ty)?;
            time(*stale_ms)
        })?;
        each("metrics", &policy.metrics, metric)?;
        self.responses()?;
        each("actions", &policy.actions, |action| self.action(action))
    }

    fn action(&self, action: &'a Action) -> Checked {
        distinct("parameters", action.parameters.iter().map(|parameter| parameter.name.as_ref()))?;
        each("parameters", &action.parameters, |parameter| declared(&parameter.ty))?;
        let only = [action.parameters.as_slice()];
        let typing = Typing::new(self.policy, &only);
        each("effects", &action.effects, |effect| {
            let fact = typing.fact(effect.fact)?;
            typing.fits(&effect.value, &fact.ty)
        })?;
        if let crate::Undo::Call(call) = &action.undo {
            self.call(&typing, call).map_err(at("undo", None))?;
        }
        self.stages(&typing, &action.stages)
    }

    fn stages(&self, typing: &Typing<'_>, stages: &[Stage]) -> Checked {
        each("stages", stages, |stage| {
            time(stage.duration_ms)?;
            self.condition(typing, &stage.condition)
        })
    }

    fn call(&self, typing: &Typing<'_>, call: &CallExpr) -> Checked {
        let action = self.one(call.action)?;
        ensure(call.arguments.len() == action.parameters.len(), "a call has an argument for each parameter")?;
        let mut arguments = call.arguments.iter().zip(&action.parameters).enumerate();
        arguments.try_for_each(|(place, (argument, parameter))| {
            typing.fits(argument, &parameter.ty).map_err(at("arguments", place))
        })
    }

    fn condition(&self, typing: &Typing<'_>, condition: &Condition) -> Checked {
        typing.fits(&condition.expr, &Type::Bool)?;
        each("names", &condition.names, |named| self.named(typing, named))
    }

    fn because(&self, typing: &Typing<'_>, because: Option<&Because>) -> Checked {
        let pieces = because.map(|because| because.pieces.as_slice()).unwrap_or_default();
        each("because", pieces, |piece| match piece {
            Piece::Text(_) => Ok(()),
            Piece::Value(named) => self.named(typing, named),
        })
    }

    /// Whatever is shown is evaluated, too.
    fn named(&self, typing: &Typing<'_>, named: &Named) -> Checked {
        typing.of(&named.value).map(drop)
    }

    fn one(&self, id: ActionId) -> Result<&'a Action, Malformed> {
        self.policy.action(id).ok_or_else(|| wrong(format!("there is no action {}", id.0)))
    }

    /// The parameters of each action of a clause or a verification.
    fn actions(&self, ids: &[ActionId]) -> Result<Vec<&'a [Parameter]>, Malformed> {
        let mut seen = BTreeSet::new();
        let distinct = ids.iter().all(|id| seen.insert(id.0));
        ensure(distinct, "an action is named twice").map_err(at("actions", None))?;
        let parameters = |id: &ActionId| self.one(*id).map(|action| action.parameters.as_slice());
        ids.iter().map(parameters).collect::<Result<_, _>>().map_err(at("actions", None))
    }

    fn clauses(&self) -> Checked {
        self.bounded()?;
        each("clauses", &self.policy.clauses, |clause| {
            printable(&clause.id)?;
            let actions = self.actions(&clause.actions)?;
            let typing = Typing::new(self.policy, &actions);
            if let Some(when) = &clause.when {
                self.condition(&typing, when).map_err(at("when", None))?;
            }
            if let Some(call) = &clause.suggest {
                self.call(&typing, call).map_err(at("suggest", None))?;
            }
            self.because(&typing, clause.because.as_ref())
        })
    }

    /// What is asked of each of several actions is asked so many times.
    fn bounded(&self) -> Checked {
        let asked = self.policy.clauses.iter().map(|clause| {
            let suggested = clause.suggest.iter().flat_map(|call| &call.arguments).map(nodes).sum::<usize>();
            let told = clause.because.iter().flat_map(|because| &because.pieces).map(|piece| match piece {
                Piece::Text(_) => 0,
                Piece::Value(named) => nodes(&named.value),
            });
            let when = clause.when.as_ref().map_or(1, condition_nodes);
            (clause.actions.len(), when + suggested + told.sum::<usize>())
        });
        let verified = self.policy.verifications.iter().map(|verification| {
            let stages = verification.stages.iter().map(|stage| condition_nodes(&stage.condition)).sum();
            (verification.actions.len(), stages)
        });
        let steps = asked
            .chain(verified)
            .fold(0_usize, |sum, (actions, nodes)| sum.saturating_add(actions.saturating_mul(nodes)));
        ensure(steps <= STEPS_MAX, "a decision takes too many steps").map_err(at("clauses", None))
    }
}

/// What people see beside their own text must not move their cursor.
fn printable(id: &str) -> Checked {
    ensure(id.chars().all(|c| c.is_ascii_graphic()), "an id consists of letters, digits and signs")
}

fn condition_nodes(condition: &Condition) -> usize {
    nodes(&condition.expr) + condition.names.iter().map(|named| nodes(&named.value)).sum::<usize>()
}

fn nodes(expr: &Expr) -> usize {
    let mut nodes = 0;
    expr.walk(&mut |_| nodes += 1);
    nodes
}

fn metric(metric: &Metric) -> Checked {
    time(metric.every_ms)?;
    time(metric.stale_ms)?;
    match &metric.source {
        Source::Prometheus(_) | Source::HttpJson { .. } => Ok(()),
        Source::Scrape { reading: one, divided_by } => {
            reading(one)?;
            divided_by.as_ref().map_or(Ok(()), reading)
        }
        Source::Constant(value) => {
            let fits = value.unit() == metric.unit || (value.unit(), metric.unit) == (Unit::Count, Unit::Number);
            ensure(fits, "its value has another unit")
        }
    }
}

fn reading(reading: &Reading) -> Checked {
    match reading.kind {
        ReadingKind::Gauge | ReadingKind::Sum => Ok(()),
        ReadingKind::Rate { window_ms } | ReadingKind::Mean { window_ms } => time(window_ms),
        ReadingKind::Quantile { q, window_ms } => {
            part_of_one(q)?;
            time(window_ms)
        }
    }
}

/// The fact in that place.
fn fact(policy: &Policy, id: FactId) -> Result<&Fact, Malformed> {
    policy.fact(id).ok_or_else(|| wrong(format!("there is no fact {}", id.0)))
}

/// The metric in that place.
fn measured(policy: &Policy, id: MetricId) -> Result<&Metric, Malformed> {
    policy.metric(id).ok_or_else(|| wrong(format!("there is no metric {}", id.0)))
}
