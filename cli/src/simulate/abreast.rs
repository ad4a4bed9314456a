//! Works on several things at once, on as many threads as there are cores.

use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use crate::exit::Failure;

/// Whether one of the works has failed: the others need not go on.
pub(super) struct Over(AtomicBool);

impl Over {
    pub(super) fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What comes of each item, in their order. A work that leaves off because it is over gives nothing.
///
/// # Errors
/// When one of them fails; of several, the first in their order.
pub(super) fn abreast<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&T, &Over) -> Result<Option<R>, Failure> + Sync,
) -> Result<Vec<R>, Failure> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let (next, over) = (AtomicUsize::new(0), Over(AtomicBool::new(false)));
    let (results, received) = mpsc::channel();
    let worker = || {
        while !over.is_over() {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return };
            let result = work(item, &over);
            over.0.fetch_or(result.is_err(), Ordering::Relaxed);
            // The receiver outlives the threads.
            let _ = results.send((at, result));
        }
    };
    thread::scope(|scope| {
        (1..cores.min(items.len())).for_each(|_| drop(scope.spawn(worker)));
        worker();
    });
    let mut done: Vec<_> = received.try_iter().collect();
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().filter_map(|(_, result)| result.transpose()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_of_them_is_in_their_order() {
        let items: Vec<u64> = (0..100).collect();
        let squares = abreast(&items, |item, _| Ok(Some(item * item)));
        assert_eq!(squares.ok(), Some(items.iter().map(|item| item * item).collect()));
        assert_eq!(abreast(&[], |item: &u64, _| Ok(Some(*item))).ok(), Some(Vec::new()));
    }

    #[test]
    fn one_that_fails_ends_all() {
        // The others go on until it is over, which only the failure makes it.
        let result = abreast(&[1, 2, 3, 4], |item, over| {
            if *item == 1 {
                return Err(Failure::errors("the first"));
            }
            while !over.is_over() {
                thread::yield_now();
            }
            Ok::<Option<()>, _>(None)
        });
        assert!(format!("{result:?}").contains("the first"), "{result:?}");
    }
}
