//! Killed with SIGKILL at fixed points and started again, the enforcer knows what it had begun, neither repeats nor forgets it.

use leeway_engine::{OperationId, Record, State};

use crate::place::{Place, outcome};

/// A rule that wants one write, whatever the load.
const ONE_RAISE: &str = r#"
  metric refused: rate = scrape rate("ratelimiter_requests_total{tenant=\"acme\",result=\"refused\"}", 5s) every 1s stale 3s
  rule raise { when current.quota < 150/s propose set_quota(to: 150/s) }
  allow set_quota(to) when to <= 200/s
  verify set_quota { within 10s current.quota == to } else rollback
"#;

const VERSION: &str = "ratelimiter_tenant_version{tenant=\"acme\"}";
const QUOTA: &str = "ratelimiter_tenant_quota_per_second{tenant=\"acme\"}";

/// Runs until the enforcer stands still at `point`, kills it there and starts it again; gives the first operation's number.
fn killed_at(place: &Place, point: &str, arrived: bool) -> OperationId {
    assert_eq!(place.gauge(VERSION), 1.0);
    let mut enforcer = place.enforce(&format!("{point}=sleep(120000)"));
    let operation = place.wait_for("intended", |_| true).operation.unwrap();
    if arrived {
        place.wait("the write", || (place.gauge(VERSION) == 2.0).then_some(()));
    }
    enforcer.kill();
    let (code, out, _) = outcome(&mut place.leeway(&["audit", "verify", "--data", "data"]));
    assert_eq!(code, 0, "{out}");
    assert!(place.entries("done").is_empty() && place.entries("not_done").is_empty());
    assert_eq!(place.gauge(VERSION), if arrived { 2.0 } else { 1.0 });
    operation
}

fn ended(place: &Place, operation: OperationId, state: State) {
    let kind = if state == State::Confirmed { "verified" } else { "not_done" };
    place.wait_for(kind, |entry| entry.operation == Some(operation) && entry.record.state() == Some(state));
}

fn begun(place: &Place, operation: OperationId) -> usize {
    place.entries("intended").iter().filter(|entry| entry.operation == Some(operation)).count()
}

#[test]
fn killed_when_the_intent_is_written_it_sees_that_nothing_happened() {
    let place = Place::new(ONE_RAISE);
    let first = killed_at(&place, "intent-written", false);
    let mut enforcer = place.enforce("");
    let told = || std::fs::read_to_string(place.path("enforcer.log")).unwrap();
    place.wait("word of what was left", || {
        told()
            .contains("taken up from the ledger: operation")
            .then_some(())
            .filter(|()| told().contains("the target is held"))
    });
    ended(&place, first, State::Failed);
    // The rule still wants the raise: that is an operation of its own, with its own number.
    let again = place.wait_for("verified", |entry| entry.record.state() == Some(State::Confirmed)).operation.unwrap();
    assert!(again > first);
    assert_eq!((begun(&place, first), begun(&place, again)), (1, 1));
    assert_eq!((place.gauge(VERSION), place.gauge(QUOTA)), (2.0, 150.0), "written once");
    assert_eq!(enforcer.terminate(), 0);
}

#[test]
fn killed_when_the_call_was_sent_it_finds_the_write_on_the_target() {
    let place = Place::new(ONE_RAISE);
    let first = killed_at(&place, "call-sent", true);
    let mut enforcer = place.enforce("");
    ended(&place, first, State::Confirmed);
    found_once(&place, first);
    assert_eq!(enforcer.terminate(), 0);
}

#[test]
fn killed_before_the_receipt_is_written_it_finds_the_write_on_the_target() {
    let place = Place::new(ONE_RAISE);
    let first = killed_at(&place, "receipt-not-written", true);
    let mut enforcer = place.enforce("");
    ended(&place, first, State::Confirmed);
    found_once(&place, first);
    assert_eq!(enforcer.terminate(), 0);
}

fn found_once(place: &Place, operation: OperationId) {
    let done = place.entries("done");
    assert!(matches!(done[0].record, Record::Done { found: true, .. }), "{:?}", done[0].record);
    assert_eq!((done.len(), begun(place, operation)), (1, 1));
    assert_eq!((place.gauge(VERSION), place.gauge(QUOTA)), (2.0, 150.0), "written once");
    let (code, out, _) = outcome(&mut place.leeway(&["audit", "verify", "--data", "data"]));
    assert_eq!(code, 0, "{out}");
}

#[test]
fn an_open_breaker_stays_open_over_a_restart_and_is_closed_by_a_person() {
    let place = Place::new(&format!("{ONE_RAISE}\n  limit breaker 3 failures\n"));
    let token = std::fs::read_to_string(place.path("admin.token")).unwrap();
    // The enforcer keeps the old token; the limiter has a new one.
    std::fs::write(place.path("old.token"), &token).unwrap();
    let config = std::fs::read_to_string(place.path("leeway.toml")).unwrap().replace("admin.token", "old.token");
    std::fs::write(place.path("leeway.toml"), config).unwrap();
    std::fs::write(place.path("admin.token"), "rotated-behind-its-back").unwrap();

    let mut enforcer = place.enforce("");
    place.wait_for("breaker_opened", |_| true);
    enforcer.kill();
    let failures = place.entries("not_done").len();
    assert_eq!(failures, 3);

    std::fs::write(place.path("admin.token"), &token).unwrap();
    let mut enforcer = place.enforce("");
    place.wait_for("decided", |entry| {
        matches!(&entry.record, Record::Decided { verdict, .. }
            if verdict.deciding().is_some_and(|voice| voice.kind.as_ref() == "breaker"))
    });
    assert_eq!(place.entries("intended").len(), 3, "nothing more is done");

    let (code, out, err) = outcome(&mut place.leeway(&["breaker", "reset", "acme", "--data", "data"]));
    assert_eq!(code, 0, "{out}{err}");
    place.wait_for("verified", |entry| entry.record.state() == Some(State::Confirmed));
    assert_eq!(place.gauge(QUOTA), 150.0);
    let (code, out, _) = outcome(&mut place.leeway(&["breaker", "reset", "acme", "--data", "data"]));
    assert_eq!((code, out.contains("nothing to reset")), (0, true), "{out}");
    let (code, _, err) = outcome(&mut place.leeway(&["breaker", "reset", "nobody", "--data", "data"]));
    assert_eq!((code, err.contains("knows no target `nobody`")), (2, true), "{err}");
    assert_eq!(enforcer.terminate(), 0);
}
