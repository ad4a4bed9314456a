//! The list of tenants: by name, by number and by pattern.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::bucket::FixedLimit;
use crate::buckets::{Rule, RuleId};
use crate::capacity::Capacity;
use crate::limit::Limit;
use crate::pattern::Patterns;
use crate::tenant::{OTHER, TenantConfig, TenantName, TenantState};
use crate::tenants::{TENANTS_MAX, TenantsError, WriteError};
use crate::traffic::{Requests, Traffic};

/// All tenants at one moment.
#[derive(Debug)]
pub(crate) struct Book {
    capacity: Capacity,
    /// What keys that belong to no tenant are held to; its name is never told.
    default: Tenant,
    names: BTreeMap<TenantName, RuleId>,
    /// By number, from 1 on; a number whose tenant is gone is given out again.
    numbered: Vec<Option<Tenant>>,
    /// By number, the default first.
    rules: Vec<Rule>,
    patterns: Patterns,
    /// The highest version of a tenant that is gone: were it made again at a lower one, a stale write could fit.
    last_version_gone: u64,
}

/// One tenant.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub(crate) config: TenantConfig,
    pub(crate) traffic: Arc<Traffic>,
    version: u64,
}

/// A change that was found to be possible.
#[derive(Debug)]
pub(crate) enum Edit {
    Set { config: TenantConfig, version: u64 },
    Delete { name: TenantName, version: u64 },
}

impl Book {
    /// The number of keys that belong to no tenant.
    pub(crate) const DEFAULT: RuleId = RuleId(0);

    pub(crate) fn new(default: Limit, keys_max: Option<usize>, capacity: Capacity, requests: &Requests) -> Self {
        let config = TenantConfig { keys_max, ..TenantConfig::new(TenantName::other(), default) };
        let rules = vec![rule(&config, &capacity)];
        let default = Tenant { config, traffic: Arc::new(requests.of(None)), version: 1 };
        Self {
            capacity,
            default,
            names: BTreeMap::new(),
            numbered: Vec::new(),
            rules,
            patterns: Patterns::default(),
            last_version_gone: 0,
        }
    }

    /// Whose a request with this name is.
    pub(crate) fn whose(&self, name: &str) -> (RuleId, &Tenant) {
        let owner = self.patterns.owner(name).and_then(|rule| Some((rule, self.tenant(rule)?)));
        owner.unwrap_or((Self::DEFAULT, &self.default))
    }

    pub(crate) fn find(&self, name: &TenantName) -> Option<(RuleId, &Tenant)> {
        let rule = *self.names.get(name)?;
        Some((rule, self.tenant(rule)?))
    }

    /// The tenants by name.
    pub(crate) fn tenants(&self) -> impl Iterator<Item = (RuleId, &Tenant)> {
        self.names.values().filter_map(|rule| Some((*rule, self.tenant(*rule)?)))
    }

    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The version at which a tenant that is not there would begin.
    pub(crate) fn first_version(&self) -> u64 {
        self.last_version_gone.saturating_add(1)
    }

    /// Whether `config` could be set, beside all others.
    pub(crate) fn admits(&self, config: &TenantConfig) -> Result<(), TenantsError> {
        if config.name.as_str() == OTHER {
            return Err(TenantsError::Reserved);
        }
        let own = self.names.get(&config.name);
        if own.is_none() && self.names.len() >= TENANTS_MAX {
            return Err(TenantsError::TooMany(self.names.len() + 1));
        }
        for pattern in config.patterns() {
            let holder = self.patterns.holder(&pattern).filter(|holder| Some(holder) != own);
            if let Some(owner) = holder.and_then(|holder| self.tenant(holder)) {
                return Err(TenantsError::PatternTaken { pattern, owner: owner.config.name.clone() });
            }
        }
        Ok(())
    }

    /// Makes a change that was found to be possible. Returns the number and both limits of a tenant that was there.
    pub(crate) fn enter(&mut self, edit: Edit, requests: &Requests) -> Option<(RuleId, FixedLimit, FixedLimit)> {
        match edit {
            Edit::Set { config, version } => self.set(config, version, requests),
            Edit::Delete { name, version } => {
                self.last_version_gone = self.last_version_gone.max(version);
                let rule = self.names.remove(&name)?;
                let gone = self.numbered.get_mut(number(rule)?)?.take()?;
                gone.config.patterns().iter().for_each(|pattern| self.patterns.remove(pattern));
                requests.forget(&name);
                None
            }
        }
    }

    fn set(
        &mut self,
        config: TenantConfig,
        version: u64,
        requests: &Requests,
    ) -> Option<(RuleId, FixedLimit, FixedLimit)> {
        let to = rule(&config, &self.capacity);
        let id = match self.names.get(&config.name) {
            Some(id) => *id,
            None => self.free_number(),
        };
        let place = self.numbered.get_mut(number(id)?)?;
        let before = place.take();
        let traffic = match &before {
            Some(tenant) => Arc::clone(&tenant.traffic),
            None => Arc::new(requests.of(Some(config.name.clone()))),
        };
        for pattern in before.iter().flat_map(|tenant| tenant.config.patterns()) {
            self.patterns.remove(&pattern);
        }
        for pattern in config.patterns() {
            self.patterns.add(&pattern, id);
        }
        self.names.insert(config.name.clone(), id);
        *place = Some(Tenant { config, traffic, version });
        let from = std::mem::replace(self.rules.get_mut(usize::from(id.0))?, to);
        before.map(|_| (id, from.limit, to.limit))
    }

    fn free_number(&mut self) -> RuleId {
        let free = self.numbered.iter().position(Option::is_none).unwrap_or(self.numbered.len());
        if free == self.numbered.len() {
            self.numbered.push(None);
            self.rules.push(rule(&self.default.config, &self.capacity));
        }
        // At most `TENANTS_MAX`, so it always fits.
        RuleId(u16::try_from(free + 1).unwrap_or(u16::MAX))
    }

    fn tenant(&self, rule: RuleId) -> Option<&Tenant> {
        self.numbered.get(number(rule)?)?.as_ref()
    }
}

impl Tenant {
    pub(crate) fn state(&self) -> TenantState {
        self.config.state(self.version)
    }

    /// The version after a write from `expected`.
    pub(crate) fn next_version(&self, expected: u64) -> Result<u64, WriteError> {
        if self.version == expected { Ok(self.version.saturating_add(1)) } else { Err(WriteError::Stale(self.state())) }
    }
}

fn number(rule: RuleId) -> Option<usize> {
    usize::from(rule.0).checked_sub(1)
}

fn rule(config: &TenantConfig, capacity: &Capacity) -> Rule {
    Rule { limit: FixedLimit::of(config.limit), keys_max: capacity.tenant_keys_max(config.keys_max) }
}
