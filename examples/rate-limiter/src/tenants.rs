//! All tenants and their buckets. A write and a scrape never see half of each other.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use thiserror::Error;

use crate::book::{Book, Edit};
use crate::bucket::Take;
use crate::buckets::{Answer, Buckets, RuleId};
use crate::capacity::Capacity;
use crate::journal::{Journal, JournalError, Record};
use crate::key::Subject;
use crate::limit::Limit;
use crate::pattern::Pattern;
use crate::tenant::{BucketPer, TenantChange, TenantConfig, TenantError, TenantName, TenantState};
use crate::tick::Tick;
use crate::traffic::{Requests, Traffic};

/// The most tenants that can be configured: each one adds series to the metrics.
pub const TENANTS_MAX: usize = 1_000;

/// The tenants and their buckets.
#[derive(Debug)]
pub struct Tenants {
    book: RwLock<Book>,
    buckets: Buckets,
    requests: Requests,
    /// Held by whoever writes, also where nothing is kept: one write comes after the other.
    journal: Mutex<Option<Journal>>,
}

/// What is decided about one request.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The counters of the tenant, or of all keys that belong to none.
    pub traffic: Arc<Traffic>,
    /// What each of its buckets is held to.
    pub limit: Limit,
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
    /// The key is new and there is no room for it.
    OverCapacity,
}

/// Whether tokens are taken or only asked after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Take them.
    Take,
    /// Leave them.
    Check,
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
    /// One pattern twice.
    #[error("the pattern `{pattern}` belongs to tenant `{owner}`")]
    PatternTaken {
        /// The pattern.
        pattern: Pattern,
        /// Whose it is.
        owner: TenantName,
    },
}

