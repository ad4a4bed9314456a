//! Verdicts in the words that people read.

use std::sync::Arc;

use leeway_engine::{Tier, Truth, Unknown, Verdict, Voice};
use owo_colors::OwoColorize as _;

use crate::terminal::harmless;

/// What is not known where the history is not.
const PAST: &str = "what was done before";

/// A verdict as the demo and the enforcer tell it: what was decided, by which clause, on which values, and what else would do.
pub(crate) fn verdict_lines(verdict: &Verdict) -> Vec<String> {
    let Some(voice) = verdict.deciding() else { return vec![coloured(verdict.tier)] };
    let mut lines = vec![format!("{} by {}", coloured(verdict.tier), place(voice))];
    let values: Vec<(Arc<str>, String)> =
        voice.values.iter().map(|(name, value)| (name.clone(), plain(value))).collect();
    if !voice.text.is_empty() {
        let unknown = if voice.truth == Truth::Unknown { " — unknown, and unknown is never permission" } else { "" };
        lines.push(format!("  {}{}{unknown}", harmless(&voice.text), bracketed(&values)));
    }
    if let Some(because) = &voice.because {
        lines.push(format!("  because {}", harmless(because)));
    }
    for unknown in &verdict.unknown {
        lines.push(format!("  {}", told(unknown)).yellow().to_string());
    }
    if let Some(seconds) = verdict.retry_after_s {
        lines.push(format!("  again after {seconds}s"));
    }
    if !verdict.suggest.is_empty() {
        lines.push(format!("  instead: {}", verdict.suggest.join(", ").bold()));
    }
    lines
}

/// Every voice that spoke, a line each, strictest first, and what was unknown.
pub(crate) fn voice_lines(verdict: &Verdict) -> Vec<String> {
    let voice = |voice: &Voice| {
        let values: Vec<(Arc<str>, String)> =
            voice.values.iter().map(|(name, value)| (name.clone(), plain(value))).collect();
        let unknown = if voice.truth == Truth::Unknown { " (unknown)" } else { "" };
        let text = if voice.text.is_empty() { String::new() } else { format!(": {}", harmless(&voice.text)) };
        format!("{} by {}{unknown}{text}{}", coloured(voice.tier), place(voice), bracketed(&values))
    };
    let mut lines: Vec<String> = verdict.voices.iter().map(voice).collect();
    lines.extend(verdict.unknown.iter().map(told));
    if !verdict.suggest.is_empty() {
        lines.push(format!("instead: {}", verdict.suggest.join(", ")));
    }
    lines
}

/// What was unknown where it mattered.
pub(crate) fn told(unknown: &Unknown) -> String {
    let subject = subject(unknown);
    if is_past(unknown) {
        format!("unknown: {subject}, or what facts were then")
    } else {
        format!("unknown: {} {subject} is {}", unknown.kind, unknown.why)
    }
}

/// As what it is named there.
pub(crate) fn subject(unknown: &Unknown) -> String {
    if is_past(unknown) { PAST.to_owned() } else { format!("`{}`", unknown.name) }
}

fn is_past(unknown: &Unknown) -> bool {
    unknown.kind.as_ref() == "history"
}

/// The tier in its colour.
pub(crate) fn coloured(tier: Tier) -> String {
    match tier {
        Tier::Allowed => tier.green().to_string(),
        Tier::ApprovalRequired => tier.yellow().to_string(),
        Tier::Forbidden => tier.red().to_string(),
    }
}

/// Who spoke, and where it stands.
pub(crate) fn place(voice: &Voice) -> String {
    match &voice.at {
        Some(at) => format!("{} ({}:{})", voice.by, at.path, at.line),
        None => voice.by.to_string(),
    }
}

/// A value as people read it.
pub(crate) fn plain(value: &serde_json::Value) -> String {
    match value.as_str() {
        Some(text) => rounded(text),
        None if value.is_null() => "unknown".to_owned(),
        None => value.to_string(),
    }
}

/// Measured values carry more digits than anybody reads.
fn rounded(text: &str) -> String {
    leeway_units::parse_literal(text).map_or_else(|_| harmless(text), |quantity| quantity.rounded().to_string())
}

/// Names with their values, as they stand behind what they belong to.
pub(crate) fn bracketed(values: &[(Arc<str>, String)]) -> String {
    if values.is_empty() {
        return String::new();
    }
    let values: Vec<String> = values.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    format!("  [{}]", values.join(", ")).dimmed().to_string()
}
