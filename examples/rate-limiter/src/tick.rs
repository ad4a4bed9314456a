//! Time as the buckets count it: whole nanoseconds of a monotonic clock.

use std::time::Duration;

pub(crate) const NANOS_PER_S: u64 = 1_000_000_000;

/// A moment, in nanoseconds since some beginning. There are 584 years of them; then time stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tick(pub(crate) u64);

/// Tells the time. It reads the processor's counter, scaled to the system's monotonic clock, where that counter runs
/// evenly, and the system's clock elsewhere: asking the system would take longer than all else that a take does. The two
/// were seen to differ by about a millionth.
#[derive(Debug, Clone)]
pub struct Clock {
    clock: quanta::Clock,
    origin: u64,
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
        Self { clock, origin }
    }

    /// The moment it is.
    #[must_use]
    pub fn now(&self) -> Tick {
        Tick(self.clock.delta_as_nanos(self.origin, self.clock.raw()))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

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
