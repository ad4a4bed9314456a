//! The limiter without its wire: buckets first, the upstream behind them, everything counted.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::bucket::Take;
use crate::capacity::{Capacity, WhenFull};
use crate::key::Subject;
use crate::limit::{Burst, Limit};
use crate::metrics::Metrics;
use crate::talkers::{Talker, Talkers};
use crate::tenants::{Ask, Decision, Ruling, Tenants};
use crate::tick::Tick;
use crate::traffic::{RequestResult, Traffic};
use crate::upstream::{NotServed, Upstream};

/// Who was refused is never told to wait longer than this: by then the quota may be another.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);

/// Tenants, metrics and, if there is one, the upstream.
#[derive(Debug)]
pub struct Limiter {
    tenants: Arc<Tenants>,
    when_full: WhenFull,
    upstream: Option<Arc<Upstream>>,
    talkers: Talkers,
    metrics: Metrics,
    draining: Arc<AtomicBool>,
}

/// How a request is answered, and by whose limit.
#[derive(Debug, Clone)]
pub struct Reply {
    /// How.
    pub outcome: Outcome,
    /// The limit of the bucket.
    pub limit: Limit,
    /// Whose it is.
    pub traffic: Arc<Traffic>,
}

/// How a request is answered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    /// Granted, and served by the upstream if there is one.
    Granted {
        /// Tokens left when it was granted.
        remaining: f64,
    },
    /// Granted without being counted: there was no room for the key, and the operator chose to fail open.
    GrantedUncounted,
    /// Not enough tokens.
    Refused {
        /// Tokens there are.
        remaining: f64,
        /// When to try again, at most [`RETRY_AFTER_MAX`].
        retry_after: Duration,
    },
    /// Granted, but the upstream had no room. The tokens stay spent, so that callers who try again at once are held
    /// back by their own bucket.
    Overloaded,
    /// The tenant is disabled.
    Disabled,
    /// There was no room for the key, and the operator chose to fail closed.
    OverCapacity,
    /// More tokens than the bucket ever holds. Not counted: the request could never have been granted.
    BeyondBurst {
        /// The most it holds.
        burst: Burst,
    },
}

impl Limiter {
    /// A limiter over `tenants`, with `upstream` behind it.
    #[must_use]
    pub fn new(tenants: Tenants, capacity: Capacity, upstream: Option<Upstream>) -> Self {
        let (tenants, upstream) = (Arc::new(tenants), upstream.map(Arc::new));
        let draining = Arc::new(AtomicBool::new(false));
        let metrics = Metrics::new(Arc::clone(&tenants), upstream.clone(), Arc::clone(&draining));
        let when_full = capacity.when_full();
        let talkers = Talkers::since(tenants.now());
        Self { tenants, when_full, upstream, talkers, metrics, draining }
    }

    /// Decides about `tokens` for `subject` now, and waits for the upstream when they are granted. `arrived_at` is when
    /// the request came in; latency is counted from there.
    pub async fn take(&self, subject: &Subject<'_>, tokens: NonZeroU32, arrived_at: Instant) -> Reply {
        let reply = self.decide(subject, tokens, self.tenants.now());
        let Outcome::Granted { .. } = reply.outcome else { return reply };
        let granted = self.metrics.granted(Arc::clone(&reply.traffic), arrived_at);
        let Some(upstream) = &self.upstream else { return reply };
        match upstream.serve().await {
            Ok(()) => reply,
            Err(NotServed::QueueFull | NotServed::Stopped) => {
                granted.overloaded();
                Reply { outcome: Outcome::Overloaded, ..reply }
            }
        }
    }

    /// Decides about `tokens` for `subject` at once; whoever asks serves them. What is granted took no time.
    pub fn take_only(&self, subject: &Subject<'_>, tokens: NonZeroU32, arrived_at: Instant) -> Reply {
        let reply = self.decide(subject, tokens, self.tenants.now());
        if let Outcome::Granted { .. } = reply.outcome {
            drop(self.metrics.granted(Arc::clone(&reply.traffic), arrived_at));
        }
        reply
    }

    /// What taking `tokens` for `subject` would lead to now. Nothing is taken or counted.
    pub fn check(&self, subject: &Subject<'_>, tokens: NonZeroU32) -> Reply {
        self.reply(self.tenants.ask(Ask::Check, subject, tokens, self.tenants.now()))
    }

    /// The `count` keys that ask for most, loudest first.
    #[must_use]
    pub fn top_talkers(&self, count: usize) -> Vec<Talker> {
        self.talkers.top(count, self.tenants.now())
    }

    /// Begins or ends draining: `/readyz` says no, so that no new callers are sent here; who asks is still answered.
    pub fn drain(&self, on: bool) {
        self.draining.store(on, Ordering::Release);
    }

    /// Whether new callers should be sent here.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.draining.load(Ordering::Acquire)
    }

    /// The tenants.
    #[must_use]
    pub fn tenants(&self) -> &Arc<Tenants> {
        &self.tenants
    }

    /// The stand-in behind the buckets.
    #[must_use]
    pub fn upstream(&self) -> Option<&Arc<Upstream>> {
        self.upstream.as_ref()
    }

    /// What is measured.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Decides and counts; what is granted is counted when it is over.
    fn decide(&self, subject: &Subject<'_>, tokens: NonZeroU32, now: Tick) -> Reply {
        let reply = self.reply(self.tenants.take(subject, tokens, now));
        // Who asks for more than there can ever be counts with what there can be: one absurd number must not hide the rest.
        let asked = tokens.get().min(reply.limit.burst.tokens());
        self.talkers.note(self.tenants.buckets().talker(subject), subject, asked, now);
        match reply.outcome {
            Outcome::Granted { .. } | Outcome::Overloaded | Outcome::BeyondBurst { .. } => {}
            Outcome::Refused { .. } => reply.traffic.count(RequestResult::Refused),
            Outcome::Disabled => reply.traffic.count(RequestResult::Disabled),
            Outcome::OverCapacity | Outcome::GrantedUncounted => reply.traffic.count(RequestResult::OverCapacity),
        }
        reply
    }

    fn reply(&self, Decision { traffic, limit, ruling }: Decision) -> Reply {
        let outcome = match ruling {
            Ruling::Disabled => Outcome::Disabled,
            Ruling::OverCapacity => match self.when_full {
                WhenFull::Refuse => Outcome::OverCapacity,
                WhenFull::Grant => Outcome::GrantedUncounted,
            },
            Ruling::Answered(Take::BeyondBurst { burst }) => Outcome::BeyondBurst { burst },
            Ruling::Answered(Take::Granted { remaining }) => Outcome::Granted { remaining },
            Ruling::Answered(Take::Refused { remaining, wait }) => {
                // What a quota of zero never gives is not there for anybody.
                let remaining = wait.map_or(0.0, |_| remaining);
                Outcome::Refused { remaining, retry_after: wait.unwrap_or(Duration::MAX).min(RETRY_AFTER_MAX) }
            }
        };
        Reply { outcome, limit, traffic }
    }
}
