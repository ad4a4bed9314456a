//! Texts and words of enums as numbers: only whether they are equal to one that stands in the policy is ever asked.

use std::collections::BTreeSet;
use std::sync::Arc;

use leeway_ir::{Expr, Policy};
use leeway_units::Value;
use serde::{Deserialize, Serialize};

/// The number of every text that does not stand in the policy.
const FOREIGN: f64 = 0.0;

/// The texts that stand in a policy's conditions, sorted; the first is number 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Words(Vec<Arc<str>>);

impl Words {
    pub(crate) fn of(policy: &Policy) -> Words {
        let mut words = BTreeSet::new();
        let conditions = policy.clauses.iter().filter_map(|clause| clause.when.as_ref());
        for condition in conditions {
            condition.expr.walk(&mut |expr| {
                if let Expr::Constant(value) = expr {
                    collect(value, &mut words);
                }
            });
        }
        Words(words.into_iter().collect())
    }

    #[expect(clippy::cast_precision_loss, reason = "a policy has far fewer than 2^53 words")]
    pub(crate) fn number(&self, word: &str) -> f64 {
        self.0.binary_search_by(|known| known.as_ref().cmp(word)).map_or(FOREIGN, |at| (at + 1) as f64)
    }
}

fn collect(value: &Value, words: &mut BTreeSet<Arc<str>>) {
    match value {
        Value::Text(word) | Value::Symbol(word) => {
            words.insert(word.clone());
        }
        Value::List(values) => values.iter().for_each(|value| collect(value, words)),
        Value::Bool(_) | Value::Quantity(_) | Value::Record(_) => {}
    }
}
