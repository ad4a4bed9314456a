//! Calls into a library that panics over some damaged files, without taking the program along.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// Whether a panic of this thread is caught and told as an error.
    static IS_CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// What the call returns, or `None` where it panics. What it was given is not to be used again then.
pub(crate) fn guarded<T>(call: impl FnOnce() -> T) -> Option<T> {
    static HOOK: Once = Once::new();
    // Nothing is printed of a panic that becomes an error; every other one is told as ever.
    HOOK.call_once(|| {
        let tell = take_hook();
        set_hook(Box::new(move |panic| {
            if !IS_CAUGHT.get() {
                tell(panic);
            }
        }));
    });
    let outer = IS_CAUGHT.replace(true);
    let returned = catch_unwind(AssertUnwindSafe(call));
    IS_CAUGHT.set(outer);
    returned.ok()
}
