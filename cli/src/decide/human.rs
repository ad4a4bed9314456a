//! A verdict for a tired person: what was decided, by which line of the source, on which values, by how much, and what would do.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use leeway_diagnostics::SourceMap;
use leeway_driver::closest;
use leeway_engine::{
    Compiled, Decision, Grounds, Proposal, Requirement, RuleProposal, Tier, Truth, Verdict, Voice, grounds,
    rule_grounds,
};
use leeway_ir::Policy;
use leeway_units::{Call, Quantity, Unit};
use owo_colors::OwoColorize as _;

use crate::decide::quote::quote;
use crate::decide::state::State;
use crate::terminal::harmless;
use crate::verdict::{coloured, subject, told};

/// How many voices are quoted; the others get a line each.
const QUOTED_MAX: usize = 4;

/// One proposal and everything that a verdict on it rests on.
pub(crate) struct Case<'a> {
    pub(crate) compiled: &'a Compiled,
    pub(crate) sources: &'a SourceMap,
    pub(crate) state: &'a State,
    pub(crate) proposal: &'a Proposal,
    pub(crate) decision: &'a Decision,
    pub(crate) verdict: &'a Verdict,
}

impl Case<'_> {
    pub(crate) fn told(&self) -> String {
        let verdict = self.verdict;
        let call = harmless(&verdict.proposal);
        let asked = harmless(&self.proposal.actor());
        let mut lines = vec![format!(
            "{}: {} on {}, asked by {asked}",
            coloured(verdict.tier),
            call.bold(),
            harmless(&verdict.target)
        )];
        if self.proposal.actors.len() > 1 {
            lines.push(format!("the strictest verdict of the chain is that on {}", harmless(&verdict.actor)));
        }
        let grounds = grounds(self.compiled.policy(), &self.state.snapshot, &self.state.history, self.decision);
        let (deciding, others): (Vec<&Voice>, Vec<&Voice>) =
            verdict.voices.iter().partition(|voice| voice.tier == verdict.tier);
        for (at, voice) in deciding.into_iter().enumerate() {
            if at < QUOTED_MAX {
                lines.extend(self.quoted(voice, &grounds));
            } else {
                lines.push(format!("also {}", in_a_line(voice)));
            }
        }
        lines.extend(others.into_iter().map(|voice| format!("also {}", in_a_line(voice))));
        self.unknown(&grounds, &mut lines);
        self.what_next(&mut lines);
        lines.push(String::new());
        lines.join("\n")
    }

    /// One voice with its source and the parts of its condition that decided.
    fn quoted(&self, voice: &Voice, grounds: &[Grounds]) -> Vec<String> {
        let unknown = if voice.truth == Truth::Unknown { " — unknown, and unknown is never permission" } else { "" };
        let mut lines = vec![format!("by {}{unknown}", voice.by.bold())];
        let known = grounds.iter().find(|known| known.by == voice.by);
        let parts = known.map(|known| known.parts.as_slice()).unwrap_or_default();
        let is_source = matches!(voice.kind.as_ref(), "clause" | "limit");
        let mut notes: Vec<String> = parts.iter().map(|part| harmless(part)).collect();
        match &voice.at {
            Some(at) => {
                let written = known.map_or("", |known| known.written.as_ref());
                let label = if notes.is_empty() { String::new() } else { notes.remove(0) };
                let quoted = quote(self.sources, at, written, &label);
                if quoted.is_empty() && !label.is_empty() {
                    notes.insert(0, label);
                }
                lines.extend(quoted);
                if !is_source {
                    notes.push(harmless(&voice.text));
                }
            }
            None => notes.push(harmless(&voice.text)),
        }
        notes.extend(voice.values.iter().filter(|_| voice.kind.as_ref() == "claim").map(|(name, value)| {
            let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!("{name} = {}", if value.is_null() { "unknown" } else { &shown })
        }));
        notes.extend(voice.because.iter().map(|because| format!("because {}", harmless(because))));
        lines.extend(notes.into_iter().map(|note| format!("   = {note}")));
        if voice.kind.as_ref() == "default" {
            lines.extend(self.withheld(grounds));
        }
        lines
    }

    /// Why no clause grants it: of each that could have, what stood in the way.
    fn withheld(&self, grounds: &[Grounds]) -> Vec<String> {
        let grants =
            self.compiled.policy().clauses.iter().filter(|clause| clause.kind != leeway_ir::ClauseKind::Forbid);
        let known = grants.filter_map(|clause| grounds.iter().find(|known| known.by == clause.id));
        let told = |known: &Grounds| {
            let truth = if known.truth == Truth::Unknown { "is unknown" } else { "is false" };
            let mut notes: Vec<String> = known.parts.iter().map(|part| harmless(part)).collect();
            let label = if notes.is_empty() { String::new() } else { notes.remove(0) };
            let mut lines = vec![format!("{} would grant it, and {truth}", known.by)];
            lines.extend(quote(self.sources, &known.at, &known.written, &label));
            lines.extend(notes.into_iter().map(|note| format!("   = {note}")));
            lines
        };
        let mut withheld: Vec<&Grounds> = known.filter(|known| !known.truth.is_true()).collect();
        // An `else` made two clauses of one line: the same stood in the way of both.
        withheld.dedup_by(|one, other| one.at == other.at && one.parts == other.parts);
        withheld.into_iter().take(QUOTED_MAX).flat_map(told).collect()
    }

    /// What was unknown and was not told yet: of clauses in the words of their parts, of the rest by name.
    fn unknown(&self, grounds: &[Grounds], lines: &mut Vec<String>) {
        let limits = &self.compiled.policy().limits;
        let clauses = grounds.iter().filter(|known| !limits.iter().any(|limit| limit.id == known.by));
        for part in clauses.filter(|known| known.truth == Truth::Unknown).flat_map(|known| &known.parts) {
            let part = harmless(part);
            if !lines.iter().any(|line| line.contains(&part)) {
                lines.push(format!("unknown: {part}").yellow().to_string());
            }
        }
        for unknown in &self.verdict.unknown {
            let subject = subject(unknown);
            if !lines.iter().any(|line| line.contains(&subject)) {
                lines.push(told(unknown).yellow().to_string());
            }
        }
    }

    /// Who must agree, when asking again makes sense, and what would be allowed.
    fn what_next(&self, lines: &mut Vec<String>) {
        let verdict = self.verdict;
        lines.extend(verdict.approval.iter().map(|required| self.who(required)));
        if let Some(seconds) = verdict.retry_after_s {
            lines.push(format!("ask again in {}", span(seconds)));
        }
        for text in &verdict.suggest {
            let would = match self.tier_of(text) {
                Some(Tier::Allowed) | None => "would be allowed",
                Some(Tier::ApprovalRequired) => "would need approval only",
                Some(Tier::Forbidden) => "would be forbidden, too",
            };
            lines.push(format!("instead: {} {would}", harmless(text).bold()));
        }
        let bounded = |voice: &Voice| match voice.kind.as_ref() {
            "clause" => !voice.text.is_empty(),
            kind => kind == "default",
        };
        let moved = !verdict.arguments.is_empty() && verdict.deciding().is_some_and(bounded);
        if verdict.tier != Tier::Allowed && verdict.suggest.is_empty() && moved {
            lines.push("no arguments at the bounds that clauses name would be allowed now".to_owned());
        }
        if self.compiled.policy().action_named(&verdict.action).is_none() {
            let names = self.compiled.policy().actions.iter().map(|action| action.name.as_ref());
            lines.extend(closest(&verdict.action, names).map(|meant| format!("did you mean `{meant}`?")));
        }
    }

    /// Who must agree, until when, and who is asked if nobody answers.
    fn who(&self, required: &Requirement) -> String {
        let by: Vec<String> = required.by.iter().map(|group| harmless(group)).collect();
        let who = if by.is_empty() { "anybody who may approve".to_owned() } else { by.join(" or ") };
        let people = if required.quorum == 1 { "1 person".to_owned() } else { format!("{} people", required.quorum) };
        let seconds = i64::try_from(required.timeout_s).unwrap_or(i64::MAX);
        let until = self.state.snapshot.at.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX);
        let within = span(number(required.timeout_s));
        let mut line = format!("{people} must agree ({who}), until {until}, within {within}");
        let asked =
            |by: &[Arc<str>]| by.len() == required.by.len() && by.iter().all(|group| required.by.contains(group));
        let blocks = self.compiled.policy().approvals.iter().filter(|block| asked(&block.by));
        for escalation in blocks.filter_map(|block| block.escalation.as_ref()) {
            let after = span(number(escalation.after_ms) / 1_000.0);
            line.push_str(&format!("; if nobody answers for {after}, {} too", harmless(&escalation.group)));
        }
        line
    }

    fn tier_of(&self, text: &str) -> Option<Tier> {
        let call = Call::parse(text).ok()?;
        let proposal = Proposal { call, ..self.proposal.clone() };
        Some(self.compiled.evaluate(&self.state.snapshot, &self.state.history, &proposal).tier())
    }
}

