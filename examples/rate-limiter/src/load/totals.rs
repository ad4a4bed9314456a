//! What a load counted, tenant by tenant.

use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::sync::atomic::{AtomicU64, Ordering};

/// The counts of all tenants of a load.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// By tenant.
    pub tenants: BTreeMap<String, TenantTotals>,
}

/// The counts of one tenant. What was sent and is none of granted, refused and failed is still in flight.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TenantTotals {
    /// Requests sent.
    pub sent: u64,
    /// Answered 200.
    pub granted: u64,
    /// Answered 429, or 403 because the tenant is disabled.
    pub refused: u64,
    /// Answered otherwise, as with 503, or not at all.
    pub failed: u64,
    /// Not sent, because too many were in flight or the machine was too slow.
    pub skipped: u64,
}

impl Totals {
    /// All tenants together.
    #[must_use]
    pub fn sum(&self) -> TenantTotals {
        let mut sum = TenantTotals::default();
        for totals in self.tenants.values() {
            sum += *totals;
        }
        sum
    }
}

impl AddAssign for TenantTotals {
    fn add_assign(&mut self, other: Self) {
        self.sent += other.sent;
        self.granted += other.granted;
        self.refused += other.refused;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// Counts while others read.
#[derive(Debug, Default)]
pub(super) struct Tally {
    sent: AtomicU64,
    granted: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
    skipped: AtomicU64,
}

impl Tally {
    pub(super) fn sent(&self) {
        self.sent.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn granted(&self) {
        self.granted.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn skipped(&self, count: u64) {
        self.skipped.fetch_add(count, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> TenantTotals {
        TenantTotals {
            sent: self.sent.load(Ordering::Relaxed),
            granted: self.granted.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            skipped: self.skipped.load(Ordering::Relaxed),
        }
    }
}
