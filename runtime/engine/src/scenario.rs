//! Plays a blueprint's tests: what is given becomes evidence, and every expectation is answered by the decision core.

mod timed;

use std::collections::BTreeSet;
use std::sync::Arc;

use leeway_ir::{ClauseKind, Expected, ExpectedKind, GivenOperation, Policy, RuleId, Scenario};
use leeway_units::{Call, Value};

use crate::breaker::Breaker;
use crate::compiled::Compiled;
use crate::decision::Decision;
use crate::expression::Scope;
use crate::history::{Ended, History, PastOperation};
use crate::intent::Facts;
use crate::proposal::{Principal, Proposal};
use crate::rules::propose;
use crate::series::{Series, ms_before};
use crate::snapshot::{Safety, Snapshot};
use crate::suggest::call;
use crate::tier::Tier;
use crate::truth::Truth;
use crate::verdict::Verdict;

/// Who proposes in a test that does not say.
const SOMEBODY: &str = "human:test";

/// How often facts are looked at in a test, in milliseconds, unless that is too seldom for them.
const LOOK_EVERY_MS: u64 = 15_000;

/// What came of a test.
#[derive(Clone, Debug, PartialEq)]
pub struct Played {
    /// One for each expectation, in order.
    pub outcomes: Vec<ExpectationOutcome>,
    /// For each clause of the policy, in order, which truth values it had in the decisions on actions that it speaks about.
    pub coverage: Vec<BTreeSet<Truth>>,
}

/// What came of one expectation.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectationOutcome {
    /// Whether it came as expected.
    pub met: bool,
    /// What was expected, as written.
    pub expected: String,
    /// What came.
    pub came: String,
    /// The verdict that it is about, with every voice that spoke; nothing where nothing was decided.
    pub verdict: Option<Verdict>,
}

/// Plays one test of the policy.
pub fn play(compiled: &Compiled, scenario: &Scenario) -> Played {
    let policy = compiled.policy().as_ref();
    if !scenario.series.is_empty() {
        return timed::play(policy, scenario);
    }
    let mut stage = Stage {
        compiled,
        policy,
        scenario,
        snapshot: snapshot(policy, scenario),
        history: history(scenario),
        proposed_by_rule: None,
        coverage: vec![BTreeSet::new(); policy.clauses.len()],
    };
    let outcomes = scenario.expect.iter().map(|expected| stage.answer(expected)).collect();
    Played { outcomes, coverage: stage.coverage }
}

struct Stage<'a> {
    compiled: &'a Compiled,
    policy: &'a Policy,
    scenario: &'a Scenario,
    snapshot: Snapshot,
    history: History,
    /// What the rule of the last expectation about one proposed, if it did.
    proposed_by_rule: Option<Proposal>,
    coverage: Vec<BTreeSet<Truth>>,
}

/// What a rule proposes, or in words why nothing.
type Proposed = Result<Proposal, &'static str>;

impl Stage<'_> {
    fn answer(&mut self, expected: &Expected) -> ExpectationOutcome {
        let (met, came, verdict) = match &expected.kind {
            ExpectedKind::Tier { tier, by } => self.tier(*tier, by.as_ref()),
            ExpectedKind::Proposes { rule, call: wanted } => {
                let wanted = call(self.policy, self.scope(), wanted);
                let proposed = self.rule(*rule);
                let met = matches!((&wanted, &proposed), (Some(wanted), Ok(proposal)) if proposal.call == *wanted);
                let mut came = words(&proposed);
                if wanted.is_none() {
                    came.push_str("; what is expected cannot be computed from what is given");
                }
                self.proposed_by_rule = proposed.ok();
                (met, came, None)
            }
            ExpectedKind::Silent { rule } => {
                let proposed = self.rule(*rule);
                (proposed.is_err(), words(&proposed), None)
            }
        };
        ExpectationOutcome { met, expected: expected.written.to_string(), came, verdict }
    }

    fn tier(&mut self, wanted: ClauseKind, by: Option<&Arc<str>>) -> (bool, String, Option<Verdict>) {
        let proposal = match self.proposal() {
            Ok(proposal) => proposal,
            Err(why) => return (false, why.to_owned(), None),
        };
        let verdict = self.decide(&proposal);
        let (met, came) = tier_outcome(&verdict, wanted, by);
        (met, came, Some(verdict))
    }

    /// What an expected tier is about: what the test proposes, or else what a rule did.
    fn proposal(&self) -> Proposed {
        if self.scenario.propose.is_none() {
            return self.proposed_by_rule.clone().ok_or("nothing was proposed");
        }
        proposal(self.scenario, self.policy, self.scope())
    }

    /// What a rule proposes: in its own name, unless the test says who proposes.
    fn rule(&self, rule: RuleId) -> Proposed {
        let said = propose(self.policy, &self.snapshot, &self.history).into_iter().find(|said| said.rule == rule);
        let Some(said) = said else { return Err("nothing, there is no such rule") };
        match (said.truth, said.proposal) {
            (Truth::True, Some(proposal)) => {
                let actors = actor(self.scenario).map_or(proposal.actors, |actor| vec![actor]);
                Ok(Proposal { actors, claims: self.scenario.claims.clone(), ..proposal })
            }
            (Truth::True, None) => Err("nothing, its arguments are unknown"),
            (Truth::False, _) => Err("nothing, its condition is false"),
            (Truth::Unknown, _) => Err("nothing, its condition is unknown"),
        }
    }

    fn decide(&mut self, proposal: &Proposal) -> Verdict {
        let decision = self.compiled.evaluate(&self.snapshot, &self.history, proposal);
        cover(self.policy, &decision, &proposal.call, &mut self.coverage);
        self.compiled.explain(&self.snapshot, &self.history, &decision)
    }

    fn scope(&self) -> Scope<'_> {
        Scope::bare(self.policy, &self.snapshot, Some(&self.history))
    }
}

