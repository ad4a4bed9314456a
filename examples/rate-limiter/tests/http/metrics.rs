//! What a scrape shows.

use reqwest::StatusCode;
use serde_json::json;

use crate::running::{Running, tenant, upstream, value_of};

#[tokio::test]
async fn every_series_of_a_tenant_is_there_before_the_first_request() {
    let server = Running::start(vec![tenant("acme", 100.0, 20), tenant("beta", 0.5, 1)], None).await;
    let response = server.client.get(format!("{}/metrics", server.data)).send().await.unwrap();
    let kind = response.headers().get("content-type").unwrap().to_str().unwrap().to_owned();
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    let text = response.text().await.unwrap();
    assert!(text.ends_with("# EOF\n"));
    for tenant in ["acme", "beta", "other"] {
        for result in ["allowed", "refused", "overloaded", "disabled", "over_capacity"] {
            let series = format!(r#"ratelimiter_requests_total{{tenant="{tenant}",result="{result}"}}"#);
            assert_eq!(value_of(&text, &series), 0.0);
        }
    }
    for (series, value) in [
        (r#"ratelimiter_tenant_quota_per_second{tenant="acme"}"#, 100.0),
        (r#"ratelimiter_tenant_quota_per_second{tenant="beta"}"#, 0.5),
        (r#"ratelimiter_tenant_burst{tenant="acme"}"#, 20.0),
        (r#"ratelimiter_tenant_enabled{tenant="acme"}"#, 1.0),
        (r#"ratelimiter_tenant_version{tenant="acme"}"#, 1.0),
        (r#"ratelimiter_keys{tenant="acme"}"#, 0.0),
        (r#"ratelimiter_keys{tenant="other"}"#, 0.0),
        ("ratelimiter_keys_max", 1_000_000.0),
        ("ratelimiter_evicted_keys_total", 0.0),
        ("ratelimiter_ready", 1.0),
        ("ratelimiter_upstream_queue_length", 0.0),
        ("ratelimiter_upstream_workers", 0.0),
        ("ratelimiter_upstream_busy_workers", 0.0),
        ("ratelimiter_workers", 0.0),
        ("ratelimiter_request_duration_seconds_count", 0.0),
        ("ratelimiter_request_duration_seconds_sum", 0.0),
    ] {
        assert_eq!(value_of(&text, series), value, "{series}");
    }
    let bounds: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix(r#"ratelimiter_request_duration_seconds_bucket{le=""#)?.split('"').next())
        .collect();
    let expected = "0.005 0.01 0.015 0.02 0.03 0.04 0.05 0.075 0.1 0.15 0.25 0.5 1.0 2.0 4.0 +Inf";
    assert_eq!(bounds.join(" "), expected);
}

#[tokio::test]
async fn requests_count_for_their_tenant_and_unknown_keys_together() {
    let server = Running::start(vec![tenant("acme", 0.1, 2)], upstream(2, 5)).await;
    for (key, count) in [("acme", 3), ("stranger", 1), ("another", 1)] {
        for _ in 0..count {
            server.take(key).await;
        }
    }
    let text = server.metrics().await;
    for (tenant, result, count) in
        [("acme", "allowed", 2.0), ("acme", "refused", 1.0), ("other", "allowed", 2.0), ("other", "refused", 0.0)]
    {
        let series = format!(r#"ratelimiter_requests_total{{tenant="{tenant}",result="{result}"}}"#);
        assert_eq!(value_of(&text, &series), count, "{series}");
    }
    assert!(!text.contains("stranger"));
    assert_eq!(value_of(&text, "ratelimiter_request_duration_seconds_count"), 4.0);
    // Each waited for its service.
    assert!(value_of(&text, "ratelimiter_request_duration_seconds_sum") >= 0.02);
    assert_eq!(value_of(&text, r#"ratelimiter_request_duration_seconds_bucket{le="0.005"}"#), 0.0);
    assert_eq!(value_of(&text, "ratelimiter_upstream_workers"), 2.0);
    assert_eq!(value_of(&text, "ratelimiter_workers"), 2.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scrape_never_mixes_two_writes() {
    let server = Running::start(vec![tenant("acme", 1.0, 1)], None).await;
    let writes = async {
        for version in 1_u32..100 {
            let next = json!({ "expected_version": version, "quota_per_s": version + 1, "burst": version + 1 });
            assert_eq!(server.patch("acme", next).await.status, StatusCode::OK);
        }
    };
    let scrapes = async {
        for _ in 0..100 {
            let text = server.metrics().await;
            let version = value_of(&text, r#"ratelimiter_tenant_version{tenant="acme"}"#);
            assert_eq!(value_of(&text, r#"ratelimiter_tenant_quota_per_second{tenant="acme"}"#), version);
            assert_eq!(value_of(&text, r#"ratelimiter_tenant_burst{tenant="acme"}"#), version);
        }
    };
    tokio::join!(writes, scrapes);
}

#[tokio::test]
async fn the_text_is_openmetrics_to_a_parser_of_others_even_with_an_odd_name() {
    let server = Running::start(vec![tenant("a\"b\\c\nd", 1.0, 1)], upstream(1, 5)).await;
    let text = server.metrics().await;
    let (rest, families) = nom_openmetrics::parser::openmetrics(&text).unwrap();
    assert_eq!((rest, families.len()), ("", 15));
}
