//! What a load refuses to do.

use super::*;

fn refused(base_url: &str, rates: &[(&str, f64)], run_time: Duration) -> String {
    match Load::start(base_url, rates, run_time) {
        Ok(_) => "started".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn load_is_sent_to_this_machine_only() {
    let second = Duration::from_secs(1);
    for elsewhere in
        ["http://example.com", "http://10.0.0.1:80", "http://localhost.example.com", "http://[2001:db8::1]"]
    {
        assert!(refused(elsewhere, &[("acme", 1.0)], second).contains("is not loopback"), "{elsewhere}");
    }
    for no_url in ["", "127.0.0.1:7070", "https://127.0.0.1:7070", "file:///etc/passwd"] {
        assert!(refused(no_url, &[("acme", 1.0)], second).contains("is not a URL"), "{no_url}");
    }
    for here in ["http://127.0.0.1:9", "http://127.8.8.8:9", "http://localhost:9", "http://[::1]:9"] {
        assert_eq!(refused(here, &[("acme", 0.0)], second), "started", "{here}");
    }
}

#[tokio::test]
async fn rates_names_and_time_are_bounded() {
    let (here, second) = ("http://127.0.0.1:9", Duration::from_secs(1));
    assert!(refused(here, &[("acme", -1.0)], second).contains("a rate is from 0"));
    assert!(refused(here, &[("acme", 10_001.0)], second).contains("at most 10000/s"));
    assert!(refused(here, &[("", 1.0)], second).contains("may not be empty"));
    assert!(refused(here, &[("acme", 1.0), ("acme", 2.0)], second).contains("given twice"));
    assert!(refused(here, &[], second).contains("from 1 to 100 tenants"));
    assert!(refused(here, &[("acme", 1.0)], Duration::ZERO).contains("at most 1h"));
    assert!(refused(here, &[("acme", 1.0)], RUN_TIME_MAX + second).contains("at most 1h"));
}

#[test]
fn a_load_without_a_runtime_says_so() {
    assert!(refused("http://127.0.0.1:9", &[("acme", 1.0)], Duration::from_secs(1)).contains("tokio runtime"));
}
