//! A tenant's version: one step a write, and no write from a version nobody saw.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::sync::Arc;
use std::thread;

use proptest::prelude::*;

use super::*;
use crate::capacity::WhenFull;
use crate::limit::Burst;
use crate::rate::Rate;

fn limit(quota_per_s: f64, burst: u32) -> Limit {
    Limit { quota: Rate::per_second(quota_per_s).unwrap(), burst: Burst::of(burst).unwrap() }
}

fn name(text: &str) -> TenantName {
    TenantName::parse(text).unwrap()
}

fn config(text: &str) -> TenantConfig {
    TenantConfig::new(name(text), limit(100.0, 20))
}

fn new(configured: Vec<TenantConfig>) -> Result<Tenants, TenantsError> {
    let capacity = Capacity::of(1_000, WhenFull::Refuse).unwrap();
    Tenants::new(configured, limit(10.0, 10), None, capacity)
}

fn tenants() -> Tenants {
    new(vec![config("acme")]).unwrap()
}

fn subject(key: &str) -> Subject<'_> {
    Subject::parse(None, key).unwrap()
}

fn remaining(decision: &Decision) -> f64 {
    match decision.ruling {
        Ruling::Answered(Take::Granted { remaining } | Take::Refused { remaining, .. }) => remaining,
        Ruling::Answered(Take::BeyondBurst { .. }) | Ruling::Disabled | Ruling::OverCapacity => f64::NAN,
    }
}

fn quota_change(expected_version: u64, per_s: f64) -> TenantChange {
    TenantChange {
        expected_version,
        quota: Some(Rate::per_second(per_s).unwrap()),
        burst: None,
        enabled: None,
        keys_max: None,
    }
}

#[test]
fn a_write_changes_what_it_names_and_raises_the_version() {
    let tenants = tenants();
    let state = tenants.write(&name("acme"), &quota_change(1, 110.0), Tick::ZERO).unwrap();
    let expected = TenantState { quota_per_s: 110.0, ..config("acme").state(2) };
    assert_eq!(state, expected);
    assert_eq!(tenants.states(), [expected]);
}

#[test]
fn a_stale_write_changes_nothing_and_tells_how_it_is() {
    let tenants = tenants();
    let before = tenants.state(&name("acme")).unwrap();
    let refused = tenants.write(&name("acme"), &quota_change(7, 110.0), Tick::ZERO);
    assert!(matches!(refused, Err(WriteError::Stale(current)) if current == before));
    assert_eq!(tenants.state(&name("acme")), Some(before));
}

#[test]
fn an_unknown_key_cannot_be_written_though_it_is_served() {
    let tenants = tenants();
    let decision = tenants.take(&subject("stranger"), NonZeroU32::MIN, Tick::ZERO);
    assert_eq!(decision.traffic.tenant(), None);
    let refused = tenants.write(&name("stranger"), &quota_change(1, 1.0), Tick::ZERO);
    assert!(matches!(refused, Err(WriteError::Unknown(unknown)) if unknown == name("stranger")));
}

#[test]
fn a_disabled_tenant_keeps_its_tokens() {
    let tenants = tenants();
    let now = Tick::ZERO;
    let off = TenantChange { expected_version: 1, quota: None, burst: None, enabled: Some(false), keys_max: None };
    tenants.write(&name("acme"), &off, now).unwrap();
    assert_eq!(tenants.take(&subject("acme"), NonZeroU32::MIN, now).ruling, Ruling::Disabled);
    let on = TenantChange { expected_version: 2, quota: None, burst: None, enabled: Some(true), keys_max: None };
    tenants.write(&name("acme"), &on, now).unwrap();
    let answer = tenants.take(&subject("acme"), NonZeroU32::MIN, now).ruling;
    assert_eq!(answer, Ruling::Answered(Take::Granted { remaining: 19.0 }));
}

