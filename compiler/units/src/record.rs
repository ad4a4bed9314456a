//! A record: values by name, as the elements of a collection are.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::value::Value;

/// Values by name, sorted by name. A field that is not known is not in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Record(Arc<[(Arc<str>, Value)]>);

impl Record {
    /// The record of these fields; of several of one name the last counts.
    pub fn new(fields: impl IntoIterator<Item = (Arc<str>, Value)>) -> Record {
        let sorted: std::collections::BTreeMap<Arc<str>, Value> = fields.into_iter().collect();
        Record(sorted.into_iter().collect())
    }

    /// The value of that field, if it is known.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let at = self.0.binary_search_by(|(known, _)| known.as_ref().cmp(name)).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    /// The fields, sorted by name.
    pub fn fields(&self) -> impl Iterator<Item = (&Arc<str>, &Value)> {
        self.0.iter().map(|(name, value)| (name, value))
    }
}
