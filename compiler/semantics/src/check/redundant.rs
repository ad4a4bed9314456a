//! Clauses that can never apply, and clauses that another makes redundant.

use std::collections::{BTreeMap, BTreeSet};

use leeway_diagnostics::{Code, Diagnostic};
use leeway_syntax::ast::ClauseKind;
use leeway_units::Value;

use super::infer::Checker;
use crate::hir::{Blueprint, Clause, Expr, ExprKind, Target};

/// How much is tried for one blueprint; what is not found then is not said.
const STEPS_MAX: usize = 500_000;

/// One voice of a clause: that of its word, or that of its `else`.
struct Voice<'a> {
    clause: usize,
    kind: ClauseKind,
    actions: BTreeSet<u16>,
    /// When it speaks, and whether that must be true or false; always, without one.
    when: Option<(&'a Expr, bool)>,
}

impl Checker<'_> {
    /// Warns of clauses without an effect.
    pub(super) fn idle(&mut self, blueprint: &Blueprint, target: &Target) {
        let mut steps = STEPS_MAX;
        let mut dead: BTreeSet<usize> = BTreeSet::new();
        // What is included is looked at where it is written, without the values that this blueprint gives it.
        for (at, clause) in blueprint.clauses.iter().enumerate().filter(|(_, clause)| clause.layer == 0) {
            if let Some(finding) = self.never_applies(clause, target, &mut steps) {
                dead.insert(at);
                self.diagnostics.push(finding);
            }
        }
        // A policy for every target is not known to speak about anything twice.
        if target.actions.is_empty() {
            return;
        }
        let voices: Vec<Vec<Voice<'_>>> =
            blueprint.clauses.iter().enumerate().map(|(at, clause)| voices(at, clause, target)).collect();
        // What covers a voice speaks about each of its actions, so also about the first.
        let mut about: BTreeMap<(ClauseKind, u16), Vec<&Voice<'_>>> = BTreeMap::new();
        for voice in voices.iter().flatten() {
            voice.actions.iter().for_each(|action| about.entry((voice.kind, *action)).or_default().push(voice));
        }
        let mut gone = dead;
        for (at, clause) in blueprint.clauses.iter().enumerate() {
            if steps == 0 {
                break;
            }
            if says(clause) || clause.layer != 0 || gone.contains(&at) {
                continue;
            }
            let mut by = None;
            for voice in voices.get(at).into_iter().flatten() {
                let alike = voice.actions.first().and_then(|first| about.get(&(voice.kind, *first)));
                let other = alike.into_iter().flatten().find(|other| {
                    // Of clauses that make each other redundant the last is reported, unless it has something to say.
                    let stays = |steps: &mut usize| {
                        let clause = blueprint.clauses.get(other.clause);
                        other.clause < at || clause.is_some_and(says) || !self.covers(blueprint, other, voice, steps)
                    };
                    other.clause != at
                        && !gone.contains(&other.clause)
                        && self.covers(blueprint, voice, other, &mut steps)
                        && stays(&mut steps)
                });
                by = other.map(|other| other.clause);
                if by.is_none() {
                    break;
                }
            }
            if let Some(other) = by.and_then(|by| blueprint.clauses.get(by)) {
                gone.insert(at);
                let word = clause.kind.node.word();
                let message = format!("this `{word}` changes nothing: whenever it speaks, another does");
                let finding = Diagnostic::new(Code::W0406, clause.kind.span, message);
                let finding = finding.label(other.kind.span, "this one");
                let help = "remove it, or say what it is for: with a `because` it is a voice of its own";
                self.diagnostics.push(finding.help(help));
            }
        }
    }

    fn never_applies(&self, clause: &Clause, target: &Target, steps: &mut usize) -> Option<Diagnostic> {
        let word = clause.kind.node.word();
        // A policy for every target stands for itself without one.
        let nothing = crate::lower::spelt_out(&clause.actions, clause.kind.node, target).is_empty();
        if nothing && !target.actions.is_empty() {
            let first = clause.actions.first()?;
            let message =
                format!("this `{word}` speaks about nothing: no action of the target is meant by `{}`", first.name);
            let finding = Diagnostic::new(Code::W0405, first.span, message);
            return Some(if clause.kind.node == ClauseKind::Allow {
                finding.help("what cannot be undone is left out of an `allow`; remove the clause, or name an action")
            } else {
                finding.help("remove the clause, or name an action")
            });
        }
        let when = clause.when.as_ref()?;
        let constant = self.environment.constant(when);
        if let (Some(Value::Bool(true)), Some(otherwise)) = (&constant, &clause.otherwise) {
            let message = "the condition is always true, so this never applies";
            let finding = Diagnostic::new(Code::W0405, otherwise.span, message).label(when.span, "always true");
            return Some(finding.help("leave the `else` out, or say when it applies"));
        }
        let never = constant == Some(Value::Bool(false)) || self.never(when, true, steps);
        never.then(|| {
            let message = format!("this is never true, so the `{word}` never applies");
            let finding = Diagnostic::new(Code::W0405, when.span, message);
            let junction = matches!(when.kind, ExprKind::And(_) | ExprKind::Or(_) | ExprKind::Not(_));
            finding.help(if junction || constant.is_some() {
                "what must hold together here leaves no value; remove the clause, or mend its condition"
            } else {
                "no value is like that (an argument is never negative); remove the clause, or mend its condition"
            })
        })
    }

    /// Whether `other`, which is of the same kind, speaks whenever `one` does, to the same people.
    fn covers(&self, blueprint: &Blueprint, one: &Voice<'_>, other: &Voice<'_>, steps: &mut usize) -> bool {
        let Some(left) = steps.checked_sub(1) else { return false };
        *steps = left;
        *steps = steps.saturating_sub(one.actions.len());
        if !one.actions.is_subset(&other.actions) {
            return false;
        }
        let clauses = blueprint.clauses.get(one.clause).zip(blueprint.clauses.get(other.clause));
        // What is included and what is one's own are kept by different people.
        if !clauses.is_some_and(|(a, b)| a.layer == b.layer && self.approvers(a) == self.approvers(b)) {
            return false;
        }
        match (one.when, other.when) {
            (_, None) => true,
            (None, Some((when, truth))) => self.environment.constant(when) == Some(Value::Bool(truth)),
            (Some(one), Some(other)) => self.implies(one, other, steps),
        }
    }

    fn approvers(&self, clause: &Clause) -> BTreeSet<&str> {
        clause.by.iter().map(|group| self.sources.text(group.span)).collect()
    }
}

/// Whether a clause says something to people, which is reason enough for it.
fn says(clause: &Clause) -> bool {
    clause.because.is_some() || clause.suggest.is_some() || clause.name.is_some()
}

/// The voices of the clause at that place.
fn voices<'a>(at: usize, clause: &'a Clause, target: &Target) -> Vec<Voice<'a>> {
    let voice = |kind, truth| {
        let actions = crate::lower::spelt_out(&clause.actions, kind, target);
        Voice { clause: at, kind, actions, when: clause.when.as_ref().map(|when| (when, truth)) }
    };
    let mut voices = vec![voice(clause.kind.node, true)];
    voices.extend(clause.otherwise.as_ref().map(|otherwise| voice(otherwise.node, false)));
    voices
}
