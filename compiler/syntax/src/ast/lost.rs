//! What may be missing from a tree.

use std::collections::BTreeSet;
use std::sync::Arc;

/// The names that broken members may have declared. Nothing is known about them, so that nothing is said where they are used.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lost {
    names: BTreeSet<Arc<str>>,
    any: bool,
}

impl Lost {
    /// Whether `name` may have been declared.
    #[must_use]
    pub fn covers(&self, name: &str) -> bool {
        self.any || self.names.contains(name)
    }

    pub(crate) fn extend<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) {
        self.names.extend(names.into_iter().map(Arc::from));
    }

    /// From now on, any name may have been.
    pub(crate) fn everything(&mut self) {
        self.any = true;
    }
}
