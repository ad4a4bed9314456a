//! Tenants that come and go, what is kept of them over a restart, draining, and who asks most.

use std::time::Duration;

use leeway_rate_limiter::ServerConfig;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::running::{Answer, Running, tenant, upstream};

#[tokio::test]
async fn a_tenant_is_made_replaced_and_deleted_at_the_version_it_has() {
    let server = Running::start(vec![tenant("acme", 100.0, 20)], None).await;
    let put = |body: Value| server.admin(Method::PUT, "/v1/tenants/beta", body);
    let wanted =
        json!({ "quota_per_s": 0.5, "burst": 4, "match": ["beta", "beta/*"], "bucket_per": "tenant", "keys_max": 9 });
    let made = put(wanted.clone()).await;
    let state = json!({ "tenant": "beta", "quota_per_s": 0.5, "burst": 4, "enabled": true, "version": 1,
        "match": ["beta", "beta/*"], "bucket_per": "tenant", "keys_max": 9 });
    assert_eq!((made.status, &made.body), (StatusCode::CREATED, &state));
    assert_eq!(put(wanted).await.error(), (409, "stale_version"));
    for key in ["beta/u1", "beta/u2", "beta", "beta/u1"] {
        assert_eq!(server.take(key).await.status, StatusCode::OK, "{key}");
    }
    assert_eq!(server.take("beta/u3").await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(server.metric(r#"ratelimiter_requests_total{tenant="beta",result="refused"}"#).await, 1.0);

    for (body, status) in [
        (json!({ "quota_per_s": 1, "burst": 1, "match": ["a*b"] }), 422),
        (json!({ "quota_per_s": 1, "burst": 1, "match": ["acme"] }), 422),
        (json!({ "quota_per_s": 1, "burst": 1, "keys_max": 0 }), 422),
        (json!({ "quota_per_s": 1, "burst": 0 }), 422),
        (json!({ "quota_per_s": 1 }), 422),
        (json!({ "quota_per_s": 1, "burst": 1, "expected_version": 1 }), 404),
    ] {
        let answer = server.admin(Method::PUT, "/v1/tenants/gamma", &body).await;
        assert_eq!(answer.error().0, status, "{body}");
    }
    let replaced = put(json!({ "expected_version": 1, "quota_per_s": 7, "burst": 7 })).await;
    assert_eq!((replaced.status.as_u16(), &replaced.body["version"]), (200, &json!(2)));

    let delete = async |query: &str| server.admin(Method::DELETE, &format!("/v1/tenants/beta{query}"), "").await;
    assert_eq!(delete("").await.error(), (422, "invalid_body"));
    assert_eq!(delete("?expected_version=1").await.error(), (409, "stale_version"));
    assert_eq!(delete("?expected_version=2").await.status, StatusCode::NO_CONTENT);
    assert_eq!(delete("?expected_version=2").await.error(), (404, "no_such_tenant"));
    assert!(!server.metrics().await.contains(r#"tenant="beta""#));
}

#[tokio::test]
async fn changes_are_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let journal = || Some(folder.path().join("tenants.journal"));
    let start = || {
        Running::with(|config| ServerConfig { tenants: vec![tenant("acme", 100.0, 20)], journal: journal(), ..config })
    };
    let mut server = start().await;
    server.patch("acme", json!({ "expected_version": 1, "quota_per_s": 110.5, "enabled": false })).await;
    server.admin(Method::PUT, "/v1/tenants/beta", json!({ "quota_per_s": 1, "burst": 1, "match": ["b*"] })).await;
    let before = server.get_admin("/v1/tenants").await.body;
    server.tell_to_stop();
    server.ended().await.unwrap();
    let server = start().await;
    assert_eq!(server.get_admin("/v1/tenants").await.body, before);
    assert_eq!(server.take("acme").await.error(), (403, "disabled"));
    let second = leeway_rate_limiter::Server::bind(ServerConfig {
        journal: journal(),
        ..ServerConfig::on_free_ports(folder.path().join("t"), crate::running::limit(1.0, 1))
    });
    assert!(second.await.unwrap_err().to_string().contains("in use by another rate limiter"));
}

#[tokio::test]
async fn a_drained_tenant_is_answered_for_when_the_last_request_is() {
    let server = Running::start(vec![tenant("acme", 1000.0, 100)], upstream(1, 400)).await;
    let request = server.client.post(format!("{}/v1/take", server.data)).body(json!({ "key": "acme" }).to_string());
    let under_way = tokio::spawn(request.send());
    tokio::time::sleep(Duration::from_millis(100)).await;
    let drained = server.admin(Method::POST, "/v1/tenants/acme/drain", json!({ "expected_version": 1 })).await;
    assert_eq!((&drained.body["enabled"], &drained.body["under_way"]), (&json!(false), &json!(0)));
    assert!(under_way.is_finished());
    assert_eq!(under_way.await.unwrap().unwrap().status(), StatusCode::OK);
    assert_eq!(server.take("acme").await.error(), (403, "disabled"));
    let again = server.admin(Method::POST, "/v1/tenants/acme/drain", json!({ "expected_version": 1 })).await;
    assert_eq!(again.error(), (409, "stale_version"));
}

#[tokio::test]
async fn a_draining_server_says_so_and_still_answers() {
    let server = Running::start(vec![tenant("acme", 100.0, 20)], None).await;
    let ready = || Answer::of(server.client.get(format!("{}/readyz", server.data)));
    assert_eq!(ready().await.status, StatusCode::OK);
    let drain = server.admin(Method::POST, "/v1/drain", json!({ "on": true })).await;
    assert_eq!(drain.body, json!({ "draining": true }));
    assert_eq!(ready().await.error(), (503, "draining"));
    assert_eq!(server.take("acme").await.status, StatusCode::OK);
    assert_eq!(server.metric("ratelimiter_ready").await, 0.0);
    server.admin(Method::POST, "/v1/drain", json!({ "on": false })).await;
    assert_eq!(ready().await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_loudest_keys_are_named_behind_the_token_alone() {
    let server = Running::start(vec![tenant("acme", 100.0, 20)], None).await;
    for (key, times) in [("quiet", 1), ("loud", 5), ("acme", 3)] {
        for _ in 0..times {
            server.take(key).await;
        }
    }
    // More than could ever be granted counts as the burst, which is 2.
    let absurd = server.post_take(json!({ "key": "quiet", "tokens": u32::MAX }).to_string()).await;
    assert_eq!(absurd.error(), (422, "beyond_burst"));
    let top = server.get_admin("/v1/keys/top?count=2").await;
    let expected = json!({ "keys": [
        { "key": "loud", "tokens": 5, "tokens_too_high_max": 0 },
        { "key": "acme", "tokens": 3, "tokens_too_high_max": 0 },
    ] });
    assert_eq!(top.body, expected);
    assert_eq!(server.get_admin("/v1/keys/top?count=0").await.error(), (422, "invalid_body"));
    assert!(!server.metrics().await.contains("loud"));
}
