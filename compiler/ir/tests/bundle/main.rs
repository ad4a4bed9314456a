//! Bundles: what is written is read back, and what was damaged, forged or made by hand is refused with its reason.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failed unwrap is a failed test")]

mod hostile;
mod keys;
mod reading;

use std::sync::LazyLock;

use leeway_ir::bundle::{self, BundleError};
use leeway_ir::{Fingerprint, Policy, canonical_digest};
use serde::Deserialize as _;
use serde_json::Value;

/// A blueprint with a member of every kind.
const EVERYTHING: &str = r#"
target queue(name: text) {
  enum mode { fast slow }
  collection workers { label: text mode: mode busy: bool load: ratio }
  fact depth: count stale 10s
  fact pace: rate
  fact how: mode
  fact open: bool
  action trim(to: count, how: mode) {
    effect depth = to
    undo trim(to: current.depth, how: fast)
    risk low
    verify { within 1m depth <= to }
  }
  action close() { effect open = false undo nothing disruptive }
  action erase(name: text) { irreversible risk high }
}

policy careful(most: count = 3) for queue {
  needs metric wait: duration
  forbid trim(to, ..) when to > most as most
  limit breaker 3 failures
}

/// Jobs.
blueprint jobs for queue("jobs é") {
  version "1.2.3"
  owner "team"
  label "origin" = "here"
  audit { retention 90d }
  include careful(most: 20)
  let most = 10
  let near = change(depth, 10m) / most
  metric wait: duration = scrape quantile(0.9, "wait", 1m)
  metric part: ratio = scrape "good" / "all"
  metric asked: rate = prometheus `sum(rate(asked_total[1m]))` every 5s untrusted
  metric spent: spend = constant $3/h
  metric json: number = http_json "/stats" at "/a/b"
  objective wait < 1s
  objective part in 90%..100%
  rule shrink { when depth > most for 2m propose trim(to: most, how: fast) because "{depth} wait" }
  allow trim(to, how) when to in most..depth and how != slow and wait within 10% of 1s
    else approve because "it is {wait}, {near}"
  approve close when (any worker in workers: (worker.busy and worker.label starts_with "a")) suggest trim(to: 1, how: slow)
  approve close when not known(workers) or (max worker in workers: worker.load) > 50% by "ops"
  approve close when (count worker in workers: worker.mode == slow) >= 2 or (sum worker in workers: worker.load) > 75% + 75%
  forbid close when during("Mon-Fri 09:00-17:00", "Europe/Berlin") and actor.kind == agent
  forbid trim(to, ..) when to == 0 or actor.id == "agent:x" as zero
  forbid close when avg(wait, 5m) > 2s or quantile(0.5, wait, 5m) > 1s or delta(part, 5m) < -5% or forecast(part, 1h) < 50%
  forbid close when count(trim, 1h) > 3 or since(close) < 5m or budget(served) < 10%
  forbid close when action.risk > low and not action.reversible and (pace ?? 1/s) > clamp(asked, 1/s, 5/s)
  forbid close when (if open then wait else 5s) > abs(0s - wait) and ceil(json) > 3 and round(json * 2) > 1
  approve erase(name) when name matches "^tmp-[0-9]+$" or name ends_with "!" or "admin" in actor.roles
  approve close when proposal.claims > 0 and part > asked / 10/s
  limit cooldown 1m after any
  limit at most 3 of disruptive per 10m
  limit pace 2 of any per 1m per actor
  limit drift depth 4 per 1h
  limit budget spent of $450/month at 80%
  limit freeze "Fri 16:00".."Mon 08:00" in "Europe/Berlin" except close
  approval { by "ops" quorum 2 timeout 30m escalate "leads" after 10m notify "slack:#x" }
  autonomy approve
  verify close { at 5s open == false within 1m depth < 3 hold 1m wait < 1s } else rollback
  slo served 99.9% over 30d { good = scrape rate("g", 1m) total = scrape rate("a", 1m) burn 6 6h 30m high }
  invariant short: depth < 100 because "{depth}"
}
"#;

fn policy(text: &str) -> Policy {
    let compilation = leeway_driver::compile_text("blueprints/jobs.leeway", text);
    let errors: Vec<_> = compilation.diagnostics.iter().filter(|finding| finding.is_error()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    compilation.policies.into_iter().next().unwrap()
}

static POLICY: LazyLock<Policy> = LazyLock::new(|| policy(EVERYTHING));

static UNSIGNED: LazyLock<String> = LazyLock::new(|| bundle::write(&POLICY, None).unwrap());

/// The members of a bundle.
fn opened(bundle: &str) -> Value {
    serde_json::from_str(bundle).unwrap()
}

/// A bundle of these members, with a digest and a fingerprint that fit: as a forger would make it.
fn sealed(mut document: Value) -> String {
    if let Ok(mut policy) = Policy::deserialize(&document["policy"]) {
        policy.fingerprint = Fingerprint::of(&policy);
        document["policy"]["fingerprint"] = policy.fingerprint.text().into();
    }
    document["digest"] = canonical_digest(&document["policy"]).into();
    serde_jcs::to_string(&document).unwrap()
}

fn refused(bundle: &str) -> BundleError {
    bundle::read(bundle.as_bytes(), &[]).unwrap_err()
}
