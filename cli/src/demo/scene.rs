//! The scenes. Each changes the load or hands in a proposal, and then waits for what the enforcer does by itself.

use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use leeway_engine::{Entry, OperationId, Outcome, Principal, Proposal, Purpose, Record, State, Tier, Verdict};
use leeway_units::{Call, Quantity, Value};

use crate::demo::stage::Stage;

/// What the demo shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scene {
    Allowed,
    Approval,
    Forbidden,
    Rollback,
    Breaker,
}

/// How long a scene waits for a step: windows of five seconds, cooldowns and verification included.
const STEP: Duration = Duration::from_secs(20);

/// How long the open breaker is watched to see that nothing is done.
const QUIET: Duration = Duration::from_secs(4);

/// How far above its quota the tenant asks so that the rule `grow` sees it, per second.
const ABOVE_QUOTA: f64 = 9.0;

/// What the tenant asks for when its surge comes, per second: more than the upstream can serve.
const SURGE: f64 = 500.0;

impl Scene {
    pub(crate) const ALL: [Scene; 5] =
        [Scene::Allowed, Scene::Approval, Scene::Forbidden, Scene::Rollback, Scene::Breaker];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Scene::Allowed => "allowed",
            Scene::Approval => "approval required",
            Scene::Forbidden => "forbidden",
            Scene::Rollback => "rollback",
            Scene::Breaker => "breaker",
        }
    }

    pub(crate) fn promise(self) -> &'static str {
        match self {
            Scene::Allowed => "a tenant is refused while there is headroom; its quota grows by 10%",
            Scene::Approval => "an agent wants far more; a person decides",
            Scene::Forbidden => "an agent wants to switch the tenant off; nobody may",
            Scene::Rollback => "a raise lets a surge through, p99 breaks its objective, the raise is taken back",
            Scene::Breaker => "the admin token is rotated, three writes fail, nothing more is done",
        }
    }
}

/// Waits until every metric is known: windows of five seconds must fill before anybody can judge by them.
pub(crate) async fn warm_up(stage: &mut Stage) -> Result<(), String> {
    let all_known = |entry: &Entry| {
        matches!(&entry.record, Record::Observed { facts, metrics, .. }
            if facts.values().chain(metrics.values()).all(Result::is_ok))
    };
    stage.watcher.next("a look at everything", STEP, all_known).await.map(drop)
}

/// Plays one scene. What did not happen as promised is the error.
pub(crate) async fn play(scene: Scene, stage: &mut Stage, patience: Duration) -> Result<(), String> {
    match scene {
        Scene::Allowed => allowed(stage).await,
        Scene::Approval => approval(stage, patience).await,
        Scene::Forbidden => forbidden(stage).await,
        Scene::Rollback => rollback(stage).await,
        Scene::Breaker => breaker(stage).await,
    }
}

async fn allowed(stage: &mut Stage) -> Result<(), String> {
    let before = quota(stage).await?;
    ask_above_quota(stage, before, ABOVE_QUOTA)?;
    let operation = rule_raises(stage, before).await?;
    confirmed(stage, operation).await
}

async fn approval(stage: &mut Stage, patience: Duration) -> Result<(), String> {
    let before = quota(stage).await?;
    let wanted = Quantity::new(before.unit(), before.base() * 2.0).ok_or("no such quota")?;
    let operation = propose(stage, "agent:atlas", set_quota(wanted), "a campaign starts at noon").await?;
    let verdict = verdict(stage, operation).await?;
    expect_tier(&verdict, Tier::ApprovalRequired)?;
    let answered = |entry: &Entry| matches!(entry.record, Record::Approved { .. } | Record::Rejected { .. });
    let answer = of(stage, operation, "an answer", patience + STEP, answered).await?;
    // A person who says no is obeyed: nothing is done.
    if matches!(answer.record, Record::Rejected { .. }) { Ok(()) } else { confirmed(stage, operation).await }
}

