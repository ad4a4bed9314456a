//! What the upstream does to latency, and what it does when it is full.

use std::time::Duration;

use leeway_rate_limiter::{Load, TenantTotals};
use reqwest::StatusCode;
use serde_json::json;

use crate::running::{Running, tenant, upstream, value_of};

/// How long each load runs: long enough for a backlog to show.
const LOAD_TIME: Duration = Duration::from_secs(3);

/// Sends `rate_per_s` with a quota of `quota_per_s` to an upstream of 100/s. Returns what was answered, and the share
/// of granted requests that were answered within a quarter of a second.
async fn share_in_time(quota_per_s: f64, rate_per_s: f64) -> (TenantTotals, f64) {
    let server = Running::start(vec![tenant("acme", quota_per_s, 10)], upstream(2, 20)).await;
    let load = Load::start(&server.data, &[("acme", rate_per_s)], Duration::from_secs(60)).unwrap();
    tokio::time::sleep(LOAD_TIME).await;
    let totals = load.stop().await.sum();
    let text = server.metrics().await;
    let in_time = value_of(&text, r#"ratelimiter_request_duration_seconds_bucket{le="0.25"}"#);
    let all = value_of(&text, "ratelimiter_request_duration_seconds_count");
    (totals, in_time / all)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quota_below_the_upstream_keeps_latency_and_one_above_lets_it_grow() {
    let (below, in_time_below) = share_in_time(60.0, 180.0).await;
    let (above, in_time_above) = share_in_time(180.0, 180.0).await;
    // 180/s for 3 s is 540, of which a quota of 60/s grants 190.
    assert!(below.granted > 100 && below.granted < 250, "{below:?}");
    assert!(below.refused > 150, "{below:?}");
    assert!(in_time_below > 0.9, "{in_time_below} of {below:?}");
    // 80/s more than are served: after a third of a second the queue is a quarter of a second long.
    assert!(in_time_above < 0.6, "{in_time_above} of {above:?}");
}

#[tokio::test]
async fn a_full_queue_turns_granted_requests_away() {
    // One worker of 1 s: three jobs wait at most.
    let server = Running::start(vec![tenant("acme", 1000.0, 100)], upstream(1, 1000)).await;
    let mut takes = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let request = server.client.post(format!("{}/v1/take", server.data)).body(json!({ "key": "acme" }).to_string());
        takes.spawn(async move { request.send().await.unwrap().status() });
    }
    let statuses = takes.join_all().await;
    let served = statuses.iter().filter(|status| **status == StatusCode::OK).count();
    let turned_away = statuses.iter().filter(|status| **status == StatusCode::SERVICE_UNAVAILABLE).count();
    assert!((3..=4).contains(&served), "{statuses:?}");
    assert_eq!(served + turned_away, 8, "{statuses:?}");
    let overloaded = server.metric(r#"ratelimiter_requests_total{tenant="acme",result="overloaded"}"#).await;
    assert_eq!(overloaded, f64::from(u32::try_from(turned_away).unwrap()));
}

#[tokio::test]
async fn a_restart_loses_no_request() {
    let server = Running::start(vec![tenant("acme", 1000.0, 100)], upstream(2, 100)).await;
    let mut takes = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let request = server.client.post(format!("{}/v1/take", server.data)).body(json!({ "key": "acme" }).to_string());
        takes.spawn(async move { request.send().await.unwrap().status() });
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(server.restart_workers().await.status, StatusCode::OK);
    assert!(takes.join_all().await.iter().all(|status| *status == StatusCode::OK));
}

#[tokio::test]
async fn a_caller_who_hangs_up_is_measured_all_the_same() {
    let server = Running::start(vec![tenant("acme", 1000.0, 100)], upstream(1, 1000)).await;
    let request = server.client.post(format!("{}/v1/take", server.data)).body(json!({ "key": "acme" }).to_string());
    assert!(request.timeout(Duration::from_millis(300)).send().await.unwrap_err().is_timeout());
    for _ in 0..50 {
        if server.metric("ratelimiter_request_duration_seconds_count").await > 0.0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(server.metric("ratelimiter_request_duration_seconds_count").await, 1.0);
    assert_eq!(server.metric(r#"ratelimiter_requests_total{tenant="acme",result="allowed"}"#).await, 1.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_load_keeps_its_pace_changes_it_and_ends_by_itself() {
    let server = Running::start(vec![tenant("acme", 1000.0, 100), tenant("beta", 0.0, 1)], None).await;
    let load = Load::start(&server.data, &[("acme", 0.0), ("beta", 50.0)], Duration::from_secs(2)).unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let first = load.totals();
    assert_eq!(first.tenants.get("acme").unwrap().sent, 0);
    load.set_rate("acme", 100.0).unwrap();
    assert!(load.set_rate("nobody", 1.0).is_err());
    tokio::time::sleep(Duration::from_secs(3)).await;
    let ended = load.totals();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let totals = load.stop().await;
    assert_eq!(totals, ended, "it went on after its time");
    let acme = totals.tenants.get("acme").unwrap();
    let beta = totals.tenants.get("beta").unwrap();
    // 1.5 s at 100/s and 2 s at 50/s; a busy machine may skip some.
    assert!(acme.granted > 90 && acme.granted <= 152, "{acme:?}");
    assert!(beta.refused > 60 && beta.refused <= 101 && beta.granted == 0, "{beta:?}");
    assert_eq!(totals.sum().failed, 0);
}
