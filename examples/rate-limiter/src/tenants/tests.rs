//! A tenant's version: one step a write, and no write from a version nobody saw.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::sync::Arc;
use std::thread;

use proptest::prelude::*;

use super::*;
use crate::limit::Burst;
use crate::rate::Rate;

fn limit(quota_per_s: f64, burst: u32) -> Limit {
    Limit { quota: Rate::per_second(quota_per_s).unwrap(), burst: Burst::of(burst).unwrap() }
}

fn name(text: &str) -> TenantName {
    TenantName::parse(text).unwrap()
}

fn config(text: &str) -> TenantConfig {
    TenantConfig { name: name(text), limit: limit(100.0, 20) }
}

fn tenants() -> Tenants {
    Tenants::new(vec![config("acme")], limit(10.0, 10), Instant::now()).unwrap()
}

fn quota_change(expected_version: u64, per_s: f64) -> TenantChange {
    TenantChange { expected_version, quota: Some(Rate::per_second(per_s).unwrap()), burst: None, enabled: None }
}

#[test]
fn a_write_changes_what_it_names_and_raises_the_version() {
    let tenants = tenants();
    let state = tenants.write(&name("acme"), &quota_change(1, 110.0), Instant::now()).unwrap();
    let expected = TenantState { tenant: "acme".to_owned(), quota_per_s: 110.0, burst: 20, enabled: true, version: 2 };
    assert_eq!(state, expected);
    assert_eq!(tenants.states(), [expected]);
}

#[test]
fn a_stale_write_changes_nothing_and_tells_how_it_is() {
    let tenants = tenants();
    let before = tenants.state(&name("acme")).unwrap();
    let refused = tenants.write(&name("acme"), &quota_change(7, 110.0), Instant::now());
    assert_eq!(refused, Err(WriteError::Stale(before.clone())));
    assert_eq!(tenants.state(&name("acme")), Some(before));
}

#[test]
fn an_unknown_key_cannot_be_written_though_it_is_served() {
    let tenants = tenants();
    let decision = tenants.take(&name("stranger"), NonZeroU32::MIN, Instant::now());
    assert_eq!(decision.tenant, None);
    let refused = tenants.write(&name("stranger"), &quota_change(1, 1.0), Instant::now());
    assert_eq!(refused, Err(WriteError::Unknown(name("stranger"))));
}

#[test]
fn a_disabled_tenant_keeps_its_tokens() {
    let tenants = tenants();
    let now = Instant::now();
    let off = TenantChange { expected_version: 1, quota: None, burst: None, enabled: Some(false) };
    tenants.write(&name("acme"), &off, now).unwrap();
    assert_eq!(tenants.take(&name("acme"), NonZeroU32::MIN, now).ruling, Ruling::Disabled);
    let on = TenantChange { expected_version: 2, quota: None, burst: None, enabled: Some(true) };
    tenants.write(&name("acme"), &on, now).unwrap();
    let answer = tenants.take(&name("acme"), NonZeroU32::MIN, now).ruling;
    assert_eq!(answer, Ruling::Answered(Take::Granted { remaining: 19.0 }));
}

#[test]
fn names_are_unique_and_one_is_reserved() {
    let build = |names: &[&str]| {
        let configured = names.iter().map(|text| config(text)).collect();
        Tenants::new(configured, limit(1.0, 1), Instant::now()).err()
    };
    assert_eq!(build(&["acme", "acme"]), Some(TenantsError::Twice(name("acme"))));
    assert_eq!(build(&["other"]), Some(TenantsError::Reserved));
    let many: Vec<String> = (0..=TENANTS_MAX).map(|number| number.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(build(&many), Some(TenantsError::TooMany(TENANTS_MAX + 1)));
}

#[test]
fn of_writers_from_one_version_exactly_one_wins() {
    let tenants = Arc::new(tenants());
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let tenants = Arc::clone(&tenants);
            thread::spawn(move || {
                tenants.write(&name("acme"), &quota_change(1, f64::from(writer)), Instant::now()).is_ok()
            })
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
            };
            let written = tenants.write(&name("acme"), &change, Instant::now());
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
