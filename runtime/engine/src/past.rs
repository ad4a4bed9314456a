//! What a fact was some time ago, whoever changed it.

use leeway_ir::{ActionId, Expr, FactId};
use leeway_units::{Quantity, Value};

use crate::expression::Scope;
use crate::history::PastOperation;
use crate::series::ms_before;

/// What the fact was `window_ms` ago: by its samples where they reach back so far; else, where the history does, the first thing
/// known since then: a sample, or what it was before an operation that touched it.
pub(crate) fn ago(scope: Scope<'_>, fact: FactId, window_ms: u64) -> Option<Quantity> {
    let then = ms_before(scope.at, window_ms);
    let series = scope.snapshot.facts.get(usize::from(fact.0))?;
    let first_sample = series.first()?;
    if first_sample <= then {
        return series.at(then).value()?.quantity();
    }
    let touched = scope.history?.covering(then, scope.at)?.find(|past| touches(scope, past, fact));
    match touched {
        Some(past) if past.began <= first_sample => before(scope, past, fact)?.quantity(),
        Some(_) | None => {
            let (_, sample) = series.between(then, scope.at).next()?;
            sample.as_ref().ok()?.quantity()
        }
    }
}

/// What the fact is now, minus what it was `window_ms` ago.
pub(crate) fn change(scope: Scope<'_>, fact: FactId, window_ms: u64) -> Option<Quantity> {
    scope.value(&Expr::Fact(fact))?.quantity()?.minus(ago(scope, fact, window_ms)?)
}

/// Whether the operation may have written the fact: its action declares so, it is known what the fact was before, or nobody noted
/// what anything was.
fn touches(scope: Scope<'_>, past: &PastOperation, fact: FactId) -> bool {
    past.before.is_none() || writes(scope, past.action, fact) || before(scope, past, fact).is_some()
}

fn writes(scope: Scope<'_>, action: ActionId, fact: FactId) -> bool {
    scope.policy.action(action).is_some_and(|action| action.effects.iter().any(|effect| effect.fact == fact))
}

fn before<'a>(scope: Scope<'_>, past: &'a PastOperation, fact: FactId) -> Option<&'a Value> {
    let name = &scope.policy.fact(fact)?.name;
    past.before.as_ref()?.iter().find(|(known, _)| known == name).map(|(_, value)| value)
}
