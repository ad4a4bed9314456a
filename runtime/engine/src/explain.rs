//! Puts a decision into words, when somebody reads it.

use std::collections::BTreeMap;
use std::sync::Arc;

use leeway_ir::{
    Autonomy, Because, Claim, Clause, ClauseKind, Comparison, Condition, Expr, LimitKind, Piece, Policy,
    canonical_digest,
};
use leeway_units::{Quantity, Unit, Value};

use crate::approval::requirements;
use crate::decision::{Decision, Finding, Guard, LimitVoice};
use crate::evaluate::evaluate;
use crate::expression::Scope;
use crate::history::History;
use crate::proposal::Proposal;
use crate::snapshot::Snapshot;
use crate::suggest::suggest;
use crate::tier::Tier;
use crate::truth::Truth;
use crate::unknown;
use crate::verdict::{Verdict, Voice};

/// The verdict in the shape of the contract. `history` is the one decided on: suggestions are checked by evaluating them.
pub fn explain(policy: &Policy, snapshot: &Snapshot, history: &History, decision: &Decision) -> Verdict {
    explained(policy, snapshot, history, decision, |proposal| evaluate(policy, snapshot, history, &proposal).tier())
}

/// The same, with the function that decides on what might be suggested.
pub(crate) fn explained(
    policy: &Policy,
    snapshot: &Snapshot,
    history: &History,
    decision: &Decision,
    decide: impl FnMut(Proposal) -> Tier,
) -> Verdict {
    let call = &decision.proposal.call;
    let words = Words { policy, decision, scope: decision.scope(policy, snapshot, Some(history)) };
    let mut voices = words.voices();
    // Strictest first, then in source order; what stands in no source comes last, in the order of section 6.
    let place = |voice: &Voice| voice.at.as_ref().map(|at| (at.path.clone(), at.line, at.column));
    voices.sort_by_key(|voice| (std::cmp::Reverse(voice.tier), voice.at.is_none(), place(voice)));
    let mut verdict = Verdict {
        tier: decision.tier(),
        blueprint: policy.blueprint.clone(),
        version: policy.version.clone(),
        fingerprint: policy.fingerprint.text().into(),
        target: policy.target.name.clone(),
        action: call.action.clone(),
        arguments: call.arguments.iter().map(|(name, value)| (name.clone(), value.to_json())).collect(),
        proposal: call.to_string(),
        actor: decision.actor().map_or_else(|| "".into(), |actor| actor.id().clone()),
        unknown: unknown::inputs(words.scope, decision),
        suggest: suggest(words.scope, decision, decide).iter().map(ToString::to_string).collect(),
        approval: requirements(policy, decision),
        #[expect(clippy::cast_precision_loss, reason = "waiting times are far below 2^53 ms")]
        retry_after_s: decision.retry_after_ms().map(|ms| ms as f64 / 1_000.0),
        state_digest: decision.state(policy, snapshot).text().into(),
        digest: "".into(),
        voices,
    };
    let mut document = serde_json::to_value(&verdict).unwrap_or_default();
    if let Some(members) = document.as_object_mut() {
        members.remove("digest");
    }
    verdict.digest = canonical_digest(&document).into();
    verdict
}

/// A reason with its values filled in, rounded for people.
pub(crate) fn reason(because: &Because, scope: Scope<'_>) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => text.to_string(),
        Piece::Value(named) => match scope.value(&named.value) {
            Some(Value::Text(text)) => text.to_string(),
            Some(value) => value.rounded().to_string(),
            None => "unknown".to_owned(),
        },
    };
    because.pieces.iter().map(piece).collect()
}

struct Words<'a> {
    policy: &'a Policy,
    decision: &'a Decision,
    scope: Scope<'a>,
}

