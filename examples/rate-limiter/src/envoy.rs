//! Envoy's rate-limit service over gRPC, so that Envoy and Istio can ask this limiter as they ask any other.
//!
//! A descriptor is one take. Its entry `tenant`, or else the request's domain, says whose it is; all entries together are
//! the key. It stands on the data plane's port, where HTTP/2 without TLS is told from HTTP/1.1 by its first bytes.

use std::cmp::Reverse;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use axum::body::Body;
use axum::http::{Request, Response};
use tonic::server::{Grpc, UnaryService};
use tonic_prost::ProstCodec;

use crate::key::Subject;
use crate::limit::Limit;
use crate::limit_headers::{headers, seconds_to_fill};
use crate::limiter::{Limiter, Outcome, Reply};
use crate::tenant::NAME_BYTES_MAX;

pub mod messages;

use messages::{
    Code, CurrentLimit, Descriptor, DescriptorStatus, Duration, HeaderValue, RateLimitRequest, RateLimitResponse, Unit,
};

/// Where the one method of the service is.
pub const SERVICE_PATH: &str = "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit";

/// The most descriptors in one request.
pub const DESCRIPTORS_MAX: usize = 100;

/// The largest message, in bytes: what Envoy takes from a client at the most, 60 KiB of headers, twice over. A message
/// that is refused is one that Envoy lets pass, unless it is told otherwise.
const MESSAGE_BYTES_MAX: usize = 128 * 1024;

/// So much of a name is kept that is longer than a key may be; the rest is known by its hash.
const KEPT_BYTES: usize = 220;

/// The entry that names the tenant; where there is none the domain does.
const TENANT_ENTRY: &str = "tenant";

/// The service over a limiter.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    limiter: Arc<Limiter>,
    hasher: RandomState,
}

impl Service {
    pub(crate) fn over(limiter: Arc<Limiter>) -> Self {
        Self { limiter, hasher: RandomState::new() }
    }

    fn should_rate_limit(&self, request: &RateLimitRequest) -> Result<RateLimitResponse, tonic::Status> {
        if !(1..=DESCRIPTORS_MAX).contains(&request.descriptors.len()) {
            let count = request.descriptors.len();
            return Err(tonic::Status::invalid_argument(format!(
                "a request has from 1 to 100 descriptors, not {count}"
            )));
        }
        // All are read before the first is taken: a request that is wrong anywhere takes nothing.
        let names: Vec<(String, String)> =
            request.descriptors.iter().map(|descriptor| self.names(&request.domain, descriptor)).collect();
        let mut takes = Vec::new();
        for (descriptor, (tenant, key)) in request.descriptors.iter().zip(&names) {
            let subject = Subject::parse(Some(tenant), key);
            let subject = subject.map_err(|error| tonic::Status::invalid_argument(error.to_string()))?;
            if descriptor.is_negative_hits {
                return Err(tonic::Status::invalid_argument(
                    "`is_negative_hits` is set, but tokens are not given back",
                ));
            }
            takes.push((subject, hits(request, descriptor)?));
        }
        let now = Instant::now();
        let mut statuses = Vec::new();
        let mut strictest: Option<Reply> = None;
        for (subject, tokens) in takes {
            let reply = match tokens {
                Some(tokens) => self.limiter.take_only(&subject, tokens, now),
                None => self.limiter.check(&subject, NonZeroU32::MIN),
            };
            statuses.push(status(&reply));
            if strictest.as_ref().is_none_or(|other| is_stricter(&reply, other)) {
                strictest = Some(reply);
            }
        }
        let over = statuses.iter().any(|status| status.code == i32::from(Code::OverLimit));
        let overall = if over { Code::OverLimit } else { Code::Ok };
        let to_add = strictest.iter().flat_map(|reply| {
            let pairs: Vec<HeaderValue> = headers(reply).iter().filter_map(header).collect();
            pairs
        });
        Ok(RateLimitResponse { overall_code: overall.into(), statuses, response_headers_to_add: to_add.collect() })
    }
}

impl tower_service::Service<Request<Body>> for Service {
    type Response = Response<tonic::body::Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let method = self.clone();
        Box::pin(async move {
            let codec = ProstCodec::<RateLimitResponse, RateLimitRequest>::default();
            let mut grpc = Grpc::new(codec).max_decoding_message_size(MESSAGE_BYTES_MAX);
            Ok(grpc.unary(method, request).await)
        })
    }
}

impl UnaryService<RateLimitRequest> for Service {
    type Response = RateLimitResponse;
    type Future = Ready<Result<tonic::Response<RateLimitResponse>, tonic::Status>>;

    fn call(&mut self, request: tonic::Request<RateLimitRequest>) -> Self::Future {
        ready(self.should_rate_limit(request.get_ref()).map(tonic::Response::new))
    }
}

impl Service {
    /// The tenant and the key of a descriptor, neither longer than it may be: a long header, which the client chooses, must
    /// not become an error that Envoy lets pass.
    fn names(&self, domain: &str, descriptor: &Descriptor) -> (String, String) {
        let (tenant, key) = names(domain, descriptor);
        (self.shortened(tenant), self.shortened(key))
    }

    fn shortened(&self, name: String) -> String {
        if name.len() <= NAME_BYTES_MAX {
            return name;
        }
        let kept = name.get(..name.floor_char_boundary(KEPT_BYTES)).unwrap_or_default();
        format!("{kept}…{:016x}", self.hasher.hash_one(&name))
    }
}

