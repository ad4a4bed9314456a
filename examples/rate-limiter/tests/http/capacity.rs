//! What a full table answers.

use leeway_rate_limiter::{Capacity, ServerConfig, WhenFull};
use reqwest::StatusCode;
use serde_json::json;

use crate::running::{Running, limit, tenant};

async fn full(when_full: WhenFull) -> Running {
    let server = Running::with(|config| ServerConfig {
        tenants: vec![tenant("acme", 0.01, 2)],
        default_limit: limit(0.01, 2),
        capacity: Capacity::of(4, when_full).unwrap(),
        ..config
    })
    .await;
    for key in ["a", "b"] {
        assert_eq!(server.take(key).await.status, StatusCode::OK);
    }
    server
}

#[tokio::test]
async fn closed_a_new_key_is_refused_and_a_known_one_is_served() {
    let server = full(WhenFull::Refuse).await;
    let refused = server.take("c").await;
    assert_eq!((refused.error(), refused.retry_after.as_deref()), ((503, "over_capacity"), Some("1")));
    assert_eq!(server.take("a").await.status, StatusCode::OK);
    // Half of the table was theirs; the other half is there for `acme`.
    assert_eq!(server.take("acme").await.status, StatusCode::OK);
    assert_eq!(server.metric(r#"ratelimiter_requests_total{tenant="other",result="over_capacity"}"#).await, 1.0);
    assert_eq!(server.metric(r#"ratelimiter_keys{tenant="other"}"#).await, 2.0);
    assert_eq!(server.metric("ratelimiter_keys_max").await, 4.0);
}

#[tokio::test]
async fn open_a_new_key_is_granted_and_not_counted() {
    let server = full(WhenFull::Grant).await;
    for _ in 0..5 {
        let answer = server.take("c").await;
        assert_eq!((answer.status, &answer.body), (StatusCode::OK, &json!({ "granted": true, "counted": false })));
    }
    assert_eq!(server.metric(r#"ratelimiter_requests_total{tenant="other",result="over_capacity"}"#).await, 5.0);
}

#[tokio::test]
async fn an_idle_key_makes_room_and_a_metric_says_so() {
    let server = Running::with(|config| ServerConfig {
        default_limit: limit(1000.0, 1),
        capacity: Capacity::of(4, WhenFull::Refuse).unwrap(),
        ..config
    })
    .await;
    for key in 0..10 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        assert_eq!(server.take(&key.to_string()).await.status, StatusCode::OK);
    }
    assert_eq!(server.metric("ratelimiter_evicted_keys_total").await, 8.0);
    assert_eq!(server.metric(r#"ratelimiter_keys{tenant="other"}"#).await, 2.0);
}