/// What the test itself proposes.
fn proposal(scenario: &Scenario, policy: &Policy, scope: Scope<'_>) -> Proposed {
    let proposed = scenario.propose.as_ref().ok_or("nothing was proposed")?;
    let call = call(policy, scope, proposed).ok_or("nothing, its arguments are unknown")?;
    let actor = actor(scenario).or_else(|| Principal::parse(SOMEBODY).ok()).ok_or("nothing, nobody proposes it")?;
    Ok(Proposal { claims: scenario.claims.clone(), ..Proposal::new(actor, call, None) })
}

fn actor(scenario: &Scenario) -> Option<Principal> {
    let given = scenario.actor.as_ref()?;
    let mut principal = Principal::parse(&given.id).ok()?;
    principal.roles.clone_from(&given.roles);
    Some(principal)
}

/// Whether a verdict is what is expected, and what came.
fn tier_outcome(verdict: &Verdict, wanted: ClauseKind, by: Option<&Arc<str>>) -> (bool, String) {
    let wanted = tier_of(wanted);
    let spoke = |by: &Arc<str>| verdict.voices.iter().any(|voice| voice.by == *by && voice.tier == wanted);
    let mut came = word(verdict.tier).to_owned();
    let heard = by.is_none_or(spoke);
    if verdict.tier == wanted && !heard {
        came.push_str(", and the voice expected was silent");
    }
    (verdict.tier == wanted && heard, came)
}

/// Notes the truth value that each clause about the action had.
fn cover(policy: &Policy, decision: &Decision, call: &Call, coverage: &mut [BTreeSet<Truth>]) {
    let Some((action, _)) = policy.action_named(&call.action) else { return };
    let about = policy.clauses.iter().zip(decision.clauses().iter()).zip(coverage);
    for ((_, truth), seen) in about.filter(|((clause, _), _)| clause.actions.contains(&action)) {
        seen.insert(truth);
    }
}

fn snapshot(policy: &Policy, scenario: &Scenario) -> Snapshot {
    let at = scenario.at;
    let mut snapshot = Snapshot::empty(policy, at);
    let held = |series: &mut Series, value: Value, every_ms: u64, held_ms: Option<u64>| {
        let stale_ms = u64::try_from(series.stale_ms()).unwrap_or_default();
        *series = Series::held(stale_ms, value, at, at, every_ms, held_ms.unwrap_or(0));
    };
    for given in &scenario.facts {
        let slot = usize::from(given.fact.0);
        if let (Some(fact), Some(series)) = (policy.facts.get(slot), snapshot.facts.get_mut(slot)) {
            held(series, given.value.clone(), LOOK_EVERY_MS.min(fact.stale_ms), given.held_ms);
        }
    }
    for given in &scenario.metrics {
        let slot = usize::from(given.metric.0);
        if let (Some(metric), Some(series)) = (policy.metrics.get(slot), snapshot.metrics.get_mut(slot)) {
            held(series, Value::Quantity(given.value), metric.every_ms, given.held_ms);
        }
    }
    snapshot.safety = Safety {
        breaker_open: scenario.breaker_open || has_tripped(policy, scenario),
        held: scenario.held,
        killed: scenario.killed,
        owner: scenario.owner.clone(),
    };
    snapshot
}

fn history(scenario: &Scenario) -> History {
    let Some(given) = &scenario.history else { return History::Unknown };
    let past = given.iter().map(|operation| PastOperation {
        operation: None,
        action: operation.action,
        actors: Vec::new(),
        began: ms_before(scenario.at, operation.ago_ms),
        // A test says all that is to be known: what an action does not write it left as it was.
        before: Some(Facts::new()),
        ended: Some(ended(operation)),
    });
    History::written(scenario.at, past.collect())
}

/// Whether the failures given have opened a breaker: in a row, and nobody closed it.
fn has_tripped(policy: &Policy, scenario: &Scenario) -> bool {
    let mut given: Vec<&GivenOperation> = scenario.history.iter().flatten().collect();
    given.sort_by_key(|operation| std::cmp::Reverse(operation.ago_ms));
    given.into_iter().fold(Breaker::default(), |breaker, given| breaker.after(ended(given))).has_opened(policy)
}

fn ended(operation: &GivenOperation) -> Ended {
    if operation.succeeded { Ended::Confirmed } else { Ended::Failed }
}

fn words(proposed: &Proposed) -> String {
    match proposed {
        Ok(proposal) => proposal.call.to_string(),
        Err(why) => (*why).to_owned(),
    }
}

fn tier_of(kind: ClauseKind) -> Tier {
    match kind {
        ClauseKind::Allow => Tier::Allowed,
        ClauseKind::Approve => Tier::ApprovalRequired,
        ClauseKind::Forbid => Tier::Forbidden,
    }
}

/// The word of the language.
fn word(tier: Tier) -> &'static str {
    match tier {
        Tier::Allowed => "allow",
        Tier::ApprovalRequired => "approve",
        Tier::Forbidden => "forbid",
    }
}
