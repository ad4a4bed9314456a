//! How the server ends, and why it may not begin.

use std::time::Duration;

use leeway_rate_limiter::{Server, ServerConfig};
use reqwest::StatusCode;
use serde_json::json;

use crate::running::{Running, limit, tenant, upstream};

#[tokio::test]
async fn a_request_under_way_is_answered_and_no_new_one_is_taken() {
    let mut server = Running::start(vec![tenant("acme", 1000.0, 100)], upstream(1, 500)).await;
    let request = server.client.post(format!("{}/v1/take", server.data)).body(json!({ "key": "acme" }).to_string());
    let under_way = tokio::spawn(request.send());
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.tell_to_stop();
    assert_eq!(under_way.await.unwrap().unwrap().status(), StatusCode::OK);
    let (client, health) = (server.client.clone(), format!("{}/healthz", server.data));
    // Connections that stay open for more requests do not keep the server up.
    tokio::time::timeout(Duration::from_secs(5), server.ended()).await.unwrap().unwrap();
    assert!(client.get(health).send().await.unwrap_err().is_connect());
}

#[tokio::test]
async fn a_taken_port_and_an_address_elsewhere_name_their_flag() {
    let server = Running::start(vec![], None).await;
    let taken = server.data.strip_prefix("http://").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let admin_token_file = folder.path().join("admin.token");
    let start = async |listen: &str, admin: &str| {
        let config = ServerConfig {
            listen: listen.parse().unwrap(),
            admin: admin.parse().unwrap(),
            ..ServerConfig::on_free_ports(admin_token_file.clone(), limit(1.0, 1))
        };
        Server::bind(config).await.unwrap_err().to_string()
    };
    let error = start("127.0.0.1:0", taken).await;
    assert!(error.contains(taken) && error.contains("`--admin`"), "{error}");
    let error = start(taken, "127.0.0.1:0").await;
    assert!(error.contains(taken) && error.contains("`--listen`"), "{error}");
    let error = start("0.0.0.0:0", "127.0.0.1:0").await;
    assert!(error.contains("`--listen`") && error.contains("loopback only"), "{error}");
    assert!(!admin_token_file.exists(), "a server that cannot start leaves a file behind");
}
