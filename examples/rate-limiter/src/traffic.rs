//! What one tenant's requests come to: counted by result, and how many are under way.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

use crate::tenant::{OTHER, TenantName};

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestResult {
    /// Granted, and served.
    Allowed,
    /// The bucket had not enough tokens.
    Refused,
    /// Granted, but the upstream's queue was full.
    Overloaded,
    /// The tenant is disabled.
    Disabled,
    /// The key was new and there was no room for it; refused or granted as the operator chose.
    OverCapacity,
}

/// The counters of all tenants.
#[derive(Debug, Clone, Default)]
pub(crate) struct Requests(Family<RequestLabels, Counter>);

/// The counters of one tenant.
#[derive(Debug)]
pub struct Traffic {
    tenant: Option<TenantName>,
    allowed: Counter,
    refused: Counter,
    overloaded: Counter,
    disabled: Counter,
    over_capacity: Counter,
    under_way: AtomicUsize,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct RequestLabels {
    tenant: String,
    result: RequestResult,
}

impl Requests {
    /// The counters of `tenant`, where `None` stands for all that are not configured; there from now on, at zero.
    pub(crate) fn of(&self, tenant: Option<TenantName>) -> Traffic {
        let counter = |result| self.0.get_or_create_owned(&labels(tenant.as_ref(), result));
        Traffic {
            allowed: counter(RequestResult::Allowed),
            refused: counter(RequestResult::Refused),
            overloaded: counter(RequestResult::Overloaded),
            disabled: counter(RequestResult::Disabled),
            over_capacity: counter(RequestResult::OverCapacity),
            under_way: AtomicUsize::new(0),
            tenant,
        }
    }

    /// Drops the counters of a tenant that is no more.
    pub(crate) fn forget(&self, tenant: &TenantName) {
        for result in RequestResult::ALL {
            self.0.remove(&labels(Some(tenant), result));
        }
    }

    pub(crate) fn family(&self) -> Family<RequestLabels, Counter> {
        self.0.clone()
    }
}

impl Traffic {
    /// The tenant; `None` for keys that belong to none.
    #[must_use]
    pub fn tenant(&self) -> Option<&TenantName> {
        self.tenant.as_ref()
    }

    /// How many of its granted requests are not answered yet.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Acquire)
    }

    pub(crate) fn count(&self, result: RequestResult) {
        match result {
            RequestResult::Allowed => self.allowed.inc(),
            RequestResult::Refused => self.refused.inc(),
            RequestResult::Overloaded => self.overloaded.inc(),
            RequestResult::Disabled => self.disabled.inc(),
            RequestResult::OverCapacity => self.over_capacity.inc(),
        };
    }

    pub(crate) fn begin(&self) {
        self.under_way.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn end(&self) {
        self.under_way.fetch_sub(1, Ordering::AcqRel);
    }
}

impl RequestResult {
    const ALL: [RequestResult; 5] =
        [Self::Allowed, Self::Refused, Self::Overloaded, Self::Disabled, Self::OverCapacity];

    fn label(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Refused => "refused",
            Self::Overloaded => "overloaded",
            Self::Disabled => "disabled",
            Self::OverCapacity => "over_capacity",
        }
    }
}

impl EncodeLabelValue for RequestResult {
    fn encode(&self, encoder: &mut LabelValueEncoder) -> fmt::Result {
        EncodeLabelValue::encode(&self.label(), encoder)
    }
}

fn labels(tenant: Option<&TenantName>, result: RequestResult) -> RequestLabels {
    RequestLabels { tenant: tenant.map_or(OTHER, TenantName::as_str).to_owned(), result }
}