#[test]
fn names_are_unique_and_one_is_reserved() {
    let build = |names: &[&str]| {
        let configured = names.iter().map(|text| config(text)).collect();
        new(configured).err()
    };
    assert_eq!(build(&["acme", "acme"]), Some(TenantsError::Twice(name("acme"))));
    assert_eq!(build(&["other"]), Some(TenantsError::Reserved));
    let many: Vec<String> = (0..=TENANTS_MAX).map(|number| number.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(build(&many), Some(TenantsError::TooMany(TENANTS_MAX + 1)));
}

#[test]
fn a_request_belongs_to_the_tenant_it_names_or_else_to_the_one_its_key_fits() {
    let patterns = vec!["acme".parse().unwrap(), "acme/*".parse().unwrap()];
    let tenants = new(vec![TenantConfig { patterns, ..config("acme") }]).unwrap();
    let now = Tick::ZERO;
    let take = |tenant: Option<&str>, key: &str| {
        let decision = tenants.take(&Subject::parse(tenant, key).unwrap(), NonZeroU32::MIN, now);
        (decision.traffic.tenant().map(|name| name.as_str().to_owned()), remaining(&decision))
    };
    let acme = |left: f64| (Some("acme".to_owned()), left);
    assert_eq!(take(None, "acme/u1"), acme(19.0));
    assert_eq!(take(None, "acme/u2"), acme(19.0));
    assert_eq!(take(None, "acme/u1"), acme(18.0));
    assert_eq!(take(Some("acme"), "u1"), acme(19.0));
    assert_eq!(take(Some("acme/eu"), "u1"), acme(19.0));
    // Nobody's: each name has the default to itself, also for the same key.
    assert_eq!(take(Some("one"), "u1"), (None, 9.0));
    assert_eq!(take(Some("two"), "u1"), (None, 9.0));
    assert_eq!(take(None, "u1"), (None, 9.0));
}

#[test]
fn a_tenant_may_share_one_bucket_among_its_keys() {
    let shared = TenantConfig { bucket_per: BucketPer::Tenant, ..config("acme") };
    let tenants = new(vec![shared]).unwrap();
    let now = Tick::ZERO;
    for (key, left) in [("u1", 19.0), ("u2", 18.0), ("u1", 17.0)] {
        let decision = tenants.take(&Subject::parse(Some("acme"), key).unwrap(), NonZeroU32::MIN, now);
        assert_eq!(remaining(&decision), left);
    }
    assert_eq!(tenants.keys().get(&Some(name("acme"))), Some(&1));
}

#[test]
fn a_check_takes_nothing() {
    let tenants = tenants();
    for _ in 0..2 {
        let decision = tenants.ask(Ask::Check, &subject("acme"), NonZeroU32::MIN, Tick::ZERO);
        assert_eq!(remaining(&decision), 19.0);
    }
    assert_eq!(tenants.buckets().keys(), 0);
}

#[test]
fn tenants_come_and_go_and_a_name_never_goes_back_to_an_old_version() {
    let tenants = tenants();
    let now = Tick::ZERO;
    assert_eq!(tenants.put(config("beta"), None, now).unwrap().version, 1);
    assert!(matches!(tenants.put(config("beta"), None, now), Err(WriteError::Stale(_))));
    assert!(matches!(tenants.put(config("beta"), Some(7), now), Err(WriteError::Stale(_))));
    assert!(matches!(tenants.put(config("gamma"), Some(1), now), Err(WriteError::Unknown(_))));
    assert_eq!(tenants.put(config("beta"), Some(1), now).unwrap().version, 2);
    assert!(matches!(tenants.put(config("other"), None, now), Err(WriteError::Tenants(TenantsError::Reserved))));
    let greedy = TenantConfig { patterns: vec!["acme".parse().unwrap()], ..config("greedy") };
    let taken = tenants.put(greedy, None, now);
    assert!(
        matches!(taken, Err(WriteError::Tenants(TenantsError::PatternTaken { owner, .. })) if owner == name("acme"))
    );

    tenants.take(&subject("beta"), NonZeroU32::MIN, now);
    assert!(matches!(tenants.delete(&name("beta"), 1), Err(WriteError::Stale(_))));
    tenants.delete(&name("beta"), 2).unwrap();
    assert_eq!((tenants.state(&name("beta")), tenants.buckets().keys()), (None, 0));
    assert_eq!(tenants.take(&subject("beta"), NonZeroU32::MIN, now).traffic.tenant(), None);
    assert_eq!(tenants.put(config("beta"), None, now).unwrap().version, 4);
}

#[test]
fn what_was_changed_is_there_again_whatever_the_configuration_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tenants.journal");
    let now = Tick::ZERO;
    let open = || {
        let tenants = new(vec![config("acme"), config("beta")]).unwrap();
        tenants.keep_in(&path).unwrap();
        tenants
    };
    let tenants = open();
    tenants.write(&name("acme"), &quota_change(1, 0.1 + 0.2), now).unwrap();
    tenants.delete(&name("beta"), 1).unwrap();
    // A pattern changes hands, from one that comes earlier in the journal to one that comes later and back.
    let with = |who: &str, pattern: &str| TenantConfig { patterns: vec![pattern.parse().unwrap()], ..config(who) };
    tenants.put(with("m", "p*"), None, now).unwrap();
    tenants.put(with("m", "q*"), Some(3), now).unwrap();
    tenants.put(with("c", "p*"), None, now).unwrap();
    let states = tenants.states();
    drop(tenants);
    let tenants = open();
    assert_eq!(tenants.states(), states);
    assert_eq!(tenants.take(&subject("px"), NonZeroU32::MIN, now).traffic.tenant(), Some(&name("c")));
    assert!(tenants.put(config("beta"), None, now).unwrap().version > 2);
}

#[test]
fn of_writers_from_one_version_exactly_one_wins() {
    let tenants = Arc::new(tenants());
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let tenants = Arc::clone(&tenants);
            thread::spawn(move || tenants.write(&name("acme"), &quota_change(1, f64::from(writer)), Tick::ZERO).is_ok())
        })
        .collect();
    let won = writers.into_iter().map(|writer| writer.join().unwrap()).filter(|won| *won).count();
    assert_eq!(won, 1);
    assert_eq!(tenants.state(&name("acme")).unwrap().version, 2);
}

proptest! {
    #[test]
    fn the_version_counts_the_writes_that_were_made(
        writes in prop::collection::vec((0_u64..12, 0.0_f64..1e9, prop::option::of(1_u32..100), any::<bool>()), 0..60),
    ) {
        let tenants = tenants();
        let mut expected = tenants.state(&name("acme")).unwrap();
        for (expected_version, per_s, burst, enabled) in writes {
            let change = TenantChange {
                expected_version,
                quota: Some(Rate::per_second(per_s).unwrap()),
                burst: burst.map(|tokens| Burst::of(tokens).unwrap()),
                enabled: Some(enabled),
                keys_max: None,
            };
            let written = tenants.write(&name("acme"), &change, Tick::ZERO);
            prop_assert_eq!(written.is_ok(), expected_version == expected.version);
            if written.is_ok() {
                expected.version += 1;
                expected.quota_per_s = per_s;
                expected.burst = burst.unwrap_or(expected.burst);
                expected.enabled = enabled;
            }
            prop_assert_eq!(tenants.state(&name("acme")).unwrap(), expected.clone());
        }
    }
}
