//! All tenants, configured and unknown, behind one lock, so that a write and a scrape never see half of each other.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use thiserror::Error;

use crate::bucket::{Bucket, Take};
use crate::limit::Limit;
use crate::others::Others;
use crate::tenant::{OTHER, TenantChange, TenantConfig, TenantName, TenantState};

/// The most tenants that can be configured: each one adds series to the metrics.
pub const TENANTS_MAX: usize = 1_000;

/// The tenants and their buckets.
#[derive(Debug)]
pub struct Tenants {
    book: Mutex<Book>,
}

/// What is decided about one request.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The configured tenant, or `None` for a key that is not configured.
    pub tenant: Option<TenantName>,
    /// What follows for the request.
    pub ruling: Ruling,
}

/// What follows for a request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ruling {
    /// The tenant is enabled, and its bucket answered.
    Answered(Take),
    /// The tenant is disabled; its bucket was not asked.
    Disabled,
}

/// Why tenants cannot be configured as asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TenantsError {
    /// One name twice.
    #[error("tenant `{0}` is configured twice")]
    Twice(TenantName),
    /// The name is taken by the metrics.
    #[error("a tenant may not be named `other`: the metrics gather unknown keys under it")]
    Reserved,
    /// More than [`TENANTS_MAX`].
    #[error("at most 1000 tenants can be configured, not {0}")]
    TooMany(usize),
}

/// Why a write was not made.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum WriteError {
    /// No tenant of this name is configured.
    #[error("no tenant `{0}` is configured")]
    Unknown(TenantName),
    /// Someone else wrote since; this is how the tenant is now.
    #[error("tenant `{}` is at version {}", .0.tenant, .0.version)]
    Stale(TenantState),
}

#[derive(Debug)]
struct Book {
    configured: BTreeMap<TenantName, Tenant>,
    others: Others,
}

#[derive(Debug)]
struct Tenant {
    bucket: Bucket,
    enabled: bool,
    version: u64,
}

impl Tenants {
    /// The `configured` tenants with full buckets; every other key gets a bucket of its own with `default`.
    ///
    /// # Errors
    /// When a name comes twice or is reserved, or there are more than [`TENANTS_MAX`].
    pub fn new(configured: Vec<TenantConfig>, default: Limit, now: Instant) -> Result<Self, TenantsError> {
        if configured.len() > TENANTS_MAX {
            return Err(TenantsError::TooMany(configured.len()));
        }
        let mut book = Book { configured: BTreeMap::new(), others: Others::new(default) };
        for TenantConfig { name, limit } in configured {
            if name.as_str() == OTHER {
                return Err(TenantsError::Reserved);
            }
            let tenant = Tenant { bucket: Bucket::full(limit, now), enabled: true, version: 1 };
            if book.configured.insert(name.clone(), tenant).is_some() {
                return Err(TenantsError::Twice(name));
            }
        }
        Ok(Self { book: Mutex::new(book) })
    }

    /// Decides about `tokens` for `name`.
    pub fn take(&self, name: &TenantName, tokens: NonZeroU32, now: Instant) -> Decision {
        let mut book = self.book();
        let Some(tenant) = book.configured.get_mut(name) else {
            let take = book.others.take(name, tokens, now);
            return Decision { tenant: None, ruling: Ruling::Answered(take) };
        };
        let ruling = if tenant.enabled { Ruling::Answered(tenant.bucket.take(tokens, now)) } else { Ruling::Disabled };
        Decision { tenant: Some(name.clone()), ruling }
    }

    /// How the tenant `name` is now, if it is configured.
    #[must_use]
    pub fn state(&self, name: &TenantName) -> Option<TenantState> {
        self.book().configured.get(name).map(|tenant| tenant.state(name))
    }

    /// How all configured tenants are now, by name.
    #[must_use]
    pub fn states(&self) -> Vec<TenantState> {
        self.book().configured.iter().map(|(name, tenant)| tenant.state(name)).collect()
    }

    /// Makes the whole `change` or none of it, and returns the state it led to.
    ///
    /// # Errors
    /// When the tenant is not configured or is not at the expected version.
    pub fn write(&self, name: &TenantName, change: &TenantChange, now: Instant) -> Result<TenantState, WriteError> {
        let mut book = self.book();
        let Some(tenant) = book.configured.get_mut(name) else {
            return Err(WriteError::Unknown(name.clone()));
        };
        if tenant.version != change.expected_version {
            return Err(WriteError::Stale(tenant.state(name)));
        }
        let Limit { quota, burst } = tenant.bucket.limit();
        let limit = Limit { quota: change.quota.unwrap_or(quota), burst: change.burst.unwrap_or(burst) };
        tenant.bucket.set_limit(limit, now);
        tenant.enabled = change.enabled.unwrap_or(tenant.enabled);
        tenant.version = tenant.version.saturating_add(1);
        Ok(tenant.state(name))
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        // Nothing under this lock can stop half-way, so a poisoned book is still a whole one.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tenant {
    fn state(&self, name: &TenantName) -> TenantState {
        let Limit { quota, burst } = self.bucket.limit();
        TenantState {
            tenant: name.as_str().to_owned(),
            quota_per_s: quota.as_per_second(),
            burst: burst.tokens(),
            enabled: self.enabled,
            version: self.version,
        }
    }
}

#[cfg(test)]
mod tests;
