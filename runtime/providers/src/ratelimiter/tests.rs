//! The provider against a real rate limiter, and against a server that misbehaves.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a failed unwrap is a failed test")]

use leeway_engine::{Epoch, History, OperationId, Principal, Proposal, Sample, Snapshot, admit, evaluate};
use leeway_rate_limiter::{Burst, Limit, Rate, Server, ServerConfig, TenantConfig, TenantName, UpstreamConfig};
use leeway_units::Call;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use leeway_engine::Certainty;

fn policy() -> Policy {
    let text =
        "use std.ratelimiter\nblueprint t for ratelimiter.tenant(\"acme\") { allow any approve set_enabled, drain }";
    let compilation = leeway_driver::compile_text("t.leeway", text);
    compilation.policies.into_iter().next().unwrap_or_else(|| panic!("{:?}", compilation.diagnostics))
}

/// A limiter on ports of its own; its token lies in the folder.
async fn limiter(folder: &std::path::Path) -> ProviderConfig {
    let token_file = folder.join("admin.token");
    let limit = Limit { quota: Rate::per_second(100.0).unwrap(), burst: Burst::of(20).unwrap() };
    let server = Server::bind(ServerConfig {
        tenants: vec![TenantConfig::new(TenantName::parse("acme").unwrap(), limit)],
        upstream: Some(UpstreamConfig::new(2, Duration::from_millis(10)).unwrap()),
        ..ServerConfig::on_free_ports(token_file.clone(), limit)
    })
    .await
    .unwrap();
    let config = ProviderConfig {
        url: format!("http://{}", server.listen_address()),
        admin: format!("http://{}", server.admin_address()),
        token_file,
    };
    tokio::spawn(server.run(std::future::pending()));
    config
}

/// A warrant for `call` on what `seen` shows, as the enforcer gets one.
fn warrant(policy: &Policy, seen: &Seen, call: &str) -> Warrant {
    let at = Timestamp::now();
    let mut snapshot = Snapshot::empty(policy, at);
    for (fact, series) in policy.facts.iter().zip(&mut snapshot.facts) {
        series.push(Sample { at, value: seen.facts[&fact.name].clone() });
    }
    snapshot.object_version.clone_from(&seen.object_version);
    let proposal = Proposal::new(Principal::parse("human:ada").unwrap(), Call::parse(call).unwrap(), None);
    let decision = evaluate(policy, &snapshot, &History::since(snapshot.at), &proposal);
    let approval = leeway_engine::Approval {
        by: Principal::parse("human:bob").unwrap(),
        binding: decision.binding(policy, &snapshot),
        at,
    };
    admit(policy, &snapshot, &decision, OperationId(1), &[approval], Epoch::default()).unwrap()
}

fn shown(seen: &Seen, fact: &str) -> String {
    seen.facts[fact].as_ref().unwrap().to_string()
}

#[tokio::test]
async fn every_action_of_the_target_is_done_and_seen() {
    let folder = tempfile::tempdir().unwrap();
    let (config, policy) = (limiter(folder.path()).await, policy());
    let limiter = RateLimiter::new(&config, &policy).unwrap();
    let seen = limiter.observe().await.unwrap();
    assert_eq!(
        ["quota", "burst", "version", "enabled", "workers"].map(|fact| shown(&seen, fact)),
        ["100/s", "20", "1", "true", "2"]
    );
    for (call, fact, value) in [
        ("set_quota(to: 110.5/s)", "quota", "110.5/s"),
        // Not whole per second: what comes back is still what was set.
        ("set_quota(to: 31/min)", "quota", "31/min"),
        ("set_quota(to: 57/h)", "quota", "57/h"),
        ("set_burst(to: 30)", "burst", "30"),
        ("set_enabled(on: false)", "enabled", "false"),
        ("set_enabled(on: true)", "enabled", "true"),
        ("drain()", "enabled", "false"),
        ("restart_workers()", "workers", "2"),
    ] {
        let seen = limiter.observe().await.unwrap();
        limiter.execute(warrant(&policy, &seen, call)).await.unwrap();
        let seen = limiter.observe().await.unwrap();
        assert_eq!(shown(&seen, fact), value, "{call}");
    }
}

#[tokio::test]
async fn a_stale_version_and_a_wrong_token_write_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (config, policy) = (limiter(folder.path()).await, policy());
    let limiter = RateLimiter::new(&config, &policy).unwrap();
    let old = limiter.observe().await.unwrap();
    limiter.execute(warrant(&policy, &old, "set_quota(to: 110/s)")).await.unwrap();
    let stale = limiter.execute(warrant(&policy, &old, "set_quota(to: 120/s)")).await.unwrap_err();
    assert_eq!((stale.certainty, stale.why.contains("409")), (Certainty::NotDone, true), "{}", stale.why);

    let wrong = ProviderConfig { token_file: folder.path().join("wrong"), ..config.clone() };
    std::fs::write(&wrong.token_file, "wrong-token").unwrap();
    let intruder = RateLimiter::new(&wrong, &policy).unwrap();
    let now = intruder.observe().await.unwrap();
    let refused = intruder.execute(warrant(&policy, &now, "set_quota(to: 120/s)")).await.unwrap_err();
    assert_eq!((refused.certainty, refused.why.contains("401")), (Certainty::NotDone, true), "{}", refused.why);
    assert!(!refused.why.contains("wrong-token"));

    std::fs::remove_file(&wrong.token_file).unwrap();
    let without = intruder.execute(warrant(&policy, &now, "set_quota(to: 120/s)")).await.unwrap_err();
    assert_eq!(without.certainty, Certainty::NotDone);
    assert_eq!(shown(&limiter.observe().await.unwrap(), "quota"), "110/s");
}

