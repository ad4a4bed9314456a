//! Puts a decision into words, when somebody reads it.

use std::collections::BTreeMap;
use std::sync::Arc;

use leeway_ir::{Because, Clause, ClauseKind, Condition, Expr, Input, Limit, Piece, Policy, canonical_digest};
use leeway_units::Value;

use crate::approval::{APPROVAL_TIMEOUT_S, Requirement};
use crate::decision::{Decision, Guard, LimitVoice};
use crate::expression::Scope;
use crate::history::History;
use crate::snapshot::Snapshot;
use crate::suggest::suggest;
use crate::tier::Tier;
use crate::truth::Truth;
use crate::verdict::{Unknown, Verdict, Voice};

/// The verdict in the shape of the contract. `history` is the one decided on: suggestions are checked by evaluating them.
pub fn explain(policy: &Policy, snapshot: &Snapshot, history: &History, decision: &Decision) -> Verdict {
    let words = Words { policy, snapshot, decision };
    let mut voices = words.voices();
    // Strictest first, then in source order; what stands in no source comes last, in the order of section 6.
    let place = |voice: &Voice| voice.at.as_ref().map(|at| (at.path.clone(), at.line, at.column));
    voices.sort_by_key(|voice| (std::cmp::Reverse(voice.tier), voice.at.is_none(), place(voice)));
    let mut verdict = Verdict {
        tier: decision.tier,
        blueprint: policy.blueprint.clone(),
        version: policy.version.clone(),
        fingerprint: policy.fingerprint.text().into(),
        target: policy.target.name.clone(),
        action: decision.call.action.clone(),
        arguments: decision.call.arguments.iter().map(|(name, value)| (name.clone(), value.to_json())).collect(),
        proposal: decision.call.to_string(),
        actor: decision.actor.as_ref().map_or_else(|| "".into(), |actor| actor.id().clone()),
        unknown: words.unknown(),
        suggest: suggest(policy, snapshot, history, decision).iter().map(ToString::to_string).collect(),
        approval: requirements(policy, decision),
        #[expect(clippy::cast_precision_loss, reason = "waiting times are far below 2^53 ms")]
        retry_after_s: decision.retry_after_ms().map(|ms| ms as f64 / 1_000.0),
        state_digest: decision.state.text().into(),
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

/// Who must agree to what was decided: each distinct `by` that spoke; clauses without one, and guards, ask anybody.
pub(crate) fn requirements(policy: &Policy, decision: &Decision) -> Vec<Requirement> {
    if decision.tier != Tier::ApprovalRequired {
        return Vec::new();
    }
    let clauses = policy.clauses.iter().zip(&decision.clauses);
    let spoke = clauses.filter(|(clause, truth)| clause.kind == ClauseKind::Approve && truth.restrains());
    let mut groups: Vec<&[Arc<str>]> = spoke.map(|(clause, _)| clause.by.as_slice()).collect();
    if decision.guards.iter().any(|guard| guard.tier() == Tier::ApprovalRequired) {
        groups.push(&[]);
    }
    let mut distinct: Vec<&[Arc<str>]> = Vec::new();
    for group in groups {
        if !distinct.contains(&group) {
            distinct.push(group);
        }
    }
    distinct.into_iter().map(|by| Requirement { by: by.to_vec(), timeout_s: APPROVAL_TIMEOUT_S, quorum: 1 }).collect()
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
    snapshot: &'a Snapshot,
    decision: &'a Decision,
}

impl<'a> Words<'a> {
    fn scope(&self) -> Scope<'a> {
        self.decision.scope(self.policy, self.snapshot)
    }

    fn voices(&self) -> Vec<Voice> {
        if let Err(error) = &self.decision.bound {
            return vec![plain("arguments", "arguments", Tier::Forbidden, error.to_string())];
        }
        let clauses = self.policy.clauses.iter().zip(&self.decision.clauses);
        let mut voices: Vec<Voice> = clauses.filter_map(|(clause, truth)| self.clause(clause, *truth)).collect();
        voices.extend(self.decision.limits.iter().filter_map(|voice| self.limit(voice)));
        voices.extend(self.decision.guards.iter().map(|guard| self.guard(*guard)));
        if self.decision.by_default {
            let text = format!("no clause grants `{}`", self.decision.call.action);
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
            because: clause.because.as_ref().map(|because| reason(because, self.scope())),
            values: clause.when.as_ref().map(|when| self.values(when)).unwrap_or_default(),
            text: clause.when.as_ref().map_or_else(String::new, |when| when.written.to_string()),
        })
    }

    fn values(&self, condition: &Condition) -> BTreeMap<Arc<str>, serde_json::Value> {
        let value = |expr: &Expr| self.scope().value(expr).map_or(serde_json::Value::Null, |value| value.to_json());
        condition.names.iter().map(|named| (named.name.clone(), value(&named.value))).collect()
    }

    fn limit(&self, voice: &LimitVoice) -> Option<Voice> {
        let limit = self.policy.limits.get(voice.limit)?;
        let (id, origin, text) = match limit {
            Limit::Cooldown { id, duration_ms, origin, .. } => {
                (id, origin, format!("cooldown of {} after the last operation", milliseconds(*duration_ms)))
            }
            Limit::Breaker { id, failures, origin, .. } => (id, origin, format!("breaker after {failures} failures")),
        };
        Some(Voice { truth: voice.truth, at: Some(origin.clone()), ..plain(id, "limit", Tier::Forbidden, text) })
    }

    fn guard(&self, guard: Guard) -> Voice {
        match guard {
            Guard::Kill => plain("kill", "kill", guard.tier(), "the kill switch is on".to_owned()),
            Guard::Breaker => {
                let declared = self.policy.limits.iter().find_map(|limit| match limit {
                    Limit::Breaker { id, failures, origin, .. } => Some((id, failures, origin)),
                    Limit::Cooldown { .. } => None,
                });
                let id =
                    declared.map_or_else(|| format!("{}/breaker", self.policy.blueprint).into(), |(id, ..)| id.clone());
                let text = match declared {
                    Some((_, failures, _)) => format!("the breaker is open after {failures} failures in a row"),
                    None => "the breaker is open".to_owned(),
                };
                Voice { at: declared.map(|(.., origin)| origin.clone()), ..plain(&id, "breaker", guard.tier(), text) }
            }
            Guard::Hold => {
                plain("held", "hold", guard.tier(), "the target is held: an outcome could not be judged".to_owned())
            }
            Guard::Owner => {
                let owner = self.snapshot.safety.owner.as_deref().unwrap_or("another controller");
                plain("owner", "owner", guard.tier(), format!("`{owner}` owns what would be written"))
            }
            Guard::Conflict => {
                let other = self.decision.conflicts_with.as_deref().unwrap_or("another rule");
                let text = format!("rule `{other}` wants a different value in the same round");
                plain("conflict", "conflict", guard.tier(), text)
            }
            Guard::Irreversible => {
                let text = format!("`{}` cannot be undone", self.decision.call.action);
                plain("irreversible", "irreversible", guard.tier(), text)
            }
        }
    }

    /// The inputs of speaking and of silenced clauses that were unknown.
    fn unknown(&self) -> Vec<Unknown> {
        let mut unknown = Vec::new();
        let scope = self.scope();
        let undecided =
            self.policy.clauses.iter().zip(&self.decision.clauses).filter(|(_, truth)| **truth == Truth::Unknown);
        for when in undecided.filter_map(|(clause, _)| clause.when.as_ref()) {
            when.expr.walk(&mut |expr| {
                let Some(input) = expr.input() else { return };
                let (kind, name, evidence) = match input {
                    Input::Fact(id) => {
                        ("fact", self.policy.fact(id).map(|fact| &fact.name), self.snapshot.fact(id, scope.at))
                    }
                    Input::Metric(id) | Input::Window(id) => (
                        "metric",
                        self.policy.metric(id).map(|metric| &metric.name),
                        self.snapshot.metric(id, scope.at),
                    ),
                };
                // A window can be unknown over a known last value: its samples do not cover it.
                let uncovered = matches!(input, Input::Window(_)) && scope.value(expr).is_none();
                let why = evidence.why().or_else(|| uncovered.then_some("missing"));
                if let (Some(name), Some(why)) = (name, why) {
                    unknown.push(Unknown { name: name.clone(), kind: kind.into(), why: why.into() });
                }
            });
        }
        if self.decision.limits.iter().any(|voice| voice.truth == Truth::Unknown) {
            unknown.push(Unknown { name: "history".into(), kind: "history".into(), why: "missing".into() });
        }
        unknown.sort();
        unknown.dedup();
        unknown
    }
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

fn milliseconds(ms: u64) -> String {
    u32::try_from(ms).map_or_else(|_| format!("{ms}ms"), |ms| leeway_units::Quantity::milliseconds(ms).to_string())
}
