//! Room for what is kept of windows of days: hundreds of thousands of entries, of which no more than that many are ever needed.

use std::collections::VecDeque;

/// A queue that is full grows by this part of itself, instead of to twice as much.
const PART: usize = 8;

/// Makes room for at least one more.
pub(crate) fn make_room<T>(queue: &mut VecDeque<T>) {
    if queue.len() == queue.capacity() {
        queue.reserve_exact(queue.len() / PART + PART);
    }
}
