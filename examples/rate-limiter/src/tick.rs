//! Time as the buckets count it: whole nanoseconds of a monotonic clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// So far may the processor's counter fall behind the system's clock before it is corrected.
const BEHIND_MAX: Duration = Duration::from_secs(1);

pub(crate) const NANOS_PER_S: u64 = 1_000_000_000;

/// A moment, in nanoseconds since some beginning. There are 584 years of them; then time stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tick(pub(crate) u64);

/// Tells the time. It reads the processor's counter, scaled to the system's monotonic clock, where that counter runs
/// evenly, and the system's clock elsewhere: asking the system would take longer than all else that a take does. The two
/// were seen to differ by about a millionth. Where a machine that slept begins to count anew, the time stands still until
/// [`Clock::catch_up`].
#[derive(Debug, Clone)]
pub struct Clock {
    clock: quanta::Clock,
    origin: u64,
    begun: Instant,
    caught_up_nanos: Arc<AtomicU64>,
}

impl Tick {
    /// The beginning.
    pub const ZERO: Tick = Tick(0);

    /// This long after.
    #[must_use]
    pub fn after(self, time: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)))
    }

    /// How long this is after `earlier`; nothing, if it is before.
    #[must_use]
    pub fn since(self, earlier: Tick) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl Clock {
    /// A clock that begins now.
    #[must_use]
    pub fn starting_now() -> Self {
        let clock = quanta::Clock::new();
        let origin = clock.raw();
        Self { clock, origin, begun: Instant::now(), caught_up_nanos: Arc::default() }
    }

    /// The moment it is.
    #[must_use]
    pub fn now(&self) -> Tick {
        let counted = self.clock.delta_as_nanos(self.origin, self.clock.raw());
        Tick(counted.saturating_add(self.caught_up_nanos.load(Ordering::Relaxed)))
    }

    /// Adds what the counter lacks of the time that has passed by the system's clock, if that is much. To be called by one
    /// thread, again and again.
    pub fn catch_up(&self) {
        let passed = Tick::ZERO.after(self.begun.elapsed());
        let behind = passed.since(self.now());
        if behind > BEHIND_MAX {
            tracing::warn!(?behind, "the processor's counter fell behind the system's clock");
            self.caught_up_nanos.fetch_add(Tick::ZERO.after(behind).0, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_that_began_anew_is_caught_up_with_and_no_further() {
        let slept = Duration::from_secs(5);
        let mut clock = Clock::starting_now();
        clock.catch_up();
        assert!(clock.now().since(Tick::ZERO) < slept);
        // As if it had counted for hours before the machine slept, and from nothing afterwards.
        clock.origin = u64::MAX;
        clock.begun = clock.begun.checked_sub(slept).unwrap_or(clock.begun);
        assert_eq!(clock.now(), Tick::ZERO);
        clock.catch_up();
        let caught_up = clock.now().since(Tick::ZERO);
        assert!(caught_up >= slept && caught_up <= clock.begun.elapsed(), "{caught_up:?}");
        clock.catch_up();
        assert_eq!(clock.now().since(Tick::ZERO), caught_up);
    }

    #[test]
    fn time_goes_on_at_the_pace_of_the_system_and_stands_at_its_end() {
        let (start, clock) = (Instant::now(), Clock::starting_now());
        let begun_in = start.elapsed();
        let mut last = clock.now();
        for _ in 0..100 {
            std::thread::sleep(Duration::from_millis(1));
            let before = start.elapsed();
            let now = clock.now();
            let after = start.elapsed();
            assert!(now > last);
            last = now;
            // Whatever else this machine does meanwhile, the moment lies between the two.
            let told = now.since(Tick::ZERO);
            assert!(told >= (before - begun_in).mul_f64(0.999), "{told:?} is before {before:?}");
            assert!(told <= after.mul_f64(1.001), "{told:?} is after {after:?}");
        }
        assert_eq!(Tick::ZERO.after(Duration::MAX), Tick(u64::MAX));
        assert_eq!(Tick::ZERO.since(last), Duration::ZERO);
    }
}
