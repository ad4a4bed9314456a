//! What a plan calls its inputs and its actions, found in one step: a document says a dozen names.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use foldhash::fast::FixedState;
use serde::{Deserialize, Serialize};

/// Things by name. Stored in the order of the names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<Arc<str>, T>", into = "BTreeMap<Arc<str>, T>")]
#[serde(bound(serialize = "T: Clone + Serialize", deserialize = "T: Deserialize<'de>"))]
pub(super) struct Names<T>(HashMap<Arc<str>, T, FixedState>);

impl<T: Copy> Names<T> {
    pub(super) fn get(&self, name: &str) -> Option<T> {
        self.0.get(name).copied()
    }
}

impl<T> FromIterator<(Arc<str>, T)> for Names<T> {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, T)>>(named: I) -> Names<T> {
        Names(named.into_iter().collect())
    }
}

impl<T> From<BTreeMap<Arc<str>, T>> for Names<T> {
    fn from(named: BTreeMap<Arc<str>, T>) -> Names<T> {
        named.into_iter().collect()
    }
}

impl<T> From<Names<T>> for BTreeMap<Arc<str>, T> {
    fn from(names: Names<T>) -> BTreeMap<Arc<str>, T> {
        names.0.into_iter().collect()
    }
}
