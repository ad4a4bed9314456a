//! What the admin plane answers, and to whom.

use reqwest::StatusCode;
use serde_json::json;

use crate::running::{Answer, Running, tenant, upstream};

#[tokio::test]
async fn nothing_but_health_is_told_without_the_token() {
    let server = Running::start(vec![tenant("acme", 100.0, 20)], None).await;
    for path in ["/v1/tenants", "/v1/tenants/acme", "/v1/workers/restart", "/v1/nothing", "/"] {
        let url = format!("{}{path}", server.admin);
        for request in [
            server.client.get(&url),
            server.client.get(&url).bearer_auth("not-the-token-not-the-token"),
            server.client.get(&url).bearer_auth(""),
            server.client.get(&url).basic_auth("admin", Some(server.token())),
        ] {
            let response = request.send().await.unwrap();
            assert_eq!(response.headers().get("www-authenticate").unwrap(), "Bearer");
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
        }
    }
    let health = server.client.get(format!("{}/healthz", server.admin)).send().await.unwrap();
    assert_eq!(health.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_rotated_token_replaces_the_old_one_without_a_restart() {
    let server = Running::start(vec![tenant("acme", 100.0, 20)], None).await;
    let old = server.token();
    std::fs::write(&server.token_file, "the-token-after-the-rotation\n").unwrap();
    let url = format!("{}/v1/tenants", server.admin);
    let with_old = Answer::of(server.client.get(&url).bearer_auth(old)).await;
    assert_eq!(with_old.error(), (401, "unauthorized"));
    assert_eq!(server.get_admin("/v1/tenants").await.status, StatusCode::OK);
    std::fs::write(&server.token_file, "").unwrap();
    let with_none = Answer::of(server.client.get(&url).bearer_auth("anything")).await;
    assert_eq!(with_none.error(), (503, "token_unusable"));
}

#[tokio::test]
async fn tenants_are_read_one_by_one_and_together() {
    let server = Running::start(vec![tenant("acme", 100.0, 20), tenant("a/b ü", 1.0, 1)], None).await;
    let acme = json!({ "tenant": "acme", "quota_per_s": 100.0, "burst": 20, "enabled": true, "version": 1 });
    let odd = json!({ "tenant": "a/b ü", "quota_per_s": 1.0, "burst": 1, "enabled": true, "version": 1 });
    assert_eq!(server.get_admin("/v1/tenants/acme").await.body, acme);
    assert_eq!(server.get_admin("/v1/tenants/a%2Fb%20%C3%BC").await.body, odd);
    assert_eq!(server.get_admin("/v1/tenants").await.body, json!({ "tenants": [odd, acme] }));
    // A key that was served is still no configured tenant.
    server.take("stranger").await;
    assert_eq!(server.get_admin("/v1/tenants/stranger").await.error(), (404, "no_such_tenant"));
    assert_eq!(server.get_admin("/v1/tenants/%FF").await.error(), (404, "no_such_route"));
}

#[tokio::test]
async fn a_write_changes_what_it_names_once() {
    let server = Running::start(vec![tenant("acme", 100.0, 20)], None).await;
    let raise = json!({ "expected_version": 1, "quota_per_s": 110.0 });
    let raised = json!({ "tenant": "acme", "quota_per_s": 110.0, "burst": 20, "enabled": true, "version": 2 });
    let answer = server.patch("acme", &raise).await;
    assert_eq!((answer.status, &answer.body), (StatusCode::OK, &raised));
    let again = server.patch("acme", &raise).await;
    assert_eq!(again.error(), (409, "stale_version"));
    assert_eq!(again.body.get("current"), Some(&raised));
    let rest = json!({ "expected_version": 2, "burst": 5, "enabled": false });
    let changed = json!({ "tenant": "acme", "quota_per_s": 110.0, "burst": 5, "enabled": false, "version": 3 });
    assert_eq!(server.patch("acme", rest).await.body, changed);
    assert_eq!(server.patch("nobody", raise).await.error(), (404, "no_such_tenant"));
}

#[tokio::test]
async fn a_write_out_of_bounds_changes_nothing() {
    let server = Running::start(vec![tenant("acme", 100.0, 20)], None).await;
    for (body, status) in [
        (r#"{"expected_version":1}"#, 422),
        (r#"{"quota_per_s":5}"#, 422),
        (r#"{"expected_version":1,"quota_per_s":-1}"#, 422),
        (r#"{"expected_version":1,"quota_per_s":1000000001}"#, 422),
        (r#"{"expected_version":1,"quota_per_s":"NaN"}"#, 422),
        (r#"{"expected_version":1,"quota_per_s":NaN}"#, 400),
        (r#"{"expected_version":1,"burst":0}"#, 422),
        (r#"{"expected_version":1,"burst":-5}"#, 422),
        (r#"{"expected_version":1,"burst":4294967295}"#, 422),
        (r#"{"expected_version":1,"quota_per_s":5,"burst":0}"#, 422),
        (r#"{"expected_version":1,"quota":5}"#, 422),
        (r#"{"expected_version":1,"enabled":"no"}"#, 422),
        (r#"{"expected_version":-1,"enabled":true}"#, 422),
        ("[", 400),
    ] {
        let answer = server.patch("acme", body).await;
        assert_eq!(answer.error().0, status, "{body}");
    }
    let large = format!(r#"{{"expected_version":1,"note":"{}"}}"#, "x".repeat(17 * 1024));
    assert_eq!(server.patch("acme", large).await.error(), (413, "body_too_large"));
    let state = server.get_admin("/v1/tenants/acme").await.body;
    assert_eq!(state, json!({ "tenant": "acme", "quota_per_s": 100.0, "burst": 20, "enabled": true, "version": 1 }));
}

#[tokio::test]
async fn workers_are_restarted_where_there_are_any() {
    let without = Running::start(vec![], None).await;
    assert_eq!(without.restart_workers().await.error(), (409, "no_upstream"));
    let with = Running::start(vec![], upstream(3, 10)).await;
    assert_eq!(with.restart_workers().await.body, json!({ "workers": 3 }));
    assert_eq!(with.take("anyone").await.status, StatusCode::OK);
}