/// The line over the verdict on what a rule proposes.
pub(crate) fn rule_proposes(rule: &str, proposal: &Proposal) -> String {
    let because = proposal.because.as_ref().map_or_else(String::new, |because| format!(" — {}", harmless(because)));
    format!("rule {} proposes {}{because}\n", rule.bold(), harmless(&proposal.call.to_string()).bold())
}

/// Each rule that proposes nothing, and why.
pub(crate) fn silent_rules(policy: &Policy, sources: &SourceMap, state: &State, said: &[RuleProposal]) -> String {
    let mut lines = Vec::new();
    let known = rule_grounds(policy, &state.snapshot, &state.history);
    for (known, _) in known.iter().zip(said).filter(|(_, said)| said.proposal.is_none()) {
        let why = match known.truth {
            Truth::True => "its arguments are unknown",
            Truth::False => "its condition is false",
            Truth::Unknown => "its condition is unknown",
        };
        lines.push(format!("rule {} is silent: {why}", known.by.bold()));
        let mut notes: Vec<String> = known.parts.iter().map(|part| harmless(part)).collect();
        let label = if notes.is_empty() { String::new() } else { notes.remove(0) };
        lines.extend(quote(sources, &known.at, &known.written, &label));
        lines.extend(notes.into_iter().map(|note| format!("   = {note}")));
    }
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines.join("\n")
}

fn in_a_line(voice: &Voice) -> String {
    let place = voice.at.as_ref().map_or_else(String::new, |at| format!(" ({}:{})", at.path, at.line));
    let unknown = if voice.truth == Truth::Unknown { " (unknown)" } else { "" };
    let text = if voice.text.is_empty() { String::new() } else { format!(": {}", harmless(&voice.text)) };
    format!("{} by {}{place}{unknown}{text}", coloured(voice.tier), voice.by)
}

#[expect(clippy::cast_precision_loss, reason = "timeouts are far below 2^53 s")]
fn number(seconds: u64) -> f64 {
    seconds as f64
}

fn span(seconds: f64) -> String {
    Quantity::new(Unit::Duration, seconds * 1_000.0).map_or_else(String::new, |span| span.to_string())
}
