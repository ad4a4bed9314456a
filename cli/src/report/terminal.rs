//! The report in a terminal: its numbers, a sparkline for each metric and number, and the first proposals.

use std::fmt::Write as _;

use leeway_engine::Tier;
use leeway_units::{Quantity, Unit};
use owo_colors::OwoColorize as _;

use crate::report::page::{counted, length};
use crate::report::sparkline::sparkline;
use crate::report::{Clock, Course, Decision, Objective, PartKind, Report, Run, Trace};
use crate::terminal::{harmless, table};
use crate::verdict::coloured;

/// How many proposals are told; the page and `--format json` have more.
const PROPOSALS_MAX: usize = 10;

/// Longer numbers are written with a power of ten.
const DIGITS_MAX: usize = 15;

/// How many tickets are told; the page and `--format json` have more.
const TICKETS_MAX: usize = 10;

/// How many that were never used are named; the page and `--format json` have more.
const UNUSED_MAX: usize = 10;

/// What the policy would have done, as it is printed, with colours.
pub(crate) fn summary(report: &Report) -> String {
    let run = &report.run;
    let mut text = format!("{} on {}\n", harmless(&report.title).bold(), harmless(&report.target));
    let _ = writeln!(
        text,
        "{} to {} UTC, {}",
        report.clock.told(&report.from),
        report.clock.told(&report.to),
        length(report)
    );
    for warning in &run.warnings {
        let _ = writeln!(text, "{} {}", "warning:".yellow().bold(), harmless(warning));
    }
    text.push_str(&numbers(run));
    text.push_str(&courses(report));
    text.push_str(&first_proposals(run, report.clock));
    text.push_str(&first_tickets(run, report.clock));
    for assumption in &run.assumptions {
        let _ = writeln!(text, "{}", format!("note: {}", harmless(assumption)).dimmed());
    }
    text
}

fn numbers(run: &Run) -> String {
    let counts = run.proposals.counts;
    let tiers = [Tier::Allowed, Tier::ApprovalRequired, Tier::Forbidden];
    let tiers = tiers.map(|tier| format!("{} {}", counted(counts.of(tier)), coloured(tier)));
    let noun = if counts.all() == 1 { "proposal" } else { "proposals" };
    let mut text = format!("\n{} {noun}: {}\n", counted(counts.all()).bold(), tiers.join(", "));
    let width = run.figures.iter().map(|figure| figure.label.chars().count()).max().unwrap_or(0);
    for figure in &run.figures {
        let detail = figure.detail.as_deref().map_or_else(String::new, |detail| format!("  {}", harmless(detail)));
        let _ = writeln!(
            text,
            "  {:width$}  {}{}",
            harmless(&figure.label),
            harmless(&figure.value).bold(),
            detail.dimmed()
        );
    }
    for never in [PartKind::Rule, PartKind::Clause].map(PartKind::never) {
        text.push_str(&unused(run, never));
    }
    text
}