impl Words<'_> {
    fn voices(&self) -> Vec<Voice> {
        if let Err(misfit) = self.decision.bound {
            let error = misfit.told(self.policy, &self.decision.proposal.call);
            return vec![plain("arguments", "arguments", Tier::Forbidden, error.to_string())];
        }
        let clauses = self.policy.clauses.iter().zip(self.decision.clauses().iter());
        let mut voices: Vec<Voice> = clauses.filter_map(|(clause, truth)| self.clause(clause, truth)).collect();
        voices.extend(self.decision.limits().iter().filter_map(|voice| self.limit(voice)));
        voices.extend(self.decision.guards().iter().map(|guard| self.guard(*guard)));
        if self.decision.ruling.by_default {
            let text = format!("no clause grants `{}`", self.decision.proposal.call.action);
            voices.push(plain("default", "default", Tier::Forbidden, text));
        }
        voices
    }

    fn clause(&self, clause: &Clause, truth: Truth) -> Option<Voice> {
        let (tier, speaks) = match clause.kind {
            ClauseKind::Allow => (Tier::Allowed, truth.is_true()),
            ClauseKind::Approve => (Tier::ApprovalRequired, truth.restrains()),
            ClauseKind::Forbid => (Tier::Forbidden, truth.restrains()),
        };
        speaks.then(|| Voice {
            tier,
            by: clause.id.clone(),
            kind: "clause".into(),
            truth,
            at: Some(clause.origin.clone()),
            because: clause.because.as_ref().map(|because| reason(because, self.scope)),
            values: clause.when.as_ref().map(|when| self.values(when)).unwrap_or_default(),
            text: clause.when.as_ref().map_or_else(String::new, |when| when.written.to_string()),
        })
    }

    fn values(&self, condition: &Condition) -> BTreeMap<Arc<str>, serde_json::Value> {
        let value = |expr: &Expr| self.scope.value(expr).map_or(serde_json::Value::Null, |value| value.to_json());
        condition.names.iter().map(|named| (named.name.clone(), value(&named.value))).collect()
    }

    fn limit(&self, voice: &LimitVoice) -> Option<Voice> {
        let limit = self.policy.limits.get(voice.limit)?;
        Some(Voice {
            truth: voice.truth,
            at: Some(limit.origin.clone()),
            values: self.found(&limit.kind, voice.finding),
            ..plain(&limit.id, "limit", voice.tier, limit.written.to_string())
        })
    }

    /// What the limit found, by name.
    fn found(&self, kind: &LimitKind, finding: Finding) -> BTreeMap<Arc<str>, serde_json::Value> {
        let json =
            |known: Option<Quantity>| known.map_or(serde_json::Value::Null, |known| Value::Quantity(known).to_json());
        match (finding, kind) {
            (Finding::Began(count), _) => BTreeMap::from([("began".into(), count.into())]),
            (Finding::Drift { was, would_be }, _) => {
                BTreeMap::from([("was".into(), json(was)), ("would_be".into(), json(would_be))])
            }
            (Finding::Forecast(forecast), LimitKind::Budget { metric, most }) => {
                let name = self.policy.metric(*metric).map(|metric| metric.name.clone()).unwrap_or_default();
                BTreeMap::from([(name, json(forecast)), ("most".into(), json(Some(*most)))])
            }
            (Finding::Forecast(_) | Finding::Moment, _) => BTreeMap::new(),
        }
    }

    fn guard(&self, guard: Guard) -> Voice {
        match guard {
            Guard::Kill => plain("kill", "kill", guard.tier(), "the kill switch is on".to_owned()),
            Guard::Breaker => self.breaker(guard.tier()),
            Guard::Hold => {
                plain("held", "hold", guard.tier(), "the target is held: an outcome could not be judged".to_owned())
            }
            Guard::Owner => {
                let owner = self.scope.snapshot.safety.owner.as_deref().unwrap_or("another controller");
                plain("owner", "owner", guard.tier(), format!("`{owner}` owns what would be written"))
            }
            Guard::Conflict => {
                let other = self.decision.proposal.conflicts_with.as_deref().unwrap_or("another rule");
                let text =
                    format!("rule `{other}` writes the same fact in the same round, and is not known to want the same");
                plain("conflict", "conflict", guard.tier(), text)
            }
            Guard::Ceiling { ceiling, level } => self.ceiling(ceiling, level, guard.tier()),
            Guard::Claim { claim, truth } => self.claim(claim, truth, guard.tier()),
            Guard::Irreversible => {
                let text = format!("`{}` cannot be undone", self.decision.proposal.call.action);
                plain("irreversible", "irreversible", guard.tier(), text)
            }
        }
    }

    fn breaker(&self, tier: Tier) -> Voice {
        let declared = self.policy.limits.iter().find_map(|limit| match limit.kind {
            LimitKind::Breaker { failures } => Some((limit, failures)),
            LimitKind::Cooldown { .. }
            | LimitKind::AtMost { .. }
            | LimitKind::Pace { .. }
            | LimitKind::Drift { .. }
            | LimitKind::Budget { .. }
            | LimitKind::Freeze { .. } => None,
        });
        match declared {
            Some((limit, failures)) => {
                let text = format!("the breaker is open after {failures} failures in a row");
                Voice { at: Some(limit.origin.clone()), ..plain(&limit.id, "breaker", tier, text) }
            }
            None => {
                let id = format!("{}/breaker", self.policy.blueprint);
                plain(&id, "breaker", tier, "the breaker is open".to_owned())
            }
        }
    }

    fn ceiling(&self, ceiling: usize, level: Autonomy, tier: Tier) -> Voice {
        let would_be = self.decision.ruling.without_ceiling;
        let text = match level {
            Autonomy::Observe => format!("autonomy observe: it would be {would_be}"),
            Autonomy::Suggest if would_be == Tier::Forbidden => {
                "autonomy suggest: it would be forbidden anyway".to_owned()
            }
            Autonomy::Suggest => format!("autonomy suggest: a person may propose it; it would be {would_be}"),
            Autonomy::Approve => "autonomy approve".to_owned(),
            Autonomy::Act => "autonomy act".to_owned(),
        };
        let declared = self.policy.ceilings.get(ceiling);
        let id = declared.map(|ceiling| ceiling.id.clone()).unwrap_or_default();
        Voice { at: declared.map(|ceiling| ceiling.origin.clone()), ..plain(&id, "autonomy", tier, text) }
    }

    /// A claim beside the truth.
    fn claim(&self, at: usize, truth: Truth, tier: Tier) -> Voice {
        let claim = self.decision.proposal.claims.get(at);
        let metric = claim.and_then(|claim| self.policy.metric(claim.metric));
        let name = metric.map_or_else(|| "a metric that the policy does not have".into(), |metric| metric.name.clone());
        let text = claim.map_or_else(String::new, |claim| claim_text(&name, claim));
        let value = claim.and_then(|claim| self.scope.value(&Expr::Metric(claim.metric)));
        let values = BTreeMap::from([(name, value.map_or(serde_json::Value::Null, |value| value.to_json()))]);
        Voice { truth, values, ..plain(&format!("claim/{}", at + 1), "claim", tier, text) }
    }
}

/// A claim as a blueprint would write it: `cpu > 80% for 2m`.
fn claim_text(metric: &str, claim: &Claim) -> String {
    let operator = match claim.comparison {
        Comparison::Equal => "==",
        Comparison::NotEqual => "!=",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    };
    let window = claim.window_ms.map_or_else(String::new, |ms| {
        #[expect(clippy::cast_precision_loss, reason = "windows are far below 2^53 ms")]
        let window = Quantity::new(Unit::Duration, ms as f64);
        window.map_or_else(String::new, |window| format!(" for {window}"))
    });
    format!("{metric} {operator} {}{window}", claim.value)
}

fn plain(by: &str, kind: &str, tier: Tier, text: String) -> Voice {
    Voice {
        tier,
        by: by.into(),
        kind: kind.into(),
        truth: Truth::True,
        at: None,
        because: None,
        values: BTreeMap::new(),
        text,
    }
}