async fn forbidden(stage: &mut Stage) -> Result<(), String> {
    let off = Call { action: "set_enabled".into(), arguments: vec![("on".into(), Value::Bool(false))] };
    let before = quota(stage).await?;
    let nothing = Quantity::new(before.unit(), 0.0).ok_or("no such quota")?;
    for call in [off, set_quota(nothing)] {
        let operation = propose(stage, "agent:atlas", call, "it is only a test tenant").await?;
        let verdict = verdict(stage, operation).await?;
        expect_tier(&verdict, Tier::Forbidden)?;
        let voice = verdict.deciding().ok_or("no clause spoke")?;
        if voice.at.is_none() || verdict.suggest.is_empty() {
            return Err("the refusal names no clause or nothing that would be allowed".to_owned());
        }
        of(stage, operation, "the refusal", STEP, |entry| entry.record.state() == Some(State::Refused)).await?;
    }
    Ok(())
}

async fn rollback(stage: &mut Stage) -> Result<(), String> {
    let before = quota(stage).await?;
    let wanted = Quantity::from_sample(before.unit(), SURGE + 100.0).ok_or("no such quota")?;
    let operation = propose(stage, "human:ada", set_quota(wanted), "let the surge through").await?;
    let verdict = verdict(stage, operation).await?;
    expect_tier(&verdict, Tier::Allowed)?;
    of(stage, operation, "the raise", STEP, |entry| matches!(entry.record, Record::Done { .. })).await?;
    // The surge comes now, and more of it passes than the upstream can serve.
    set_load(stage, SURGE)?;
    let failed = |entry: &Entry| {
        matches!(entry.record, Record::Verified { purpose: Purpose::Act, outcome: Outcome::Failed, .. })
    };
    of(stage, operation, "a failed verification", STEP, failed).await?;
    of(stage, operation, "the rollback", STEP, |entry| entry.record.state() == Some(State::RolledBack)).await?;
    // The surge has found a wall and goes.
    set_load(stage, before.to_sample())?;
    match quota_seen(stage).await? {
        seen if seen == before => Ok(()),
        seen => Err(format!("the quota is {seen} after the rollback, and was {before}")),
    }
}

async fn breaker(stage: &mut Stage) -> Result<(), String> {
    // One operation that works comes first: three failures in a row are three, not one and the rollback before.
    let before = quota(stage).await?;
    ask_above_quota(stage, before, ABOVE_QUOTA)?;
    let operation = rule_raises(stage, before).await?;
    confirmed(stage, operation).await?;

    let last = quota(stage).await?;
    stage.rotate_token()?;
    ask_above_quota(stage, last, ABOVE_QUOTA * 3.0)?;
    let mut failures = 0;
    loop {
        let entry = stage
            .watcher
            .next("the open breaker", STEP, |entry| {
                matches!(entry.record, Record::NotDone { .. } | Record::BreakerOpened { .. })
            })
            .await?;
        let Record::NotDone { why, .. } = &entry.record else { break };
        if !why.contains("401") {
            return Err(format!("a write failed for another reason: {why}"));
        }
        failures += 1;
    }
    if failures != 3 {
        return Err(format!("the breaker opened after {failures} failed writes, not after three"));
    }
    let refused = |entry: &Entry| {
        matches!(&entry.record, Record::Decided { verdict, .. }
            if verdict.deciding().is_some_and(|voice| voice.kind.as_ref() == "breaker"))
    };
    stage.watcher.next("a refusal by the breaker", STEP, refused).await?;
    let acts = |entry: &Entry| matches!(entry.record, Record::Intended { .. });
    if stage.watcher.next("an act", QUIET, acts).await.is_ok() {
        return Err("something was done although the breaker is open".to_owned());
    }
    match quota(stage).await? {
        seen if seen == last => Ok(()),
        seen => Err(format!("the quota is {seen}, and was {last} when the breaker opened")),
    }
}

