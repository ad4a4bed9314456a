//! The fields `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10), and `Retry-After`.
//!
//! A token bucket as the draft's terms have it: its quota (`q`) is the burst, its window (`w`) the time in which an empty
//! bucket fills; what is available (`r`) are the whole tokens held, and the bucket is full again after `t`.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::limit::Limit;
use crate::limiter::{Outcome, Reply};
use crate::tenant::TenantName;

pub(crate) const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
pub(crate) const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The name of the policy for keys that belong to no tenant.
const DEFAULT_POLICY: &str = "default";

/// The largest whole number of a structured field (RFC 9651, section 3.3.1).
const INTEGER_MAX: u64 = 999_999_999_999_999;

/// The fields that tell how a bucket stands. A disabled tenant and a key without a bucket have none.
pub(crate) fn headers(reply: &Reply) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let (remaining, retry_after) = match reply.outcome {
        Outcome::Granted { remaining } => (remaining, None),
        Outcome::Refused { remaining, retry_after } => (remaining, Some(retry_after)),
        Outcome::BeyondBurst { .. }
        | Outcome::Disabled
        | Outcome::GrantedUncounted
        | Outcome::OverCapacity
        | Outcome::Overloaded => return headers,
    };
    let name = policy_name(reply.traffic.tenant());
    let mut put = |field: HeaderName, value: String| {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(field, value);
        }
    };
    put(RATE_LIMIT_POLICY, policy(&name, &reply.limit));
    put(RATE_LIMIT, standing(&name, &reply.limit, remaining));
    if let Some(wait) = retry_after {
        put(header::RETRY_AFTER, whole_seconds(wait).to_string());
    }
    headers
}

/// Whole seconds, rounded up and at least one, as `Retry-After` wants them.
pub(crate) fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1)
}

/// The time in which `tokens` come in, in whole seconds; none at a quota of zero.
pub(crate) fn seconds_to_fill(limit: &Limit, tokens: f64) -> Option<u64> {
    if limit.quota.is_zero() {
        return None;
    }
    let wait = Duration::try_from_secs_f64((tokens / limit.quota.as_per_second()).max(0.0)).unwrap_or(Duration::MAX);
    Some(wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).min(INTEGER_MAX))
}

fn policy(name: &str, limit: &Limit) -> String {
    let window = seconds_to_fill(limit, f64::from(limit.burst.tokens())).map(|seconds| format!(";w={seconds}"));
    format!("\"{name}\";q={}{}", limit.burst, window.unwrap_or_default())
}

fn standing(name: &str, limit: &Limit, remaining: f64) -> String {
    let reset = seconds_to_fill(limit, f64::from(limit.burst.tokens()) - remaining);
    let reset = reset.map(|seconds| format!(";t={seconds}")).unwrap_or_default();
    format!("\"{name}\";r={}{reset}", remaining.floor())
}

/// The tenant's name as a string of a structured field: printable ASCII, anything else as `_`.
fn policy_name(tenant: Option<&TenantName>) -> String {
    let name = tenant.map_or(DEFAULT_POLICY, TenantName::as_str);
    let mut told = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '"' | '\\' => told.extend(['\\', letter]),
            ' '..='~' => told.push(letter),
            _ => told.push('_'),
        }
    }
    told
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use super::*;
    use crate::limit::Burst;
    use crate::rate::Rate;

    fn limit(quota_per_s: f64, burst: u32) -> Limit {
        Limit { quota: Rate::per_second(quota_per_s).unwrap(), burst: Burst::of(burst).unwrap() }
    }

    #[test]
    fn a_wait_in_whole_seconds_is_never_too_short() {
        let told = [0, 1, 999, 1000, 1001, 3_600_000].map(|ms| whole_seconds(Duration::from_millis(ms)));
        assert_eq!(told, [1, 1, 1, 1, 2, 3600]);
    }

    #[test]
    fn a_policy_is_a_burst_and_the_time_in_which_it_comes_in() {
        assert_eq!(policy("default", &limit(10.0, 100)), r#""default";q=100;w=10"#);
        assert_eq!(policy("default", &limit(0.3, 1)), r#""default";q=1;w=4"#);
        assert_eq!(policy("default", &limit(0.0, 1)), r#""default";q=1"#);
        assert_eq!(policy("slow", &limit(1e-300, 1_000_000_000)), r#""slow";q=1000000000;w=999999999999999"#);
        assert_eq!(standing("default", &limit(10.0, 100), 49.9), r#""default";r=49;t=6"#);
        assert_eq!(standing("default", &limit(10.0, 100), 100.0), r#""default";r=100;t=0"#);
    }

    #[test]
    fn an_odd_name_becomes_a_string_that_any_parser_reads() {
        let name = TenantName::parse("a\"b\\c\nü").unwrap();
        assert_eq!(policy_name(Some(&name)), r#"a\"b\\c__"#);
        assert_eq!(policy_name(None), "default");
    }
}
