//! What `/v1/take` answers.

use reqwest::StatusCode;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::running::{Answer, Running, tenant};

#[tokio::test]
async fn a_burst_is_granted_and_then_refused_with_the_time_to_wait() {
    let server = Running::start(vec![tenant("acme", 0.2, 3)], None).await;
    for remaining in [2, 1, 0] {
        let answer = server.take("acme").await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.body.get("granted"), Some(&json!(true)));
        // A little may have come in since.
        let told = answer.body.get("remaining").unwrap().as_f64().unwrap();
        assert_eq!(told.floor(), f64::from(remaining));
    }
    let answer = server.take("acme").await;
    assert_eq!((answer.status, answer.body.get("granted")), (StatusCode::TOO_MANY_REQUESTS, Some(&json!(false))));
    let wait_s = answer.body.get("retry_after_s").unwrap().as_f64().unwrap();
    assert!(wait_s > 0.0 && wait_s <= 5.001, "{wait_s}");
    assert_eq!(answer.retry_after.unwrap(), wait_s.ceil().to_string());
}

#[tokio::test]
async fn a_quota_of_zero_refuses_for_the_longest_time_told() {
    let server = Running::start(vec![tenant("acme", 0.0, 3)], None).await;
    let answer = server.take("acme").await;
    assert_eq!((answer.status.as_u16(), answer.retry_after.as_deref()), (429, Some("3600")));
    assert_eq!(answer.header("ratelimit"), Some(r#""acme";r=0"#));
}

#[tokio::test]
async fn each_unknown_key_has_the_default_to_itself() {
    let server = Running::start(vec![], None).await;
    for key in ["one", "another"] {
        let statuses = [server.take(key).await, server.take(key).await, server.take(key).await];
        assert_eq!(statuses.map(|answer| answer.status.as_u16()), [200, 200, 429]);
    }
}

#[tokio::test]
async fn several_tokens_are_taken_at_once() {
    let server = Running::start(vec![tenant("acme", 0.2, 10)], None).await;
    let answer = server.post_take(json!({ "key": "acme", "tokens": 10 }).to_string()).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(server.take("acme").await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn what_cannot_be_granted_is_told_apart() {
    let server = Running::start(vec![tenant("acme", 1.0, 3)], None).await;
    let long = "k".repeat(257);
    for (body, status, code) in [
        ("{".to_owned(), 400, "malformed_json"),
        (String::new(), 400, "malformed_json"),
        (r#"{"key":"acme","tokens":1e999}"#.to_owned(), 422, "invalid_body"),
        (r#"{"key":"acme","tokens":1e18}"#.to_owned(), 422, "invalid_body"),
        (r#"{"key":"acme","key":"b"}"#.to_owned(), 422, "invalid_body"),
        (r#"["acme","k",1]"#.to_owned(), 422, "invalid_body"),
        (r#"["acme","k",1"#.to_owned(), 400, "malformed_json"),
        (r#"{"key":"acme"} {}"#.to_owned(), 400, "malformed_json"),
        (json!({ "key": "acme", "tokens": 4 }).to_string(), 422, "beyond_burst"),
        (json!({ "key": "acme", "tokens": 0 }).to_string(), 422, "invalid_body"),
        (json!({ "key": "acme", "tokens": 99_999_999_999_u64 }).to_string(), 422, "invalid_body"),
        (json!({ "tenant": "", "key": "acme" }).to_string(), 422, "invalid_body"),
        (json!({ "tenant": long, "key": "acme" }).to_string(), 422, "invalid_body"),
        (json!({ "key": "acme", "tokens": -1 }).to_string(), 422, "invalid_body"),
        (json!({ "key": "acme", "tokens": 1.5 }).to_string(), 422, "invalid_body"),
        (json!({ "key": "acme", "token": 1 }).to_string(), 422, "invalid_body"),
        (json!({ "tokens": 1 }).to_string(), 422, "invalid_body"),
        (json!({ "key": "" }).to_string(), 422, "invalid_body"),
        (json!({ "key": long }).to_string(), 422, "invalid_body"),
        (json!({ "key": "k".repeat(17 * 1024) }).to_string(), 413, "body_too_large"),
    ] {
        let answer = server.post_take(body.clone()).await;
        assert_eq!(answer.error(), (status, code), "{body:.80}");
        let message = answer.body["error"]["message"].as_str().unwrap();
        assert!(!["u32", "struct", "TakeRequest"].iter().any(|name| message.contains(name)), "{message}");
    }
    // The longest key that is allowed, and the tokens of the burst, are still there.
    assert_eq!(server.take(&"k".repeat(256)).await.status, StatusCode::OK);
    let all = server.post_take(json!({ "key": "acme", "tokens": 3 }).to_string()).await;
    assert_eq!(all.status, StatusCode::OK);
}

#[tokio::test]
async fn who_announces_too_large_a_body_need_not_send_it() {
    let server = Running::start(vec![], None).await;
    let mut stream = TcpStream::connect(server.data.strip_prefix("http://").unwrap()).await.unwrap();
    let head = "POST /v1/take HTTP/1.1\r\nhost: here\r\nexpect: 100-continue\r\ncontent-length: 16385\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
}

#[tokio::test]
async fn every_answer_of_a_bucket_tells_how_it_stands() {
    let server = Running::start(vec![tenant("acme", 0.2, 3)], None).await;
    let answer = server.take("acme").await;
    assert_eq!(answer.header("ratelimit-policy"), Some(r#""acme";q=3;w=15"#));
    assert_eq!(answer.header("ratelimit"), Some(r#""acme";r=2;t=5"#));
    server.take("acme").await;
    server.take("acme").await;
    let refused = server.take("acme").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.header("ratelimit"), Some(r#""acme";r=0;t=15"#));
    let stranger = server.take("stranger").await;
    assert_eq!(stranger.header("ratelimit-policy"), Some(r#""default";q=2;w=2"#));
    let beyond = server.post_take(json!({ "key": "acme", "tokens": 4 }).to_string()).await;
    assert_eq!(beyond.header("ratelimit"), None);
}

#[tokio::test]
async fn a_check_answers_as_a_take_would_and_takes_nothing() {
    let server = Running::start(vec![tenant("acme", 0.2, 3)], None).await;
    for _ in 0..3 {
        let answer = server.get("/v1/check?key=acme&tokens=3").await;
        assert_eq!((answer.status.as_u16(), &answer.body), (200, &json!({ "granted": true, "remaining": 0.0 })));
    }
    server.take("acme").await;
    let refused = server.get("/v1/check?tenant=acme&key=acme").await;
    assert_eq!(refused.status, StatusCode::OK, "a key under a named tenant has a bucket of its own");
    let refused = server.get("/v1/check?key=acme&tokens=3").await;
    assert_eq!((refused.status.as_u16(), refused.retry_after.is_some()), (429, true));
    assert_eq!(server.metric(r#"ratelimiter_requests_total{tenant="acme",result="refused"}"#).await, 0.0);
    for query in ["", "?key=", "?key=acme&tokens=0", "?key=acme&tokens=-1", "?key=acme&tokens=99999999999", "?kye=acme"]
    {
        let answer = server.get(&format!("/v1/check{query}")).await;
        assert_eq!(answer.error(), (422, "invalid_body"), "{query}");
        let message = answer.body["error"]["message"].as_str().unwrap();
        assert!(!message.contains("deserialize"), "{message}");
    }
}

#[tokio::test]
async fn a_batch_answers_each_take_for_itself_or_is_refused_as_a_whole() {
    let server = Running::start(vec![tenant("acme", 0.2, 3)], None).await;
    let batch = |takes: serde_json::Value| {
        let body = json!({ "takes": takes }).to_string();
        Answer::of(server.client.post(format!("{}/v1/take/batch", server.data)).body(body))
    };
    let wrong = batch(json!([{ "key": "acme" }, { "key": "acme", "tokens": 0 }])).await;
    assert_eq!(wrong.error(), (422, "invalid_body"));
    let takes =
        json!([{ "key": "acme", "tokens": 3 }, { "key": "acme" }, { "key": "acme", "tokens": 4 }, { "key": "b" }]);
    let answer = batch(takes).await;
    let results = answer.body.get("results").unwrap().as_array().unwrap();
    let granted: Vec<bool> = results.iter().map(|result| result["granted"].as_bool().unwrap()).collect();
    assert_eq!((answer.status.as_u16(), granted), (200, vec![true, false, false, true]));
    assert_eq!(results[2]["error"]["code"], "beyond_burst");
    assert!(results[1]["retry_after_s"].as_f64().unwrap() > 0.0);
    assert_eq!(batch(json!([])).await.error(), (422, "invalid_body"));
    let unnamed = batch(json!([["acme", "k", 1]])).await;
    assert_eq!(unnamed.error(), (422, "invalid_body"));
    assert!(unnamed.body["error"]["message"].as_str().unwrap().contains("expected an object"));
    let many: Vec<_> = (0..101).map(|number| json!({ "key": number.to_string() })).collect();
    assert_eq!(batch(json!(many)).await.error(), (422, "invalid_body"));
}

#[tokio::test]
async fn a_disabled_tenant_is_turned_away() {
    let server = Running::start(vec![tenant("acme", 1.0, 3)], None).await;
    let off = server.patch("acme", json!({ "expected_version": 1, "enabled": false })).await;
    assert_eq!(off.status, StatusCode::OK);
    assert_eq!(server.take("acme").await.error(), (403, "disabled"));
    let disabled = r#"ratelimiter_requests_total{tenant="acme",result="disabled"}"#;
    assert_eq!(server.metric(disabled).await, 1.0);
    assert_eq!(server.metric(r#"ratelimiter_tenant_enabled{tenant="acme"}"#).await, 0.0);
}

#[tokio::test]
async fn other_paths_and_methods_are_errors_of_the_same_shape() {
    let server = Running::start(vec![], None).await;
    let nowhere = Answer::of(server.client.get(format!("{}/v1/nothing", server.data))).await;
    assert_eq!(nowhere.error(), (404, "no_such_route"));
    let get = Answer::of(server.client.get(format!("{}/v1/take", server.data))).await;
    assert_eq!(get.error(), (405, "method_not_allowed"));
    let health = server.client.get(format!("{}/healthz", server.data)).send().await.unwrap();
    assert_eq!((health.status().as_u16(), health.text().await.unwrap().as_str()), (200, "ok"));
}
