//! A limiter that is gone, or answers nonsense: the enforcer says so, does nothing on what it cannot see, and goes on when it can.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;

use leeway_engine::{Gap, Record};

use crate::place::{Place, start_limiter};

/// Wants a raise as soon as the quota can be seen.
const EAGER: &str = r#"
  metric refused: rate = scrape rate("ratelimiter_requests_total{tenant=\"acme\",result=\"refused\"}", 5s) every 1s stale 3s
  rule raise { when current.quota < 120/s propose set_quota(to: 120/s) }
  allow set_quota(to) when to <= 200/s
"#;

fn port(url: &str) -> String {
    url.trim_start_matches("http://").to_owned()
}

fn addresses(place: &Place) -> (String, String) {
    let config = std::fs::read_to_string(place.path("leeway.toml")).unwrap();
    let admin = config.lines().find_map(|line| line.strip_prefix("admin = ")).unwrap().trim_matches('"').to_owned();
    (port(&place.url), port(&admin))
}

#[test]
fn a_limiter_that_goes_and_comes_back() {
    let mut place = Place::new(EAGER);
    let (listen, admin) = addresses(&place);
    place.limiter.kill();
    let mut enforcer = place.enforce("");
    place.wait_for("unreachable", |_| true);
    std::thread::sleep(std::time::Duration::from_secs(3));
    assert!(place.entries("proposed").is_empty(), "nothing is proposed on what cannot be seen");
    assert_eq!(place.entries("unreachable").len(), 1, "said once");

    let (limiter, _, _) = start_limiter(place.folder.path(), &listen, &admin);
    place.limiter = limiter;
    place.wait_for("reachable", |_| true);
    place.wait_for("verified", |_| true);
    assert_eq!(place.gauge("ratelimiter_tenant_quota_per_second{tenant=\"acme\"}"), 120.0);
    assert_eq!(enforcer.terminate(), 0);
}

#[test]
fn a_limiter_that_answers_nonsense() {
    let mut place = Place::new(EAGER);
    let (listen, _) = addresses(&place);
    place.limiter.kill();
    let nonsense = TcpListener::bind(&listen).unwrap();
    std::thread::spawn(move || {
        for stream in nonsense.incoming().map_while(Result::ok) {
            let mut stream = stream;
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\nconnection: close\r\n\r\n\xff{{{ 1 } ");
        }
    });
    let mut enforcer = place.enforce("");
    let seen = place.wait_for("observed", |_| true);
    let Record::Observed { facts, .. } = &seen.record else { panic!("{seen:?}") };
    assert_eq!(facts["quota"], Err(Gap::Invalid));
    let unseen = place.wait_for("unseen", |_| true);
    let Record::Unseen { unknown } = &unseen.record else { panic!("{unseen:?}") };
    assert_eq!(unknown["quota"], Gap::Invalid);
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert!(place.entries("proposed").is_empty(), "nothing is proposed on nonsense");
    assert_eq!(enforcer.terminate(), 0);
}

#[test]
fn a_limiter_that_hangs_does_not_hang_the_enforcer() {
    let place = Place::new(EAGER);
    let stopped = Command::new("kill").args(["-STOP", &place.limiter.0.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    let mut enforcer = place.enforce("");
    place.wait_for("unreachable", |_| true);
    assert!(place.entries("proposed").is_empty());
    let goes_on = Command::new("kill").args(["-CONT", &place.limiter.0.id().to_string()]).status().unwrap();
    assert!(goes_on.success());
    place.wait_for("verified", |_| true);
    assert_eq!(enforcer.terminate(), 0);
}

#[test]
fn metrics_that_are_missing_are_named() {
    let place = Place::new(&EAGER.replace("ratelimiter_requests_total", "ratelimiter_misspelt_total"));
    let mut enforcer = place.enforce("");
    let unseen = place.wait_for("unseen", |_| true);
    let Record::Unseen { unknown } = &unseen.record else { panic!("{unseen:?}") };
    assert_eq!(unknown.iter().collect::<Vec<_>>(), [(&"refused".into(), &Gap::Missing)]);
    assert_eq!(enforcer.terminate(), 0);
    let told = std::fs::read_to_string(place.path("enforcer.log")).unwrap();
    assert!(told.contains("cannot be seen: `refused` (missing)"), "{told}");
}