/// Waits for the rule to raise the quota, and checks that it does so by at most 10% and without asking.
async fn rule_raises(stage: &mut Stage, before: Quantity) -> Result<OperationId, String> {
    let proposed = stage
        .watcher
        .next(
            "a proposal of rule `grow`",
            STEP,
            |entry| matches!(&entry.record, Record::Proposed { proposal } if proposal.actor() == "rule:grow"),
        )
        .await?;
    let operation = proposed.operation.ok_or("a proposal without a number")?;
    let verdict = verdict(stage, operation).await?;
    expect_tier(&verdict, Tier::Allowed)?;
    let Record::Proposed { proposal } = &proposed.record else { return Err("no proposal".to_owned()) };
    let wanted = proposal.call.argument("to").and_then(Value::quantity).ok_or("the rule wants no quota")?;
    let ten_percent = Quantity::new(leeway_units::Unit::Ratio, 10.0).ok_or("no such ratio")?;
    match wanted.is_within(ten_percent, before) {
        Some(true) => Ok(operation),
        _ => Err(format!("the rule wants {wanted} from {before}")),
    }
}

async fn confirmed(stage: &mut Stage, operation: OperationId) -> Result<(), String> {
    let ends = |entry: &Entry| entry.record.state().is_some_and(|state| !state.is_open());
    let end = of(stage, operation, "the confirmation", STEP, ends).await?;
    match end.record.state() {
        Some(State::Confirmed) => Ok(()),
        state => Err(format!("operation {operation} ended as {}", state.map_or("nothing", State::name))),
    }
}

async fn verdict(stage: &mut Stage, operation: OperationId) -> Result<Verdict, String> {
    let decided = |entry: &Entry| matches!(entry.record, Record::Decided { .. });
    let entry = of(stage, operation, "the decision", STEP, decided).await?;
    let Record::Decided { verdict, .. } = &entry.record else { return Err("no decision".to_owned()) };
    Ok(verdict.as_ref().clone())
}

fn expect_tier(verdict: &Verdict, tier: Tier) -> Result<(), String> {
    if verdict.tier == tier {
        Ok(())
    } else {
        Err(format!("`{}` is {} and was to be {tier}", verdict.proposal, verdict.tier))
    }
}

/// The next record of that operation that `wanted` accepts.
async fn of(
    stage: &mut Stage,
    operation: OperationId,
    what: &str,
    time: Duration,
    wanted: impl Fn(&Entry) -> bool,
) -> Result<Arc<Entry>, String> {
    stage.watcher.next(what, time, |entry| entry.operation == Some(operation) && wanted(entry)).await
}

/// Hands a proposal in through the one door. The records are read afterwards, in their order.
async fn propose(stage: &Stage, actor: &str, call: Call, because: &str) -> Result<OperationId, String> {
    let actor = Principal::parse(actor).map_err(|error| error.to_string())?;
    let proposal = Proposal::new(actor, call, Some(because.into()));
    stage.handle.propose(proposal).await.map_err(|error| error.to_string())
}

fn set_quota(to: Quantity) -> Call {
    Call { action: "set_quota".into(), arguments: vec![("to".into(), Value::Quantity(to))] }
}

/// The quota as the limiter shows it in its next answer.
async fn quota(stage: &mut Stage) -> Result<Quantity, String> {
    stage.watcher.catch_up();
    quota_seen(stage).await
}

async fn quota_seen(stage: &mut Stage) -> Result<Quantity, String> {
    stage.watcher.next("a look at the limiter", STEP, |entry| matches!(entry.record, Record::Observed { .. })).await?;
    stage.watcher.quota.ok_or_else(|| "the limiter shows no quota".to_owned())
}

fn set_load(stage: &Stage, per_second: f64) -> Result<(), String> {
    stage.load.set_rate("acme", per_second).map_err(|error| error.to_string())
}

fn ask_above_quota(stage: &Stage, quota: Quantity, by: f64) -> Result<(), String> {
    set_load(stage, quota.to_sample() + by)
}