/// The parts of which `never` is true.
fn unused(run: &Run, never: &str) -> String {
    let unused = run.parts.iter().filter(|part| part.times == 0 && part.kind.never() == never);
    let unused: Vec<&str> = unused.map(|part| part.id.as_str()).collect();
    let more = match unused.len().saturating_sub(UNUSED_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    match unused.get(..UNUSED_MAX).unwrap_or(&unused) {
        [] => String::new(),
        told => format!("  {never}: {}{more}\n", harmless(&told.join(", "))),
    }
}

/// A line for each metric, and for each fact that is a number.
fn courses(report: &Report) -> String {
    let metrics = report.run.metrics.iter().map(|metric| {
        let model = if metric.model.is_some() { "  a model" } else { "" };
        (&metric.name, metric.unit, &metric.trace, metric.objectives.as_slice(), model)
    });
    let facts = report.run.facts.iter().filter_map(|fact| match &fact.course {
        Course::Numbers { unit, trace } => Some((&fact.name, *unit, trace, [].as_slice(), "")),
        Course::Words { .. } => None,
    });
    let rows: Vec<_> = metrics.chain(facts).collect();
    let width = rows.iter().map(|(name, ..)| name.chars().count()).max().unwrap_or(0);
    let mut text = String::from("\n");
    for (name, unit, trace, wanted, model) in rows {
        let _ = writeln!(text, "  {:width$}  {}{model}", harmless(name), course(report, unit, trace, wanted));
    }
    text
}

fn course(report: &Report, unit: Unit, trace: &Trace, wanted: &[Objective]) -> String {
    let Some((low, high)) = trace.range() else { return "never known".yellow().to_string() };
    let line = sparkline(trace, report.from.as_millisecond(), report.to.as_millisecond(), wanted);
    let alike = line.chunk_by(|a, b| a.1 == b.1);
    let painted = alike.map(|part| {
        let blocks: String = part.iter().map(|(block, _)| block).collect();
        if part.first().is_some_and(|(_, is_outside)| *is_outside) { blocks.red().to_string() } else { blocks }
    });
    let line: String = painted.collect();
    let written =
        |base: f64| Quantity::new(unit, base).map_or_else(String::new, |value| short(&value.rounded().to_string()));
    format!("{line}  {}", if low == high { written(low) } else { format!("{}..{}", written(low), written(high)) })
}

/// The same with a power of ten, where its digits are so many that nobody counts them.
fn short(written: &str) -> String {
    let is_part = |c: char| c.is_ascii_digit() || c == '.';
    let begin = written.find(is_part).unwrap_or(written.len());
    let (before, rest) = written.split_at(begin);
    let (number, unit) = rest.split_at(rest.find(|c| !is_part(c)).unwrap_or(rest.len()));
    match number.parse::<f64>() {
        Ok(parsed) if number.len() > DIGITS_MAX => format!("{before}{parsed:e}{unit}"),
        Ok(_) | Err(_) => written.to_owned(),
    }
}

fn first_proposals(run: &Run, clock: Clock) -> String {
    if run.proposals.shown.is_empty() {
        return String::new();
    }
    let mut table = table();
    table.set_header(["when (UTC)", "proposal", "rule", "verdict", "decided by", "outcome"]);
    for decision in run.proposals.shown.iter().take(PROPOSALS_MAX) {
        table.add_row(row(decision, clock));
    }
    let all = run.proposals.counts.all();
    let told = u64::try_from(run.proposals.shown.len().min(PROPOSALS_MAX)).unwrap_or(all);
    let rest = if all > told { format!("and {} more\n", counted(all - told)) } else { String::new() };
    format!("\n{table}\n{rest}")
}

fn first_tickets(run: &Run, clock: Clock) -> String {
    if run.tickets.is_empty() {
        return String::new();
    }
    let mut table = table();
    table.set_header(["opened (UTC)", "closed", "ticket", "severity"]);
    for ticket in run.tickets.iter().take(TICKETS_MAX) {
        table.add_row([
            clock.told(&ticket.from),
            ticket.to.map_or_else(|| "open".to_owned(), |to| clock.told(&to)),
            harmless(
                &[&*ticket.kind, &ticket.name].into_iter().chain(ticket.pair.as_deref()).collect::<Vec<_>>().join(" "),
            ),
            harmless(&ticket.severity),
        ]);
    }
    let more = run.tickets.len().saturating_sub(TICKETS_MAX);
    let rest = if more > 0 { format!("and {more} more\n") } else { String::new() };
    format!("\n{table}\n{rest}")
}

fn row(decision: &Decision, clock: Clock) -> [String; 6] {
    let verdict = &decision.verdict;
    [
        clock.told(&decision.at),
        harmless(&verdict.proposal),
        harmless(&decision.rule),
        verdict.tier.to_string(),
        verdict.deciding().map_or_else(String::new, |voice| harmless(&voice.by)),
        decision.outcome.as_ref().map_or_else(String::new, |outcome| outcome.state.name().replace('_', " ")),
    ]
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;
    use crate::report::sample::{hostile, storefront};

    fn plain(report: &Report) -> String {
        anstream::adapter::strip_str(&summary(report)).to_string()
    }

    #[test]
    fn the_numbers_the_courses_and_the_first_proposals_are_told() {
        let report = storefront();
        let text = plain(&report);
        let counts = report.run.proposals.counts;
        for part in [
            "frontend 1.4.0 on kubernetes.deployment(\"shop/frontend\")",
            "2026-03-02 00:00 to 2026-03-15 23:54 UTC, 13d 23h, every 6m",
            "warning: 12 rows of",
            &format!(
                "{} proposals: {} allowed, {} approval required",
                counts.all(),
                counts.allowed,
                counts.approval_required
            ),
            "time outside objectives  1d 2h  unknown for 4h",
            "never spoke: frontend/allow/restart/1, frontend/limit/cooldown/1",
            "..100%",
            "a model",
            "2..6",
            "2026-03-02 06:06",
            &format!("and {} more", counts.all() - 10),
            "slo availability 1h/5m",
            "invariant spread",
            "note: `cpu` is replayed as recorded",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        let cpu = text.lines().find(|line| line.trim_start().starts_with("cpu")).unwrap();
        assert!(cpu.contains('█') && cpu.contains('▂'), "{cpu}");
    }

    #[test]
    fn numbers_are_short() {
        for (written, told) in [("12ms", "12ms"), ("$16990000000000000000/month", "$1.699e19/month"), ("-95%", "-95%")]
        {
            assert_eq!(short(written), told);
        }
        assert_eq!(short(&format!("-1{}", "0".repeat(300))), "-1e300");
        assert_eq!(short("never"), "never");
    }

    #[test]
    fn what_others_wrote_cannot_move_the_cursor() {
        let mut report = hostile();
        report.title = "\u{1b}[2J\rharmless".to_owned();
        assert!(!plain(&report).contains(['\u{1b}', '\r', '\u{202e}']), "{}", plain(&report));
    }
}