/// Why the changes of an earlier run cannot be made again.
#[derive(Debug, Error)]
pub enum RestoreError {
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A tenant in it is none.
    #[error("the journal's tenant `{tenant}` cannot be restored: {source}")]
    Tenant {
        /// Its name.
        tenant: String,
        /// What is wrong with it.
        source: TenantError,
    },
    /// It contradicts the configuration.
    #[error("the journal contradicts the configuration: {0}")]
    Contradiction(#[from] TenantsError),
}

/// Why a write was not made.
#[derive(Debug, Error)]
pub enum WriteError {
    /// No tenant of this name is configured.
    #[error("no tenant `{0}` is configured")]
    Unknown(TenantName),
    /// Someone else wrote since; this is how the tenant is now.
    #[error("tenant `{}` is at version {}", .0.tenant, .0.version)]
    Stale(TenantState),
    /// It contradicts the other tenants.
    #[error(transparent)]
    Tenants(#[from] TenantsError),
    /// It could not be kept, so it was not made.
    #[error(transparent)]
    NotKept(#[from] JournalError),
}

impl Tenants {
    /// The `configured` tenants with full buckets; every key that belongs to none is held to `default`,
    /// and at most `default_keys_max` of them are held.
    ///
    /// # Errors
    /// When a name or a pattern comes twice or is reserved, or there are more than [`TENANTS_MAX`].
    pub fn new(
        configured: Vec<TenantConfig>,
        default: Limit,
        default_keys_max: Option<usize>,
        capacity: Capacity,
    ) -> Result<Self, TenantsError> {
        if configured.len() > TENANTS_MAX {
            return Err(TenantsError::TooMany(configured.len()));
        }
        let requests = Requests::default();
        let mut book = Book::new(default, default_keys_max, capacity, &requests);
        for config in configured {
            if book.find(&config.name).is_some() {
                return Err(TenantsError::Twice(config.name));
            }
            book.admits(&config)?;
            book.enter(Edit::Set { config, version: 1 }, &requests);
        }
        let buckets = Buckets::with_room_for(capacity.keys_max());
        Ok(Self { book: RwLock::new(book), buckets, requests, journal: Mutex::new(None) })
    }

    /// Makes the changes of earlier runs again and keeps those to come, in the journal at `path`.
    ///
    /// # Errors
    /// When the journal cannot be used, or contradicts the configuration.
    pub fn keep_in(&self, path: &Path) -> Result<(), RestoreError> {
        let mut kept = self.journal();
        let mut journal = Journal::open(path)?;
        journal.keep_deletes_of(self.states().into_iter().map(|state| state.tenant).collect());
        let mut book = self.book.write().unwrap_or_else(PoisonError::into_inner);
        // All out first and then in again: between them, patterns may have changed hands.
        for record in journal.records() {
            let (Record::Set(TenantState { tenant, version, .. }) | Record::Delete { tenant, version }) = record;
            let name = TenantName::parse(tenant).map_err(|error| restore_error(tenant, error.into()))?;
            book.enter(Edit::Delete { name, version: *version }, &self.requests);
        }
        for record in journal.records() {
            if let Record::Set(state) = record {
                let config = TenantConfig::try_from(state).map_err(|error| restore_error(&state.tenant, error))?;
                book.admits(&config)?;
                book.enter(Edit::Set { config, version: state.version }, &self.requests);
            }
        }
        *kept = Some(journal);
        Ok(())
    }

    /// Takes `tokens` for `subject`, or asks what taking them would lead to.
    pub fn ask(&self, ask: Ask, subject: &Subject<'_>, tokens: NonZeroU32, now: Tick) -> Decision {
        let book = self.book();
        let (rule, tenant) = book.whose(subject.name());
        let mark = match tenant.config.bucket_per {
            BucketPer::Key => self.buckets.mark(rule, subject.tenant(), subject.key()),
            BucketPer::Tenant => self.buckets.mark(rule, None, ""),
        };
        let answer = match ask {
            _ if !tenant.config.enabled => None,
            Ask::Take => Some(self.buckets.take(book.rules(), rule, mark, tokens, now)),
            Ask::Check => Some(self.buckets.check(book.rules(), rule, mark, tokens, now)),
        };
        let ruling = match answer {
            None => Ruling::Disabled,
            Some(Answer::Bucket(take)) => Ruling::Answered(take),
            Some(Answer::OverCapacity) => Ruling::OverCapacity,
        };
        Decision { traffic: Arc::clone(&tenant.traffic), limit: tenant.config.limit, ruling }
    }

    /// Takes `tokens` for `subject`.
    pub fn take(&self, subject: &Subject<'_>, tokens: NonZeroU32, now: Tick) -> Decision {
        self.ask(Ask::Take, subject, tokens, now)
    }

    /// How the tenant `name` is now, if it is configured.
    #[must_use]
    pub fn state(&self, name: &TenantName) -> Option<TenantState> {
        self.book().find(name).map(|(_, tenant)| tenant.state())
    }

    /// The counters of the tenant `name`, if it is configured.
    #[must_use]
    pub fn traffic(&self, name: &TenantName) -> Option<Arc<Traffic>> {
        self.book().find(name).map(|(_, tenant)| Arc::clone(&tenant.traffic))
    }

    /// How all configured tenants are now, by name, and how many keys of each are held.
    #[must_use]
    pub fn states(&self) -> Vec<TenantState> {
        self.book().tenants().map(|(_, tenant)| tenant.state()).collect()
    }

    /// How many keys of each tenant are held; `None` stands for all keys that belong to none.
    #[must_use]
    pub fn keys(&self) -> BTreeMap<Option<TenantName>, usize> {
        let book = self.book();
        let held = |rule: RuleId| self.buckets.keys_of(rule);
        let configured = book.tenants().map(|(rule, tenant)| (Some(tenant.config.name.clone()), held(rule)));
        configured.chain([(None, held(Book::DEFAULT))]).collect()
    }

    /// Makes the whole `change` or none of it, and returns the state it led to.
    ///
    /// # Errors
    /// When the tenant is not configured, is not at the expected version, or the change cannot be kept.
    pub fn write(&self, name: &TenantName, change: &TenantChange, now: Tick) -> Result<TenantState, WriteError> {
        let edit = |book: &Book| {
            let (_, tenant) = book.find(name).ok_or_else(|| WriteError::Unknown(name.clone()))?;
            let version = tenant.next_version(change.expected_version)?;
            let Limit { quota, burst } = tenant.config.limit;
            let limit = Limit { quota: change.quota.unwrap_or(quota), burst: change.burst.unwrap_or(burst) };
            let keys_max = change.keys_max.or(tenant.config.keys_max);
            let enabled = change.enabled.unwrap_or(tenant.config.enabled);
            let config = TenantConfig { limit, enabled, keys_max, ..tenant.config.clone() };
            Ok((config, version))
        };
        self.set(edit, now)
    }

    /// Makes the tenant `config`, or replaces the one of that name that is at `expected_version`.
    ///
    /// # Errors
    /// When it is there and not at the expected version (or none is expected), it is not there and one is expected, it
    /// contradicts other tenants, or the change cannot be kept.
    pub fn put(
        &self,
        config: TenantConfig,
        expected_version: Option<u64>,
        now: Tick,
    ) -> Result<TenantState, WriteError> {
        let edit = |book: &Book| {
            let version = match (book.find(&config.name), expected_version) {
                (Some((_, tenant)), Some(expected)) => tenant.next_version(expected)?,
                (Some((_, tenant)), None) => return Err(WriteError::Stale(tenant.state())),
                (None, Some(_)) => return Err(WriteError::Unknown(config.name.clone())),
                (None, None) => book.first_version(),
            };
            book.admits(&config)?;
            Ok((config, version))
        };
        self.set(edit, now)
    }

    /// Takes the tenant `name` out, with all its buckets. Its keys are held to the default from then on.
    ///
    /// # Errors
    /// When it is not configured, is not at the expected version, or the change cannot be kept.
    pub fn delete(&self, name: &TenantName, expected_version: u64) -> Result<(), WriteError> {
        let mut journal = self.journal();
        let (rule, version) = {
            let book = self.book();
            let (rule, tenant) = book.find(name).ok_or_else(|| WriteError::Unknown(name.clone()))?;
            (rule, tenant.next_version(expected_version)?)
        };
        if let Some(journal) = journal.as_mut() {
            journal.append(&Record::Delete { tenant: name.as_str().to_owned(), version })?;
        }
        let mut book = self.book.write().unwrap_or_else(PoisonError::into_inner);
        book.enter(Edit::Delete { name: name.clone(), version }, &self.requests);
        self.buckets.forget(rule);
        Ok(())
    }

    /// The moment it is, by the clock of the buckets.
    #[must_use]
    pub fn now(&self) -> Tick {
        self.buckets.now()
    }

    /// The table of buckets.
    #[must_use]
    pub fn buckets(&self) -> &Buckets {
        &self.buckets
    }

    pub(crate) fn requests(&self) -> &Requests {
        &self.requests
    }

    fn set(
        &self,
        edit: impl FnOnce(&Book) -> Result<(TenantConfig, u64), WriteError>,
        now: Tick,
    ) -> Result<TenantState, WriteError> {
        let mut journal = self.journal();
        let (config, version) = edit(&self.book())?;
        let state = config.state(version);
        if let Some(journal) = journal.as_mut() {
            // On disk first: what was acknowledged must be there after a crash.
            journal.append(&Record::Set(state.clone()))?;
        }
        let mut book = self.book.write().unwrap_or_else(PoisonError::into_inner);
        let before = book.enter(Edit::Set { config, version }, &self.requests);
        if let Some((rule, from, to)) = before.filter(|(_, from, to)| from != to) {
            // Nobody takes meanwhile, so that every bucket changes at one moment; by now it is later, for the disk took time.
            self.buckets.change_limit(rule, &from, &to, now.max(self.now()));
        }
        Ok(state)
    }

    fn book(&self) -> RwLockReadGuard<'_, Book> {
        // Nothing under this lock can stop half-way, so a poisoned book is still a whole one.
        self.book.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn journal(&self) -> MutexGuard<'_, Option<Journal>> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn restore_error(tenant: &str, source: TenantError) -> RestoreError {
    RestoreError::Tenant { tenant: tenant.to_owned(), source }
}

#[cfg(test)]
mod tests;