/// The tenant, and the key: the entries in their order as `name=value`, with `|` between them.
fn names(domain: &str, descriptor: &Descriptor) -> (String, String) {
    let is_tenant = |key: &str| key == TENANT_ENTRY;
    let named = descriptor.entries.iter().find(|entry| is_tenant(&entry.key)).map(|entry| entry.value.clone());
    let mut key = String::new();
    for entry in &descriptor.entries {
        if !key.is_empty() {
            key.push('|');
        }
        escape(&entry.key, &mut key);
        key.push('=');
        escape(&entry.value, &mut key);
    }
    (named.unwrap_or_else(|| domain.to_owned()), key)
}

/// With a `\` before what has a meaning in a key, so that no two lists of entries make the same key.
fn escape(text: &str, into: &mut String) {
    for letter in text.chars() {
        if matches!(letter, '\\' | '|' | '=') {
            into.push('\\');
        }
        into.push(letter);
    }
}

/// The tokens: what the descriptor says, or else the request, or else one. A descriptor that says 0 takes none and only
/// asks whether one is left, as Envoy Gateway does when it counts the cost with the response.
fn hits(request: &RateLimitRequest, descriptor: &Descriptor) -> Result<Option<NonZeroU32>, tonic::Status> {
    let hits = descriptor.hits_addend.map_or(u64::from(request.hits_addend.max(1)), |hits| hits.value);
    u32::try_from(hits)
        .map(NonZeroU32::new)
        .map_err(|_| tonic::Status::invalid_argument(format!("`hits_addend` is at most 4294967295, not {hits}")))
}

/// A refusal is stricter than a grant; the longer wait, and then the fewer tokens left.
fn is_stricter(one: &Reply, other: &Reply) -> bool {
    let refused = |reply: &Reply| code(reply) == Code::OverLimit;
    let wait = |reply: &Reply| match reply.outcome {
        Outcome::Refused { retry_after, .. } => retry_after,
        Outcome::Granted { .. } | Outcome::GrantedUncounted => std::time::Duration::ZERO,
        // No wait is known, so none is told.
        Outcome::Overloaded | Outcome::Disabled | Outcome::OverCapacity | Outcome::BeyondBurst { .. } => {
            std::time::Duration::MAX
        }
    };
    let (rank, other_rank) = [one, other].map(|reply| (Reverse(refused(reply)), Reverse(wait(reply)))).into();
    rank < other_rank || (rank == other_rank && leaves(one) < leaves(other))
}

fn code(reply: &Reply) -> Code {
    match reply.outcome {
        Outcome::Granted { .. } | Outcome::GrantedUncounted => Code::Ok,
        Outcome::Refused { .. }
        | Outcome::Overloaded
        | Outcome::Disabled
        | Outcome::OverCapacity
        | Outcome::BeyondBurst { .. } => Code::OverLimit,
    }
}

fn status(reply: &Reply) -> DescriptorStatus {
    let missing = f64::from(reply.limit.burst.tokens()) - leaves(reply);
    let reset = seconds_to_fill(&reply.limit, missing).and_then(|seconds| i64::try_from(seconds).ok());
    DescriptorStatus {
        code: code(reply).into(),
        current_limit: current_limit(reply),
        limit_remaining: whole(leaves(reply)),
        duration_until_reset: reset.map(|seconds| Duration { seconds, nanos: 0 }),
    }
}

/// The tokens that are left.
fn leaves(reply: &Reply) -> f64 {
    match reply.outcome {
        Outcome::Granted { remaining } | Outcome::Refused { remaining, .. } => remaining,
        Outcome::GrantedUncounted => f64::from(reply.limit.burst.tokens()),
        Outcome::Overloaded | Outcome::Disabled | Outcome::OverCapacity | Outcome::BeyondBurst { .. } => 0.0,
    }
}

/// The quota per second, or in the smallest of the longer units in which it is at least one.
fn current_limit(reply: &Reply) -> Option<CurrentLimit> {
    let Limit { quota, .. } = reply.limit;
    let units = [(1.0, Unit::Second), (60.0, Unit::Minute), (3600.0, Unit::Hour), (86_400.0, Unit::Day)];
    let per = |seconds: f64| quota.as_per_second() * seconds;
    let (seconds, unit) = units.into_iter().find(|(seconds, _)| per(*seconds) >= 1.0)?;
    let name = reply.traffic.tenant().map_or("default", |tenant| tenant.as_str()).to_owned();
    Some(CurrentLimit { requests_per_unit: whole(per(seconds)), unit: unit.into(), name })
}

fn whole(tokens: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "what does not fit becomes the nearest"
    )]
    let whole = tokens.floor() as u32;
    whole
}

fn header((name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)) -> Option<HeaderValue> {
    Some(HeaderValue { key: name.as_str().to_owned(), value: value.to_str().ok()?.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::messages::Entry;
    use super::*;

    #[test]
    fn no_two_lists_of_entries_make_the_same_key() {
        let key = |entries: &[(&str, &str)]| {
            let entry = |(key, value): &(&str, &str)| Entry { key: (*key).to_owned(), value: (*value).to_owned() };
            let entries = entries.iter().map(entry).collect();
            names("envoy", &Descriptor { entries, hits_addend: None, is_negative_hits: false })
        };
        assert_eq!(key(&[("a", "b"), ("c", "d")]), ("envoy".to_owned(), "a=b|c=d".to_owned()));
        assert_eq!(key(&[("tenant", "acme"), ("c", "d")]), ("acme".to_owned(), "tenant=acme|c=d".to_owned()));
        assert_ne!(key(&[("a", "b|c=d")]), key(&[("a", "b"), ("c", "d")]));
        assert_ne!(key(&[("a", "b=c")]), key(&[("a=b", "c")]));
        assert_ne!(key(&[("a", "b\\")]), key(&[("a", "b"), ("", "")]));
    }
}