#[tokio::test]
async fn an_unknown_tenant_has_no_facts() {
    let folder = tempfile::tempdir().unwrap();
    let config = limiter(folder.path()).await;
    let mut policy = policy();
    policy.target.name = "nobody".into();
    let seen = RateLimiter::new(&config, &policy).unwrap().observe().await.unwrap();
    assert_eq!((&seen.facts["quota"], seen.object_version), (&Err(Gap::Missing), None));
}

/// A server that answers every connection with these bytes, and then hangs or closes.
async fn misbehaving(answer: Vec<u8>, hangs: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut request = vec![0; 4096];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(&answer).await;
                if hangs {
                    tokio::time::sleep(Duration::from_secs(60)).await;
                }
            });
        }
    });
    url
}

fn http(status: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

#[tokio::test]
async fn what_a_misbehaving_server_shows_is_no_evidence() {
    let folder = tempfile::tempdir().unwrap();
    let policy = policy();
    for (answer, gap) in [
        (http("500 Oops", b"no"), Gap::Failed),
        (http("302 Found", b""), Gap::Failed),
        (http("200 OK", b"<html>"), Gap::Invalid),
        (http("200 OK", b"\xff\xfe"), Gap::Invalid),
        (http("200 OK", &vec![b'x'; PAGE_BYTES_MAX + 1]), Gap::Invalid),
    ] {
        let url = misbehaving(answer, false).await;
        let config = ProviderConfig { url: url.clone(), admin: url, token_file: folder.path().join("t") };
        let seen = RateLimiter::new(&config, &policy).unwrap().observe().await.unwrap();
        assert_eq!((&seen.facts["quota"], &seen.page), (&Err(gap), &Err(gap)));
    }
    for answer in [b"garbage that is no HTTP\r\n\r\n".to_vec(), Vec::new()] {
        let url = misbehaving(answer, true).await;
        let config = ProviderConfig { url: url.clone(), admin: url, token_file: folder.path().join("t") };
        assert!(RateLimiter::new(&config, &policy).unwrap().observe().await.is_err());
    }
}

#[tokio::test]
async fn a_write_that_may_have_arrived_is_not_called_not_done() {
    let folder = tempfile::tempdir().unwrap();
    let (config, policy) = (limiter(folder.path()).await, policy());
    let seen = RateLimiter::new(&config, &policy).unwrap().observe().await.unwrap();
    for (admin, certainty) in [
        (misbehaving(http("500 Oops", b"\x1b[31mno"), false).await, Certainty::Unknown),
        (misbehaving(Vec::new(), true).await, Certainty::Unknown),
        (misbehaving(Vec::new(), false).await, Certainty::Unknown),
        ("http://127.0.0.1:1".to_owned(), Certainty::NotDone),
    ] {
        let limiter = RateLimiter::new(&ProviderConfig { admin, ..config.clone() }, &policy).unwrap();
        let error = limiter.execute(warrant(&policy, &seen, "set_quota(to: 110/s)")).await.unwrap_err();
        assert_eq!(error.certainty, certainty, "{}", error.why);
        assert!(!error.why.contains('\x1b'));
    }
}

#[test]
fn addresses_that_cannot_be_used_are_refused() {
    let policy = policy();
    for url in ["https://127.0.0.1", "ftp://127.0.0.1", "127.0.0.1:7070", "http://u:p@127.0.0.1", ""] {
        let config =
            ProviderConfig { url: url.to_owned(), admin: "http://127.0.0.1".to_owned(), token_file: "t".into() };
        assert!(RateLimiter::new(&config, &policy).is_err(), "{url}");
    }
    assert!(
        crate::provider(
            "nothing",
            &ProviderConfig { url: String::new(), admin: String::new(), token_file: "t".into() },
            &policy
        )
        .is_err()
    );
}

#[tokio::test]
async fn a_refusal_is_told_without_the_token_however_long_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (config, policy) = (limiter(folder.path()).await, policy());
    let seen = RateLimiter::new(&config, &policy).unwrap().observe().await.unwrap();
    let token = std::fs::read_to_string(&config.token_file).unwrap().trim().to_owned();
    let body = format!("not with {token}\r\n\x1b[2J{}", "x".repeat(3 * ERROR_BYTES_MAX));
    let admin = misbehaving(http("403 Forbidden", body.as_bytes()), false).await;
    let limiter = RateLimiter::new(&ProviderConfig { admin, ..config.clone() }, &policy).unwrap();
    let error = limiter.execute(warrant(&policy, &seen, "set_quota(to: 110/s)")).await.unwrap_err();
    assert_eq!(error.certainty, Certainty::NotDone);
    assert!(error.why.starts_with("the limiter answered 403 Forbidden: not with …[2Jxxx"), "{}", error.why);
    assert!(error.why.len() < 2 * ERROR_TOLD_MAX);
}

#[tokio::test]
async fn a_warrant_for_another_target_or_without_a_version_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (config, policy) = (limiter(folder.path()).await, policy());
    let limiter = RateLimiter::new(&config, &policy).unwrap();
    let mut seen = limiter.observe().await.unwrap();
    let mut other = policy.clone();
    other.target.name = "beta".into();
    let error = limiter.execute(warrant(&other, &seen, "set_quota(to: 110/s)")).await.unwrap_err();
    assert_eq!((error.certainty, error.why.as_str()), (Certainty::NotDone, "the warrant is for `beta`"));
    seen.object_version = None;
    let error = limiter.execute(warrant(&policy, &seen, "set_quota(to: 110/s)")).await.unwrap_err();
    assert_eq!(error.certainty, Certainty::NotDone);
    assert_eq!(shown(&limiter.observe().await.unwrap(), "version"), "1");
}
